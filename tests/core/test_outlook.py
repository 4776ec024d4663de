"""What is next on a case: what is owed, what would be refused now, what stands still, what is missing."""

import json

import pytest

from chalicelib.core.outlook import outlook
from chalicelib.protocol_files import Shelf
from tests.builders import (
    challenge,
    convened,
    corrected,
    ended,
    fact,
    held,
    moment,
    move,
    referral,
    resolved,
    step,
)
from tests.stories import TOWER_HAMLETS, WEXCOMBE, Story, rules

SHELF = Shelf()
WHOLE = SHELF.load("tower-hamlets-2026-01-01")
PLANNING = SHELF.load("placement-planning-2026-01-01")
STABILITY = SHELF.load("havering-stability-2026-01-01")
NOT_VIABLE = held("Wed 14 Oct 2026", outcome="not_viable")
STARTED = fact("placement_started", "Thu 1 Oct 2026", placement_id="P-1")


def asked(story: Story, at: str = "Thu 22 Oct 2026 10:00"):
    return json.loads(json.dumps(outlook(story.case, story.rules, moment(at))))


def owed(story: Story, clause: str, at: str = "Thu 22 Oct 2026 10:00"):
    (found,) = (each for each in asked(story, at)["owed"] if each["clause"] == clause)
    return found


def refused(story: Story, kind: str, at: str = "Thu 22 Oct 2026 10:00"):
    """The clauses by which a step of that kind would not pass."""
    return [
        reason["clause"]
        for each in asked(story, at)["refused"]
        if each["step"]["kind"] == kind
        for reason in each["reasons"]
    ]


# --- owed -----------------------------------------------------------------------------------


def test_what_presses_most_stands_first():
    story = Story().told(
        referral("Thu 22 Oct 2026"), convened("Thu 8 Oct 2026"), NOT_VIABLE, challenge("Thu 15 Oct 2026")
    )

    assert [(each["clause"], each["urgency"]) for each in asked(story)["owed"]] == [
        ("TH-35", "overdue"),
        ("TH-21", "at_once"),
        ("TH-39", "dated"),
        ("TH-19", "undated"),
    ]


def test_what_is_owed_says_by_whom_by_when_and_what_would_meet_it():
    found = owed(Story().told(referral(), NOT_VIABLE), "TH-35", "Thu 15 Oct 2026 10:00")

    assert (found["due_on"], found["urgency"], found["overdue_working_days"]) == ("2026-10-19", "dated", None)
    assert [(each["label"], each["person_id"]) for each in found["owed_by"]] == [("social work team", "p-sw")]
    assert found["met_by"].startswith("the record of the meeting sent to each of")
    assert found["said"].startswith("Due on Monday 19 October 2026: the record of the meeting sent to")
    assert found["said"].endswith("by clause 5.14 (Placement Support Meeting Protocol).")


@pytest.mark.parametrize(
    ("today", "urgency", "late"),
    [
        ("Mon 19 Oct 2026 23:59", "dated", None),
        ("Tue 20 Oct 2026 00:01", "overdue", 1),
        ("Sat 24 Oct 2026 10:00", "overdue", 4),
    ],
)
def test_overdue_begins_when_the_last_day_in_london_has_ended(today, urgency, late):
    found = owed(Story().told(NOT_VIABLE), "TH-35", today)

    assert (found["urgency"], found["overdue_working_days"]) == (urgency, late)


def test_what_was_due_in_another_age_is_overdue_without_a_count():
    found = owed(Story().told(held("Fri 14 Jan 2000", outcome="not_viable")), "TH-35")

    assert (found["urgency"], found["overdue_working_days"]) == ("overdue", None)


def test_what_is_owed_at_once_says_for_how_many_minutes_it_has_been():
    found = owed(Story().told(referral("Thu 22 Oct 2026")), "TH-21", "Thu 22 Oct 2026 11:30")

    assert (found["urgency"], found["open_minutes"]) == ("at_once", 150)


def test_minutes_run_from_when_we_learned_of_what_nobody_gave_a_time_for():
    late, timed = (
        referral("Wed 14 Oct 2026", learned="Thu 22 Oct 2026 10:42"),
        referral("Thu 22 Oct 2026", at="09:00", learned="Thu 22 Oct 2026 10:42"),
    )
    learned = owed(Story().told(late), "TH-21", "Thu 22 Oct 2026 11:30")
    happened = owed(Story().told(timed), "TH-21", "Thu 22 Oct 2026 11:30")

    assert (learned["open_minutes"], learned["open_minutes_from"]) == (48, "learned")
    assert learned["said"].startswith("Overdue: it was due on Wednesday 14 October 2026 (6 working days ago)")
    assert (happened["open_minutes"], happened["open_minutes_from"]) == (150, "happened")


def test_what_is_due_before_something_that_has_no_day_yet_says_before_what():
    found = owed(Story(rules(WHOLE)).told(referral(), move("Wed 14 Oct 2026")), "TH-50")

    assert found["said"].startswith("Owed since Wednesday 14 October 2026, due before the placement ends:")


def test_while_the_clocks_stand_still_nothing_presses():
    opened = fact("process_opened", "Thu 15 Oct 2026", process="child_protection_enquiry", process_id="e-1")
    story = Story(rules(WHOLE)).told(NOT_VIABLE, opened)

    assert {each["urgency"] for each in asked(story)["owed"]} == {"halted"}
    assert [each["process_id"] for each in asked(story)["halted"]] == ["e-1"]
    assert owed(story, "TH-35")["resumes_when"] == ["the child protection enquiry e-1 has ended"]


def test_what_is_settled_is_no_longer_owed():
    story = Story().told(referral(), step("Wed 7 Oct 2026", "alert_acknowledged", by=["iro"]))

    assert asked(story)["owed"] == []


# --- refused now ----------------------------------------------------------------------------


def test_a_move_would_be_refused_until_the_meeting_has_been_held():
    before, after = Story().told(referral()), Story().told(referral(), held("Wed 14 Oct 2026"))

    assert refused(before, "decision_made") == ["TH-25"]
    assert refused(after, "decision_made") == []


def test_a_refusal_says_what_is_needed_what_came_near_and_the_ways_past():
    story = Story().told(referral(), held("Wed 7 Oct 2026", meeting="disruption"))
    (found,) = (each for each in asked(story)["refused"] if each["step"]["kind"] == "decision_made")
    (reason,) = found["reasons"]

    assert (found["answer"], found["step"]["fields"]) == ("refused", {"decision": ["move"]})
    assert found["said"] == (
        "If the decision “move the child” is made now, it would be refused "
        "by clause 4.3 (Placement Support Meeting Protocol)."
    )
    assert reason["needs"][0]["nearest"]["but"] == ["of another kind"]
    assert {each["name"] for each in reason["exceptions"]} >= {"immediate_harm", "safety"}


def test_a_meeting_about_the_placement_before_serves_no_move_now():
    story = Story().told(held("Wed 7 Oct 2026"), ended("Thu 8 Oct 2026", "P-0"), STARTED)
    later = fact("placement_started", "Mon 12 Oct 2026", placement_id="P-2")

    assert refused(story, "decision_made") == []
    assert refused(story.told(later), "decision_made") == ["TH-25"]


def test_a_step_that_is_only_ever_recorded_would_be_flagged():
    (combined,) = (
        each for each in asked(Story(rules(WHOLE)))["refused"] if each["step"]["kind"] == "meeting_held"
    )

    assert combined["answer"] == "flagged"
    assert "it would be flagged by" in combined["said"]


def test_a_frozen_move_is_refused_whichever_end_of_it_is_tried():
    story = Story().told(referral(), challenge("Thu 15 Oct 2026"))

    assert refused(story, "placement_ended") == ["TH-39"]
    assert refused(story, "placement_started") == ["TH-39"]
    assert refused(story.told(resolved("Mon 19 Oct 2026")), "placement_ended") == []


def test_overlapping_freezes_are_each_told_until_all_are_released():
    referred = fact("process_opened", "Fri 16 Oct 2026", process="advocacy_referral", process_id="a-1")
    story = Story(rules(WHOLE)).told(referral(), challenge("Thu 15 Oct 2026"), referred)

    assert [each["process_id"] for each in asked(story)["frozen"]] == ["ch-1", "a-1"]
    story.told(resolved("Mon 19 Oct 2026"))
    assert [each["process_id"] for each in asked(story)["frozen"]] == ["a-1"]
    assert "TH-39" not in refused(story, "placement_started")
    assert refused(story, "placement_started")


def test_a_guard_for_another_sort_of_case_is_not_tried():
    unplanned, planned = (
        fact("details_recorded", "Fri 2 Oct 2026", details={"entry": word})
        for word in ("unplanned", "planned")
    )

    assert "PP-23" in refused(Story(rules(PLANNING)).told(STARTED, unplanned), "decision_made")
    assert "PP-23" not in refused(Story(rules(PLANNING)).told(STARTED, planned), "decision_made")


def test_how_this_placement_began_says_nothing_of_the_next():
    unplanned = fact("details_recorded", "Fri 2 Oct 2026", details={"entry": "unplanned"})

    assert "PP-03" in refused(Story(rules(PLANNING)).told(STARTED), "placement_started")
    assert "PP-03" in refused(Story(rules(PLANNING)).told(STARTED, unplanned), "placement_started")


def test_a_placement_that_has_ended_does_not_end_again():
    story = Story(rules(WEXCOMBE)).told(STARTED)

    assert refused(story, "placement_ended") == ["WX-05"]
    assert refused(story.told(ended("Fri 9 Oct 2026")), "placement_ended") == []


def test_on_the_authoritys_own_record_there_is_nothing_to_refuse():
    story = Story(rules(WHOLE)).told(fact("record_opened", "Mon 5 Jan 2026"))

    assert asked(story)["refused"] == []


# --- what is missing ------------------------------------------------------------------------


def test_an_incomplete_record_says_what_it_lacks():
    plan = fact("document_completed", "Thu 15 Oct 2026", document="support_plan", meeting_id="m-1")
    story = Story(rules(WHOLE)).told(held("Wed 14 Oct 2026", contents={"recommendations": "x"}), plan)
    (found,) = (each for each in asked(story)["incomplete"] if each["clause"] == "TH-28")

    assert found["fact"]["id"] == plan.id
    assert found["lacks"] == ["objectives", "timescales", "contingency"]
    assert found["said"].startswith("The support plan completed on Thursday 15 October 2026 lacks")


@pytest.mark.parametrize("mended", ["corrected", "made again"])
def test_a_record_that_was_mended_is_missing_no_more(mended):
    complete = dict.fromkeys(("objectives", "contingency", "room_for_planning_meeting"), "x")
    complete |= {"timescales": [{"what": "x", "by": "x"}]}
    written = {"document": "support_plan", "meeting_id": "m-1"}
    plan = fact("document_completed", "Thu 15 Oct 2026", **written)
    better = fact("document_completed", "Fri 16 Oct 2026", **written, contents=complete)
    better = corrected(plan, better, "Fri 16 Oct 2026 10:00") if mended == "corrected" else better
    meeting = held("Wed 14 Oct 2026", contents={"recommendations": "x"})

    assert asked(Story(rules(WHOLE)).told(meeting, plan, better))["incomplete"] == []


# --- side by side ---------------------------------------------------------------------------


def test_several_protocols_stand_side_by_side():
    story = Story(rules(STABILITY, PLANNING)).told(
        STARTED, fact("concern_raised", "Mon 5 Oct 2026", reasons=["at_risk"])
    )
    found = asked(story)

    assert [each["id"] for each in found["protocols"]] == [STABILITY.id, PLANNING.id]
    assert {each["protocol"] for each in found["owed"]} == {STABILITY.id, PLANNING.id}
    kinds = {each["protocol"] for step in found["refused"] for each in step["reasons"]}
    assert kinds == {STABILITY.id, PLANNING.id}


def test_one_step_that_two_protocols_bar_is_told_once_with_both_reasons():
    story = Story(rules(TOWER_HAMLETS, WEXCOMBE)).told(
        STARTED, challenge("Thu 15 Oct 2026"), move("Wed 7 Oct 2026")
    )
    unplanned = [
        each
        for each in asked(story)["refused"]
        if each["step"] == {"kind": "placement_ended", "fields": {"manner": ["unplanned"]}}
    ]

    assert [[reason["clause"] for reason in each["reasons"]] for each in unplanned] == [["TH-39", "WX-05"]]
