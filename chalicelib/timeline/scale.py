"""From days to places across a picture, and which days are written along its top."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.core.london import LONDON

ONE_DAY = timedelta(days=1)
SECONDS = 24 * 60 * 60
# How wide a label along the top may be, by what it says.
DAY_LABEL = 26.0
WEEK_LABEL = 46.0
MONTH_LABEL = 40.0
YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The days from `first` to `last`, both whole, between two places."""

    first: date
    last: date
    left: float
    right: float

    @property
    def day(self) -> float:
        """How wide one day is."""
        return (self.right - self.left) / ((self.last - self.first).days + 1)

    def at(self, on: date, part: float = 0.0) -> float:
        """Return the place of a day: its beginning, or so far into it. Never outside."""
        place = self.left + ((on - self.first).days + part) * self.day
        return min(max(place, self.left), self.right)

    def of(self, moment: datetime) -> float:
        """Return the place of a moment, by London's clocks."""
        local = moment.astimezone(LONDON)
        return self.at(local.date(), (local.hour * 3600 + local.minute * 60) / SECONDS)

    def labels(self) -> Iterator[tuple[date, str]]:
        """Yield the days that are written along the top: each, each Monday, or each month's first."""
        if self.day >= DAY_LABEL:
            yield from ((on, str(on.day)) for on in self._days())
        elif self.day * 7 >= DAY_LABEL:
            every = 1 if self.day * 7 >= WEEK_LABEL else 2
            mondays = [on for on in self._days() if on.weekday() == 0]
            yield from ((on, f"{on.day} {on:%b}") for on in mondays[::every])
        else:
            yield from self._months()

    def months(self) -> Iterator[tuple[date, str]]:
        """Yield the first day of each month or year, and how it is called."""
        years = self.day * 31 < DAY_LABEL * 2
        yield self.first, self._band(self.first, years=years)
        for on in self._days():
            if on != self.first and on.day == 1 and (on.month == 1 or not years):
                yield on, self._band(on, years=years)

    def _band(self, on: date, *, years: bool) -> str:
        return f"{on:%Y}" if years else f"{on:%B %Y}"

    def _months(self) -> Iterator[tuple[date, str]]:
        every = next(each for each in (1, 3, 6, 12, 24) if each == 24 or self.day * 30 * each >= MONTH_LABEL)
        for on in self._days():
            if on.day == 1 and (on.year * YEAR_MONTHS + on.month - 1) % every == 0:
                yield on, f"{on:%b}"

    def _days(self) -> Iterator[date]:
        on = self.first
        while on <= self.last:
            yield on
            on += ONE_DAY
