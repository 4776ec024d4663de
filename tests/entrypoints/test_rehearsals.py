"""The door at which a protocol is rehearsed: nothing that comes in by it is kept, or said again."""

import json
import random
from collections.abc import Iterator
from dataclasses import fields
from xml.etree import ElementTree as ET

import pytest

from chalicelib.core.facts import BY_KIND
from chalicelib.credentials import Scope
from tests.doors import ELSEWHERE, PROTOCOL, Doors, front_of_house

AT = f"/v1/protocols/{PROTOCOL}/rehearsals"
REFERRAL = {"on": "2026-10-06", "fact": "referral_received", "reasons": ["carer_difficulty"]}
MOVE = {"on": "Wed 7 Oct 2026", "fact": "decision_made", "decision": "move", "by": ["team_manager"]}
NAME = "Samira Okonkwo"


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


def test_a_story_is_told_back_step_by_step(doors: Doors) -> None:
    answer = doors.post(AT, {"facts": [REFERRAL], "propose": MOVE, "until": "2026-11-02"}, key=None)

    assert answer.status_code == 200
    told = answer.json_body
    assert [protocol["id"] for protocol in told["protocols"]] == [PROTOCOL]
    assert (told["began"], told["until"], told["complete"]) == ("2026-10-06", "2026-11-02", True)
    assert [step["answer"] for step in told["steps"] if step["fact"]] == ["recorded", "refused"]
    assert told["duties"][0]["clause"] == "TH-21"
    assert any(line.startswith("TH-21") for line in told["timeline"])


def test_nothing_that_is_rehearsed_is_stored(doors: Doors) -> None:
    doors.post(AT, {"facts": [REFERRAL]}, key=None)

    assert doors.nothing_is_stored()


def test_reading_cases_is_enough_to_rehearse_and_nothing_less_is(doors: Doors) -> None:
    reader = doors.know("reader", scopes=frozenset({Scope.CASES_READ}))
    writer = doors.know("writer", scopes=frozenset({Scope.FACTS_WRITE}))

    assert doors.post(AT, {"facts": [REFERRAL]}, key=None, token=reader).status_code == 200
    assert doors.post(AT, {"facts": [REFERRAL]}, key=None, token=writer).status_code == 403


@pytest.mark.parametrize("name", ["no-such-protocol-2026-01-01", "placement-planning-2026-01-01", "words"])
def test_a_protocol_that_is_none_of_the_authoritys_is_not_found(doors: Doors, name: str) -> None:
    answer = doors.post(f"/v1/protocols/{name}/rehearsals", {"facts": [REFERRAL]}, key=None)

    assert answer.status_code == 404


def test_another_authoritys_rehearsals_use_its_own_protocols(doors: Doors) -> None:
    neighbour = doors.know("neighbour", authority=ELSEWHERE)

    assert doors.post(AT, {"facts": [REFERRAL]}, key=None, token=neighbour).status_code == 200


# --- the picture ----------------------------------------------------------------------------


def test_whoever_asks_for_a_picture_gets_one(doors: Doors) -> None:
    answer = doors.post(AT, {"facts": [REFERRAL]}, key=None, headers={"Accept": "image/svg+xml, */*;q=0.1"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert ET.fromstring(answer.body).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html,image/svg+xml"])
def test_everybody_else_gets_json(doors: Doors, accept: str) -> None:
    answer = doors.post(AT, {"facts": [REFERRAL]}, key=None, headers={"Accept": accept})

    assert answer.headers["Content-Type"] == "application/json"


def test_what_is_wrong_is_said_in_json_to_whoever_asked_for_a_picture(doors: Doors) -> None:
    answer = doors.post(AT, {"facts": []}, key=None, headers={"Accept": "image/svg+xml"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


# --- bad input ------------------------------------------------------------------------------


def test_every_mistake_comes_at_once_with_its_field(doors: Doors) -> None:
    story = {
        "facts": [REFERRAL, {"on": "Mon 6 Oct 2026", "fact": "step_done", "step": NAME}],
        "until": "soon",
        "also": ["x"],
        "name": NAME,
    }
    answer = doors.post(AT, story, key=None)

    assert answer.status_code == 400
    fields = [each["field"] for each in answer.json_body["errors"]]
    assert fields == ["?", "also[0]", "facts[1].step", "facts[1].on", "until"]
    assert NAME not in answer.body.decode()


@pytest.mark.parametrize(
    "also",
    ["a", [PROTOCOL], [7], [{}], ["tower-hamlets-2030-01-01"], ["a"] * 9],
    ids=lambda each: str(each)[:20],
)
def test_only_the_authoritys_other_protocols_stand_beside(doors: Doors, also: object) -> None:
    answer = doors.post(AT, {"facts": [REFERRAL], "also": also}, key=None)

    assert answer.status_code == 400
    assert all(each["field"].startswith("also") for each in answer.json_body["errors"])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"7",
        b"{",
        b"\xff",
        b'{"facts": NaN}',
        b"[" * 100_000,
        b'{"until": 1, "until": 2}',
        b"9" * 9_999,
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_a_body_that_is_no_story_is_refused(doors: Doors, raw: bytes) -> None:
    assert doors.post(AT, raw, key=None).status_code == 400


def test_a_body_that_is_too_large_or_of_another_type_is_refused(doors: Doors) -> None:
    assert doors.post(AT, b"{" + b" " * 300_000, key=None).status_code == 413
    assert doors.post(AT, b"{}", key=None, headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_story_from_which_too_much_follows_is_refused(doors: Doors) -> None:
    convened = {"fact": "meeting_convened", "meeting": "placement_support"}
    facts = [{**convened, "on": "2026-10-06", "meeting_id": f"m-{number}"} for number in range(200)]

    answer = doors.post(AT, {"facts": facts}, key=None)

    assert answer.status_code == 400
    assert [each["field"] for each in answer.json_body["errors"]] == ["facts"]


def test_no_story_however_odd_is_our_failure_and_no_mistake_is_repeated(doors: Doors) -> None:
    chance = random.Random(20261006)

    answers = [doors.post(AT, odd_story(chance), key=None) for _ in range(300)]

    assert {answer.status_code for answer in answers} == {200, 400}
    assert not [answer for answer in answers if NAME in answer.body.decode()]
    assert doors.nothing_is_stored()


ODD = (None, True, 7, -1.5, NAME, "", "f0", "iro", "okafor/iro", "2026-10-07", [], {}, [NAME], [[]], [{}])
KINDS = (
    "meeting_convened",
    "meeting_held",
    "decision_made",
    "placement_ended",
    "process_opened",
    "step_done",
)
GOOD = {
    "on": ("2026-10-06", "Thu 8 Oct 2026", "2026-10-20"),
    "fact": KINDS,
    "meeting": ("placement_support",),
    "meeting_id": ("m-1", "m-2"),
    "placement_id": ("P-1",),
    "chair": ("iro", "okafor/iro"),
    "present": (["iro", "child"],),
    "by": (["team_manager"], "social_worker"),
    "outcome": ("not_viable", "further_meeting_needed"),
    "process": ("iro_challenge",),
    "process_id": ("ch-1",),
    "decision": ("move",),
    "manner": ("unplanned",),
    "step": ("alert_acknowledged", "meeting_logged"),
    "at": ("10:30",),
    "planned_for": ("2026-10-14",),
    "replaces": ("f0",),
    "reasons": (["child_behaviour"],),
    "told_on": ("2026-10-21", "2026-10-28"),
}


def odd_story(chance: random.Random) -> dict[str, object]:
    facts = [odd_fact(chance) for _ in range(chance.randint(1, 6))]
    story: dict[str, object] = {"facts": facts if chance.random() < 0.95 else chance.choice(ODD)}
    if chance.random() < 0.3:
        story["propose"] = odd_fact(chance)
    for key in ("until", "also", NAME):
        if chance.random() < 0.05:
            story[key] = chance.choice(ODD)
    return json.loads(json.dumps(story))


def odd_fact(chance: random.Random) -> object:
    kind = chance.choice(KINDS)
    own = {each.name for each in fields(BY_KIND[kind])} | {"told_on"}
    fact = {
        key: chance.choice(values) for key, values in GOOD.items() if key in own and chance.random() < 0.6
    }
    fact |= {"on": chance.choice(GOOD["on"]), "fact": kind}
    for key in (*GOOD, "details", "contents", "exceptions", "allocations", NAME):
        if chance.random() < 0.003:
            fact[key] = chance.choice(ODD)
    return fact if chance.random() < 0.98 else chance.choice(ODD)
