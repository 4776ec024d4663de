"""Messages on their way, and what the corridor needs of the outbox."""

import typing
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from chalicelib.ports.paging import Page


class MessageState(StrEnum):
    """Where a message stands. DELIVERED, BOUNCED and COMPLAINED come from the provider later."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One notice by one channel to one role.

    `person_id` is whoever the case allocated to the role when the message was made; without one
    the authority's own contact for the role is used. `via_manager` then takes one step up.
    `was_due_on` is the date that a deadline moved from, and `because` says which days moved it.
    """

    id: str
    notice_id: str
    authority: str
    case_id: str
    about: str
    protocol: str
    clause: str
    printed: str
    occasion: str
    role: str
    role_label: str
    channel: str
    urgency: str
    created_at: datetime
    person_id: str | None = None
    via_manager: bool = False
    due_on: date | None = None
    due_by: time | None = None
    provisional: bool = False
    cancelled_with: str | None = None
    state: MessageState = MessageState.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None = None
    lease_until: datetime | None = None
    provider_reference: str | None = None
    reason: str | None = None
    changed_at: datetime | None = None
    cited: str | None = None
    was_due_on: date | None = None
    because: str | None = None


class Outbox(typing.Protocol):
    """Messages on their way. The sender may read this room and contacts, never cases."""

    def ready(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of messages to try: due at or before `now`, or whose lease ran out."""

    def put(self, message: Message) -> None:
        """Store a message of the service's own, which no case decided on; one known by its id stays."""

    def claim(self, message_id: str, now: datetime, lease_seconds: int) -> Message:
        """Take a message for sending: to SENDING, unless its duty has a tombstone in force.

        Raises NotClaimed if another worker has it or it is dealt with; a message whose tombstone
        is in force becomes CANCELLED and raises NotClaimed too.
        """

    def sent(self, message: Message, provider_reference: str, now: datetime) -> None:
        """Record that the provider took the message claimed as `message`."""

    def retry(self, message: Message, at: datetime, reason: str) -> None:
        """Put a claimed message back to PENDING until `at`."""

    def failed(self, message: Message, reason: str, now: datetime) -> None:
        """Give a claimed message up and queue it for settling."""

    def delivered(self, message_id: str, state: MessageState, at: datetime, reason: str) -> None:
        """Record what the provider says became of a message. States only move forward; BOUNCED
        and COMPLAINED are queued for settling. An unknown id changes nothing."""

    def unsettled(self, limit: int) -> Sequence[Message]:
        """Return messages that will never arrive and are not yet facts on their case."""

    def settled(self, message_id: str) -> None:
        """Take a message off the settling queue: it is a fact on its case now."""

    def of_case(self, case_id: str, cursor: str | None, limit: int) -> Page[Message]:
        """List a case's messages, first made first."""
