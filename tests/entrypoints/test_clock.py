"""The clock's doors, with the events that AWS gives them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from chalicelib import wiring
from chalicelib.core.errors import InvalidInput, LeftUndone
from chalicelib.core.working_days import Nation
from chalicelib.entrypoints import clock as doors
from chalicelib.entrypoints.clock import inserted, moment_come, seconds_left
from chalicelib.ports import MessageState
from chalicelib.visits import Ports
from tests.builders import day
from tests.doubles import (
    MemoryAccess,
    MemoryCalendars,
    MemoryCases,
    MemoryChannel,
    MemoryContacts,
    MemoryOutbox,
)
from tests.feed_server import answers, serving
from tests.listing import proclaimed, today
from tests.messages import message, person
from tests.part import PartShelf

EVENTS = Path(__file__).parent.parent / "events"
STREAM = json.loads((EVENTS / "outbox_insert.json").read_text())
SCHEDULE = json.loads((EVENTS / "schedule.json").read_text())
NOON = datetime(2026, 4, 9, 11, 0, tzinfo=UTC)
ENVIRONMENT = {
    "STAGE": "test",
    "CASES_TABLE": "cases",
    "OUTBOX_TABLE": "outbox",
    "CONTACTS_TABLE": "contacts",
    "ACCESS_TABLE": "access",
    "CALENDARS_TABLE": "calendars",
    "SENDER_ADDRESS": "no-reply@example.org",
    "CONFIGURATION_SET": "holdfast",
    "LINK_BASE": "https://holdfast.example.org",
    "BANK_HOLIDAYS_URL": "https://gov.example.org/bank-holidays.json",
    "SECRETS_PREFIX": "holdfast/test",
}


class Context:
    """What Lambda says of the run: how long it has."""

    def __init__(self, *left: int) -> None:
        self._left = iter(left)

    def get_remaining_time_in_millis(self) -> int:
        return next(self._left, 60_000)


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The doors lead to rooms in memory, at noon; m-1 and m-2 are in the outbox."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    wiring.settings.cache_clear()
    outbox = MemoryOutbox([message(), message(id="m-2")])
    cases, channel, calendars = MemoryCases(outbox), MemoryChannel(), MemoryCalendars()
    ports = Ports(
        cases=cases,
        outbox=outbox,
        contacts=MemoryContacts([person("ada")]),
        access=MemoryAccess(),
        calendars=calendars,
        protocols=PartShelf(),
    )
    with wiring.using(wiring.Rooms(ports=ports, channels=lambda: {"email": channel}, now=lambda: NOON)):
        yield SimpleNamespace(outbox=outbox, cases=cases, channel=channel, calendars=calendars)
    wiring.settings.cache_clear()


def test_the_stream_sends_what_was_just_put_in(rooms: SimpleNamespace) -> None:
    doors.dispatch(STREAM, Context())

    assert {letter.message_id for letter in rooms.channel.letters} == {"m-1", "m-2"}
    assert "https://holdfast.example.org/v1/cases/PC-2041" in rooms.channel.letters[0].body


def test_a_message_that_cannot_be_told_is_never_thrown_at_the_stream(rooms: SimpleNamespace) -> None:
    rooms.outbox.messages["m-1"] = message(person_id="nobody")

    doors.dispatch(STREAM, Context())

    assert rooms.outbox.messages["m-1"].state is MessageState.FAILED
    assert rooms.outbox.messages["m-2"].state is MessageState.SENT


def test_what_the_stream_has_no_time_for_the_sweep_sends(rooms: SimpleNamespace) -> None:
    doors.dispatch(STREAM, Context(100, 100))
    assert rooms.channel.letters == []

    doors.sweep(SCHEDULE, Context())
    assert len(rooms.channel.letters) == 2


def test_a_second_delivery_of_the_same_batch_sends_nothing(rooms: SimpleNamespace) -> None:
    doors.dispatch(STREAM, Context())
    doors.dispatch(STREAM, Context())

    assert len(rooms.channel.letters) == 2


def test_a_tick_with_nothing_due_records_nothing(rooms: SimpleNamespace) -> None:
    doors.tick(SCHEDULE, Context())

    assert rooms.cases.entries == {}


def test_a_tick_of_a_later_moment_is_refused(rooms: SimpleNamespace) -> None:
    with pytest.raises(InvalidInput):
        doors.tick({**SCHEDULE, "time": "2026-04-09T11:00:01Z"}, Context())


def test_settling_with_nothing_to_settle_is_quiet(rooms: SimpleNamespace) -> None:
    doors.settle(SCHEDULE, Context())

    assert rooms.outbox.to_settle == []


def test_reconciling_says_what_has_waited_for_more_than_a_day(
    rooms: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    rooms.outbox.messages = {"m-1": message(created_at=NOON - timedelta(days=2), clause="")}

    with pytest.raises(LeftUndone):
        doors.reconcile(SCHEDULE, Context())
    assert [each.sort for each in caplog.records if each.msg == "not reconciled"] == ["stuck"]


def test_reconciling_where_all_is_well_is_quiet(rooms: SimpleNamespace) -> None:
    rooms.outbox.messages.clear()
    doors.reconcile(SCHEDULE, Context())


def test_the_stream_hands_over_messages_and_no_tombstones() -> None:
    assert inserted(STREAM) == ["m-1", "m-2"]


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_a_change_to_a_message_is_not_sent_again(name: str) -> None:
    changed = [{**record, "eventName": name} for record in STREAM["Records"]]

    assert inserted({"Records": changed}) == []


def test_a_tick_takes_the_moment_for_which_it_was_fired() -> None:
    assert moment_come(SCHEDULE["time"], NOON + timedelta(minutes=4)) == NOON


def test_a_tick_may_be_told_of_the_past_and_of_this_very_moment() -> None:
    assert moment_come("2026-03-12T08:00:00Z", NOON) == datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
    assert moment_come("2026-04-09T12:00:00+01:00", NOON) == NOON


@pytest.mark.parametrize(
    "text", ["2026-04-09T11:00:00.000001Z", "2026-04-10T11:00:00Z", "2026-04-09T10:00:00", "tomorrow", ""]
)
def test_a_tick_refuses_what_has_not_come_and_what_is_no_moment(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^time: "):
        moment_come(text, NOON)


def test_the_calendar_asks_where_its_stage_says_and_remembers_how_that_went(
    rooms: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answers(today(proclaimed("Wed 27 May 2026")))) as gov_uk:
        monkeypatch.setenv("BANK_HOLIDAYS_URL", gov_uk.address)
        doors.calendar(SCHEDULE, Context())

    assert len(gov_uk.asked) == 1
    assert rooms.calendars.feed().checked_at == NOON
    assert day("Wed 27 May 2026") in rooms.calendars.snapshot().days[Nation.ENGLAND]


def test_the_calendar_fails_where_the_list_is_refused_so_that_its_alarm_is_heard(
    rooms: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answers(b"", status=404)) as gov_uk:
        monkeypatch.setenv("BANK_HOLIDAYS_URL", gov_uk.address)
        with pytest.raises(LeftUndone):
            doors.calendar(SCHEDULE, Context())

    assert (rooms.calendars.snapshot(), rooms.calendars.feed().failing_since) == (None, NOON)


EVERY_DOOR = """
import importlib, pkgutil, sys
import app
from chalicelib import entrypoints, wiring
for each in pkgutil.iter_modules(entrypoints.__path__, "chalicelib.entrypoints."):
    importlib.import_module(each.name)
wiring.ports()
wiring.channels()
"""
RECKONING = {"holidays", "chalicelib.reckoning"}


def loaded(script: str) -> set[str]:
    """The modules that a process has loaded once it has run a script, as a function of AWS would."""
    ran = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport sys\nprint(*sys.modules)"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stdout.split())


def test_no_door_and_no_room_behind_it_loads_what_reckons_bank_holidays() -> None:
    assert RECKONING.isdisjoint(loaded(EVERY_DOOR))


def test_what_reckons_bank_holidays_is_known_by_these_names() -> None:
    assert loaded("import chalicelib.reckoning") >= RECKONING


def test_the_time_left_is_asked_each_time_anew() -> None:
    left = seconds_left(Context(120_000, 14_500))

    assert [left(), left()] == [120.0, 14.5]
