"""From the outbox to whoever is to be told: claim, find the address, write, send, mark.

    claimed                        the function may die here        swept again
    |------------------------------|--------------------------------|----> time
                                                                    lease_until

A message's failure is written on the message and never thrown: one poor address must not hold up the
stream. Trouble of our own is logged, and the lease running out brings the message back to the sweep.

A letter leaves twice at one point only: the provider took it, its acknowledgement was lost, and no
event of it reached us either in UNKNOWN_OUTCOME_SECONDS, or before the lease ran out.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from chalicelib.channels import letters
from chalicelib.core.errors import (
    LeftUndone,
    NotClaimed,
    NotInThisRelease,
    OutcomeUnknown,
    SetAside,
    TryAgainLater,
    WillNeverArrive,
)
from chalicelib.core.london import day_of
from chalicelib.ports import Channel, Contacts, Message, Outbox

log = logging.getLogger(__name__)

# Longer than delivery events take: where the function died after the provider took a letter, its
# event has moved the message on before anybody could claim it again.
LEASE_SECONDS = 300
UNKNOWN_OUTCOME_SECONDS = 300
# How long a pause may take to be noticed: asking for each letter would cost a read for each.
PAUSE_SECONDS = 3

# Full jitter under 1, 4, 16, 64 minutes, 4¼ hours and then 12: eight attempts within about a day.
MOST_ATTEMPTS = 8
FIRST_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 12 * 3600

# No letter is begun with less than this left: two providers' time limits and our own writing.
IN_HAND_SECONDS = 15
BATCH = 100

NO_CHANNEL = "no_channel"
GAVE_UP = "gave_up"
SUPPRESSED = "suppressed"


class _Pause:
    """Whether sending is paused, asked once in a while however many ask at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked_at: datetime | None = None
        self._paused = False

    def asked(self, outbox: Outbox, now: datetime) -> bool:
        with self._lock:
            if self._asked_at is None or not 0 <= (now - self._asked_at).total_seconds() < PAUSE_SECONDS:
                self._paused = outbox.paused()
                self._asked_at = now
            return self._paused


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What sending needs. `chance` draws from 0 up to 1; `seconds_left` is until we are stopped."""

    outbox: Outbox
    contacts: Contacts
    channels: Mapping[str, Channel]
    link_base: str
    now: Callable[[], datetime]
    chance: Callable[[], float]
    seconds_left: Callable[[], float]
    workers: int = 8
    _pause: _Pause = field(default_factory=_Pause, init=False, repr=False, compare=False)

    def paused(self) -> bool:
        """Say whether an operator has paused sending."""
        return self._pause.asked(self.outbox, self.now())


def send_all(message_ids: Sequence[str], sender: Sender) -> int:
    """Work through these messages, several at a time, for as long as there is time in hand.

    Returns how many met trouble of our own; they, and what is not reached, are the sweep's.
    """
    if not message_ids:
        return 0
    with ThreadPoolExecutor(max_workers=min(sender.workers, len(message_ids))) as pool:
        return sum(not well for well in pool.map(lambda each: _deliver_in_time(each, sender), message_ids))


def sweep(sender: Sender) -> int:
    """Send everything that is ready, until nothing is or time is short; returns how many it tried.

    The index runs behind, and a message that we cannot even claim stays in it, so each batch looks
    past those already tried: no message is tried twice in one sweep, and none starves the others.
    While sending is paused it tries none. Raises LeftUndone at the end where some met trouble of our own
    or wait for the pause to end, so that a forgotten one is heard of.
    """
    left = waiting = 0
    tried: set[str] = set()
    while _has_time(sender):
        if sender.paused():
            waiting = len(sender.outbox.ready(sender.now(), BATCH))
            log.warning("sending is paused", extra={"waiting": waiting})
            break
        ready = sender.outbox.ready(sender.now(), len(tried) + BATCH)
        fresh = [message_id for message_id in ready if message_id not in tried]
        if not fresh:
            break
        left += send_all(fresh, sender)
        tried.update(fresh)
    if left or waiting:
        raise LeftUndone(len(tried) - left, left + waiting)
    return len(tried)


def deliver(message_id: str, sender: Sender) -> bool:
    """Take one message as far as it goes now. Never raises; False where trouble of our own stopped it."""
    try:
        _deliver(message_id, sender)
    except SetAside:
        # Settling says so once more, to whoever hears of what a schedule left undone.
        log.error("message set aside", extra={"message_id": message_id})  # noqa: TRY400
    except NotClaimed:
        log.info("message not ours to send", extra={"message_id": message_id})
    except Exception:
        # Whatever it is, the sweep tries again. Our log writes an error's name and place, not its text.
        log.exception("message left to its lease", extra={"message_id": message_id})
        return False
    return True


def wait_seconds(attempts: int, chance: float) -> float:
    """Return how long to wait after this many attempts: anything up to four times the last limit."""
    limit = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 4.0 ** (attempts - 1))
    return limit * chance


def _deliver(message_id: str, sender: Sender) -> None:
    if sender.paused():
        return
    message = sender.outbox.claim(message_id, sender.now(), LEASE_SECONDS)
    try:
        reference = _send(message, sender)
    except TryAgainLater as trouble:
        _try_again(message, trouble, sender)
    except WillNeverArrive as trouble:
        _give_up(message, str(trouble), sender)
    except NotInThisRelease as trouble:
        _set_aside(message, str(trouble), sender)
    else:
        # Said first: should the tables be lost, the log is what knows that this letter left (infra.evidence).
        log.info("message sent", extra={**_ids(message), "provider_reference": reference})
        sender.outbox.sent(message, reference, sender.now())


def _send(message: Message, sender: Sender) -> str:
    if message.attempts > MOST_ATTEMPTS:
        # Only a message that brings us down each time gets here: its leases ran out.
        raise WillNeverArrive(GAVE_UP)
    channel = sender.channels.get(message.channel)
    if channel is None:
        raise NotInThisRelease(NO_CHANNEL)
    address = channel.address(message, sender.contacts, day_of(sender.now()))
    if channel.bounces and sender.outbox.suppressed(address):
        raise WillNeverArrive(SUPPRESSED)
    return channel.send(letters.write(message, address, sender.link_base))


def _try_again(message: Message, trouble: TryAgainLater, sender: Sender) -> None:
    if message.attempts >= MOST_ATTEMPTS:
        _give_up(message, str(trouble), sender)
        return
    wait = wait_seconds(message.attempts, sender.chance())
    if isinstance(trouble, OutcomeUnknown):
        wait = max(wait, UNKNOWN_OUTCOME_SECONDS)
    sender.outbox.retry(message, sender.now() + timedelta(seconds=wait), str(trouble))
    log.warning("message to be tried again", extra={**_ids(message), "reason": str(trouble)})


def _give_up(message: Message, reason: str, sender: Sender) -> None:
    sender.outbox.failed(message, reason, sender.now())
    log.warning("message will never arrive", extra={**_ids(message), "reason": reason})


def _set_aside(message: Message, reason: str, sender: Sender) -> None:
    sender.outbox.failed(message, reason, sender.now(), aside=True)
    log.error("message set aside", extra={**_ids(message), "reason": reason})


def _deliver_in_time(message_id: str, sender: Sender) -> bool:
    return deliver(message_id, sender) if _has_time(sender) else True


def _has_time(sender: Sender) -> bool:
    return sender.seconds_left() >= IN_HAND_SECONDS


def _ids(message: Message) -> dict[str, object]:
    return {"message_id": message.id, "channel": message.channel, "attempts": message.attempts}
