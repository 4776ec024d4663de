"""The five tables and their indexes: storage shapes, from which no value of the core inherits.

Every item is two keys, the attributes that an index or a condition needs, and `body`, the JSON
text of the value itself. Index keys are sparse: an item without them is not in that index.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from typing_extensions import override

from chalicelib.core.errors import Busy

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        # The same transaction under way: our own, of which an answer was lost.
        "TransactionInProgressException",
    }
)


class _Client:
    """How every table is reached. An API request has 29 seconds: a lost connection is noticed soon.

    Trying again is safe: botocore gives a transaction a token of its own, the same at each attempt.
    """

    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_retry_attempts = 3
    max_pool_connections = 32


class DueIndex(GlobalSecondaryIndex["CaseItem"]):
    """What still has something to do, by the moment of its next action."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    next_action_at = UnicodeAttribute(range_key=True)


class ListIndex(GlobalSecondaryIndex["CaseItem"]):
    """An authority's lists of cases, meetings and open tasks."""

    class Meta:
        index_name = "lists"
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    list_sort = UnicodeAttribute(range_key=True)


class CaseItem(Model):
    """An item of the cases table."""

    class Meta(_Client):
        table_name: str

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute(null=True)
    body = UnicodeAttribute(null=True)
    # A case grows with its facts, and an item holds 400 KB: it alone is kept packed.
    packed = BinaryAttribute(null=True, legacy_encoding=False)
    due_shard = UnicodeAttribute(null=True)
    next_action_at = UnicodeAttribute(null=True)
    list_key = UnicodeAttribute(null=True)
    list_sort = UnicodeAttribute(null=True)
    due = DueIndex()
    lists = ListIndex()


class ReadyIndex(GlobalSecondaryIndex["OutboxItem"]):
    """Messages still to be sent or settled, by the moment of the next attempt."""

    class Meta:
        index_name = "ready"
        projection = KeysOnlyProjection()

    queue = UnicodeAttribute(hash_key=True)
    next_attempt_at = UnicodeAttribute(range_key=True)


class CaseMessages(GlobalSecondaryIndex["OutboxItem"]):
    """A case's messages in the order in which they were made."""

    class Meta:
        index_name = "by_case"
        projection = AllProjection()

    case_id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class UndeliveredIndex(GlobalSecondaryIndex["OutboxItem"]):
    """An authority's messages that never arrived, by the moment of that."""

    class Meta:
        index_name = "undelivered"
        projection = AllProjection()

    authority = UnicodeAttribute(hash_key=True)
    undelivered_at = UnicodeAttribute(range_key=True)


class OutboxItem(Model):
    """An item of the outbox: a message, or something that is looked at before one is sent.

    That is the tombstone of an obligation, the seats of a case, an address that refuses mail, or
    that sending is paused. `in_force` says whether it holds.
    """

    class Meta(_Client):
        table_name: str

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    case_id = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    state = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    lease_until = UnicodeAttribute(null=True)
    queue = UnicodeAttribute(null=True)
    next_attempt_at = UnicodeAttribute(null=True)
    provider_reference = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    changed_at = UnicodeAttribute(null=True)
    in_force = BooleanAttribute(null=True)
    authority = UnicodeAttribute(null=True)
    undelivered_at = UnicodeAttribute(null=True)
    delayed_at = UnicodeAttribute(null=True)
    renewed_at = UnicodeAttribute(null=True)
    due_on = UnicodeAttribute(null=True)
    seats: MapAttribute[str, str] = MapAttribute(null=True)
    ready = ReadyIndex()
    by_case = CaseMessages()
    undelivered = UndeliveredIndex()

    # Not stored: an attribute is of another type than it was written with.
    damaged = False

    @classmethod
    @override
    def from_raw_data(cls, data: dict[str, Any]) -> "OutboxItem":
        """Read an item as far as it can be read, so that one poor one hides no other of its list."""
        try:
            return super().from_raw_data(data)
        except (TypeError, ValueError):
            item = cls()
            item.damaged = True
            for name, attribute in cls.get_attributes().items():
                with suppress(TypeError, ValueError, KeyError):
                    setattr(item, name, attribute.deserialize(attribute.get_value(data[name])))
            return item


class ContactItem(Model):
    """An item of the contacts table: a person, a role, or the authority itself."""

    class Meta(_Client):
        table_name: str

    authority = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()


class AccessItem(Model):
    """An item of the access table. DynamoDB removes it some time after `expires_at`."""

    class Meta(_Client):
        table_name: str

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class CalendarItem(Model):
    """An item of the calendars table: a snapshot, an edition, or how asking and telling go."""

    class Meta(_Client):
        table_name: str

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    edition = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    # Hundreds of days, each with its name: packed, a request reads it for half a unit.
    packed = BinaryAttribute(null=True, legacy_encoding=False)


def bind(*, cases: str, outbox: str, contacts: str, access: str, calendars: str) -> None:
    """Say which tables these are, and forget every connection made before."""
    names: dict[type[Model], str] = {
        CaseItem: cases,
        OutboxItem: outbox,
        ContactItem: contacts,
        AccessItem: access,
        CalendarItem: calendars,
    }
    for model, name in names.items():
        model.Meta.table_name = name
        model._connection = None  # PynamoDB keeps it on the class
        own = model._get_connection()
        if model is not CaseItem:
            # One client for all: each of its own would be a cold start's client and TLS again.
            connection().add_meta_table(own.get_meta_table())
            own.connection = connection()
    connection().client.meta.events.register("after-call.dynamodb", _refuse_when_throttled)


def _refuse_when_throttled(parsed: Mapping[str, Any], **_: object) -> None:
    """Say in one word of ours that DynamoDB takes no more, whatever was asked: once its client gave up."""
    if parsed.get("Error", {}).get("Code") in THROTTLED:
        raise Busy("DynamoDB takes no more at the moment")


def connection() -> Connection:
    """The one connection that every table shares."""
    return CaseItem._get_connection().connection
