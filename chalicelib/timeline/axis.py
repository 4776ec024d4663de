"""The days along a timeline. Where nothing happens for long, the days in between are left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

ONE_DAY = timedelta(days=1)
# A timeline that is shorter shows every day.
SHORT = timedelta(days=120)
QUIET = timedelta(days=45)
# Days kept on either side of what is left out, and how many days' room the gap itself takes.
KEPT = timedelta(days=5)
GAP = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """Stretches of days, each with its first and its last, and a gap between one and the next."""

    spans: tuple[tuple[date, date], ...]

    @classmethod
    def of(cls, first: date, last: date, busy: Iterable[date]) -> "Axis":
        """Return an axis that leaves out what lies between busy days far from one another."""
        days = sorted({first, last, *(on for on in busy if first <= on <= last)})
        if last - first <= SHORT:
            return cls(((first, last),))
        edges = [first]
        for before, after in pairwise(days):
            if after - before > QUIET:
                edges += [before + KEPT, after - KEPT]
        edges.append(last)
        return cls(tuple(zip(edges[::2], edges[1::2], strict=True)))

    @property
    def length(self) -> int:
        """How many days' room the whole takes."""
        days = sum((last - first).days + 1 for first, last in self.spans)
        return days + GAP * (len(self.spans) - 1)

    def place(self, on: date) -> float:
        """Return how many days' room there is before a day. A day left out lies within its gap."""
        before = 0.0
        end: date | None = None
        for first, last in self.spans:
            if end is not None:
                if on < first:
                    return before + GAP * max((on - end).days - 1, 0) / max((first - end).days - 1, 1)
                before += GAP
            if on <= last:
                return before + (on - first).days
            before += (last - first).days + 1
            end = last
        return before + (on - self.spans[-1][1]).days - 1

    def days(self) -> Iterator[date]:
        """Yield the days that are shown."""
        for first, last in self.spans:
            yield from (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))

    def gaps(self) -> Iterator[float]:
        """Yield where each gap begins."""
        before = 0
        for first, last in self.spans[:-1]:
            before += (last - first).days + 1
            yield before
            before += GAP
