"""Putting a calendar in force for an authority, and telling its cases of it, oldest change first.

    put in force              every process knows          a walk may end
    |-------------------------|----------------------------|----------------> time
    another process may still         STALE
    open a case by the calendar before

A crash loses nothing: the walk goes on at its cursor, and a case that was told is left alone.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.calendars import calendar_from
from chalicelib.core.case import Case
from chalicelib.core.editions import changed_days
from chalicelib.core.errors import Busy, CaseChanged, LeftUndone
from chalicelib.patience import persist, unhurried
from chalicelib.ports import CaseRow, Edition, Page, Walk
from chalicelib.recounting import recounted
from chalicelib.visits import Ports

log = logging.getLogger(__name__)

BATCH = 50
# Beyond this it is no matter of single cases: somebody has to look, and the walk waits where it is.
MOST_LEFT = 100
# A case takes well under a second; what is left over is told by the next run.
IN_HAND_SECONDS = 10.0

# An edition is remembered for 60 seconds: that long, and the time of a request, others may not know it.
STALE = timedelta(minutes=2)
# What a process that does not know it writes bears the moment of its start, and none runs for longer.
LONGEST_RUN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How many cases were told of a calendar, and how many could not be told yet."""

    told: int = 0
    left: int = 0


# --- an edition -----------------------------------------------------------------------------


def put_in_force(
    authority_id: str, now: datetime, ports: Ports, seconds_left: Callable[[], float] = unhurried
) -> Edition:
    """Return an authority's calendar by all that is known now, put in force where another one was.

    Raises NotFound, and Busy where others kept putting calendars in force.
    """
    return persist(
        lambda: _follow(authority_id, now, ports),
        ports.pause,
        seconds_left,
        after=(CaseChanged,),
        in_vain="the calendar kept changing; none was put in force",
    )


def _follow(authority_id: str, now: datetime, ports: Ports) -> Edition:
    """Put an edition in force after the present one, unless the two are the same.

    The present one is read first, then what another is made of, nothing of it from memory: whoever
    learned something and put it in force before or meanwhile is found here, or stops this one.
    """
    present = _latest(authority_id, ports) or _first(authority_id, now, ports)
    before = ports.calendars.edition(authority_id, present.edition)
    if before is None:
        raise Busy("the calendar in force cannot be read yet")
    authority = ports.rulebook.authority_now(authority_id)
    nation = ports.rulebook.nation(authority)
    calendar = calendar_from(ports.calendars.snapshot_now(), nation, authority.closure_days)
    if calendar.hash == before.hash:
        return before
    edition = Edition(authority=authority_id, calendar=calendar, hash=calendar.hash, since=now)
    ports.calendars.put_in_force(edition, _walk_to(edition, before, present), before.hash)
    log.info("calendar put in force", extra={"authority": authority_id, "calendar": edition.hash})
    return edition


def _first(authority_id: str, now: datetime, ports: Ports) -> Walk:
    """Put the shipped calendar in force: by it were decided the cases that an authority has by now."""
    edition = replace(ports.rulebook.shipped(authority_id), since=now)
    walk = Walk(authority=authority_id, edition=edition.hash, since=now, changed=(), done=True)
    ports.calendars.put_in_force(edition, walk, None)
    return walk


def _walk_to(edition: Edition, before: Edition, former: Walk) -> Walk:
    """Return the walk that tells of an edition, and of what a walk left undone was to tell.

    A day that was only given another name moves no deadline.
    """
    changed = set(changed_days(before.calendar, edition.calendar))
    known = before.calendar.horizon if edition.calendar.horizon > before.calendar.horizon else None
    if not former.done:
        changed.update(former.changed)
        known = min(filter(None, (known, former.published_after)), default=None)
    return Walk(
        authority=edition.authority,
        edition=edition.hash,
        since=edition.since,
        changed=tuple(sorted(changed)),
        published_after=known,
        done=not changed and known is None,
    )


def _latest(authority_id: str, ports: Ports) -> Walk | None:
    """Return the walk to the edition in force, as it is stored this moment: none before the first."""
    return next(iter(ports.calendars.walks([authority_id])), None)


# --- a walk ---------------------------------------------------------------------------------


def walk(authority_id: str, now: datetime, ports: Ports, seconds_left: Callable[[], float]) -> Walked:
    """Tell an authority's cases of the edition in force, from where the last run stopped.

    Stops with time in hand. A case that cannot be told is logged and tried again by the next run; the
    others don't wait. Raises LeftUndone where there are more of them than MOST_LEFT.
    """
    found = _latest(authority_id, ports)
    if found is None or found.done:
        return Walked()
    return _Walker(walk=found, now=now, ports=ports, seconds_left=seconds_left).go()


@dataclass(kw_only=True)
class _Walker:
    """One run of a walk. `walk` is how it is stored; `seen` are the cases that this run tried."""

    walk: Walk
    now: datetime
    ports: Ports
    seconds_left: Callable[[], float]
    told: int = 0
    seen: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)

    def go(self) -> Walked:
        """Walk until the list ends, time is short, or a later edition is in force."""
        self.left.update(self.walk.left)
        within = self._tell_all(self.walk.left)
        cursor = self.walk.cursor
        while within:
            page = self.ports.cases.oldest_first(self.walk.authority, cursor, BATCH)
            within = self._tell_all([row.case_id for row in page.items if _concerns(row, self.walk)])
            if not within:
                break
            self._save(page)
            cursor = page.cursor
            within = cursor is not None and self._in_force()
        return Walked(told=self.told, left=len(self.left))

    def _tell_all(self, case_ids: Sequence[str]) -> bool:
        """Tell these cases; say whether there was time for all of them."""
        for case_id in case_ids:
            if case_id in self.seen:
                continue
            if self.seconds_left() <= IN_HAND_SECONDS:
                return False
            self._tell(case_id)
        return self.seconds_left() > IN_HAND_SECONDS

    def _tell(self, case_id: str) -> None:
        self.seen.add(case_id)
        try:
            self._recount(case_id)
        except Exception:
            log.exception("case not told of the calendar", extra={"case_id": case_id})
            self.left.add(case_id)
        else:
            self.left.discard(case_id)
        if len(self.left) > MOST_LEFT:
            raise LeftUndone(self.told, len(self.left))

    def _recount(self, case_id: str) -> None:
        """Bring a case to the edition in force, unless it is there."""

        def attempt() -> tuple[Case, Case]:
            case = self.ports.cases.load(case_id)
            return case, recounted(case, self.now, self.ports)

        case, after = persist(attempt, self.ports.pause, self.seconds_left)
        # None is the shipped one, of a case from before calendars were kept.
        if after.calendar not in (None, self.walk.edition):
            raise Busy("the case stands under another calendar")
        self.told += after.version > case.version

    def _save(self, page: Page[CaseRow]) -> None:
        """Store how far the walk has come, once all of a page was tried."""
        known = self.now - self.walk.since >= STALE
        done = known and page.cursor is None and not self.left
        cursor = self.walk.cursor
        if page.cursor and (known or page.items[-1].updated_at < self.walk.since - LONGEST_RUN):
            cursor = page.cursor
        came = replace(self.walk, cursor=cursor, left=tuple(sorted(self.left)), done=done)
        if came != self.walk:
            self.ports.calendars.save_walk(came)
            self.walk = came

    def _in_force(self) -> bool:
        """Say whether the edition that is told of is the one in force: a later one has a walk of its own."""
        latest = _latest(self.walk.authority, self.ports)
        return latest is not None and (latest.edition, latest.since) == (self.walk.edition, self.walk.since)


def _concerns(row: CaseRow, walk: Walk) -> bool:
    """Say whether a deadline of a case may span a day that changed, or be provisional no more.

    The first day counts: a clause may count from the first working day. A row that does not say
    what its deadlines span is looked at.
    """
    if row.open_since is None or row.open_until is None:
        return row.open_duties > 0
    if walk.published_after and row.open_until > walk.published_after:
        return True
    return any(row.open_since <= on <= row.open_until for on in walk.changed)
