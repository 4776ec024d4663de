"""The slow, obvious model: a wall calendar, its days looked at one after another by the name of the weekday.

It shares no code with what it judges. What it cannot know is whether the words of an explanation read well.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

TOMORROW = timedelta(days=1)
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A Monday, from which every weekday is told.
MONDAY = date(2000, 1, 3)

Told = list[tuple[date, bool, str]]
# The first day of a halt, its last, and whether the clocks begin anew when it has ended.
Halt = tuple[date, date, bool]


def name_of(on: date) -> str:
    return NAMES[(on - MONDAY).days % 7]


def is_worked(on: date, closed: Collection[date]) -> bool:
    return name_of(on) not in ("Saturday", "Sunday") and on not in closed


# --- working days ---------------------------------------------------------------------------


def days_from(start: date, end: date) -> list[date]:
    """Write out the days after one up to the other, or before it back to the other."""
    written = []
    if start < end:
        on = start + TOMORROW
        while on <= end:
            written.append(on)
            on = on + TOMORROW
    else:
        on = start - TOMORROW
        while on >= end:
            written.append(on)
            on = on - TOMORROW
    return written


def added(start: date, count: int, closed: Collection[date]) -> date:
    ticked: list[date] = []
    on = start
    while len(ticked) < count:
        on = on + TOMORROW
        if is_worked(on, closed):
            ticked.append(on)
    return ticked[-1]


def subtracted(start: date, count: int, closed: Collection[date]) -> date:
    ticked: list[date] = []
    on = start
    while len(ticked) < count:
        on = on - TOMORROW
        if is_worked(on, closed):
            ticked.append(on)
    return ticked[-1]


def counted(start: date, end: date, closed: Collection[date]) -> int:
    worked = [on for on in days_from(start, end) if is_worked(on, closed)]
    return len(worked) if start < end else -len(worked)


def first_worked(on: date, closed: Collection[date]) -> date:
    while not is_worked(on, closed):
        on = on + TOMORROW
    return on


def told(start: date, end: date, closed: Mapping[date, str]) -> Told:
    lines: Told = []
    ticked: list[date] = []
    for on in days_from(start, end):
        if is_worked(on, closed):
            ticked.append(on)
            lines.append((on, True, f"working day {len(ticked)}"))
        elif name_of(on) in ("Saturday", "Sunday") and on not in closed:
            lines.append((on, False, name_of(on)))
        else:
            lines.append((on, False, closed[on]))
    return lines


# --- days, weeks and months -----------------------------------------------------------------


def later(start: date, count: int, unit: str) -> date:
    if unit == "months":
        return months_later(start, count)
    on = start
    for _ in range(count * {"days": 1, "weeks": 7}[unit]):
        on = on + TOMORROW
    return on


def months_later(start: date, months: int) -> date:
    """Turn so many pages, then go down the page to the same number, or to its foot where that comes first."""
    on = start
    for _ in range(months):
        page = on.month
        while on.month == page:
            on = on + TOMORROW
    while on.day < start.day and (on + TOMORROW).month == on.month:
        on = on + TOMORROW
    return on


# --- clocks that halts stop -----------------------------------------------------------------


Wait = tuple[int, str]


def reached(opened_on: date, wait: Wait, closed: set[date], halts: Sequence[Halt], *, zero: bool) -> date:
    """Let a clock run day by day: it ticks on no day of a halt, and begins anew where one ends that says so.

    `zero` is whether the first working day from an opening on another day isn't counted either.
    """
    touched = {on for first, last, _ in halts for on in [first, *days_from(first, last)]}
    anchor = on = opened_on
    ticks = 0
    while True:
        if on in touched and on + TOMORROW not in touched and restarts(on, halts, touched):
            anchor, ticks = on, 0
        on = on + TOMORROW
        ticks += on not in touched and ticks_on(on, anchor, wait[1], closed | touched, zero=zero)
        if ticks == ticks_wanted(anchor, wait):
            return on


def restarts(on: date, halts: Sequence[Halt], touched: set[date]) -> bool:
    """Say whether any halt of the unbroken run that ends on a day makes the clocks begin anew."""
    while on in touched:
        if any(first <= on <= last and anew for first, last, anew in halts):
            return True
        on = on - TOMORROW
    return False


def ticks_on(on: date, anchor: date, unit: str, closed: set[date], *, zero: bool) -> bool:
    if unit != "working_days":
        return True
    return is_worked(on, closed) and not (zero and on == first_worked(anchor, closed))


def ticks_wanted(anchor: date, wait: Wait) -> int:
    count, unit = wait
    return count if unit == "working_days" else len(days_from(anchor, later(anchor, count, unit)))
