"""Cases thought up to break the engine: two placements, halts over holidays, things told late or taken back."""

from chalicelib.core.case import State
from chalicelib.protocol_files import Shelf
from tests.builders import day, ended, fact
from tests.stories import Story, rules

SHELF = Shelf()
TOWER_HAMLETS = SHELF.load("tower-hamlets-2026-01-01")
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
