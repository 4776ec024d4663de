"""Bad input: each gets the right status and names every field; nothing is stored, nothing is logged."""

import json
import logging
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib import parse
from chalicelib.wiring import JsonLines
from tests.doors import ELSEWHERE, Doors, front_of_house, meeting_held, referral

# Nobody we know of. It stands wherever a name could, and may turn up nowhere.
SENTINEL = "Zebedee Quux"
REFERRALS = "/v1/referrals"
HELD = "/v1/cases/{case}/facts/meeting_held"


@dataclass(frozen=True)
class Bad:
    """One bad request: what is sent, and what is to be answered."""

    status: int
    fields: AbstractSet[str] = field(default_factory=set)
    path: str = REFERRALS
    body: Mapping[str, object] | bytes = field(default_factory=referral)
    headers: Mapping[str, str] = field(default_factory=dict)


BAD: dict[str, Bad] = {
    "no body": Bad(400, {"body"}, body=b""),
    "broken JSON": Bad(400, {"body"}, body=f'{{"because": "{SENTINEL}'.encode()),
    "no object": Bad(400, {"body"}, body=f'["{SENTINEL}"]'.encode()),
    "not a number": Bad(400, {"on"}, body=b'{"on": NaN, ' + json.dumps(referral(on=None)).encode()[1:]),
    "no UTF-8": Bad(400, {"body"}, body=b'{"because": "\xff\xfe"}'),
    "nested without end": Bad(400, {"body"}, body=b'{"a":' * 50_000),
    "huge": Bad(413, {"body"}, body=referral(because=SENTINEL * 30_000)),
    "one byte too many": Bad(413, {"body"}, body=json.dumps(referral()).encode().ljust(parse.MOST_BYTES + 1)),
    "a form": Bad(415, headers={"Content-Type": "application/x-www-form-urlencoded"}),
    "XML": Bad(415, headers={"Content-Type": f"text/xml; name={SENTINEL}"}),
    "JSON beside another type": Bad(415, headers={"Content-Type": "text/plain, application/json"}),
    "JSON in another encoding": Bad(415, headers={"Content-Type": "application/json; charset=utf-16"}),
    "a key given twice": Bad(
        400,
        {"change"},
        body=json.dumps(referral()).replace("{", '{"change": "planned", ', 1).encode(),
    ),
    "an unknown field": Bad(400, {"name"}, body=referral(name=SENTINEL)),
    "a field with a name for its name": Bad(400, {"?"}, body=referral(**{SENTINEL: 1})),
    "missing fields": Bad(
        400,
        {"child_reference", "allocations"},
        body=referral(child_reference=None, allocations=None),
    ),
    "wrong types": Bad(
        400,
        {"reasons", "allocations.iro"},
        body=referral(reasons=SENTINEL, allocations={"iro": 1}),
    ),
    "an impossible date": Bad(400, {"on"}, body=referral(on="2026-02-30")),
    "a date before there were any": Bad(400, {"on"}, body=referral(on="0001-01-01")),
    "a date in the future": Bad(400, {"on"}, body=referral(on="2026-05-23")),
    "a moment in the future": Bad(400, {"at"}, body=referral(at="2026-05-22T12:00:00+01:00")),
    "a moment without a zone": Bad(400, {"at"}, body=referral(at="2026-05-22T09:00:00")),
    "a name for a reference": Bad(400, {"child_reference"}, body=referral(child_reference=SENTINEL)),
    "an unknown role": Bad(400, {"allocations"}, body=referral(allocations={"mentor": "p-1"})),
    "an undeclared word": Bad(
        400,
        {"legal_status", "reasons[0]"},
        body=referral(legal_status=SENTINEL, reasons=[SENTINEL]),
    ),
    "another authority": Bad(404, body=referral(authority=ELSEWHERE)),
    "an unknown authority": Bad(404, body=referral(authority="nowhere")),
    "an unknown case": Bad(404, path="/v1/cases/c-unknown/facts/meeting_held", body=meeting_held()),
    "a name for a case": Bad(404, path="/v1/cases/Zebedee%20Quux/facts/meeting_held", body=meeting_held()),
    "an endless case": Bad(404, path=f"/v1/cases/{'x' * 3000}/facts/meeting_held", body=meeting_held()),
    "an unknown kind": Bad(404, {"kind"}, path="/v1/cases/{case}/facts/Zebedee"),
    "a kind that the service records": Bad(404, {"kind"}, path="/v1/cases/{case}/facts/time_reached"),
    "a kind nobody proposes": Bad(404, {"kind"}, path="/v1/cases/{case}/proposals/meeting_held"),
    "a meeting planned before it was convened": Bad(
        400,
        {"planned_for"},
        path="/v1/cases/{case}/facts/meeting_convened",
        body={
            "on": "2026-05-22",
            "meeting": "placement_support",
            "meeting_id": "m-1",
            "planned_for": "2026-05-21",
        },
    ),
    "a role that is claimed": Bad(
        400, {"chair"}, path=HELD, body=meeting_held(chair={"role": "team_manager"})
    ),
    "a correction of nothing": Bad(400, {"replaces"}, path=HELD, body=meeting_held(replaces="f-none")),
    "no idempotency key": Bad(400, {"Idempotency-Key"}, headers={"Idempotency-Key": ""}),
    "an endless idempotency key": Bad(400, {"Idempotency-Key"}, headers={"Idempotency-Key": "x" * 256}),
    "an unprintable idempotency key": Bad(400, {"Idempotency-Key"}, headers={"Idempotency-Key": "Zoë\x00"}),
    "headers and a body": Bad(
        400,
        {"Idempotency-Key", "If-Match", "on"},
        path=HELD,
        body=meeting_held(on="2026-02-30"),
        headers={"Idempotency-Key": "", "If-Match": SENTINEL},
    ),
    "a stale version": Bad(412, path=HELD, body=meeting_held(), headers={"If-Match": '"7"'}),
    "no version": Bad(400, {"If-Match"}, path=HELD, body=meeting_held(), headers={"If-Match": SENTINEL}),
    "a weak version": Bad(400, {"If-Match"}, path=HELD, body=meeting_held(), headers={"If-Match": 'W/"1"'}),
}


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Everything that was logged, however it would be written: as our lines, and in full."""
    lines = [JsonLines().format(record) for record in caplog.records]
    return "\n".join([caplog.text, *lines])


def is_plain(answer: HTTPResponse, status: int) -> bool:
    return (
        answer.status_code == status
        and answer.headers["Content-Type"] == "application/problem+json"
        and answer.json_body["status"] == status
        and bool(answer.json_body["title"])
    )


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_plain_words(
    doors: Doors, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad = BAD[name]
    case_id = doors.open_case()
    before = (dict(doors.cases.by_id), dict(doors.cases.receipts), dict(doors.cases.outbox.messages))

    with caplog.at_level(logging.DEBUG):
        answer = doors.post(bad.path.format(case=case_id), bad.body, headers=bad.headers)

    assert is_plain(answer, bad.status), answer.body
    assert {each["field"] for each in answer.json_body.get("errors", [])} == bad.fields
    assert (doors.cases.by_id, doors.cases.receipts, doors.cases.outbox.messages) == before
    for sent in ("Zebedee", "Quux", "TH-1042", "PL-77"):
        assert sent not in answer.body.decode()
        assert sent not in logged(caplog)


def test_the_same_key_with_another_body_is_refused(doors: Doors) -> None:
    doors.post(REFERRALS, referral())

    answer = doors.post(REFERRALS, referral(change="planned"))

    assert is_plain(answer, 422)


def test_the_same_key_on_another_case_is_refused(doors: Doors) -> None:
    one, other = doors.open_case(), doors.open_case(child_reference="TH-2")
    doors.post(f"/v1/cases/{one}/facts/meeting_held", meeting_held(), key="again")

    answer = doors.post(f"/v1/cases/{other}/facts/meeting_held", meeting_held(), key="again")

    assert is_plain(answer, 422)


def test_an_end_before_its_start_is_refused(doors: Doors) -> None:
    case_id = doors.open_case()
    started = {"on": "2026-05-20", "placement_id": "PL-78"}
    doors.post(f"/v1/cases/{case_id}/facts/placement_started", started, key="started")

    ended = {"on": "2026-05-19", "placement_id": "PL-78", "manner": "planned"}
    answer = doors.post(f"/v1/cases/{case_id}/facts/placement_ended", ended, key="ended")

    assert is_plain(answer, 400)
    assert answer.json_body["errors"][0]["field"] == "on"


def test_late_and_out_of_order_facts_are_stored(doors: Doors) -> None:
    case_id = doors.open_case()
    path = f"/v1/cases/{case_id}/facts/meeting_held"

    later = doors.post(path, meeting_held(on="2026-05-21", meeting_id="m-2"), key="later")
    earlier = doors.post(path, meeting_held(on="2026-04-02", meeting_id="m-1"), key="earlier")

    assert (later.status_code, earlier.status_code) == (201, 201)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", {"limit"}),
        ("limit=101", {"limit"}),
        ("limit=ten", {"limit"}),
        ("limit=-1&cursor=%20", {"limit", "cursor"}),
        ("offset=5", {"query"}),
        ("cursor=" + "x" * 2001, {"cursor"}),
    ],
)
def test_a_page_that_cannot_be_is_refused(doors: Doors, query: str, fields: set[str]) -> None:
    answer = doors.get(f"/v1/cases?{query}")

    assert is_plain(answer, 400)
    assert {each["field"] for each in answer.json_body["errors"]} == fields


def test_a_method_that_a_path_does_not_have_is_answered_plainly(doors: Doors) -> None:
    answer = doors.client.http.request("DELETE", "/v1/cases", headers={"Content-Type": "application/json"})

    assert is_plain(answer, 405)
    assert answer.headers["Allow"] == "GET"


def test_a_failure_of_ours_says_nothing_to_the_caller_and_its_kind_alone_to_the_log(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError(f"while storing {SENTINEL}")

    doors.cases.before_commit.append(fail)
    with caplog.at_level(logging.DEBUG):
        answer = doors.post(REFERRALS, referral(because=SENTINEL))

    assert is_plain(answer, 500)
    assert set(answer.json_body) == {"type", "title", "status"}
    assert "RuntimeError" in logged(caplog)
    assert "Quux" not in logged(caplog)


def test_an_unknown_authority_and_anothers_are_answered_alike(doors: Doors) -> None:
    unknown = doors.post(REFERRALS, referral(authority="nowhere"))
    anothers = doors.post(REFERRALS, referral(authority=ELSEWHERE))

    assert unknown.body == anothers.body


def test_an_answer_is_logged_by_its_route_and_never_by_its_path(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        doors.get("/v1/cases/Zebedee-Quux")

    (line,) = [
        json.loads(JsonLines().format(each)) for each in caplog.records if each.msg == "request answered"
    ]
    assert line["route"] == "/v1/cases/{case_id}"
    assert line["status"] == 404
    assert "Quux" not in logged(caplog)


def test_a_line_of_log_tells_an_errors_kind_and_place_and_never_its_text() -> None:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "could not store %s", (SENTINEL,), None)
    record.exc_info = (ValueError, ValueError(SENTINEL), None)

    line: dict[str, Any] = json.loads(JsonLines().format(record))

    assert line["error"] == "ValueError"
    assert line["message"] == "could not store %s"
    assert SENTINEL not in json.dumps(line)
