"""The doors to the calendar: what they answer, to whom, by whose days, and what they refuse."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from chalice.test import HTTPResponse

from chalicelib.calendars import calendar_from, shipped_calendar
from chalicelib.core.working_days import Calendar, Nation
from chalicelib.credentials import Scope
from chalicelib.ports import Edition, Snapshot, Walk
from tests.builders import day, moment
from tests.doors import COUNCIL, ELSEWHERE, Doors, front_of_house, meeting_held

DOCS = Path(__file__).parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
THANKS = day("Tue 26 May 2026")
NAME = "Samira Okonkwo"


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


def ask(doors: Doors, *, token: str | None = None, accept: str = "*/*", **given: object) -> HTTPResponse:
    """Ask the door; the days from Saturday 23 May 2026 unless it is said otherwise."""
    usual = {"from": "2026-05-23", **{name.removesuffix("_"): value for name, value in given.items()}}
    sent = urlencode({name: value for name, value in usual.items() if value is not None}, doseq=True)
    headers = {"Authorization": f"Bearer {token or doors.tokens['cpt']}", "Accept": accept}
    return doors.client.http.get(f"/v1/working-days?{sent}", headers=headers)


def named(answer: HTTPResponse) -> list[str]:
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    return [each["field"] for each in answer.json_body["errors"]]


def proclaimed() -> Snapshot:
    """GOV.UK as it would be had Tuesday 26 May 2026 been proclaimed."""
    return Snapshot(
        days={nation: {**shipped_calendar(nation).closed, THANKS: "Day of thanks"} for nation in Nation},
        published_to={nation: shipped_calendar(nation).horizon for nation in Nation},
        hash="proclaimed",
        learned_at=moment("Fri 22 May 2026 07:30"),
    )


def put_in_force(doors: Doors, calendar: Calendar) -> None:
    since = moment("Fri 22 May 2026 07:30")
    edition = Edition(authority=COUNCIL, calendar=calendar, hash=calendar.hash, since=since)
    walk = Walk(authority=COUNCIL, edition=calendar.hash, since=since, changed=())
    doors.ports.calendars.put_in_force(edition, walk, before=None)


# --- the answer -----------------------------------------------------------------------------


@pytest.mark.parametrize(("day_zero", "due"), [("event", "2026-05-28"), ("first_working_day", "2026-05-29")])
def test_three_days_from_a_saturday(doors: Doors, day_zero: str, due: str) -> None:
    answer = ask(doors, count=3, nation="ENG", day_zero=day_zero)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.json_body["due_on"] == due
    assert answer.json_body["days"][1] == {
        "on": "2026-05-25",
        "counted": False,
        "why": "Spring bank holiday",
        "sort": "closed",
    }
    assert answer.json_body["calendar"] == {
        "nation": "ENG",
        "authority": None,
        "hash": shipped_calendar(Nation.ENGLAND).hash,
        "since": None,
        "source": "the bank holidays that this release ships with",
        "known_from": "2012-01-01",
        "known_until": "2030-12-31",
        "published_until": "2028-12-31",
    }


def test_scotland_is_done_with_easter_before_england(doors: Doors) -> None:
    due = {
        nation: ask(doors, from_="2026-04-02", count=5, nation=nation).json_body["due_on"]
        for nation in Nation
    }

    assert due == {"ENG": "2026-04-13", "WLS": "2026-04-13", "SCT": "2026-04-10", "NIR": "2026-04-13"}


def test_how_many_days_there_are_until_another(doors: Doors) -> None:
    answer = ask(doors, until="2026-05-31", nation="ENG").json_body

    assert (answer["count"], answer["until"]) == (4, "2026-05-31")
    assert not {"due_on", "due_at"} & answer.keys()


def test_a_moment_comes_with_its_offset_written_as_addresses_have_it(doors: Doors) -> None:
    answer = ask(doors, from_="2026-06-30T23:30:00+00:00", count=1, nation="ENG", cut_off="17:00")

    assert answer.json_body["from"] == "2026-07-01"
    assert answer.json_body["due_at"] == "2026-07-02T16:00:00+00:00"


# --- by whose days --------------------------------------------------------------------------


def test_a_day_that_gov_uk_has_since_is_not_counted(doors: Doors) -> None:
    doors.ports.calendars.keep(proclaimed())

    answer = ask(doors, count=3, nation="ENG").json_body

    assert answer["due_on"] == "2026-05-29"
    assert answer["calendar"]["since"] == "2026-05-22T06:30:00+00:00"
    assert answer["calendar"]["source"].startswith(
        "what GOV.UK listed on Friday 22 May 2026, and before that"
    )


def test_an_authoritys_closure_days_are_its_own(doors: Doors) -> None:
    council = doors.access.known[COUNCIL]
    doors.access.known[COUNCIL] = replace(council, closure_days={THANKS: "The founder's day"})
    neighbour = doors.know("neighbour", authority=ELSEWHERE)

    answer = ask(doors, count=3, authority=COUNCIL).json_body

    assert (answer["due_on"], answer["days"][2]["why"]) == ("2026-05-29", "The founder's day")
    assert (answer["calendar"]["nation"], answer["calendar"]["authority"]) == ("ENG", COUNCIL)
    assert answer["calendar"]["since"] is None
    assert ask(doors, count=3, nation="ENG").json_body["due_on"] == "2026-05-28"
    assert ask(doors, count=3, authority=ELSEWHERE, token=neighbour).json_body["due_on"] == "2026-05-28"


def test_an_authority_counts_by_the_calendar_that_is_in_force_for_it(doors: Doors) -> None:
    doors.ports.calendars.keep(proclaimed())
    assert ask(doors, count=3, authority=COUNCIL).json_body["due_on"] == "2026-05-28"

    in_force = calendar_from(proclaimed(), Nation.ENGLAND)
    put_in_force(doors, in_force)
    answer = ask(doors, count=3, authority=COUNCIL).json_body

    assert answer["due_on"] == "2026-05-29"
    assert answer["calendar"]["hash"] == in_force.hash
    assert answer["calendar"]["since"] == "2026-05-22T06:30:00+00:00"
    assert "as known on Friday 22 May 2026, and the authority's own" in answer["calendar"]["source"]


@pytest.mark.parametrize("authority", [ELSEWHERE, "nowhere", ""])
def test_another_authoritys_days_are_not_found(doors: Doors, authority: str) -> None:
    assert ask(doors, count=3, authority=authority).status_code == 404


# --- who may ask ----------------------------------------------------------------------------


def test_whoever_only_counts_days_need_not_see_a_case(doors: Doors) -> None:
    counter = doors.know("counter", scopes=frozenset({Scope.CALENDAR_READ}))
    reader = doors.know("reader", scopes=frozenset(Scope) - {Scope.CALENDAR_READ})

    assert ask(doors, count=3, nation="ENG", token=counter).status_code == 200
    assert doors.get("/v1/cases", token=counter).status_code == 403
    assert ask(doors, count=3, nation="ENG", token=reader).status_code == 403
    assert doors.client.http.get("/v1/working-days?from=2026-05-23&count=3&nation=ENG").status_code == 401


# --- what is refused ------------------------------------------------------------------------


def test_every_mistake_comes_at_once_and_nothing_is_said_again(doors: Doors) -> None:
    answer = ask(doors, from_=NAME, count="0", until=NAME, unit=NAME, cut_off=NAME, name=NAME)

    assert set(named(answer)) == {
        "from",
        "count",
        "until",
        "unit",
        "cut_off",
        "nation",
        "authority",
        "query",
    }
    assert NAME not in answer.body.decode()


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"nation": None}, ["nation", "authority"]),
        ({"nation": "GB"}, ["nation"]),
        ({"nation": ["ENG", "SCT"]}, ["nation"]),
        ({"count": ["3", "3"]}, ["count"]),
        ({"from_": "2026-05-23T23:30:00"}, ["from"]),
        ({"day_zero": "first_working_day", "unit": "weeks"}, ["day_zero"]),
        # Years whose bank holidays nobody knows, on either side.
        ({"from_": "2011-12-31"}, ["from"]),
        ({"from_": "2031-01-01"}, ["from"]),
        ({"from_": "2012-01-04", "count": "-3"}, ["count"]),
        ({"from_": "2030-12-27", "count": "3"}, ["count"]),
        ({"count": None, "until": "2031-01-01"}, ["until"]),
        ({"from_": "2011-12-31", "count": None, "until": "2031-01-01"}, ["from", "until"]),
        # More days than one answer tells.
        ({"count": "254"}, ["count"]),
        ({"count": "-255"}, ["count"]),
        ({"count": "53", "unit": "weeks"}, ["count"]),
        ({"count": "13", "unit": "months"}, ["count"]),
        ({"count": "366", "unit": "months"}, ["count"]),
        ({"count": None, "until": "2027-05-25"}, ["until"]),
        ({"count": None, "until": "2025-05-21"}, ["until"]),
    ],
)
def test_what_cannot_be_answered_is_named(
    doors: Doors, given: Mapping[str, object], fields: list[str]
) -> None:
    assert named(ask(doors, **{"count": 3, "nation": "ENG", **given})) == fields


@pytest.mark.parametrize(
    "given",
    [
        {"from_": "2012-01-01"},
        {"from_": "2030-12-24", "count": "3"},
        {"count": "253"},
        {"count": "-254"},
        {"count": "12", "unit": "months"},
        {"count": "366", "unit": "days"},
        {"count": None, "until": "2027-05-24"},
    ],
)
def test_up_to_the_limits_there_is_an_answer(doors: Doors, given: Mapping[str, object]) -> None:
    answer = ask(doors, **{"count": 3, "nation": "ENG", **given})

    assert answer.status_code == 200
    assert 3 <= len(answer.json_body["days"]) <= 366


def test_without_any_parameter_it_says_what_is_needed(doors: Doors) -> None:
    answer = doors.get("/v1/working-days")

    assert named(answer) == ["from", "count", "until", "nation", "authority"]


# --- the picture ----------------------------------------------------------------------------


def test_whoever_asks_for_a_picture_gets_the_same_days(doors: Doors) -> None:
    answer = ask(doors, count=3, nation="ENG", accept="image/svg+xml, */*;q=0.1")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "no-store"
    texts = [each.text for each in ET.fromstring(answer.body).iter(f"{SVG}text")]
    assert texts[0] == "Due by the end of Thursday 28 May 2026"
    assert "Monday 25 May 2026: not counted, Spring bank holiday" in texts
    assert "Thursday 28 May 2026: working day 3; due" in texts


def test_under_day_zero_the_picture_shows_the_event_too(doors: Doors) -> None:
    answer = ask(doors, count=3, nation="ENG", day_zero="first_working_day", accept="image/svg+xml")

    texts = [each.text for each in ET.fromstring(answer.body).iter(f"{SVG}text")]
    assert "Saturday 23 May 2026: the day it happened, not counted" in texts
    assert "Tuesday 26 May 2026: counted from, and not itself counted" in texts


def test_the_picture_of_a_question_until_a_day_calls_nothing_due(doors: Doors) -> None:
    answer = ask(doors, until="2026-05-28", nation="ENG", accept="image/svg+xml")

    texts = [each.text for each in ET.fromstring(answer.body).iter(f"{SVG}text")]
    assert texts[0] == "3 working days to Thursday 28 May 2026"
    assert "to" in texts
    assert "due" not in texts


def test_what_is_wrong_is_said_in_json_to_whoever_asked_for_a_picture(doors: Doors) -> None:
    assert named(ask(doors, count=0, nation="ENG", accept="image/svg+xml")) == ["count"]


# --- a deadline on a case -------------------------------------------------------------------


def duties(doors: Doors, case_id: str) -> dict[str, str]:
    """The address of the days of each duty, by its clause."""
    found = doors.get(f"/v1/cases/{case_id}/obligations").json_body["items"]
    return {
        each["explanation"]["clause"]: f"/v1/cases/{case_id}/obligations/{each['id']}/days" for each in found
    }


@pytest.fixture
def owed(doors: Doors) -> dict[str, str]:
    case_id = doors.open_case()
    called = {"on": "2026-05-22", "meeting": "placement_support", "meeting_id": "m-1"}
    doors.post(f"/v1/cases/{case_id}/facts/meeting_convened", called, key="called")
    not_viable = meeting_held(outcome="not_viable", meeting_id="m-2")
    doors.post(f"/v1/cases/{case_id}/facts/meeting_held", not_viable, key="not viable")
    return duties(doors, case_id)


def test_a_deadline_says_how_it_was_counted(doors: Doors, owed: dict[str, str]) -> None:
    answer = doors.get(owed["TH-35"])

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')
    told = answer.json_body
    assert (told["clause"], told["due_on"]) == ("TH-35", "2026-05-28")
    assert told["anchor"] == {"on": "2026-05-22", "why": "opened"}
    assert [each["on"] for each in told["days"] if each["counted"]] == [
        "2026-05-26",
        "2026-05-27",
        "2026-05-28",
    ]
    assert told["said"] == "Due on Thursday 28 May 2026, by clause 5.14"
    assert "3 working days after Friday 22 May 2026, which is not counted." in told["sentences"]


def test_a_deadline_is_drawn_for_whoever_asks(doors: Doors, owed: dict[str, str]) -> None:
    bearer = {"Authorization": f"Bearer {doors.tokens['cpt']}", "Accept": "image/svg+xml"}
    answer = doors.client.http.get(owed["TH-35"], headers=bearer)

    assert answer.headers["Content-Type"] == "image/svg+xml"
    texts = [str(each.text) for each in ET.fromstring(answer.body).iter(f"{SVG}text")]
    assert "Friday 22 May 2026: counted from, and not itself counted" in texts
    assert "Thursday 28 May 2026: working day 3; due" in texts
    assert not [each for each in texts if each.startswith("Not counted: ")]


def test_what_has_no_time_limit_says_so(doors: Doors, owed: dict[str, str]) -> None:
    told = doors.get(owed["TH-19"]).json_body

    assert (told["due_on"], told["days"], told["anchor"]) == (None, [], None)
    assert told["said"].startswith("No date, by clause ")
    assert told["sentences"] == ["The text gives no time limit."]


def test_what_is_due_at_once_has_no_days_to_count(doors: Doors, owed: dict[str, str]) -> None:
    told = doors.get(owed["TH-21"]).json_body

    assert (told["due_on"], told["days"]) == ("2026-05-22", [])
    bearer = {"Authorization": f"Bearer {doors.tokens['cpt']}", "Accept": "image/svg+xml"}
    drawn = ET.fromstring(doors.client.http.get(owed["TH-21"], headers=bearer).body)
    texts = [each.text for each in drawn.iter(f"{SVG}text")]
    assert "Friday 22 May 2026: the day it happened, not counted; due" in texts


def test_a_duty_that_is_not_there_is_not_found(doors: Doors, owed: dict[str, str]) -> None:
    stranger = doors.know("stranger", authority=ELSEWHERE)
    counter = doors.know("counter", scopes=frozenset({Scope.CALENDAR_READ}))
    case = owed["TH-35"].partition("/obligations")[0]

    assert doors.get(f"{case}/obligations/o-nothing/days").status_code == 404
    assert doors.get(f"/v1/cases/c-nowhere{owed['TH-35'].removeprefix(case)}").status_code == 404
    assert doors.get(owed["TH-35"], token=stranger).status_code == 404
    assert doors.get(owed["TH-35"], token=counter).status_code == 403


# --- the documents --------------------------------------------------------------------------

EXAMPLE = re.compile(r"^\?(?P<question>\S+nation=\S+) {2,}(?P<answer>.+)$", re.MULTILINE)


def test_the_examples_that_are_documented_are_answered_so(doors: Doors) -> None:
    found = EXAMPLE.findall((DOCS / "working-days.md").read_text("utf-8"))
    assert len(found) == 9

    for question, said in found:
        answer = doors.get(f"/v1/working-days?{question}").json_body
        known = (answer["sentences"][0], str(answer["count"]), f"before {answer.get('due_at')}")
        assert any(said.partition(":")[0] in each for each in known) or said in known, question


def test_the_answer_that_is_documented_is_the_one_that_is_given(doors: Doors) -> None:
    page = (DOCS / "api.md").read_text("utf-8").partition("## Counting days")[2]
    shown = json.loads(page[page.index("{") : page.index("```\n\n| parameter")])

    answer = ask(doors, count=3, nation="ENG").json_body
    assert shown.keys() == answer.keys()
    assert shown["calendar"].keys() == answer["calendar"].keys()
    # The rest changes with each year that GOV.UK publishes.
    assert {**shown, "calendar": None} == {**answer, "calendar": None}


def test_the_picture_that_is_documented_is_the_one_that_is_drawn(doors: Doors) -> None:
    # Save what the door answers to this as docs/working-days.svg where the picture was meant to change.
    answer = ask(doors, from_="2026-12-18", count=10, nation="ENG", accept="image/svg+xml")

    assert answer.body.decode() == (DOCS / "working-days.svg").read_text("utf-8")
