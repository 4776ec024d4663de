"""Holding a restored outbox against what was sent, before anything more is.

the copy began        the old deployment stopped sending        now, paused
|---------------------|-----------------------------------------|----------> time
  what was sent here is in no copy: evidence says it
"""

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import Handler, LogRecord, getLogger
from pathlib import Path

from typing_extensions import override

from chalicelib import reconcile as reconciling
from chalicelib.channels.email import Email
from chalicelib.channels.topic import Topic
from chalicelib.config import MOST_SHARDS
from chalicelib.core.errors import LeftUndone, NotClaimed, NotFound
from chalicelib.core.tasks import ALERTS
from chalicelib.operations import BY_OPERATOR, Order
from chalicelib.patience import unhurried
from chalicelib.ports import NOBODYS, Deed, Message, MessageState, Outbox, What
from chalicelib.store import control, recalled
from chalicelib.store.mapping import moment, stamp
from chalicelib.store.outbox import DynamoOutbox
from infra import evidence
from infra.evidence import CANCELLED, UNKNOWN, Evidence, Word
from infra.moments import parsed
from infra.operating import CannotOperate, Desk
from infra.restoring import DONE, Restored, last_restore
from infra.undelivered import order

SEND, HOLD = "send", "hold"
RECONCILED = "held against what was sent before the restoring"
IN_DOUBT = "restored_in_doubt"
WAITING = (MessageState.PENDING, MessageState.SENDING)
# Behind every attempt and every lease.
EVER = timedelta(days=400)
MOST = 1_000_000


def reconcile(desk: Desk, asked: Namespace) -> None:
    """Hold a restored, paused stage against what was sent, and then its journals against its outbox."""
    outbox = desk.ports().outbox
    known = last_restore()
    if known is None or known.phase != DONE:
        raise CannotOperate("This stage's tables were not restored by `restore`: nothing was done.")
    if not outbox.paused():
        raise CannotOperate("Sending is not paused, so this comes too late: give `sending pause` first.")
    accounting = Accounting(
        outbox=outbox,
        restored=known,
        order=_order(desk, asked),
        stopped=parsed(asked.stopped),
        now=desk.now,
        files=tuple(evidence.read(Path(each)) for each in asked.evidence),
    )
    if asked.doubtful is None:
        _refuse_doubt(accounting)
    accounting.carry_out(hold=asked.doubtful == HOLD)
    for what, times in sorted(accounting.counted.items()):
        desk.say(f"{times}\t{what}")
    for each in accounting.silent():
        desk.say(
            f"LOOK: the {each.source} of {stamp(each.since)} to {stamp(each.until)} tells of NOTHING, though"
            " messages wait that would have left then. If it is another's, they are sent twice:"
            " hold it against the logs before `sending resume`."
        )
    _hold_journals(desk)


def _order(desk: Desk, asked: Namespace) -> Order:
    """Return by whom what is held or cancelled is done: whoever is named, else whoever paused sending."""
    if asked.by is not None:
        return order(desk, Namespace(by=asked.by, why=RECONCILED))
    by, _, _ = control.who_paused() or ("", "", "")
    return Order(by=by, why=RECONCILED, at=desk.now)


def _refuse_doubt(accounting: "Accounting") -> None:
    say = "say --doubtful send or --doubtful hold. Nothing was done."
    if (gap := accounting.gap()) is not None:
        raise CannotOperate(
            f"Nobody knows what was sent between {stamp(gap)} and {stamp(accounting.stopped)}:"
            f" bring evidence that covers it, or {say}"
        )
    if doubtful := accounting.doubtful():
        raise CannotOperate(f"Of {len(doubtful)} messages nobody knows whether they were sent: {say}")


@dataclass(kw_only=True)
class Accounting:
    """A restored outbox, the evidence, and what comes of holding one against the other."""

    outbox: Outbox
    restored: Restored
    order: Order
    stopped: datetime
    now: datetime
    files: Sequence[Evidence]
    counted: Counter[str] = field(default_factory=Counter)

    def gap(self) -> datetime | None:
        """Return from when on, before the old deployment stopped, no evidence would know what was sent."""
        known = parsed(self.restored.began_at)
        for each in sorted(self.files, key=lambda each: each.since):
            if each.since <= known:
                known = max(known, each.until)
        return known if known < self.stopped else None

    def silent(self) -> Sequence[Evidence]:
        """Return the evidence that tells of nothing, though something that still waits was due by its end."""
        due = [each.next_attempt_at or each.created_at for each in self._waiting()]
        return [each for each in self.files if not each.words and any(at < each.until for at in due)]

    def doubtful(self) -> Sequence[str]:
        """Return ids of what may have been sent and may not have been, for all the evidence says."""
        words = {word.message_id: word.state for word in self._words()}
        found = [name for name, state in words.items() if state == UNKNOWN and self._is_open(name)]
        if self.gap() is not None:
            found += [
                each.id for each in self._waiting() if each.id not in words and self._may_have_left(each)
            ]
        return found

    def _may_have_left(self, message: Message) -> bool:
        """Say whether a message of which no evidence speaks may have been sent while none would.

        It waited then; or it was made since, and nobody can tell whether for the second time. Of what did
        not arrive since, though, nobody was told before.
        """
        if message.created_at >= parsed(self.restored.restored_at):
            return message.occasion.partition(":")[0].partition("|")[0] not in ALERTS
        return (message.next_attempt_at or message.created_at) < self.stopped

    def carry_out(self, *, hold: bool) -> None:
        """Write the evidence into the outbox; hold what is in doubt, or leave it to be sent."""
        doubtful = self.doubtful()
        for word in self._words():
            if word.state != UNKNOWN:
                self.counted[self._take(word)] += 1
        for name in doubtful:
            self.counted[self._hold(name) if hold else "may have been sent, and will be"] += 1
        self.counted["wait to be sent on resuming"] = len(self._waiting())

    def _words(self) -> Sequence[Word]:
        return evidence.last(word for each in self.files for word in each.words)

    def _waiting(self) -> Sequence[Message]:
        everywhere = DynamoOutbox(shards=MOST_SHARDS).ready(self.now + EVER, MOST)
        return [self.outbox.message(each) for each in everywhere]

    def _is_open(self, name: str) -> bool:
        """Say whether a message is still to be sent, or made."""
        try:
            return self.outbox.message(name).state in WAITING
        except NotFound:
            return True

    def _take(self, word: Word) -> str:
        """Write one word down; say what it changed."""
        at = moment(word.at) or self.stopped
        state = MessageState(word.state)
        if recalled.leave_bare(word.message_id, state, at, word.provider_reference):
            return "were sent and are not made yet: they will not be sent when they are"
        before = self.outbox.message(word.message_id).state
        if word.state == CANCELLED:
            return self._cancel(word.message_id, at)
        self.outbox.delivered(word.message_id, state, at, word.state.lower() if state in _BACK else "")
        if before in WAITING:
            return "waited and were sent: they will not be sent again"
        return "were known to have been sent"

    def _cancel(self, name: str, at: datetime) -> str:
        try:
            message = self.outbox.message(name)
            if message.state is MessageState.CANCELLED:
                return "were cancelled by hand, and sent or cancelled before"
            self.outbox.cancel(name, BY_OPERATOR, at, self._deed(What.CANCEL, message))
        except NotClaimed:
            return "were cancelled by hand, and sent or cancelled before"
        return "were cancelled by hand: they will not be sent"

    def _hold(self, name: str) -> str:
        held = self.order.about(What.HOLD, name, NOBODYS).deed
        if not recalled.hold_bare(name, self.now, IN_DOUBT, held):
            known = self._deed(What.HOLD, self.outbox.message(name))
            self.outbox.set_aside(name, IN_DOUBT, self.now, known)
        return "may have been sent, and are set aside for somebody to see to"

    def _deed(self, what: What, message: Message) -> Deed:
        return self.order.about(what, message.id, message.authority or NOBODYS).deed


_BACK = frozenset({MessageState.BOUNCED, MessageState.COMPLAINED})


# --- journals against the outbox ------------------------------------------------------------


class _Heard(Handler):
    """What reconciling said of each sort that it found."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, int] = {}

    @override
    def emit(self, record: LogRecord) -> None:
        if record.msg == "reconciled":
            said = vars(record)
            self.found = {name.removeprefix("sort_"): said[name] for name in said if name.startswith("sort_")}


def _hold_journals(desk: Desk) -> None:
    """Do what the daily schedule does, and say what it found."""
    log, heard = getLogger(reconciling.__name__), _Heard()
    level = log.level
    log.addHandler(heard)
    log.setLevel("INFO")
    try:
        reconciling.reconcile(desk.now, desk.ports(), (Email.name, Topic.name), unhurried)
    except LeftUndone:
        for sort, times in sorted(heard.found.items()):
            desk.say(f"{times}\tnot reconciled: {sort}")
    else:
        desk.say("Every notice that the journals call for is in the outbox.")
    finally:
        log.removeHandler(heard)
        log.setLevel(level)
