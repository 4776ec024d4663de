"""From an anchor and a form of date to the day on which something is due, each day on the way told."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import (
    ONE_DAY,
    Calendar,
    DayCounted,
    add_working_days,
    days_counted,
    days_counted_between,
    first_working_day,
)

# A year of days, weeks or months. A longer wait isn't told day by day: answers would be huge.
MOST_TOLD = 366
DAY_ZERO = "day zero"
NO_DAYS: Mapping[date, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """The day something is due; `provisional` past the published calendar."""

    on: date
    provisional: bool


def add_months(start: date, months: int) -> date:
    """Return the same day so many months later; a day the month lacks becomes its last."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def counting_from(anchor: date, day_zero: str, calendar: Calendar) -> date:
    """Return the day that is not counted: the anchor, or the first working day from it."""
    return first_working_day(anchor, calendar.closed) if day_zero == "first_working_day" else anchor


def due_after(anchor: date, due: After, day_zero: str, calendar: Calendar) -> DueDate:
    """Return the day so many units after the anchor, which itself is never counted."""
    on = _after(anchor, due, day_zero, calendar)
    return DueDate(on=on, provisional=on > calendar.horizon)


def _after(anchor: date, due: After, day_zero: str, calendar: Calendar) -> date:
    if due.unit.counts_working_days:
        start = counting_from(anchor, day_zero, calendar)
        return add_working_days(start, due.count, calendar.closed)
    return _later(anchor, due.count, due.unit)


def _later(anchor: date, count: int, unit: Unit) -> date:
    """Return the day so many days, weeks or months later."""
    match unit:
        case Unit.WEEKS:
            return anchor + timedelta(weeks=count)
        case Unit.MONTHS:
            return add_months(anchor, count)
        case _:
            return anchor + timedelta(days=count)


def days_to(
    anchor: date, due: After, day_zero: str, calendar: Calendar, halted: Mapping[date, str] = NO_DAYS
) -> tuple[DayCounted, ...]:
    """Return every day after the anchor up to the due day, counted or skipped, with the reason.

    Where days, weeks or months are counted `halted` are the days left out, each with the reason;
    working days leave out what `calendar` closes. Empty for more than MOST_TOLD days, weeks and
    months, of which every day counts but those of a halt.
    """
    if due.unit.counts_working_days:
        start = counting_from(anchor, day_zero, calendar)
        counted = days_counted(start, due.count, calendar.closed)
        return (*_days_to_zero(anchor, start, calendar), *counted)
    return _calendar_days(anchor, due, halted)


def _days_to_zero(anchor: date, start: date, calendar: Calendar) -> tuple[DayCounted, ...]:
    """Return the days after the anchor up to the first working day, none of which is counted."""
    if anchor == start:
        return ()
    skipped = days_counted_between(anchor, start, calendar.closed)[:-1]
    return (*skipped, DayCounted(on=start, counted=False, why=DAY_ZERO))


def _calendar_days(anchor: date, due: After, halted: Mapping[date, str]) -> tuple[DayCounted, ...]:
    wanted = (_later(anchor, due.count, due.unit) - anchor).days
    if wanted > MOST_TOLD:
        return ()
    days: list[DayCounted] = []
    number, whole = 0, 1
    on = anchor
    while number < wanted:
        on += ONE_DAY
        counted = on not in halted
        number += counted
        if number > (_later(anchor, whole, due.unit) - anchor).days:
            whole += 1
        why = _numbered(number, whole, due.unit) if counted else halted[on]
        days.append(DayCounted(on=on, counted=counted, why=why))
    return tuple(days)


def _numbered(day: int, whole: int, unit: Unit) -> str:
    """Return which day it is, and in which week or month: `day 10, week 2`."""
    return f"day {day}" if unit is Unit.DAYS else f"day {day}, {unit.removesuffix('s')} {whole}"
