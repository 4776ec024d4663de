"""Dispatch: claim, find the address, write, send, mark."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.core.errors import LeftUndone, OutcomeUnknown, SetAside, TryAgainLater, WillNeverArrive
from chalicelib.dispatch import (
    BATCH,
    IN_HAND_SECONDS,
    LEASE_SECONDS,
    MOST_ATTEMPTS,
    PAUSE_SECONDS,
    UNKNOWN_OUTCOME_SECONDS,
    Sender,
    deliver,
    send_all,
    sweep,
    wait_seconds,
)
from chalicelib.ports import Message, MessageState
from chalicelib.wiring import JsonLines
from tests.builders import day
from tests.doubles import MemoryChannel, MemoryContacts, MemoryOutbox
from tests.messages import NOON, cover, message, person


def sender(outbox: MemoryOutbox, channel: MemoryChannel | None = None, **changes) -> Sender:
    parts = {
        "outbox": outbox,
        "contacts": MemoryContacts([person("ada")]),
        "channels": {"email": channel or MemoryChannel()},
        "link_base": "https://holdfast.example.org",
        "now": lambda: NOON,
        "chance": lambda: 0.5,
        "seconds_left": lambda: 60.0,
        "workers": 4,
    }
    return Sender(**{**parts, **changes})


def many(count: int) -> list[Message]:
    return [message(id=f"m-{number:03d}") for number in range(count)]


def test_a_message_is_sent_and_marked_with_the_providers_reference() -> None:
    outbox, channel = MemoryOutbox([message()]), MemoryChannel()

    deliver("m-1", sender(outbox, channel))

    (letter,) = channel.letters
    assert letter.address == "ada@example.org"
    assert letter.message_id == "m-1"
    assert "https://holdfast.example.org/v1/cases/" in letter.body
    assert outbox.messages["m-1"].state is MessageState.SENT
    assert outbox.messages["m-1"].provider_reference == "reference-1"


def test_a_message_delivered_twice_is_sent_once() -> None:
    outbox, channel = MemoryOutbox([message()]), MemoryChannel()

    deliver("m-1", sender(outbox, channel))
    deliver("m-1", sender(outbox, channel))

    assert len(channel.letters) == 1


def test_a_message_whose_duty_was_settled_is_cancelled_and_never_sent() -> None:
    outbox, channel = MemoryOutbox([message(cancelled_with="duty-1")]), MemoryChannel()
    outbox.tombstones.add("duty-1")

    deliver("m-1", sender(outbox, channel))

    assert channel.letters == []
    assert outbox.messages["m-1"].state is MessageState.CANCELLED


def test_a_message_nobody_knows_is_no_trouble() -> None:
    deliver("m-404", sender(MemoryOutbox()))


def test_a_provider_that_cannot_now_is_asked_again_within_the_limit_of_that_attempt() -> None:
    outbox = MemoryOutbox([message(attempts=2)])

    deliver("m-1", sender(outbox, MemoryChannel([TryAgainLater("throttled")])))

    waiting = outbox.messages["m-1"]
    assert waiting.state is MessageState.PENDING
    assert waiting.reason == "throttled"
    assert waiting.next_attempt_at == NOON + timedelta(minutes=8), "half of sixteen minutes"


def test_a_lost_acknowledgement_waits_for_delivery_events_however_the_dice_fall() -> None:
    outbox = MemoryOutbox([message()])
    lost = MemoryChannel([OutcomeUnknown("unknown_outcome")])

    deliver("m-1", sender(outbox, lost, chance=lambda: 0.0))

    waiting = outbox.messages["m-1"]
    assert waiting.reason == "unknown_outcome"
    assert waiting.next_attempt_at == NOON + timedelta(seconds=UNKNOWN_OUTCOME_SECONDS)


def test_a_lost_acknowledgement_resolved_by_an_event_is_not_sent_again() -> None:
    outbox, channel = MemoryOutbox([message()]), MemoryChannel([OutcomeUnknown("unknown_outcome")])
    deliver("m-1", sender(outbox, channel))

    outbox.delivered("m-1", MessageState.SENT, NOON, "send")
    sweep(sender(outbox, channel, now=lambda: NOON + timedelta(days=1)))

    assert channel.letters == []


def test_attempts_end_after_a_day_and_then_a_person_must_be_told() -> None:
    outbox = MemoryOutbox([message(attempts=MOST_ATTEMPTS - 1)])

    deliver("m-1", sender(outbox, MemoryChannel([TryAgainLater("throttled")])))

    assert outbox.messages["m-1"].state is MessageState.FAILED
    assert outbox.messages["m-1"].reason == "throttled"
    assert outbox.to_settle == ["m-1"]


def test_all_attempts_together_take_about_a_day_at_the_most() -> None:
    longest = sum(wait_seconds(attempts, 1.0) for attempts in range(1, MOST_ATTEMPTS))

    assert timedelta(hours=20) < timedelta(seconds=longest) < timedelta(hours=32)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"person_id": "nobody"}, "no_contact"),
        ({"attempts": MOST_ATTEMPTS}, "gave_up"),
    ],
)
def test_what_no_attempt_will_help_is_given_up_at_once_with_its_reason(change, reason) -> None:
    outbox, channel = MemoryOutbox([message(**change)]), MemoryChannel()

    deliver("m-1", sender(outbox, channel))

    assert channel.letters == []
    assert outbox.messages["m-1"].state is MessageState.FAILED
    assert outbox.messages["m-1"].reason == reason
    assert outbox.to_settle == ["m-1"]


@pytest.mark.parametrize(
    ("change", "reason"), [({"channel": "pigeon"}, "no_channel"), ({"occasion": "applauded"}, "no_wording")]
)
def test_what_this_release_has_no_channel_or_no_words_for_is_set_aside_with_its_reason(
    change: dict[str, str], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    outbox, channel = MemoryOutbox([message(id="m-0", **change), message()]), MemoryChannel()

    assert sweep(sender(outbox, channel)) == 2
    assert sweep(sender(outbox, channel)) == 0

    assert [each.message_id for each in channel.letters] == ["m-1"]
    kept = outbox.messages["m-0"]
    assert (kept.state, kept.reason, kept.attempts) == (MessageState.SET_ASIDE, reason, 1)
    assert kept.changed_at == NOON
    assert outbox.to_settle == ["m-0"]
    (said,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert (said.getMessage(), said.message_id, said.reason) == ("message set aside", "m-0", reason)


def test_a_refusal_by_the_provider_is_given_up_with_its_reason() -> None:
    outbox = MemoryOutbox([message()])

    deliver("m-1", sender(outbox, MemoryChannel([WillNeverArrive("rejected")])))

    assert outbox.messages["m-1"].reason == "rejected"


def test_one_messages_trouble_does_not_hold_up_the_others() -> None:
    outbox, channel = MemoryOutbox([*many(5), message(id="m-lost", person_id="nobody")]), MemoryChannel()

    send_all(["m-000", "m-lost", "m-001", "m-002", "m-003", "m-004"], sender(outbox, channel))

    assert {letter.message_id for letter in channel.letters} == {f"m-00{number}" for number in range(5)}


def test_trouble_of_our_own_is_logged_by_its_name_and_the_lease_brings_the_message_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox = MemoryOutbox([message()])
    broken = MemoryChannel([RuntimeError("ada@example.org was being written")])

    deliver("m-1", sender(outbox, broken))

    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.message_id == "m-1"
    assert '"error": "RuntimeError"' in JsonLines().format(record)
    assert "ada" not in JsonLines().format(record)
    assert outbox.messages["m-1"].state is MessageState.SENDING
    assert outbox.ready(NOON + timedelta(seconds=LEASE_SECONDS - 1), BATCH) == ()
    assert outbox.ready(NOON + timedelta(seconds=LEASE_SECONDS), BATCH) == ("m-1",)


def test_whoever_covers_on_the_london_day_of_sending_is_told() -> None:
    past_midnight_in_london = datetime.fromisoformat("2026-06-30T23:30:00Z")
    away = person("ada", cover=(cover("ben", "Wed 1 Jul 2026", "Wed 1 Jul 2026"),))
    channel = CoverChannel()

    deliver(
        "m-1",
        sender(
            MemoryOutbox([message()]),
            channel,
            contacts=MemoryContacts([away, person("ben")]),
            now=lambda: past_midnight_in_london,
        ),
    )

    assert channel.asked_on == [day("Wed 1 Jul 2026")]


class CoverChannel(MemoryChannel):
    """Keeps the days on which it was asked for an address."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_on: list[object] = []

    def address(self, message, contacts, on) -> str:
        self.asked_on.append(on)
        return super().address(message, contacts, on)


def test_nothing_is_begun_without_time_in_hand_and_all_of_it_stays_ready() -> None:
    outbox, channel = MemoryOutbox(many(3)), MemoryChannel()

    send_all(list(outbox.messages), sender(outbox, channel, seconds_left=lambda: IN_HAND_SECONDS - 1))

    assert channel.letters == []
    assert len(outbox.ready(NOON, BATCH)) == 3


def test_the_sweep_sends_everything_that_is_ready_batch_by_batch() -> None:
    outbox, channel = MemoryOutbox(many(2 * BATCH + 7)), MemoryChannel()

    assert sweep(sender(outbox, channel)) == 2 * BATCH + 7
    assert len(channel.letters) == 2 * BATCH + 7


def test_the_sweep_leaves_what_is_not_due_yet() -> None:
    later = message(next_attempt_at=NOON + timedelta(seconds=1))
    channel = MemoryChannel()

    assert sweep(sender(MemoryOutbox([later]), channel)) == 0
    assert channel.letters == []


def test_the_sweep_stops_when_time_is_short() -> None:
    outbox, channel = MemoryOutbox(many(2 * BATCH)), MemoryChannel()
    seconds = iter([60.0, 60.0, *([60.0] * BATCH)])

    sweep(sender(outbox, channel, seconds_left=lambda: next(seconds, 0.0), workers=1))

    assert 0 < len(channel.letters) <= BATCH + 1
    assert len(outbox.ready(NOON, 3 * BATCH)) == 2 * BATCH - len(channel.letters)


def test_messages_that_cannot_even_be_claimed_starve_nobody_and_end_the_sweep() -> None:
    poor = {f"m-{number:03d}" for number in range(BATCH)}
    outbox, channel = Unclaimable(many(BATCH + 3), poor), MemoryChannel()

    with pytest.raises(LeftUndone) as told:
        sweep(sender(outbox, channel))

    assert (told.value.done, told.value.left) == (3, BATCH)
    assert {letter.message_id for letter in channel.letters} == {"m-100", "m-101", "m-102"}


class Unclaimable(MemoryOutbox):
    """Some messages in it are beyond us: claiming them goes wrong."""

    def __init__(self, messages: Sequence[Message], poor: set[str]) -> None:
        super().__init__(messages)
        self.poor = poor

    def claim(self, message_id: str, now: datetime, lease_seconds: int) -> Message:
        if message_id in self.poor:
            raise ValueError("an item that cannot be read")
        return super().claim(message_id, now, lease_seconds)


# --- what is looked at before anything leaves


def test_an_address_that_refuses_mail_is_not_written_to_and_a_person_must_be_told() -> None:
    outbox, channel = MemoryOutbox([message()]), MemoryChannel()
    outbox.suppress("ADA@example.org", "m-0", "bounce_permanent_general", NOON)

    deliver("m-1", sender(outbox, channel))

    assert channel.letters == []
    assert (outbox.messages["m-1"].state, outbox.messages["m-1"].reason) == (
        MessageState.FAILED,
        "suppressed",
    )
    assert outbox.to_settle == ["m-1"]


def test_a_lifted_address_is_written_to_again() -> None:
    outbox, channel = MemoryOutbox([message()]), MemoryChannel()
    outbox.suppress("ada@example.org", "m-0", "bounce_permanent_general", NOON)
    deliver("m-1", sender(outbox, channel))

    outbox.lift("ada@example.org", NOON + timedelta(seconds=1))
    outbox.again("m-1", NOON + timedelta(seconds=1))
    sweep(sender(outbox, channel, now=lambda: NOON + timedelta(minutes=1)))

    assert [letter.address for letter in channel.letters] == ["ada@example.org"]


def test_what_goes_where_nothing_bounces_is_not_looked_up_among_addresses() -> None:
    class Topical(MemoryChannel):
        bounces = False

    outbox, channel = MemoryOutbox([message()]), Topical()
    outbox.suppress("ada@example.org", "m-0", "bounce_permanent_general", NOON)

    deliver("m-1", sender(outbox, channel))

    assert len(channel.letters) == 1


def test_nothing_is_claimed_while_sending_is_paused_and_all_of_it_afterwards() -> None:
    outbox, channel = MemoryOutbox(many(BATCH + 2)), MemoryChannel()
    outbox.pause("op", "restored", NOON)

    assert send_all(list(outbox.messages), sender(outbox, channel)) == 0
    with pytest.raises(LeftUndone) as told:
        sweep(sender(outbox, channel))
    assert (told.value.done, told.value.left) == (0, BATCH)
    assert {each.state for each in outbox.messages.values()} == {MessageState.PENDING}

    outbox.resume()
    assert sweep(sender(outbox, channel)) == BATCH + 2
    assert len(channel.letters) == BATCH + 2


def test_a_pause_that_nobody_waits_for_raises_no_alarm() -> None:
    outbox = MemoryOutbox([])
    outbox.pause("op", "restored", NOON)

    assert sweep(sender(outbox, MemoryChannel())) == 0


def test_a_pause_is_asked_for_once_in_a_while_and_noticed_within_seconds() -> None:
    outbox, channel = Asked(many(30)), MemoryChannel()
    seconds = iter(range(1000))
    ticking = sender(outbox, channel, now=lambda: NOON + timedelta(seconds=next(seconds) / 10), workers=1)

    def paused_midway() -> float:
        if len(channel.letters) == 10:
            outbox.pause("op", "a mistake", NOON)
        return 60.0

    send_all(list(outbox.messages), replace(ticking, seconds_left=paused_midway))

    assert 10 <= len(channel.letters) <= 10 + 10 * PAUSE_SECONDS
    assert len(channel.letters) < 30
    assert outbox.asked < 30


class Asked(MemoryOutbox):
    """Counts how often it was asked whether sending is paused."""

    asked = 0

    def paused(self) -> bool:
        self.asked += 1
        return super().paused()


def test_that_nobody_can_say_whether_sending_is_paused_is_trouble_of_our_own_and_sends_nothing() -> None:
    class Mute(MemoryOutbox):
        def paused(self) -> bool:
            raise RuntimeError("no answer")

    outbox, channel = Mute([message()]), MemoryChannel()

    assert send_all(["m-1"], sender(outbox, channel)) == 1
    assert channel.letters == []


def test_what_was_set_aside_is_said_once_and_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    class Damaged(MemoryOutbox):
        def claim(self, message_id: str, now: datetime, lease_seconds: int) -> Message:
            if message_id == "m-001" and self.messages[message_id].state is MessageState.PENDING:
                self.set_aside(message_id, "unreadable", now)
                raise SetAside(message_id)
            return super().claim(message_id, now, lease_seconds)

    outbox, channel = Damaged(many(3)), MemoryChannel()

    assert sweep(sender(outbox, channel)) == 3
    assert sweep(sender(outbox, channel)) == 0

    assert {letter.message_id for letter in channel.letters} == {"m-000", "m-002"}
    (said,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert said.message_id == "m-001"
    assert outbox.to_settle == ["m-001"]


def test_a_missing_template_is_no_end_once_a_release_words_it() -> None:
    outbox, channel = MemoryOutbox([message(occasion="applauded")]), MemoryChannel()
    deliver("m-1", sender(outbox, channel))
    assert outbox.messages["m-1"].reason == "no_wording"

    outbox.messages["m-1"] = replace(outbox.messages["m-1"], occasion="opened")
    outbox.again("m-1", NOON)
    sweep(sender(outbox, channel))

    assert len(channel.letters) == 1
    assert outbox.messages["m-1"].attempts == 1


def test_a_letter_that_left_is_in_the_log_though_it_cannot_be_written_down(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Lost(MemoryOutbox):
        def sent(self, *_: object) -> None:
            raise ConnectionError

    caplog.set_level(logging.INFO)
    deliver("m-1", sender(Lost([message()]), MemoryChannel()))

    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    (said,) = [line for line in lines if line["message"] == "message sent"]
    assert (said["message_id"], said["provider_reference"]) == ("m-1", "reference-1")


def test_no_name_address_or_word_of_a_letter_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    notices = [*many(4), message(id="m-away", person_id="nobody")]
    trouble = [None, TryAgainLater("throttled"), WillNeverArrive("rejected"), KeyError("ada@example.org")]

    with pytest.raises(LeftUndone):
        sweep(sender(MemoryOutbox(notices), MemoryChannel(trouble), workers=1))

    logged = " ".join(JsonLines().format(record) for record in caplog.records)
    assert "message sent" in logged
    for secret in ("ada", "example.org", "Social worker", "A deadline", "5.14", "nobody"):
        assert secret not in logged
