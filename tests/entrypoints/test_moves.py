"""The doors at which a case is moved to other protocols, and first shown what that would change."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.ports import Authority
from tests.doors import COUNCIL, PROTOCOL, Doors, front_of_house

PLANNING = "placement-planning-2026-01-01"
TO_BOTH = {"to": [PROTOCOL, PLANNING], "because": "The chapter on planning is in force here too."}


@pytest.fixture
def doors() -> Iterator[Doors]:
    """A council that chose a second protocol after a case was opened under the first."""
    with front_of_house() as opened:
        yield opened


@pytest.fixture
def case_id(doors: Doors) -> str:
    opened = doors.open_case()
    known = doors.access.known[COUNCIL]
    doors.access.known[COUNCIL] = replace(known, protocols=(PROTOCOL, PLANNING))
    assert isinstance(known, Authority)
    return opened


def moves(case_id: str, *, preview: bool = False) -> str:
    return f"/v1/cases/{case_id}/protocol-moves{'/preview' if preview else ''}"


def test_a_preview_says_what_would_change_and_stores_nothing(doors: Doors, case_id: str) -> None:
    before = doors.get(f"/v1/cases/{case_id}").json_body

    answer = doors.post(moves(case_id, preview=True), TO_BOTH)

    assert answer.status_code == 200
    assert (answer.json_body["from"], answer.json_body["to"]) == ([PROTOCOL], [PROTOCOL, PLANNING])
    assert doors.get(f"/v1/cases/{case_id}").json_body == before


def test_a_move_is_made_once_and_stands_in_the_journal_with_its_reason(doors: Doors, case_id: str) -> None:
    first = doors.post(moves(case_id), TO_BOTH, key="move-1")
    again = doors.post(moves(case_id), TO_BOTH, key="move-1")

    assert (first.status_code, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert doors.get(f"/v1/cases/{case_id}").json_body["protocols"] == [PROTOCOL, PLANNING]
    latest = doors.cases.entries[case_id][-1]
    assert latest.decision.fact.kind == "protocol_moved"
    assert json.loads(latest.fact_json) == TO_BOTH


def test_every_mistake_is_named_and_nothing_repeated(doors: Doors, case_id: str) -> None:
    answer = doors.post(moves(case_id), {"to": ["elsewhere-2026-01-01", PLANNING, PLANNING], "because": "x"})

    assert answer.status_code == 400
    assert [each["field"] for each in answer.json_body["errors"]] == ["to[0]", "to"]
    assert b"elsewhere" not in answer.body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": [], "because": "x"}, "to"),
        ({"to": [PLANNING]}, "because"),
        ({**TO_BOTH, "preview": True}, "preview"),
        (b"{", "body"),
    ],
)
def test_a_body_of_another_shape_is_refused(doors: Doors, case_id: str, body: object, field: str) -> None:
    answer = doors.post(moves(case_id), body)  # type: ignore[arg-type]

    assert answer.status_code == 400
    assert [each["field"] for each in answer.json_body["errors"]] == [field]


def test_a_case_that_is_not_there_cannot_be_moved(doors: Doors) -> None:
    assert doors.post(moves("c-nowhere"), TO_BOTH).status_code == 404
