"""What will never arrive, or is late by now, becomes a fact on its case, where a person sees it."""

import logging
from collections.abc import Callable
from datetime import datetime

from chalicelib.core.errors import LeftUndone
from chalicelib.own_messages import ADMINISTRATOR
from chalicelib.ports import Message, MessageState, Outbox

log = logging.getLogger(__name__)

BATCH = 50
# Deciding and storing one fact, tried again within its bound when a case is busy.
IN_HAND_SECONDS = 15


def settle_all(
    *, outbox: Outbox, record: Callable[[Message], None], now: datetime, seconds_left: Callable[[], float]
) -> int:
    """Record each unsettled message and take it off the queue; returns how many were recorded.

    One that fails stays queued for the next run, and each batch looks past it. Recording twice is
    harmless: the same message makes the same fact. What was set aside counts as left undone once, and
    so does what did not reach the administrator, whom it would have been for to mend: so that somebody
    hears of it. Raises LeftUndone at the end where anything was left undone.
    """
    tried: set[str] = set()
    settled = left = 0
    while seconds_left() >= IN_HAND_SECONDS:
        queued = outbox.unsettled(now, len(tried) + BATCH)
        fresh = [message for message in queued if message.id not in tried]
        if not fresh:
            break
        for message in fresh:
            tried.add(message.id)
            if seconds_left() >= IN_HAND_SECONDS:
                well = _settle(message, outbox, record)
                settled += well
                left += not well
    if left:
        raise LeftUndone(settled, left)
    return settled


def _settle(message: Message, outbox: Outbox, record: Callable[[Message], None]) -> bool:
    ids = {"message_id": message.id, "case_id": message.case_id}
    try:
        if message.case_id and message.role:
            record(message)
        outbox.settled(message.id)
    except Exception:
        # Whatever it is, the others are not to wait for it, and the next run tries this one again.
        log.exception("message not settled", extra=ids)
        return False
    if message.state is MessageState.SET_ASIDE:
        log.error("message set aside", extra=ids)
        return False
    if message.role == ADMINISTRATOR:
        log.error("administrator not reached", extra={**ids, "authority": message.authority})
        return False
    log.info("message settled", extra=ids)
    return True
