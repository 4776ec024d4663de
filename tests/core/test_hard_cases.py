"""Cases thought up to break the engine: two placements, several notices, facts told late or taken back."""

from dataclasses import replace

import pytest

from chalicelib.core.case import Answer, State
from chalicelib.core.effects import Force, Record
from chalicelib.core.history import History
from chalicelib.core.trace import Involvement
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
    move,
    referral,
    resolved,
    sent,
    step,
    withdrawn,
)
from tests.stories import Story, rules

SHELF = Shelf()
TOWER_HAMLETS = SHELF.load("tower-hamlets-2026-01-01")
PLANNING = SHELF.load("placement-planning-2026-01-01")
HAVERING = SHELF.load("havering-stability-2026-01-01")
GUIDANCE = SHELF.load("placement-support-guidance-2023-02-01")

FOUND = held("Fri 2 Oct 2026", outcome="not_viable")


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

    assert rules().view(TOWER_HAMLETS, history).values("reasons", record) == {"child_behaviour"}
    assert rules().view(TOWER_HAMLETS, history).values("chair", record) == {"iro"}


def test_a_meeting_called_again_for_another_day_moves_what_is_owed_and_doubles_nothing():
    story = Story(rules(TOWER_HAMLETS)).told(convened("Thu 1 Oct 2026", planned_for="Wed 7 Oct 2026"))
    owed = {each.id for each in story.case.standing.duties}
    story.told(convened("Fri 2 Oct 2026", planned_for="Wed 14 Oct 2026"))

    assert {each.id for each in story.case.standing.duties} == owed
    assert story.changes("TH-13") == ["moved"]
    assert story.duty("TH-13").due_on == day("Wed 14 Oct 2026")


def test_a_meeting_called_again_after_it_was_held_is_prepared_again():
    story = Story(rules(TOWER_HAMLETS)).told(
        convened("Thu 1 Oct 2026"), held("Wed 7 Oct 2026"), convened("Thu 8 Oct 2026")
    )

    assert [each.state for each in story.duties("TH-13")] == [State.MISSED, State.OPEN]


def test_a_meeting_to_be_held_on_its_planned_day_is_owed_on_the_day_for_which_it_was_called_last():
    first = convened("Thu 1 Oct 2026", meeting="planning", planned_for="Wed 7 Oct 2026")
    again = convened("Fri 2 Oct 2026", meeting="planning", planned_for="Wed 14 Oct 2026")
    story = Story(rules(PLANNING)).told(first, again)

    (held_on,) = (each for each in story.duties("PP-08") if each.due_on)
    assert held_on.due_on == day("Wed 14 Oct 2026")


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


def test_a_meeting_that_was_of_another_kind_takes_back_all_that_followed_and_says_so():
    story = Story(rules(TOWER_HAMLETS)).told(FOUND)
    opened = {each.id for each in story.case.standing.duties}
    other = held("Fri 2 Oct 2026", meeting="disruption")
    story.told(corrected(FOUND, other, "Wed 7 Oct 2026 09:00"))

    assert opened.isdisjoint({each.id for each in story.case.standing.duties})
    assert {each.about for each in story.latest.changes if each.what == "withdrawn"} == opened


def test_a_referral_that_never_was_takes_back_its_alert_and_leaves_all_else():
    opening = referral("Thu 1 Oct 2026")
    story = Story(rules(TOWER_HAMLETS)).told(opening, FOUND)
    others = {each.id for each in story.case.standing.duties} - {story.duty("TH-21").id}
    story.told(withdrawn(opening, "Tue 6 Oct 2026 09:00"))

    assert story.duties("TH-21") == []
    assert {each.id for each in story.case.standing.duties} == others


# --- what is needed since a notice ------------------------------------------------------------


def notice(on, **fields):
    return fact("concern_raised", on, reasons=["notice_of_ending"], **fields)


def talked(on):
    """What is to come before a notice is accepted: the meeting and the decision."""
    meeting = held(on, "s-1", meeting="stability", chair="service_manager")
    return [meeting, fact("decision_made", on, decision="end_placement", by=["service_manager"])]


ACCEPTED = step("Fri 9 Oct 2026", "notice_accepted", by=["social_worker"], placement_id="P-1")


@pytest.mark.parametrize(
    ("told", "flagged"),
    [
        ([notice("Mon 5 Oct 2026"), *talked("Wed 7 Oct 2026")], 0),
        ([notice("Mon 5 Oct 2026"), *talked("Mon 5 Oct 2026")], 0),
        ([*talked("Thu 1 Oct 2026"), notice("Mon 5 Oct 2026")], 2),
        ([notice("Mon 5 Oct 2026"), *talked("Wed 7 Oct 2026"), notice("Thu 8 Oct 2026")], 2),
        ([*talked("Thu 8 Oct 2026"), notice("Fri 9 Oct 2026")], 2),
        ([notice("Mon 5 Oct 2026"), *talked("Wed 7 Oct 2026"), notice("Mon 12 Oct 2026")], 0),
        ([*talked("Wed 7 Oct 2026"), notice("Thu 8 Oct 2026", placement_id="P-2")], 0),
    ],
    ids=[
        "after it",
        "that day",
        "before it",
        "a second",
        "the day itself",
        "a later one",
        "another placement",
    ],
)
def test_a_meeting_counts_since_the_latest_notice_about_the_placement(told, flagged):
    assert len(Story(rules(PLANNING)).told(*told, ACCEPTED).flags("PP-13")) == flagged


# --- who had no part before -------------------------------------------------------------------


ENDED = ended("Mon 3 Aug 2026")
ELSEWHERE = Involvement(case_id="PC-0", person_id="zed", way="present", on=day("Mon 1 Jun 2026"))
LEARNING = held("Mon 5 Oct 2026", "d-1", meeting="disruption", chair="zed/iro", present=["child"])


@pytest.mark.parametrize(
    ("told", "involved"),
    [
        ([], False),
        ([referral("Mon 6 Jul 2026", allocations={"iro": "zed"})], True),
        ([fact("details_recorded", "Tue 6 Oct 2026", allocations={"iro": "zed"})], False),
        ([convened("Mon 7 Sep 2026", "d-1", meeting="disruption", by=["zed/iro"])], False),
        ([convened("Mon 7 Sep 2026", "m-1", by=["zed/iro"])], True),
        ([held("Mon 6 Jul 2026", present=["zed/iro"])], True),
        ([replace(referral("Mon 6 Jul 2026", allocations={}), involved=(ELSEWHERE,))], True),
    ],
    ids=[
        "never",
        "allocated",
        "allocated since",
        "called this one",
        "called another",
        "present",
        "elsewhere",
    ],
)
def test_whoever_had_a_part_before_does_not_chair_what_is_learned(told, involved):
    story = Story(rules(HAVERING)).told(ENDED, *told, LEARNING)

    assert [each.missing for each in story.flags("HV-16")] == ([("zed",)] if involved else [])


# --- too early ------------------------------------------------------------------------------


def test_a_meeting_too_early_that_is_excused_counts_and_one_in_time_for_one_ending_is_not_so_for_another():
    early = replace(LEARNING, on=day("Fri 11 Sep 2026"))
    story = Story(rules(HAVERING)).told(ENDED, early)
    assert story.duty("HV-15").state is State.OPEN

    claims = [{"name": "excused", "because": "All agreed.", "approver": "z/service_manager"}]
    story.told(
        fact("exception_recorded", "Mon 14 Sep 2026", for_id=story.flag("HV-15").id, exceptions=claims)
    )
    assert (story.duty("HV-15").state, story.flag("HV-15").answer) == (State.MET, Answer.EXCUSED)

    both = Story(rules(HAVERING)).told(ENDED, ended("Mon 21 Sep 2026", "P-2"), LEARNING)
    assert [each.state for each in both.duties("HV-15")] == [State.MET, State.OPEN]


# --- grids and settings ----------------------------------------------------------------------


def with_setting(protocol, name, value):
    chosen = replace(protocol.settings[name], value=value)
    return replace(protocol, settings={**protocol.settings, name: chosen})


def test_what_waits_for_two_meetings_is_not_met_by_the_record_of_one():
    waits = with_setting(TOWER_HAMLETS, "only_one_meeting", "wait_for_both")
    story = Story(rules(waits)).told(FOUND, sent("Mon 5 Oct 2026", "m-1"))
    assert (story.duty("TH-35").state, len(story.duty("TH-35").left)) == (State.OPEN, 5)

    story.told(held("Mon 28 Sep 2026", "m-0"), sent("Tue 6 Oct 2026", "m-0", id="sent-0"))
    assert story.duty("TH-35").state is State.MET


@pytest.mark.parametrize(("value", "flagged"), [("in_order", 0), ("times_needed", 1)])
def test_two_facts_of_one_day_count_as_in_order_unless_times_are_asked_for(value, flagged):
    story = Story(rules(with_setting(TOWER_HAMLETS, "same_day", value)))
    assert len(story.told(FOUND, move("Fri 2 Oct 2026")).flags("TH-25")) == flagged


def test_with_times_that_are_asked_for_a_day_is_read_by_them():
    story = Story(rules(with_setting(TOWER_HAMLETS, "same_day", "times_needed")))
    meeting = held("Fri 2 Oct 2026", at="09:00")

    assert story.told(meeting, move("Fri 2 Oct 2026", at="10:00")).flags("TH-25") == []


def test_a_role_that_is_there_if_appropriate_is_invited_or_said_not_to_be():
    others = [
        "cpt_with_authority",
        "iro",
        "child",
        "social_worker",
        "team_manager",
        "carer",
        "supervising_social_worker",
    ]
    meeting = convened("Fri 2 Oct 2026", invited=others)
    (lacking,) = (each.missing for each in Story(rules(TOWER_HAMLETS)).told(meeting).flags("TH-17"))
    assert "parent" in lacking

    said = {f"why_not_{role}": "Not now." for role in lacking}
    meeting = convened("Fri 2 Oct 2026", invited=others, contents=said)
    assert Story(rules(TOWER_HAMLETS)).told(meeting).flags("TH-17") == []


# --- what only may be done ------------------------------------------------------------------


def with_force(protocol, force):
    return replace(protocol, clauses=tuple(replace(each, force=force) for each in protocol.clauses))


@pytest.mark.parametrize(("force", "chased"), [(Force.MUST, True), (Force.MAY, False)])
def test_what_may_be_done_is_never_overdue(force, chased):
    story = Story(rules(with_force(TOWER_HAMLETS, force))).told(FOUND, clock("Fri 16 Oct 2026 08:00"))

    assert bool(story.roles_told("TH-35", "rung|after_due")) == chased


@pytest.mark.parametrize(("force", "state"), [(Force.MUST, State.MISSED), (Force.MAY, State.LAPSED)])
def test_what_may_be_done_before_a_meeting_lapses_with_it_and_is_not_missed(force, state):
    meeting = convened("Thu 1 Oct 2026")
    story = Story(rules(with_force(TOWER_HAMLETS, force))).told(meeting, held("Fri 9 Oct 2026"))

    assert story.duty("TH-13").state is state


# --- each year ------------------------------------------------------------------------------


def test_a_duty_of_each_year_opens_on_each_of_its_days_since_the_record_was_opened():
    story = Story(rules(TOWER_HAMLETS)).told(fact("record_opened", "Fri 1 May 2026"))
    assert story.duties("TH-45") == []
    assert story.case.standing.wakes_at == moment("Tue 30 Jun 2026 08:00")

    story.told(clock("Sat 1 Apr 2028 08:00"))
    reports = [each.opened_on for each in story.duties("TH-45") if each.effect == "report"]
    assert sorted(reports) == [
        day("Wed 30 Sep 2026"),
        day("Wed 31 Mar 2027"),
        day("Thu 30 Sep 2027"),
        day("Fri 31 Mar 2028"),
    ]
    assert story.case.standing.wakes_at == moment("Fri 30 Jun 2028 08:00")


# --- two protocols --------------------------------------------------------------------------


def test_where_two_protocols_bar_a_move_both_say_so_and_both_release_it():
    freezes = tuple(replace(each, id="OT-39") for each in TOWER_HAMLETS.clauses if each.id == "TH-39")
    other = replace(TOWER_HAMLETS, id="other-2026-01-01", clauses=freezes)
    story = Story(rules(TOWER_HAMLETS, other)).told(challenge("Mon 5 Oct 2026"), ended("Wed 7 Oct 2026"))
    assert (story.flag("TH-39").why, story.flag("OT-39").why) == ("frozen", "frozen")

    story.told(resolved("Thu 8 Oct 2026"), ended("Fri 9 Oct 2026", "P-2"))
    assert {each.fact_id for each in story.flags("OT-39")} == {"placement_ended@2026-10-07"}


def test_what_is_incomplete_under_one_protocol_may_settle_under_another():
    record = fact("document_completed", "Mon 5 Oct 2026", document="meeting_record", by=["social_worker"])
    shorter = replace(
        TOWER_HAMLETS,
        id="other-2026-01-01",
        clauses=tuple(
            replace(each, id="OT-27", effects=tuple(e for e in each.effects if not isinstance(e, Record)))
            for each in TOWER_HAMLETS.clauses
            if each.id == "TH-27"
        ),
    )
    story = Story(rules(TOWER_HAMLETS, shorter)).told(FOUND, record)

    assert (story.duty("TH-27").state, story.duty("OT-27").state) == (State.OPEN, State.MET)


def test_a_flag_stays_as_it_was_made_when_its_fact_is_corrected_after_the_move_to_another_version():
    later = replace(TOWER_HAMLETS, id="tower-hamlets-2027-01-01", clauses=())
    words = {"from": (TOWER_HAMLETS.id,), "to": (later.id,)}
    decided = move("Fri 2 Oct 2026")
    moved = replace(fact("protocol_moved", "Mon 5 Oct 2026"), words=words)
    story = Story(replace(rules(later), former=(TOWER_HAMLETS,))).told(decided, moved)
    before = story.flag("TH-25")

    story.told(corrected(decided, move("Thu 1 Oct 2026"), "Tue 6 Oct 2026 09:00"))
    assert story.flag("TH-25").id == before.id
    story.told(move("Wed 7 Oct 2026", learned="Wed 7 Oct 2026 10:00"))
    assert len(story.flags("TH-25")) == 1
