"""One item by itself: read consistently, or stored where a condition holds."""

from collections.abc import Collection
from typing import TypeVar

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

Item = TypeVar("Item", bound=Model)

CONDITION_FAILED = "ConditionalCheckFailedException"
IN_CONFLICT = "TransactionConflictException"


def one(kind: type[Item], hash_key: str, range_key: str) -> Item | None:
    """Return the item under a key by a consistent read; none where there is none."""
    try:
        return kind.get(hash_key, range_key, consistent_read=True)
    except kind.DoesNotExist:
        return None


def stored(item: Model, condition: Condition, *, unless: Collection[str] = (CONDITION_FAILED,)) -> bool:
    """Store an item where a condition holds; false where DynamoDB refuses it for one of these reasons."""
    try:
        item.save(condition)
    except PutError as error:
        if error.cause_response_code not in unless:
            raise
        return False
    return True
