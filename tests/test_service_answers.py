"""What the corridor answers and keeps, to the word: refusals, seats, what a corrected referral keeps."""

from dataclasses import replace

import pytest

from chalicelib import service
from chalicelib.core.errors import Busy, InvalidInput, KeyReused, NotFound, Problem, StaleVersion, Tripped
from chalicelib.core.facts import DecisionMade, Party, ProcessOpened
from chalicelib.core.trace import Seat
from tests.builders import day, moment
from tests.council import ELSEWHERE, TOWN, Council, convened, ended, held, move, referral


@pytest.fixture
def council() -> Council:
    return Council()


def problems(refused: pytest.ExceptionInfo[InvalidInput]) -> list[Problem]:
    return list(refused.value.problems)


def test_a_referral_for_another_authority_is_told_no_more_than_that_there_is_none(council: Council) -> None:
    with pytest.raises(NotFound, match=r"^no such authority$"):
        council.open_with(referral(authority=ELSEWHERE))
    case_id = council.open()
    with pytest.raises(NotFound, match=r"^no such authority$"):
        council.record(case_id, referral(authority=ELSEWHERE))


def test_a_case_of_another_authority_and_one_that_is_nowhere_are_told_alike(council: Council) -> None:
    case_id = council.open()

    for wanted in (case_id, "PC-nowhere"):
        with pytest.raises(NotFound, match=r"^no such case$"):
            council.record(wanted, held(), authority=ELSEWHERE)


def test_what_corrects_no_fact_names_the_field_and_says_why(council: Council) -> None:
    with pytest.raises(InvalidInput) as opening:
        council.open_with(referral(replaces="f-somebody"))
    with pytest.raises(InvalidInput) as proposing:
        council.propose(council.open(), move(replaces="f-somebody"))

    assert problems(opening) == [
        Problem("replaces", "nothing: a referral that opens a case corrects no fact")
    ]
    assert problems(proposing) == [Problem("replaces", "nothing: a proposal corrects no fact")]


def test_a_stale_version_is_told_the_one_at_which_the_case_is(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, held())

    with pytest.raises(StaleVersion, match=r"^the case is at version 2$"):
        council.record(case_id, held(), if_match=1)


def test_a_key_that_came_before_with_something_else_is_told_so(council: Council) -> None:
    council.open_with(referral(), key="k")

    with pytest.raises(KeyReused, match=r"^this idempotency key came before with another request$"):
        council.open_with(referral(), key="k", body_hash="b" * 64)


def test_a_copy_whose_first_answer_cannot_be_found_is_asked_to_come_again(council: Council) -> None:
    case_id = council.open()
    incoming = council.incoming(key="k")
    service.record(case_id, held(), incoming, council.ports)
    council.cases.receipts.clear()

    with pytest.raises(Busy, match=r"^the case kept changing; nothing was stored$"):
        service.record(case_id, held(), incoming, council.ports)
    assert council.case(case_id).version == 2


def test_a_copy_of_a_referral_is_known_before_anything_is_stored(council: Council) -> None:
    incoming = council.incoming()
    first = service.open_case(referral(), incoming, council.ports)
    stored: list[str] = []
    council.cases.before_commit.append(lambda: stored.append("something"))

    assert service.open_case(referral(), incoming, council.ports) == replace(first, replayed=True)
    assert stored == []


def test_somebody_who_is_named_by_role_alone_is_kept_so(council: Council) -> None:
    case_id = council.open()
    by = (Party(role="team_manager"),)  # type: ignore[arg-type]
    council.record(case_id, DecisionMade(on=day("Thu 15 Oct 2026"), decision="move", by=by))

    assert council.case(case_id).facts[-1].people["by"] == (Seat(roles=("team_manager",)),)


def test_a_proposal_dated_before_a_freeze_to_the_hour_is_barred_by_it_all_the_same(council: Council) -> None:
    case_id = council.open()
    challenge = ProcessOpened(
        on=day("Thu 15 Oct 2026"),
        at=moment("Thu 15 Oct 2026 09:00"),
        process="iro_challenge",
        process_id="ch-1",
    )
    council.record(case_id, challenge)

    with pytest.raises(Tripped) as refused:
        council.propose(
            case_id, ended("Wed 14 Oct 2026", manner="planned", at=moment("Wed 14 Oct 2026 10:00"))
        )
    assert [each["clause"] for each in refused.value.reasons] == ["TH-39"]


def test_a_corrected_referral_keeps_all_that_was_known_of_the_childs_other_cases(council: Council) -> None:
    first = council.open()
    council.record(first, ended("Mon 5 Jan 2026", placement_id="P-0"))
    opened = council.answer(council.open_with(referral()))
    council.record(opened["case_id"], convened())
    council.record(opened["case_id"], referral(on="Mon 5 Oct 2026", replaces=opened["fact_id"]))

    wrong, _, right = council.case(opened["case_id"]).facts
    assert right.replaces == wrong.id
    assert [each.placement_id for each in wrong.endings] == ["P-0"]
    assert {each.case_id for each in wrong.involved} == {first}
    assert (right.endings, right.involved) == (wrong.endings, wrong.involved)


def test_what_corrects_something_else_takes_nothing_from_the_referral(council: Council) -> None:
    first = council.open()
    council.record(first, ended("Mon 5 Jan 2026", placement_id="P-0"))
    case_id = council.open()
    fact_id = council.answer(council.record(case_id, convened()))["fact_id"]
    council.record(case_id, convened("Fri 9 Oct 2026", replaces=fact_id))

    assert council.case(case_id).authority == TOWN
    assert council.case(case_id).facts[-1].endings == ()
