"""The door that says what is next on a case."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chalicelib.credentials import Scope
from tests.doors import ELSEWHERE, Doors, front_of_house


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


def test_it_says_what_is_owed_what_would_be_refused_and_what_stands_still(doors: Doors) -> None:
    case_id = doors.open_case()
    challenged = {"on": "2026-05-22", "process": "iro_challenge", "process_id": "ch-1"}
    doors.post(f"/v1/cases/{case_id}/facts/process_opened", challenged, key="key-2")

    answer = doors.get(f"/v1/cases/{case_id}/next")

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    told = answer.json_body
    assert [each["clause"] for each in told["owed"]] == ["TH-21", "TH-39"]
    assert [each["step"]["kind"] for each in told["refused"]] == [
        "decision_made",
        "placement_ended",
        "placement_started",
    ]
    assert [each["ends_when"] for each in told["frozen"]] == ["the IRO challenge ch-1 has ended"]


def test_today_is_londons_day_by_the_doors_clock(doors: Doors) -> None:
    case_id = doors.open_case()
    doors.moment = datetime(2026, 5, 22, 23, 30, tzinfo=UTC)

    told = doors.get(f"/v1/cases/{case_id}/next").json_body

    assert told["today"] == "2026-05-23"
    assert [(each["clause"], each["urgency"]) for each in told["owed"]] == [("TH-21", "overdue")]


def test_it_wants_a_credential_that_may_read_this_authoritys_cases(doors: Doors) -> None:
    case_id = doors.open_case()
    writer = doors.know("writer", scopes=frozenset({Scope.FACTS_WRITE}))
    stranger = doors.know("stranger", authority=ELSEWHERE)

    assert doors.get(f"/v1/cases/{case_id}/next", token=writer).status_code == 403
    assert doors.get(f"/v1/cases/{case_id}/next", token=stranger).status_code == 404
    assert doors.get("/v1/cases/c-nowhere/next").status_code == 404
