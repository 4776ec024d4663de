"""From an anchor and a form of date to the day on which something is due."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import (
    Calendar,
    DayCounted,
    add_working_days,
    days_counted,
    first_working_day,
)


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
    match due.unit:
        case Unit.WORKING_DAYS:
            start = counting_from(anchor, day_zero, calendar)
            return add_working_days(start, due.count, calendar.closed)
        case Unit.DAYS:
            return anchor + timedelta(days=due.count)
        case Unit.WEEKS:
            return anchor + timedelta(weeks=due.count)
        case Unit.MONTHS:
            return add_months(anchor, due.count)


def days_to(anchor: date, due: After, day_zero: str, calendar: Calendar) -> tuple[DayCounted, ...]:
    """Return every day from the anchor to the due day, counted or skipped and why.

    Empty for units that are not counted day by day.
    """
    if due.unit is not Unit.WORKING_DAYS:
        return ()
    start = counting_from(anchor, day_zero, calendar)
    return days_counted(start, due.count, calendar.closed)
