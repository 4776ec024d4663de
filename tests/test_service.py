"""The corridor, from a fact at the door to what is stored: nothing more, nothing less, nothing twice."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib import service
from chalicelib.core.case import Answer, Case, State
from chalicelib.core.decision import decide
from chalicelib.core.errors import (
    Busy,
    CaseChanged,
    InvalidInput,
    KeyReused,
    NotFound,
    StaleVersion,
    Tripped,
)
from chalicelib.core.facts import Fact, PlacementStarted, ProcessEnded, ProcessOpened
from chalicelib.patience import MOST_TRIES
from tests.builders import day, moment
from tests.council import (
    ELSEWHERE,
    MORNING,
    TOWN,
    Council,
    convened,
    ended,
    exemption,
    held,
    move,
    referral,
    step,
    withdrawal,
)
from tests.doubles import MemoryContacts


@pytest.fixture
def council() -> Council:
    return Council()


def fold(council: Council, case_id: str) -> Case:
    """The case again, from what its journal says and in the order in which it says it."""
    kept = council.case(case_id)
    rules = council.ports.rulebook.for_case(kept)
    case = Case(
        id=kept.id,
        authority=kept.authority,
        child_reference=kept.child_reference,
        protocols=kept.protocols,
    )
    for entry in council.cases.entries[case_id]:
        case = decide(case, entry.decision.fact, rules).after
    return case


def fields_wrong(council: Council, case_id: str, fact: Fact) -> list[str]:
    before = council.snapshot()
    with pytest.raises(InvalidInput) as refused:
        council.record(case_id, fact)
    assert council.snapshot() == before
    return [each.field for each in refused.value.problems]


# --- opening a case -------------------------------------------------------------------------


def test_a_referral_opens_a_case_and_alerts_the_reviewing_officer(council: Council) -> None:
    accepted = council.open_with(referral())

    answer = council.answer(accepted)
    assert (accepted.status, accepted.version, accepted.replayed) == (201, 1, False)
    assert [each["clause"] for each in answer["changes"]] == ["TH-21"]
    assert {each.role for each in council.messages("TH-21")} == {"iro", "cpt", "gm_iro"}
    assert council.cases.child(TOWN, "TH-1042").cases == (answer["case_id"],)


def test_a_case_starts_under_the_protocol_in_force(council: Council) -> None:
    assert council.case(council.open()).protocols == ("tower-hamlets-2026-01-01",)

    with pytest.raises(NotFound):
        council.open("TH-1", learned_at=moment("Wed 31 Dec 2025 23:59"))


def test_a_referral_for_another_authority_finds_nothing(council: Council) -> None:
    with pytest.raises(NotFound):
        council.open_with(referral(authority=ELSEWHERE))
    assert council.cases.by_id == {}


def test_a_referral_that_opens_a_case_corrects_nothing(council: Council) -> None:
    with pytest.raises(InvalidInput) as refused:
        council.open_with(referral(replaces="f-somebody"))

    assert [each.field for each in refused.value.problems] == ["replaces"]
    assert council.cases.by_id == {}


def test_a_second_copy_of_a_referral_changes_nothing_and_gets_the_first_answer(council: Council) -> None:
    first = council.open_with(referral(), key="k")
    before = council.snapshot()
    again = council.open_with(referral(), key="k", learned_at=moment("Fri 16 Oct 2026 09:00"))

    assert again == replace(first, replayed=True)
    assert council.snapshot() == before


def test_the_same_key_with_another_body_is_refused(council: Council) -> None:
    council.open_with(referral(), key="k")

    with pytest.raises(KeyReused):
        council.open_with(referral("TH-2"), key="k", body_hash="b" * 64)


def test_two_referrals_under_two_keys_are_two_cases_of_one_child(council: Council) -> None:
    first, second = council.open(), council.open()

    assert first != second
    assert council.cases.child(TOWN, "TH-1042").cases == (first, second)


# --- recording ------------------------------------------------------------------------------


def test_a_replayed_fact_gets_its_first_answer_even_after_the_case_moved_on(council: Council) -> None:
    case_id = council.open()
    first = council.record(case_id, convened(), key="k", if_match=1)
    council.record(case_id, held())
    before = council.snapshot()

    again = council.record(case_id, convened(), key="k", if_match=1)
    assert again == replace(first, replayed=True)
    assert council.snapshot() == before


def test_a_key_is_not_used_again_for_another_fact_or_on_another_case(council: Council) -> None:
    case_id, other = council.open(), council.open("TH-2")
    council.record(case_id, convened(), key="k")

    with pytest.raises(KeyReused):
        council.record(case_id, held(), key="k", body_hash="b" * 64)
    with pytest.raises(KeyReused):
        council.record(other, convened(), key="k", body_hash="b" * 64)


def test_a_stale_version_is_refused_and_nothing_is_stored(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, convened(), if_match=1)
    before = council.snapshot()

    with pytest.raises(StaleVersion):
        council.record(case_id, held(), if_match=1)
    assert council.snapshot() == before


def test_another_authoritys_case_is_not_there(council: Council) -> None:
    case_id = council.open()

    for attempt in (council.record, council.propose):
        with pytest.raises(NotFound):
            attempt(case_id, move(), authority=ELSEWHERE)
    with pytest.raises(NotFound):
        council.record("c-nowhere", move())


def test_a_fact_that_trips_a_guard_is_stored_and_flagged_and_told(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, move())

    assert [flag.answer for flag in council.flags(case_id, "TH-25")] == [Answer.BREACH]
    assert {each.role for each in council.messages("TH-25")} == {"iro", "gm_iro"}


def test_who_decided_is_looked_up_among_the_case_and_the_contacts(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, held())
    council.record(case_id, move(by="p-tm"))
    assert council.flags(case_id, "TH-37") == []

    # A team manager of the authority, and not this child's.
    council.record(case_id, move(by="p-other"))
    assert [flag.answer for flag in council.flags(case_id, "TH-37")] == [Answer.BREACH]


def test_a_role_that_nobody_can_be_reached_for_still_commits_the_fact() -> None:
    council = Council(contacts=MemoryContacts())
    case_id = council.open()

    assert council.case(case_id).version == 1
    assert {each.role for each in council.messages("TH-21")} == {"iro", "cpt", "gm_iro"}
    assert {each.channel for each in council.messages("TH-21")} == {"email"}


def test_a_settled_duty_leaves_a_tombstone_and_a_reopened_one_takes_it_away(council: Council) -> None:
    case_id = council.open()
    acknowledged = council.record(
        case_id, step("Tue 6 Oct 2026", "alert_acknowledged", by=held().present[:1])
    )
    (duty,) = council.duties(case_id, "TH-21")
    assert duty.state is State.MET
    assert duty.id in council.cases.outbox.tombstones

    council.record(case_id, withdrawal(council.answer(acknowledged)["fact_id"]))
    assert council.duties(case_id, "TH-21")[0].state is State.OPEN
    assert duty.id not in council.cases.outbox.tombstones


# --- rivals ---------------------------------------------------------------------------------


def test_a_case_that_changed_meanwhile_is_decided_again(council: Council) -> None:
    case_id = council.open()
    council.cases.before_commit.append(lambda: council.record(case_id, convened()) and None)
    accepted = council.record(case_id, held())

    assert accepted.version == 3
    assert [each.kind for each in council.case(case_id).facts] == [
        "referral_received",
        "meeting_convened",
        "meeting_held",
    ]
    assert len(council.waits) == 1


def test_after_so_many_rivals_it_is_busy_and_nothing_is_stored(council: Council) -> None:
    case_id = council.open()

    def rival() -> None:
        raise CaseChanged(case_id)

    council.cases.before_commit.extend([rival] * MOST_TRIES)
    before = council.snapshot()

    with pytest.raises(Busy):
        council.record(case_id, held())
    assert council.snapshot() == before
    assert len(council.waits) == MOST_TRIES


def test_a_version_that_a_rival_made_stale_is_not_decided_again(council: Council) -> None:
    case_id = council.open()
    council.cases.before_commit.append(lambda: council.record(case_id, convened()) and None)

    with pytest.raises(StaleVersion):
        council.record(case_id, held(), if_match=1)


def test_the_same_request_at_once_is_stored_once(council: Council) -> None:
    case_id = council.open()
    council.cases.before_commit.append(lambda: council.record(case_id, held(), key="k") and None)
    accepted = council.record(case_id, held(), key="k")

    assert accepted.replayed
    assert council.case(case_id).version == 2


# --- what cannot be so ----------------------------------------------------------------------


def test_a_placement_does_not_end_before_it_started(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, started("Mon 12 Oct 2026"))

    assert fields_wrong(council, case_id, ended("Sun 11 Oct 2026", placement_id="P-2")) == ["on"]
    council.record(case_id, ended("Mon 12 Oct 2026", placement_id="P-2"))
    assert fields_wrong(council, case_id, started("Tue 13 Oct 2026")) == ["on"]


def test_a_process_does_not_end_earlier_on_the_day_it_was_opened(council: Council) -> None:
    case_id = council.open()
    challenge: dict[str, Any] = {"process": "iro_challenge", "process_id": "ch-1"}
    on = day("Wed 14 Oct 2026")
    council.record(case_id, ProcessOpened(on=on, at=moment("Wed 14 Oct 2026 15:00"), **challenge))

    early = ProcessEnded(on=on, at=moment("Wed 14 Oct 2026 09:00"), **challenge)
    assert fields_wrong(council, case_id, early) == ["at"]
    council.record(case_id, ProcessEnded(on=on, at=moment("Wed 14 Oct 2026 15:01"), **challenge))


def test_a_meeting_is_convened_before_it_is_held_and_is_of_one_kind(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, held("Mon 12 Oct 2026"))

    assert fields_wrong(council, case_id, convened("Tue 13 Oct 2026")) == ["on"]
    assert fields_wrong(council, case_id, convened(meeting="disruption")) == ["meeting"]
    council.record(case_id, convened("Mon 12 Oct 2026"))


def started(on: str) -> Fact:
    return PlacementStarted(on=day(on), placement_id="P-2", details={"entry": "planned"})


def test_a_correction_names_a_fact_of_its_kind_on_this_case(council: Council) -> None:
    case_id, other = council.open(), council.open("TH-2")
    there = council.answer(council.record(other, convened()))["fact_id"]
    here = council.answer(council.record(case_id, convened()))["fact_id"]

    for wrong in ("f-unknown", there):
        assert fields_wrong(council, case_id, convened(replaces=wrong)) == ["replaces"]
        assert fields_wrong(council, case_id, withdrawal(wrong)) == ["replaces"]
    assert fields_wrong(council, case_id, held(replaces=here)) == ["replaces"]
    council.record(case_id, convened("Fri 9 Oct 2026", replaces=here))
    (duty,) = council.duties(case_id, "TH-18")
    assert duty.opened_on == day("Fri 9 Oct 2026")


def test_a_fact_of_the_services_own_is_not_corrected(council: Council) -> None:
    case_id = council.open()
    council.tick(moment("Thu 15 Oct 2026 12:00"))
    (tick,) = (each.id for each in council.case(case_id).facts if each.kind == "time_reached")

    assert fields_wrong(council, case_id, withdrawal(tick)) == ["replaces"]


def test_a_step_names_a_duty_a_flag_or_a_task_of_this_case(council: Council) -> None:
    case_id = council.open()

    assert fields_wrong(
        council, case_id, step("Thu 8 Oct 2026", "told_another_way", for_id="t-elsewhere")
    ) == ["for_id"]


def test_a_referral_on_a_case_is_about_its_child(council: Council) -> None:
    case_id = council.open("TH-1042")

    assert fields_wrong(council, case_id, referral("TH-2000")) == ["child_reference"]
    council.record(case_id, referral("TH-1042", on="Wed 14 Oct 2026"))
    assert len(council.duties(case_id, "TH-21")) == 2


def test_everything_that_cannot_be_so_is_said_at_once(council: Council) -> None:
    case_id = council.open()

    assert fields_wrong(council, case_id, referral("TH-2000", replaces="f-unknown")) == [
        "child_reference",
        "replaces",
    ]


# --- proposing ------------------------------------------------------------------------------


def refused(council: Council, case_id: str, fact: Fact) -> tuple[Any, ...]:
    before = council.snapshot()
    with pytest.raises(Tripped) as tripped:
        council.propose(case_id, fact)
    assert council.snapshot() == before
    return tripped.value.reasons


def test_a_move_proposed_without_a_meeting_is_refused_with_every_way_past(council: Council) -> None:
    case_id = council.open()
    (reason,) = refused(council, case_id, move())

    assert reason["clause"] == "TH-25"
    assert reason["printed"] == "4.3"
    assert {way["name"]: way["not_open_because"] for way in reason["exceptions"]} == {
        "immediate_harm": ["it was not claimed"],
        "carer_ended_placement": ["it does not apply to this step", "it was not claimed"],
        "contract_ended": ["it does not apply to this step", "it was not claimed"],
        "safety": ["it was not claimed"],
    }


def test_every_tripped_clause_is_given(council: Council) -> None:
    case_id = council.open()

    assert [each["clause"] for each in refused(council, case_id, move(by="p-sw"))] == ["TH-25", "TH-37"]


def test_an_approver_without_the_role_is_named_as_what_stands_in_the_way(council: Council) -> None:
    case_id = council.open()
    (reason,) = refused(council, case_id, move(exceptions=exemption("immediate_harm", "p-sw")))

    (harm,) = (way for way in reason["exceptions"] if way["name"] == "immediate_harm")
    assert harm["not_open_because"] == ["the approver named does not hold the role it asks for"]


def test_with_an_exception_a_proposal_is_accepted_and_journalled(council: Council) -> None:
    case_id = council.open()
    accepted = council.propose(case_id, move(exceptions=exemption("immediate_harm")))

    assert accepted.status == 201
    (flag,) = council.flags(case_id, "TH-25")
    assert (flag.answer, flag.exception) == (Answer.EXCEPTED, "immediate_harm")
    assert council.messages("TH-25") == []
    entry = council.cases.entries[case_id][-1]
    assert (entry.decision.fact.kind, entry.proposed) == ("decision_made", True)


def test_a_refusal_is_not_kept_under_its_key(council: Council) -> None:
    case_id = council.open()
    with pytest.raises(Tripped):
        council.propose(case_id, move(), key="k")
    council.record(case_id, held())

    assert not council.propose(case_id, move(), key="k").replayed


def test_an_old_breach_does_not_stand_in_the_way_of_another_step(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, move())
    council.record(case_id, held())

    assert council.propose(case_id, move("Thu 15 Oct 2026")).status == 201


def test_a_proposal_dated_before_a_freeze_is_barred_by_it_all_the_same(council: Council) -> None:
    case_id = council.open()
    challenge: dict[str, Any] = {"process": "iro_challenge", "process_id": "ch-1"}
    council.record(case_id, ProcessOpened(on=day("Wed 14 Oct 2026"), **challenge))
    before = council.snapshot()

    with pytest.raises(Tripped) as refused:
        council.propose(case_id, ended("Tue 13 Oct 2026", manner="planned"))

    assert [each["clause"] for each in refused.value.reasons] == ["TH-39"]
    assert council.snapshot() == before
    council.record(case_id, ended("Tue 13 Oct 2026", manner="planned"))
    assert council.flags(case_id, "TH-39") == []


def test_a_proposal_corrects_nothing(council: Council) -> None:
    case_id = council.open()

    with pytest.raises(InvalidInput):
        council.propose(case_id, move(replaces="f-1"))


# --- one child, two cases -------------------------------------------------------------------


def two_breakdowns(council: Council) -> tuple[str, str, str]:
    """Two cases of one child, each with an unplanned ending; the later one's case is the second."""
    first, second = council.open(), council.open()
    fact_id = council.answer(council.record(first, ended("Mon 5 Jan 2026", placement_id="P-0")))["fact_id"]
    council.record(second, ended("Wed 14 Oct 2026"))
    return first, second, fact_id


def test_two_breakdowns_in_two_cases_make_the_meeting_owed_on_the_case_of_the_later(council: Council) -> None:
    first, second, _ = two_breakdowns(council)

    assert council.duties(first, "TH-42") == []
    assert [duty.state for duty in council.duties(second, "TH-42")] == [State.OPEN]
    assert {each.role for each in council.messages("TH-42")} == {"iro", "social_worker", "team_manager"}


def test_it_is_the_later_ending_whichever_is_told_first(council: Council) -> None:
    first, second = council.open(), council.open()
    council.record(second, ended("Wed 14 Oct 2026"))
    council.record(first, ended("Mon 5 Jan 2026", placement_id="P-0"))

    assert council.duties(first, "TH-42") == []
    assert len(council.duties(second, "TH-42")) == 1


def test_a_case_opened_after_the_first_breakdown_knows_of_it(council: Council) -> None:
    first = council.open()
    council.record(first, ended("Mon 5 Jan 2026", placement_id="P-0"))
    second = council.open()
    council.record(second, ended("Wed 14 Oct 2026"))

    assert len(council.duties(second, "TH-42")) == 1


def test_a_correction_out_of_the_window_undoes_it_and_one_back_into_it_is_heard(council: Council) -> None:
    first, second, fact_id = two_breakdowns(council)
    (duty,) = council.duties(second, "TH-42")

    council.record(first, ended("Mon 13 Oct 2025", placement_id="P-0", replaces=fact_id))
    assert council.duties(second, "TH-42") == []
    assert duty.id in council.cases.outbox.tombstones

    council.record(first, ended("Tue 14 Oct 2025", placement_id="P-0", replaces=fact_id))
    assert [each.id for each in council.duties(second, "TH-42")] == [duty.id]
    assert duty.id not in council.cases.outbox.tombstones
    assert "reopened" in {each.occasion.partition(":")[0] for each in council.messages("TH-42")}


def test_a_withdrawal_undoes_it(council: Council) -> None:
    first, second, fact_id = two_breakdowns(council)
    council.record(first, withdrawal(fact_id))

    assert council.duties(second, "TH-42") == []
    assert council.cases.child(TOWN, "TH-1042").endings[0].case_id == second


def test_a_case_does_not_hear_of_its_own_endings_from_the_others(council: Council) -> None:
    first, second = council.open(), council.open()
    own = council.record(second, ended("Mon 5 Jan 2026", placement_id="P-0"))
    council.record(second, ended("Wed 14 Oct 2026"))
    council.record(first, ended("Mon 5 Oct 2020", placement_id="P-9"))
    assert len(council.duties(second, "TH-42")) == 1

    council.record(second, withdrawal(council.answer(own)["fact_id"]))
    assert council.duties(second, "TH-42") == []


def test_a_correction_of_something_else_leaves_the_other_case_alone(council: Council) -> None:
    first, second, _ = two_breakdowns(council)
    version = council.case(second).version
    fact_id = council.answer(council.record(first, convened()))["fact_id"]
    council.record(first, convened("Fri 9 Oct 2026", replaces=fact_id))

    assert council.case(second).version == version


def test_a_corrected_referral_keeps_what_was_known_of_other_cases(council: Council) -> None:
    first = council.open()
    council.record(first, ended("Mon 5 Jan 2026", placement_id="P-0"))
    opened = council.answer(council.open_with(referral()))
    council.record(opened["case_id"], ended("Wed 14 Oct 2026"))
    council.record(opened["case_id"], referral(on="Mon 5 Oct 2026", replaces=opened["fact_id"]))

    assert len(council.duties(opened["case_id"], "TH-42")) == 1


def test_another_childs_breakdowns_are_not_counted(council: Council) -> None:
    first, second = council.open("TH-1"), council.open("TH-2")
    council.record(first, ended("Mon 5 Jan 2026", placement_id="P-0"))
    council.record(second, ended("Wed 14 Oct 2026"))

    assert council.duties(second, "TH-42") == []


def test_both_cases_change_in_one_commit_or_neither(council: Council) -> None:
    first, second = council.open(), council.open()
    council.record(second, ended("Wed 14 Oct 2026"))
    council.cases.before_commit.append(lambda: council.record(second, convened()) and None)
    council.record(first, ended("Mon 5 Jan 2026", placement_id="P-0"))

    # The rival on the other case made the first attempt fail whole; the second found both.
    assert len(council.duties(second, "TH-42")) == 1
    kinds = [each.kind for each in council.case(second).facts]
    assert kinds.count("meeting_convened") == 1


# --- the journal ----------------------------------------------------------------------------


def test_folding_the_journal_gives_the_stored_case(council: Council) -> None:
    first, second, fact_id = two_breakdowns(council)
    council.record(second, convened(planned_for=day("Mon 12 Oct 2026")))
    council.record(second, held("Mon 12 Oct 2026", outcome="not_viable"))
    council.record(second, move())
    council.tick(moment("Mon 19 Oct 2026 08:00"))
    council.record(first, withdrawal(fact_id))
    council.tick(moment("Mon 26 Oct 2026 08:00"))

    for case_id in (first, second):
        assert fold(council, case_id) == council.case(case_id)


def test_every_entry_says_who_recorded_it_and_when_it_was_learned(council: Council) -> None:
    case_id = council.open(subject="placements team", fact_json='{"on": "2026-10-06"}')

    (entry,) = council.cases.entries[case_id]
    assert (entry.recorded_by, entry.learned_at) == ("placements team", MORNING)
    assert entry.fact_json == '{"on": "2026-10-06"}'


# --- the log of meetings --------------------------------------------------------------------


def test_a_meeting_has_one_line_in_the_log_that_follows_what_is_recorded(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, convened(planned_for=day("Mon 12 Oct 2026")))
    row = council.cases.log[case_id, "m-1"]
    assert (row.convened_on, row.planned_for, row.held_on) == (
        day("Thu 8 Oct 2026"),
        day("Mon 12 Oct 2026"),
        None,
    )

    council.record(case_id, held("Wed 14 Oct 2026", outcome="viable"))
    logged = step("Thu 15 Oct 2026", "meeting_logged", by=move(by="p-gm").by)
    council.record(case_id, logged)
    row = council.cases.log[case_id, "m-1"]
    assert (row.held_on, row.outcome, row.chair, row.logged_on) == (
        day("Wed 14 Oct 2026"),
        "viable",
        "iro",
        day("Thu 15 Oct 2026"),
    )
    assert len(council.cases.log) == 1


def test_a_meeting_that_never_was_keeps_an_empty_line(council: Council) -> None:
    case_id = council.open()
    fact_id = council.answer(council.record(case_id, held()))["fact_id"]
    council.record(case_id, withdrawal(fact_id))

    row = council.cases.log[case_id, "m-1"]
    assert (row.meeting, row.held_on, row.outcome) == ("placement_support", None, None)


def test_the_answer_names_what_changed_and_nothing_of_the_child(council: Council) -> None:
    accepted = council.open_with(referral())

    assert "TH-1042" not in accepted.answer
    assert "P-1" not in accepted.answer


def test_a_fact_without_change_in_the_family_asks_nothing_of_the_childs_item(council: Council) -> None:
    case_id = council.open()
    version = council.cases.child(TOWN, "TH-1042").version
    service.record(case_id, convened(), council.incoming(), council.ports)

    assert council.cases.child(TOWN, "TH-1042").version == version
