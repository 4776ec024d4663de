"""What somebody asks about days: read from parameters, every mistake in them named at once."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeVar

from chalicelib.core.dates import MOST_TOLD
from chalicelib.core.errors import InvalidInput, Problem
from chalicelib.core.london import day_of
from chalicelib.core.patterns import Unit
from chalicelib.core.working_days import Nation

EVENT, FIRST_WORKING_DAY = "event", "first_working_day"
END_OF_DAY = "end_of_day"
FROM = (
    "a day, as in 2026-05-23, or a moment with its offset, as in 2026-05-23T23:30:00Z, where + is written %2B"
)
EXPECTED = {
    "from": FROM,
    "count": f"a whole number from -{MOST_TOLD} to {MOST_TOLD}, not 0: the day counted from isn't counted",
    "until": "a day, as in 2026-05-28",
    "nation": f"one of {', '.join(Nation)}: there is no calendar of the United Kingdom",
    "authority": "the id of the authority",
    "unit": f"one of {', '.join(Unit)}",
    "day_zero": f"{EVENT} or {FIRST_WORKING_DAY}",
    "cut_off": f"{END_OF_DAY}, or London's time as in 17:00",
}

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_COUNT = re.compile(r"-?[0-9]{1,3}")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}")

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """So many units from a day, or how many there are until another, by a nation's or an authority's days.

    One of `count` and `until` is given, and one of `nation` and `authority`. `cut_off` is London's
    time, none for the end of the day.
    """

    start: date
    count: int | None = None
    until: date | None = None
    nation: Nation | None = None
    authority: str | None = None
    unit: Unit = Unit.WORKING_DAYS
    day_zero: str = EVENT
    cut_off: time | None = None

    @property
    def goes_back(self) -> bool:
        """Whether days before the start are counted."""
        return (self.count is not None and self.count < 0) or (
            self.until is not None and self.until < self.start
        )


def read_question(given: Mapping[str, Sequence[str]]) -> Question:
    """Return the question that parameters put. Raises InvalidInput with every mistake in them."""
    reader = _Reader(given)
    start, until = reader.read("from", _start), reader.read("until", _day)
    question = Question(
        start=start or date.min,
        count=reader.read("count", _count),
        until=until,
        nation=reader.read("nation", Nation),
        authority=reader.read("authority", str),
        unit=reader.read("unit", Unit) or Unit.WORKING_DAYS,
        day_zero=reader.read("day_zero", _day_zero) or EVENT,
        cut_off=reader.read("cut_off", _cut_off),
    )
    problems = [*reader.problems, *reader.amiss()]
    # What has no effect is refused where everything else is right, lest it be taken for one.
    if problems := problems or list(_without_effect(question, given)):
        raise InvalidInput(problems)
    return question


@dataclass
class _Reader:
    """Reads parameters one by one, and notes which of them are wrong."""

    given: Mapping[str, Sequence[str]]
    problems: list[Problem] = field(default_factory=list)

    def read(self, name: str, reading: Callable[[str], Read]) -> Read | None:
        """Return what a parameter says, none where it isn't given or is wrong."""
        values = self.given.get(name, ())
        if len(values) > 1:
            self.problems.append(Problem(name, f"{EXPECTED[name]}; once"))
        if len(values) != 1:
            return None
        try:
            return reading(values[0])
        except (ValueError, OverflowError):
            self.problems.append(Problem(name, EXPECTED[name]))
            return None

    def amiss(self) -> Iterator[Problem]:
        """Yield what is missing, what excludes another, and that a parameter is unknown."""
        if "from" not in self.given:
            yield Problem("from", EXPECTED["from"])
        for pair in (("count", "until"), ("nation", "authority")):
            if sum(name in self.given for name in pair) != 1:
                yield from (Problem(name, f"{pair[0]} or {pair[1]}, one of the two") for name in pair)
        if set(self.given) - set(EXPECTED):
            yield Problem("query", f"{', '.join(EXPECTED)}, and nothing else")


def _without_effect(asked: Question, given: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    if asked.until is not None and asked.unit not in (Unit.WORKING_DAYS, Unit.DAYS):
        yield Problem("unit", f"{Unit.WORKING_DAYS} or {Unit.DAYS}, where until is given")
    if asked.until is not None and "cut_off" in given:
        yield Problem("cut_off", "only where count is given: nothing else is due")
    if asked.day_zero != EVENT and (asked.goes_back or not asked.unit.counts_working_days):
        yield Problem("day_zero", f"{EVENT}, unless {Unit.WORKING_DAYS} are counted forwards")


def _start(said: str) -> date:
    if _MOMENT.fullmatch(said):
        return day_of(datetime.fromisoformat(said))
    return _day(said)


def _day(said: str) -> date:
    return date.fromisoformat(_matching(_DAY, said))


def _count(said: str) -> int:
    count = int(_matching(_COUNT, said))
    if not 1 <= abs(count) <= MOST_TOLD:
        raise ValueError("too many, or none")
    return count


def _day_zero(said: str) -> str:
    if said not in (EVENT, FIRST_WORKING_DAY):
        raise ValueError("no such convention")
    return said


def _cut_off(said: str) -> time | None:
    return None if said == END_OF_DAY else time.fromisoformat(_matching(_CLOCK, said))


def _matching(form: re.Pattern[str], said: str) -> str:
    if not form.fullmatch(said):
        raise ValueError("another form")
    return said
