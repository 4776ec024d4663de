"""Claiming a message: for sending, or for cancelling where there is no point in it any more.

Who is in the role is read just before the lease. That the duty is open, and due on the date that the
message goes with, is checked in the lease's own transaction, where settling it gets in the way.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.core.errors import NotClaimed, SetAside
from chalicelib.core.identity import identify
from chalicelib.ports import Message, MessageState
from chalicelib.store import items, recalled, shards
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import stamp
from chalicelib.store.messages import (
    MESSAGE,
    SEATS,
    SEND,
    TOMBSTONE,
    UNREADABLE,
    date_text,
    message_key,
    message_of,
    new_item,
    seats_key,
    tombstone_key,
)
from chalicelib.store.moving import TRIES, change, key, leaves, not_leased, unmoved
from chalicelib.store.single import one
from chalicelib.store.transaction import CONFLICT, REFUSED

SETTLED = "settled"
DATE_MOVED = "date_moved"
NO_LONGER_IN_ROLE = "no_longer_in_role"
CANNOT_BE_READ = "unreadable"
NOBODY = ""


class Refusal(Enum):
    """Why a message could not be leased."""

    POINTLESS = auto()
    MOVED = auto()
    CONFLICT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's wish for a message, at a moment and until another."""

    message_id: str
    now: datetime
    until: datetime
    queues: int

    def carried_out(self) -> Message:
        """Return the message, leased (see ports.Outbox.claim). Raises NotClaimed, SetAside."""
        for _ in range(TRIES):
            message = self._claimable()
            if (successor := _successor(message)) is not None:
                if self._handed_over(message, successor):
                    break
                continue
            refusal = self._lease(message)
            if refusal is None:
                return self._leased(message)
            if refusal is Refusal.MOVED or (refusal is Refusal.POINTLESS and self._cancelled(message)):
                break
        raise NotClaimed(self.message_id)

    def _claimable(self) -> Message:
        item = one(OutboxItem, message_key(self.message_id), MESSAGE)
        if item is None:
            raise NotClaimed(self.message_id)
        try:
            message = message_of(item)
        except UNREADABLE as error:
            raise self._set_aside() from error
        if message.state is MessageState.SENDING and message.lease_until is None:
            # It no longer says until when: nobody could ever claim it.
            raise self._set_aside()
        if message.state is MessageState.PENDING:
            return message
        if message.state is MessageState.SENDING and message.lease_until and message.lease_until <= self.now:
            return message
        raise NotClaimed(self.message_id)

    def _set_aside(self) -> NotClaimed:
        aside = [*leaves(MessageState.SET_ASIDE, self.now), OutboxItem.reason.set(CANNOT_BE_READ)]
        new: Condition = ~(OutboxItem.state == MessageState.SET_ASIDE.value)
        done = change(self.message_id, aside, not_leased(self.now) & new)
        return SetAside(self.message_id) if done else NotClaimed(self.message_id)

    def _lease(self, message: Message) -> Refusal | None:
        actions: list[Action] = [
            OutboxItem.state.set(MessageState.SENDING.value),
            OutboxItem.queue.set(shards.key_of(SEND, message.id, self.queues)),
            OutboxItem.next_attempt_at.set(stamp(self.until)),
            OutboxItem.attempts.set(message.attempts + 1),
            OutboxItem.lease_until.set(stamp(self.until)),
            OutboxItem.changed_at.set(stamp(self.now)),
        ]
        try:
            with TransactWrite(connection=items.connection()) as transaction:
                if message.cancelled_with:
                    of_duty = tombstone_key(message.cancelled_with)
                    transaction.condition_check(OutboxItem, of_duty, TOMBSTONE, _still_meant(message))
                transaction.update(key(message.id), actions, unmoved(message))
        except TransactWriteError as error:
            return _refusal(message, error)
        return None

    def _leased(self, message: Message) -> Message:
        return replace(
            message,
            state=MessageState.SENDING,
            attempts=message.attempts + 1,
            lease_until=self.until,
            next_attempt_at=self.until,
            changed_at=self.now,
        )

    def _cancelled(self, message: Message) -> bool:
        """Cancel what its duty makes pointless, unless the duty has changed back by now."""
        of_duty = tombstone_key(message.cancelled_with or "")
        tombstone = one(OutboxItem, of_duty, TOMBSTONE)
        if tombstone is None:
            return False
        still: Condition
        if tombstone.in_force:
            reason, still = SETTLED, OutboxItem.in_force == True  # noqa: E712
        elif message.dated and tombstone.due_on not in (None, date_text(message.due_on)):
            reason, still = DATE_MOVED, OutboxItem.due_on == tombstone.due_on
        else:
            return False
        return not self._cancel(message, reason, (of_duty, TOMBSTONE, still))

    def _handed_over(self, message: Message, present: str) -> bool:
        """Cancel what goes to somebody who left the role, and tell whoever is in it now instead.

        Where the case has nobody in it any more, that is the authority's own contact for the role.
        """
        heir = replace(
            message,
            id=identify("m", message.id, present),
            person_id=present or None,
            allocated=message.allocated and present != NOBODY,
            created_at=self.now,
            next_attempt_at=self.now,
            changed_at=self.now,
            renewed_at=None,
        )
        seat = Path(["seats", message.role])
        still: Condition = seat == present if present else seat.does_not_exist()
        seated = (seats_key(message.case_id), SEATS, still)
        refused = self._cancel(message, NO_LONGER_IN_ROLE, seated, heir)
        if refused[1:2] == [REFUSED]:
            # A case that was restored to an earlier day hands over again: its heir was put before.
            recalled.complete(heir, queues=self.queues)
            refused = self._cancel(message, NO_LONGER_IN_ROLE, seated)
        return not refused

    def _cancel(
        self, message: Message, reason: str, still: tuple[str, str, Condition], heir: Message | None = None
    ) -> list[str | None]:
        """Cancel a message if what makes it so still holds; return why not, empty where it did.

        The reasons are those of the check, of the heir if there is one, and of the message.
        """
        cancelled = [*leaves(MessageState.CANCELLED, self.now), OutboxItem.reason.set(reason)]
        try:
            with TransactWrite(connection=items.connection()) as transaction:
                transaction.condition_check(OutboxItem, *still)
                if heir is not None:
                    unknown = OutboxItem.pk.does_not_exist()
                    transaction.save(new_item(heir, queues=self.queues), condition=unknown)
                transaction.update(key(message.id), cancelled, unmoved(message))
        except TransactWriteError as error:
            codes = _codes(error)
            if REFUSED not in codes and CONFLICT not in codes:
                raise
            return codes
        return []


def _successor(message: Message) -> str | None:
    """Return who is in the role now, or NOBODY, where the message goes to somebody who was."""
    if not (message.person_id and message.case_id):
        return None
    item = one(OutboxItem, seats_key(message.case_id), SEATS)
    if item is None:
        return None
    seats = item.attribute_values.get("seats")
    # Whom the case had in no role was named by a meeting, say, and is still meant.
    otherwise = NOBODY if message.allocated else message.person_id
    present: str = (seats.as_dict() if seats is not None else {}).get(message.role, otherwise)
    return present if present != message.person_id else None


def _still_meant(message: Message) -> Condition:
    """Hold while the duty is open, and due on the day that the message goes with."""
    meant: Condition = OutboxItem.in_force.does_not_exist() | (OutboxItem.in_force == False)  # noqa: E712
    if message.dated:
        same_day = OutboxItem.due_on == date_text(message.due_on)
        meant &= OutboxItem.due_on.does_not_exist() | same_day
    return meant


def _refusal(message: Message, error: TransactWriteError) -> Refusal:
    """Read the reasons, the tombstone's before the message's: checks come before updates."""
    codes = _codes(error)
    if message.cancelled_with and codes[:1] == [REFUSED]:
        return Refusal.POINTLESS
    if REFUSED in codes:
        return Refusal.MOVED
    if CONFLICT in codes:
        return Refusal.CONFLICT
    raise error


def _codes(error: TransactWriteError) -> list[str | None]:
    return [reason.code if reason else None for reason in error.cancellation_reasons]
