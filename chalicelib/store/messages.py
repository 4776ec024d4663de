"""Messages, and what is looked at before one is sent, as items of the outbox."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.ports import NOBODYS, Message, MessageState
from chalicelib.store import shards
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import moment, stamp, text_of, value_of

SEND = "send"
SETTLE = "settle#0"
MESSAGE = "MSG"
TOMBSTONE = "TOMB"
SEATS = "SEATS"
# What a duty is due on that has no date while its clock stands still.
NO_DATE = "none"
# What reading an item raises that no longer says what a message says.
UNREADABLE = (ValueError, TypeError)

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
        "renewed_at",
    }
)


def message_key(message_id: str) -> str:
    """The partition of a message."""
    return f"MSG#{message_id}"


def tombstone_key(duty_id: str) -> str:
    """The partition of the tombstone of a duty."""
    return f"TOMB#{duty_id}"


def seats_key(case_id: str) -> str:
    """The partition of the seats of a case."""
    return f"SEATS#{case_id}"


def new_item(message: Message, *, queues: int) -> OutboxItem:
    """A message that nobody tried yet; without `next_attempt_at` it is due from its making."""
    return OutboxItem(
        message_key(message.id),
        MESSAGE,
        # About no case it is in no case's list; the key of an index cannot be empty.
        case_id=message.case_id or None,
        created_at=stamp(message.created_at),
        authority=message.authority or NOBODYS,
        body=text_of(message, leave_out=MOVING),
        state=MessageState.PENDING.value,
        attempts=0,
        queue=shards.key_of(SEND, message.id, queues),
        next_attempt_at=stamp(message.next_attempt_at or message.created_at),
    )


def tombstone_item(duty_id: str, *, in_force: bool, due_on: str | None = None) -> OutboxItem:
    """Says whether messages that go with a duty are cancelled: in force once it is settled.

    With a date, so are those that go with another one.
    """
    return OutboxItem(tombstone_key(duty_id), TOMBSTONE, in_force=in_force, due_on=due_on)


def date_text(due_on: date | None) -> str:
    """A date as a tombstone has it."""
    return due_on.isoformat() if due_on else NO_DATE


def seats_item(case_id: str, seats: Mapping[str, str]) -> OutboxItem:
    """Says who is allocated on a case now: role → person."""
    return OutboxItem(seats_key(case_id), SEATS, seats=dict(seats))


def message_of(item: OutboxItem) -> Message:
    """Read a message; `next_attempt_at` is none once it is in no queue. Raises UNREADABLE."""
    if item.damaged:
        raise ValueError("an attribute is of another type")
    return replace(
        value_of(Message, item.body),
        state=MessageState(item.state),
        attempts=int(item.attempts or 0),
        next_attempt_at=moment(item.next_attempt_at),
        lease_until=moment(item.lease_until),
        provider_reference=item.provider_reference,
        reason=item.reason,
        changed_at=moment(item.changed_at),
        renewed_at=moment(item.renewed_at),
    )


def legible(item: OutboxItem) -> Message:
    """Read a message as far as it can be read, for whoever has to look at it."""
    try:
        return message_of(item)
    except UNREADABLE:
        return _remains(item)


def _remains(item: OutboxItem) -> Message:
    said = _said(item.body)
    words: dict[str, Any] = {name: said.get(name, "") for name in _WORDS}
    state = MessageState.SET_ASIDE
    with suppress(ValueError):
        state = MessageState(item.state)
    return Message(
        **words,
        id=item.pk.removeprefix(message_key("")),
        authority=said.get("authority", "") or item.authority or NOBODYS,
        case_id=item.case_id or said.get("case_id", ""),
        created_at=_moment(item.created_at) or datetime.fromtimestamp(0, UTC),
        state=state,
        reason=item.reason,
        changed_at=_moment(item.changed_at),
    )


_WORDS = (
    "notice_id",
    "about",
    "protocol",
    "clause",
    "printed",
    "occasion",
    "role",
    "role_label",
    "channel",
    "urgency",
)


def _said(body: str | None) -> Mapping[str, str]:
    """Return what a body says in words, none where it is no JSON."""
    try:
        said = json.loads(body or "")
    except UNREADABLE:
        return {}
    plain = said.items() if isinstance(said, dict) else ()
    return {name: value for name, value in plain if isinstance(value, str)}


def _moment(text: str | None) -> datetime | None:
    try:
        return moment(text)
    except UNREADABLE:
        return None
