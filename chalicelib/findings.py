"""What a reconciling finds that is not as it should be, and who is told of it.

What is lost or stuck becomes a task on its case. Of what no case can have a task for its authority's
administrator is told, once a day.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import own_facts
from chalicelib.core.errors import NotFound
from chalicelib.core.identity import identify
from chalicelib.outgoing import EMAIL
from chalicelib.own_messages import tell_administrator, unreconciled
from chalicelib.ports import UNDELIVERED, JournalRow, Message, MessageState
from chalicelib.visits import Ports

log = logging.getLogger(__name__)

# Most messages are at their end within minutes, and all of them within about a day.
OLD_ENOUGH = timedelta(days=1)

# The sorts of what is not reconciled.
MISSING = "missing"  # the journal calls for it, and the outbox never had it
STUCK = "stuck"  # in the outbox for more than a day, and neither sent nor given up
UNSEEN = "unseen"  # it never arrived, and is no task on its case
ASIDE = "aside"  # a case, or a message of nobody known, that was taken out of the others' way
OVERDUE = "overdue"  # a case that the tick should have come to an hour ago
UNREAD = "unread"  # a case that could not be looked at; the next run tries again
UNFINISHED = "unfinished"  # an authority whose cases there was no time for; the next run goes on
UNTOLD = "untold"  # an authority whose administrator could not be told of these

# Why there is a task for it, in a word.
UNRECONCILED = "unreconciled"
WAITING = frozenset({MessageState.PENDING, MessageState.SENDING})


@dataclass(kw_only=True)
class Findings:
    """How much of each sort was found; `rest` is what of that no case has a task for, by authority."""

    now: datetime
    ports: Ports
    seconds_left: Callable[[], float]
    found: Counter[str] = field(default_factory=Counter)
    rest: dict[str, Counter[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def note(self, sort: str, authority: str = "") -> None:
        """Count one of a sort that no case has a task for, of an authority where that is known."""
        self.found[sort] += 1
        if authority:
            self.rest.setdefault(authority, Counter())[sort] += 1

    def judge(self, message: Message) -> None:
        """Make a task of a message that is neither told nor on its way, unless it is one."""
        if message.id in self.seen:
            return
        self.seen.add(message.id)
        if message.state in UNDELIVERED:
            self._see_to(message, UNSEEN, message)
        elif message.state in WAITING and _since(message) <= self.now - OLD_ENOUGH:
            self._see_to(message, STUCK, replace(message, reason=UNRECONCILED))

    def miss(self, message: Message) -> None:
        """Make a task of a notice that never came into the outbox, unless it is one."""
        if message.id not in self.seen:
            self.seen.add(message.id)
            self._see_to(message, MISSING, message)

    def _see_to(self, message: Message, sort: str, told: Message) -> None:
        try:
            tasks = self.ports.cases.load(message.case_id).standing.tasks
        except NotFound:
            tasks = ()
        if any(task.message_id == message.id for task in tasks):
            return
        self.found[sort] += 1
        ids = {"case_id": message.case_id, "message_id": message.id, "sort": sort}
        log.error("not reconciled", extra=ids)
        own_facts.undelivered(told, self.now, self.ports, self.seconds_left)

    def tell_of_the_rest(self) -> None:
        """Tell each authority's administrator, once a day, of what no case has a task for."""
        for authority, found in self.rest.items():
            try:
                tell_administrator(authority, unreconciled(found, self.now), self.now, self.ports)
            except Exception:
                log.exception("administrator not told", extra={"authority": authority})
                self.found[UNTOLD] += 1


def _since(message: Message) -> datetime:
    return message.renewed_at or message.created_at


def never_posted(authority: str, case_id: str, row: JournalRow, notice: Mapping[str, Any]) -> Message:
    """Return the message that a notice should have been, as far as its case has to know of it."""
    return Message(
        id=identify("m", notice["id"], EMAIL),
        notice_id=notice["id"],
        authority=authority,
        case_id=case_id,
        about=notice["about"],
        protocol=notice["protocol"],
        clause=notice["clause"],
        printed="",
        occasion=notice["occasion"],
        role=notice["role"],
        role_label=notice["role"],
        channel=EMAIL,
        urgency=notice["urgency"],
        created_at=row.learned_at,
        person_id=notice.get("person_id"),
        via_manager=notice.get("via_manager", False),
        reason=UNRECONCILED,
    )
