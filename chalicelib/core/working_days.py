"""Counting working days against a named nation's calendar.

The day of the event is never counted. Under the day-one convention, count from the event: for
Saturday 23 May 2026, three working days end on Thursday 28 May (Monday 25 May is a bank
holiday). Under day zero, move the event to `first_working_day` before counting: Friday 29 May.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

SATURDAY = 5

# What a day is, said apart from `why`: that is for people to read, and a council may name a closure "halted".
COUNTED, WEEKEND, CLOSED, HALT, ZERO = "counted", "weekend", "closed", "halt", "day_zero"

ONE_DAY = timedelta(days=1)

# Ten years of days. No protocol counts so far, and a mistyped count must not hold up a case.
MOST_DAYS = 3_660


class Nation(StrEnum):
    """Whose bank holidays are meant. There is no UK calendar: it would be wrong for England."""

    ENGLAND = "ENG"
    WALES = "WLS"
    SCOTLAND = "SCT"
    NORTHERN_IRELAND = "NIR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The weekdays on which one council does not work, each with the reason.

    Weekends are never in `closed`. A date past `horizon`, the last day for which bank holidays
    are published, is provisional.
    """

    nation: Nation
    closed: Mapping[date, str]
    horizon: date

    @property
    def hash(self) -> str:
        """Name these contents, the same in every process, so a stored date can cite them."""
        from hashlib import sha256

        lines = [self.nation.value, self.horizon.isoformat()]
        lines += [f"{on.isoformat()} {why}" for on, why in sorted(self.closed.items())]
        return sha256("\n".join(lines).encode()).hexdigest()[:16]


# A dataclass takes a millisecond of a cold start to make, and the calendar is to take two at most.
class DayCounted(NamedTuple):
    """One line of the explanation of a deadline: "working day 1", "Saturday", "Good Friday".

    `sort` is `counted`, `weekend`, `closed`, `halt`, or `day_zero` for the day that is counted from.
    """

    on: date
    counted: bool
    why: str
    sort: str

    def data(self) -> dict[str, object]:
        """Return it as values that can be written as JSON."""
        return {**self._asdict(), "on": self.on.isoformat()}


def is_working_day(on: date, closed: Container[date]) -> bool:
    """Say whether `on` is a weekday that isn't closed."""
    _refuse_moment(on)
    return _counts(on, closed)


def add_working_days(start: date, count: int, closed: Container[date]) -> date:
    """Return the date `count` working days after `start`.

    `start` itself is never counted: one working day after Thursday is Friday.

    Raises ValueError if `count` is less than 1 or more than MOST_DAYS.
    """
    return _walk(start, count, closed, ONE_DAY)


def subtract_working_days(start: date, count: int, closed: Container[date]) -> date:
    """Return the date `count` working days before `start`, which is never counted.

    Raises ValueError if `count` is less than 1 or more than MOST_DAYS.
    """
    return _walk(start, count, closed, -ONE_DAY)


def first_working_day(on: date, closed: Container[date]) -> date:
    """Return `on` itself if it is a working day, or else the next that is."""
    _refuse_moment(on)
    while not _counts(on, closed):
        on += ONE_DAY
    return on


def working_days_between(start: date, end: date, closed: Container[date]) -> int:
    """Count the working days after `start`, up to and including `end`.

    Backwards where `end` is earlier: from the day before `start` down to and including `end`, as a
    negative number. Either way, going the count from `start` leads back to `end` whenever that is
    a working day; between a day and itself there are none.

    Raises ValueError if there are more than MOST_DAYS.
    """
    _refuse_moment(start)
    _refuse_moment(end)
    step = ONE_DAY if start < end else -ONE_DAY
    counted = 0
    day = start
    while day != end:
        day += step
        if day.weekday() < SATURDAY and day not in closed:
            counted += 1
            if counted > MOST_DAYS:
                raise ValueError(f"{start} to {end} is more than {MOST_DAYS} working days")
    return counted if start <= end else -counted


def days_counted(start: date, count: int, closed: Mapping[date, str]) -> tuple[DayCounted, ...]:
    """Explain `add_working_days`: every day after `start` up to the day reached, with the reason.

    Raises ValueError if `count` is less than 1 or more than MOST_DAYS.
    """
    return days_counted_between(start, add_working_days(start, count, closed), closed)


def days_counted_back(start: date, count: int, closed: Mapping[date, str]) -> tuple[DayCounted, ...]:
    """Explain `subtract_working_days`: every day before `start` down to the day reached, latest first.

    Raises ValueError if `count` is less than 1 or more than MOST_DAYS.
    """
    return days_counted_between(start, subtract_working_days(start, count, closed), closed)


def days_counted_between(start: date, end: date, closed: Mapping[date, str]) -> tuple[DayCounted, ...]:
    """Explain `working_days_between`: every day that it looks at, in its order, with the reason.

    Raises ValueError if there are more than MOST_DAYS working days.
    """
    working_days_between(start, end, closed)  # refuses what is too far
    step = ONE_DAY if start < end else -ONE_DAY
    days: list[DayCounted] = []
    number = 0
    day = start
    while day != end:
        day += step
        sort = _sort(day, closed)
        number += sort == COUNTED
        why = f"working day {number}" if sort == COUNTED else closed.get(day, f"{day:%A}")
        days.append(DayCounted(on=day, counted=sort == COUNTED, why=why, sort=sort))
    return tuple(days)


def _sort(on: date, closed: Container[date]) -> str:
    if on.weekday() >= SATURDAY:
        return WEEKEND
    return CLOSED if on in closed else COUNTED


def _walk(start: date, count: int, closed: Container[date], step: timedelta) -> date:
    _refuse_moment(start)
    if not 1 <= count <= MOST_DAYS:
        raise ValueError(f"count must be from 1 to {MOST_DAYS}, got {count}")
    day = start
    while count:
        day += step
        if day.weekday() < SATURDAY and day not in closed:
            count -= 1
    return day


def _counts(on: date, closed: Container[date]) -> bool:
    # The loops over days that are not told say this themselves: calling takes a fifth of their time.
    return on.weekday() < SATURDAY and on not in closed


def _refuse_moment(on: date) -> None:
    # A datetime is a date to the type checker but equals none, so it would walk past every
    # bank holiday; and its date may not be London's.
    if isinstance(on, datetime):
        raise TypeError(f"expected a date in London, got the moment {on.isoformat()}")
