"""Messages and tombstones as items of the outbox."""

from dataclasses import replace

from chalicelib.ports import Message, MessageState
from chalicelib.store import shards
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import moment, stamp, text_of, value_of

SEND = "send"
SETTLE = "settle#0"
MESSAGE = "MSG"
TOMBSTONE = "TOMB"

# What changes while a message is on its way stands beside the body, where conditions can see it.
MOVING = frozenset(
    {
        "state",
        "attempts",
        "next_attempt_at",
        "lease_until",
        "provider_reference",
        "reason",
        "changed_at",
    }
)


def message_key(message_id: str) -> str:
    """The partition of a message."""
    return f"MSG#{message_id}"


def tombstone_key(duty_id: str) -> str:
    """The partition of the tombstone of a duty."""
    return f"TOMB#{duty_id}"


def new_item(message: Message, *, queues: int) -> OutboxItem:
    """A message that nobody tried yet; without `next_attempt_at` it is due from its making."""
    return OutboxItem(
        message_key(message.id),
        MESSAGE,
        # About no case it is in no case's list; the key of an index cannot be empty.
        case_id=message.case_id or None,
        created_at=stamp(message.created_at),
        body=text_of(message, leave_out=MOVING),
        state=MessageState.PENDING.value,
        attempts=0,
        queue=shards.key_of(SEND, message.id, queues),
        next_attempt_at=stamp(message.next_attempt_at or message.created_at),
    )


def tombstone_item(duty_id: str, *, in_force: bool) -> OutboxItem:
    """Says whether messages that go with a duty are cancelled: in force once it is settled."""
    return OutboxItem(tombstone_key(duty_id), TOMBSTONE, in_force=in_force)


def message_of(item: OutboxItem) -> Message:
    """Read a message; `next_attempt_at` is none once it is in no queue."""
    return replace(
        value_of(Message, item.body),
        state=MessageState(item.state),
        attempts=int(item.attempts or 0),
        next_attempt_at=moment(item.next_attempt_at),
        lease_until=moment(item.lease_until),
        provider_reference=item.provider_reference,
        reason=item.reason,
        changed_at=moment(item.changed_at),
    )
