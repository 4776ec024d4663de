"""What crosses the wire: botocore's own hooks count the round trips and keep one transaction."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import count
from typing import Any

from chalicelib.store import items

READ = "BatchGetItem"
WRITE = "TransactWriteItems"
# Ids are hashes, and keys and references are made here: everything that must differ between copies.
VARIES = re.compile(r"(?<=[a-z]-)[a-z2-7]{16,26}\b|(?<=RB-)\d{6}|(?<=bench-)\d{6}")
_numbers = count(1)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Give the names of the operations that the store sends within the block, in order."""
    sent: list[str] = []

    def note(model: Any, **_: object) -> None:
        sent.append(model.name)

    events = items.connection().client.meta.events
    events.register("before-call.dynamodb", note)
    try:
        yield sent
    finally:
        events.unregister("before-call.dynamodb", note)


@contextmanager
def captured(operation: str) -> Iterator[list[dict[str, Any]]]:
    """Give the parameters of every call of one operation within the block."""
    calls: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        calls.append(deepcopy(params))

    events = items.connection().client.meta.events
    name = f"provide-client-params.dynamodb.{operation}"
    events.register(name, note)
    try:
        yield calls
    finally:
        events.unregister(name, note)


@contextmanager
def saved() -> Iterator[None]:
    """Let no call of the store reach botocore within the block: nothing is found, all is stored."""
    client: Any = items.connection().client
    asked = client._make_api_call  # PynamoDB calls this and nothing else
    client._make_api_call = _answer_at_once
    try:
        yield
    finally:
        client._make_api_call = asked


def _answer_at_once(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
    if operation == READ:
        return {"Responses": {name: [] for name in asked["RequestItems"]}, "UnprocessedKeys": {}}
    return {}


def copies(transaction: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the same transaction again and again, as many bytes, each with keys of its own."""
    kept = {name: value for name, value in transaction.items() if name != "ClientRequestToken"}
    for number in _numbers:
        yield _numbered(kept, number)


def _numbered(value: Any, number: int) -> Any:
    """Return a value with every id in its texts numbered; packed bytes stay as they are."""
    match value:
        case str():
            return VARIES.sub(lambda found: _stamped(found[0], number), value)
        case dict():
            return {name: _numbered(each, number) for name, each in value.items()}
        case list():
            return [_numbered(each, number) for each in value]
        case _:
            return value


def _stamped(text: str, number: int) -> str:
    """Write a number over the end of an id; it stays as long, and differs from every original."""
    return f"{text[:-6]}{900_000 + number:06d}"
