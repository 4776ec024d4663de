"""The calendars that a case was counted by, one after another.

A day proclaimed, withdrawn or closed puts another calendar in the place of the one before. A case
learns of it by a fact of the service's own; what was settled by then keeps its date.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.core.history import History
from chalicelib.core.london import day_of
from chalicelib.core.trace import CALENDAR_CHANGED, Trace
from chalicelib.core.working_days import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A calendar in the place of another: from which UTC moment on, and London's day of that."""

    at: datetime
    on: date
    before: Calendar
    after: Calendar
    changed: tuple[date, ...]

    def touches(self, first: date, last: date) -> bool:
        """Say whether a day became closed or open between two, both included."""
        return any(first <= on <= last for on in self.changed)


@dataclass(frozen=True, kw_only=True)
class Editions:
    """The calendar that a case is counted by now, and how it came to be that."""

    present: Calendar
    learned: tuple[Learned, ...] = ()

    @classmethod
    def of(cls, history: History, present: Calendar, former: Mapping[str, Calendar]) -> "Editions":
        """Read them from a case's facts; `former` are calendars that they name, by hash.

        One that nobody knows any more is read as the calendar that took its place.
        """
        learned: list[Learned] = []
        after = present
        for fact in sorted(history.of_kind(CALENDAR_CHANGED), key=_learned_at, reverse=True):
            before = former.get(fact.words["from"][0], after)
            on = day_of(fact.learned_at)
            changed = changed_days(before, after)
            learned.append(Learned(at=fact.learned_at, on=on, before=before, after=after, changed=changed))
            after = before
        return cls(present=present, learned=tuple(reversed(learned)))

    def at(self, moment: datetime) -> Calendar:
        """Return the calendar by which was counted at a moment."""
        later = (each.before for each in self.learned if each.at > moment)
        return next(later, self.present)

    def since(self, moment: datetime) -> Iterator[Learned]:
        """Yield the calendars that were learned of after a moment, in order."""
        return (each for each in self.learned if each.at > moment)


def _learned_at(fact: Trace) -> tuple[datetime, str]:
    return fact.learned_at, fact.id


def changed_days(before: Calendar, after: Calendar) -> tuple[date, ...]:
    """Return the days that are closed in exactly one of two calendars, in order."""
    return tuple(sorted(before.closed.keys() ^ after.closed.keys()))
