"""From one state of a message to the next, in one conditional write, and into the queue it asks for."""

from datetime import datetime

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.core.errors import Busy
from chalicelib.ports import NOBODYS, UNDELIVERED, Message, MessageState
from chalicelib.store import items
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import stamp
from chalicelib.store.messages import MESSAGE, SETTLE, message_key
from chalicelib.store.single import CONDITION_FAILED, IN_CONFLICT

# Messages that go with one duty check one tombstone: claimed at once they get in each other's way
# for as long as a transaction takes.
TRIES = 8

_MAY_BE_PUT_AWAY = UNDELIVERED | {MessageState.PENDING, MessageState.SENDING}


def key(message_id: str) -> OutboxItem:
    """The item of a message, to be changed without being read."""
    return OutboxItem(message_key(message_id), MESSAGE)


def leaves(state: MessageState, at: datetime, *, settle_at: datetime | None = None) -> list[Action]:
    """Leave the sending queue in this state.

    For the settling queue and the list of what never arrived where that is so, or for that queue
    alone, at another moment.
    """
    settle_at = settle_at or (at if state in UNDELIVERED else None)
    return [
        OutboxItem.state.set(state.value),
        OutboxItem.changed_at.set(stamp(at)),
        OutboxItem.lease_until.remove(),
        *(_settles(settle_at) if settle_at else no_queue()),
        *(_listed(at) if state in UNDELIVERED else [OutboxItem.undelivered_at.remove()]),
    ]


def _settles(at: datetime) -> list[Action]:
    return [OutboxItem.queue.set(SETTLE), OutboxItem.next_attempt_at.set(stamp(at))]


def _listed(at: datetime) -> list[Action]:
    # One stored before messages named their authority beside the body is on nobody's list.
    owner = OutboxItem.authority | NOBODYS
    return [OutboxItem.undelivered_at.set(stamp(at)), OutboxItem.authority.set(owner)]


def no_queue() -> list[Action]:
    """Wait for nothing more."""
    return [OutboxItem.queue.remove(), OutboxItem.next_attempt_at.remove()]


def unmoved(message: Message) -> Condition:
    """Nobody touched the message since it was read: each claim counts one attempt more.

    An operator who has it sent anew starts the count again, so their moment counts as well.
    """
    same: Condition = OutboxItem.state == message.state.value
    same &= OutboxItem.attempts == message.attempts
    if message.renewed_at is None:
        same &= OutboxItem.renewed_at.does_not_exist()
    else:
        same &= OutboxItem.renewed_at == stamp(message.renewed_at)
    return same


def not_leased(now: datetime) -> Condition:
    """It is there, was neither sent nor cancelled, and nobody is sending it.

    Said so that it also holds of what has lost its state, or has it in no shape that we know.
    """
    over = [each.value for each in MessageState if each not in _MAY_BE_PUT_AWAY]
    free: Condition = OutboxItem.pk.exists()
    free &= ~OutboxItem.state.is_in(*over)
    # A lease ends when the message would be tried again, and that moment is always one: an index has it.
    leased: Condition = OutboxItem.state == MessageState.SENDING.value
    leased &= OutboxItem.next_attempt_at > stamp(now)
    free &= ~leased
    return free


def change(message_id: str, actions: list[Action], condition: Condition) -> bool:
    """Change a message if the condition holds; say whether it did. Raises Busy."""
    for _ in range(TRIES):
        try:
            # Not by the model: it would read the whole item back, which this also is for when it can't be.
            items.connection().update_item(
                OutboxItem.Meta.table_name,
                message_key(message_id),
                range_key=MESSAGE,
                actions=actions,
                condition=condition,
            )
        except UpdateError as error:
            if error.cause_response_code == CONDITION_FAILED:
                return False
            # Somebody is trying to claim it at this very moment.
            if error.cause_response_code != IN_CONFLICT:
                raise
        else:
            return True
    raise Busy(f"message {message_id} is being claimed again and again")
