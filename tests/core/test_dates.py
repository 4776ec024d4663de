"""From an anchor to a due day: each unit, both conventions, the ends of months, and every day told."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.calendars import shipped_calendar
from chalicelib.core.dates import MOST_TOLD, add_months, days_to, due_after, said_clamp
from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import Calendar, Nation
from tests.builders import day
from tests.core import day_by_day as model

ENGLAND = shipped_calendar(Nation.ENGLAND)
DAY_ONE, DAY_ZERO = "event", "first_working_day"
SATURDAY = day("Sat 23 May 2026")

anchors = st.dates(date(2012, 6, 1), date(2030, 6, 30))
counts = st.integers(1, 60)
calendars = st.sampled_from([shipped_calendar(nation) for nation in Nation])
conventions = st.sampled_from((DAY_ONE, DAY_ZERO))


def lines(days):
    return [(each.on, each.counted, each.why) for each in days]


def after(count, unit):
    return After(count=count, unit=Unit(unit))


# --- the two conventions --------------------------------------------------------------------


@pytest.mark.parametrize(("convention", "due"), [(DAY_ONE, "Thu 28 May 2026"), (DAY_ZERO, "Fri 29 May 2026")])
def test_an_event_on_a_saturday_before_a_bank_holiday_is_due_a_day_later_under_day_zero(convention, due):
    assert due_after(SATURDAY, after(3, "working_days"), convention, ENGLAND).on == day(due)


def test_under_day_zero_the_days_before_it_are_told_too():
    assert lines(days_to(SATURDAY, after(3, "working_days"), DAY_ZERO, ENGLAND)) == [
        (day("Sun 24 May 2026"), False, "Sunday"),
        (day("Mon 25 May 2026"), False, "Spring bank holiday"),
        (day("Tue 26 May 2026"), False, "day zero"),
        (day("Wed 27 May 2026"), True, "working day 1"),
        (day("Thu 28 May 2026"), True, "working day 2"),
        (day("Fri 29 May 2026"), True, "working day 3"),
    ]


@given(anchors, counts, calendars)
def test_the_conventions_agree_from_a_working_day_and_differ_by_one_from_any_other(anchor, count, calendar):
    due = after(count, "working_days")
    one, zero = (due_after(anchor, due, each, calendar).on for each in (DAY_ONE, DAY_ZERO))

    if model.is_worked(anchor, calendar.closed):
        assert one == zero
        assert days_to(anchor, due, DAY_ONE, calendar) == days_to(anchor, due, DAY_ZERO, calendar)
    else:
        assert zero == model.added(one, 1, calendar.closed)


@given(anchors, counts, calendars, conventions)
def test_working_days_are_due_when_the_model_says_and_told_day_by_day(anchor, count, calendar, convention):
    due = after(count, "working_days")
    on = due_after(anchor, due, convention, calendar).on
    told = days_to(anchor, due, convention, calendar)

    wait, zero = (count, "working_days"), convention == DAY_ZERO
    assert on == model.reached(anchor, wait, set(calendar.closed), (), zero=zero)
    assert [each.on for each in told] == model.days_from(anchor, on)
    assert [each.why for each in told if each.counted] == [f"working day {n + 1}" for n in range(count)]


# --- days, weeks and months -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("Sat 31 Jan 2026", 1, "Sat 28 Feb 2026"),
        ("Mon 31 Jan 2028", 1, "Tue 29 Feb 2028"),
        ("Sun 31 May 2026", 1, "Tue 30 Jun 2026"),
        ("Thu 29 Feb 2024", 12, "Fri 28 Feb 2025"),
        ("Sun 30 Nov 2025", 3, "Sat 28 Feb 2026"),
        ("Thu 31 Dec 2026", 2, "Sun 28 Feb 2027"),
        ("Thu 15 Oct 2026", 15, "Sat 15 Jan 2028"),
    ],
)
def test_a_day_that_the_month_lacks_becomes_its_last(start, months, end):
    assert add_months(day(start), months) == day(end)


def test_that_a_month_lacks_the_day_is_said_and_nothing_where_it_has_it():
    lacks = "June 2026 has no day 31, so its last day is taken."

    assert said_clamp(day("Sun 31 May 2026"), 1) == lacks
    assert said_clamp(day("Sat 30 May 2026"), 1) == ""


@given(anchors, st.integers(1, 40), st.sampled_from(("days", "weeks", "months")), calendars)
def test_days_weeks_and_months_are_due_when_the_model_says(anchor, count, unit, calendar):
    assert due_after(anchor, after(count, unit), DAY_ZERO, calendar).on == model.later(anchor, count, unit)


@given(anchors, st.integers(1, 40))
def test_a_month_never_runs_over_into_the_next_and_keeps_its_day_where_it_can(start, months):
    end = add_months(start, months)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(anchors, st.integers(-40, 40))
def test_months_back_lead_to_the_same_day_or_the_last_of_that_month(start, months):
    assert add_months(start, months) == max(
        end
        for end in model.days_from(start - timedelta(days=1500), start + timedelta(days=1500))
        if (end.year * 12 + end.month) - (start.year * 12 + start.month) == months and end.day <= start.day
    )


@pytest.mark.parametrize(
    ("anchor", "due", "told"),
    [
        ("Sat 23 May 2026", after(3, "days"), {"Sun 24 May 2026": "day 1", "Tue 26 May 2026": "day 3"}),
        (
            "Fri 22 May 2026",
            after(2, "weeks"),
            {
                "Fri 29 May 2026": "day 7, week 1",
                "Sat 30 May 2026": "day 8, week 2",
                "Fri 5 Jun 2026": "day 14, week 2",
            },
        ),
        (
            "Sat 31 Jan 2026",
            after(3, "months"),
            {
                "Sat 28 Feb 2026": "day 28, month 1",
                "Sun 1 Mar 2026": "day 29, month 2",
                "Tue 31 Mar 2026": "day 59, month 2",
                "Thu 30 Apr 2026": "day 89, month 3",
            },
        ),
    ],
    ids=["days", "weeks", "months"],
)
def test_every_day_of_days_weeks_and_months_is_counted_and_says_where_it_stands(anchor, due, told):
    days = days_to(day(anchor), due, DAY_ONE, ENGLAND)
    said = {each.on: each.why for each in days}

    assert all(each.counted for each in days)
    assert days[-1].on == due_after(day(anchor), due, DAY_ONE, ENGLAND).on
    assert {on: said[day(on)] for on in told} == told


@given(anchors, counts, st.sampled_from(Unit), conventions, calendars)
def test_each_day_is_of_one_sort_and_only_those_of_the_first_are_counted(
    anchor, count, unit, convention, calendar
):
    for each in days_to(anchor, after(count, unit), convention, calendar):
        assert each.counted == (each.sort == "counted")
        assert (each.sort == "weekend") == (each.on.weekday() >= SATURDAY.weekday() and not each.counted)


def test_a_sort_is_what_a_day_is_and_not_how_a_closure_is_called():
    closed = {
        day("Wed 27 May 2026"): "Wednesday",
        day("Thu 28 May 2026"): "halted",
        day("Fri 29 May 2026"): "day zero",
    }
    calendar = Calendar(nation=Nation.ENGLAND, closed=closed, horizon=day("Sun 31 Dec 2028"))
    halt = {day("Thu 28 May 2026"): "by the court"}

    told = days_to(day("Tue 26 May 2026"), after(1, "working_days"), DAY_ONE, calendar)
    assert [each.sort for each in told] == ["closed", "closed", "closed", "weekend", "weekend", "counted"]
    halted = days_to(day("Tue 26 May 2026"), after(1, "working_days"), DAY_ONE, calendar, halt)
    assert [each.sort for each in halted[:3]] == ["closed", "halt", "closed"]
    assert [each.why for each in halted[:3]] == ["Wednesday", "by the court", "day zero"]
    zero = days_to(day("Wed 27 May 2026"), after(1, "working_days"), DAY_ZERO, calendar)
    assert [(each.on.day, each.sort) for each in zero[-2:]] == [(1, "day_zero"), (2, "counted")]


def test_days_that_a_halt_took_are_told_as_left_out():
    halted = dict.fromkeys((day("Sat 23 May 2026"), day("Sun 24 May 2026")), "halted")
    told = days_to(day("Fri 22 May 2026"), after(2, "days"), DAY_ONE, ENGLAND, halted)

    assert [each.sort for each in told] == ["halt", "halt", "counted", "counted"]
    assert lines(told) == [
        (day("Sat 23 May 2026"), False, "halted"),
        (day("Sun 24 May 2026"), False, "halted"),
        (day("Mon 25 May 2026"), True, "day 1"),
        (day("Tue 26 May 2026"), True, "day 2"),
    ]


@pytest.mark.parametrize(
    ("due", "days"),
    [
        (after(MOST_TOLD, "days"), MOST_TOLD),
        (after(MOST_TOLD + 1, "days"), 0),
        (after(12, "months"), 365),
        (after(13, "months"), 0),
    ],
)
def test_a_wait_of_more_than_a_year_is_not_told_day_by_day(due, days):
    assert len(days_to(day("Thu 1 Jan 2026"), due, DAY_ONE, ENGLAND)) == days


# --- the horizon ----------------------------------------------------------------------------


def provisional(unit, horizon):
    calendar = Calendar(nation=Nation.ENGLAND, closed={}, horizon=day(horizon))
    return due_after(SATURDAY, after(1, unit), DAY_ONE, calendar).provisional


def test_working_days_past_the_last_day_published_are_provisional_and_on_it_they_are_not():
    assert provisional("working_days", "Sun 24 May 2026")
    assert not provisional("working_days", "Mon 25 May 2026")


@pytest.mark.parametrize("unit", ["days", "weeks", "months"])
def test_no_bank_holiday_moves_days_weeks_and_months_so_they_are_never_provisional(unit):
    assert not provisional(unit, "Sat 23 May 2026")
