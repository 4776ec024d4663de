"""Keeping a world as it is, and putting it back: every point of the matrix begins from the same one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.store import items
from tests.proofs.engines import scanned
from tests.proofs.outside import Outside
from tests.proofs.world import World

Item = Mapping[str, Any]
# DynamoDB takes no more in one batch.
AT_ONCE = 25
Table = Mapping[tuple[str, str], Item]


@dataclass(frozen=True, slots=True)
class Kept:
    """Every item of every table, and all that is not ours."""

    tables: Mapping[str, Table]
    outside: Outside


def keep(world: World) -> Kept:
    """Return how a world is now."""
    return Kept({name: _items(name) for name in world.names.values()}, world.outside.copy())


def put_back(world: World, kept: Kept) -> None:
    """Make a world what it was, with a process that has just begun."""
    for name, wanted in kept.tables.items():
        found = _items(name)
        gone = [item for key, item in found.items() if key not in wanted]
        deeds = [{"DeleteRequest": {"Key": {each: item[each] for each in _keys(item)}}} for item in gone]
        put = [item for key, item in wanted.items() if found.get(key) != item]
        _write(name, deeds + [{"PutRequest": {"Item": item}} for item in put])
    world.outside = kept.outside.copy()
    world.office.posted = world.outside.posted
    world.restart()


def _write(table: str, deeds: list[Item]) -> None:
    """Put and delete, so many at a time as DynamoDB takes."""
    for start in range(0, len(deeds), AT_ONCE):
        left = {table: deeds[start : start + AT_ONCE]}
        while left:
            left = items.connection().client.batch_write_item(RequestItems=left)["UnprocessedItems"]


def _items(table: str) -> Table:
    return {_place(item): item for item in scanned(table)}


def _keys(item: Item) -> tuple[str, str]:
    return ("pk" if "pk" in item else "authority"), "sk"


def _place(item: Item) -> tuple[str, str]:
    first, second = _keys(item)
    return item[first]["S"], item[second]["S"]
