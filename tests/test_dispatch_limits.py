"""Dispatch to the second and to the word: its limits on their edges, and every line that it logs."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from time import sleep

import pytest

from chalicelib.core.errors import (
    LeftUndone,
    OutcomeUnknown,
    SetAside,
    TryAgainLater,
    WillNeverArrive,
)
from chalicelib.dispatch import deliver, send_all, sweep, wait_seconds
from chalicelib.ports import Letter, Message, MessageState
from tests.doubles import MemoryChannel, MemoryOutbox
from tests.messages import NOON, message
from tests.test_dispatch import Asked, many, sender

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def after(wait: timedelta, outbox: MemoryOutbox, channel: MemoryChannel) -> int:
    return sweep(sender(outbox, channel, now=lambda: NOON + wait))


# --- limits ---------------------------------------------------------------------------------


def test_a_lease_ends_after_five_minutes() -> None:
    outbox, channel = MemoryOutbox([message()]), MemoryChannel([RuntimeError()])
    deliver("m-1", sender(outbox, channel))

    assert outbox.messages["m-1"].lease_until == NOON + 5 * MINUTE
    assert after(5 * MINUTE - SECOND, outbox, channel) == 0
    assert after(5 * MINUTE, outbox, channel) == 1


def test_a_lost_acknowledgement_waits_for_five_minutes_and_longer_where_the_dice_say_so() -> None:
    def waited(attempts: int, chance: float) -> timedelta:
        outbox = MemoryOutbox([message(attempts=attempts)])
        lost = MemoryChannel([OutcomeUnknown("unknown_outcome")])
        deliver("m-1", sender(outbox, lost, chance=lambda: chance))
        return outbox.messages["m-1"].next_attempt_at - NOON

    assert waited(0, 0.999) == 5 * MINUTE
    assert waited(2, 0.5) == 8 * MINUTE


@pytest.mark.parametrize(
    ("attempts", "most"),
    [(1, 60), (2, 240), (3, 960), (4, 3840), (5, 15_360), (6, 43_200), (7, 43_200), (20, 43_200)],
)
def test_the_limit_of_a_wait_is_a_minute_at_first_then_four_times_the_last_and_half_a_day_at_most(
    attempts: int, most: int
) -> None:
    assert wait_seconds(attempts, 1.0) == most
    assert wait_seconds(attempts, 0.25) == most / 4
    assert wait_seconds(attempts, 0.0) == 0


@pytest.mark.parametrize(("left", "sent"), [(14.9, 0), (15.0, 1)])
def test_a_letter_is_begun_with_fifteen_seconds_left_and_with_less_none(left: float, sent: int) -> None:
    outbox, channel = MemoryOutbox([message()]), MemoryChannel()

    assert send_all(["m-1"], sender(outbox, channel, seconds_left=lambda: left)) == 0
    assert len(channel.letters) == sent


def test_the_eighth_attempt_is_the_last_and_a_ninth_is_not_made() -> None:
    for attempts, state in ((6, MessageState.PENDING), (7, MessageState.FAILED)):
        outbox = MemoryOutbox([message(attempts=attempts)])
        deliver("m-1", sender(outbox, MemoryChannel([TryAgainLater("throttled")])))
        assert outbox.messages["m-1"].state is state

    eighth, ninth = MemoryChannel(), MemoryChannel()
    deliver("m-1", sender(MemoryOutbox([message(attempts=7)]), eighth))
    deliver("m-1", sender(MemoryOutbox([message(attempts=8)]), ninth))
    assert (len(eighth.letters), len(ninth.letters)) == (1, 0)


@pytest.mark.parametrize(("apart", "asked"), [(0.0, 1), (2.9, 1), (3.0, 2), (-0.1, 2)])
def test_whether_sending_is_paused_is_asked_again_after_three_seconds(apart: float, asked: int) -> None:
    outbox = Asked([])
    moments = iter((NOON, NOON + timedelta(seconds=apart)))
    once = sender(outbox, now=lambda: next(moments))

    assert not once.paused()
    assert not once.paused()
    assert outbox.asked == asked


def test_a_pause_is_remembered_until_it_is_asked_about_again() -> None:
    outbox = Asked([])
    outbox.pause("op", "restored", NOON)
    once = sender(outbox)

    assert once.paused()
    outbox.resume()
    assert once.paused()
    assert outbox.asked == 1


def test_nothing_to_send_is_no_trouble() -> None:
    assert send_all([], sender(MemoryOutbox())) == 0


class Counted(MemoryChannel):
    """Knows how many letters were on their way at once at the most."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = Lock()
        self.under_way = self.most = 0

    def send(self, letter: Letter) -> str:
        with self.lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        sleep(0.01)
        with self.lock:
            self.under_way -= 1
            return super().send(letter)


@pytest.mark.parametrize(("workers", "most"), [(1, 1), (3, 3)])
def test_no_more_letters_are_on_their_way_at_once_than_there_are_workers(workers: int, most: int) -> None:
    outbox, channel = MemoryOutbox(many(12)), Counted()

    send_all(list(outbox.messages), sender(outbox, channel, workers=workers))

    assert len(channel.letters) == 12
    assert channel.most <= most


class Wanted(MemoryOutbox):
    """Knows how many messages it was asked for, each time."""

    def __init__(self, messages: Sequence[Message]) -> None:
        super().__init__(messages)
        self.limits: list[int] = []

    def ready(self, now: datetime, limit: int) -> Sequence[str]:
        self.limits.append(limit)
        return super().ready(now, limit)


def test_a_sweep_asks_for_a_hundred_more_than_it_has_tried() -> None:
    outbox = Wanted(many(150))

    assert sweep(sender(outbox)) == 150
    assert outbox.limits == [100, 200, 250]


# --- when it was written down ---------------------------------------------------------------


def test_a_letter_that_left_is_written_down_with_the_moment() -> None:
    outbox = MemoryOutbox([message(created_at=NOON - MINUTE)])

    deliver("m-1", sender(outbox))
    assert outbox.messages["m-1"].changed_at == NOON


def test_what_will_never_arrive_is_written_down_with_the_moment() -> None:
    outbox = MemoryOutbox([message(created_at=NOON - MINUTE)])

    deliver("m-1", sender(outbox, MemoryChannel([WillNeverArrive("rejected")])))
    assert outbox.messages["m-1"].changed_at == NOON


# --- what the log says ----------------------------------------------------------------------

IDS = {"message_id": "m-1", "channel": "email", "attempts": 1}


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, dict[str, object]]]:
    """The lines of dispatch: how urgent, what is said, and with which fields of its own."""
    usual = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
    return [
        (
            record.levelname,
            record.getMessage(),
            {name: value for name, value in vars(record).items() if name not in usual},
        )
        for record in caplog.records
        if record.name == "chalicelib.dispatch"
    ]


class AsideOutbox(MemoryOutbox):
    """Its messages cannot be read."""

    def claim(self, message_id: str, *_: object) -> Message:
        raise SetAside(message_id)


@pytest.mark.parametrize(
    ("outbox", "trouble", "line"),
    [
        (
            MemoryOutbox([message()]),
            None,
            ("INFO", "message sent", {**IDS, "provider_reference": "reference-1"}),
        ),
        (MemoryOutbox([]), None, ("INFO", "message not ours to send", {"message_id": "m-1"})),
        (AsideOutbox([]), None, ("ERROR", "message set aside", {"message_id": "m-1"})),
        (
            MemoryOutbox([message()]),
            RuntimeError(),
            ("ERROR", "message left to its lease", {"message_id": "m-1"}),
        ),
        (
            MemoryOutbox([message()]),
            TryAgainLater("throttled"),
            ("WARNING", "message to be tried again", {**IDS, "reason": "throttled"}),
        ),
        (
            MemoryOutbox([message()]),
            WillNeverArrive("rejected"),
            ("WARNING", "message will never arrive", {**IDS, "reason": "rejected"}),
        ),
    ],
    ids=["sent", "not ours", "set aside", "trouble of our own", "later", "never"],
)
def test_each_end_of_an_attempt_is_one_line_of_the_log(
    caplog: pytest.LogCaptureFixture, outbox: MemoryOutbox, trouble: Exception | None, line: object
) -> None:
    caplog.set_level(logging.INFO)

    deliver("m-1", sender(outbox, MemoryChannel([trouble])))
    assert logged(caplog) == [line]


def test_a_pause_is_said_with_how_many_wait(caplog: pytest.LogCaptureFixture) -> None:
    outbox = MemoryOutbox(many(2))
    outbox.pause("op", "restored", NOON)

    with pytest.raises(LeftUndone):
        sweep(sender(outbox))
    assert logged(caplog) == [("WARNING", "sending is paused", {"waiting": 2})]
