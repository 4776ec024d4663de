"""Counting, on calendars small enough to see whole, and against a slow, obvious model."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.working_days import (
    MOST_DAYS,
    Calendar,
    Nation,
    add_working_days,
    days_counted,
    first_working_day,
    is_working_day,
    subtract_working_days,
    working_days_between,
)
from tests.builders import day

SPRING = {day("Mon 25 May 2026"): "Spring bank holiday"}
EASTER = {day("Fri 3 Apr 2026"): "Good Friday", day("Mon 6 Apr 2026"): "Easter Monday"}

dates = st.dates(date(2019, 12, 1), date(2031, 1, 31))
counts = st.integers(1, 60)
# Dense enough that closed days often touch each other, the weekend and the ends of the span.
closures = st.sets(st.dates(date(2020, 1, 1), date(2020, 4, 30)), max_size=40)
spring_2020 = st.dates(date(2020, 1, 1), date(2020, 4, 30))


def listed(start: date, days: int, closed: set[date]) -> list[date]:
    """The model: write out every day after `start`, then cross out those not worked."""
    written = [start + timedelta(days=ahead) for ahead in range(1, days + 1)]
    return [on for on in written if f"{on:%a}" not in ("Sat", "Sun") and on not in closed]


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


def test_subtracting_steps_back_over_the_bank_holiday():
    assert subtract_working_days(day("Tue 26 May 2026"), 1, SPRING) == day("Fri 22 May 2026")


@pytest.mark.parametrize("on", ["Sat 23 May 2026", "Sun 24 May 2026", "Mon 25 May 2026"])
def test_weekends_and_closed_days_are_not_working_days(on):
    assert not is_working_day(day(on), SPRING)


def test_every_day_up_to_the_due_day_is_explained():
    explained = days_counted(day("Sat 23 May 2026"), 3, SPRING)

    assert [(on_day.on, on_day.counted, on_day.why) for on_day in explained] == [
        (day("Sun 24 May 2026"), False, "Sunday"),
        (day("Mon 25 May 2026"), False, "Spring bank holiday"),
        (day("Tue 26 May 2026"), True, "working day 1"),
        (day("Wed 27 May 2026"), True, "working day 2"),
        (day("Thu 28 May 2026"), True, "working day 3"),
    ]


def test_no_working_days_lie_between_a_day_and_itself_or_an_earlier_one():
    assert working_days_between(day("Fri 8 May 2026"), day("Fri 8 May 2026"), set()) == 0
    assert working_days_between(day("Fri 8 May 2026"), day("Mon 4 May 2026"), set()) == 0


@pytest.mark.parametrize("count", [-1, 0, MOST_DAYS + 1])
@pytest.mark.parametrize("counting", [add_working_days, subtract_working_days, days_counted])
def test_a_count_that_makes_no_sense_is_refused(counting, count):
    with pytest.raises(ValueError, match="count must be from 1"):
        counting(day("Fri 8 May 2026"), count, {})


def test_a_span_longer_than_any_count_is_refused():
    last = add_working_days(day("Fri 8 May 2026"), MOST_DAYS, set())

    assert working_days_between(day("Fri 8 May 2026"), last, set()) == MOST_DAYS
    with pytest.raises(ValueError, match="working days"):
        working_days_between(day("Thu 7 May 2026"), last, set())


def test_a_moment_is_refused_because_it_would_walk_past_every_bank_holiday():
    moment = datetime(2026, 5, 22, 23, 30, tzinfo=UTC)

    for counting in (
        lambda: add_working_days(moment, 1, SPRING),
        lambda: working_days_between(day("Fri 8 May 2026"), moment, SPRING),
        lambda: is_working_day(moment, SPRING),
        lambda: first_working_day(moment, SPRING),
    ):
        with pytest.raises(TypeError, match="expected a date"):
            counting()


@given(spring_2020, counts, closures)
def test_adding_agrees_with_crossing_days_out_of_a_list(start, count, closed):
    expected = listed(start, 300, closed)[count - 1]

    assert add_working_days(start, count, closed) == expected
    assert days_counted(start, count, dict.fromkeys(closed, "shut"))[-1].on == expected


@given(spring_2020, spring_2020, closures)
def test_counting_agrees_with_crossing_days_out_of_a_list(start, end, closed):
    expected = len(listed(start, (end - start).days, closed))

    assert working_days_between(start, end, closed) == expected


@given(dates, counts, closures)
def test_what_was_added_can_be_counted_again(start, count, closed):
    due = add_working_days(start, count, closed)

    assert is_working_day(due, closed)
    assert working_days_between(start, due, closed) == count


@given(dates, counts, closures)
def test_subtracting_undoes_adding_from_a_working_day(on, count, closed):
    start = first_working_day(on, closed)

    assert subtract_working_days(add_working_days(start, count, closed), count, closed) == start


def test_a_calendar_is_known_by_what_it_says_and_not_the_order_it_says_it_in():
    def calendar(closed, nation=Nation.ENGLAND):
        return Calendar(nation=nation, closed=closed, horizon=day("Sun 31 Dec 2028"))

    backwards = dict(reversed(EASTER.items()))

    assert calendar(EASTER).hash == calendar(backwards).hash
    assert calendar(EASTER).hash != calendar(SPRING).hash
    assert calendar(EASTER).hash != calendar(EASTER, Nation.WALES).hash
