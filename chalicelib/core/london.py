"""London's time zone, in which days begin and end. Moments are UTC; dates are London's."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
# Most deadlines end on the days of the next few years.
MOST_DAYS = 1_024

# Summer time begins and ends at one o'clock Greenwich mean time, by the Summer Time Order 2002.
CLOCKS_CHANGE_AT = time(1, tzinfo=UTC)


def day_of(moment: datetime) -> date:
    """Return London's date at an aware moment: 23:30Z on 30 June is already 1 July there."""
    if moment.tzinfo is None:
        raise TypeError("expected an aware moment, got one without a time zone")
    return moment.astimezone(LONDON).date()


@lru_cache(maxsize=MOST_DAYS)
def closes_at(on: date, cut_off: time | None = None) -> datetime:
    """Return the moment in UTC before which something due on that day is done in time.

    Without a cut-off that is the midnight at which London's day ends. With one it is the first
    moment of the day at which London's clocks show the cut-off or later: of an hour that happens
    twice the first counts, and a time that is skipped in spring has come when the clocks go forward.
    """
    if isinstance(on, datetime):
        raise TypeError(f"expected a date in London, got the moment {on.isoformat()}")
    if cut_off is None:
        return _in_utc(on + timedelta(days=1), time(0))
    if cut_off.tzinfo is not None:
        raise TypeError(f"expected a time on London's clocks, got {cut_off.isoformat()}")
    at = _in_utc(on, cut_off.replace(fold=0))
    was_skipped = at.astimezone(LONDON).time() != cut_off
    return datetime.combine(on, CLOCKS_CHANGE_AT) if was_skipped else at


def _in_utc(on: date, clock: time) -> datetime:
    return datetime.combine(on, clock, LONDON).astimezone(UTC)
