"""Messages on their way, and what the corridor needs of the outbox."""

import typing
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from chalicelib.ports.acts import Deed
from chalicelib.ports.paging import Page

# Whose list a message is on whose own authority can no longer be read.
NOBODYS = "-"


class MessageState(StrEnum):
    """Where a message stands. DELIVERED, BOUNCED and COMPLAINED come from the provider later.

    SET_ASIDE is what cannot be worked on until an operator has it sent again: it is unreadable, or this
    release has no words or no channel for it.
    """

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    SET_ASIDE = "SET_ASIDE"


# What has not arrived and will not by itself: a person has to see to it.
UNDELIVERED = frozenset(
    {MessageState.FAILED, MessageState.BOUNCED, MessageState.COMPLAINED, MessageState.SET_ASIDE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One notice by one channel to one role.

    `person_id` is whoever the case allocated to the role when the message was made; without one
    the authority's own contact for the role is used. `via_manager` then takes one step up, `via_deputy`
    one aside; where it is `of_manager` that step is taken from the manager of whoever fills the role.
    `was_due_on` is the date that a deadline moved from, and `because` says which days moved it, or
    what did not arrive and why. `allocated` says that `person_id` is only whom the case had in the role.
    `renewed_at` is when an operator last had it sent again, from its first attempt on.
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
    via_deputy: bool = False
    of_manager: bool = False
    renewed_at: datetime | None = None
    allocated: bool = False

    @property
    def dated(self) -> bool:
        """Say whether it reminds of a date or chases one, and so is pointless once that has moved."""
        return self.due_on is not None and self.occasion.startswith(("rung|before_due", "rung|after_due"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One letter that a message made, as its provider knows it, and when it was taken."""

    reference: str | None
    at: datetime


class Outbox(typing.Protocol):
    """Messages on their way. The sender may read this room and contacts, never cases.

    What people do by hand is stored with its deed, in one transaction: with one, such a method also
    raises AlreadyReceived, and CaseChanged where somebody else is writing. Deeds are kept with cases.
    """

    def ready(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of messages to try: due at or before `now`, or whose lease ran out."""

    def put(self, message: Message) -> None:
        """Store a message of the service's own, which no case decided on; one known by its id stays."""

    def claim(self, message_id: str, now: datetime, lease_seconds: int) -> Message:
        """Take a message for sending: to SENDING, unless there is no point in it any more.

        Raises NotClaimed if another worker has it or it is dealt with, and also where it becomes
        CANCELLED: its duty is settled or due on another date, or somebody else is in the role now,
        who is then told instead. Raises SetAside, once, where it can no longer be read.
        """

    def sent(self, message: Message, provider_reference: str, now: datetime) -> None:
        """Record that the provider took the message claimed as `message`."""

    def retry(self, message: Message, at: datetime, reason: str) -> None:
        """Put a claimed message back to PENDING until `at`."""

    def failed(self, message: Message, reason: str, now: datetime, *, aside: bool = False) -> None:
        """Give a claimed message up and queue it for settling.

        Set aside, it is not one that nothing will help, but that another release can send.
        """

    def delivered(
        self, message_id: str, state: MessageState, at: datetime, reason: str, letter: Posted | None = None
    ) -> None:
        """Record what the provider says became of a message. States only move forward; BOUNCED
        and COMPLAINED are queued for settling. An unknown id changes nothing.

        Nor does word of a letter that left before an operator had the message sent anew. Where `letter`
        is not said, it is taken to have left at that moment.
        """

    def delayed(self, message_id: str, at: datetime, until: datetime, letter: Posted | None = None) -> None:
        """Record that the provider took a message and is still trying: queued for settling at `until`.

        The first delay counts, in whatever order they come; what is known to have arrived, or not
        to, stays as it is.
        """

    def unsettled(self, now: datetime, limit: int) -> Sequence[Message]:
        """Return messages that will never arrive, or are late by now, and are not yet facts."""

    def settled(self, message_id: str) -> None:
        """Take a message off the settling queue: it is a fact on its case now."""

    def of_case(self, case_id: str, cursor: str | None, limit: int) -> Page[Message]:
        """List a case's messages, first made first."""

    def message(self, message_id: str) -> Message:
        """Return a message by a consistent read, as far as it can be read. Raises NotFound."""

    def undelivered(self, authority: str, cursor: str | None, limit: int) -> Page[Message]:
        """List what is FAILED, BOUNCED, COMPLAINED or SET_ASIDE, latest first.

        What can no longer be read is on its authority's list if that much can be, else on NOBODYS.
        """

    def again(self, message_id: str, now: datetime, deed: Deed | None = None) -> None:
        """Have an undelivered message sent anew, from its first attempt on.

        What becomes of letters from before then no longer counts. Raises NotFound, and NotClaimed
        from any other state.
        """

    def cancel(self, message_id: str, reason: str, now: datetime, deed: Deed | None = None) -> None:
        """Have a message not sent that waits or is undelivered.

        Raises NotFound, and NotClaimed while a lease runs or once it was sent or cancelled.
        """

    def set_aside(self, message_id: str, reason: str, now: datetime, deed: Deed | None = None) -> None:
        """Take a message out of the way of the others, by its key alone, for an operator to look at.

        Raises NotFound, and NotClaimed while a lease runs or once it was sent or cancelled.
        """

    def paused(self) -> bool:
        """Say whether nothing is to be claimed for now."""

    def pause(self, by: str, why: str, now: datetime, deed: Deed | None = None) -> bool:
        """Have nothing more claimed until `resume`. What is leased is still sent.

        With a deed, say whether it was not paused already: then nothing is stored.
        """

    def resume(self, deed: Deed | None = None) -> bool:
        """Let messages be claimed again. With a deed, say whether it was paused, else nothing is stored."""

    def suppressed(self, address: str) -> bool:
        """Say whether an address is known to refuse mail."""

    def suppress(self, address: str, message_id: str, why: str, at: datetime) -> None:
        """Remember, without the address itself, that it refused a message at that moment.

        Word older than what is known of the address, its being lifted included, changes nothing.
        """

    def lift(self, address: str, now: datetime, deed: Deed | None = None) -> bool:
        """Let an address be written to again; say whether it was known to refuse mail before then."""
