"""Putting many items into tables: in batches, or one by one where nothing stands yet."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from random import SystemRandom
from typing import Any

from infra.copies import Item
from infra.exporting import scan
from infra.operating import CannotOperate

# BatchWriteItem takes no more.
BATCH = 25
WORKERS = 8
# What is under way at once, so that a table is never in memory whole.
AT_ONCE = 64 * BATCH
# DynamoDB gives back what it has no room for at the moment; a new table's grows with the asking.
MOST_TRIES = 40
LONGEST_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Loading:
    """A client and what the names of the tables begin with."""

    client: Any
    prefix: str

    def refuse_unless_empty(self, table: str, unless: Callable[[str, Item], bool]) -> None:
        """Raise CannotOperate where a table holds anything but what is excepted."""
        for item in scan(self.client, self.prefix + table):
            if not unless(table, item):
                raise CannotOperate(
                    f"{self.prefix}{table} is not empty: a copy is restored into new tables alone."
                    " Nothing was done."
                )

    def put_all(self, table: str, items: Iterable[Item]) -> int:
        """Put items in place of whatever stands there; return how many."""
        return self._each(items, lambda some: self._batch(self.prefix + table, some), BATCH)

    def put_where_nothing_stands(self, table: str, items: Iterable[Item]) -> int:
        """Put items whose place is empty; return how many were given."""
        return self._each(items, lambda some: self._single(self.prefix + table, some[0]), 1)

    def _each(self, items: Iterable[Item], put: Callable[[Sequence[Item]], None], size: int) -> int:
        count = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            for many in _pieces(iter(items), AT_ONCE):
                count += len(many)
                list(pool.map(put, _pieces(iter(many), size)))
        return count

    def _batch(self, table: str, items: Sequence[Item]) -> None:
        left: Any = {table: [{"PutRequest": {"Item": dict(item)}} for item in items]}
        for tries in range(MOST_TRIES):
            left = self.client.batch_write_item(RequestItems=left)["UnprocessedItems"]
            if not left:
                return
            time.sleep(SystemRandom().random() * min(LONGEST_WAIT_SECONDS, 0.05 * 2**tries))
        raise CannotOperate(f"{table} does not take more at the moment: give the same command again later.")

    def _single(self, table: str, item: Item) -> None:
        key = "pk" if "pk" in item else "authority"
        try:
            self.client.put_item(
                TableName=table, Item=item, ConditionExpression=f"attribute_not_exists({key})"
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return


def _pieces(items: Iterator[Item], size: int) -> Iterator[Sequence[Item]]:
    while piece := list(islice(items, size)):
        yield piece
