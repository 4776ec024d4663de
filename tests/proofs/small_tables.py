"""The tables of one test, kept by the small DynamoDB: made once in a process, and emptied for each test."""

from chalicelib.store import items
from chalicelib.store.items import CaseItem
from tests.proofs.small_dynamo import SmallDynamo
from tests.tables import TABLES

NAMES = {each: f"holdfast-small-{each}" for each in TABLES}
_kept: list[SmallDynamo] = []


def small_tables() -> dict[str, str]:
    """Bind the store to an empty set of tables and return their names."""
    if not _kept or CaseItem.Meta.table_name != NAMES["cases"]:
        items.bind(**NAMES)
        _kept[:] = [SmallDynamo(NAMES)]
        _kept[0].serve(items.connection().client)
    _kept[0].tables = {name: {} for name in NAMES.values()}
    _kept[0].tokens = set()
    return NAMES
