"""What a calendar picture shows: the days on the way to a date, and what each of them counts for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from chalicelib.core.narrating import short_day
from chalicelib.core.saying import said_day
from chalicelib.core.working_days import CLOSED, HALT, SATURDAY, WEEKEND, ZERO, DayCounted

DUE, ASKED = "due", "to"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SAID_MARKS = {
    "event": "the day it happened, not counted",
    "from": "counted from, and not itself counted",
    DUE: "due",
    ASKED: "the last day asked about",
}


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days as they were explained, from the one that is counted from to the last, forwards or back.

    `event` is given where something happened on a day before the one counted from. `ends` is what
    the last day is called; there is none where nothing is due.
    """

    title: str
    sentences: tuple[str, ...]
    event: date | None = None
    counted_from: date | None = None
    days: tuple[DayCounted, ...] = ()
    last: date | None = None
    ends: str = DUE
    provisional: bool = False

    @cached_property
    def explained(self) -> Mapping[date, DayCounted]:
        """Each day that was counted or skipped; the one counted from has a name of its own."""
        return {day.on: day for day in self.days if day.sort != ZERO}

    @cached_property
    def numbers(self) -> Mapping[date, int]:
        """How many days are counted up to and including each that is."""
        counted = [day.on for day in self.days if day.counted]
        return {on: number for number, on in enumerate(counted, start=1)}

    @cached_property
    def shown(self) -> tuple[date, ...]:
        """Every day that is more than one of its month, in the calendar's order."""
        named = {each for each in (self.event, self.counted_from, self.last) if each}
        return tuple(sorted({*self.explained, *named}))

    @cached_property
    def runs(self) -> tuple["Run", ...]:
        """The weekdays that were skipped, neighbours with one reason together; a closure has a letter."""
        skipped = [day for _, day in sorted(self.explained.items()) if _is_left_out(day)]
        runs: list[Run] = []
        for (_, sort, why), found in groupby(enumerate(skipped), key=_neighbours):
            letter = _letter(sum(each.sort == CLOSED for each in runs)) if sort == CLOSED else ""
            runs.append(Run(letter=letter, days=tuple(day.on for _, day in found), why=why, sort=sort))
        return tuple(runs)

    @cached_property
    def letters(self) -> Mapping[date, str]:
        """Under which letter the reason stands for which a day was skipped."""
        return {on: run.letter for run in self.runs for on in run.days}

    def sort(self, on: date) -> str:
        """Return what a day counts for, nothing where it is only named."""
        day = self.explained.get(on)
        return day.sort if day else ""

    def marks(self, on: date) -> tuple[str, ...]:
        """Return what a day is called: `event`, `from`, and `due` or `to`."""
        named = (("event", self.event), ("from", self.counted_from), (self.ends, self.last))
        return tuple(mark for mark, day in named if day == on)

    def said(self, on: date) -> str:
        """Return a day in words: `Monday 25 May 2026: not counted, Spring bank holiday`."""
        return f"{said_day(on)}: {'; '.join(self._said_parts(on))}"

    def _said_parts(self, on: date) -> Iterator[str]:
        day, marks = self.explained.get(on), self.marks(on)
        yield from (SAID_MARKS[mark] for mark in marks if mark != self.ends)
        if day is not None:
            yield day.why if day.counted else f"not counted, {said_why(day)}"
        if self.ends in marks:
            yield SAID_MARKS[self.ends] + (", and may still move" if self.provisional else "")

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """What was skipped, in words: `weekends`, and each run of other days."""
        weekends = any(self.sort(on) == WEEKEND for on in self.explained)
        return (*(["weekends"] if weekends else ()), *(run.said for run in self.runs))

    def description(self) -> Iterator[str]:
        """Yield in words what the picture shows."""
        yield f"{self.title}."
        yield from self.sentences
        if self.left_out:
            yield f"Not counted: {'; '.join(self.left_out)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Weekdays one after another that one reason leaves out."""

    letter: str
    days: tuple[date, ...]
    why: str
    sort: str

    @property
    def said(self) -> str:
        """The same in words: `Mon 25 May 2026, Spring bank holiday`."""
        first, last = self.days[0], self.days[-1]
        end = f" to {short_day(last)}" if last != first else ""
        return f"{short_day(first)}{end}, {SAID_HALT if self.sort == HALT else self.why}"


SAID_HALT = "the clock stood still"


def said_why(day: DayCounted) -> str:
    """Return why a day is skipped, as it reads to people."""
    return {HALT: SAID_HALT, WEEKEND: "a weekend"}.get(day.sort, day.why)


def _is_left_out(day: DayCounted) -> bool:
    return not day.counted and day.on.weekday() < SATURDAY


def _neighbours(numbered: tuple[int, DayCounted]) -> tuple[int, str, str]:
    # Numbered without weekends, a Friday and the Monday after it are neighbours.
    place, day = numbered
    weeks, weekday = divmod(day.on.toordinal() - 1, 7)
    return weeks * SATURDAY + weekday - place, day.sort, day.why


def _letter(number: int) -> str:
    before, place = divmod(number, len(LETTERS))
    return (LETTERS[before - 1] if before else "") + LETTERS[place]
