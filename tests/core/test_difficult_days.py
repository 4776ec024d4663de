"""The weekends and proclaimed days that are got wrong, each worked out by hand, for the nations concerned."""

import pytest

from chalicelib.calendars import shipped_calendar
from chalicelib.core.dates import due_after
from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import (
    Nation,
    add_working_days,
    is_working_day,
    subtract_working_days,
    working_days_between,
)
from tests.builders import day

CLOSED = {nation: shipped_calendar(nation).closed for nation in Nation}
ENGLISH, WELSH, SCOTTISH, IRISH = CLOSED.values()


def leads(start, count, end, closed):
    """Whether adding leads to a day, subtracting and counting back from it, and it is worked on."""
    start, end = day(start), day(end)
    back = start if is_working_day(start, closed) else subtract_working_days(start, 1, closed)
    assert add_working_days(start, count, closed) == end
    assert subtract_working_days(end, count, closed) == back
    assert working_days_between(start, end, closed) == count
    assert working_days_between(end, back, closed) == -count


# --- Christmas on each weekday --------------------------------------------------------------


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
@pytest.mark.parametrize(
    ("eve", "first", "third"),
    [
        ("Sun 24 Dec 2017", "Wed 27 Dec 2017", "Fri 29 Dec 2017"),
        ("Mon 24 Dec 2012", "Thu 27 Dec 2012", "Mon 31 Dec 2012"),
        ("Tue 24 Dec 2013", "Fri 27 Dec 2013", "Tue 31 Dec 2013"),
        ("Wed 24 Dec 2014", "Mon 29 Dec 2014", "Wed 31 Dec 2014"),
        ("Thu 24 Dec 2026", "Tue 29 Dec 2026", "Thu 31 Dec 2026"),
        ("Fri 24 Dec 2027", "Wed 29 Dec 2027", "Fri 31 Dec 2027"),
        ("Sat 24 Dec 2016", "Wed 28 Dec 2016", "Fri 30 Dec 2016"),
    ],
)
def test_christmas_takes_two_working_days_whatever_weekday_it_is(eve, first, third, closed):
    leads(eve, 1, first, closed)
    leads(eve, 3, third, closed)


# --- Easter across 1 April ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thursday", "with_monday", "without"),
    [
        ("Thu 28 Mar 2013", "Mon 8 Apr 2013", "Fri 5 Apr 2013"),
        ("Thu 29 Mar 2018", "Mon 9 Apr 2018", "Fri 6 Apr 2018"),
        ("Thu 28 Mar 2024", "Mon 8 Apr 2024", "Fri 5 Apr 2024"),
        ("Thu 25 Mar 2027", "Mon 5 Apr 2027", "Fri 2 Apr 2027"),
    ],
    ids=["Monday 1 April", "Sunday 1 April", "Monday 1 April again", "the week before"],
)
def test_five_days_from_maundy_thursday_end_a_day_sooner_in_scotland(thursday, with_monday, without):
    for closed in (ENGLISH, WELSH, IRISH):
        leads(thursday, 5, with_monday, closed)
    leads(thursday, 5, without, SCOTTISH)


# --- the days that one nation has -----------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "scottish", "english"),
    [
        ("Wed 31 Dec 2025", "Mon 5 Jan 2026", "Fri 2 Jan 2026"),
        ("Thu 31 Dec 2026", "Tue 5 Jan 2027", "Mon 4 Jan 2027"),
        ("Fri 31 Dec 2021", "Wed 5 Jan 2022", "Tue 4 Jan 2022"),
        ("Fri 30 Dec 2022", "Wed 4 Jan 2023", "Tue 3 Jan 2023"),
        ("Fri 31 Dec 2027", "Wed 5 Jan 2028", "Tue 4 Jan 2028"),
        ("Tue 31 Dec 2013", "Fri 3 Jan 2014", "Thu 2 Jan 2014"),
    ],
    ids=["Friday", "Saturday", "Sunday", "Monday after a Sunday", "Sunday in a published year", "Thursday"],
)
def test_the_second_of_january_is_scotlands_and_moves_on_from_a_weekend(start, scottish, english):
    leads(start, 1, scottish, SCOTTISH)
    leads(start, 1, english, ENGLISH)


@pytest.mark.parametrize(
    ("start", "scottish", "english"),
    [
        ("Fri 27 Nov 2026", "Tue 1 Dec 2026", "Mon 30 Nov 2026"),
        ("Fri 29 Nov 2024", "Tue 3 Dec 2024", "Mon 2 Dec 2024"),
        ("Fri 28 Nov 2025", "Tue 2 Dec 2025", "Mon 1 Dec 2025"),
        ("Wed 29 Nov 2028", "Fri 1 Dec 2028", "Thu 30 Nov 2028"),
    ],
    ids=["Monday", "Saturday", "Sunday", "Thursday"],
)
def test_st_andrews_day_moves_to_the_monday_after_a_weekend(start, scottish, english):
    leads(start, 1, scottish, SCOTTISH)
    leads(start, 1, english, ENGLISH)


@pytest.mark.parametrize(
    ("start", "irish", "english"),
    [
        ("Fri 11 Jul 2025", "Tue 15 Jul 2025", "Mon 14 Jul 2025"),
        ("Fri 10 Jul 2026", "Tue 14 Jul 2026", "Mon 13 Jul 2026"),
        ("Fri 9 Jul 2027", "Tue 13 Jul 2027", "Mon 12 Jul 2027"),
        ("Thu 11 Jul 2024", "Mon 15 Jul 2024", "Fri 12 Jul 2024"),
        ("Fri 15 Mar 2024", "Tue 19 Mar 2024", "Mon 18 Mar 2024"),
    ],
    ids=["Saturday", "Sunday", "Monday", "Friday", "St Patrick's on a Sunday"],
)
def test_the_twelfth_of_july_is_northern_irelands_and_moves_on_from_a_weekend(start, irish, english):
    leads(start, 1, irish, IRISH)
    leads(start, 1, english, ENGLISH)


# --- days that came once --------------------------------------------------------------------


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("Fri 16 Sep 2022", "Tue 20 Sep 2022"),
        ("Fri 5 May 2023", "Tue 9 May 2023"),
        ("Wed 1 Jun 2022", "Mon 6 Jun 2022"),
        ("Thu 7 May 2020", "Mon 11 May 2020"),
        ("Fri 1 May 2020", "Mon 4 May 2020"),
    ],
    ids=["a state funeral", "a coronation", "a jubilee", "the day that was moved", "where it was moved from"],
)
def test_a_proclaimed_day_is_not_counted_in_any_nation(start, end, closed):
    leads(start, 1, end, closed)


# --- the worked difference ------------------------------------------------------------------


@pytest.mark.parametrize("nation", Nation)
@pytest.mark.parametrize(
    ("day_zero", "due"), [("event", "Thu 28 May 2026"), ("first_working_day", "Fri 29 May 2026")]
)
def test_three_working_days_from_saturday_23_may_2026_differ_by_the_convention(day_zero, due, nation):
    three = After(count=3, unit=Unit.WORKING_DAYS)

    assert due_after(day("Sat 23 May 2026"), three, day_zero, shipped_calendar(nation)).on == day(due)
