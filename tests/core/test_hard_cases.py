"""Cases thought up to break the engine: two placements, halts over holidays, facts late or taken back."""

from dataclasses import replace

import pytest

from chalicelib.core.case import State
from chalicelib.core.effects import Halt, Resume
from chalicelib.core.history import History
from chalicelib.core.matching import View
from chalicelib.protocol_files import Shelf
from tests.builders import convened, day, ended, fact, held, sent, step, withdrawn
from tests.stories import CALENDAR, Story, rules

SHELF = Shelf()
TOWER_HAMLETS = SHELF.load("tower-hamlets-2026-01-01")
PLANNING = SHELF.load("placement-planning-2026-01-01")
GUIDANCE = SHELF.load("placement-support-guidance-2023-02-01")


def concern(on, placement_id, **fields):
    return fact("concern_raised", on, reasons=["at_risk"], placement_id=placement_id, **fields)


def considered(on, placement_id=None):
    by = {"placement_id": placement_id} if placement_id else {}
    return fact(
        "step_done",
        on,
        step="support_meeting_considered",
        by=["social_worker"],
        outcome="not_needed",
        because="No.",
        **by,
    )


# --- two placements -------------------------------------------------------------------------


def test_a_worry_about_a_new_placement_joins_no_clock_of_the_one_before():
    story = Story(rules(GUIDANCE)).told(
        concern("Mon 5 Oct 2026", "P-1"), ended("Wed 7 Oct 2026", "P-1"), concern("Mon 12 Oct 2026", "P-2")
    )

    assert [duty.opened_on for duty in story.duties("IG-04")] == [
        day("Mon 5 Oct 2026"),
        day("Mon 12 Oct 2026"),
    ]


def test_what_is_considered_about_one_placement_leaves_the_other_ones_clock():
    story = Story(rules(GUIDANCE)).told(concern("Mon 5 Oct 2026", "P-1"), concern("Tue 6 Oct 2026", "P-2"))
    story.told(considered("Wed 7 Oct 2026", "P-2"))

    assert [duty.state for duty in story.duties("IG-04")] == [State.OPEN, State.MET]


def test_after_one_answer_to_two_clocks_each_placement_has_a_clock_of_its_own_again():
    story = Story(rules(GUIDANCE)).told(
        concern("Mon 5 Oct 2026", "P-1"),
        concern("Tue 6 Oct 2026", "P-2"),
        considered("Wed 7 Oct 2026"),
        concern("Thu 8 Oct 2026", "P-1"),
        concern("Fri 9 Oct 2026", "P-2"),
    )

    duties = story.duties("IG-04")
    assert [duty.state for duty in duties] == [State.MET, State.MET, State.OPEN, State.OPEN]
    assert len({duty.id for duty in duties}) == 4


def test_a_record_that_names_no_meeting_is_of_the_latest_one_about_its_placement():
    story = Story(rules(TOWER_HAMLETS)).told(
        held("Thu 1 Oct 2026", "m-2", placement_id="P-2", outcome="not_viable"),
        held("Fri 2 Oct 2026", "m-1", placement_id="P-1", outcome="not_viable"),
        sent("Mon 5 Oct 2026", placement_id="P-2"),
    )

    assert [duty.state for duty in story.duties("TH-35")] == [State.MET, State.OPEN]


# --- meetings -------------------------------------------------------------------------------


PLANNED = convened("Mon 5 Oct 2026", meeting="planning", invited=["social_worker", "child", "carer"])
TOLD_TWO = step("Tue 6 Oct 2026", "meeting_explained", to=["child", "parent"], meeting_id="m-1")


def test_whoever_was_invited_is_still_to_be_told_once_the_meeting_has_been_held():
    story = Story(rules(PLANNING)).told(PLANNED, TOLD_TWO)
    left = ({"to": "social_worker"}, {"to": "carer"})
    assert story.duty("PP-18").left == left

    story.told(held("Mon 12 Oct 2026", meeting="planning", present=["social_worker"]))
    assert (story.duty("PP-18").state, story.duty("PP-18").left) == (State.MISSED, left)


def test_for_what_reasons_a_meeting_was_convened_is_known_of_its_record():
    meeting = convened("Mon 5 Oct 2026", reasons=["child_behaviour"])
    record = fact("document_completed", "Tue 13 Oct 2026", document="meeting_record", meeting_id="m-1")
    history = History([meeting, held("Mon 12 Oct 2026"), record])

    assert View(TOWER_HAMLETS, history, CALENDAR).values("reasons", record) == {"child_behaviour"}
    assert View(TOWER_HAMLETS, history, CALENDAR).values("chair", record) == {"iro"}


# --- halts ----------------------------------------------------------------------------------


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


FOUND = held("Fri 2 Oct 2026", outcome="not_viable")


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


# --- what is taken back ---------------------------------------------------------------------


def test_a_withdrawal_that_is_withdrawn_lets_the_fact_count_again_and_a_third_removes_it():
    story = Story(rules(TOWER_HAMLETS)).told(FOUND)
    owed = story.duty("TH-35")
    first = withdrawn(FOUND, "Mon 5 Oct 2026 09:00")
    second = withdrawn(first, "Tue 6 Oct 2026 09:00")
    third = withdrawn(second, "Wed 7 Oct 2026 09:00")

    assert story.told(first).duties("TH-35") == []
    assert replace(story.told(second).duty("TH-35"), next_action_at=owed.next_action_at) == owed
    assert story.changes("TH-35") == ["reopened"]
    assert story.told(third).duties("TH-35") == []


def test_of_two_withdrawals_one_that_is_withdrawn_leaves_the_other():
    twice = [replace(withdrawn(FOUND, f"Mon 5 Oct 2026 09:0{number}"), id=f"w-{number}") for number in (1, 2)]
    story = Story(rules(TOWER_HAMLETS)).told(FOUND, *twice, withdrawn(twice[0], "Tue 6 Oct 2026 09:00"))

    assert story.duties("TH-35") == []


def test_withdrawals_that_go_round_in_a_ring_are_no_trouble():
    ring = [
        replace(withdrawn(FOUND, "Mon 5 Oct 2026 09:00"), id=name, replaces=other)
        for name, other in (("a", "b"), ("b", "a"))
    ]

    assert len(Story(rules(TOWER_HAMLETS)).told(FOUND, *ring).duties("TH-35")) == 1
