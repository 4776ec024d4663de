"""How the date of a duty was counted, as data and drawn: halts, conventions and calendars that change."""

from dataclasses import replace

import pytest

from chalicelib.calendar_picture.span import Span
from chalicelib.calendars import shipped_calendar
from chalicelib.core.effects import Halt, Resume
from chalicelib.core.errors import NotFound
from chalicelib.core.protocol import Protocol
from chalicelib.core.trace import Trace
from chalicelib.core.working_days import Nation
from chalicelib.day_counts.duty import Counted, drawn, of_case, told
from chalicelib.protocol_files import Shelf
from tests.builders import day, ended, fact, held, moment
from tests.stories import WEXCOMBE, Story, rules

WHOLE = Shelf().load("tower-hamlets-2026-01-01")
FOUND = held("Fri 2 Oct 2026", outcome="not_viable")


def enquiry(first: str, last: str | None = None) -> list[Trace]:
    """A child protection enquiry, which halts the clocks: its opening and, where it ended, its end."""
    about = {"process": "child_protection_enquiry", "process_id": "cp-1"}
    opened = fact("process_opened", first, id="opened", **about)
    return [opened, fact("process_ended", last, id="ended", **about)] if last else [opened]


def restarting(protocol: Protocol) -> Protocol:
    """The same protocol, had its authority chosen that a halt restarts the clocks."""
    clauses = (
        replace(
            clause,
            effects=tuple(
                replace(each, resume=Resume.RESTART) if isinstance(each, Halt) else each
                for each in clause.effects
            ),
        )
        for clause in protocol.clauses
    )
    return replace(protocol, clauses=tuple(clauses))


def by_day_zero(protocol: Protocol) -> Protocol:
    chosen = replace(protocol.settings["day_zero"], value="first_working_day")
    return replace(protocol, settings={**protocol.settings, "day_zero": chosen})


def counted(story: Story, clause: str) -> Counted:
    return of_case(story.case, story.duties(clause)[0].id, story.rules)


def listed(span: Span) -> list[str]:
    return [span.said(on) for on in span.shown]


def test_a_halt_is_told_and_drawn_day_by_day() -> None:
    story = Story(rules(WHOLE)).told(FOUND, *enquiry("Mon 5 Oct 2026", "Wed 7 Oct 2026"))
    found = counted(story, "TH-35")

    assert told(found)["due_on"] == "2026-10-12"
    assert listed(drawn(found)) == [
        "Friday 2 October 2026: counted from, and not itself counted",
        "Saturday 3 October 2026: not counted, a weekend",
        "Sunday 4 October 2026: not counted, a weekend",
        "Monday 5 October 2026: not counted, the clock stood still",
        "Tuesday 6 October 2026: not counted, the clock stood still",
        "Wednesday 7 October 2026: not counted, the clock stood still",
        "Thursday 8 October 2026: working day 1",
        "Friday 9 October 2026: working day 2",
        "Saturday 10 October 2026: not counted, a weekend",
        "Sunday 11 October 2026: not counted, a weekend",
        "Monday 12 October 2026: working day 3; due",
    ]
    assert [run.letter for run in drawn(found).runs] == [""]


def test_while_a_clock_stands_still_there_is_no_date_and_the_days_so_far_are_shown() -> None:
    found = counted(Story(rules(WHOLE)).told(FOUND, *enquiry("Tue 6 Oct 2026")), "TH-35")
    span = drawn(found)

    assert (told(found)["due_on"], span.last) == (None, None)
    assert str(told(found)["said"]).startswith("No date, by clause ")
    assert [on.day for on in span.numbers] == [5]
    assert "2 working days are left when it runs again." in span.sentences


def test_a_clock_that_was_restarted_shows_the_event_and_the_day_counted_from() -> None:
    story = Story(rules(restarting(WHOLE))).told(FOUND, *enquiry("Mon 5 Oct 2026", "Fri 16 Oct 2026"))
    span = drawn(counted(story, "TH-35"))

    assert (span.event, span.counted_from, span.last) == (
        day("Fri 2 Oct 2026"),
        day("Fri 16 Oct 2026"),
        day("Wed 21 Oct 2026"),
    )


def test_a_clock_that_was_restarted_under_day_zero_says_from_which_day_and_why() -> None:
    story = Story(rules(by_day_zero(restarting(WHOLE))))
    story.told(FOUND, *enquiry("Mon 5 Oct 2026", "Fri 16 Oct 2026"))
    span = drawn(counted(story, "TH-35"))

    assert span.counted_from == day("Mon 19 Oct 2026")
    assert (
        "3 working days after Monday 19 October 2026, the first working day from Friday 16 October 2026, "
        "the last day of a halt from which it is counted anew, which is not counted." in span.sentences
    )


def test_a_clock_that_stops_before_its_day_zero_names_no_day_that_it_has_not_reached() -> None:
    story = Story(rules(by_day_zero(WHOLE)))
    story.told(held("Sat 23 May 2026", outcome="not_viable"), *enquiry("Mon 25 May 2026"))
    found = counted(story, "TH-35")

    assert found.deadline.data()["anchor"] == {"on": "2026-05-23", "why": "opened"}
    assert listed(drawn(found)) == [
        "Saturday 23 May 2026: counted from, and not itself counted",
        "Sunday 24 May 2026: not counted, a weekend",
    ]
    first = next(found.deadline.sentences())
    assert (
        first == "3 working days after the first working day from Saturday 23 May 2026, which is not counted."
    )


def test_under_day_zero_the_days_before_it_are_shown_too() -> None:
    story = Story(rules(by_day_zero(WHOLE))).told(held("Sat 23 May 2026", outcome="not_viable"))
    found = counted(story, "TH-35")
    span = drawn(found)

    assert listed(span)[0] == "Saturday 23 May 2026: the day it happened, not counted"
    assert listed(span)[2:4] == [
        "Monday 25 May 2026: not counted, Spring bank holiday",
        "Tuesday 26 May 2026: counted from, and not itself counted",
    ]
    assert listed(span)[-1] == "Friday 29 May 2026: working day 3; due"
    assert not [each for each in found.deadline.sentences() if "day zero" in each]


def test_a_date_that_a_proclaimed_day_moved_is_drawn_with_it() -> None:
    story = Story(rules(WHOLE)).told(held("Thu 15 Oct 2026", outcome="not_viable"))
    proclaimed = shipped_calendar(Nation.ENGLAND, {day("Mon 19 Oct 2026"): "Day of thanks"})
    story.counted_by(proclaimed, moment("Fri 16 Oct 2026 09:00"))
    found = counted(story, "TH-35")

    assert told(found)["due_on"] == "2026-10-21"
    assert "Monday 19 October 2026: not counted, Day of thanks" in listed(drawn(found))
    assert any("Tuesday 20 October 2026" in each and "was due" in each for each in drawn(found).sentences)


def test_weeks_and_months_are_drawn_by_their_days() -> None:
    story = Story(rules(WEXCOMBE)).told(ended("Tue 22 Dec 2026"))
    spans = [drawn(of_case(story.case, duty.id, story.rules)) for duty in story.duties("WX-04")]

    for span in spans:
        assert span.counted_from == day("Tue 22 Dec 2026")
        assert span.last == max(span.numbers)
        assert max(span.numbers.values()) == sum(each.counted for each in span.days)


def test_what_was_skipped_is_said_in_sentences_and_shown_by_the_calendar() -> None:
    found = counted(Story(rules(WHOLE)).told(FOUND), "TH-35")

    assert any(each.startswith("Not counted: ") for each in told(found)["sentences"])  # type: ignore[attr-defined]
    assert not any(each.startswith("Not counted: ") for each in drawn(found).sentences)


def test_a_duty_that_a_case_does_not_have_is_not_found() -> None:
    story = Story(rules(WHOLE)).told(FOUND)

    with pytest.raises(NotFound):
        of_case(story.case, "o-nothing", story.rules)
