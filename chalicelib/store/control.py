"""What is looked at before anything is sent: that sending is paused, that an address refuses mail.

Nothing is ever deleted: what holds no longer is said to be no longer in force.
"""

from datetime import datetime
from hashlib import sha256

from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import compact, stamp
from chalicelib.store.single import one, stored

CONTROL = "CONTROL"
PAUSED = "PAUSED"
ADDRESS = "ADDR"


def paused() -> bool:
    """Say whether sending is paused, by a consistent read."""
    return _in_force(CONTROL, PAUSED)


def pause(by: str, why: str, now: datetime) -> None:
    """Say that it is, and who did it and why."""
    said = compact({"by": by, "why": why})
    OutboxItem(CONTROL, PAUSED, in_force=True, changed_at=stamp(now), body=said).save()


def resume() -> None:
    """Say that it is no longer."""
    OutboxItem(CONTROL, PAUSED, in_force=False).save()


def suppressed(address: str) -> bool:
    """Say whether an address refuses mail, by a consistent read."""
    return _in_force(address_key(address), ADDRESS)


def suppress(address: str, message_id: str, why: str, at: datetime) -> None:
    """Say that it does, unless that is older than what is known of it."""
    said = compact({"message_id": message_id, "why": why})
    _say(OutboxItem(address_key(address), ADDRESS, in_force=True, changed_at=stamp(at), body=said))


def lift(address: str, now: datetime) -> None:
    """Say that it no longer does."""
    _say(OutboxItem(address_key(address), ADDRESS, in_force=False, changed_at=stamp(now)))


def address_key(address: str) -> str:
    """The partition of an address, from which nobody can read it."""
    return f"{ADDRESS}#{sha256(address.strip().lower().encode()).hexdigest()}"


def _in_force(pk: str, sk: str) -> bool:
    item = one(OutboxItem, pk, sk)
    return bool(item and item.in_force)


def _say(item: OutboxItem) -> None:
    stored(item, OutboxItem.changed_at.does_not_exist() | (OutboxItem.changed_at < item.changed_at))
