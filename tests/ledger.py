"""What transactions store and what they cost: read off the wire, so that nothing is left out.

The model is DynamoDB's own price list: twice the size in whole KiB for each item of a transaction,
and for each index the entries that it puts and deletes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from chalicelib.store import items
from tests.tables import TABLES, definition

KIB = 1024
Item = Mapping[str, Mapping[str, Any]]
Where = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Transaction:
    """How many items one transaction stored, and the write units of it."""

    items: int
    write_units: int


@dataclass
class Ledger:
    """Every transaction since the start, in order. It knows what stood there before each."""

    names: Mapping[str, str]
    transactions: list[Transaction] = field(default_factory=list)
    _stored: dict[Where, Item] = field(default_factory=dict)

    @property
    def latest(self) -> Transaction:
        return self.transactions[-1]

    @property
    def largest(self) -> int:
        return max(each.items for each in self.transactions)

    def note(self, params: Mapping[str, Any], **_: object) -> None:
        """Enter a request that botocore is about to send."""
        puts = [each["Put"] for each in params["TransactItems"]]
        units = sum(self._put(put["TableName"], put["Item"]) for put in puts)
        self.transactions.append(Transaction(len(puts), units))

    def _put(self, table: str, item: Item) -> int:
        where = (table, item["pk"]["S"], item["sk"]["S"])
        old = self._stored.get(where)
        self._stored[where] = item
        logical_id = next(TABLES[each] for each, name in self.names.items() if name == table)
        units = 2 * _kib(max(_size(item), _size(old or {})))
        for index in definition(logical_id).get("GlobalSecondaryIndexes", ()):
            units += _index_units(index, old, item)
        return units


@contextmanager
def kept(names: Mapping[str, str]) -> Iterator[Ledger]:
    """Keep a ledger of every transaction that the store sends within the block."""
    ledger = Ledger(names)
    events = items.connection().client.meta.events
    events.register("provide-client-params.dynamodb.TransactWriteItems", ledger.note)
    try:
        yield ledger
    finally:
        events.unregister("provide-client-params.dynamodb.TransactWriteItems", ledger.note)


def _index_units(index: Mapping[str, Any], old: Item | None, new: Item) -> int:
    """Nothing for an entry that stays as it is; a change of key deletes one and puts another."""
    keys = [each["AttributeName"] for each in index["KeySchema"]]
    was, now = _entry(index, keys, old or {}), _entry(index, keys, new)
    if was == now:
        return 0
    if was and now and all(was[key] == now[key] for key in keys):
        return _kib(max(_size(was), _size(now)))
    return sum(_kib(_size(entry)) for entry in (was, now) if entry)


def _entry(index: Mapping[str, Any], keys: list[str], item: Item) -> Item:
    """Return what an index holds of an item, which is nothing unless it has the index's keys."""
    if not all(key in item for key in keys):
        return {}
    if index["Projection"]["ProjectionType"] == "ALL":
        return item
    return {name: item[name] for name in ("pk", "sk", *keys)}


def _size(item: Item) -> int:
    return sum(len(name.encode()) + _length(value) for name, value in item.items())


def _length(value: Mapping[str, Any]) -> int:
    ((_, held),) = value.items()
    return len(held.encode()) if isinstance(held, str) else 1


def _kib(size: int) -> int:
    return ceil(size / KIB)
