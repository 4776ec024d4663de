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
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.errors import LeftUndone, NotFound
from chalicelib.core.identity import identify
from chalicelib.findings import ASIDE, OLD_ENOUGH, OVERDUE, UNFINISHED, UNREAD, Findings, never_posted
from chalicelib.ports import NOBODYS, JournalRow, Message, Page, Round
from chalicelib.visits import Ports

log = logging.getLogger(__name__)

BATCH = 50
IN_HAND_SECONDS = 20.0
# A tick comes every five minutes.
LATE = timedelta(hours=1)
# What a process stores bears the moment of its start, and none runs for longer.
LONGEST_RUN = timedelta(minutes=15)
# Of what waits, or is late, no more is looked at: beyond this it is no matter of single ones.
MOST = 1000
# Behind every attempt and every lease.
AT_ANY_TIME = timedelta(days=30)


def reconcile(
    now: datetime, ports: Ports, channels: Collection[str], seconds_left: Callable[[], float]
) -> Mapping[str, int]:
    """Hold what should have been told against what was; return how many cases and notices it looked at.

    `channels` are the names of all there are. What could not be done is left to the next run, which
    goes on where this one stopped. Raises LeftUndone at the end where anything is not reconciled.
    """
    findings = Findings(now=now, ports=ports, seconds_left=seconds_left)
    run = _Run(now=now, ports=ports, known=frozenset(channels), findings=findings, seconds_left=seconds_left)
    for authority in ports.access.authorities():
        run.walk(authority)
    run.look_at_what_waits()
    run.count_what_stands_still()
    findings.tell_of_the_rest()
    counted = {"cases": run.cases, "notices": run.notices}
    sorts = {f"sort_{name}": count for name, count in sorted(findings.found.items())}
    log.info("reconciled", extra={**counted, **sorts})
    if findings.found:
        raise LeftUndone(run.cases, findings.found.total())
    return counted


@dataclass(kw_only=True)
class _Run:
    """One run, how much it looked at, and what it found not reconciled."""

    now: datetime
    ports: Ports
    known: frozenset[str]
    findings: Findings
    seconds_left: Callable[[], float]
    cases: int = 0
    notices: int = 0

    def walk(self, authority: str) -> None:
        """Do the round that was left unfinished, if any, and then the one up to a day ago."""
        try:
            finished = self._rounds(authority)
        except Exception:
            log.exception("authority not reconciled", extra={"authority": authority})
            finished = False
        if not finished:
            self.findings.note(UNFINISHED, authority)

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
        for _ in left:
            self.findings.note(UNREAD, authority)
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
                self.findings.note(UNFINISHED)
                return
            try:
                self.findings.judge(self.ports.outbox.message(message_id))
            except Exception:
                log.exception("message not reconciled", extra={"message_id": message_id})
                self.findings.note(UNREAD)

    def count_what_stands_still(self) -> None:
        """Count the cases that no tick comes to, and what is on nobody's list."""
        aside = self.ports.cases.all_aside()
        for case_id in aside:
            row = self.ports.cases.aside_row(case_id)
            self.findings.note(ASIDE, row.authority if row else "")
        for case_id in self.ports.cases.due(self.now - LATE, MOST, aside):
            self.findings.note(OVERDUE, self._whose(case_id))
        nobodys = self.ports.outbox.undelivered(NOBODYS, None, BATCH).items
        for _ in nobodys:
            self.findings.note(ASIDE)

    def _whose(self, case_id: str) -> str:
        """Return a late case's authority; none where it cannot be read, or there is no time left for it."""
        if not self.has_time():
            return ""
        try:
            return self.ports.cases.load(case_id).authority
        except Exception:
            log.exception("late case not read", extra={"case_id": case_id})
            return ""


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
            self.run.findings.judge(message)
        if not posted:
            self.run.findings.miss(never_posted(self.round.authority, case_id, row, notice))

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
