"""What time it is: the one place where a clock is read, and asked by the doors only."""

from datetime import UTC, date, datetime

from chalicelib.core.london import day_of


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in London, which is not always that in UTC."""
    return day_of(now())
