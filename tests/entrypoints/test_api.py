"""The JSON doors: what goes in, what comes out, and what comes of sending it twice."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from chalice.test import HTTPResponse

from chalicelib.credentials import Scope
from tests.doors import ELSEWHERE, Doors, front_of_house, meeting_held, referral

MOVE = {"on": "2026-05-22", "decision": "move", "placement_id": "PL-77", "by": [{"person_id": "p-tm"}]}
REASON = {"name": "immediate_harm", "because": "An incident last night.", "approver": "p-tm"}


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


def test_a_referral_opens_a_case_and_gives_rise_to_an_alert(doors: Doors) -> None:
    answer = doors.post("/v1/referrals", referral())

    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    assert answer.json_body["changes"][0]["clause"] == "TH-21"
    assert doors.cases.by_id[answer.json_body["case_id"]].child_reference == "TH-1042"
    assert doors.cases.outbox.messages


def test_a_fact_is_recorded_on_its_case(doors: Doors) -> None:
    case_id = doors.open_case()

    answer = doors.post(f"/v1/cases/{case_id}/facts/meeting_held", meeting_held())

    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"2"'
    assert doors.cases.entries[case_id][1].recorded_by == "cpt of tower-hamlets"


def test_a_proposal_that_a_clause_does_not_allow_is_answered_with_every_reason(doors: Doors) -> None:
    case_id = doors.open_case()

    answer = doors.post(f"/v1/cases/{case_id}/proposals/decision_made", MOVE)

    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    (reason,) = [each for each in answer.json_body["reasons"] if each["clause"] == "TH-25"]
    assert "immediate_harm" in {each["name"] for each in reason["exceptions"]}
    assert doors.cases.by_id[case_id].version == 1


def test_a_proposal_with_an_exception_and_its_approver_is_taken(doors: Doors) -> None:
    case_id = doors.open_case()

    answer = doors.post(f"/v1/cases/{case_id}/proposals/decision_made", {**MOVE, "exceptions": [REASON]})

    assert answer.status_code == 201


def test_what_has_happened_is_stored_whatever_clause_it_trips(doors: Doors) -> None:
    case_id = doors.open_case()

    answer = doors.post(f"/v1/cases/{case_id}/facts/decision_made", MOVE)

    assert answer.status_code == 201
    assert "flagged" in {each["what"] for each in answer.json_body["changes"]}


# --- the same again -------------------------------------------------------------------------


def test_the_same_request_again_gets_the_first_answer_and_changes_nothing(doors: Doors) -> None:
    first = doors.post("/v1/referrals", referral())
    again = doors.post("/v1/referrals", referral())

    assert (again.status_code, again.body) == (first.status_code, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(doors.cases.by_id) == 1


def test_a_key_is_the_callers_own(doors: Doors) -> None:
    other = doors.know("review")

    doors.post("/v1/referrals", referral(), key="key-1")
    answer = doors.post("/v1/referrals", referral(child_reference="TH-2"), key="key-1", token=other)

    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers


def test_a_refusal_is_not_kept_under_its_key(doors: Doors) -> None:
    case_id = doors.open_case()
    path = f"/v1/cases/{case_id}/proposals/decision_made"
    assert doors.post(path, MOVE, key="move").status_code == 409

    answer = doors.post(path, {**MOVE, "exceptions": [REASON]}, key="move")

    assert answer.status_code == 201


@pytest.mark.parametrize("version", ['"1"', "*", ' "1" '])
def test_a_fact_is_taken_on_the_version_that_was_last_seen(doors: Doors, version: str) -> None:
    case_id = doors.open_case()

    answer = doors.post(
        f"/v1/cases/{case_id}/facts/meeting_held", meeting_held(), headers={"If-Match": version}
    )

    assert answer.status_code == 201


def test_a_case_that_keeps_changing_is_answered_with_when_to_come_back(doors: Doors) -> None:
    case_id = doors.open_case()
    path = f"/v1/cases/{case_id}/facts/meeting_held"

    def rival() -> None:
        case = doors.cases.by_id[case_id]
        doors.cases.by_id[case_id] = replace(case, version=case.version + 1)
        doors.cases.before_commit.append(rival)

    doors.cases.before_commit.append(rival)
    answer = doors.post(path, meeting_held())

    assert answer.status_code == 409
    assert answer.headers["Retry-After"] == "1"


# --- out ------------------------------------------------------------------------------------


def test_every_list_is_paged(doors: Doors) -> None:
    for number in range(3):
        doors.open_case(child_reference=f"TH-{number}")

    first = doors.get("/v1/cases?limit=2").json_body
    second = doors.get(f"/v1/cases?limit=2&cursor={first['next_cursor']}").json_body

    shown = [each["child_reference"] for page in (first, second) for each in page["items"]]
    assert sorted(shown) == ["TH-0", "TH-1", "TH-2"]
    assert second["next_cursor"] is None


def test_a_case_is_shown_with_the_version_to_go_by(doors: Doors) -> None:
    case_id = doors.open_case()

    answer = doors.get(f"/v1/cases/{case_id}")

    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json_body["child_reference"] == "TH-1042"


@pytest.mark.parametrize("part", ["obligations", "notices", "journal"])
def test_what_belongs_to_a_case_is_shown(doors: Doors, part: str) -> None:
    case_id = doors.open_case()

    answer = doors.get(f"/v1/cases/{case_id}/{part}")

    assert answer.status_code == 200
    assert answer.json_body["items"]


@pytest.mark.parametrize("path", ["/v1/meetings", "/v1/tasks"])
def test_the_authoritys_own_lists_are_shown(doors: Doors, path: str) -> None:
    doors.open_case()

    assert doors.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["", "/obligations", "/notices", "/journal", "/facts/meeting_held", "/proposals/decision_made"]
)
def test_a_case_of_another_authority_is_not_there(doors: Doors, path: str) -> None:
    case_id = doors.open_case()
    stranger = doors.know("stranger", authority=ELSEWHERE)
    body = {"facts": meeting_held(), "proposals": MOVE}.get(path.split("/")[1] if path else "")

    def ask(of: str) -> HTTPResponse:
        asked = f"/v1/cases/{of}{path}"
        return doors.post(asked, body, token=stranger) if body else doors.get(asked, token=stranger)

    theirs, nobodys = ask(case_id), ask("c-nobody-has")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.body == nobodys.body
    assert doors.cases.by_id[case_id].version == 1


def test_another_authoritys_cases_are_on_no_list(doors: Doors) -> None:
    doors.open_case()
    stranger = doors.know("stranger", authority=ELSEWHERE)

    assert doors.get("/v1/cases", token=stranger).json_body["items"] == []


# --- who may come in ------------------------------------------------------------------------


def test_health_is_told_to_anyone(doors: Doors) -> None:
    assert doors.client.http.get("/healthz").json_body == {"status": "ok"}


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer hf_cpt",
        "Bearer hf_cpt_short",
        "Bearer hf_nobody_" + "x" * 43,
        "Bearer hf_cpt_" + "x" * 43,
        "Basic Y3B0OmNwdA==",
        "Bearer hf_cpt_" + "é" * 43,
        "Bearer hf_c-p_" + "x" * 43,
    ],
)
def test_a_token_that_is_not_known_is_refused_and_not_said_why(doors: Doors, authorization: str) -> None:
    answer = doors.client.http.get("/v1/cases", headers={"Authorization": authorization})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body == doors.client.http.get("/v1/cases").body


def test_a_token_expires_and_can_be_revoked(doors: Doors) -> None:
    expired = doors.know("expired", expires_at=doors.moment)
    revoked = doors.know("revoked", revoked=True)

    assert doors.get("/v1/cases", token=expired).status_code == 401
    assert doors.get("/v1/cases", token=revoked).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/v1/referrals", Scope.FACTS_WRITE),
        ("POST", "/v1/cases/c-1/facts/meeting_held", Scope.FACTS_WRITE),
        ("POST", "/v1/cases/c-1/proposals/decision_made", Scope.PROPOSALS_WRITE),
        ("GET", "/v1/cases", Scope.CASES_READ),
        ("GET", "/v1/cases/c-1", Scope.CASES_READ),
        ("GET", "/v1/cases/c-1/obligations", Scope.CASES_READ),
        ("GET", "/v1/cases/c-1/notices", Scope.CASES_READ),
        ("GET", "/v1/cases/c-1/journal", Scope.JOURNAL_READ),
        ("GET", "/v1/meetings", Scope.CASES_READ),
        ("GET", "/v1/tasks", Scope.CASES_READ),
        ("POST", "/v1/cases/c-1/protocol-moves", Scope.PROTOCOLS_MOVE),
        ("POST", "/v1/cases/c-1/protocol-moves/preview", Scope.PROTOCOLS_MOVE),
    ],
)
def test_each_door_asks_for_its_own_scope(doors: Doors, method: str, path: str, scope: Scope) -> None:
    token = doors.know("narrow", scopes=frozenset(Scope) - {scope})

    answer = doors.post(path, {}, token=token) if method == "POST" else doors.get(path, token=token)

    assert answer.status_code == 403
    assert answer.json_body["errors"] == [{"field": "scope", "expected": f"this needs the scope {scope}"}]
