"""How many days, until which day, and what every day between them counts for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from chalicelib.core.dates import MOST_TOLD, counting_from, days_to, due_after, said_clamp
from chalicelib.core.errors import InvalidInput, Problem
from chalicelib.core.london import closes_at
from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import COUNTED, DayCounted, days_counted_back, days_counted_between
from chalicelib.day_counts.counted_by import CountedBy, counted_by
from chalicelib.day_counts.question import Question
from chalicelib.visits import Ports

NEXT = After(count=1, unit=Unit.WORKING_DAYS)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A question, and the calendar by which it is answered."""

    question: Question
    by: CountedBy

    @cached_property
    def counted_from(self) -> date:
        """The day that is not counted."""
        return counting_from(self.question.start, self.question.day_zero, self.by.calendar)

    @cached_property
    def end(self) -> date:
        """The day that is reached, or the one that was asked about."""
        asked = self.question
        if asked.until is not None:
            return asked.until
        if asked.goes_back and asked.unit.counts_working_days:
            return self.days[-1].on
        return due_after(asked.start, self._asked_for, asked.day_zero, self.by.calendar).on

    @cached_property
    def days(self) -> tuple[DayCounted, ...]:
        """Every day after the start up to the end, or before it and back."""
        asked = self.question
        if not asked.unit.counts_working_days:
            return _calendar_days(asked.start, self.end)
        if asked.until is not None:
            return (*self._to_zero(asked.until), *self._between(asked.until))
        if asked.goes_back:
            return days_counted_back(asked.start, -self._asked_for.count, self.by.calendar.closed)
        return days_to(asked.start, self._asked_for, asked.day_zero, self.by.calendar)

    @property
    def count(self) -> int:
        """How many units there are, negative where they are counted back."""
        asked = self.question
        if asked.count is not None:
            return asked.count
        counted = sum(day.counted for day in self.days)
        return -counted if asked.goes_back else counted

    @property
    def due_at(self) -> datetime | None:
        """The moment in UTC before which it is done in time; none where nothing is due."""
        return closes_at(self.end, self.question.cut_off) if self.question.until is None else None

    @property
    def provisional(self) -> bool:
        """Whether working days on the way are past those for which bank holidays are published."""
        passed = max(self.end, self.counted_from) > self.by.calendar.horizon
        return passed and self.question.unit.counts_working_days

    @property
    def said_clamp(self) -> str:
        """That the month which is reached has no such day, so that its last is taken; else nothing."""
        asked = self.question
        return said_clamp(asked.start, self.count) if asked.unit is Unit.MONTHS else ""

    @property
    def _asked_for(self) -> After:
        return After(count=self.question.count or 0, unit=self.question.unit)

    def _to_zero(self, until: date) -> Iterator[DayCounted]:
        """Yield the days after the start up to the first working day, from which is counted."""
        told = days_to(self.question.start, NEXT, self.question.day_zero, self.by.calendar)
        return (day for day in told if day.on <= min(self.counted_from, until))

    def _between(self, until: date) -> tuple[DayCounted, ...]:
        if until <= self.counted_from and not self.question.goes_back:
            return ()
        return days_counted_between(self.counted_from, until, self.by.calendar.closed)


def answer(question: Question, caller: str, ports: Ports) -> Answer:
    """Return the answer to a question by the calendar that it names.

    Raises NotFound for another authority's calendar; InvalidInput where the question leads out of
    the years that are known, or further than one answer tells.
    """
    found = Answer(question=question, by=counted_by(question, caller, ports))
    if problems := list(_out_of_reach(found)):
        raise InvalidInput(problems)
    return found


def _out_of_reach(found: Answer) -> Iterator[Problem]:
    asked, (first, last) = found.question, found.by.known
    known = f"a day from {first} to {last}, for which bank holidays are known"
    given = {"from": asked.start, "until": asked.until}
    outside = [name for name, on in given.items() if on and not first <= on <= last]
    if outside:
        yield from (Problem(name, known) for name in outside)
    elif not first <= found.end <= last:
        yield Problem("count", f"fewer, so that they end on {known}")
    elif abs(found.end - asked.start) > timedelta(days=MOST_TOLD):
        most = f"one answer tells at most {MOST_TOLD} days"
        yield Problem("until", f"nearer: {most}") if asked.until else Problem("count", f"fewer: {most}")


def _calendar_days(start: date, end: date) -> tuple[DayCounted, ...]:
    step = timedelta(days=1 if start < end else -1)
    return tuple(
        DayCounted(on=start + step * number, counted=True, why=f"day {number}", sort=COUNTED)
        for number in range(1, abs((end - start).days) + 1)
    )
