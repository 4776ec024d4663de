"""Halts stop the counting and keep what was left: against a clock that ticks day by day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.calendars import shipped_calendar
from chalicelib.core.clocks import HALTED, Clocks, Pause
from chalicelib.core.dates import days_to
from chalicelib.core.explaining import explain_duties
from chalicelib.core.history import History
from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import Nation
from tests.builders import day, ended
from tests.core import day_by_day as model
from tests.core.test_halts import enquiry, halted_in_wexcombe
from tests.stories import Story, rules

ENGLAND = shipped_calendar(Nation.ENGLAND)
# Easter and two bank holidays in May. Halts so close together that they often touch or overlap.
openings = st.dates(date(2026, 3, 20), date(2026, 5, 31))
halts = st.lists(
    st.builds(
        lambda first, days, anew: (first, first + timedelta(days=days), anew),
        st.dates(date(2026, 3, 20), date(2026, 6, 15)) | st.dates(date(2026, 4, 27), date(2026, 5, 10)),
        st.integers(0, 10),
        st.booleans(),
    ),
    max_size=4,
)
waits = st.tuples(st.integers(1, 25), st.just("working_days")) | st.one_of(
    st.tuples(st.integers(1, 40), st.just("days")),
    st.tuples(st.integers(1, 6), st.just("weeks")),
    st.tuples(st.integers(1, 3), st.just("months")),
)
calendars = st.sampled_from([shipped_calendar(nation) for nation in Nation])


def clocks(halted, *, calendar=ENGLAND, zero=False):
    pauses = tuple(Pause(first=first, last=last, restarts=anew) for first, last, anew in halted)
    return Clocks(calendar=calendar, day_zero="first_working_day" if zero else "event", pauses=pauses)


def due(opened_on, wait, halted, **ours):
    return clocks(halted, **ours).after(opened_on, after(wait)).on


def after(wait):
    count, unit = wait
    return After(count=count, unit=Unit(unit))


def days_of(halted):
    return {on for first, last, _ in halted for on in [first, *model.days_from(first, last)]}


@given(openings, waits, halts, calendars, st.booleans())
def test_a_clock_that_halts_stop_ends_when_the_models_does(opened_on, wait, halted, calendar, zero):
    expected = model.reached(opened_on, wait, set(calendar.closed), halted, zero=zero)

    assert due(opened_on, wait, halted, calendar=calendar, zero=zero) == expected


@given(openings, st.integers(1, 25), halts)
def test_the_working_days_that_were_left_are_left_when_the_clock_goes_on(opened_on, count, halted):
    kept = [(first, last, False) for first, last, _ in halted]
    on = due(opened_on, (count, "working_days"), kept)
    run = [each for each in model.days_from(opened_on, on) if each not in days_of(kept)]

    assert sum(model.is_worked(each, ENGLAND.closed) for each in run) == count
    assert run[-1] == on


@given(openings, waits, halts, st.booleans())
def test_the_days_that_are_told_lead_to_that_day_and_none_of_a_halt_is_counted(opened_on, wait, halted, zero):
    ours = clocks(halted, zero=zero)
    anchor, left_out = ours.anchor(opened_on, after(wait)), dict.fromkeys(days_of(halted), HALTED)
    told = days_to(anchor, after(wait), ours.day_zero, ours.counting, left_out)

    assert [each.on for each in told] == model.days_from(anchor, ours.after(opened_on, after(wait)).on)
    assert not [each for each in told if each.counted and each.on in days_of(halted)]


@given(openings, waits, halts)
def test_the_order_in_which_halts_are_known_and_how_one_is_cut_in_two_makes_no_difference(
    opened_on, wait, halted
):
    whole = due(opened_on, wait, halted)
    cut = [(on, on, anew) for first, last, anew in halted for on in [first, *model.days_from(first, last)]]

    assert due(opened_on, wait, halted[::-1]) == whole
    assert due(opened_on, wait, cut) == whole


@given(openings, waits, halts)
def test_a_halt_never_makes_anything_due_sooner_and_one_that_begins_anew_no_sooner_than_another(
    opened_on, wait, halted
):
    kept = [(first, last, False) for first, last, _ in halted]

    assert due(opened_on, wait, kept) >= due(opened_on, wait, ())
    if wait[1] != "months":  # begun anew, a month may be a shorter one
        assert due(opened_on, wait, halted) >= due(opened_on, wait, kept)


@pytest.mark.parametrize(
    ("first", "last", "anew", "on"),
    [
        ("Wed 20 May 2026", "Fri 22 May 2026", False, "Wed 27 May 2026"),
        ("Wed 20 May 2026", "Fri 22 May 2026", True, "Thu 28 May 2026"),
        ("Sat 23 May 2026", "Mon 25 May 2026", False, "Thu 21 May 2026"),
        ("Thu 21 May 2026", "Thu 21 May 2026", False, "Fri 22 May 2026"),
        ("Fri 22 May 2026", "Wed 27 May 2026", False, "Thu 21 May 2026"),
    ],
    ids=["one gone", "begun anew", "after its end", "its last day", "the day after its end"],
)
def test_three_working_days_from_a_monday(first, last, anew, on):
    halted = [(day(first), day(last), anew)]

    assert due(day("Mon 18 May 2026"), (3, "working_days"), halted) == day(on)


@pytest.mark.parametrize(
    ("second", "on"),
    [
        (("Sun 1 Mar 2026", "Tue 3 Mar 2026", True), "Fri 3 Apr 2026"),
        (("Sun 1 Mar 2026", "Tue 3 Mar 2026", False), "Fri 3 Apr 2026"),
        (("Mon 2 Mar 2026", "Tue 3 Mar 2026", False), "Mon 30 Mar 2026"),
    ],
    ids=["begun anew again", "one that touches it", "one a day later"],
)
def test_halts_that_touch_are_one_so_a_month_is_counted_anew_from_the_end_of_both(second, on):
    first = (day("Mon 16 Feb 2026"), day("Sat 28 Feb 2026"), True)
    other = (day(second[0]), day(second[1]), second[2])

    assert due(day("Fri 13 Feb 2026"), (1, "months"), [first, other]) == day(on)


@pytest.mark.parametrize(("unit", "provisional"), [("working_days", True), ("days", False), ("weeks", False)])
def test_a_halt_makes_no_date_provisional_that_no_bank_holiday_could_move(unit, provisional):
    soon = replace(ENGLAND, horizon=day("Fri 22 May 2026"))
    halted = [(day("Wed 20 May 2026"), day("Thu 28 May 2026"), False)]
    reached = clocks(halted, calendar=soon).after(day("Mon 18 May 2026"), after((5, unit)))

    assert (reached.on > soon.horizon, reached.provisional) == (True, provisional)


def test_a_duty_tells_every_day_that_a_halt_took_from_days_weeks_and_months():
    story = Story(rules(halted_in_wexcombe())).told(
        ended("Tue 22 Dec 2026"), *enquiry("Thu 24 Dec 2026", "Tue 29 Dec 2026")
    )
    told = list(explain_duties(story.duties("WX-04"), story.rules, History(story.case.facts)))

    assert len(told) == 3
    for each in told:
        left_out = [(line["on"], line["why"]) for line in each["days"] if not line["counted"]]
        assert left_out == [(f"2026-12-{number}", HALTED) for number in range(24, 30)]
        assert each["days"][-1]["on"] == each["due_on"]
