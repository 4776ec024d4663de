"""Delivery events, in the shapes that SES and SNS give them."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.errors import InvalidInput
from chalicelib.entrypoints.receipts import record_event
from chalicelib.ports import MessageState
from tests.doubles import MemoryOutbox
from tests.messages import message

RENEWED = datetime(2026, 5, 22, 10, tzinfo=UTC)
EVENTS = Path(__file__).parent.parent / "events"


def told(name: str) -> str:
    """What SNS carries in the event of that name."""
    return json.loads((EVENTS / f"{name}.json").read_text())["Records"][0]["Sns"]["Message"]


def outbox(state: MessageState = MessageState.SENT) -> MemoryOutbox:
    return MemoryOutbox([message(state=state)])


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("ses_delivery", MessageState.DELIVERED, "delivery"),
        ("ses_bounce", MessageState.BOUNCED, "bounce_permanent_general"),
        ("ses_bounce_suppressed", MessageState.BOUNCED, "bounce_permanent_onaccountsuppressionlist"),
        ("ses_complaint", MessageState.COMPLAINED, "complaint_abuse"),
        ("ses_reject", MessageState.BOUNCED, "reject"),
    ],
)
def test_what_ses_tells_is_recorded_on_the_message_that_carries_our_tag(
    name: str, state: MessageState, reason: str
) -> None:
    kept = outbox()

    record_event(told(name), kept)

    assert kept.messages["m-1"].state is state
    assert kept.messages["m-1"].reason == reason


def test_a_delivery_is_dated_by_itself_and_not_by_the_sending() -> None:
    kept = outbox()

    record_event(told("ses_delivery"), kept)

    assert kept.messages["m-1"].changed_at == datetime(2026, 5, 22, 9, 12, 1, 904000, tzinfo=UTC)


@pytest.mark.parametrize("name", ["ses_bounce", "ses_bounce_suppressed", "ses_complaint", "ses_reject"])
def test_what_did_not_arrive_is_queued_for_a_person(name: str) -> None:
    kept = outbox()

    record_event(told(name), kept)

    assert kept.to_settle == ["m-1"]


@pytest.mark.parametrize("state", [MessageState.PENDING, MessageState.SENDING])
def test_that_ses_took_it_resolves_a_lost_acknowledgement(state: MessageState) -> None:
    kept = outbox(state)

    record_event(told("ses_send"), kept)

    assert kept.messages["m-1"].state is MessageState.SENT


def test_events_may_come_in_any_order_and_twice() -> None:
    kept = outbox()

    for name in ("ses_delivery", "ses_send", "ses_delivery"):
        record_event(told(name), kept)

    assert kept.messages["m-1"].state is MessageState.DELIVERED


# --- what SES is still trying


DELAYED_AT = datetime(2026, 5, 22, 9, 14, tzinfo=UTC)  # Friday 22 May 2026, 10:14 in London


@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.SENDING, MessageState.PENDING])
def test_a_delay_says_that_ses_has_it_and_is_a_persons_matter_after_four_hours(state: MessageState) -> None:
    kept = outbox(state)

    record_event(told("ses_delivery_delay"), kept)

    assert (kept.messages["m-1"].state, kept.messages["m-1"].reason) == (MessageState.SENT, "delayed")
    assert kept.unsettled(DELAYED_AT + timedelta(hours=4, seconds=-1), 10) == ()
    assert [each.id for each in kept.unsettled(DELAYED_AT + timedelta(hours=4), 10)] == ["m-1"]


def test_what_arrives_after_a_delay_is_nobodys_matter() -> None:
    kept = outbox()

    record_event(told("ses_delivery_delay"), kept)
    record_event(told("ses_delivery"), kept)

    assert kept.unsettled(DELAYED_AT + timedelta(days=1), 10) == ()


# --- which addresses are left be


def bounced(**changes: Any) -> str:
    event = json.loads(told("ses_bounce"))
    event["bounce"] |= changes
    return json.dumps(event)


def test_an_address_that_bounced_for_good_is_left_be() -> None:
    kept = outbox()

    record_event(told("ses_bounce"), kept)

    assert kept.suppressed("Ada@Example.org")
    assert not kept.suppressed("ben@example.org")


def test_an_address_whose_owner_complained_is_left_be() -> None:
    kept = outbox()

    record_event(told("ses_complaint"), kept)

    assert kept.suppressed("ada@example.org")


@pytest.mark.parametrize("sort", ["Transient", "Undetermined"])
def test_a_full_mailbox_or_an_out_of_office_suppresses_nobody(sort: str) -> None:
    kept = outbox()

    record_event(bounced(bounceType=sort), kept)

    assert kept.messages["m-1"].state is MessageState.BOUNCED
    assert kept.addresses == {}


def test_that_something_is_no_spam_after_all_suppresses_nobody() -> None:
    event = json.loads(told("ses_complaint"))
    event["complaint"]["complaintFeedbackType"] = "not-spam"
    kept = outbox()

    record_event(json.dumps(event), kept)

    assert kept.addresses == {}


@pytest.mark.parametrize(
    "written", ["ada@example.org", "<ada@example.org>", "Ada Lovelace <Ada@example.org>"]
)
def test_an_address_is_known_however_the_far_server_wrote_it(written: str) -> None:
    kept = outbox()

    record_event(bounced(bouncedRecipients=[{"emailAddress": written}]), kept)

    assert kept.suppressed("ada@example.org")


def test_the_bounce_of_somebody_elses_mail_suppresses_nobody() -> None:
    event = json.loads(told("ses_bounce"))
    event["mail"]["tags"] = {}
    kept = outbox()

    record_event(json.dumps(event), kept)

    assert kept.addresses == {}


@pytest.mark.parametrize("tags", [{}, {"message_id": []}, {"message_id": ["m-404"]}])
def test_mail_that_is_not_ours_changes_nothing(tags: dict[str, Any]) -> None:
    event = json.loads(told("ses_bounce"))
    event["mail"]["tags"] = tags
    kept = outbox()

    record_event(json.dumps(event), kept)

    assert kept.messages["m-1"].state is MessageState.SENT


def test_the_bounce_of_a_letter_told_once_more_is_not_the_bounce_of_what_was_sent_anew() -> None:
    kept = outbox()
    record_event(told("ses_bounce"), kept)
    kept.again("m-1", RENEWED)

    record_event(told("ses_bounce"), kept)

    assert kept.messages["m-1"].state is MessageState.PENDING


def test_nor_is_one_that_comes_back_long_after_it_left() -> None:
    kept = outbox()
    record_event(told("ses_bounce"), kept)
    kept.again("m-1", RENEWED)

    record_event(bounced(timestamp=(RENEWED + timedelta(days=1)).isoformat()), kept)
    assert kept.messages["m-1"].state is MessageState.PENDING

    known = json.loads(told("ses_bounce"))["mail"]["messageId"]
    kept.sent(kept.claim("m-1", RENEWED, 300), known, RENEWED)
    record_event(told("ses_bounce"), kept)
    assert kept.messages["m-1"].state is MessageState.BOUNCED


def without(event: dict[str, Any], *path: str) -> str:
    part = event
    for name in path[:-1]:
        part = part[name]
    part.pop(path[-1])
    return json.dumps(event)


def unreadable() -> dict[str, str]:
    def bounce() -> dict[str, Any]:
        return json.loads(told("ses_bounce"))

    return {
        "not JSON": "{ada@example.org",
        "not an object": '["ada@example.org"]',
        "no type": without(bounce(), "eventType"),
        "a type nobody documented": json.dumps({**bounce(), "eventType": "ada@example.org"}),
        "a type that is no word": json.dumps({**bounce(), "eventType": ["Bounce"]}),
        "no mail": without(bounce(), "mail"),
        "tags that are a list": json.dumps({**bounce(), "mail": {"tags": ["ada@example.org"]}}),
        "no moment": json.dumps({**bounce(), "bounce": {}, "mail": {"tags": {}}}),
        "a moment without time zone": json.dumps(
            {**bounce(), "bounce": {"timestamp": "2026-05-22T09:12:00"}}
        ),
        "recipients that are no list": bounced(bouncedRecipients="ada@example.org"),
        "a recipient that is no object": bounced(bouncedRecipients=["ada@example.org"]),
        "a confirmation of subscription": json.dumps({"Type": "SubscriptionConfirmation"}),
    }


@pytest.mark.parametrize("text", unreadable().values(), ids=unreadable().keys())
def test_an_event_that_cannot_be_read_is_raised_and_nothing_of_it_is_repeated(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with pytest.raises(InvalidInput) as raised:
        record_event(text, outbox())

    (logged,) = caplog.records
    assert logged.levelno == logging.ERROR
    assert "ada" not in str(vars(logged)) + str(raised.value)


def test_no_address_or_subject_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    for path in sorted(EVENTS.glob("ses_*.json")):
        record_event(told(path.stem), outbox())

    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "m-1" in logged
    for secret in ("ada", "example", "deadline", "5.1.1"):
        assert secret not in logged
