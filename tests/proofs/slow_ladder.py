"""When each rung leaves, by the slowest means: a wall calendar, a clock on the wall, hour after hour.

It shares nothing with the engine: neither its calendar nor its ladders, which are copied by hand from
Tower Hamlets' protocol.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

WALL = ZoneInfo("Europe/London")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# England's bank holidays from March 2026 to May 2027, as GOV.UK lists them.
BANK_HOLIDAYS = frozenset(
    date.fromisoformat(each)
    for each in (
        *("2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28"),
        *("2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31"),
    )
)

# (its word, how far from the date or the opening, repeated after so many working days)
Rung = tuple[str, int, int | None]
LADDERS: dict[str, tuple[Rung | None, ...]] = {
    "TH-21": (("open_for", 2, None), ("open_for", 4, None), ("open_for", 24, None), ("open_for", 72, 5)),
    "at_once": (None, ("open_for", 4, None), ("open_for", 24, None), ("open_for", 72, 5)),
    "dated": (
        None,
        ("before_due", 1, None),
        ("after_due", 1, None),
        ("after_due", 3, None),
        ("after_due", 5, 5),
    ),
    "undated": (None, ("open_for", 168, 5)),
}


@dataclass(kw_only=True)
class Climbing:
    """One duty's ladder: what has left of it, and what was passed over by something higher."""

    clause: str
    opened_at: datetime
    due_on: date | None
    at_once: bool
    gone: set[tuple[int, int]] = field(default_factory=set)

    def at(self, now: datetime) -> tuple[str, int, int] | None:
        """Return what leaves at a tick: the highest of all that has come since the last one."""
        come = [step for step in self._steps(now) if (step[2], step[3]) not in self.gone]
        self.gone.update((position, number) for _, _, position, number in come)
        if not come:
            return None
        _, word, position, number = max(come, key=lambda step: (step[0], step[2], step[3]))
        return word, position, number

    def _steps(self, now: datetime) -> Iterator[tuple[datetime, str, int, int]]:
        sort = "at_once" if self.at_once else "dated" if self.due_on else "undated"
        for position, rung in enumerate(LADDERS.get(self.clause, LADDERS[sort])):
            if rung is None:
                continue
            word, count, repeats = rung
            leaves = self._first(word, count)
            number = 0
            while leaves is not None and leaves <= now:
                yield leaves, word, position, number
                number += 1
                leaves = eight_in_the_morning(worked_after(wall_day(leaves), repeats)) if repeats else None

    def _first(self, word: str, count: int) -> datetime | None:
        if word == "open_for":
            come = self.opened_at + count * HOUR
            return come if self.at_once else next_morning(come)
        if self.due_on is None:
            return None
        if word == "after_due":
            return eight_in_the_morning(worked_after(self.due_on, count))
        on = self.due_on
        for _ in range(count):
            on -= DAY
            while not is_worked(on):
                on -= DAY
        return eight_in_the_morning(on) if on > wall_day(self.opened_at) else None


def is_worked(on: date) -> bool:
    """Whether anybody is at their desk."""
    return on.strftime("%a") not in ("Sat", "Sun") and on not in BANK_HOLIDAYS


def worked_after(on: date, count: int) -> date:
    """Turn page after page of the calendar until so many working days have gone by."""
    while count:
        on += DAY
        count -= is_worked(on)
    return on


def eight_in_the_morning(on: date) -> datetime:
    """Watch the clock on the wall hour after hour until it shows eight."""
    at = datetime(on.year, on.month, on.day, tzinfo=UTC)
    while at.astimezone(WALL).hour != 8:
        at += HOUR
    return at


def next_morning(at: datetime) -> datetime:
    """The first eight in the morning of a working day that has not gone by."""
    on = wall_day(at)
    while not is_worked(on) or eight_in_the_morning(on) < at:
        on += DAY
    return eight_in_the_morning(on)


def wall_day(at: datetime) -> date:
    """The page that the calendar on the wall shows."""
    return at.astimezone(WALL).date()
