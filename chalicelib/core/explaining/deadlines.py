"""When a duty is due, and how that day was reached: each day counted, skipped or halted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from chalicelib.core.case import Duty, Hold, State
from chalicelib.core.clocks import HALTED, Clocks
from chalicelib.core.dates import counting_from, days_to, said_clamp
from chalicelib.core.effects import Obligation
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.explaining.holds import said_end, said_process
from chalicelib.core.london import closes_at
from chalicelib.core.patterns import After, AtOnce, By, On, Unit
from chalicelib.core.protocol import Protocol
from chalicelib.core.recounts import Moved
from chalicelib.core.saying import said_by, said_day, said_events
from chalicelib.core.working_days import HALT, WEEKEND, ZERO, DayCounted

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One duty's date. `stopping` are the halts of its protocol that last.

    `clocks` count by the calendar by which the date stands, and `moved` says how others came to give
    way to it.
    """

    duty: Duty
    obligation: Obligation
    clocks: Clocks
    protocol: Protocol
    stopping: Sequence[Hold] = ()
    moved: Sequence[Moved] = ()
    earliest_on: date | None = None

    # --- data ---------------------------------------------------------------------------

    def data(self) -> Explained:
        """Return the limit, the day counted from, each day to the date, halts, and what is left."""
        earliest = self.earliest_on
        return {
            "limit": self._limit(),
            "anchor": self._anchor_data(),
            "days": [day.data() for day in self.days],
            "days_left": self.days_left,
            "halts": [{"from": a.isoformat(), "to": b.isoformat()} for a, b in self._halts],
            "halted_by": [hold.id for hold in self.stopping] if self.duty.halted else [],
            "halted_since": self._stopped.isoformat() if self._stopped else None,
            "resumes_when": [said_end(hold, self.protocol) for hold in self.stopping]
            if self._stopped
            else [],
            "not_before": earliest.isoformat() if earliest else None,
            "due_on": self.duty.due_on.isoformat() if self.duty.due_on else None,
            "due_at": self._due_at.isoformat() if self._due_at else None,
            "due_by": f"{self.duty.due_by:%H:%M}" if self.duty.due_by else None,
            "provisional": self.duty.provisional,
            "moved": [self._moved_data(each) for each in self.moved],
            "calendar_until": self.clocks.calendar.horizon.isoformat(),
        }

    @property
    def _due_at(self) -> datetime | None:
        """The moment in UTC before which it is done in time."""
        return closes_at(self.duty.due_on, self.duty.due_by) if self.duty.due_on else None

    def _moved_data(self, moved: Moved) -> Explained:
        return {
            "learned_on": moved.learned.on.isoformat(),
            "was": moved.was.isoformat(),
            "now": moved.now.isoformat(),
            "because": moved.said_why(self.duty.opened_on),
        }

    def _limit(self) -> Explained:
        match self.obligation.due:
            case AtOnce():
                return {"form": "at_once", "said": "at once"}
            case After() as due:
                said = said_count(due)
                return {
                    "form": "after",
                    "count": due.count,
                    "unit": str(due.unit),
                    "basis": due.basis,
                    "source": due.source,
                    "said": said,
                }
            case By() as limit:
                return {"form": "by", "said": said_limit(limit, self.protocol)}
            case On() as planned:
                return {"form": "on", "field": planned.field, "said": "the date that was planned"}
            case None:
                return {"form": "none", "said": "no time limit"}

    def _anchor_data(self) -> Explained | None:
        if not isinstance(self.obligation.due, After):
            return None
        anchor = self.anchor
        why = "opened"
        if self._counted_from != self.duty.opened_on:
            why = "halt_ended"
        elif anchor != self._counted_from:
            why = "first_working_day"
        return {"on": anchor.isoformat(), "why": why}

    @cached_property
    def days(self) -> tuple[DayCounted, ...]:
        """Each day after the one counted from, up to the date or to the halt that lasts."""
        due = self.obligation.due
        if not isinstance(due, After):
            return ()
        calendar, day_zero = self.clocks.counting, self.clocks.day_zero
        days = days_to(self._counted_from, due, day_zero, calendar, self._halted)
        return tuple(day for day in days if self._stopped is None or day.on < self._stopped)

    @property
    def days_left(self) -> int | None:
        """How many working days are left of a clock that stands still; none where none does."""
        due = self.obligation.due
        if self._stopped is None or not isinstance(due, After) or not due.unit.counts_working_days:
            return None
        restarts = any(pause.restarts for pause in self.clocks.pauses if pause.last is None)
        return due.count if restarts else due.count - sum(day.counted for day in self.days)

    @property
    def _stopped(self) -> date | None:
        """The day from which this duty's clock stands still; none where it runs, or has run out."""
        return self.clocks.stopped_on if self.duty.halted and self.duty.state is State.OPEN else None

    @property
    def _counted_from(self) -> date:
        due, opened_on = self.obligation.due, self.duty.opened_on
        return self.clocks.anchor(opened_on, due) if isinstance(due, After) else opened_on

    @property
    def anchor(self) -> date:
        """The day that is not counted: of a clock that stopped before its day zero the one before that."""
        zero = self._zero
        return self._counted_from if self._stopped and zero >= self._stopped else zero

    @property
    def _zero(self) -> date:
        """The day that is not counted, were no halt to last."""
        due = self.obligation.due
        if isinstance(due, After) and due.unit.counts_working_days:
            return counting_from(self._counted_from, self.clocks.day_zero, self.clocks.counting)
        return self._counted_from

    @property
    def _halted(self) -> Mapping[date, str]:
        """Every day of the halts that ended."""
        ended = [(pause.first, pause.last) for pause in self.clocks.pauses if pause.last]
        return {
            first + timedelta(days=ahead): HALTED
            for first, last in ended
            for ahead in range((last - first).days + 1)
        }

    @cached_property
    def _halts(self) -> tuple[tuple[date, date], ...]:
        """The halts that ended and touched days between the opening and the date."""
        end = self.duty.due_on or self._stopped
        if self.obligation.due is None or end is None:
            return ()
        touched = [
            (pause.first, pause.last)
            for pause in self.clocks.pauses
            if pause.last and pause.last >= self.duty.opened_on and pause.first <= end
        ]
        return tuple(sorted(touched))

    # --- sentences ----------------------------------------------------------------------

    def sentences(self, *, with_skipped: bool = True) -> Iterator[str]:
        """Yield how the date was reached; a calendar beside them shows what was skipped."""
        yield from self._said_limit()
        yield from (self._said_halt(first, last) for first, last in self._halts)
        skipped = [_said_skipped(day) for day in self.days if self._is_left_out(day)]
        if skipped and with_skipped:
            yield f"Not counted: {', '.join(skipped)}."
        if self.earliest_on and self.obligation.not_before:
            wait = self.obligation.not_before
            are = "is" if wait.count == 1 else "are"
            yield f"Not before {said_day(self.earliest_on)}: {said_count(wait)} {are} to pass first."
            yield from _said_clamp(self.duty.opened_on, wait)
        yield from self._said_source()
        yield from self._said_moves()
        yield from self._said_date()
        yield from self._said_stop()

    def _said_limit(self) -> Iterator[str]:
        match self.obligation.due:
            case AtOnce():
                on = f": on {said_day(self.duty.due_on)}" if self.duty.due_on else ""
                yield f"Due at once{on}."
            case After() as due:
                yield f"{said_count(due)} after {self._said_anchor()}, which is not counted."
                yield from _said_clamp(self._counted_from, due)
            case By() as limit:
                yield f"Due {said_limit(limit, self.protocol)}."
            case On():
                yield "Due on the date that was planned."
            case None:
                yield "The text gives no time limit."

    def _said_anchor(self) -> str:
        counted_from = said_day(self._counted_from)
        if self._counted_from != self.duty.opened_on:
            counted_from += ", the last day of a halt from which it is counted anew"
        if self._zero != self._counted_from:
            reached = f"{said_day(self._zero)}, " if self.anchor == self._zero else ""
            return f"{reached}the first working day from {counted_from}"
        return counted_from

    @staticmethod
    def _said_halt(first: date, last: date) -> str:
        if first == last:
            return f"The clock stood still on {said_day(first)}."
        return f"The clock stood still from {said_day(first)} to {said_day(last)}, both days included."

    def _is_left_out(self, day: DayCounted) -> bool:
        """Say whether a day is skipped for a reason that no other sentence names."""
        if day.counted or day.sort in (HALT, ZERO):
            return False
        return not any(first <= day.on <= last for first, last in self._halts)

    def _said_source(self) -> Iterator[str]:
        due = self.obligation.due
        if not isinstance(due, After):
            return
        if due.basis == "local_policy":
            source = f" ({due.source})" if due.source else ""
            yield f"The figure is local policy{source}; the text gives none."
        elif due.source:
            yield f"The figure is from {due.source}."

    def _said_date(self) -> Iterator[str]:
        due_on, due = self.duty.due_on, self.obligation.due
        if due_on is None or isinstance(due, AtOnce):
            return
        provisional = ", provisionally" if self.duty.provisional else ""
        by = said_by(self.duty.due_by)
        yield f"Due on {said_day(due_on)}{by}{provisional}{self._said_why_provisional()}."

    def _said_moves(self) -> Iterator[str]:
        for each in self.moved:
            learned = f"until {said_day(each.learned.on)}, when the calendar changed"
            yield f"It was due on {said_day(each.was)} {learned}. {each.said_why(self.duty.opened_on)}"

    def _said_why_provisional(self) -> str:
        if not self.duty.provisional:
            return ""
        if isinstance(self.obligation.due, By):
            return ": it is the day planned for that"
        return f": bank holidays are published until {said_day(self.clocks.calendar.horizon)}"

    def _said_stop(self) -> Iterator[str]:
        if self._stopped is None:
            return
        while_open = " and ".join(said_process(hold, self.protocol) for hold in self.stopping)
        yield f"Its clock stands still from {said_day(self._stopped)}, while this is open: {while_open}."
        if (left := self.days_left) is not None:
            yield f"{left} {'working day is' if left == 1 else 'working days are'} left when it runs again."


def said_limit(limit: By, protocol: Protocol) -> str:
    """Return what something is to be done before: `before the placement ends`."""
    return f"before {said_events(limit.patterns, protocol).replace('a placement ', 'the placement ')}"


def said_count(due: After) -> str:
    """Return a number with its unit: `3 working days`, `1 week`."""
    unit = due.unit.replace("_", " ")
    return f"{due.count} {unit.removesuffix('s') if due.count == 1 else unit}"


def _said_skipped(day: DayCounted) -> str:
    """Return a day and why it isn't counted; a day at the weekend says so by its name."""
    on = said_day(day.on)
    return on if day.sort == WEEKEND else f"{on} ({day.why})"


def _said_clamp(start: date, due: After) -> Iterator[str]:
    if due.unit is Unit.MONTHS and (said := said_clamp(start, due.count)):
        yield said
