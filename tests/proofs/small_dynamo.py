"""As much of DynamoDB as the store asks of it, in this process: a hundred times quicker than a server.

It answers botocore's clients in place of the network. It proves no guarantee by itself: a test holds
each of its answers against AWS's own engine's.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from types import SimpleNamespace
from typing import Any

from tests.proofs.engines import quickened
from tests.proofs.expressions import Item, NotUnderstood, Reader
from tests.tables import TABLES, definition

Key = tuple[str, str]
Answer = tuple[int, dict[str, Any]]
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
FINE = {"Code": "None"}


@dataclass
class SmallDynamo:
    """Tables by name, items by key. An item that was put is never changed, but for another in its place."""

    names: Mapping[str, str]
    tables: dict[str, dict[Key, Item]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    in_process: bool = True
    twice: Callable[[], bool] = bool
    _lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        self._definitions = {name: definition(TABLES[each]) for each, name in self.names.items()}
        self.tables = {name: {} for name in self._definitions}

    def serve(self, client: Any) -> None:
        """Answer a client's calls in place of the network."""
        client.meta.events.register("before-call", self._answer)
        quickened(client)

    def _answer(self, model: Any, params: Mapping[str, Any], **_: object) -> Any:
        asked = read(params["body"])
        if self.twice():
            self.ask(model.name, asked)
        status, told = self.ask(model.name, asked)
        return SimpleNamespace(status_code=status, headers={}), told

    def everything(self, table: str) -> Sequence[Item]:
        """Return every item of a table."""
        return list(self.tables[self.names[table]].values())

    def ask(self, operation: str, asked: Mapping[str, Any]) -> Answer:
        """Answer one call: a status, and the JSON that would travel."""
        with self._lock:
            try:
                return getattr(self, f"_{operation}")(asked)  # type: ignore[no-any-return]
            except Exception as error:
                raise NotUnderstood(operation) from error

    # --- reading ------------------------------------------------------------------------------

    def _GetItem(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        found = self._table(asked).get(self._key(asked["TableName"], asked["Key"]))
        return 200, {"Item": dict(found)} if found else {}

    def _BatchGetItem(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        found: dict[str, list[Item]] = {}
        for name, wanted in asked["RequestItems"].items():
            keys = [self._key(name, key) for key in wanted["Keys"]]
            found[name] = [dict(self.tables[name][key]) for key in keys if key in self.tables[name]]
        return 200, {"Responses": found, "UnprocessedKeys": {}}

    def _Scan(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        found = [dict(item) for _, item in sorted(self._table(asked).items())]
        return 200, {"Items": found, "Count": len(found), "ScannedCount": len(found)}

    def _Query(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        assert "FilterExpression" not in asked, "nobody filters what was read"
        holds = self._reader(asked, "KeyConditionExpression").condition()
        keys = self._index(asked["TableName"], asked.get("IndexName"))
        places = [*keys, *self._index(asked["TableName"], None)]
        found = [
            item for item in self._table(asked).values() if all(key in item for key in keys) and holds(item)
        ]
        found.sort(key=lambda item: _place(item, places), reverse=not asked.get("ScanIndexForward", True))
        if start := asked.get("ExclusiveStartKey"):
            forward = asked.get("ScanIndexForward", True)
            found = [item for item in found if _after(_place(item, places), _place(start, places), forward)]
        limit = asked.get("Limit", len(found) + 1)
        page = [self._shown(item, asked) for item in found[:limit]]
        told: dict[str, Any] = {"Items": page, "Count": len(page), "ScannedCount": len(page)}
        if page and len(page) == limit:
            told["LastEvaluatedKey"] = {key: found[limit - 1][key] for key in places}
        return 200, told

    def _shown(self, item: Item, asked: Mapping[str, Any]) -> Item:
        """Return of an item what an index holds of it, or what was asked for."""
        if wanted := asked.get("ProjectionExpression"):
            names = asked.get("ExpressionAttributeNames", {})
            kept = {names.get(each.strip(), each.strip()) for each in wanted.split(",")}
        elif self._keeps_keys_alone(asked["TableName"], asked.get("IndexName")):
            kept = {
                *self._index(asked["TableName"], asked["IndexName"]),
                *self._index(asked["TableName"], None),
            }
        else:
            kept = set(item)
        return {name: value for name, value in item.items() if name in kept}

    def _keeps_keys_alone(self, table: str, index: str | None) -> bool:
        indexes = self._definitions[table].get("GlobalSecondaryIndexes", ())
        kept = {each["IndexName"]: each["Projection"]["ProjectionType"] for each in indexes}
        return index is not None and kept[index] == "KEYS_ONLY"

    # --- writing ------------------------------------------------------------------------------

    def _PutItem(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        return self._alone("Put", asked)

    def _UpdateItem(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        return self._alone("Update", asked)

    def _DeleteItem(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        return self._alone("Delete", asked)

    def _BatchWriteItem(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        for name, deeds in asked["RequestItems"].items():
            for deed in deeds:
                ((what, each),) = deed.items()
                self._write(what.removesuffix("Request"), {"TableName": name, **each})
        return 200, {"UnprocessedItems": {}}

    def _alone(self, what: str, asked: Mapping[str, Any]) -> Answer:
        if not self._passes(what, asked):
            return _error("ConditionalCheckFailedException", FAILED["Message"])
        written = self._write(what, asked)
        return 200, {"Attributes": written} if asked.get("ReturnValues") == "ALL_NEW" else {}

    def _TransactWriteItems(self, asked: Mapping[str, Any]) -> Answer:  # noqa: N802
        if asked["ClientRequestToken"] in self.tokens:
            return 200, {}
        doings = [next(iter(each.items())) for each in asked["TransactItems"]]
        assert len(doings) <= 100, "a transaction holds a hundred items"
        passed = [self._passes(what, each) for what, each in doings]
        if not all(passed):
            reasons = [FINE if each else FAILED for each in passed]
            return _error(
                "TransactionCanceledException", "Transaction cancelled", CancellationReasons=reasons
            )
        for what, each in doings:
            if what != "ConditionCheck":
                self._write(what, each)
        self.tokens.add(asked["ClientRequestToken"])
        return 200, {}

    def _passes(self, what: str, asked: Mapping[str, Any]) -> bool:
        if "ConditionExpression" not in asked:
            return True
        place = self._key(asked["TableName"], asked["Item"] if what == "Put" else asked["Key"])
        return self._reader(asked, "ConditionExpression").condition()(self._table(asked).get(place, {}))

    def _write(self, what: str, asked: Mapping[str, Any]) -> Item:
        table = self._table(asked)
        place = self._key(asked["TableName"], asked["Item"] if what == "Put" else asked["Key"])
        if what == "Delete":
            return table.pop(place, {})
        if what == "Put":
            table[place] = asked["Item"]
        else:
            item = dict(table.get(place, asked["Key"]))
            self._reader(asked, "UpdateExpression").update()(item)
            table[place] = item
        return dict(table[place])

    # --- tables -------------------------------------------------------------------------------

    def _table(self, asked: Mapping[str, Any]) -> dict[Key, Item]:
        return self.tables[asked["TableName"]]

    def _index(self, table: str, index: str | None) -> list[str]:
        known = self._definitions[table]
        schema = known["KeySchema"]
        if index:
            (schema,) = [
                each["KeySchema"] for each in known["GlobalSecondaryIndexes"] if each["IndexName"] == index
            ]
        return [each["AttributeName"] for each in schema]

    def _key(self, table: str, item: Item) -> Key:
        first, second = self._index(table, None)
        return item[first]["S"], item[second]["S"]

    def _reader(self, asked: Mapping[str, Any], which: str) -> Reader:
        names = asked.get("ExpressionAttributeNames", {})
        return Reader(asked[which], names, asked.get("ExpressionAttributeValues", {}))


def read(body: bytes) -> Any:
    """Read what was asked, with bytes for what travels as base64: so botocore gives it back, too."""
    return json.loads(body, object_hook=_bytes) if b'"B"' in body else json.loads(body)


def _bytes(each: dict[str, Any]) -> dict[str, Any]:
    return {"B": b64decode(each["B"])} if isinstance(each.get("B"), str) else each


def _place(item: Item, keys: list[str]) -> list[str]:
    return [item[key]["S"] for key in keys]


def _after(one: list[str], other: list[str], forward: bool) -> bool:
    return one > other if forward else one < other


def _error(code: str, message: str, **more: Any) -> Answer:
    return 400, {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}, **more}
