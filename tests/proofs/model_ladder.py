"""Oakhaven's ladders, and what a duty, a flag or a task is to them: when each rung leaves, and for whom.

Days are counted one after the other on a wall calendar (`slow_ladder.py`); no line is the engine's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tests.proofs.slow_ladder import (
    DAY,
    HOUR,
    eight_in_the_morning,
    is_worked,
    next_morning,
    wall_day,
    worked_after,
)

ALERT, RECORD, GUARD, TASK = "OK-1", "OK-2", "OK-3", "task"
# What a duty, a flag or a task is known by: its clause and fact, or its message and how many before it.
Key = tuple[str, str] | tuple[str, str, int]
To = tuple[str, str]

IRO, IRO_MANAGER = ("iro", "self"), ("iro", "manager")
WORKER, WORKER_MANAGER = ("social_worker", "self"), ("social_worker", "manager")
PANEL, ADMINISTRATOR = ("panel", "self"), ("administrator", "self")

# (its word, how far from the date or the opening, repeated after so many working days, who is told)
Rung = tuple[str, int, int | None, tuple[To, ...], str]
LADDERS: Mapping[str, tuple[Rung, ...]] = {
    ALERT: (
        ("open_for", 4, None, (IRO,), "now"),
        ("open_for", 24, 5, (IRO, IRO_MANAGER), "now"),
    ),
    RECORD: (
        ("opened", 0, None, (WORKER,), "today"),
        ("before_due", 1, None, (WORKER,), "today"),
        ("after_due", 1, None, (WORKER, WORKER_MANAGER), "today"),
        ("after_due", 3, 5, (PANEL,), "now"),
    ),
    GUARD: (("open_for", 72, None, (PANEL,), "today"),),
    TASK: (("after_due", 1, None, (ADMINISTRATOR,), "today"),),
}
# Who hears at once when it opens, and of all that becomes of it.
AT_ONCE: Mapping[str, tuple[To, ...]] = {ALERT: (IRO,), RECORD: (PANEL,), GUARD: (IRO,)}
HEARERS: Mapping[str, tuple[To, ...]] = {ALERT: (IRO,), RECORD: (PANEL, WORKER), GUARD: (IRO,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A duty, a flag or a task: what it is, whether it is open, and what its ladder goes by."""

    about: Key
    state: str
    on: date
    at: datetime
    due: date | None = None
    silent: bool = False

    @property
    def open(self) -> bool:
        """Whether anybody is still to do something about it."""
        return self.state in ("open", "breach")

    @property
    def sort(self) -> str:
        """Its clause, or that it is a task."""
        return self.about[0]


def leavings(thing: Thing, clock: datetime | None) -> Iterator[tuple[datetime, str, Rung]]:
    """Yield each leaving of each rung up to the first after the clock."""
    word = "chased" if thing.sort == TASK else "rung"
    for position, rung in enumerate(LADDERS[thing.sort]):
        sort, count, repeats, _, _ = rung
        anchor = "" if sort == "opened" else (thing.due or thing.on).isoformat()
        number, at = 0, _first(thing, sort, count)
        while at is not None:
            yield at, f"{word}|{sort}|{position}|{number}|{anchor}", rung
            if clock is None or at > clock or repeats is None:
                break
            at = eight_in_the_morning(worked_after(wall_day(at), repeats))
            number += 1


def _first(thing: Thing, sort: str, count: int) -> datetime | None:
    if sort == "opened":
        return thing.at
    if sort == "open_for":
        come = thing.at + count * HOUR
        return come if thing.sort == ALERT else next_morning(come)
    due = thing.due or thing.on
    if sort == "after_due":
        return eight_in_the_morning(worked_after(due, count))
    on = due - DAY
    while not is_worked(on):
        on -= DAY
    return eight_in_the_morning(on) if on > thing.on else None
