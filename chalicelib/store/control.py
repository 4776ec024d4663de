"""What is looked at before anything is sent: that sending is paused, that an address refuses mail.

Nothing is ever deleted: what holds no longer is said to be no longer in force.
"""

import json
from datetime import datetime

from pynamodb.expressions.condition import Condition

from chalicelib.ports import Deed, fingerprint
from chalicelib.store.acts import together
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import compact, stamp
from chalicelib.store.single import one, stored

CONTROL = "CONTROL"
PAUSED = "PAUSED"
ADDRESS = "ADDR"


def paused() -> bool:
    """Say whether sending is paused, by a consistent read."""
    return _in_force(CONTROL, PAUSED)


def who_paused() -> tuple[str, str, str] | None:
    """Return who paused sending, why and when; none where it is not paused."""
    item = one(OutboxItem, CONTROL, PAUSED)
    if not (item and item.in_force):
        return None
    said = json.loads(item.body or "{}")
    return said.get("by", ""), said.get("why", ""), item.changed_at or ""


def pause(by: str, why: str, now: datetime, deed: Deed | None = None) -> bool:
    """Say that it is, and who did it and why; with a deed only if it is not, and say whether."""
    said = compact({"by": by, "why": why})
    item = OutboxItem(CONTROL, PAUSED, in_force=True, changed_at=stamp(now), body=said)
    return _put(item, OutboxItem.in_force.does_not_exist() | _holds(in_force=False), deed)


def resume(deed: Deed | None = None) -> bool:
    """Say that it is no longer; with a deed only if it is, and say whether."""
    return _put(OutboxItem(CONTROL, PAUSED, in_force=False), _holds(in_force=True), deed)


def suppressed(address: str) -> bool:
    """Say whether an address refuses mail, by a consistent read."""
    return _in_force(address_key(address), ADDRESS)


def suppress(address: str, message_id: str, why: str, at: datetime) -> None:
    """Say that it does, unless that is older than what is known of it."""
    said = compact({"message_id": message_id, "why": why})
    _say(OutboxItem(address_key(address), ADDRESS, in_force=True, changed_at=stamp(at), body=said))


def lift(address: str, now: datetime, deed: Deed | None = None) -> bool:
    """Say that it no longer does; say whether it did, by word from before this moment."""
    item = OutboxItem(address_key(address), ADDRESS, in_force=False, changed_at=stamp(now))
    did: Condition = _holds(in_force=True) & (OutboxItem.changed_at < item.changed_at)
    return together(deed, lambda transaction: transaction.save(item, did)) if deed else stored(item, did)


def address_key(address: str) -> str:
    """The partition of an address, from which nobody can read it."""
    return f"{ADDRESS}#{fingerprint(address)}"


def _put(item: OutboxItem, condition: Condition, deed: Deed | None) -> bool:
    if deed is not None:
        return together(deed, lambda transaction: transaction.save(item, condition))
    item.save()
    return True


def _holds(*, in_force: bool) -> Condition:
    held: Condition = OutboxItem.in_force == in_force
    return held


def _in_force(pk: str, sk: str) -> bool:
    item = one(OutboxItem, pk, sk)
    return bool(item and item.in_force)


def _say(item: OutboxItem) -> None:
    stored(item, OutboxItem.changed_at.does_not_exist() | (OutboxItem.changed_at < item.changed_at))
