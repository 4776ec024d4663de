"""From days to places across a picture, and which days are written along its top."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.core.london import LONDON
from chalicelib.timeline.axis import GAP, Axis

SECONDS = 24 * 60 * 60
# How wide a label along the top may be, by what it says.
DAY_LABEL, WEEK_LABEL, MONTH_LABEL, BAND_LABEL = 26.0, 46.0, 34.0, 100.0
MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis between two places."""

    axis: Axis
    left: float
    right: float

    @property
    def day(self) -> float:
        """How wide one day is."""
        return (self.right - self.left) / self.axis.length

    @property
    def last(self) -> date:
        """The last day that is shown."""
        return self.axis.spans[-1][1]

    def at(self, on: date, part: float = 0.0) -> float:
        """Return the place of a day: its beginning, or so far into it. Never outside."""
        place = self.left + (self.axis.place(on) + part) * self.day
        return min(max(place, self.left), self.right)

    def of(self, moment: datetime) -> float:
        """Return the place of a moment, by London's clocks."""
        local = moment.astimezone(LONDON)
        return self.at(local.date(), (local.hour * 3600 + local.minute * 60) / SECONDS)

    def gaps(self) -> Iterator[tuple[float, float]]:
        """Yield from where to where days are left out."""
        for place in self.axis.gaps():
            yield self.left + place * self.day, self.left + (place + GAP) * self.day

    def labels(self) -> Iterator[tuple[date, str]]:
        """Yield the days that are written along the top: each, each Monday, or each month's first."""
        if self.day >= DAY_LABEL:
            named = self.day >= WEEK_LABEL
            yield from ((on, f"{on:%a} {on.day}" if named else str(on.day)) for on in self.axis.days())
        elif self.day * 7 >= DAY_LABEL:
            every = 1 if self.day * 7 >= WEEK_LABEL else 2
            mondays = [on for on in self.axis.days() if on.weekday() == 0]
            yield from ((on, f"{on.day} {on:%b}") for on in mondays if on.toordinal() // 7 % every == 0)
        else:
            yield from self._months()

    def bands(self) -> Iterator[tuple[date, str]]:
        """Yield where each month or, in a long timeline, each year begins, and how it is called."""
        years = self.day * 31 < BAND_LABEL
        starts = {first for first, _ in self.axis.spans}
        for on in self.axis.days():
            if on in starts or (on.day == 1 and (on.month == 1 or not years)):
                yield on, f"{on:%Y}" if years else f"{on:%B %Y}"

    def _months(self) -> Iterator[tuple[date, str]]:
        every = next(each for each in (1, 3, 6, 12, 24) if each == 24 or self.day * 30 * each >= MONTH_LABEL)
        for on in self.axis.days():
            if on.day == 1 and (on.year * MONTHS + on.month - 1) % every == 0:
                yield on, f"{on:%b}"
