"""The authority's own record: a case with no child, on which the duties of each year open by themselves."""

import pytest

from chalicelib.authority_record import open_record, record_id
from chalicelib.core.case import Case, State
from chalicelib.core.decision import decide
from chalicelib.core.errors import InvalidInput, NotFound
from chalicelib.core.facts import ConcernRaised, DocumentCompleted, DocumentSent, Party
from chalicelib.protocol_files import Shelf
from tests.builders import day, moment
from tests.council import ELSEWHERE, TOWN, Council, seats

OPENED = moment("Mon 2 Mar 2026 10:00")
REPORT = {"trends": "Two.", "practice_issues": "One.", "samples_used": "Ten."}


@pytest.fixture
def council() -> Council:
    return Council(shelf=Shelf())


@pytest.fixture
def record(council: Council) -> str:
    return open_record(TOWN, "operator", OPENED, council.ports)


def owed(council: Council, record: str) -> list[str]:
    duties = council.duties(record, "TH-45")
    return [
        f"{each.opened_on:%a} {each.opened_on.day} {each.opened_on:%b}"
        for each in duties
        if each.state is State.OPEN
    ]


def test_an_authority_has_one_record_however_often_it_is_opened(council, record):
    assert open_record(TOWN, "operator", moment("Tue 3 Mar 2026 10:00"), council.ports) == record
    assert record == record_id(TOWN) != record_id(ELSEWHERE)
    assert council.case(record).version == 1
    assert council.case(record).child_reference == ""


def test_nothing_is_owed_before_its_day_and_the_day_wakes_the_record(council, record):
    assert council.tick(moment("Mon 30 Mar 2026 09:00")) == 0
    assert owed(council, record) == []

    assert council.tick(moment("Tue 31 Mar 2026 08:00")) == 1
    assert owed(council, record) != []
    assert {each.role for each in council.messages("TH-45")} == {"gm_iro"}


def test_every_day_of_a_year_that_was_slept_through_is_caught_up(council, record):
    council.tick(moment("Mon 5 Oct 2026 09:00"))

    assert {"Tue 31 Mar", "Wed 30 Sep"} <= set(owed(council, record))
    assert council.tick(moment("Mon 5 Oct 2026 09:00")) == 0


def test_a_report_that_says_everything_and_is_sent_meets_the_duty(council, record):
    council.tick(moment("Tue 31 Mar 2026 08:00"))
    before = len(owed(council, record))
    later = moment("Fri 17 Apr 2026 11:00")

    whole = DocumentCompleted(
        on=day("Thu 16 Apr 2026"), document="service_report", by=seats("p-gm"), contents=REPORT
    )
    council.record(record, whole, learned_at=later)
    sent = DocumentSent(
        on=day("Fri 17 Apr 2026"), document="service_report", to=(Party(role="cscmt"),), by=seats("p-gm")
    )
    council.record(record, sent, learned_at=later)

    assert len(owed(council, record)) < before


def test_a_childs_fact_has_no_place_on_it(council, record):
    before = council.snapshot()

    with pytest.raises(InvalidInput):
        council.record(record, ConcernRaised(on=day("Mon 2 Mar 2026")), learned_at=OPENED)

    assert council.snapshot() == before


def test_no_childs_item_is_made_for_it(council, record):
    report = DocumentCompleted(on=day("Mon 2 Mar 2026"), document="service_report", by=seats("p-gm"))
    council.record(record, report, learned_at=moment("Mon 2 Mar 2026 11:00"))

    assert council.cases.children == {}


def test_its_journal_folds_into_it(council, record):
    council.tick(moment("Mon 5 Oct 2026 09:00"))
    stored = council.case(record)

    folded = Case(id=record, authority=TOWN, child_reference="", protocols=stored.protocols)
    for entry in council.cases.entries[record]:
        folded = decide(folded, entry.decision.fact, council.ports.rulebook.for_case(stored)).after

    assert folded == stored


def test_without_a_protocol_in_force_there_is_none(council):
    with pytest.raises(NotFound):
        open_record(TOWN, "operator", moment("Mon 1 Dec 2025 10:00"), council.ports)
