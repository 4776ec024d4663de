"""Whoever convenes a meeting hears at once what its planned chair or day would trip."""

from pathlib import Path

import pytest

from chalicelib.core.errors import Tripped
from chalicelib.core.facts import Party
from chalicelib.ports import Person
from chalicelib.protocol_files import Shelf
from tests.builders import day
from tests.council import TOWN, Council, convened, ended, people, referral
from tests.doubles import MemoryContacts

IRO = Party(person_id="p-iro")  # type: ignore[arg-type]
OTHER = Party(person_id="p-independent")  # type: ignore[arg-type]
PLANNED = {"meeting": "disruption", "meeting_id": "m-9"}


@pytest.fixture
def council() -> Council:
    return Council(
        protocols=("wexcombe-2026-10-01",), shelf=Shelf(Path(__file__).parent / "shelf"), contacts=_contacts()
    )


def _contacts() -> MemoryContacts:
    independent = Person(authority=TOWN, id="p-independent", email="i@council.example", roles=("iro",))
    return MemoryContacts(people=[*people(), independent])


@pytest.fixture
def case_id(council: Council) -> str:
    """A placement broke down on Tuesday 13 October 2026; six weeks later is Tuesday 24 November."""
    name = council.open()
    council.record(name, ended("Tue 13 Oct 2026"))
    return name


def refused(council: Council, case_id: str, **changes: object) -> list[str]:
    before = council.snapshot()
    with pytest.raises(Tripped) as tripped:
        council.propose(case_id, convened("Thu 15 Oct 2026", **{**PLANNED, **changes}))
    assert council.snapshot() == before
    return [str(each["reason"]) for each in tripped.value.reasons]


def test_a_day_that_comes_too_early_is_refused(council, case_id):
    (reason,) = refused(council, case_id, planned_for=day("Mon 23 Nov 2026"), chair=OTHER)

    assert "too early" in reason


def test_a_chair_who_had_a_part_in_the_case_is_refused(council, case_id):
    (reason,) = refused(council, case_id, planned_for=day("Tue 24 Nov 2026"), chair=IRO)

    assert "p-iro" in reason


def test_both_are_said_at_once(council, case_id):
    assert len(refused(council, case_id, planned_for=day("Mon 23 Nov 2026"), chair=IRO)) == 2


def test_a_chair_from_outside_the_case_on_the_first_good_day_passes(council, case_id):
    planned = convened("Thu 15 Oct 2026", **PLANNED, planned_for=day("Tue 24 Nov 2026"), chair=OTHER)

    assert council.propose(case_id, planned).status == 201


def test_with_neither_planned_yet_there_is_nothing_to_look_at(council, case_id):
    assert council.propose(case_id, convened("Thu 15 Oct 2026", **PLANNED)).status == 201


def test_convening_that_is_recorded_is_stored_whatever_is_planned(council, case_id):
    planned = convened("Thu 15 Oct 2026", **PLANNED, planned_for=day("Mon 23 Nov 2026"), chair=IRO)

    assert council.record(case_id, planned).status == 201


def test_somebody_with_a_part_in_another_case_of_the_child_is_no_outsider(council, case_id):
    elsewhere = council.answer(council.open_with(referral(allocations={"social_worker": "p-independent"})))
    assert elsewhere["case_id"] != case_id

    (reason,) = refused(council, case_id, planned_for=day("Tue 24 Nov 2026"), chair=OTHER)

    assert "p-independent" in reason
