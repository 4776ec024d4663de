"""Reminders and escalation: when each rung of a ladder leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from chalicelib.core.clocks import Clocks
from chalicelib.core.london import LONDON, day_of
from chalicelib.core.protocol import Protocol, Rung
from chalicelib.core.working_days import (
    Calendar,
    first_working_day,
    subtract_working_days,
)

LEAVES_AT = time(8)
# Weekly for ten years: a rung that repeats longer than that is nobody's reminder any more.
MOST_REPEATS = 520
# Most of what is waited for leaves on the mornings of the next few years.
MOST_MORNINGS = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One leaving of one rung: `at` is a UTC moment, `occasion` its name in a notice's id."""

    rung: Rung
    occasion: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """What a ladder has come to: the steps passed, in order, and when the next one leaves."""

    passed: tuple[Step, ...] = ()
    next_at: datetime | None = None


NEVER_CLIMBED = Climb()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What a ladder is climbed against.

    What is owed `at_once` is chased at any hour; all else at eight in the morning of a working day.
    """

    opened_at: datetime
    opened_on: date
    due_on: date | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Ladders:
    """One protocol's ladders on one case, each climbed once for all that began at one moment."""

    protocol: Protocol
    clocks: Clocks
    now: datetime | None
    _climbed: dict[tuple[str, str, Clock], Climb] = field(default_factory=dict, init=False, repr=False)

    def climb(self, clause_id: str, sort: str, clock: Clock) -> Climb:
        """Return what the ladder for a clause, or for its sort of duty, came to."""
        key = (clause_id if clause_id in self.protocol.rungs else "", sort, clock)
        known = self._climbed.get(key)
        if known is None:
            rungs = rungs_for(self.protocol, clause_id, sort)
            known = self._climbed[key] = climb(rungs, clock, self.clocks, self.now)
        return known


def rungs_for(protocol: Protocol, clause_id: str, sort: str) -> tuple[Rung, ...]:
    """Return the rungs for a clause: a ladder of its own, or that of its sort of duty."""
    for wanted in (clause_id, sort):
        if wanted in protocol.rungs:
            return protocol.rungs[wanted]
    return ()


def climb(rungs: Sequence[Rung], clock: Clock, clocks: Clocks, now: datetime | None) -> Climb:
    """Return which steps have passed at `now` and when the next one leaves; none during a halt.

    A rung "when opened" has always passed. `now` is the latest moment that the clock's door
    recorded, none where it has recorded none yet. Until a halt begins, what falls before it is
    chased.
    """
    passed: list[Step] = []
    nexts: list[datetime] = []
    for position, rung in enumerate(rungs):
        if clocks.stand_still and not rung.opened:
            # What was to be said when it opened is said, as before; nothing else climbs.
            continue
        first = _first(rung, clock, clocks)
        if first is None:
            continue
        sort, first_at = first
        # A deadline that moved is chased again; that something was opened is said once, whatever its date.
        anchor = "" if rung.opened else (clock.due_on or clock.opened_on).isoformat()
        for number, at in enumerate(_leavings(rung, first_at, clocks)):
            if not rung.opened and (now is None or at > now):
                nexts += [at] if clocks.stops_at is None or at < clocks.stops_at else []
                break
            passed.append(Step(rung=rung, occasion=f"rung|{sort}|{position}|{number}|{anchor}", at=at))
    passed.sort(key=lambda step: step.at)
    return Climb(passed=tuple(passed), next_at=min(nexts, default=None))


def _leavings(rung: Rung, at: datetime, clocks: Clocks) -> Iterator[datetime]:
    """Yield every moment at which a rung leaves: once, or again and again where it repeats."""
    yield at
    if rung.repeat_days is not None:
        for _ in range(MOST_REPEATS):
            day = day_of(at)
            at = _morning(clocks.working_days_after(day, rung.repeat_days))
            yield at


def _first(rung: Rung, clock: Clock, clocks: Clocks) -> tuple[str, datetime] | None:
    """Return the kind and moment of a rung's first leaving; none where it has no sense."""
    calendar = clocks.counting
    if rung.opened:
        return "opened", clock.opened_at
    if rung.open_for_hours is not None:
        at = clocks.hours_after(clock.opened_at, rung.open_for_hours)
        return "open_for", at if clock.at_once else _next_morning(at, calendar)
    if clock.due_on is None:
        return None
    if rung.before_due_days is not None:
        day = subtract_working_days(clock.due_on, rung.before_due_days, calendar.closed)
        # A reminder that would have left before the duty was opened reminds of nothing.
        return ("before_due", _morning(day)) if day > clock.opened_on else None
    if rung.after_due_days is not None:
        return "after_due", _morning(clocks.working_days_after(clock.due_on, rung.after_due_days))
    return None


@lru_cache(maxsize=MOST_MORNINGS)
def _morning(day: date) -> datetime:
    """Return 08:00 in London on that day, in UTC."""
    return datetime.combine(day, LEAVES_AT, LONDON).astimezone(UTC)


def _next_morning(at: datetime, calendar: Calendar) -> datetime:
    """Return the first 08:00 in London on a working day that is not before that moment."""
    local = at.astimezone(LONDON)
    day = local.date() if local.time() <= LEAVES_AT else local.date() + timedelta(days=1)
    return _morning(first_working_day(day, calendar.closed))
