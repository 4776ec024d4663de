"""What time it is: the one place where a clock is read, and asked by the doors only."""

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in London, which is not always that in UTC."""
    return london_date(now())


def london_date(at: datetime) -> date:
    """Return London's date at an aware moment: 23:30Z on 30 June is already 1 July there."""
    if at.tzinfo is None:
        raise TypeError("expected an aware moment, got one without a time zone")
    return at.astimezone(_london()).date()


@cache
def _london() -> ZoneInfo:
    return ZoneInfo("Europe/London")
