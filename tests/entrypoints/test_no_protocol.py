"""A release that lacks a protocol: our fault, said so, so that senders send again and an alarm rings."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from chalice.test import HTTPResponse

from tests.doors import COUNCIL, Doors, front_of_house, meeting_held, referral

GONE = "gone-2020-01-01"
MOVE = {"on": "2026-05-22", "decision": "move", "by": [{"person_id": "p-sw"}]}
ENDED = {"on": "2026-05-22", "placement_id": "PL-77", "manner": "unplanned"}


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


def lose_protocol(doors: Doors, case_id: str) -> None:
    doors.cases.by_id[case_id] = replace(doors.cases.by_id[case_id], protocols=(GONE,))


def lose_protocol_of_all(doors: Doors) -> None:
    known = doors.ports.access.authority(COUNCIL)
    assert known
    doors.access.known[COUNCIL] = replace(known, protocols=(GONE,))


def is_our_fault(answer: HTTPResponse, caplog: pytest.LogCaptureFixture) -> bool:
    trouble = [each for each in caplog.records if each.levelno >= logging.ERROR]
    return answer.status_code == 500 and [vars(each)["error"] for each in trouble] == ["NoProtocol"]


@pytest.mark.parametrize(
    ("door", "sent", "then"),
    [("facts/meeting_held", meeting_held(), 201), ("proposals/decision_made", MOVE, 409)],
)
def test_what_is_sent_about_such_a_case_is_to_be_sent_again(
    door: str, sent: dict[str, object], then: int, doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    case_id = doors.open_case()
    sound = doors.cases.by_id[case_id]
    lose_protocol(doors, case_id)
    path = f"/v1/cases/{case_id}/{door}"

    assert is_our_fault(doors.post(path, sent), caplog)

    doors.cases.by_id[case_id] = sound
    assert doors.post(path, sent).status_code == then


def test_such_a_case_is_not_read_as_if_it_were_not_there(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    case_id = doors.open_case()
    lose_protocol(doors, case_id)

    assert is_our_fault(doors.get(f"/v1/cases/{case_id}/obligations"), caplog)


def test_a_signed_webhook_about_it_is_to_be_sent_again(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    case_id = doors.open_case()
    lose_protocol(doors, case_id)
    sent = {"type": "meeting_held", "case_id": case_id, "data": meeting_held()}

    assert is_our_fault(doors.send_signed(sent), caplog)


@pytest.mark.parametrize("signed", [False, True])
def test_a_referral_to_an_authority_whose_protocol_is_gone_is_to_be_sent_again(
    signed: bool, doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    lose_protocol_of_all(doors)
    answer = (
        doors.send_signed({"type": "referral_received", "data": referral()})
        if signed
        else doors.post("/v1/referrals", referral())
    )

    assert is_our_fault(answer, caplog)
    assert doors.nothing_is_stored()


def test_a_fact_that_such_a_case_of_the_same_child_would_hear_of_is_to_be_sent_again(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    sound = doors.open_case()
    sibling = doors.open_case(placement_id="PL-78")
    version = doors.cases.by_id[sound].version
    lose_protocol(doors, sibling)

    assert is_our_fault(doors.post(f"/v1/cases/{sound}/facts/placement_ended", ENDED), caplog)
    assert doors.cases.by_id[sound].version == version


def test_a_protocol_that_a_caller_names_and_the_authority_has_not_chosen_is_the_callers_to_put_right(
    doors: Doors,
) -> None:
    case_id = doors.open_case()
    move = {"to": [GONE], "because": "A later version."}

    assert doors.post(f"/v1/protocols/{GONE}/rehearsals", {"facts": []}).status_code == 404
    for path in ("protocol-moves", "protocol-moves/preview"):
        answer = doors.post(f"/v1/cases/{case_id}/{path}", move, key=path)
        assert (answer.status_code, answer.json_body["errors"][0]["field"]) == (400, "to[0]")
