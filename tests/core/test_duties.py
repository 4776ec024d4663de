"""What opens a duty, what meets it, when it is due and how it ends otherwise."""

from dataclasses import replace

import pytest

from chalicelib.core.case import State
from tests.builders import (
    FIVE,
    challenge,
    convened,
    corrected,
    day,
    ended,
    fact,
    held,
    move,
    person,
    referral,
    resolved,
    sent,
    step,
    withdrawn,
)
from tests.stories import WEXCOMBE, Story, rules, standing_of

CONVENED = convened("Thu 8 Oct 2026", planned_for="Wed 14 Oct 2026")


def notified(on, by, meeting_id="m-1", **fields):
    return step(on, "meeting_notified", by=[by], to=["gm_iro"], meeting_id=meeting_id, **fields)


# --- links ----------------------------------------------------------------------------------


def test_a_step_about_another_meeting_meets_nothing():
    story = Story().told(CONVENED, notified("Fri 9 Oct 2026", "iro", meeting_id="m-9"))

    assert len(story.duty("TH-18").left) == 2


def test_a_step_that_names_no_meeting_is_about_the_latest_one():
    story = Story().told(CONVENED, step("Fri 9 Oct 2026", "meeting_notified", by=["iro"], to=["gm_iro"]))

    assert story.duty("TH-18").left == ({"by": "social_work_team"},)


def test_what_follows_from_convening_waits_for_that_meeting():
    story = Story().told(CONVENED, held("Mon 12 Oct 2026", "m-other"))

    assert story.duty("TH-18").state is State.OPEN


def test_what_follows_from_a_placement_is_not_settled_by_another_placement():
    started = fact("placement_started", "Mon 5 Oct 2026", placement_id="P-1")
    elsewhere = ended("Mon 12 Oct 2026", "P-2")
    story = Story(rules(WEXCOMBE)).told(started, elsewhere)

    assert story.duty("WX-01").state is State.OPEN


def test_the_end_of_one_challenge_does_not_settle_another():
    story = Story().told(challenge("Fri 16 Oct 2026", "ch-1"), resolved("Mon 19 Oct 2026", "ch-2"))

    assert story.duty("TH-39").state is State.OPEN


def test_an_acknowledgement_that_names_one_duty_leaves_the_other():
    story = Story().told(referral(), move("Wed 7 Oct 2026"))
    alert = story.duty("TH-21")
    story.told(step("Wed 7 Oct 2026", "alert_acknowledged", by=["iro"], for_id=alert.id))

    assert story.duty("TH-21").state is State.MET
    assert story.duty("TH-38").state is State.OPEN


def test_what_came_before_a_duty_does_not_meet_it():
    early = step("Mon 5 Oct 2026", "alert_acknowledged", by=["iro"])

    assert Story().told(early, referral()).duty("TH-21").state is State.OPEN


# --- grids ----------------------------------------------------------------------------------


def test_a_member_of_a_group_covers_the_group_and_nobody_else_does():
    story = Story().told(CONVENED, notified("Fri 9 Oct 2026", "gm_cpt"))
    assert len(story.duty("TH-18").left) == 2

    story.told(notified("Mon 12 Oct 2026", "practice_manager"))
    assert story.duty("TH-18").left == ({"by": "iro"},)


def test_ten_records_are_owed_for_two_meetings_and_five_for_one():
    first = held("Wed 14 Oct 2026", "m-1", outcome="further_meeting_needed")
    further = held("Fri 23 Oct 2026", "m-2", meeting="further_placement_support", outcome="not_viable")

    assert len(Story().told(first, further).duty("TH-35").left) == 10
    alone = Story().told(further).duty("TH-35")
    assert len(alone.left) == 5
    assert alone.note == "only_one_meeting"


def test_the_previous_meeting_is_the_one_before_the_finding_and_of_its_kind():
    story = Story().told(
        held("Thu 1 Oct 2026", "m-0"),
        held("Wed 14 Oct 2026", "m-1"),
        held("Thu 15 Oct 2026", "d-1", meeting="disruption"),
        held("Fri 23 Oct 2026", "m-2", outcome="not_viable"),
        held("Mon 26 Oct 2026", "m-3"),
    )

    assert {cell["meeting"] for cell in story.duty("TH-35").left} == {"m-1", "m-2"}


def test_a_meeting_about_the_last_placement_is_no_previous_meeting():
    story = Story().told(
        held("Wed 14 Oct 2026", "m-1"),
        fact("placement_started", "Mon 19 Oct 2026", placement_id="P-2"),
        held("Fri 23 Oct 2026", "m-2", outcome="not_viable"),
    )

    assert {cell["meeting"] for cell in story.duty("TH-35").left} == {"m-2"}


def test_cells_are_covered_one_by_one_and_the_last_one_settles():
    story = Story().told(held("Fri 23 Oct 2026", outcome="not_viable"))
    for number, role in enumerate(FIVE):
        assert len(story.duty("TH-35").left) == 5 - number
        story.told(sent("Mon 26 Oct 2026", "m-1", to=[role], id=f"sent-{number}"))

    assert story.duty("TH-35").state is State.MET
    assert story.duty("TH-35").settled_by == "sent-4"


def test_two_assurances_may_be_given_by_two_steps():
    started = fact("placement_started", "Mon 5 Oct 2026", placement_id="P-1")
    story = Story(rules(WEXCOMBE)).told(started, step("Tue 6 Oct 2026", "needs_can_be_met", by=["iro"]))
    assert story.duty("WX-01").left == ({"step": "agencies_will_provide"},)

    story.told(step("Wed 7 Oct 2026", "agencies_will_provide", by=["iro"]))
    assert story.duty("WX-01").state is State.MET


# --- dates ----------------------------------------------------------------------------------


def test_at_once_is_that_day():
    duty = Story().told(referral("Tue 6 Oct 2026")).duty("TH-21")

    assert duty.at_once
    assert duty.due_on == day("Tue 6 Oct 2026")


def test_working_days_step_over_a_bank_holiday_and_days_weeks_and_months_do_not():
    meeting = held("Fri 22 May 2026", outcome="not_viable")
    assert Story().told(meeting).duty("TH-35").due_on == day("Thu 28 May 2026")

    story = Story(rules(WEXCOMBE)).told(ended("Mon 30 Nov 2026"))
    assert {each.effect: each.due_on for each in story.duties("WX-04")} == {
        "weeks": day("Mon 14 Dec 2026"),
        "months": day("Sun 28 Feb 2027"),
        "days": day("Thu 10 Dec 2026"),
    }


def test_no_later_than_a_meeting_is_by_its_planned_day_and_provisional():
    duty = Story().told(CONVENED).duty("TH-18")

    assert (duty.due_on, duty.provisional) == (day("Wed 14 Oct 2026"), True)


def test_a_meeting_with_no_day_yet_gives_none():
    duty = Story().told(convened("Thu 8 Oct 2026")).duty("TH-18")

    assert (duty.due_on, duty.provisional) == (None, False)


def test_a_day_that_is_planned_anew_moves_what_was_due_by_it():
    story = Story().told(CONVENED)
    moved = corrected(
        CONVENED, convened("Thu 8 Oct 2026", planned_for="Fri 16 Oct 2026"), "Fri 9 Oct 2026 10:00"
    )
    story.told(moved)

    assert story.changes("TH-18") == ["moved"]
    assert story.duty("TH-18").due_on == day("Fri 16 Oct 2026")


def test_a_meeting_held_first_makes_the_duty_missed_and_on_the_same_day_it_does_not():
    early = Story().told(CONVENED, held("Wed 14 Oct 2026"))
    assert early.duty("TH-18").state is State.MISSED
    assert early.duty("TH-18").due_on == day("Wed 14 Oct 2026")

    early.told(notified("Wed 14 Oct 2026", "iro"), notified("Wed 14 Oct 2026", "social_worker", id="sw"))
    assert early.duty("TH-18").state is State.MET


def test_with_times_the_same_day_can_be_too_late():
    story = Story().told(
        CONVENED,
        held("Wed 14 Oct 2026", at="10:00"),
        notified("Wed 14 Oct 2026", "iro", at="11:00"),
        notified("Wed 14 Oct 2026", "social_worker", at="11:00", id="sw"),
    )

    assert story.duty("TH-18").state is State.MISSED


def test_on_the_planned_day_is_that_day_and_needs_one():
    planned = convened("Thu 8 Oct 2026", planned_for="Wed 14 Oct 2026")
    (held_on,) = [d for d in Story(rules(WEXCOMBE)).told(planned).duties("WX-03") if d.effect == "held"]
    assert (held_on.due_on, held_on.provisional) == (day("Wed 14 Oct 2026"), False)

    unplanned = Story(rules(WEXCOMBE)).told(convened("Thu 8 Oct 2026")).duties("WX-03")
    assert [duty.effect for duty in unplanned] == ["offered"]


# --- lapses ---------------------------------------------------------------------------------


STARTED = fact("placement_started", "Mon 5 Oct 2026", placement_id="P-1")
ASSURED = (
    step("Tue 6 Oct 2026", "needs_can_be_met", by=["iro"]),
    step("Wed 7 Oct 2026", "agencies_will_provide", by=["iro"]),
)


def test_a_duty_lapses_when_the_placement_ends_first():
    story = Story(rules(WEXCOMBE)).told(STARTED, ended("Tue 6 Oct 2026"), *ASSURED)

    assert story.duty("WX-01").state is State.LAPSED
    assert story.duty("WX-01").settled_on == day("Tue 6 Oct 2026")


def test_on_one_day_without_times_met_comes_before_lapsed():
    story = Story(rules(WEXCOMBE)).told(STARTED, *ASSURED, ended("Wed 7 Oct 2026"))

    assert story.duty("WX-01").state is State.MET


def test_a_case_test_reads_the_detail_as_it_stood_on_the_day():
    known = fact("details_recorded", "Sun 4 Oct 2026", details={"entry": "planned"})

    assert Story(rules(WEXCOMBE)).told(known, STARTED).duties("WX-01") == []


# --- joins ----------------------------------------------------------------------------------


def concern(on, **fields):
    return fact("concern_raised", on, reasons=["unsettled"], **fields)


CONSIDERED = step("Thu 8 Oct 2026", "support_considered", by=["social_worker"])


def test_a_second_concern_joins_the_clock_that_runs():
    story = Story(rules(WEXCOMBE)).told(concern("Mon 5 Oct 2026"), concern("Wed 7 Oct 2026"))

    assert story.duty("WX-02").due_on == day("Mon 12 Oct 2026")
    assert story.changes("WX-02") == []


def test_after_it_is_met_a_further_concern_opens_another():
    story = Story(rules(WEXCOMBE)).told(
        concern("Mon 5 Oct 2026"), concern("Wed 7 Oct 2026"), CONSIDERED, concern("Fri 9 Oct 2026")
    )

    assert [duty.state for duty in story.duties("WX-02")] == [State.MET, State.OPEN]


def test_an_earlier_concern_learned_of_late_keeps_the_duty_and_moves_it():
    story = Story(rules(WEXCOMBE)).told(concern("Wed 7 Oct 2026"))
    before = story.duty("WX-02")
    story.told(concern("Mon 5 Oct 2026"))

    assert story.changes("WX-02") == ["moved"]
    assert story.duty("WX-02").id == before.id


def test_after_it_lapsed_a_further_concern_opens_another_even_if_support_came_later():
    closed = fact("case_closed", "Tue 6 Oct 2026")
    story = Story(rules(WEXCOMBE)).told(
        concern("Mon 5 Oct 2026"), closed, concern("Wed 7 Oct 2026"), CONSIDERED
    )

    assert [duty.state for duty in story.duties("WX-02")] == [State.LAPSED, State.MET]


def test_after_it_was_excused_a_further_concern_opens_another():
    story = Story(rules(WEXCOMBE)).told(concern("Mon 5 Oct 2026"))
    excuse = fact("exception_recorded", "Tue 6 Oct 2026", for_id=story.duty("WX-02").id)
    story.told(excuse, concern("Wed 7 Oct 2026"))

    assert [duty.state for duty in story.duties("WX-02")] == [State.EXCUSED, State.OPEN]


# --- excuses --------------------------------------------------------------------------------


def excuse_of(about, on="Thu 8 Oct 2026", approver="gm_iro"):
    claims = [{"name": "excused", "because": "The officer was told by telephone.", "approver": approver}]
    return fact("exception_recorded", on, for_id=about, exceptions=claims)


def test_a_duty_is_excused_with_an_approver_and_is_never_shown_as_met():
    story = Story().told(referral())
    story.told(excuse_of(story.duty("TH-21").id))

    assert story.duty("TH-21").state is State.EXCUSED
    assert story.duty("TH-21").next_action_at is None


def test_a_must_is_not_excused_without_an_approver_who_holds_a_role():
    story = Story().told(referral())
    about = story.duty("TH-21").id
    nobody = excuse_of(about)
    story.told(
        replace(nobody, claims=tuple(replace(each, approver=person("p-9")[0]) for each in nobody.claims))
    )

    assert story.duty("TH-21").state is State.OPEN


@pytest.mark.parametrize("approver", ["social_worker", "team_manager"])
def test_nobody_excuses_a_must_but_those_whom_the_authority_named(approver):
    story = Story().told(referral())
    story.told(excuse_of(story.duty("TH-21").id, approver=approver))

    assert story.duty("TH-21").state is State.OPEN


def test_everybody_who_heard_of_a_duty_hears_that_it_was_excused():
    story = Story().told(referral())
    story.told(excuse_of(story.duty("TH-21").id))

    assert set(story.roles_told("TH-21", "excused:")) == {"iro", "cpt", "gm_iro"}


def test_an_excuse_that_is_withdrawn_opens_the_duty_again():
    story = Story().told(referral())
    excuse = excuse_of(story.duty("TH-21").id)
    story.told(excuse, withdrawn(excuse, "Fri 9 Oct 2026 09:00"))

    assert story.changes("TH-21") == ["reopened"]


# --- two protocols --------------------------------------------------------------------------


def test_several_protocols_stand_side_by_side():
    from tests.stories import TOWER_HAMLETS

    standing = standing_of([CONVENED], TOWER_HAMLETS, WEXCOMBE)

    assert {(duty.protocol, duty.clause) for duty in standing.duties} == {
        (TOWER_HAMLETS.id, "TH-18"),
        (TOWER_HAMLETS.id, "TH-19"),
        (WEXCOMBE.id, "WX-03"),
    }
