"""Signed webhooks: the same facts into the same corridor, and nothing worse than 401 for the rest."""

import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app import app
from chalicelib import signing
from tests.doors import (
    ELSEWHERE,
    MORNING,
    OLDER_SECRET,
    SECRET,
    Doors,
    front_of_house,
    meeting_held,
    referral,
)

REFERRED = {"type": "referral_received", "data": referral()}


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


def test_a_signed_referral_opens_a_case(doors: Doors) -> None:
    answer = doors.send_signed(REFERRED)

    assert answer.status_code == 201
    (entry,) = doors.cases.entries[answer.json_body["case_id"]]
    assert entry.recorded_by == "webhook:case-system"
    assert json.loads(entry.fact_json) == REFERRED["data"]


def test_a_second_referral_on_a_case_is_recorded_there(doors: Doors) -> None:
    case_id = doors.open_case()

    answer = doors.send_signed({**REFERRED, "case_id": case_id})

    assert answer.status_code == 201
    assert answer.json_body["case_id"] == case_id


def test_a_message_signed_by_the_reference_implementation_is_taken(doors: Doors) -> None:
    raw = json.dumps(REFERRED)
    theirs = Webhook(SECRET).sign("msg_1", MORNING, raw)

    assert doors.send_signed(raw.encode(), headers={"webhook-signature": theirs}).status_code == 201


def test_a_signed_fact_is_recorded_on_its_case(doors: Doors) -> None:
    case_id = doors.open_case()

    answer = doors.send_signed({"type": "meeting_held", "case_id": case_id, "data": meeting_held()})

    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"2"'


def test_a_message_that_comes_again_gets_the_first_answer_though_it_is_signed_anew(doors: Doors) -> None:
    first = doors.send_signed(REFERRED)
    doors.moment = MORNING + timedelta(days=3)
    again = doors.send_signed(REFERRED, at=doors.moment)

    assert (again.status_code, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(doors.cases.by_id) == 1


def test_the_same_id_with_another_body_is_refused(doors: Doors) -> None:
    doors.send_signed(REFERRED)

    assert doors.send_signed({**REFERRED, "data": referral(change="planned")}).status_code == 422


def test_a_refused_message_may_come_again_put_right(doors: Doors) -> None:
    assert doors.send_signed({**REFERRED, "data": {}}).status_code == 400
    assert doors.send_signed(REFERRED).status_code == 201


def test_while_a_secret_is_replaced_both_sign(doors: Doors) -> None:
    assert doors.send_signed(REFERRED, secret=OLDER_SECRET).status_code == 201


def test_a_body_that_the_gateway_encoded_is_verified_as_it_was_sent(doors: Doors) -> None:
    raw = json.dumps(REFERRED).encode()
    signed = signing.sign("msg_1", MORNING, raw, SECRET)
    event = {
        "requestContext": {
            "httpMethod": "POST",
            "resourcePath": "/v1/webhooks/{integration}",
            "path": "/v1/webhooks/case-system",
        },
        "headers": {"content-type": "application/json", **signed},
        "multiValueQueryStringParameters": None,
        "pathParameters": {"integration": "case-system"},
        "stageVariables": {},
        "body": base64.b64encode(raw).decode(),
        "isBase64Encoded": True,
    }

    assert app(event, None)["statusCode"] == 201
    assert app({**event, "body": "not base64 é"}, None)["statusCode"] == 401
    assert app({**event, "body": "\ud800", "isBase64Encoded": False}, None)["statusCode"] == 401
    assert app({**event, "body": None}, None)["statusCode"] == 401


# --- not trusted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": "v2,é"},
        {"webhook-id": ""},
        {"webhook-id": "another"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "1e400"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 30},
    ],
)
def test_a_malformed_or_wrong_signature_is_not_trusted(doors: Doors, changed: dict[str, str]) -> None:
    answer = doors.send_signed(REFERRED, headers=changed)

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert doors.nothing_is_stored()


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_of_another_time_is_not_trusted(doors: Doors, minutes: int) -> None:
    assert doors.send_signed(REFERRED, at=MORNING + timedelta(minutes=minutes)).status_code == 401


def test_an_unknown_integration_and_one_that_is_off_are_answered_like_a_wrong_signature(doors: Doors) -> None:
    wrong = doors.send_signed(REFERRED, secret=b"another secret altogether, surely").body
    unknown = doors.send_signed(REFERRED, integration="nobody").body
    endless = doors.send_signed(REFERRED, integration="x" * 3000).body
    integration, secrets = doors.access.integrations["case-system"]
    doors.access.integrations["case-system"] = (replace(integration, enabled=False), secrets)
    off = doors.send_signed(REFERRED).body

    assert wrong == unknown == endless == off
    assert doors.nothing_is_stored()


def test_an_integration_without_a_secret_is_not_trusted(doors: Doors) -> None:
    integration, _ = doors.access.integrations["case-system"]
    doors.access.integrations["case-system"] = (integration, ())

    assert doors.send_signed(REFERRED).status_code == 401


def test_an_integration_without_the_scope_may_not_write(doors: Doors) -> None:
    integration, secrets = doors.access.integrations["case-system"]
    doors.access.integrations["case-system"] = (replace(integration, scopes=frozenset()), secrets)

    assert doors.send_signed(REFERRED).status_code == 403
    assert doors.nothing_is_stored()


header = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f"), max_size=60)


@given(
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), header, min_size=1
    ),
    body=st.binary(max_size=60),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_unsigned_is_401(headers: dict[str, str], body: bytes) -> None:
    with front_of_house() as doors:
        answer = doors.send_signed(body, headers=headers, secret=b"a secret that is not theirs at all")

    assert answer.status_code == 401


# --- trusted, and still wrong ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {"body"}),
        (b"{", {"body"}),
        (b"[]", {"body"}),
        ({}, {"type", "data"}),
        ({**REFERRED, "extra": 1}, {"extra"}),
        ({"type": "Zebedee", "data": {}}, {"type"}),
        ({"type": "time_reached", "case_id": "c-1", "data": {}}, {"type"}),
        ({"type": "meeting_held", "data": meeting_held()}, {"case_id"}),
        ({**REFERRED, "data": referral(on="2026-05-23", change="Zebedee")}, {"data.on", "data.change"}),
        ({**REFERRED, "data": [1]}, {"data"}),
        (b'{"type": "referral_received", "data": {"on": NaN}, "type": "x"}', {"type"}),
        (b'{"type": "referral_received", "data": {"a": ' + b"9" * 4300 + b"}}", None),
    ],
)
def test_a_message_that_cannot_be_used_names_every_field(
    doors: Doors, body: object, fields: set[str] | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = doors.send_signed(body)  # type: ignore[arg-type]

    assert answer.status_code == 400, answer.body
    assert fields is None or {each["field"] for each in answer.json_body["errors"]} == fields
    assert doors.nothing_is_stored()
    assert "Zebedee" not in answer.body.decode() + caplog.text


def test_a_message_of_more_than_256_kib_is_too_large(doors: Doors) -> None:
    assert doors.send_signed({**REFERRED, "data": referral(because="x" * 300_000)}).status_code == 413


@pytest.mark.parametrize("authority", [ELSEWHERE, "nowhere"])
def test_a_referral_to_another_authority_is_not_found(doors: Doors, authority: str) -> None:
    answer = doors.send_signed({**REFERRED, "data": referral(authority=authority)})

    assert answer.status_code == 404
    assert doors.nothing_is_stored()


def test_a_fact_on_another_authoritys_case_is_not_found(doors: Doors) -> None:
    stranger = doors.know("stranger", authority=ELSEWHERE)
    theirs = doors.post("/v1/referrals", referral(authority=ELSEWHERE), token=stranger).json_body["case_id"]

    answer = doors.send_signed({"type": "meeting_held", "case_id": theirs, "data": meeting_held()})

    assert answer.status_code == 404
    assert doors.cases.by_id[theirs].version == 1
