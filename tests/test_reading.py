"""What the reading doors answer."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import own_facts, reading
from chalicelib.core.errors import NotFound, Tripped
from chalicelib.core.facts import ProcessOpened
from chalicelib.ports import MessageState
from chalicelib.reading import PageAsked
from tests.builders import day, moment
from tests.council import ELSEWHERE, MORNING, TOWN, Council, convened, held, move, seats, step

ALL = PageAsked()


@pytest.fixture
def council() -> Council:
    return Council()


@pytest.fixture
def case_id(council: Council) -> str:
    """A case of which everything may be asked: a finding, a breach, a freeze and a task."""
    opened = council.open()
    council.record(opened, move("Wed 7 Oct 2026"))
    council.record(opened, convened(planned_for=day("Wed 14 Oct 2026")))
    council.record(opened, held(outcome="not_viable"))
    challenged = ProcessOpened(on=day("Thu 15 Oct 2026"), process="iro_challenge", process_id="ch-1")
    council.record(opened, challenged)
    failed = replace(council.messages("TH-21")[0], state=MessageState.FAILED)
    own_facts.undelivered(failed, moment("Thu 15 Oct 2026 10:00"), council.ports)
    return opened


def plain(view: object) -> Any:
    """A view as a reader gets it: all of it can be written as JSON."""
    return json.loads(json.dumps(view))


def test_a_case_says_how_it_stands(council: Council, case_id: str) -> None:
    view = plain(reading.case(TOWN, case_id, council.ports))

    assert (view["case_id"], view["version"], view["child_reference"]) == (case_id, 6, "TH-1042")
    assert view["allocations"] == {"iro": "p-iro", "social_worker": "p-sw", "team_manager": "p-tm"}
    assert [(each["answer"], each["explanation"]["clause"]) for each in view["flags"]] == [
        ("breach", "TH-25")
    ]
    assert [(each["process"], each["since"]) for each in view["frozen_by"]] == [
        ("iro_challenge", "2026-10-15")
    ]
    (task,) = view["tasks"]
    assert (task["role"], task["done"], task["clause"]) == ("administrator", False, "TH-21")
    assert (task["why_in_words"], task["notice_on"]) == ("it could not be sent", "2026-10-15")
    assert task["said"] == (
        "The notice of Thursday 15 October 2026 to the Independent Reviewing Officer did not arrive: "
        "it could not be sent."
    )


def test_every_duty_is_explained(council: Council, case_id: str) -> None:
    view = plain(reading.obligations(TOWN, case_id, council.ports))
    (record,) = (each for each in view["items"] if each["explanation"]["clause"] == "TH-35")
    explained = record["explanation"]

    assert (record["state"], record["due_on"], record["owner"]) == (
        "open",
        "2026-10-19",
        ["social_work_team"],
    )
    assert [(each["on"], each["counted"], each["why"]) for each in explained["days"]] == [
        ("2026-10-15", True, "working day 1"),
        ("2026-10-16", True, "working day 2"),
        ("2026-10-17", False, "Saturday"),
        ("2026-10-18", False, "Sunday"),
        ("2026-10-19", True, "working day 3"),
    ]
    assert len(explained["left"]) == 5
    assert explained["sentences"][:6] == [
        "Opened on Wednesday 14 October 2026, when a Placement Support Meeting was held, by clause 5.14.",
        "Asked for and found: with the outcome “the placement is not viable”.",
        "Owed by the social work team (p-sw as social worker).",
        "3 working days after Wednesday 14 October 2026, which is not counted.",
        "Not counted: Saturday 17 October 2026, Sunday 18 October 2026.",
        "Due on Monday 19 October 2026.",
    ]


def test_a_figure_that_the_text_does_not_give_says_whose_it_is(council: Council, case_id: str) -> None:
    view = plain(reading.obligations(TOWN, case_id, council.ports))
    (dispute,) = (each for each in view["items"] if each["explanation"]["clause"] == "TH-39")

    assert dispute["explanation"]["basis"] == "local_policy"
    assert any("IRO Handbook" in each for each in dispute["explanation"]["sentences"])


def test_a_settled_duty_says_by_what_and_when(council: Council) -> None:
    opened = council.open()
    accepted = council.record(opened, step("Wed 7 Oct 2026", "alert_acknowledged", by=seats("p-iro")))
    (duty,) = plain(reading.obligations(TOWN, opened, council.ports))["items"]

    assert (duty["state"], duty["settled_on"]) == ("met", "2026-10-07")
    assert duty["settled_by"] == council.answer(accepted)["fact_id"]
    assert duty["explanation"]["sentences"][-1] == (
        "Met on Wednesday 7 October 2026, when “alert acknowledged” was done."
    )


def test_notices_leave_out_what_only_the_sender_needs(council: Council, case_id: str) -> None:
    view = plain(reading.notices(TOWN, case_id, ALL, council.ports))

    assert {each["clause"] for each in view["items"]} >= {"TH-18", "TH-21", "TH-25", "TH-35", "TH-39"}
    for each in view["items"]:
        assert {"lease_until", "cancelled_with", "next_attempt_at", "authority"}.isdisjoint(each)


def test_every_notice_says_why_it_was_given_and_how_its_role_became_a_person(
    council: Council, case_id: str
) -> None:
    items = plain(reading.notices(TOWN, case_id, ALL, council.ports))["items"]
    (found,) = (
        each
        for each in items
        if each["clause"] == "TH-18" and each["why"]["told_as"] != each["why"]["role"] and each["why"]["rung"]
    )

    assert all(each["why"]["sentences"] for each in items)
    assert (found["role"], found["person_id"], found["why"]["occasion"]) == ("social_worker", "p-sw", "rung")
    assert found["why"]["sentences"][-1] == (
        "The ladder names the social work team, who owes it. "
        "Of its members the case allocates the social worker, p-sw."
    )


def test_what_is_next_is_said_for_londons_day(council: Council, case_id: str) -> None:
    view = plain(reading.outlook(TOWN, case_id, moment("Mon 19 Oct 2026 23:30"), council.ports))

    assert (view["case_id"], view["version"], view["today"]) == (case_id, 6, "2026-10-19")
    assert [(each["clause"], each["urgency"]) for each in view["owed"]] == [
        ("TH-21", "overdue"),
        ("TH-38", "overdue"),
        ("TH-35", "dated"),
        ("TH-39", "dated"),
        ("TH-19", "undated"),
    ]
    assert [each["process_id"] for each in view["frozen"]] == ["ch-1"]
    assert [(each["role"], each["tell"]) for each in view["tasks"]] == [("administrator", "iro")]


def test_what_would_be_refused_now_is_refused_and_passes_once_it_is_not(council: Council) -> None:
    opened = council.open()

    def refused() -> list[str]:
        view = plain(reading.outlook(TOWN, opened, MORNING, council.ports))
        steps = (each for each in view["refused"] if each["step"]["kind"] == "decision_made")
        return [reason["clause"] for each in steps for reason in each["reasons"]]

    assert refused() == ["TH-25"]
    with pytest.raises(Tripped) as tripped:
        council.propose(opened, move())
    assert [each["clause"] for each in tripped.value.reasons] == ["TH-25"]

    council.record(opened, held())
    assert refused() == []
    council.propose(opened, move())


def test_the_journal_tells_every_entry_in_order(council: Council, case_id: str) -> None:
    view = plain(reading.journal(TOWN, case_id, ALL, council.ports))

    assert len(view["items"]) == council.case(case_id).version


def test_lists_are_paged(council: Council) -> None:
    opened = [council.open(f"TH-{number}") for number in range(3)]
    first = plain(reading.cases(TOWN, PageAsked(limit=2), council.ports))
    rest = plain(reading.cases(TOWN, PageAsked(cursor=first["next_cursor"], limit=2), council.ports))

    assert len(first["items"]) == 2
    assert {each["case_id"] for each in (*first["items"], *rest["items"])} == set(opened)
    assert rest["next_cursor"] is None


def test_the_log_of_meetings_and_the_open_tasks_are_the_authoritys(council: Council, case_id: str) -> None:
    meetings = plain(reading.meetings(TOWN, ALL, council.ports))["items"]
    tasks = plain(reading.tasks(TOWN, ALL, council.ports))["items"]

    assert [(each["meeting_id"], each["held_on"], each["chair"]) for each in meetings] == [
        ("m-1", "2026-10-14", "iro")
    ]
    assert [(each["case_id"], each["why_in_words"]) for each in tasks] == [(case_id, "it could not be sent")]
    assert reading.meetings(ELSEWHERE, ALL, council.ports)["items"] == []
    assert reading.tasks(ELSEWHERE, ALL, council.ports)["items"] == []
    assert reading.cases(ELSEWHERE, ALL, council.ports)["items"] == []


def test_another_authoritys_case_is_not_there(council: Council, case_id: str) -> None:
    for ask in (
        lambda: reading.case(ELSEWHERE, case_id, council.ports),
        lambda: reading.obligations(ELSEWHERE, case_id, council.ports),
        lambda: reading.outlook(ELSEWHERE, case_id, MORNING, council.ports),
        lambda: reading.notices(ELSEWHERE, case_id, ALL, council.ports),
        lambda: reading.journal(ELSEWHERE, case_id, ALL, council.ports),
        lambda: reading.case(TOWN, "c-nowhere", council.ports),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_reason_given_in_free_text_is_in_no_view_but_the_journal(council: Council) -> None:
    opened = council.open()
    council.record(opened, move(because="Something that only the journal keeps."))

    for view in (
        reading.case(TOWN, opened, council.ports),
        reading.obligations(TOWN, opened, council.ports),
        reading.outlook(TOWN, opened, MORNING, council.ports),
        reading.notices(TOWN, opened, ALL, council.ports),
    ):
        assert "only the journal" not in json.dumps(view)
