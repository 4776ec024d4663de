"""What will never arrive becomes a fact on its case, where a person sees it."""

import logging
from collections.abc import Callable

from chalicelib.core.errors import LeftUndone
from chalicelib.ports import Message, Outbox

log = logging.getLogger(__name__)

BATCH = 50
# Deciding and storing one fact, tried again within its bound when a case is busy.
IN_HAND_SECONDS = 15


def settle_all(
    *, outbox: Outbox, record: Callable[[Message], None], seconds_left: Callable[[], float]
) -> int:
    """Record each unsettled message and take it off the queue; returns how many were recorded.

    One that fails stays queued for the next run, and each batch looks past it. Recording twice is
    harmless: the same message makes the same fact. Raises LeftUndone at the end where one failed.
    """
    tried: set[str] = set()
    settled = left = 0
    while seconds_left() >= IN_HAND_SECONDS:
        queued = outbox.unsettled(len(tried) + BATCH)
        fresh = [message for message in queued if message.id not in tried]
        if not fresh:
            break
        for message in fresh:
            tried.add(message.id)
            if seconds_left() >= IN_HAND_SECONDS:
                recorded = _settle(message, outbox, record)
                settled += recorded
                left += not recorded
    if left:
        raise LeftUndone(settled, left)
    return settled


def _settle(message: Message, outbox: Outbox, record: Callable[[Message], None]) -> bool:
    try:
        record(message)
        outbox.settled(message.id)
    except Exception:
        # Whatever it is, the others are not to wait for it, and the next run tries this one again.
        log.exception("message not settled", extra={"message_id": message.id, "case_id": message.case_id})
        return False
    log.info("message settled", extra={"message_id": message.id, "case_id": message.case_id})
    return True
