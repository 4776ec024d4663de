"""Delivery events in any order, late and twice: the same is left behind as by SES's own order."""

import json
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from chalicelib.entrypoints.receipts import record_event
from chalicelib.ports import MessageState
from chalicelib.store.outbox import DynamoOutbox
from tests.doubles import MemoryOutbox
from tests.messages import NOON, message

EVENTS = Path(__file__).parent.parent / "events"
LEASE = 300
# In SES's own order. The second delay is another event of the same letter.
IN_ORDER = ("send", "delivery_delay", "delivery_delay_again", "delivery", "bounce", "complaint")
LONG_AFTER = NOON + timedelta(days=400)

orders = some.lists(some.sampled_from(IN_ORDER), min_size=1, max_size=9)
starts = some.sampled_from(["PENDING", "SENDING", "retried", "SENT", "FAILED", "CANCELLED", "SET_ASIDE"])


def told(name, message_id):
    event = json.loads(
        json.loads((EVENTS / f"ses_{name.removesuffix('_again')}.json").read_text())["Records"][0]["Sns"][
            "Message"
        ]
    )
    event["mail"]["tags"]["message_id"] = [message_id]
    if name.endswith("_again"):
        event["deliveryDelay"]["timestamp"] = "2026-05-22T11:30:00.000Z"
    return json.dumps(event)


def start(outbox, state, message_id):
    outbox.put(message(id=message_id))
    if state == "CANCELLED":
        outbox.cancel(message_id, "told by phone", NOON)
    elif state == "SET_ASIDE":
        outbox.set_aside(message_id, "strange", NOON)
    elif state != "PENDING":
        claimed = outbox.claim(message_id, NOON, LEASE)
        match state:
            case "retried":
                outbox.retry(claimed, NOON + timedelta(minutes=5), "unknown_outcome")
            case "SENT":
                outbox.sent(claimed, "ses-1", NOON)
            case "FAILED":
                outbox.failed(claimed, "unknown_outcome", NOON)


def left_behind(outbox, message_id):
    """What can be seen of a message, and of the address that it went to."""
    kept = outbox.message(message_id)
    late = [
        moment for moment in quarters() if message_id in {each.id for each in outbox.unsettled(moment, 99)}
    ]
    return (
        kept.state,
        kept.reason,
        kept.changed_at,
        message_id in outbox.ready(LONG_AFTER, 999),
        late[:1],
        message_id in {each.id for each in outbox.undelivered(kept.authority, None, 999).items},
    )


def quarters():
    """Every quarter of an hour on which a delay could be due, and the end of time."""
    first = NOON.replace(year=2026, month=5, day=22, hour=13, minute=0)
    return [first + timedelta(minutes=15 * each) for each in range(14)] + [LONG_AFTER]


def agrees(ordered, shuffled, state, events, ids):
    right, left = ids
    start(ordered, state, right)
    start(shuffled, state, left)
    for name in IN_ORDER:
        if name in events:
            record_event(told(name, right), ordered)
    for name in events:
        record_event(told(name, left), shuffled)
    assert left_behind(shuffled, left) == left_behind(ordered, right)


@given(state=starts, events=orders)
@settings(max_examples=300, deadline=None)
def test_in_memory_any_order_leaves_the_same_behind(state, events):
    agrees(MemoryOutbox(), MemoryOutbox(), state, events, ("m-1", "m-1"))


def test_on_the_engine_any_order_leaves_the_same_behind(tables):
    outbox, numbers = DynamoOutbox(), count()

    @given(state=starts, events=orders)
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def tried(state, events):
        number = next(numbers)
        agrees(outbox, outbox, state, events, (f"m-{number}-right", f"m-{number}-left"))

    tried()
    assert outbox.suppressed("ada@example.org")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (["send"], MessageState.SENT),
        (["delivery_delay"], MessageState.SENT),
        (["delivery", "send"], MessageState.DELIVERED),
        (["bounce", "send", "delivery"], MessageState.BOUNCED),
        (["complaint", "bounce", "delivery", "delivery_delay"], MessageState.COMPLAINED),
    ],
)
def test_the_last_in_ses_own_order_stands(tables, events, state):
    outbox = DynamoOutbox()
    outbox.put(message())

    for name in events:
        record_event(told(name, "m-1"), outbox)

    assert outbox.message("m-1").state is state
    assert outbox.ready(LONG_AFTER, 10) == []


def test_the_first_of_two_delays_counts_whichever_comes_first(tables):
    outbox = DynamoOutbox()
    due = NOON.replace(month=5, day=22, hour=13, minute=14)
    for number, names in enumerate([("", "_again"), ("_again", "")]):
        outbox.put(message(id=f"m-{number}"))
        for name in names:
            record_event(told(f"delivery_delay{name}", f"m-{number}"), outbox)

    assert outbox.unsettled(due - timedelta(seconds=1), 10) == []
    assert len(outbox.unsettled(due, 10)) == 2
