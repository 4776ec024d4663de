"""A protocol's clocks on one case: when something is due, and how a halt stops the counting.

Days that a halt touches, the first and the last included, are not counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from types import MappingProxyType

from chalicelib.core.dates import DueDate, due_after
from chalicelib.core.london import LONDON
from chalicelib.core.patterns import After
from chalicelib.core.working_days import SATURDAY, Calendar, add_working_days

ONE_DAY = timedelta(days=1)
HALTED = "halted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The days on which a halt stood; `last` is none while it lasts."""

    first: date
    last: date | None
    restarts: bool


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """One protocol's calendar on one case, with the days that its halts took away.

    `heard` is the latest moment at which anything of the case was learned. `cut_off` is the time in
    London by which something is due on its last day, none for the end of that day.
    """

    calendar: Calendar
    day_zero: str
    cut_off: time | None = None
    pauses: tuple[Pause, ...] = ()
    heard: datetime | None = None

    @cached_property
    def stopped_on(self) -> date | None:
        """The first day of the halt that lasts, none where the clocks run."""
        return min((pause.first for pause in self.pauses if pause.last is None), default=None)

    @cached_property
    def stops_at(self) -> datetime | None:
        """The moment at which the halt that lasts begins, none where the clocks run."""
        return _midnight(self.stopped_on) if self.stopped_on else None

    @property
    def stand_still(self) -> bool:
        """Whether a halt lasts that has begun: one dated after all that was heard has not."""
        return self.stops_at is not None and (self.heard is None or self.heard >= self.stops_at)

    def until(self, on: date) -> "Clocks":
        """The clocks as they stood on a day: a halt that began after it stopped none of them yet."""
        begun = tuple(pause for pause in self.pauses if pause.first <= on)
        return self if len(begun) == len(self.pauses) else replace(self, pauses=begun)

    def by(self, calendar: Calendar) -> "Clocks":
        """The same clocks, counted by another calendar."""
        if calendar is self.calendar:
            return self
        known = self._by.get(id(calendar))
        if known is None:
            known = self._by[id(calendar)] = replace(self, calendar=calendar)
        return known

    @cached_property
    def _by(self) -> dict[int, "Clocks"]:
        """The same clocks by other calendars, each of which its clocks keep: many duties ask for them."""
        return {}

    def as_of(self, on: date) -> "Clocks":
        """The clocks as they were known on a day: a halt that ended after it lasted then."""
        if not self.pauses:
            return self
        begun = (pause for pause in self.pauses if pause.first <= on)
        known = (replace(each, last=None) if each.last and each.last > on else each for each in begun)
        return replace(self, pauses=tuple(known))

    @cached_property
    def counting(self) -> Calendar:
        """The calendar on which the days of halts that ended are closed too."""
        ended = self._ended
        if not ended:
            return self.calendar
        halted = {on: HALTED for pause in ended for on in pause.days() if on.weekday() < SATURDAY}
        return replace(self.calendar, closed=MappingProxyType({**self.calendar.closed, **halted}))

    @cached_property
    def _ended(self) -> tuple["Ended", ...]:
        """The halts that ended, in order, those that overlap made one."""
        merged: list[Ended] = []
        for pause in sorted(self.pauses, key=lambda each: each.first):
            if pause.last is None:
                continue
            if merged and pause.first <= merged[-1].last + ONE_DAY:
                before = merged.pop()
                last, restarts = max(before.last, pause.last), before.restarts or pause.restarts
                merged.append(Ended(first=before.first, last=last, restarts=restarts))
            else:
                merged.append(Ended(first=pause.first, last=pause.last, restarts=pause.restarts))
        return tuple(merged)

    def after(self, opened_on: date, due: After) -> DueDate:
        """Return the day so long after an opening, the days of halts not counted."""
        if not self.pauses:
            return due_after(opened_on, due, self.day_zero, self.calendar)
        return self._reached(self.anchor(opened_on, due), due)

    def anchor(self, opened_on: date, due: After) -> date:
        """Return the day from which is counted: the opening's, or the end of a halt that restarts it.

        A clock that had run out before a halt began is not restarted: what was overdue stays so.
        """
        anchor = opened_on
        for pause in self._ended:
            if pause.restarts and pause.last >= anchor and self._reached(anchor, due).on >= pause.first:
                anchor = pause.last
        return anchor

    def _reached(self, anchor: date, due: After) -> DueDate:
        if due.unit.counts_working_days:
            return due_after(anchor, due, self.day_zero, self.counting)
        reached = due_after(anchor, due, self.day_zero, self.calendar).on
        for pause in self._ended:
            if pause.last > anchor and pause.first <= reached:
                reached += pause.last - max(pause.first - ONE_DAY, anchor)
        return DueDate(on=reached, provisional=False)

    def working_days_after(self, on: date, count: int) -> date:
        """Return the day so many working days after another, the days of halts not counted."""
        known = self._counted.get((on, count))
        if known is None:
            known = self._counted[on, count] = add_working_days(on, count, self.counting.closed)
        return known

    @cached_property
    def _counted(self) -> dict[tuple[date, int], date]:
        """What was counted before: the ladders of many duties climb on the same days."""
        return {}

    def past_halts(self, on: date) -> date:
        """Return a day that is fixed, or where a halt touched it the first after that halt."""
        for pause in self._ended:
            if pause.first <= on <= pause.last:
                on = pause.last + ONE_DAY
        return on

    def hours_after(self, opened_at: datetime, hours: int) -> datetime:
        """Return the moment so many hours after an opening, the time of halts not counted."""
        lasting = timedelta(hours=hours)
        reached = opened_at + lasting
        for pause in self._ended:
            began, ended = _midnight(pause.first), _midnight(pause.last + ONE_DAY)
            if ended > opened_at and began < reached:
                reached = ended + lasting if pause.restarts else reached + (ended - max(began, opened_at))
        return reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The days of one halt, or of several that overlap, once all of them have ended."""

    first: date
    last: date
    restarts: bool

    def days(self) -> Iterator[date]:
        """Yield each of its days."""
        for ahead in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=ahead)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(0), LONDON).astimezone(UTC)
