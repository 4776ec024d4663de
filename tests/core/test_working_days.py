"""Counting, on calendars small enough to see whole, and against a slow, obvious model."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.calendars import shipped_calendar
from chalicelib.core.working_days import (
    MOST_DAYS,
    Calendar,
    Nation,
    add_working_days,
    days_counted,
    days_counted_back,
    days_counted_between,
    first_working_day,
    is_working_day,
    subtract_working_days,
    working_days_between,
)
from tests.builders import day
from tests.core import day_by_day as model

SPRING = {day("Mon 25 May 2026"): "Spring bank holiday"}
EASTER = {day("Fri 3 Apr 2026"): "Good Friday", day("Mon 6 Apr 2026"): "Easter Monday"}

counts = st.integers(1, 60)
spring_2020 = st.dates(date(2020, 1, 1), date(2020, 4, 30))
# Dense enough that closed days often touch each other, the weekend and the ends of the span.
dense = st.sets(spring_2020, max_size=40).map(lambda days: dict.fromkeys(days, "shut"))
# A day and the closed days around it: invented ones, or those of a nation.
invented = st.tuples(spring_2020, dense)
real = st.tuples(
    st.dates(date(2012, 6, 1), date(2030, 6, 30)),
    st.sampled_from([shipped_calendar(nation).closed for nation in Nation]),
)
somewhen = invented | real


def lines(days):
    return [(each.on, each.counted, each.why) for each in days]


# --- adding ---------------------------------------------------------------------------------


def test_the_day_of_the_event_is_not_counted():
    assert add_working_days(day("Thu 7 May 2026"), 1, set()) == day("Fri 8 May 2026")


def test_easter_puts_five_days_off_until_the_second_monday():
    assert add_working_days(day("Thu 2 Apr 2026"), 5, EASTER) == day("Mon 13 Apr 2026")


def test_under_day_one_the_working_day_after_a_saturday_is_the_first():
    assert add_working_days(day("Sat 23 May 2026"), 3, SPRING) == day("Thu 28 May 2026")


def test_under_day_zero_the_working_day_after_a_saturday_is_not_counted():
    moved = first_working_day(day("Sat 23 May 2026"), SPRING)

    assert moved == day("Tue 26 May 2026")
    assert add_working_days(moved, 3, SPRING) == day("Fri 29 May 2026")


def test_a_working_day_is_its_own_first_working_day():
    assert first_working_day(day("Tue 26 May 2026"), SPRING) == day("Tue 26 May 2026")


@pytest.mark.parametrize("on", ["Sat 23 May 2026", "Sun 24 May 2026", "Mon 25 May 2026"])
def test_weekends_and_closed_days_are_not_working_days(on):
    assert not is_working_day(day(on), SPRING)


@given(somewhen, counts)
def test_adding_agrees_with_ticking_days_off(start_and_closed, count):
    start, closed = start_and_closed

    assert add_working_days(start, count, closed) == model.added(start, count, closed)


@given(somewhen)
def test_the_first_working_day_is_the_first_that_the_model_works_on(on_and_closed):
    on, closed = on_and_closed

    assert first_working_day(on, closed) == model.first_worked(on, closed)
    assert is_working_day(on, closed) == model.is_worked(on, closed)


# --- subtracting ----------------------------------------------------------------------------


def test_subtracting_steps_back_over_the_bank_holiday():
    assert subtract_working_days(day("Tue 26 May 2026"), 1, SPRING) == day("Fri 22 May 2026")


@given(somewhen, counts)
def test_subtracting_agrees_with_ticking_days_off(start_and_closed, count):
    start, closed = start_and_closed

    assert subtract_working_days(start, count, closed) == model.subtracted(start, count, closed)


@given(somewhen, counts)
def test_subtracting_undoes_adding_from_a_working_day_and_adding_undoes_subtracting(on_and_closed, count):
    on, closed = on_and_closed
    start = first_working_day(on, closed)

    assert subtract_working_days(add_working_days(start, count, closed), count, closed) == start
    assert add_working_days(subtract_working_days(start, count, closed), count, closed) == start


@given(somewhen, counts)
def test_from_a_day_off_adding_and_subtracting_come_back_to_the_working_day_before_it(on_and_closed, count):
    on, closed = on_and_closed
    if not is_working_day(on, closed):
        back = subtract_working_days(add_working_days(on, count, closed), count, closed)

        assert back == subtract_working_days(on, 1, closed)


# --- counting -------------------------------------------------------------------------------


def test_no_working_days_lie_between_a_day_and_itself():
    assert working_days_between(day("Fri 8 May 2026"), day("Fri 8 May 2026"), set()) == 0


def test_the_last_day_is_counted_and_the_first_is_not_whichever_way():
    assert working_days_between(day("Fri 22 May 2026"), day("Wed 27 May 2026"), SPRING) == 2
    assert working_days_between(day("Wed 27 May 2026"), day("Fri 22 May 2026"), SPRING) == -2


def test_towards_a_day_off_what_is_counted_differs_by_the_way():
    assert working_days_between(day("Sat 23 May 2026"), day("Wed 27 May 2026"), SPRING) == 2
    assert working_days_between(day("Wed 27 May 2026"), day("Sat 23 May 2026"), SPRING) == -1


@given(somewhen, st.integers(-120, 120))
def test_counting_agrees_with_writing_the_days_out(start_and_closed, days):
    start, closed = start_and_closed
    end = date.fromordinal(start.toordinal() + days)

    assert working_days_between(start, end, closed) == model.counted(start, end, closed)


@given(somewhen, counts)
def test_what_was_added_or_subtracted_can_be_counted_again(start_and_closed, count):
    start, closed = start_and_closed
    due = add_working_days(start, count, closed)
    begun = subtract_working_days(start, count, closed)

    assert is_working_day(due, closed)
    assert is_working_day(begun, closed)
    assert working_days_between(start, due, closed) == count
    assert working_days_between(start, begun, closed) == -count


# --- explaining -----------------------------------------------------------------------------


def test_every_day_up_to_the_due_day_is_explained():
    assert lines(days_counted(day("Sat 23 May 2026"), 3, SPRING)) == [
        (day("Sun 24 May 2026"), False, "Sunday"),
        (day("Mon 25 May 2026"), False, "Spring bank holiday"),
        (day("Tue 26 May 2026"), True, "working day 1"),
        (day("Wed 27 May 2026"), True, "working day 2"),
        (day("Thu 28 May 2026"), True, "working day 3"),
    ]


def test_going_back_the_latest_day_is_explained_first():
    assert lines(days_counted_back(day("Wed 27 May 2026"), 2, SPRING)) == [
        (day("Tue 26 May 2026"), True, "working day 1"),
        (day("Mon 25 May 2026"), False, "Spring bank holiday"),
        (day("Sun 24 May 2026"), False, "Sunday"),
        (day("Sat 23 May 2026"), False, "Saturday"),
        (day("Fri 22 May 2026"), True, "working day 2"),
    ]


def test_a_range_is_explained_to_its_end_though_that_is_not_counted():
    assert lines(days_counted_between(day("Fri 22 May 2026"), day("Mon 25 May 2026"), SPRING)) == [
        (day("Sat 23 May 2026"), False, "Saturday"),
        (day("Sun 24 May 2026"), False, "Sunday"),
        (day("Mon 25 May 2026"), False, "Spring bank holiday"),
    ]
    assert days_counted_between(day("Fri 22 May 2026"), day("Fri 22 May 2026"), SPRING) == ()


@given(somewhen, counts)
def test_an_explanation_tells_the_days_that_the_model_looks_at(start_and_closed, count):
    start, closed = start_and_closed
    due, begun = add_working_days(start, count, closed), subtract_working_days(start, count, closed)

    assert lines(days_counted(start, count, closed)) == model.told(start, due, closed)
    assert lines(days_counted_back(start, count, closed)) == model.told(start, begun, closed)


@given(somewhen, st.integers(-120, 120))
def test_a_range_is_told_as_the_model_tells_it(start_and_closed, days):
    start, closed = start_and_closed
    end = date.fromordinal(start.toordinal() + days)
    told = days_counted_between(start, end, closed)

    assert lines(told) == model.told(start, end, closed)
    assert sum(each.counted for each in told) == abs(working_days_between(start, end, closed))


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize("count", [-1, 0, MOST_DAYS + 1])
@pytest.mark.parametrize(
    "counting", [add_working_days, subtract_working_days, days_counted, days_counted_back]
)
def test_a_count_that_makes_no_sense_is_refused(counting, count):
    with pytest.raises(ValueError, match="count must be from 1"):
        counting(day("Fri 8 May 2026"), count, {})


@pytest.mark.parametrize("counting", [working_days_between, days_counted_between])
def test_a_span_longer_than_any_count_is_refused_whichever_way(counting):
    first = day("Thu 7 May 2026")
    last = add_working_days(day("Fri 8 May 2026"), MOST_DAYS, {})

    assert working_days_between(day("Fri 8 May 2026"), last, {}) == MOST_DAYS
    for start, end in ((first, last), (last, first), (date.min, date.max)):
        with pytest.raises(ValueError, match="working days"):
            counting(start, end, {})


def test_a_moment_is_refused_because_it_would_walk_past_every_bank_holiday():
    moment = datetime(2026, 5, 22, 23, 30, tzinfo=UTC)

    for counting in (
        lambda: add_working_days(moment, 1, SPRING),
        lambda: subtract_working_days(moment, 1, SPRING),
        lambda: working_days_between(day("Fri 8 May 2026"), moment, SPRING),
        lambda: days_counted_between(moment, day("Fri 8 May 2026"), SPRING),
        lambda: is_working_day(moment, SPRING),
        lambda: first_working_day(moment, SPRING),
    ):
        with pytest.raises(TypeError, match="expected a date"):
            counting()


# --- calendars ------------------------------------------------------------------------------


def test_a_calendar_is_known_by_what_it_says_and_not_the_order_it_says_it_in():
    def calendar(closed, nation=Nation.ENGLAND):
        return Calendar(nation=nation, closed=closed, horizon=day("Sun 31 Dec 2028"))

    backwards = dict(reversed(EASTER.items()))

    assert calendar(EASTER).hash == calendar(backwards).hash
    assert calendar(EASTER).hash != calendar(SPRING).hash
    assert calendar(EASTER).hash != calendar(EASTER, Nation.WALES).hash


def test_a_calendar_is_known_by_the_name_under_which_stored_dates_cite_it():
    calendar = Calendar(nation=Nation.ENGLAND, closed=EASTER, horizon=day("Sun 31 Dec 2028"))

    assert calendar.hash == "19bcd741148a0ec5"
    assert [nation.value for nation in Nation] == ["ENG", "WLS", "SCT", "NIR"]


def test_a_day_on_the_way_is_written_down_with_its_date_as_text():
    (friday, *_) = days_counted(day("Thu 2 Apr 2026"), 1, EASTER)

    assert friday.data() == {"on": "2026-04-03", "counted": False, "why": "Good Friday", "sort": "closed"}
