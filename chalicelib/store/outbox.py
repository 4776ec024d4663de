"""Messages on their way.

    PENDING ──claim──► SENDING ──sent──► SENT ──► DELIVERED ──► BOUNCED or COMPLAINED
       ▲  │               │ │
       └──│───── retry ───┘ └──failed──► FAILED
          └─► CANCELLED, when claimed with a tombstone in force

    Claimed by A   A times out        B may claim
    |--------------|------------------|---------------> time
                                      lease_until

What is still to be sent is in the `ready` index under `send#…`, at its next attempt or at the end of
its lease; what a person must hear of under `settle#0`; everything else is in no queue.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from pynamodb.exceptions import PutError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.core.errors import Busy, NotClaimed
from chalicelib.ports import Message, MessageState, Page
from chalicelib.store import items, shards
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import stamp
from chalicelib.store.messages import (
    MESSAGE,
    SEND,
    SETTLE,
    TOMBSTONE,
    message_key,
    message_of,
    new_item,
    tombstone_key,
)
from chalicelib.store.reading import Listing, read
from chalicelib.store.transaction import CONFLICT, REFUSED

log = logging.getLogger(__name__)

# Messages that go with one duty check one tombstone: claimed at once they get in each other's way
# for as long as a transaction takes.
TRIES = 8

ON_THEIR_WAY = (MessageState.PENDING, MessageState.SENDING, MessageState.SENT)
# What a provider's word may replace. It settles a doubt: what we gave up or cancelled after an
# attempt may turn out to have been sent. A refusal replaces delivery and never the other way round.
REPLACES = {
    MessageState.SENT: (MessageState.PENDING, MessageState.SENDING, MessageState.FAILED),
    MessageState.DELIVERED: (*ON_THEIR_WAY, MessageState.FAILED, MessageState.CANCELLED),
    MessageState.BOUNCED: (*ON_THEIR_WAY, MessageState.DELIVERED),
    MessageState.COMPLAINED: (*ON_THEIR_WAY, MessageState.DELIVERED),
}
NEVER_ARRIVES = frozenset({MessageState.FAILED, MessageState.BOUNCED, MessageState.COMPLAINED})


class Refusal(Enum):
    """Why a message could not be leased."""

    CANCELLED = auto()
    MOVED = auto()
    CONFLICT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoOutbox:
    """The outbox table (see ports.Outbox)."""

    shards: int = 1

    def ready(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of messages to try: due at or before `now`, or whose lease ran out."""
        found = [
            (item.next_attempt_at or "", item.pk)
            for queue in shards.keys(SEND, self.shards)
            for item in OutboxItem.ready.query(queue, OutboxItem.next_attempt_at <= stamp(now), limit=limit)
        ]
        return [key.removeprefix(message_key("")) for _, key in sorted(found)[:limit]]

    def put(self, message: Message) -> None:
        """Store a message of the service's own, which no case decided on; one known by its id stays."""
        try:
            new_item(message, queues=self.shards).save(OutboxItem.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    def claim(self, message_id: str, now: datetime, lease_seconds: int) -> Message:
        """Take a message for sending: to SENDING, unless its duty has a tombstone in force.

        Raises NotClaimed if another worker has it or it is dealt with; a message whose tombstone
        is in force becomes CANCELLED and raises NotClaimed too.
        """
        until = now + timedelta(seconds=lease_seconds)
        for _ in range(TRIES):
            message = _claimable(message_id, now)
            refusal = self._lease(message, now, until)
            if refusal is None:
                return _leased(message, now, until)
            if refusal is Refusal.CANCELLED:
                _change(message.id, _leaves(MessageState.CANCELLED, now), _unmoved(message))
            if refusal is not Refusal.CONFLICT:
                break
        raise NotClaimed(message_id)

    def _lease(self, message: Message, now: datetime, until: datetime) -> Refusal | None:
        actions = [
            *self._waits(message.id, MessageState.SENDING, until),
            OutboxItem.attempts.set(message.attempts + 1),
            OutboxItem.lease_until.set(stamp(until)),
            OutboxItem.changed_at.set(stamp(now)),
        ]
        try:
            with TransactWrite(connection=items.connection()) as transaction:
                if message.cancelled_with:
                    transaction.condition_check(
                        OutboxItem,
                        tombstone_key(message.cancelled_with),
                        TOMBSTONE,
                        OutboxItem.in_force.does_not_exist() | (OutboxItem.in_force == False),  # noqa: E712
                    )
                transaction.update(_key(message.id), actions, _unmoved(message))
        except TransactWriteError as error:
            return _refusal(message, error)
        return None

    def sent(self, message: Message, provider_reference: str, now: datetime) -> None:
        """Record that the provider took the message claimed as `message`."""
        reference = OutboxItem.provider_reference.set(provider_reference)
        _report(message, [*_leaves(MessageState.SENT, now), reference])

    def retry(self, message: Message, at: datetime, reason: str) -> None:
        """Put a claimed message back to PENDING until `at`."""
        waits = self._waits(message.id, MessageState.PENDING, at)
        _report(message, [*waits, OutboxItem.lease_until.remove(), OutboxItem.reason.set(reason)])

    def failed(self, message: Message, reason: str, now: datetime) -> None:
        """Give a claimed message up and queue it for settling."""
        _report(message, [*_leaves(MessageState.FAILED, now), OutboxItem.reason.set(reason)])

    def delivered(self, message_id: str, state: MessageState, at: datetime, reason: str) -> None:
        """Record what the provider says became of a message. States only move forward; BOUNCED
        and COMPLAINED are queued for settling. An unknown id changes nothing."""
        before = [each.value for each in REPLACES[state]]
        why = OutboxItem.reason.set(reason) if reason else OutboxItem.reason.remove()
        _change(message_id, [*_leaves(state, at), why], OutboxItem.state.is_in(*before))

    def unsettled(self, limit: int) -> Sequence[Message]:
        """Return messages that will never arrive and are not yet facts on their case."""
        keys = [item.pk for item in OutboxItem.ready.query(SETTLE, limit=limit)]
        found = OutboxItem.batch_get([(key, MESSAGE) for key in keys], consistent_read=True)
        # The index may still show what was settled a moment ago.
        waiting = {item.pk: message_of(item) for item in found if item.queue == SETTLE}
        return [waiting[key] for key in keys if key in waiting]

    def settled(self, message_id: str) -> None:
        """Take a message off the settling queue: it is a fact on its case now."""
        _change(message_id, _no_queue(), OutboxItem.queue == SETTLE)

    def of_case(self, case_id: str, cursor: str | None, limit: int) -> Page[Message]:
        """List a case's messages, first made first."""
        of = Listing(owner="case_id", value=case_id, keys=("created_at", "pk", "sk"))
        found, following = read(of, OutboxItem.by_case.query, cursor=cursor, limit=limit)
        return Page(items=[message_of(item) for item in found], cursor=following)

    def _waits(self, message_id: str, state: MessageState, until: datetime) -> list[Action]:
        """Stand in the sending queue until a moment: of the next attempt, or the end of a lease."""
        return [
            OutboxItem.state.set(state.value),
            OutboxItem.queue.set(shards.key_of(SEND, message_id, self.shards)),
            OutboxItem.next_attempt_at.set(stamp(until)),
        ]


def _key(message_id: str) -> OutboxItem:
    return OutboxItem(message_key(message_id), MESSAGE)


def _claimable(message_id: str, now: datetime) -> Message:
    try:
        message = message_of(OutboxItem.get(message_key(message_id), MESSAGE, consistent_read=True))
    except OutboxItem.DoesNotExist:
        raise NotClaimed(message_id) from None
    if message.state is MessageState.PENDING:
        return message
    if message.state is MessageState.SENDING and message.lease_until and message.lease_until <= now:
        return message
    raise NotClaimed(message_id)


def _leased(message: Message, now: datetime, until: datetime) -> Message:
    return replace(
        message,
        state=MessageState.SENDING,
        attempts=message.attempts + 1,
        lease_until=until,
        next_attempt_at=until,
        changed_at=now,
    )


def _unmoved(message: Message) -> Condition:
    """Nobody touched the message since it was read: each claim counts one attempt more."""
    unmoved: Condition = OutboxItem.state == message.state.value
    unmoved &= OutboxItem.attempts == message.attempts
    return unmoved


def _refusal(message: Message, error: TransactWriteError) -> Refusal:
    """Read the reasons, the tombstone's before the message's: checks come before updates."""
    codes = [reason.code if reason else None for reason in error.cancellation_reasons]
    if message.cancelled_with and codes[:1] == [REFUSED]:
        return Refusal.CANCELLED
    if REFUSED in codes:
        return Refusal.MOVED
    if CONFLICT in codes:
        return Refusal.CONFLICT
    raise error


def _leaves(state: MessageState, at: datetime) -> list[Action]:
    """Leave the sending queue in this state, for the settling queue if it never arrives."""
    queue = _no_queue()
    if state in NEVER_ARRIVES:
        queue = [OutboxItem.queue.set(SETTLE), OutboxItem.next_attempt_at.set(stamp(at))]
    return [
        OutboxItem.state.set(state.value),
        OutboxItem.changed_at.set(stamp(at)),
        OutboxItem.lease_until.remove(),
        *queue,
    ]


def _no_queue() -> list[Action]:
    return [OutboxItem.queue.remove(), OutboxItem.next_attempt_at.remove()]


def _report(message: Message, actions: list[Action]) -> None:
    """Record what became of a lease, unless it is no longer ours: then others know better."""
    if not _change(message.id, actions, _unmoved(message)):
        log.info("message moved on while it was leased", extra={"message_id": message.id})


def _change(message_id: str, actions: list[Action], condition: Condition) -> bool:
    """Change a message if the condition holds; say whether it did."""
    for _ in range(TRIES):
        try:
            _key(message_id).update(actions=actions, condition=condition)
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            # Somebody is trying to claim it at this very moment.
            if error.cause_response_code != "TransactionConflictException":
                raise
        else:
            return True
    raise Busy(f"message {message_id} is being claimed again and again")
