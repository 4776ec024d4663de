"""Once a day what should have been told is held against what was; nothing is believed but the outbox.

    a round's `since`        its `until`                 now
    |------------------------|---------------------------|--------> time at which somebody was to be told
      looked at in this round   not a day old: the next round's

Every notice that a journal calls for has to be in the outbox, and by now sent, cancelled or a task that
somebody sees. What isn't becomes a task, once, and the function fails at its end, so that its alarm rises.

For each authority and day it reads the lines of the cases that changed within two days, 50 a page; for
each of these cases one page of its journal from the end; and for each notice one item per channel. A case
itself is read only where something is wrong. Nothing is scanned.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import own_facts
from chalicelib.core.errors import LeftUndone, NotFound
from chalicelib.core.identity import identify
from chalicelib.outgoing import EMAIL
from chalicelib.ports import NOBODYS, UNDELIVERED, JournalRow, Message, MessageState, Page, Round
from chalicelib.visits import Ports

log = logging.getLogger(__name__)

BATCH = 50
IN_HAND_SECONDS = 20.0
# Most messages are at their end within minutes, and all of them within about a day.
OLD_ENOUGH = timedelta(days=1)
# A tick comes every five minutes.
LATE = timedelta(hours=1)
# What a process stores bears the moment of its start, and none runs for longer.
LONGEST_RUN = timedelta(minutes=15)
# Of what waits, or is late, no more is looked at: beyond this it is no matter of single ones.
MOST = 1000
# Behind every attempt and every lease.
AT_ANY_TIME = timedelta(days=30)

# The sorts of what is not reconciled.
MISSING = "missing"  # the journal calls for it, and the outbox never had it
STUCK = "stuck"  # in the outbox for more than a day, and neither sent nor given up
UNSEEN = "unseen"  # it never arrived, and is no task on its case
ASIDE = "aside"  # a case, or a message of nobody known, that was taken out of the others' way
OVERDUE = "overdue"  # a case that the tick should have come to an hour ago
UNREAD = "unread"  # a case that could not be looked at; the next run tries again
UNFINISHED = "unfinished"  # an authority whose cases there was no time for; the next run goes on

# Why there is a task for it, in a word.
UNRECONCILED = "unreconciled"
WAITING = frozenset({MessageState.PENDING, MessageState.SENDING})


def reconcile(
    now: datetime, ports: Ports, channels: Collection[str], seconds_left: Callable[[], float]
) -> Mapping[str, int]:
    """Hold what should have been told against what was; return how many cases and notices it looked at.

    `channels` are the names of all there are. What could not be done is left to the next run, which
    goes on where this one stopped. Raises LeftUndone at the end where anything is not reconciled.
    """
    run = _Run(now=now, ports=ports, known=frozenset(channels), seconds_left=seconds_left)
    for authority in ports.access.authorities():
        run.walk(authority)
    run.look_at_what_waits()
    run.count_what_stands_still()
    counted = {"cases": run.cases, "notices": run.notices}
    log.info(
        "reconciled", extra={**counted, **{f"sort_{name}": run.found[name] for name in sorted(run.found)}}
    )
    if run.found:
        raise LeftUndone(run.cases, run.found.total())
    return counted


@dataclass(kw_only=True)
class _Run:
    """One run, and how much of each sort it found not reconciled."""

    now: datetime
    ports: Ports
    known: frozenset[str]
    seconds_left: Callable[[], float]
    cases: int = 0
    notices: int = 0
    found: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    def walk(self, authority: str) -> None:
        """Do the round that was left unfinished, if any, and then the one up to a day ago."""
        try:
            finished = self._rounds(authority)
        except Exception:
            log.exception("authority not reconciled", extra={"authority": authority})
            finished = False
        if not finished:
            self.found[UNFINISHED] += 1

    def _rounds(self, authority: str) -> bool:
        until = self.now - OLD_ENOUGH
        channels = self.known | set(_named_by(authority, self.ports))
        left: Collection[str] = ()
        for _ in range(2):
            going = self._round(authority, until)
            if going is None:
                break
            came = _Walk(run=self, channels=channels, round=going).go()
            if not came.done:
                return False
            left = came.left
        self.found += Counter({UNREAD: len(left)})
        return True

    def _round(self, authority: str, until: datetime) -> Round | None:
        """Return the round to go on with, or the next one; none where that would see nothing new."""
        last = self.ports.cases.last_round(authority)
        if last is None:
            return Round(authority=authority, until=until)
        if not last.done:
            return last
        if last.until >= until:
            return None
        return Round(
            authority=authority,
            since=last.until,
            until=until,
            place=last.mark,
            mark=last.mark,
            left=last.left,
        )

    def has_time(self) -> bool:
        """Say whether another case may be begun."""
        return self.seconds_left() > IN_HAND_SECONDS

    def look_at_what_waits(self) -> None:
        """Find what has been waiting to be sent for more than a day, whoever it is from."""
        for message_id in self.ports.outbox.ready(self.now + AT_ANY_TIME, MOST):
            if not self.has_time():
                self.found[UNFINISHED] += 1
                return
            try:
                self.judge(self.ports.outbox.message(message_id))
            except Exception:
                log.exception("message not reconciled", extra={"message_id": message_id})
                self.found[UNREAD] += 1

    def count_what_stands_still(self) -> None:
        """Count the cases that no tick comes to, and what is on nobody's list."""
        aside = self.ports.cases.all_aside()
        overdue = self.ports.cases.due(self.now - LATE, MOST, aside)
        nobodys = self.ports.outbox.undelivered(NOBODYS, None, BATCH).items
        self.found += Counter({ASIDE: len(aside) + len(nobodys), OVERDUE: len(overdue)})

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


@dataclass(kw_only=True)
class _Walk:
    """One round of one authority's cases, as far as there is time."""

    run: _Run
    channels: Collection[str]
    round: Round

    def go(self) -> Round:
        """Look at the cases that could not be looked at before, and then at all that changed since."""
        left = {case_id for case_id in self.round.left if not self._looked_at(case_id)}
        while self.run.has_time():
            page = self.run.ports.cases.oldest_first(self.round.authority, self.round.place, BATCH)
            for row in page.items:
                if not self.run.has_time():
                    return self.round
                if not self._looked_at(row.case_id):
                    left.add(row.case_id)
            old = all(row.updated_at <= self.round.until for row in page.items)
            self._save(page, frozenset(left), old=old)
            if self.round.done:
                break
        return self.round

    def _save(self, page: Page[Any], left: frozenset[str], *, old: bool) -> None:
        """Store how far the round has come, and from where the next one starts.

        What changed while we look, by ourselves too, stands at the end of the list: that is enough.
        """
        ended = page.cursor is None or any(row.updated_at > self.run.now for row in page.items)
        self.round = replace(
            self.round,
            place=page.cursor or self.round.place,
            mark=page.cursor if old and page.cursor else self.round.mark,
            left=tuple(sorted(left)),
            done=ended,
        )
        self.run.ports.cases.save_round(self.round)

    def _looked_at(self, case_id: str) -> bool:
        self.run.cases += 1
        try:
            for row in self._entries(case_id):
                for notice in json.loads(row.entry_json)["notices"]:
                    self._hold(case_id, row, notice)
        except Exception:
            log.exception("case not reconciled", extra={"case_id": case_id})
            return False
        return True

    def _entries(self, case_id: str) -> Iterator[JournalRow]:
        """Yield the entries of this round; one may be stored a little after it was learned."""
        since = (
            self.round.since - LONGEST_RUN if self.round.since and case_id not in self.round.left else None
        )
        for row in self.run.ports.cases.latest_entries(case_id, since):
            if row.learned_at <= self.round.until:
                yield row

    def _hold(self, case_id: str, row: JournalRow, notice: Mapping[str, Any]) -> None:
        """Hold one notice against the outbox: it is there by at least one channel, and well by each."""
        self.run.notices += 1
        posted = list(self._posted(notice["id"]))
        for message in posted:
            self.run.judge(message)
        if not posted:
            self.run.miss(_never_posted(self.round.authority, case_id, row, notice))

    def _posted(self, notice_id: str) -> Iterator[Message]:
        for channel in sorted(self.channels):
            try:
                yield self.run.ports.outbox.message(identify("m", notice_id, channel))
            except NotFound:
                continue


def _named_by(authority: str, ports: Ports) -> Iterator[str]:
    """Yield the channels that an authority's contacts name, whether or not there are such."""
    for contact in ports.contacts.channels(authority).values():
        for names in contact.channels.values():
            yield from names


def _since(message: Message) -> datetime:
    return message.renewed_at or message.created_at


def _never_posted(authority: str, case_id: str, row: JournalRow, notice: Mapping[str, Any]) -> Message:
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
