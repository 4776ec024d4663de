"""What a function asks of the tables where its messages are there before it: each within its own role.

DynamoDB Local refuses nobody, so what is asked is held against the template. A refusal on AWS would set
every case of a restored stage aside, or leave the calendar failing for good.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.calendar_watch import watch
from chalicelib.core.errors import LeftUndone
from chalicelib.own_facts import undelivered
from chalicelib.own_messages import CALENDAR_AGAIN, CALENDAR_REFUSED
from chalicelib.ports import MessageState
from chalicelib.reconcile import reconcile
from chalicelib.settle import settle_all
from chalicelib.store import items, recalled
from chalicelib.store.items import OutboxItem
from chalicelib.ticking import tick
from infra.copies import Item
from infra.exporting import scan
from tests.builders import moment
from tests.contract.town import LATER, Town, new_town
from tests.council import MORNING, TOWN, held
from tests.snapshots import FRIDAY, Learner, refuses, says, snapshot
from tests.tables import TABLES
from tests.template import Template

HALF_AN_HOUR = timedelta(minutes=30)
SATURDAY = moment("Sat 17 Oct 2026 12:00")
RESTORED = ("cases", "outbox", "calendars")
WRITES = {"Put": "PutItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.as_written()


@pytest.fixture
def town(tables: dict[str, str]) -> Town:
    return new_town()


@contextmanager
def recorded(names: dict[str, str]) -> Iterator[set[tuple[str, str]]]:
    """Note each action, and on which table or index as the template names it."""
    asked: set[tuple[str, str]] = set()
    known = {names[each]: logical_id for each, logical_id in TABLES.items()}

    def note(model: Any, params: Any, **_: object) -> None:
        body = json.loads(params["body"])
        for item in body.get("TransactItems", ()):
            for kind, write in item.items():
                asked.add((f"dynamodb:{WRITES[kind]}", f"{known[write['TableName']]}.Arn"))
        for table in body.get("RequestItems", ()):
            asked.add((f"dynamodb:{model.name}", f"{known[table]}.Arn"))
        if table := body.get("TableName"):
            index = body.get("IndexName")
            on = f"${{{known[table]}.Arn}}/index/{index}" if index else f"{known[table]}.Arn"
            asked.add((f"dynamodb:{model.name}", on))

    events = items.connection().client.meta.events
    events.register("before-call.dynamodb", note)
    try:
        yield asked
    finally:
        events.unregister("before-call.dynamodb", note)


def stored(names: dict[str, str]) -> dict[str, list[Item]]:
    return {names[each]: list(scan(items.connection().client, names[each])) for each in RESTORED}


def put_back(kept: dict[str, list[Item]]) -> None:
    """Make the tables what they were."""
    client = items.connection().client
    for name, were in kept.items():
        for item in scan(client, name):
            client.delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})
        for item in were:
            client.put_item(TableName=name, Item=item)


def messages(names: dict[str, str]) -> set[str]:
    keys = [item["pk"]["S"] for item in scan(items.connection().client, names["outbox"])]
    return {key.removeprefix("MSG#") for key in keys if key.startswith("MSG#")}


# --- a restored stage: what is decided again was told before, and is known by its id alone


def ticks(town: Town) -> Callable[[], object]:
    town.open("k")
    return lambda: tick(LATER, town.ports, lambda: 300.0)


def settles(town: Town) -> Callable[[], object]:
    case_id = town.open("k")
    for each in town.messages(case_id):
        outbox = town.ports.outbox
        outbox.failed(outbox.claim(each.id, MORNING, 300), "no_contact", MORNING)
    return lambda: settle_all(
        outbox=town.ports.outbox,
        record=lambda message: undelivered(message, LATER, town.ports),
        now=LATER,
        seconds_left=lambda: 300.0,
    )


def reconciles(town: Town) -> Callable[[], object]:
    for each in town.messages(town.open("k")):
        OutboxItem.get(f"MSG#{each.id}", "MSG").delete()

    def run() -> None:
        with pytest.raises(LeftUndone):
            reconcile(SATURDAY, town.ports, ("email",), lambda: 300.0)

    return run


def moves_dates(town: Town) -> Callable[[], object]:
    town.record(town.open("k"), held(outcome="not_viable"), "met")
    return lambda: watches(town, says(snapshot(FRIDAY)), LATER)


def takes_a_fact(town: Town) -> Callable[[], object]:
    case_id = town.open("k")
    return lambda: town.record(case_id, held(outcome="not_viable"), "met")


@pytest.mark.parametrize(
    ("function", "begun"),
    [
        ("Tick", ticks),
        ("Settle", settles),
        ("Reconcile", reconciles),
        ("Calendar", moves_dates),
        ("APIHandler", takes_a_fact),
    ],
)
def test_a_restored_case_is_decided_again_within_the_functions_role(
    function: str,
    begun: Callable[[Town], Callable[[], object]],
    town: Town,
    tables: dict[str, str],
    template: Template,
) -> None:
    act = begun(town)
    kept, before = stored(tables), messages(tables)
    act()
    said = messages(tables) - before
    assert said
    put_back(kept)
    assert all(recalled.leave_bare(each, MessageState.SENT, MORNING, "ses-1") for each in said)

    with recorded(tables) as asked:
        act()

    assert {town.ports.outbox.message(each).state for each in said} == {MessageState.SENT}
    assert all(town.ports.outbox.message(each).case_id for each in said)
    assert ("dynamodb:GetItem", "Outbox.Arn") in asked
    assert [each for each in sorted(asked) if template.refuses(function, *each)] == []


# --- the calendar: what it tells of its own is told once, and read by every run after that


def watches(town: Town, learn: Learner, at: datetime) -> object:
    return watch(
        now=at, ports=town.ports, address="https://x.example", seconds_left=lambda: 300.0, learn=learn
    )


def test_an_outage_of_gov_uk_that_lasts_is_got_over_within_the_calendars_role(
    town: Town, tables: dict[str, str], template: Template
) -> None:
    found = says(snapshot())
    with recorded(tables) as asked:
        for run in range(2):
            with pytest.raises(LeftUndone):
                watches(town, refuses("down"), MORNING + run * HALF_AN_HOUR)
        failing = town.ports.calendars.feed()
        watches(town, found, MORNING + 2 * HALF_AN_HOUR)
        # A run died before it had stored that it is over.
        town.ports.calendars.save_feed(failing)
        watches(town, found, MORNING + 3 * HALF_AN_HOUR)

    own = [
        town.ports.outbox.message(each) for each in messages(tables)
    ]  # each of them once, whatever was told again
    assert sorted(each.occasion for each in own) == [CALENDAR_AGAIN, CALENDAR_REFUSED]
    assert {each.authority for each in own} == {TOWN}
    assert failing.failing_since == MORNING
    assert ("dynamodb:GetItem", "Outbox.Arn") in asked
    assert [each for each in sorted(asked) if template.refuses("Calendar", *each)] == []
