"""What the corridor needs from a room, and the values that pass between them.

Moments are aware UTC datetimes. `typing.Protocol` is written in full throughout: plain Protocol
is the authority's.
"""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chalicelib.core.case import Case, Child, Decision, Standing

Row = typing.TypeVar("Row")

# --- cases ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that a request was taken: stored with what it did, answered again when it returns.

    `key` is unique in its authority (door, credential and the caller's own key); `body_hash`
    covers method, path and body; `answer` is the JSON text of the first answer.
    """

    authority: str
    key: str
    body_hash: str
    status: int
    answer: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A decision with what the journal keeps beside it: the whole fact as JSON and who sent it.

    `before` is how the case stood when it was loaded: only duties, flags and tasks that differ from
    it are stored again, each as an item of its own.
    """

    decision: Decision
    fact_json: str
    recorded_by: str
    learned_at: datetime
    before: Standing = field(default_factory=Standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """One line of the log of meetings: by meeting, the days and the words, no child's detail."""

    authority: str
    case_id: str
    meeting_id: str
    meeting: str
    convened_on: date | None = None
    planned_for: date | None = None
    held_on: date | None = None
    outcome: str | None = None
    chair: str | None = None
    logged_on: date | None = None


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
    provisional: bool = False
    cancelled_with: str | None = None
    state: MessageState = MessageState.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None = None
    lease_until: datetime | None = None
    provider_reference: str | None = None
    reason: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Everything one request stores, in one transaction or not at all.

    `entries` are one or more decisions, each on its own case, loaded at version
    `decision.after.version - 1`. `child` (at the version to store, its predecessor minus one) is
    none when it does not change. `settled` and `reopened` are duty ids whose messages are from
    now on cancelled, or are no longer.
    """

    entries: Sequence[Entry]
    child: Child | None = None
    meetings: Sequence[MeetingRow] = ()
    messages: Sequence[Message] = ()
    settled: Sequence[str] = ()
    reopened: Sequence[str] = ()
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(typing.Generic[Row]):
    """One page of a list, and the opaque cursor of the next where there is one."""

    items: Sequence[Row]
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the list of cases."""

    case_id: str
    authority: str
    child_reference: str
    updated_at: datetime
    open_duties: int
    next_due_on: date | None
    flags: int
    frozen: bool
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One open task on an authority's list: `role` sees to it that `tell` is told."""

    authority: str
    case_id: str
    task_id: str
    role: str
    tell: str
    why: str
    opened_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One entry of a case's journal, as it was stored: the JSON text of the whole."""

    sequence: int
    learned_at: datetime
    recorded_by: str
    entry_json: str


class Cases(typing.Protocol):
    """Where cases, children, receipts and the journal are kept."""

    def load(self, case_id: str) -> Case:
        """Return a case by a consistent read. Raises NotFound."""

    def child(self, authority: str, reference: str) -> Child:
        """Return the child's item by a consistent read; version 0 where there is none yet."""

    def load_with_child(self, case_id: str, authority: str, reference: str) -> tuple[Case | None, Child]:
        """Return both in one batched consistent read."""

    def commit(self, commit: Commit) -> None:
        """Store everything in one transaction, or nothing at all.

        Raises AlreadyReceived if the receipt's key is stored, CaseChanged if a case or the child
        moved on since it was loaded, or the transaction was in conflict.
        """

    def receipt(self, authority: str, key: str) -> Receipt | None:
        """Return the receipt stored under this key by a consistent read."""

    def due(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of cases with a duty whose next action is at or before `now`, oldest first."""

    def cases(self, authority: str, cursor: str | None, limit: int) -> Page[CaseRow]:
        """List an authority's cases, latest change first."""

    def meetings(self, authority: str, cursor: str | None, limit: int) -> Page[MeetingRow]:
        """List an authority's log of meetings, latest first."""

    def meeting(self, case_id: str, meeting_id: str) -> MeetingRow | None:
        """Return one line of the log by a consistent read."""

    def tasks(self, authority: str, cursor: str | None, limit: int) -> Page[TaskRow]:
        """List an authority's open tasks, oldest first."""

    def journal(self, case_id: str, cursor: str | None, limit: int) -> Page[JournalRow]:
        """List a case's journal, first entry first."""


# --- outbox ---------------------------------------------------------------------------------


class Outbox(typing.Protocol):
    """Messages on their way. The sender may read this room and contacts, never cases."""

    def ready(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of messages to try: due at or before `now`, or whose lease ran out."""

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


# --- contacts and access --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Who stands in for a person, first and last day included."""

    person_id: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be told: `roles` are those held in the authority, apart from any case."""

    authority: str
    id: str
    email: str
    manager: str | None = None
    deputy: str | None = None
    roles: tuple[str, ...] = ()
    cover: tuple[Cover, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleContact:
    """How a role held by the authority is reached: a person, or a mailbox, and a topic.

    `channels` maps an urgency to channel names (`{"now": ("email", "topic")}`); an urgency
    left out means e-mail. A mailbox is nobody's, so `manager` says who answers for it.
    """

    authority: str
    role: str
    person_id: str | None = None
    email: str | None = None
    topic: str | None = None
    manager: str | None = None
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Contacts(typing.Protocol):
    """Who is who in an authority; looked up at sending time and when a role must be known."""

    def person(self, authority: str, person_id: str) -> Person | None:
        """Return a person, or None where the authority has no such contact."""

    def role(self, authority: str, role: str) -> RoleContact | None:
        """Return how a role is reached, or None where nobody was named for it."""

    def channels(self, authority: str) -> Mapping[str, RoleContact]:
        """Return all of an authority's role contacts by role; remembered for at most 60 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A machine's or person's right to come in: of one authority, scoped, expiring.

    `subject` is the name under which what it sends is recorded.
    """

    id: str
    authority: str
    subject: str
    scopes: frozenset[str]
    secret_hash: str
    expires_at: datetime
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A system that sends signed webhooks: its secrets are in Secrets Manager under `secret`."""

    name: str
    authority: str
    secret: str
    scopes: frozenset[str]
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority and the ids of the protocols it has chosen, oldest first."""

    id: str
    name: str
    protocols: tuple[str, ...]
    closure_days: Mapping[date, str] = field(default_factory=dict)


class Access(typing.Protocol):
    """Credentials, integrations and authorities; each remembered for at most 60 seconds."""

    def credential(self, credential_id: str) -> Credential | None:
        """Return a credential by the public half of its token."""

    def integration(self, name: str) -> Integration | None:
        """Return an integration by the name in its webhook address."""

    def authority(self, authority: str) -> Authority | None:
        """Return an authority."""

    def secrets(self, integration: Integration) -> Sequence[bytes]:
        """Return the live webhook secrets, newest first."""


# --- channels -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message with its words and its address: what a channel sends. No child's data in it."""

    message_id: str
    address: str
    subject: str
    body: str


class Channel(typing.Protocol):
    """A way of telling people, keeping one promise."""

    name: typing.ClassVar[str]

    def address(self, message: Message, contacts: Contacts, on: date) -> str:
        """Find where this channel reaches whoever is to be told on that London day.

        Raises WillNeverArrive, its reason in one word.
        """

    def send(self, letter: Letter) -> str:
        """Hand one letter to the provider, once, and return its reference.

        Raises TryAgainLater or WillNeverArrive, and nothing else; the reason is one word and never
        the provider's own text, which can quote an address.
        """
