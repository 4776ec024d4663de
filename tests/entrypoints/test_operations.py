"""The doors of whoever operates an authority: what did not arrive, what is set aside, and the audit."""

import json
import logging
from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from chalice.test import HTTPResponse

from chalicelib.core.errors import Unreadable
from chalicelib.credentials import Scope
from chalicelib.ports import Message, MessageState
from chalicelib.wiring import JsonLines
from tests.doors import ELSEWHERE, EVERYTHING, MORNING, Doors, front_of_house
from tests.messages import message

UNDELIVERED = "/v1/operations/undelivered"
SET_ASIDE = "/v1/operations/set-aside"
ACTS = "/v1/operations/acts"
WHY = {"why": "The contact is corrected."}
# Nobody we know of: what an operator writes may be anything, and no log may have it.
SENTINEL = "Zebedee Quux"


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


def failed(doors: Doors, message_id: str = "m-1", **changes: object) -> Message:
    told = message(**{"id": message_id, "state": MessageState.FAILED, "reason": "no_address", **changes})
    doors.cases.outbox.messages[told.id] = told
    return told


def act(doors: Doors, path: str, **how: object) -> HTTPResponse:
    return doors.post(f"/v1/operations/{path}", how.pop("body", WHY), **how)  # type: ignore[arg-type]


# --- seeing ---------------------------------------------------------------------------------


def test_what_did_not_arrive_is_listed_latest_first_and_page_by_page(doors: Doors) -> None:
    for number in (1, 2, 3):
        failed(doors, f"m-{number}", changed_at=MORNING + timedelta(minutes=number))
    failed(doors, "m-4", state=MessageState.SENT)
    failed(doors, "m-5", authority=ELSEWHERE)

    first = doors.get(f"{UNDELIVERED}?limit=2").json_body
    rest = doors.get(f"{UNDELIVERED}?limit=2&cursor={first['next_cursor']}").json_body

    assert [each["id"] for each in (*first["items"], *rest["items"])] == ["m-3", "m-2", "m-1"]
    assert rest["next_cursor"] is None


def test_a_message_is_shown_with_what_became_of_it_in_words(doors: Doors) -> None:
    failed(doors, due_by=time(17, 0))

    shown = doors.get("/v1/operations/messages/m-1").json_body

    assert (shown["state"], shown["reason"], shown["case_id"]) == ("FAILED", "no_address", "PC-2041")
    assert shown["why_in_words"] == "the contacts hold no address for whoever fills that role"
    assert (shown["due_on"], shown["due_by"]) == ("2026-04-13", "17:00")
    assert "lease_until" not in shown


def test_what_is_on_its_way_has_nothing_to_be_put_right(doors: Doors) -> None:
    failed(doors, state=MessageState.CANCELLED, reason="settled")

    assert doors.get("/v1/operations/messages/m-1").json_body["why_in_words"] is None


def test_cases_set_aside_are_listed_and_shown(doors: Doors) -> None:
    case_id, other = doors.open_case(), doors.open_case(child_reference="TH-2")
    doors.cases.set_aside(case_id, "does_not_parse", MORNING)

    (row,) = doors.get(SET_ASIDE).json_body["items"]

    assert (row["case_id"], row["reason"], row["tries"]) == (case_id, "does_not_parse", 1)
    assert doors.get(f"{SET_ASIDE}/{case_id}").json_body == row
    assert doors.get(f"{SET_ASIDE}/{other}").status_code == 404


# --- doing ----------------------------------------------------------------------------------


def test_a_message_is_sent_anew_and_the_audit_says_who_had_it_so_and_why(doors: Doors) -> None:
    failed(doors)

    answer = act(doors, "messages/m-1/again")

    assert answer.status_code == 201
    assert doors.cases.outbox.messages["m-1"].state is MessageState.PENDING
    (kept,) = doors.get(ACTS).json_body["items"]
    assert kept == {
        "id": answer.json_body["act_id"],
        "authority": "tower-hamlets",
        "at": MORNING.isoformat(),
        "by": "cpt",
        "door": "api",
        "what": "again",
        "about": "m-1",
        "why": WHY["why"],
    }
    assert answer.json_body == {
        "act_id": kept["id"],
        "what": "again",
        "message_id": "m-1",
        "case_id": "PC-2041",
        "at": MORNING.isoformat(),
    }


def test_a_message_is_cancelled(doors: Doors) -> None:
    failed(doors)

    assert act(doors, "messages/m-1/cancel").status_code == 201

    known = doors.cases.outbox.messages["m-1"]
    assert (known.state, known.reason) == (MessageState.CANCELLED, "cancelled_by_operator")
    assert [each["what"] for each in doors.get(ACTS).json_body["items"]] == ["cancel"]


def test_a_case_is_redriven(doors: Doors) -> None:
    case_id = doors.open_case()
    doors.cases.set_aside(case_id, "raises", MORNING)

    answer = act(doors, f"set-aside/{case_id}/redrive")

    assert (answer.status_code, answer.json_body["case_id"]) == (201, case_id)
    assert doors.cases.all_aside() == frozenset()
    (kept,) = doors.get(ACTS).json_body["items"]
    assert (kept["what"], kept["about"]) == ("redrive", case_id)


STANDING = [
    *(("again", each) for each in ("PENDING", "SENDING", "SENT", "DELIVERED", "CANCELLED")),
    *(("cancel", each) for each in ("SENDING", "SENT", "DELIVERED", "CANCELLED")),
]


@pytest.mark.parametrize(("asked", "state"), STANDING)
def test_what_its_state_does_not_allow_is_refused_and_nothing_is_stored(
    doors: Doors, asked: str, state: str
) -> None:
    lease = MORNING + timedelta(minutes=5)
    before = failed(doors, state=MessageState(state), lease_until=lease, next_attempt_at=lease)

    answer = act(doors, f"messages/m-1/{asked}")

    assert answer.status_code == 409
    assert (answer.json_body["type"], answer.json_body["state"]) == ("urn:holdfast:problem:not-now", state)
    assert doors.cases.outbox.messages["m-1"] == before
    assert (doors.cases.receipts, doors.cases.outbox.acts) == ({}, [])


def test_a_case_that_is_not_set_aside_cannot_be_redriven(doors: Doors) -> None:
    answer = act(doors, f"set-aside/{doors.open_case()}/redrive")

    assert (answer.status_code, answer.json_body["state"]) == (409, "NOT_SET_ASIDE")
    assert doors.cases.outbox.acts == []


def test_after_a_refusal_the_key_is_free(doors: Doors) -> None:
    failed(doors, state=MessageState.SENT)
    assert act(doors, "messages/m-1/again", key="k").status_code == 409

    failed(doors)
    assert act(doors, "messages/m-1/again", key="k").status_code == 201


def test_what_was_done_is_answered_as_at_first_whatever_became_of_it_since(doors: Doors) -> None:
    failed(doors)
    first = act(doors, "messages/m-1/again", key="k")
    failed(doors)
    doors.moment += timedelta(days=29)

    again = act(doors, "messages/m-1/again", key="k")

    assert (again.status_code, again.body) == (201, first.body)
    assert doors.cases.outbox.messages["m-1"].state is MessageState.FAILED
    assert len(doors.cases.outbox.acts) == 1


# --- whose it is ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["messages/m-1", "set-aside/c-1"])
@pytest.mark.parametrize("whose", [ELSEWHERE, "-"])
def test_what_is_anothers_or_nobodys_is_not_there(doors: Doors, path: str, whose: str) -> None:
    failed(doors, authority=whose)
    doors.cases.set_aside("c-1", "gone", MORNING)

    assert doors.get(f"/v1/operations/{path}").status_code == 404
    for asked in ("again", "cancel") if "messages" in path else ("redrive",):
        assert act(doors, f"{path}/{asked}").status_code == 404
    assert doors.cases.outbox.messages["m-1"].state is MessageState.FAILED
    assert doors.cases.all_aside() == {"c-1"}
    assert doors.cases.outbox.acts == []


def test_another_authoritys_case_is_not_there_whether_it_is_set_aside_or_not(doors: Doors) -> None:
    case_id = doors.open_case()
    doors.know("other", authority=ELSEWHERE)
    stranger = doors.tokens["other"]

    assert act(doors, f"set-aside/{case_id}/redrive", token=stranger).status_code == 404
    doors.cases.set_aside(case_id, "raises", MORNING)
    assert act(doors, f"set-aside/{case_id}/redrive", token=stranger).status_code == 404
    assert doors.get(f"{SET_ASIDE}/{case_id}", token=stranger).status_code == 404
    assert doors.get(SET_ASIDE, token=stranger).json_body["items"] == []
    assert doors.cases.all_aside() == {case_id}


def test_nobody_learns_whose_a_case_is_that_cannot_be_read_and_is_not_set_aside(doors: Doors) -> None:
    def unreadable(_: str) -> None:
        raise Unreadable

    doors.cases.load = unreadable  # type: ignore[assignment, method-assign]

    assert act(doors, "set-aside/c-1/redrive").status_code == 404


@pytest.mark.parametrize("path", ["messages/m-9", "set-aside/c-9", "messages/%20"])
def test_what_is_not_there_is_not_found(doors: Doors, path: str) -> None:
    assert doors.get(f"/v1/operations/{path}").status_code == 404
    verb = "again" if "messages" in path else "redrive"
    assert act(doors, f"{path}/{verb}").status_code == 404


@pytest.mark.parametrize("path", [UNDELIVERED, SET_ASIDE, ACTS, "/v1/operations/messages/m-1"])
def test_the_scope_is_asked_for_and_no_other_will_do(doors: Doors, path: str) -> None:
    token = doors.know("reader", scopes=EVERYTHING - {Scope.OPERATIONS})
    failed(doors)

    refused = doors.get(path, token=token)

    assert (refused.status_code, refused.json_body["errors"][0]["field"]) == (403, "scope")
    assert act(doors, "messages/m-1/again", token=token).status_code == 403
    assert act(doors, "set-aside/c-1/redrive", token=token).status_code == 403
    assert (
        doors.get(path, token=doors.know("operator", scopes=frozenset({Scope.OPERATIONS}))).status_code == 200
    )


# --- the audit ------------------------------------------------------------------------------


def test_acts_come_from_either_end_page_by_page_and_from_ones_own_authority_alone(doors: Doors) -> None:
    doors.know("other", authority=ELSEWHERE)
    failed(doors, "m-9", authority=ELSEWHERE)
    assert act(doors, "messages/m-9/cancel", token=doors.tokens["other"]).status_code == 201
    for number in (1, 2, 3):
        failed(doors, f"m-{number}")
        doors.moment += timedelta(minutes=1)
        act(doors, f"messages/m-{number}/again", key=f"k-{number}")

    def about(query: str) -> list[str]:
        return [each["about"] for each in doors.get(f"{ACTS}?{query}").json_body["items"]]

    assert about("order=latest") == about("limit=20") == ["m-3", "m-2", "m-1"]
    assert about("order=oldest") == ["m-1", "m-2", "m-3"]
    cursor = doors.get(f"{ACTS}?order=oldest&limit=2").json_body["next_cursor"]
    assert about(f"order=oldest&limit=2&cursor={cursor}") == ["m-3"]


def test_every_mistake_in_a_query_is_named(doors: Doors) -> None:
    answer = doors.get(f"{ACTS}?order=upwards&limit=0&since=1")

    assert answer.status_code == 400
    assert [each["field"] for each in answer.json_body["errors"]] == ["limit", "order", "query"]
    refused = doors.get(f"{UNDELIVERED}?order=oldest").json_body["errors"]
    assert [each["field"] for each in refused] == ["query"]


# --- what is sent ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["why"]),
        ({"why": ""}, ["why"]),
        ({"why": "   "}, ["why"]),
        ({"why": "two\nlines"}, ["why"]),
        ({"why": "\u202eback"}, ["why"]),
        ({"why": "x" * 501}, ["why"]),
        ({"why": 3}, ["why"]),
        ({"why": SENTINEL, "by": SENTINEL}, ["by"]),
        ({"by": SENTINEL}, ["by", "why"]),
        (b'{"why": "a", "why": "b"}', ["why"]),
        (b"[]", ["body"]),
        (b"", ["body"]),
    ],
)
@pytest.mark.parametrize("path", ["messages/m-1/again", "messages/m-1/cancel", "set-aside/c-1/redrive"])
def test_every_field_that_is_wrong_is_named_and_nothing_is_done(
    doors: Doors, path: str, body: object, fields: list[str]
) -> None:
    before = failed(doors)

    answer = act(doors, path, body=body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert sorted(each["field"] for each in answer.json_body["errors"]) == fields
    assert SENTINEL.encode() not in answer.body
    assert doors.cases.outbox.messages["m-1"] == before
    assert (doors.cases.receipts, doors.cases.outbox.acts) == ({}, [])


def test_nothing_is_taken_without_a_key(doors: Doors) -> None:
    failed(doors)

    answer = act(doors, "messages/m-1/again", key=None)

    assert (answer.status_code, answer.json_body["errors"][0]["field"]) == (400, "Idempotency-Key")


def test_a_wrong_body_is_named_beside_a_missing_key(doors: Doors) -> None:
    failed(doors)

    answer = act(doors, "messages/m-1/again", body={}, key=None)

    assert [each["field"] for each in answer.json_body["errors"]] == ["Idempotency-Key", "why"]


def test_as_long_a_reason_as_may_be_is_kept_as_it_was_written(doors: Doors) -> None:
    failed(doors)
    why = "é" * 500

    assert act(doors, "messages/m-1/again", body={"why": why}).status_code == 201
    assert doors.cases.outbox.acts[0].why == why


def test_no_reason_reaches_a_log_whether_it_is_taken_or_refused(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    failed(doors)

    for state in (201, 409):
        answer = act(doors, "messages/m-1/again", body={"why": SENTINEL}, key=f"k-{state}")
        assert answer.status_code == state
    act(doors, "messages/m-1/again", body={"why": SENTINEL, SENTINEL: 1})

    lines = [JsonLines().format(record) for record in caplog.records if record.name != "botocore"]
    assert lines
    assert not [line for line in lines if SENTINEL in line or SENTINEL in json.dumps(json.loads(line))]
