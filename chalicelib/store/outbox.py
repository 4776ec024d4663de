"""Messages on their way.

    PENDING ──claim──► SENDING ──sent──► SENT ──► DELIVERED ──► BOUNCED ──► COMPLAINED
       ▲ ▲                │ │
       │ └───── retry ────┘ └──failed──► FAILED
       └─ again, from FAILED, BOUNCED, COMPLAINED and SET_ASIDE

    Claimed by A   A times out        B may claim
    |--------------|------------------|---------------> time
                                      lease_until

What is claimed without a point becomes CANCELLED; what can't be read, or what this release cannot make
a letter of, SET_ASIDE; an operator may do either to what nobody is sending. What is still to be sent is
in the `ready` index under `send#…`, at its next attempt or at the end of its lease; what a person must
hear of under `settle#0`, from the moment at which they must; everything else is in no queue.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.core.errors import NotClaimed, NotFound
from chalicelib.ports import UNDELIVERED, Deed, Message, MessageState, Page, Posted
from chalicelib.store import control, recalled, shards
from chalicelib.store.acts import together
from chalicelib.store.claims import Claim
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import stamp
from chalicelib.store.messages import MESSAGE, SEND, SETTLE, legible, message_key, new_item
from chalicelib.store.moving import change, key, leaves, no_queue, not_leased, unmoved
from chalicelib.store.reading import Listing, read
from chalicelib.store.single import one, stored

log = logging.getLogger(__name__)

DELAYED = "delayed"

# What a provider's word may replace: whatever we believed ourselves, since it settles a doubt, and
# of its own words those that come before it. So in whatever order they reach us, and however often,
# the last in its own order stands.
BELIEVED = (
    MessageState.PENDING,
    MessageState.SENDING,
    MessageState.FAILED,
    MessageState.CANCELLED,
    MessageState.SET_ASIDE,
)
REPLACES = {
    MessageState.SENT: BELIEVED,
    MessageState.DELIVERED: (*BELIEVED, MessageState.SENT),
    MessageState.BOUNCED: (*BELIEVED, MessageState.SENT, MessageState.DELIVERED),
    MessageState.COMPLAINED: (*BELIEVED, MessageState.SENT, MessageState.DELIVERED, MessageState.BOUNCED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoOutbox:
    """The outbox table (see ports.Outbox)."""

    shards: int = 1

    def ready(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of messages to try: due at or before `now`, or whose lease ran out."""
        found = [
            (item.next_attempt_at or "", item.pk)
            for queue in shards.keys(SEND, self.shards)
            for item in OutboxItem.ready.query(queue, OutboxItem.next_attempt_at <= stamp(now), limit=limit)
        ]
        return [key.removeprefix(message_key("")) for _, key in sorted(found)[:limit]]

    def put(self, message: Message) -> None:
        """Store a message of the service's own, which no case decided on; one known by its id stays."""
        if not stored(new_item(message, queues=self.shards), OutboxItem.pk.does_not_exist()):
            recalled.complete(message, queues=self.shards)

    def claim(self, message_id: str, now: datetime, lease_seconds: int) -> Message:
        """Take a message for sending: to SENDING, unless there is no point in it any more."""
        until = now + timedelta(seconds=lease_seconds)
        return Claim(message_id=message_id, now=now, until=until, queues=self.shards).carried_out()

    def sent(self, message: Message, provider_reference: str, now: datetime) -> None:
        """Record that the provider took the message claimed as `message`."""
        reference = OutboxItem.provider_reference.set(provider_reference)
        _report(message, [*leaves(MessageState.SENT, now), reference])

    def retry(self, message: Message, at: datetime, reason: str) -> None:
        """Put a claimed message back to PENDING until `at`."""
        waits = self._waits(message.id, at)
        _report(message, [*waits, OutboxItem.lease_until.remove(), OutboxItem.reason.set(reason)])

    def failed(self, message: Message, reason: str, now: datetime, *, aside: bool = False) -> None:
        """Give a claimed message up, or set it aside, and queue it for settling."""
        state = MessageState.SET_ASIDE if aside else MessageState.FAILED
        _report(message, [*leaves(state, now), OutboxItem.reason.set(reason)])

    def delivered(
        self, message_id: str, state: MessageState, at: datetime, reason: str, letter: Posted | None = None
    ) -> None:
        """Record what the provider says became of a message. States only move forward; BOUNCED
        and COMPLAINED are queued for settling. An unknown id changes nothing."""
        why = OutboxItem.reason.set(reason) if reason else OutboxItem.reason.remove()
        word: Condition = OutboxItem.state.is_in(*(each.value for each in REPLACES[state]))
        change(message_id, [*leaves(state, at), why], word & _since_renewed(letter or _posted(at)))

    def delayed(self, message_id: str, at: datetime, until: datetime, letter: Posted | None = None) -> None:
        """Record that the provider took a message and is still trying: queued for settling at `until`."""
        late = [
            *leaves(MessageState.SENT, at, settle_at=until),
            OutboxItem.delayed_at.set(stamp(at)),
            OutboxItem.reason.set(DELAYED),
        ]
        on_its_way = OutboxItem.state.is_in(MessageState.SENT.value, *(each.value for each in BELIEVED))
        first = OutboxItem.delayed_at.does_not_exist() | (OutboxItem.delayed_at > stamp(at))
        change(message_id, late, on_its_way & first & _since_renewed(letter or _posted(at)))

    def unsettled(self, now: datetime, limit: int) -> Sequence[Message]:
        """Return messages that will never arrive, or are late by now, and are not yet facts."""
        due = OutboxItem.next_attempt_at <= stamp(now)
        keys = [item.pk for item in OutboxItem.ready.query(SETTLE, due, limit=limit)]
        found = OutboxItem.batch_get([(key, MESSAGE) for key in keys], consistent_read=True)
        # The index may still show what was settled a moment ago.
        waiting = {item.pk: legible(item) for item in found if item.queue == SETTLE}
        return [waiting[key] for key in keys if key in waiting]

    def settled(self, message_id: str) -> None:
        """Take a message off the settling queue: it is a fact on its case now."""
        change(message_id, no_queue(), OutboxItem.queue == SETTLE)

    def of_case(self, case_id: str, cursor: str | None, limit: int) -> Page[Message]:
        """List a case's messages, first made first."""
        of = Listing(owner="case_id", value=case_id, keys=("created_at", "pk", "sk"))
        found, following = read(of, OutboxItem.by_case.query, cursor=cursor, limit=limit)
        return Page(items=[legible(item) for item in found], cursor=following)

    def message(self, message_id: str) -> Message:
        """Return a message by a consistent read, as far as it can be read. Raises NotFound."""
        item = one(OutboxItem, message_key(message_id), MESSAGE)
        if item is None:
            raise NotFound("no such message")
        return legible(item)

    def undelivered(self, authority: str, cursor: str | None, limit: int) -> Page[Message]:
        """List what is FAILED, BOUNCED, COMPLAINED or SET_ASIDE, latest first."""
        ask = partial(OutboxItem.undelivered.query, scan_index_forward=False)
        of = Listing(owner="authority", value=authority, keys=("undelivered_at", "pk", "sk"))
        found, following = read(of, ask, cursor=cursor, limit=limit)
        return Page(items=[legible(item) for item in found], cursor=following)

    def again(self, message_id: str, now: datetime, deed: Deed | None = None) -> None:
        """Have an undelivered message sent anew, from its first attempt on."""
        fresh = [
            *self._waits(message_id, now),
            OutboxItem.attempts.set(0),
            OutboxItem.renewed_at.set(stamp(now)),
            OutboxItem.changed_at.set(stamp(now)),
            OutboxItem.lease_until.remove(),
            OutboxItem.undelivered_at.remove(),
            OutboxItem.delayed_at.remove(),
            OutboxItem.provider_reference.remove(),
            OutboxItem.reason.remove(),
        ]
        _act(message_id, fresh, OutboxItem.state.is_in(*(each.value for each in UNDELIVERED)), deed)

    def cancel(self, message_id: str, reason: str, now: datetime, deed: Deed | None = None) -> None:
        """Have a message not sent that waits or is undelivered."""
        cancelled = [*leaves(MessageState.CANCELLED, now), OutboxItem.reason.set(reason)]
        _act(message_id, cancelled, not_leased(now), deed)

    def set_aside(self, message_id: str, reason: str, now: datetime, deed: Deed | None = None) -> None:
        """Take a message out of the way of the others, by its key alone."""
        aside = [*leaves(MessageState.SET_ASIDE, now), OutboxItem.reason.set(reason)]
        _act(message_id, aside, not_leased(now), deed)

    def paused(self) -> bool:
        """Say whether nothing is to be claimed for now."""
        return control.paused()

    def pause(self, by: str, why: str, now: datetime, deed: Deed | None = None) -> bool:
        """Have nothing more claimed until `resume`."""
        return control.pause(by, why, now, deed)

    def resume(self, deed: Deed | None = None) -> bool:
        """Let messages be claimed again."""
        return control.resume(deed)

    def suppressed(self, address: str) -> bool:
        """Say whether an address is known to refuse mail."""
        return control.suppressed(address)

    def suppress(self, address: str, message_id: str, why: str, at: datetime) -> None:
        """Remember, without the address itself, that it refused a message at that moment."""
        control.suppress(address, message_id, why, at)

    def lift(self, address: str, now: datetime, deed: Deed | None = None) -> bool:
        """Let an address be written to again; say whether it was known to refuse mail before then."""
        return control.lift(address, now, deed)

    def _waits(self, message_id: str, until: datetime) -> list[Action]:
        """Stand in the sending queue until the moment of the next attempt."""
        return [
            OutboxItem.state.set(MessageState.PENDING.value),
            OutboxItem.queue.set(shards.key_of(SEND, message_id, self.shards)),
            OutboxItem.next_attempt_at.set(stamp(until)),
        ]


def _posted(at: datetime) -> Posted:
    return Posted(reference=None, at=at)


def _since_renewed(letter: Posted) -> Condition:
    """It left since an operator last had the message sent anew, or it is the one that we know of.

    Word of an earlier one, delivered late or once more, says nothing of what was sent instead.
    """
    since: Condition = OutboxItem.renewed_at.does_not_exist()
    since |= OutboxItem.renewed_at <= stamp(letter.at)
    if letter.reference:
        # Whatever the clocks of two machines say.
        since |= OutboxItem.provider_reference == letter.reference
    return since


def _report(message: Message, actions: list[Action]) -> None:
    """Record what became of a lease, unless it is no longer ours: then others know better."""
    if not change(message.id, actions, unmoved(message)):
        log.info("message moved on while it was leased", extra={"message_id": message.id})


def _act(message_id: str, actions: list[Action], condition: Condition, deed: Deed | None = None) -> None:
    """Do as an operator says, if the message's state allows it. Raises NotFound, NotClaimed."""
    if deed is None:
        done = change(message_id, actions, condition)
    else:
        done = together(deed, lambda transaction: transaction.update(key(message_id), actions, condition))
    if done:
        return
    if one(OutboxItem, message_key(message_id), MESSAGE) is None:
        raise NotFound("no such message")
    raise NotClaimed(message_id)
