"""A duty that may be met from a day on: the day before is too early, that day is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.calendars import shipped_calendar
from chalicelib.core.case import State
from chalicelib.core.effects import Halt, Obligation
from chalicelib.core.explaining import explain_duty, explain_flag
from chalicelib.core.history import History
from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import Nation
from chalicelib.protocol_files import Shelf
from tests.builders import day, ended, fact, held, moment
from tests.stories import Story, rules

HAVERING = Shelf().load("havering-stability-2026-01-01")
# A Saturday before a bank holiday: day one is Tuesday, day zero moves everything on by one.
SATURDAY = "Sat 23 May 2026"


def waiting(count, unit, day_zero="event"):
    """The protocol, had its authority chosen another wait before a disruption meeting."""
    wait = After(count=count, unit=Unit(unit))
    chosen = replace(HAVERING.settings["day_zero"], value=day_zero)
    clauses = tuple(
        replace(each, effects=tuple(_waiting(effect, wait) for effect in each.effects))
        for each in HAVERING.clauses
    )
    return replace(HAVERING, clauses=clauses, settings={**HAVERING.settings, "day_zero": chosen})


def _waiting(effect, wait):
    waits = isinstance(effect, Obligation) and effect.not_before is not None
    return replace(effect, not_before=wait) if waits else effect


def meeting(on):
    return held(f"{on:%a} {on.day} {on:%b %Y}", "d-1", meeting="disruption")


@pytest.mark.parametrize(
    ("ended_on", "wait", "first"),
    [
        (SATURDAY, (3, "working_days"), "Thu 28 May 2026"),
        (SATURDAY, (3, "working_days", "first_working_day"), "Fri 29 May 2026"),
        (SATURDAY, (3, "days"), "Tue 26 May 2026"),
        (SATURDAY, (3, "days", "first_working_day"), "Tue 26 May 2026"),
        (SATURDAY, (6, "weeks"), "Sat 4 Jul 2026"),
        ("Sat 31 Jan 2026", (1, "months"), "Sat 28 Feb 2026"),
    ],
    ids=["day one", "day zero", "days", "days have no day zero", "weeks", "a month clamped"],
)
def test_the_day_before_is_too_early_and_the_day_itself_is_not(ended_on, wait, first):
    protocol = waiting(*wait)
    too_early = Story(rules(protocol)).told(ended(ended_on), meeting(day(first) - timedelta(days=1)))
    in_time = Story(rules(protocol)).told(ended(ended_on), meeting(day(first)))

    assert (too_early.duty("HV-15").state, [each.why for each in too_early.flags("HV-15")]) == (
        State.OPEN,
        ["too_early"],
    )
    assert (in_time.duty("HV-15").state, in_time.flags("HV-15")) == (State.MET, [])


def test_waiting_needs_no_clock_so_a_halt_does_not_prolong_it():
    halted = replace(HAVERING, clauses=(*waiting(3, "working_days").clauses, *_halts()))
    enquiry = {"process": "child_protection_enquiry", "process_id": "e-1"}
    story = Story(rules(halted)).told(
        ended(SATURDAY),
        fact("process_opened", "Tue 26 May 2026", **enquiry),
        fact("process_ended", "Wed 27 May 2026", id="over", **enquiry),
    )

    assert (
        explain_duty(story.duty("HV-15"), story.rules, History(story.case.facts))["not_before"]
        == "2026-05-28"
    )
    assert story.told(meeting(day("Thu 28 May 2026"))).duty("HV-15").state is State.MET


def _halts():
    """The clauses of Tower Hamlets that stop every clock while an enquiry is open."""
    whole = Shelf().load("tower-hamlets-2026-01-01")
    return tuple(each for each in whole.clauses if any(isinstance(e, Halt) for e in each.effects))


def test_one_month_is_said_as_one_and_where_it_lacks_the_day():
    story = Story(rules(waiting(1, "months"))).told(ended("Sat 31 Jan 2026"))
    sentences = explained(story)["sentences"]

    begins = sentences.index("Not before Saturday 28 February 2026: 1 month is to pass first.")
    assert sentences[begins + 1] == "February 2026 has no day 31, so its last day is taken."


# --- when the calendar changes --------------------------------------------------------------

CLOSED = {day("Tue 26 May 2026"): "Closed"}


def explained(story):
    return explain_duty(story.duty("HV-15"), story.rules, History(story.case.facts))


def test_what_was_too_early_is_explained_by_the_calendar_by_which_it_was():
    protocol = waiting(3, "working_days")
    closed = replace(rules(protocol), calendar=shipped_calendar(Nation.ENGLAND, CLOSED), calendar_hash="was")
    story = Story(closed).told(ended(SATURDAY), meeting(day("Thu 28 May 2026")))
    story.counted_by(shipped_calendar(Nation.ENGLAND), moment("Fri 29 May 2026 10:00"))

    (flag,) = story.flags("HV-15")
    told = explained(story)
    assert told["not_before"] == "2026-05-28"
    assert told["nearest"]["but"] == ["before Friday 29 May 2026, the first day on which it counts"]
    assert explain_flag(flag, story.rules, History(story.case.facts))["earliest"] == "2026-05-29"


def test_what_came_in_time_is_not_said_to_have_come_too_early_when_a_day_is_closed_later():
    story = Story(rules(waiting(3, "working_days"))).told(ended(SATURDAY), meeting(day("Thu 28 May 2026")))
    story.counted_by(shipped_calendar(Nation.ENGLAND, CLOSED), moment("Fri 29 May 2026 10:00"))

    assert story.duty("HV-15").state is State.MET
    assert explained(story)["not_before"] == "2026-05-28"
