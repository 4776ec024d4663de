"""One transaction of puts, and what it means when DynamoDB refuses it.

Only puts: PynamoDB sends the writes grouped by kind, and the reasons for a refusal come back in
that order, so that with one kind they stand beside the puts that they are about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.core.errors import AlreadyReceived, Busy, CaseChanged, TooMuch
from chalicelib.store import items
from chalicelib.store.items import CalendarItem, CaseItem, OutboxItem

LIMIT = 100  # TransactWriteItems takes no more
REFUSED = "ConditionalCheckFailed"
CONFLICT = "TransactionConflict"
TOO_LARGE = "item size"  # in the words of a ValidationException, which has no code of its own
THROTTLED = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})


class Guard(Enum):
    """What it means that a put's condition did not hold."""

    NONE = auto()
    RECEIVED = auto()
    CHANGED = auto()
    SAID = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """One item to store, whole, and what must be true for it."""

    item: CaseItem | OutboxItem | CalendarItem
    condition: Condition | None = None
    guard: Guard = Guard.NONE


class AlreadySaid(Exception):
    """Nothing was stored, and for no other reason than that these messages are in the outbox."""

    def __init__(self, keys: frozenset[str]) -> None:
        super().__init__("messages with these ids are in the outbox")
        self.keys = keys


def write(puts: Sequence[Put]) -> None:
    """Store all of it or nothing.

    Raises AlreadyReceived before CaseChanged before AlreadySaid where several are true, Busy when
    DynamoDB throttled it, and TooMuch when it is more than one transaction, or one item, holds.
    """
    if len(puts) > LIMIT:
        raise TooMuch(
            f"one request would store {len(puts)} items and a transaction holds {LIMIT}; nothing was stored"
        )
    try:
        with TransactWrite(connection=items.connection()) as transaction:
            for put in puts:
                transaction.save(put.item, condition=put.condition)
    except TransactWriteError as error:
        raise _meaning(puts, error) from error


def _meaning(puts: Sequence[Put], error: TransactWriteError) -> Exception:
    reasons = error.cancellation_reasons
    codes = {reason.code for reason in reasons if reason}
    failed = [put for put, reason in zip(puts, reasons, strict=False) if reason and reason.code == REFUSED]
    guards = {put.guard for put in failed}
    if Guard.RECEIVED in guards:
        return AlreadyReceived("this request was stored before")
    if Guard.CHANGED in guards or CONFLICT in codes:
        return CaseChanged("the case moved on since it was loaded")
    if Guard.SAID in guards:
        return AlreadySaid(frozenset(put.item.pk for put in failed))
    if codes & THROTTLED:
        return Busy("DynamoDB takes no more at the moment; nothing was stored")
    if TOO_LARGE in (error.cause_response_message or "").lower():
        return TooMuch("an item would be larger than DynamoDB takes; nothing was stored")
    return error
