"""From an anchor and a form of date to the day on which something is due, each day on the way told."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import (
    COUNTED,
    HALT,
    ONE_DAY,
    WEEKEND,
    ZERO,
    Calendar,
    DayCounted,
    add_working_days,
    days_counted,
    days_counted_between,
    first_working_day,
)

# A year of days, weeks or months. A longer wait isn't told day by day: answers would be huge.
MOST_TOLD = 366
NO_DAYS: Mapping[date, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """The day something is due; `provisional` where that may still move."""

    on: date
    provisional: bool


def add_months(start: date, months: int) -> date:
    """Return the same day so many months later; a day the month lacks becomes its last."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def said_clamp(start: date, months: int) -> str:
    """Say that the month so many months later lacks the day, so that its last is taken; else nothing."""
    end = add_months(start, months)
    return "" if end.day == start.day else f"{end:%B %Y} has no day {start.day}, so its last day is taken."


def counting_from(anchor: date, day_zero: str, calendar: Calendar) -> date:
    """Return the day that is not counted: the anchor, or the first working day from it."""
    return first_working_day(anchor, calendar.closed) if day_zero == "first_working_day" else anchor


def due_after(anchor: date, due: After, day_zero: str, calendar: Calendar) -> DueDate:
    """Return the day so many units after the anchor, which itself is never counted.

    Past the published bank holidays it is provisional where working days are counted: one that is
    proclaimed moves no date that is reached by days, weeks or months.
    """
    on = _after(anchor, due, day_zero, calendar)
    return DueDate(on=on, provisional=due.unit.counts_working_days and on > calendar.horizon)


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

    `halted` are the days of halts, each with the reason, which days, weeks and months leave out.
    Working days leave out what `calendar` closes, those of halts included. Empty for more than
    MOST_TOLD days, weeks and months, of which every day counts but those of a halt.
    """
    if due.unit.counts_working_days:
        start = counting_from(anchor, day_zero, calendar)
        days = (*_days_to_zero(anchor, start, calendar), *days_counted(start, due.count, calendar.closed))
        return tuple(_halted(day, halted) for day in days)
    return _calendar_days(anchor, due, halted)


def _days_to_zero(anchor: date, start: date, calendar: Calendar) -> tuple[DayCounted, ...]:
    """Return the days after the anchor up to the first working day, none of which is counted."""
    if anchor == start:
        return ()
    skipped = days_counted_between(anchor, start, calendar.closed)[:-1]
    return (*skipped, DayCounted(on=start, counted=False, why="day zero", sort=ZERO))


def _halted(day: DayCounted, halted: Mapping[date, str]) -> DayCounted:
    """Return a day as it is, or as one of a halt: which closes weekdays, so a weekend stays one."""
    if day.on not in halted or day.counted or day.sort == WEEKEND:
        return day
    return day._replace(why=halted[day.on], sort=HALT)


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
        days.append(DayCounted(on=on, counted=counted, why=why, sort=COUNTED if counted else HALT))
    return tuple(days)


def _numbered(day: int, whole: int, unit: Unit) -> str:
    """Return which day it is, and in which week or month: `day 10, week 2`."""
    return f"day {day}" if unit is Unit.DAYS else f"day {day}, {unit.removesuffix('s')} {whole}"
