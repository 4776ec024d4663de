"""The months that a calendar picture shows, and which it leaves out."""

from calendar import monthcalendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.calendar_picture.span import Run, Span

# A year from the middle of a month, and a little more. Of longer spans the beginning and the end.
MOST_MONTHS = 15
LAST_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a year, week by week from Monday."""

    year: int
    month: int

    @property
    def title(self) -> str:
        """Its name: `May 2026`."""
        return f"{date(self.year, self.month, 1):%B %Y}"

    def has(self, on: date) -> bool:
        """Say whether a day is one of it."""
        return (on.year, on.month) == (self.year, self.month)

    @property
    def weeks(self) -> int:
        """How many weeks it touches."""
        return len(monthcalendar(self.year, self.month))

    def places(self) -> Iterator[tuple[date, int, int]]:
        """Yield each day with its row and its column."""
        for row, week in enumerate(monthcalendar(self.year, self.month)):
            for column, number in enumerate(week):
                if number:
                    yield date(self.year, self.month, number), row, column


def months_of(span: Span) -> tuple[Month, ...]:
    """Return every month that a span touches."""
    if not span.shown:
        return ()
    first, last = (each.year * 12 + each.month - 1 for each in (span.shown[0], span.shown[-1]))
    return tuple(Month(number // 12, number % 12 + 1) for number in range(first, last + 1))


def drawn_of(months: Sequence[Month]) -> tuple[Month, ...]:
    """Return those that are drawn: all, or the first and the last of too many."""
    if len(months) <= MOST_MONTHS:
        return tuple(months)
    return (*months[: MOST_MONTHS - LAST_MONTHS], *months[-LAST_MONTHS:])


def runs_of(span: Span, drawn: Sequence[Month]) -> tuple[Run, ...]:
    """Return the runs of days left out that are seen in the months that are drawn."""
    return tuple(run for run in span.runs if any(month.has(on) for month in drawn for on in run.days))


def said_left_out(span: Span, months: Sequence[Month]) -> str:
    """Say what lies in the months that are not drawn; nothing where all are."""
    drawn = drawn_of(months)
    left = [each for each in months if each not in drawn]
    if not left:
        return ""
    days = [day for day in span.days if not any(month.has(day.on) for month in drawn)]
    counted = sum(day.counted for day in days)
    return (
        f"{left[0].title} to {left[-1].title} are not drawn: of their days "
        f"{counted} are counted and {len(days) - counted} are not."
    )
