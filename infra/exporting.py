"""Exporting a stage's tables into a folder, while the service goes on.

    cases        receipts, children   outbox        calendars, contacts, access
    |------------|--------------------|-------------|----------------------------> time of one export
    began_at

Tables are read one after the other, each item as it is at that moment, so what is written meanwhile is in
what is read later and not in what was read before. Receipts and children are read after the cases that they
speak of, and the outbox after both: nothing that a case calls for is missing, and `mending` takes back what
is ahead of its case.
"""

import time
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.store.mapping import stamp
from infra.copies import TABLES, Item, Manifest, Writing
from infra.moments import parsed
from infra.operating import CannotOperate, Desk

SHARED = ("RECEIPT#", "CHILD#")


def export(desk: Desk, asked: Namespace) -> None:
    """Copy a stage's tables into a new folder, which its owner alone may read: children are in it."""
    prefix = asked.prefix or f"holdfast-{desk.stage}-"
    as_of = parsed(asked.as_of) if asked.as_of else desk.now
    if as_of > desk.now:
        raise CannotOperate("--as-of is still to come: nothing was exported.")
    manifest = write_copy(desk, prefix, Path(asked.to), as_of)
    for name, part in manifest.tables.items():
        desk.say(f"{name}\t{part.items} items")
    desk.say(f"{asked.to} is a whole copy, from {manifest.began_at} on.")


def write_copy(desk: Desk, prefix: str, folder: Path, as_of: datetime) -> Manifest:
    """Write what is in the tables of this prefix into a folder; they are as they were at a moment."""
    client, writing, started = desk.clients("dynamodb"), Writing(folder), time.monotonic()
    for each in TABLES:
        _there(client, prefix + each)
    writing.begin()
    for each in TABLES:
        table = prefix + each
        writing.write(each, table, cases(client, table) if each == "cases" else scan(client, table))
    took = timedelta(seconds=time.monotonic() - started)
    return writing.end(desk.stage, stamp(as_of), stamp(desk.now + took))


def cases(client: Any, table: str) -> Iterator[Item]:
    """Yield the cases, each partition in one piece, and then what is read after all of them."""
    for item in scan(client, table):
        if not item["pk"]["S"].startswith(SHARED):
            yield item
    for item in scan(client, table):
        if item["pk"]["S"].startswith(SHARED):
            yield item


def scan(client: Any, table: str) -> Iterator[Item]:
    """Yield every item of a table, each as it is when it is read. An operator's tool may do so."""
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def _there(client: Any, table: str) -> None:
    try:
        client.describe_table(TableName=table)
    except client.exceptions.ResourceNotFoundException:
        raise CannotOperate(f"There is no table {table} here: nothing was exported.") from None
