"""What a step may not be without, who may take it, what bars it, and the ways past."""

from dataclasses import replace

import pytest

from chalicelib.core.case import Answer
from chalicelib.core.effects import Force
from chalicelib.core.trace import Claim, Seat
from chalicelib.protocol_files import Shelf
from tests.builders import (
    challenge,
    convened,
    corrected,
    ended,
    fact,
    held,
    move,
    person,
    referral,
    resolved,
    step,
    withdrawn,
)
from tests.stories import TOWER_HAMLETS, WEXCOMBE, Story, rules, standing_of


def claim(name, **fields):
    return {"name": name, "because": "Set down in the case note.", **fields}


def claimed(trace, name, *, approver=None, confirmed=False, reasoned=True):
    """A fact that claims an exception, with an approver whose roles are looked up."""
    return replace(
        trace, claims=(Claim(name=name, reasoned=reasoned, approver=approver, confirmed=confirmed),)
    )


# --- guards ---------------------------------------------------------------------------------


def test_a_move_without_a_meeting_is_flagged_and_those_it_protects_are_told():
    story = Story().told(referral(), move("Wed 7 Oct 2026"))

    assert story.flag("TH-25").answer is Answer.BREACH
    assert story.roles_told("TH-25", "flagged") == ["iro", "gm_iro"]


def test_a_meeting_that_was_only_convened_does_not_serve():
    story = Story().told(convened("Tue 6 Oct 2026"), move("Wed 7 Oct 2026"))

    assert story.flag("TH-25").answer is Answer.BREACH


def test_a_meeting_on_the_day_of_the_move_serves_and_one_after_it_does_not():
    assert Story().told(move("Wed 14 Oct 2026"), held("Wed 14 Oct 2026")).flags("TH-25") == []
    assert Story().told(held("Thu 15 Oct 2026"), move("Wed 14 Oct 2026")).flags("TH-25") != []


def test_the_second_entry_of_what_is_needed_serves_as_well():
    agreed = step("Tue 6 Oct 2026", "move_agreed_at_review", by=["lac_review"])
    by_another = step("Tue 6 Oct 2026", "move_agreed_at_review", by=["social_worker"])

    assert Story().told(agreed, move("Wed 7 Oct 2026")).flags("TH-25") == []
    assert Story().told(by_another, move("Wed 7 Oct 2026")).flags("TH-25") != []


def test_looking_back_ends_where_the_present_placement_began():
    meeting = held("Mon 5 Oct 2026")
    start = fact("placement_started", "Tue 6 Oct 2026", placement_id="P-2")

    assert Story().told(meeting, start, move("Wed 7 Oct 2026")).flags("TH-25") != []
    assert Story().told(meeting, move("Wed 7 Oct 2026")).flags("TH-25") == []


def test_a_move_decided_and_carried_out_on_one_day_is_about_the_placement_that_ended():
    story = Story().told(
        held("Mon 5 Oct 2026"),
        move("Tue 6 Oct 2026"),
        ended("Tue 6 Oct 2026", "P-1", manner="planned"),
        fact("placement_started", "Tue 6 Oct 2026", placement_id="P-2"),
    )

    assert story.flags("TH-25") == []


def test_a_meeting_about_another_placement_does_not_serve():
    meeting = held("Mon 5 Oct 2026", placement_id="P-1")

    assert Story().told(meeting, move("Tue 6 Oct 2026", placement_id="P-2")).flags("TH-25") != []
    assert Story().told(meeting, move("Tue 6 Oct 2026", placement_id="P-1")).flags("TH-25") == []


def test_a_meeting_learned_of_late_clears_the_flag_and_says_so_to_those_who_heard_of_it():
    story = Story().told(referral(), move("Wed 7 Oct 2026")).told(held("Tue 6 Oct 2026"))

    assert story.changes("TH-25") == ["cleared"]
    assert story.roles_told("TH-25") == ["iro", "gm_iro"]
    assert {each.occasion for each in story.latest.notices if each.clause == "TH-25"} == {
        "cleared:meeting_held@2026-10-06"
    }


def test_a_flag_that_comes_back_is_told_again():
    meeting = held("Tue 6 Oct 2026")
    story = Story().told(referral(), move("Wed 7 Oct 2026"), meeting)
    story.told(withdrawn(meeting, "Fri 9 Oct 2026 10:00"))

    assert story.changes("TH-25") == ["flagged"]
    assert story.roles_told("TH-25", "flagged") == ["iro", "gm_iro"]


def test_a_step_that_needs_nothing_is_not_to_be_done_at_all():
    story = Story(rules(WEXCOMBE)).told(ended("Wed 7 Oct 2026", reasons=["unsettled"]))

    assert story.flag("WX-05").why == "not_to_be_done"
    assert story.told(ended("Thu 8 Oct 2026", "P-2", reasons=["contract_ended"])).flags("WX-05") == [
        story.flag("WX-05")
    ]


# --- exceptions -----------------------------------------------------------------------------

HARM = "immediate_harm"


def test_an_exception_passes_and_is_no_breach():
    story = Story().told(move("Wed 7 Oct 2026", exceptions=[claim(HARM, approver="team_manager")]))

    assert (story.flag("TH-25").answer, story.flag("TH-25").exception) == (Answer.EXCEPTED, HARM)
    assert story.roles_told("TH-25") == []
    assert story.flag("TH-25").next_action_at is None


@pytest.mark.parametrize(
    "lacking",
    [
        {"name": HARM, "because": "  ", "approver": "team_manager"},
        {"name": HARM, "because": "An incident."},
        {"name": HARM, "because": "An incident.", "approver": "social_worker"},
        {"name": "reason", "because": "It seemed best."},
        {"name": "unheard_of", "because": "An incident.", "approver": "team_manager"},
    ],
)
def test_an_exception_that_lacks_something_does_not_pass(lacking):
    assert Story().told(move("Wed 7 Oct 2026", exceptions=[lacking])).flag("TH-25").answer is Answer.BREACH


def test_an_exception_for_one_reason_does_not_serve_another():
    carer = claim("carer_ended_placement", approver="team_manager", confirmed=True)
    serves = move("Wed 7 Oct 2026", reasons=["carer_ended_placement"], exceptions=[carer])
    other = move("Wed 7 Oct 2026", reasons=["child_behaviour"], exceptions=[carer])

    assert Story().told(serves).flag("TH-25").answer is Answer.EXCEPTED
    assert Story().told(other).flag("TH-25").answer is Answer.BREACH


def test_only_the_contract_needs_to_be_confirmed_and_alone():
    contract = claim("contract_ended", approver="team_manager", confirmed=True)
    unsaid = {**contract, "confirmed": False}

    def answer(reasons, exception):
        decision = move("Wed 7 Oct 2026", reasons=reasons, exceptions=[exception])
        return Story().told(decision).flag("TH-25").answer

    assert answer(["contract_ended"], contract) is Answer.EXCEPTED
    assert answer(["contract_ended", "absence"], contract) is Answer.BREACH
    assert answer(["contract_ended"], unsaid) is Answer.BREACH


def test_an_approver_is_looked_up_and_not_believed():
    seen = referral(allocations={"team_manager": "p-tm"})
    decision = move("Wed 7 Oct 2026", by=person("p-tm"))
    pretender = Seat(person_id="p-sw", roles=("team_manager",))
    manager = Seat(person_id="p-tm")

    def answer(approver):
        return Story().told(seen, claimed(decision, HARM, approver=approver)).flag("TH-25").answer

    assert answer(manager) is Answer.EXCEPTED
    # The case has a team manager; whoever holds that role elsewhere is not this child's.
    assert answer(pretender) is Answer.BREACH


def test_a_should_passes_on_a_reason():
    chaired = held("Wed 14 Oct 2026", chair="team_manager")
    assert Story().told(chaired).flag("TH-20").answer is Answer.BREACH

    reasoned = held("Wed 14 Oct 2026", chair="team_manager", exceptions=[claim("reason")])
    assert Story().told(reasoned).flag("TH-20").answer is Answer.EXCEPTED


def test_a_must_that_names_no_exception_passes_on_safety_alone():
    assert TOWER_HAMLETS.by_id["TH-37"].force is Force.MUST
    by_another = move("Wed 14 Oct 2026", by=["social_worker"])

    def answer(exception):
        return Story().told(replace(by_another, claims=(exception,))).flag("TH-37").answer

    manager = Seat(roles=("team_manager",))
    assert answer(Claim(name="reason", reasoned=True, approver=manager)) is Answer.BREACH
    assert answer(Claim(name="safety", reasoned=True, approver=manager)) is Answer.SAFETY


def test_safety_passes_everything_with_a_reason_and_an_approver_and_is_flagged_and_told():
    safety = claim("safety", approver="team_manager")
    story = Story().told(challenge("Tue 6 Oct 2026"), ended("Wed 7 Oct 2026", exceptions=[safety]))

    assert story.flag("TH-39").answer is Answer.SAFETY
    assert story.roles_told("TH-39") == ["team_manager", "iro", "gm_iro"]
    assert story.flag("TH-39").next_action_at is not None


@pytest.mark.parametrize(
    "lacking",
    [
        {"name": "safety", "because": "", "approver": "team_manager"},
        {"name": "safety", "because": "Not safe."},
        {"name": "safety", "because": "Not safe.", "approver": "social_worker"},
    ],
)
def test_safety_without_a_reason_or_an_approver_does_not_pass(lacking):
    story = Story().told(challenge("Tue 6 Oct 2026"), ended("Wed 7 Oct 2026", exceptions=[lacking]))

    assert story.flag("TH-39").answer is Answer.BREACH


def test_where_no_approvers_of_safety_are_named_somebody_who_holds_a_role_must_still_approve():
    assert "safety_approver" not in WEXCOMBE.settings
    start = ended("Wed 7 Oct 2026")

    def answer(approver):
        story = Story(rules(WEXCOMBE)).told(claimed(start, "safety", approver=approver))
        return story.flag("WX-05").answer

    assert answer(None) is Answer.BREACH
    assert answer(Seat(person_id="p-nobody")) is Answer.BREACH
    assert answer(Seat(person_id="p-1", roles=("team_manager",))) is Answer.SAFETY


def test_an_exception_added_by_a_correction_answers_the_flag():
    wrong = move("Wed 7 Oct 2026")
    right = move("Wed 7 Oct 2026", exceptions=[claim(HARM, approver="team_manager")])
    story = Story().told(wrong, corrected(wrong, right, "Thu 8 Oct 2026 10:00"))

    assert story.changes("TH-25") == ["answered"]
    assert story.flag("TH-25").answer is Answer.EXCEPTED


# --- people ---------------------------------------------------------------------------------


def test_the_decision_is_the_allocated_managers_and_a_manager_of_others_is_not_believed():
    seen = referral(allocations={"team_manager": "p-tm"})
    meeting = held("Tue 6 Oct 2026")

    own = move("Wed 7 Oct 2026", by=person("p-tm"))
    others = move("Wed 7 Oct 2026", by=person("p-9", "team_manager"))
    assert Story().told(seen, meeting, own).flags("TH-37") == []
    assert Story().told(seen, meeting, others).flag("TH-37").answer is Answer.BREACH


def test_where_the_case_allocates_nobody_the_authority_answers_who_holds_a_role():
    decision = move("Wed 7 Oct 2026", by=person("p-9", "team_manager"))

    assert Story().told(held("Tue 6 Oct 2026"), decision).flags("TH-37") == []


def test_who_held_the_role_that_day_counts_and_not_who_holds_it_now():
    story = Story().told(
        referral("Mon 5 Oct 2026", allocations={"team_manager": "p-tm"}),
        held("Tue 6 Oct 2026"),
        move("Wed 7 Oct 2026", by=person("p-tm")),
        fact("details_recorded", "Thu 8 Oct 2026", allocations={"team_manager": "p-next"}),
    )

    assert story.flags("TH-37") == []


# --- freezes --------------------------------------------------------------------------------


def test_a_challenge_freezes_both_ends_of_a_move():
    frozen = challenge("Fri 16 Oct 2026")

    for moving in (
        ended("Tue 20 Oct 2026", manner="planned"),
        fact("placement_started", "Tue 20 Oct 2026", placement_id="P-2"),
    ):
        story = Story().told(frozen, moving)
        assert (story.flag("TH-39").answer, story.flag("TH-39").why) == (Answer.BREACH, "frozen")


def test_a_move_from_before_the_challenge_is_not_frozen():
    assert Story().told(challenge("Fri 16 Oct 2026"), ended("Thu 15 Oct 2026")).flags("TH-39") == []


def test_a_freeze_that_began_that_day_is_in_force_unless_times_say_otherwise():
    def flagged(opened, moved):
        return bool(Story().told(opened, moved).flags("TH-39"))

    assert flagged(challenge("Fri 16 Oct 2026"), ended("Fri 16 Oct 2026"))
    assert flagged(challenge("Fri 16 Oct 2026", at="10:00"), ended("Fri 16 Oct 2026"))
    assert flagged(challenge("Fri 16 Oct 2026", at="10:00"), ended("Fri 16 Oct 2026", at="11:00"))
    assert not flagged(challenge("Fri 16 Oct 2026", at="11:00"), ended("Fri 16 Oct 2026", at="10:00"))


def test_a_freeze_that_ended_that_day_bars_nothing_unless_times_say_otherwise():
    def flagged(over, moved):
        return bool(Story().told(challenge("Fri 16 Oct 2026"), over, moved).flags("TH-39"))

    assert not flagged(resolved("Tue 20 Oct 2026"), ended("Tue 20 Oct 2026"))
    assert flagged(resolved("Tue 20 Oct 2026", at="11:00"), ended("Tue 20 Oct 2026", at="10:00"))


def test_the_move_stays_barred_until_every_challenge_has_ended():
    story = Story().told(
        challenge("Fri 16 Oct 2026", "ch-1"),
        challenge("Mon 19 Oct 2026", "ch-2"),
        resolved("Tue 20 Oct 2026", "ch-1", id="over-1"),
        ended("Wed 21 Oct 2026"),
    )
    assert story.flag("TH-39").answer is Answer.BREACH

    assert story.told(resolved("Tue 20 Oct 2026", "ch-2", id="over-2")).flags("TH-39") == []


def test_a_freeze_is_told_when_it_begins_and_when_it_ends():
    story = Story().told(challenge("Fri 16 Oct 2026"))
    assert story.changes("TH-39") == ["opened", "frozen"]
    assert story.roles_told("TH-39", "frozen") == ["team_manager", "iro", "gm_iro"]

    story.told(resolved("Tue 20 Oct 2026"))
    assert story.changes("TH-39") == ["met", "released"]
    assert story.roles_told("TH-39", "released") == ["team_manager", "iro", "gm_iro"]


def test_a_freeze_that_was_over_before_we_heard_of_it_is_not_told_as_ended():
    story = Story().told(resolved("Tue 20 Oct 2026"), challenge("Fri 16 Oct 2026"))

    assert story.roles_told("TH-39", "frozen") == []
    assert story.roles_told("TH-39", "released") == []


def test_a_freeze_that_holds_after_all_is_told_again_and_so_is_its_next_end():
    first = resolved("Tue 20 Oct 2026")
    story = Story().told(challenge("Fri 16 Oct 2026"), first, withdrawn(first, "Wed 21 Oct 2026 10:00"))
    assert "frozen" in story.changes("TH-39")
    assert story.roles_told("TH-39", "frozen") == ["team_manager", "iro", "gm_iro"]

    story.told(resolved("Thu 22 Oct 2026"))
    assert story.roles_told("TH-39", "released") == ["team_manager", "iro", "gm_iro"]


def test_a_challenge_that_never_was_is_taken_back_to_those_who_heard_of_it():
    opened = challenge("Fri 16 Oct 2026")
    story = Story().told(opened, withdrawn(opened, "Mon 19 Oct 2026 10:00"))

    hold_told = [n.role for n in story.latest.notices if n.about.startswith("h-")]
    assert hold_told == ["team_manager", "iro", "gm_iro"]


# --- excuses --------------------------------------------------------------------------------


def test_a_flag_is_excused_afterwards_and_climbs_no_more():
    story = Story().told(referral(), move("Wed 7 Oct 2026"))
    excused = fact(
        "exception_recorded",
        "Thu 8 Oct 2026",
        for_id=story.flag("TH-25").id,
        exceptions=[claim("excused", approver="gm_social_work")],
    )
    story.told(excused)

    assert set(story.roles_told("TH-25", "excused:")) == {"iro", "gm_iro"}
    assert story.flag("TH-25").answer is Answer.EXCUSED
    assert story.flag("TH-25").next_action_at is None


def test_an_excuse_that_is_taken_back_is_told_to_those_who_heard_of_it():
    story = Story().told(referral(), move("Wed 7 Oct 2026"))
    excused = fact(
        "exception_recorded",
        "Thu 8 Oct 2026",
        for_id=story.flag("TH-25").id,
        exceptions=[claim("excused", approver="gm_social_work")],
    )
    story.told(excused, withdrawn(excused, "Fri 9 Oct 2026 10:00"))

    assert story.flag("TH-25").answer is Answer.BREACH
    assert set(story.roles_told("TH-25", "flagged:")) == {"iro", "gm_iro"}


def test_a_hearing_before_an_earlier_placement_serves_no_later_one():
    planning = Shelf().load("placement-planning-2026-01-01")
    heard = step("Thu 1 Oct 2026", "gateway_heard")
    first = fact("placement_started", "Fri 2 Oct 2026", id="first", placement_id="P-1")
    over = ended("Mon 2 Nov 2026", "P-1", manner="planned")
    second = fact("placement_started", "Thu 5 Nov 2026", id="second", placement_id="P-2")

    flags = standing_of([heard, first, over, second], planning).flags
    flagged = [flag.fact_id for flag in flags if flag.clause == "PP-03"]

    assert flagged == ["second"]
