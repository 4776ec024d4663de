"""Moments are UTC and days London's, in summer and in winter and on the two days when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.london import LONDON, closes_at, day_of
from tests.builders import day, moment

FORWARD, BACK = day("Sun 29 Mar 2026"), day("Sun 25 Oct 2026")
MINUTE = timedelta(minutes=1)
NEW_YORK = ZoneInfo("America/New_York")

days = st.dates(date(2012, 1, 1), date(2035, 12, 31))
# Sundays in March and October: the clocks change on the last.
sundays = st.builds(
    lambda year, month, back: [
        on for number in range(1, 32) if (on := date(year, month, number)).weekday() == 6
    ][-back],
    st.integers(2012, 2035),
    st.sampled_from((3, 10)),
    st.sampled_from((1, 1, 2)),
)
moments = st.builds(
    lambda on, seconds: datetime.combine(on, time(0), UTC) + timedelta(seconds=seconds),
    days | sundays,
    st.integers(0, 86_399) | st.integers(-7_200, 14_400),
)
clocks = st.times() | st.builds(time, st.integers(0, 3), st.integers(0, 59), fold=st.sampled_from((0, 1)))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- the day of a moment --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "on"),
    [
        ("2026-06-30 22:59", "Tue 30 Jun 2026"),
        ("2026-06-30 23:00", "Wed 1 Jul 2026"),
        ("2026-12-31 23:59", "Thu 31 Dec 2026"),
        ("2027-01-01 00:00", "Fri 1 Jan 2027"),
        # The clocks go forward at 01:00Z: the day before ends at midnight UTC, this one at 23:00Z.
        ("2026-03-28 23:59", "Sat 28 Mar 2026"),
        ("2026-03-29 00:00", "Sun 29 Mar 2026"),
        ("2026-03-29 22:59", "Sun 29 Mar 2026"),
        ("2026-03-29 23:00", "Mon 30 Mar 2026"),
        # They go back at 01:00Z: the day before ends at 23:00Z, this one at midnight UTC.
        ("2026-10-24 22:59", "Sat 24 Oct 2026"),
        ("2026-10-24 23:00", "Sun 25 Oct 2026"),
        ("2026-10-25 23:59", "Sun 25 Oct 2026"),
        ("2026-10-26 00:00", "Mon 26 Oct 2026"),
    ],
)
def test_a_moment_is_on_the_day_that_londons_calendar_shows(at, on):
    assert day_of(utc(at)) == day(on)


def test_both_times_that_half_past_one_comes_are_on_the_same_day():
    first, again = utc("2026-10-25 00:30"), utc("2026-10-25 01:30")

    assert [f"{at.astimezone(LONDON):%H:%M}" for at in (first, again)] == ["01:30", "01:30"]
    assert day_of(first) == day_of(again) == BACK


def test_it_is_the_moment_that_counts_and_not_the_zone_it_is_written_in():
    assert day_of(datetime(2026, 6, 30, 19, 30, tzinfo=NEW_YORK)) == day("Wed 1 Jul 2026")


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(TypeError, match=r"^expected an aware moment, got one without a time zone$"):
        day_of(datetime(2026, 6, 30, 23, 30))  # noqa: DTZ001 (that is what is refused)


# --- until when a day lasts -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "at", "hours"),
    [
        ("Thu 28 May 2026", "2026-05-28 23:00", 24),
        ("Thu 31 Dec 2026", "2027-01-01 00:00", 24),
        ("Sat 28 Mar 2026", "2026-03-29 00:00", 24),
        ("Sun 29 Mar 2026", "2026-03-29 23:00", 23),
        ("Sat 24 Oct 2026", "2026-10-24 23:00", 24),
        ("Sun 25 Oct 2026", "2026-10-26 00:00", 25),
    ],
)
def test_a_day_closes_at_londons_midnight_however_many_hours_it_has(on, at, hours):
    closes = closes_at(day(on), None)

    assert closes == utc(at)
    assert closes.tzinfo is UTC
    assert closes - closes_at(day(on) - timedelta(days=1)) == timedelta(hours=hours)


@given(moments)
def test_every_moment_is_before_its_days_end_and_not_before_the_day_befores(at):
    on = day_of(at)

    assert closes_at(on - timedelta(days=1)) <= at < closes_at(on)


@pytest.mark.parametrize(
    ("on", "at"), [("Thu 28 May 2026", "2026-05-28 16:00"), ("Thu 26 Nov 2026", "2026-11-26 17:00")]
)
def test_a_cut_off_is_a_time_on_londons_clocks(on, at):
    assert closes_at(day(on), time(17)) == utc(at) == moment(f"{on} 17:00")


def test_of_an_hour_that_happens_twice_the_first_counts():
    assert closes_at(BACK, time(1, 30)) == utc("2026-10-25 00:30")
    assert closes_at(BACK, time(1, 30, fold=1)) == utc("2026-10-25 00:30")
    assert closes_at(BACK, time(2)) == utc("2026-10-25 02:00")


def test_a_time_that_is_skipped_has_come_when_the_clocks_go_forward():
    at = utc("2026-03-29 01:00")

    assert [closes_at(FORWARD, time(1, minute)) for minute in (0, 1, 30, 59)] == [at] * 4
    assert closes_at(FORWARD, time(2)) == at
    assert closes_at(FORWARD, time(0, 59)) == at - MINUTE
    assert closes_at(FORWARD, time(2, 1)) == at + MINUTE


@given(days | sundays, clocks.map(lambda at: at.replace(second=0, microsecond=0)))
def test_a_cut_off_is_the_first_minute_at_which_a_clock_on_the_wall_shows_it_or_later(on, cut_off):
    assert closes_at(on, cut_off) == watched(on, cut_off)


def watched(on, cut_off):
    """Watch the clock on the wall minute by minute, from well before the day until it shows the time."""
    at = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=2)
    while (wall := at.astimezone(LONDON)).date() < on or f"{wall:%H:%M}" < f"{cut_off:%H:%M}":
        at += MINUTE
    return at


@given(days | sundays, clocks, clocks)
def test_a_later_cut_off_never_closes_sooner_nor_after_the_days_end(on, one, other):
    earlier, later = sorted((one.replace(fold=0), other.replace(fold=0)))

    assert closes_at(on - timedelta(days=1)) <= closes_at(on, earlier) <= closes_at(on, later) < closes_at(on)


def test_a_moment_is_no_day_and_a_time_of_another_zone_no_cut_off():
    with pytest.raises(TypeError, match="expected a date"):
        closes_at(utc("2026-05-28 16:00"), None)
    with pytest.raises(TypeError, match="London's clocks"):
        closes_at(day("Thu 28 May 2026"), time(17, tzinfo=UTC))
