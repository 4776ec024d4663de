"""While the clocks stand still: what is due when, who hears of it, and how the counting goes on."""

from dataclasses import replace

import pytest

from chalicelib.core.effects import Halt, Resume
from chalicelib.core.explaining import explain_duty
from chalicelib.core.history import History
from chalicelib.protocol_files import Shelf
from tests.builders import (
    challenge,
    clock,
    convened,
    corrected,
    day,
    ended,
    fact,
    held,
    moment,
    referral,
    resolved,
    sent,
    withdrawn,
)
from tests.stories import WEXCOMBE, Story, rules

TOWER_HAMLETS = Shelf().load("tower-hamlets-2026-01-01")


FOUND = held("Fri 2 Oct 2026", outcome="not_viable")


def enquiry(first, last=None, process_id="cp-1"):
    """A child protection enquiry: its opening and, where it ended, its end."""
    about = {"process": "child_protection_enquiry", "process_id": process_id}
    opened = fact("process_opened", first, id=f"opened-{process_id}", **about)
    return [opened, fact("process_ended", last, id=f"ended-{process_id}", **about)] if last else [opened]


def restarting(protocol):
    """The same protocol, had its authority chosen that a halt restarts the clocks."""
    return replace(protocol, clauses=tuple(_restarting(each) for each in protocol.clauses))


def _restarting(clause):
    halts = (
        replace(each, resume=Resume.RESTART) if isinstance(each, Halt) else each for each in clause.effects
    )
    return replace(clause, effects=tuple(halts))


def test_a_clock_that_restarts_begins_anew_when_the_halt_ends():
    story = Story(rules(restarting(TOWER_HAMLETS))).told(FOUND, *enquiry("Mon 5 Oct 2026", "Fri 16 Oct 2026"))

    assert story.duty("TH-35").due_on == day("Wed 21 Oct 2026")


@pytest.mark.parametrize("protocol", [TOWER_HAMLETS, restarting(TOWER_HAMLETS)])
def test_what_was_overdue_before_a_halt_stays_overdue_after_it(protocol):
    story = Story(rules(protocol)).told(FOUND)
    assert story.duty("TH-35").due_on == day("Wed 7 Oct 2026")

    story.told(*enquiry("Thu 8 Oct 2026", "Fri 16 Oct 2026"))
    assert story.duty("TH-35").due_on == day("Wed 7 Oct 2026")


def turned(protocol):
    """The same protocol with every ladder's rungs in the other order."""
    ladders = (replace(each, rungs=tuple(reversed(each.rungs))) for each in protocol.ladders)
    return replace(protocol, ladders=tuple(ladders))


def test_a_halt_makes_nobody_hear_of_a_duty_again_wherever_its_rungs_stand():
    story = Story(rules(turned(TOWER_HAMLETS))).told(
        convened("Fri 2 Oct 2026", planned_for="Wed 14 Oct 2026")
    )
    assert "iro" in story.roles_told("TH-13", "rung|opened")

    for each in enquiry("Mon 5 Oct 2026", "Tue 6 Oct 2026"):
        assert story.told(each).roles_told("TH-13", "rung|") == []


def test_a_flag_of_a_former_version_climbs_no_more_than_others_while_its_clocks_are_halted():
    later = replace(TOWER_HAMLETS, id="tower-hamlets-2027-01-01", clauses=())
    words = {"from": (TOWER_HAMLETS.id,), "to": (later.id,)}
    flagged = fact("decision_made", "Fri 2 Oct 2026", decision="move", by=["team_manager"])
    left = replace(fact("protocol_moved", "Mon 5 Oct 2026"), words=words)
    story = Story(replace(rules(later), former=(TOWER_HAMLETS,))).told(flagged, left)
    assert any(flag.next_action_at for flag in story.flags("TH-25"))

    story.told(*enquiry("Tue 6 Oct 2026"))
    assert not any(flag.next_action_at for flag in story.flags("TH-25"))


# --- dates over a halt ----------------------------------------------------------------------


def halted_in_wexcombe():
    """Wexcombe's protocol with Tower Hamlets' halt: it counts days, weeks and months as well."""
    stops = tuple(each for each in TOWER_HAMLETS.clauses if any(isinstance(e, Halt) for e in each.effects))
    return replace(WEXCOMBE, clauses=(*WEXCOMBE.clauses, *stops))


def test_days_weeks_and_months_go_on_by_each_day_of_a_halt_over_christmas():
    story = Story(rules(halted_in_wexcombe())).told(ended("Tue 22 Dec 2026"))
    assert dates(story) == ["Tue 5 Jan 2027", "Mon 22 Mar 2027", "Fri 1 Jan 2027"]

    story.told(*enquiry("Thu 24 Dec 2026", "Tue 29 Dec 2026"))
    assert dates(story) == ["Mon 11 Jan 2027", "Sun 28 Mar 2027", "Thu 7 Jan 2027"]


def dates(story):
    return [f"{each.due_on:%a} {each.due_on.day} {each.due_on:%b %Y}" for each in story.duties("WX-04")]


@pytest.mark.parametrize(
    ("first", "last", "due"),
    [
        ("Thu 24 Dec 2026", "Tue 29 Dec 2026", "Thu 31 Dec 2026"),
        ("Fri 25 Dec 2026", "Mon 28 Dec 2026", "Tue 29 Dec 2026"),
        ("Tue 29 Dec 2026", "Fri 1 Jan 2027", "Mon 4 Jan 2027"),
        ("Wed 30 Dec 2026", "Fri 1 Jan 2027", "Tue 29 Dec 2026"),
        ("Tue 22 Dec 2026", "Tue 22 Dec 2026", "Tue 29 Dec 2026"),
    ],
    ids=["across", "only closed days", "the last day", "after the last day", "the day of the event"],
)
def test_three_working_days_over_christmas_lose_only_working_days_to_a_halt(first, last, due):
    found = held("Tue 22 Dec 2026", outcome="not_viable")
    story = Story(rules(TOWER_HAMLETS)).told(found, *enquiry(first, last))

    assert story.duty("TH-35").due_on == day(due)


def test_two_halts_that_overlap_stop_the_clock_until_the_last_has_ended_and_no_day_is_lost_twice():
    story = Story(rules(TOWER_HAMLETS)).told(
        FOUND,
        *enquiry("Mon 5 Oct 2026", "Thu 8 Oct 2026", "cp-1"),
        *enquiry("Wed 7 Oct 2026", None, "cp-2"),
    )
    assert (story.duty("TH-35").halted, story.duty("TH-35").due_on) == (True, None)

    story.told(enquiry("Wed 7 Oct 2026", "Mon 12 Oct 2026", "cp-2")[1])
    assert (story.duty("TH-35").halted, story.duty("TH-35").due_on) == (False, day("Thu 15 Oct 2026"))


def test_what_is_opened_during_a_halt_starts_stopped_and_counts_from_its_end():
    story = Story(rules(TOWER_HAMLETS)).told(*enquiry("Thu 1 Oct 2026"), FOUND, referral("Fri 2 Oct 2026"))
    assert [story.duty(clause).halted for clause in ("TH-35", "TH-21")] == [True, True]

    story.told(enquiry("Thu 1 Oct 2026", "Tue 6 Oct 2026")[1])
    assert story.duty("TH-35").due_on == day("Fri 9 Oct 2026")
    assert story.duty("TH-21").due_on == day("Wed 7 Oct 2026")


def test_what_is_due_by_a_meeting_planned_within_a_halt_is_due_the_day_after_it():
    meeting = convened("Thu 1 Oct 2026", planned_for="Wed 7 Oct 2026")
    story = Story(rules(TOWER_HAMLETS)).told(meeting, *enquiry("Mon 5 Oct 2026", "Thu 8 Oct 2026"))

    assert (story.duty("TH-13").due_on, story.duty("TH-13").provisional) == (day("Fri 9 Oct 2026"), True)


def test_what_was_met_before_a_halt_keeps_the_date_that_it_had():
    story = Story(rules(TOWER_HAMLETS)).told(FOUND, sent("Mon 5 Oct 2026", "m-1"))
    for each in enquiry("Tue 6 Oct 2026", "Fri 16 Oct 2026"):
        assert story.told(each).changes("TH-35") == []

    assert story.duty("TH-35").due_on == day("Wed 7 Oct 2026")
    said = explain_duty(story.duty("TH-35"), story.rules, History(story.case.facts))
    assert said["days"][-1]["on"] == "2026-10-07"


# --- what is told of it ---------------------------------------------------------------------


def test_nothing_climbs_during_a_halt_and_what_is_left_is_chased_after_it():
    story = Story(rules(TOWER_HAMLETS)).told(FOUND, *enquiry("Mon 5 Oct 2026"))
    assert story.duty("TH-35").next_action_at is None

    story.told(clock("Mon 12 Oct 2026 08:00"))
    assert story.latest.notices == ()

    story.told(enquiry("Mon 5 Oct 2026", "Mon 12 Oct 2026")[1])
    assert story.duty("TH-35").due_on == day("Thu 15 Oct 2026")
    story.told(clock("Wed 14 Oct 2026 08:00"))
    assert story.roles_told("TH-35", "rung|before_due")


def test_a_halt_learned_of_late_takes_the_date_away_and_what_was_said_of_it_is_not_said_again():
    story = Story(rules(TOWER_HAMLETS)).told(FOUND, clock("Thu 8 Oct 2026 08:00"))
    assert story.roles_told("TH-35", "rung|after_due")

    story.told(*enquiry("Mon 5 Oct 2026", "Fri 9 Oct 2026"))
    assert story.duty("TH-35").due_on == day("Wed 14 Oct 2026")
    assert story.told(clock("Tue 13 Oct 2026 07:59")).roles_told("TH-35", "rung|") == []
    assert story.told(clock("Thu 15 Oct 2026 08:00")).roles_told("TH-35", "rung|after_due")


def test_a_correction_of_the_day_on_which_a_halt_ended_moves_what_was_due_and_tells_it_once():
    opened, over = enquiry("Mon 5 Oct 2026", "Fri 9 Oct 2026")
    _, later = enquiry("Mon 5 Oct 2026", "Mon 12 Oct 2026")
    story = Story(rules(TOWER_HAMLETS)).told(FOUND, opened, over)
    story.told(corrected(over, later, "Tue 13 Oct 2026 09:00"))

    assert story.duty("TH-35").due_on == day("Thu 15 Oct 2026")
    assert story.changes("TH-35") == ["moved"]
    assert len(story.roles_told("TH-35", "moved")) == len(set(story.roles_told("TH-35", "moved"))) == 5


def test_a_halt_that_never_was_gives_every_date_back():
    story = Story(rules(TOWER_HAMLETS)).told(FOUND)
    before = story.duty("TH-35")
    (opened,) = enquiry("Mon 5 Oct 2026")
    story.told(opened, withdrawn(opened, "Tue 6 Oct 2026 09:00"))

    assert story.duty("TH-35") == before
    assert story.changes("TH-35") == ["resumed"]


def test_what_falls_before_a_halt_that_is_yet_to_come_is_chased_until_then():
    (opened,) = enquiry("Mon 9 Nov 2026")
    story = Story(rules(TOWER_HAMLETS)).told(
        FOUND, replace(opened, learned_at=moment("Mon 5 Oct 2026 09:00"))
    )
    assert story.duty("TH-35").due_on == day("Wed 7 Oct 2026")

    assert story.told(clock("Thu 8 Oct 2026 08:00")).roles_told("TH-35", "rung|after_due")
    story.told(clock("Mon 9 Nov 2026 08:00"))
    assert (story.latest.notices, story.duty("TH-35").next_action_at) == ((), None)


# --- beside a freeze ------------------------------------------------------------------------


def test_freezes_bar_the_move_during_a_halt_until_each_of_them_has_ended():
    referred = fact("process_opened", "Tue 6 Oct 2026", process="advocacy_referral", process_id="ad-1")
    story = Story(rules(TOWER_HAMLETS)).told(
        challenge("Mon 5 Oct 2026"), referred, *enquiry("Mon 5 Oct 2026"), resolved("Thu 8 Oct 2026")
    )
    for on, barring in [
        ("Sun 4 Oct 2026", set()),
        ("Mon 5 Oct 2026", {"TH-39"}),
        ("Wed 7 Oct 2026", {"TH-39", "TH-40"}),
        ("Fri 9 Oct 2026", {"TH-40"}),
    ]:
        story.told(ended(on, id=f"ended-{on}"))
        flags = [each for each in story.case.standing.flags if each.fact_id == f"ended-{on}"]
        assert {each.clause for each in flags if each.why == "frozen"} == barring


def test_a_halt_stops_no_other_protocols_clocks():
    other = replace(TOWER_HAMLETS, id="other-2026-01-01", clauses=unhalted())
    story = Story(rules(TOWER_HAMLETS, other)).told(FOUND, *enquiry("Mon 5 Oct 2026"))

    assert story.duty("TH-35").due_on is None
    assert story.duty("OT-35").due_on == day("Wed 7 Oct 2026")


def unhalted():
    return tuple(
        replace(each, id=f"OT-{each.id[3:]}") for each in TOWER_HAMLETS.clauses if each.id != "TH-44"
    )
