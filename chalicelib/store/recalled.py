"""What was sent before the tables were restored to an earlier day, known by its id alone.

    restored      evidence says that it was sent      its case says it again
    |-------------|-----------------------------------|----------------------> time
                    bare: its id, its state, when       whole, in the state that it had

Ids come out the same whenever the same is decided again, so a message that is there is never made a
second time. A bare one has no body: what it is about nobody knows before its case says so.
"""

from datetime import datetime

from pynamodb.expressions.condition import Condition

from chalicelib.ports import NOBODYS, UNDELIVERED, Deed, Message, MessageState
from chalicelib.store.acts import together
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import stamp
from chalicelib.store.messages import MESSAGE, SETTLE, message_key, new_item
from chalicelib.store.single import one, stored
from chalicelib.store.transaction import Guard, Put


def leave_bare(
    message_id: str,
    state: MessageState,
    at: datetime,
    reference: str | None = None,
    reason: str | None = None,
) -> bool:
    """Say what became of a message that nobody has made yet; false where it is there.

    What came back, or is to be seen to, is on nobody's list until it is known whose it is.
    """
    return stored(_bare(message_id, state, at, reference, reason), OutboxItem.pk.does_not_exist())


def hold_bare(message_id: str, at: datetime, reason: str, deed: Deed) -> bool:
    """Set aside by hand a message that nobody has made yet; false where it is there."""
    item = _bare(message_id, MessageState.SET_ASIDE, at, None, reason)
    unknown: Condition = OutboxItem.pk.does_not_exist()
    return together(deed, lambda transaction: transaction.save(item, unknown))


def _bare(
    message_id: str, state: MessageState, at: datetime, reference: str | None, reason: str | None
) -> OutboxItem:
    item = OutboxItem(message_key(message_id), MESSAGE, state=state.value, attempts=0, changed_at=stamp(at))
    item.provider_reference, item.reason = reference, reason
    if state in UNDELIVERED:
        item.undelivered_at, item.authority = stamp(at), NOBODYS
    return item


def completed(message: Message, *, queues: int) -> Put | None:
    """Return what is put in place of a bare message: the whole one, in its state. None where none is bare."""
    bare = one(OutboxItem, message_key(message.id), MESSAGE)
    if bare is None or bare.attribute_values.get("body") is not None:
        return None
    item = new_item(message, queues=queues)
    for name in ("state", "attempts", "queue", "next_attempt_at", "provider_reference", "reason"):
        setattr(item, name, getattr(bare, name))
    for name in ("changed_at", "undelivered_at", "delayed_at", "renewed_at", "lease_until"):
        setattr(item, name, getattr(bare, name))
    if not bare.queue and (bare.state in frozenset(UNDELIVERED) or bare.delayed_at):
        # It came back, or is late, and settling it bare had no case to say so on.
        item.queue, item.next_attempt_at = SETTLE, stamp(message.created_at)
    same: Condition = OutboxItem.body.does_not_exist() & (OutboxItem.state == bare.state)
    return Put(item=item, condition=same & (OutboxItem.changed_at == bare.changed_at), guard=Guard.CHANGED)


def complete(message: Message, *, queues: int) -> None:
    """Make a bare message whole by itself."""
    put = completed(message, queues=queues)
    if put is not None and put.condition is not None:
        stored(put.item, put.condition)
