"""Settling: what will never arrive becomes a fact on its case."""

import logging
from datetime import timedelta

import pytest

from chalicelib.core.errors import LeftUndone
from chalicelib.ports import Message, MessageState
from chalicelib.settle import BATCH, IN_HAND_SECONDS, settle_all
from chalicelib.wiring import JsonLines
from tests.doubles import MemoryOutbox
from tests.messages import NOON, message


def failed(count: int) -> MemoryOutbox:
    outbox = MemoryOutbox([message(id=f"m-{number:03d}") for number in range(count)])
    for each in list(outbox.messages.values()):
        outbox.failed(outbox.claim(each.id, NOON, 60), "no_contact", NOON)
    return outbox


class Recorder:
    """Keeps what it is told to record; refuses the poor ones."""

    def __init__(self, poor: frozenset[str] = frozenset()) -> None:
        self.recorded: list[str] = []
        self.poor = poor

    def __call__(self, undelivered: Message) -> None:
        if undelivered.id in self.poor:
            raise ValueError("ada@example.org cannot be told")
        self.recorded.append(undelivered.id)


def test_each_message_is_recorded_once_and_leaves_the_queue() -> None:
    outbox, record = failed(2 * BATCH + 3), Recorder()

    assert settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0) == 2 * BATCH + 3
    assert settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0) == 0
    assert len(record.recorded) == len(set(record.recorded)) == 2 * BATCH + 3


def test_one_that_cannot_be_recorded_stops_none_of_the_others_and_stays_queued(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox, record = failed(BATCH + 3), Recorder(frozenset({"m-000"}))

    with pytest.raises(LeftUndone) as told:
        settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0)

    assert (told.value.done, told.value.left) == (BATCH + 2, 1)
    assert outbox.to_settle == ["m-000"]
    (trouble,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert trouble.message_id == "m-000"
    assert '"error": "ValueError"' in JsonLines().format(trouble)
    assert "ada" not in JsonLines().format(trouble)


def test_a_whole_batch_that_cannot_be_recorded_hides_nothing_behind_it() -> None:
    outbox = failed(BATCH + 1)
    record = Recorder(frozenset(f"m-{number:03d}" for number in range(BATCH)))

    with pytest.raises(LeftUndone):
        settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0)

    assert record.recorded == [f"m-{BATCH:03d}"]


def test_nothing_is_begun_without_time_in_hand() -> None:
    outbox, record = failed(3), Recorder()
    seconds = iter([60.0, 60.0])

    settle_all(
        outbox=outbox, record=record, now=NOON, seconds_left=lambda: next(seconds, IN_HAND_SECONDS - 1.0)
    )

    assert record.recorded == ["m-000"]
    assert outbox.to_settle == ["m-001", "m-002"]


def test_what_was_set_aside_is_recorded_where_it_says_for_whom_and_heard_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox, record = MemoryOutbox([message(), message(id="m-2", role="")]), Recorder()
    for each in ("m-1", "m-2"):
        outbox.set_aside(each, "unreadable", NOON)

    with pytest.raises(LeftUndone) as told:
        settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0)

    assert told.value.left == 2
    assert record.recorded == ["m-1"]
    assert {each.message_id for each in caplog.records if each.levelno >= logging.ERROR} == {"m-1", "m-2"}
    assert settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0) == 0


def test_that_the_administrator_was_not_reached_is_recorded_and_heard_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox, record = MemoryOutbox([message(role="administrator"), message(id="m-2")]), Recorder()
    for each in ("m-1", "m-2"):
        outbox.failed(outbox.claim(each, NOON, 60), "no_contact", NOON)

    with pytest.raises(LeftUndone) as told:
        settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0)

    assert (told.value.done, told.value.left) == (1, 1)
    assert set(record.recorded) == {"m-1", "m-2"}
    assert [each.message_id for each in caplog.records if each.levelno >= logging.ERROR] == ["m-1"]
    assert settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0) == 0


def test_what_is_only_delayed_is_recorded_when_its_moment_has_come() -> None:
    outbox, record = MemoryOutbox([message()]), Recorder()
    outbox.delayed("m-1", NOON, NOON + timedelta(hours=4))

    assert settle_all(outbox=outbox, record=record, now=NOON, seconds_left=lambda: 60.0) == 0

    due = NOON + timedelta(hours=4)
    assert settle_all(outbox=outbox, record=record, now=due, seconds_left=lambda: 60.0) == 1
    assert record.recorded == ["m-1"]
    assert outbox.messages["m-1"].state is MessageState.SENT
