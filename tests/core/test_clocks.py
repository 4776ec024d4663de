"""The clocks themselves, on the first and the last day of a halt: what stands still, and what was known."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from chalicelib.core.clocks import Clocks, Pause
from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import Calendar, Nation
from tests.builders import day, moment

PLAIN = Calendar(nation=Nation.ENGLAND, closed={}, horizon=day("Sun 31 Dec 2028"))
MONDAY, WEDNESDAY = day("Mon 1 Jun 2026"), day("Wed 3 Jun 2026")
ONE_DAY = timedelta(days=1)


def halt(first=MONDAY, last=None, *, restarts=False):
    return Pause(first=first, last=last, restarts=restarts)


def clocks(*pauses, **ours):
    return Clocks(calendar=PLAIN, day_zero="event", pauses=pauses, **ours)


def test_a_halt_that_lasts_stops_the_clocks_from_the_midnight_on_which_it_begins():
    stopped = clocks(halt(), heard=moment("Mon 1 Jun 2026 00:00"))

    assert stopped.stops_at == moment("Mon 1 Jun 2026 00:00")
    assert stopped.stops_at.tzinfo is UTC
    assert stopped.stand_still
    assert not replace(stopped, heard=moment("Sun 31 May 2026 23:59")).stand_still


def test_on_the_first_day_of_a_halt_it_has_begun_and_the_day_before_it_has_not():
    later = clocks(halt(), halt(day("Mon 8 Jun 2026")))

    assert later.until(MONDAY).pauses == (halt(),)
    assert later.until(MONDAY - ONE_DAY).pauses == ()


def test_on_the_last_day_of_a_halt_it_is_known_to_have_ended_and_the_day_before_it_lasts():
    ended = clocks(halt(last=WEDNESDAY))

    assert ended.as_of(MONDAY - ONE_DAY).pauses == ()
    assert ended.as_of(MONDAY).pauses == (halt(),)
    assert ended.as_of(WEDNESDAY - ONE_DAY).pauses == (halt(),)
    assert ended.as_of(WEDNESDAY).pauses == (halt(last=WEDNESDAY),)


def test_a_halt_closes_the_weekdays_that_it_touches_and_says_why():
    closed = clocks(halt(day("Fri 5 Jun 2026"), day("Mon 8 Jun 2026"))).counting.closed

    assert closed == {day("Fri 5 Jun 2026"): "halted", day("Mon 8 Jun 2026"): "halted"}


def test_a_halt_that_lasts_hides_none_that_ended():
    lasting, ended = halt(), halt(day("Mon 15 Jun 2026"), day("Tue 16 Jun 2026"))

    assert day("Tue 16 Jun 2026") in clocks(lasting, ended).counting.closed


def test_which_day_is_not_counted_is_the_same_with_a_halt_and_without_one():
    due = After(count=1, unit=Unit.WORKING_DAYS)
    plain = clocks()

    for halts in ((), (halt(day("Mon 3 Aug 2026"), day("Tue 4 Aug 2026")),)):
        of_event = replace(plain, pauses=halts)
        of_first = replace(of_event, day_zero="first_working_day")
        assert of_event.after(day("Sat 30 May 2026"), due).on == MONDAY
        assert of_first.after(day("Sat 30 May 2026"), due).on == MONDAY + ONE_DAY


@pytest.mark.parametrize(
    ("days", "due"), [(2, "Sun 31 May 2026"), (3, "Thu 4 Jun 2026"), (4, "Fri 5 Jun 2026")]
)
def test_what_would_fall_on_the_first_day_of_a_halt_is_put_off_and_what_falls_before_it_is_not(days, due):
    halted = clocks(halt(last=WEDNESDAY))

    assert halted.after(day("Fri 29 May 2026"), After(count=days, unit=Unit.DAYS)).on == day(due)


@pytest.mark.parametrize(
    ("fixed", "due"),
    [
        ("Sun 31 May 2026", "Sun 31 May 2026"),
        ("Mon 1 Jun 2026", "Thu 4 Jun 2026"),
        ("Wed 3 Jun 2026", "Thu 4 Jun 2026"),
        ("Thu 4 Jun 2026", "Thu 4 Jun 2026"),
    ],
)
def test_a_fixed_day_that_a_halt_touches_becomes_the_first_after_it(fixed, due):
    assert clocks(halt(last=WEDNESDAY)).past_halts(day(fixed)) == day(due)


@pytest.mark.parametrize(
    ("opened", "hours", "reached"),
    [
        ("Sun 31 May 2026 12:00", 24, "Thu 4 Jun 2026 12:00"),
        ("Tue 2 Jun 2026 12:00", 24, "Fri 5 Jun 2026 00:00"),
        # Reached when the halt begins, or opened when it has ended: it takes nothing away.
        ("Sun 31 May 2026 00:00", 24, "Mon 1 Jun 2026 00:00"),
        ("Thu 4 Jun 2026 00:00", 24, "Fri 5 Jun 2026 00:00"),
        ("Mon 8 Jun 2026 12:00", 24, "Tue 9 Jun 2026 12:00"),
        ("Mon 25 May 2026 12:00", 24, "Tue 26 May 2026 12:00"),
    ],
)
def test_the_hours_of_a_halt_are_not_counted(opened, hours, reached):
    assert clocks(halt(last=WEDNESDAY)).hours_after(moment(opened), hours) == moment(reached)


def test_after_a_halt_that_restarts_them_all_the_hours_are_counted_anew():
    anew = clocks(halt(last=WEDNESDAY, restarts=True))

    assert anew.hours_after(moment("Sun 31 May 2026 12:00"), 24) == moment("Fri 5 Jun 2026 00:00")
    assert anew.hours_after(moment("Mon 8 Jun 2026 12:00"), 24) == moment("Tue 9 Jun 2026 12:00")
