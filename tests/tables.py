"""The tables as infra/resources.yaml defines them, made wherever the environment points.

They are read from the template and not from the store's own definitions, so that an index that one
has and the other has not is found by the first test that asks for it.
"""

import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from chalicelib.store import items

TEMPLATE = Path(__file__).parent.parent / "infra" / "resources.yaml"
TABLES = {
    "cases": "Cases",
    "outbox": "Outbox",
    "contacts": "Contacts",
    "access": "Access",
    "calendars": "Calendars",
}
KEPT = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms (`!Sub`) as if nothing stood there."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def make_tables(stage: str | None = None) -> dict[str, str]:
    """Make an empty set of tables, bind the store to it and return the names.

    Without a stage it is one of their own.
    """
    stage = stage or uuid.uuid4().hex[:12]
    names = {each: f"holdfast-{stage}-{each}" for each in TABLES}
    items.bind(**names)
    client = items.connection().client
    for each, logical_id in TABLES.items():
        # Where the first answer was late the SDK asks again, and finds what it made.
        with suppress(client.exceptions.ResourceInUseException):
            client.create_table(TableName=names[each], **definition(logical_id))
    return names


@cache
def definition(logical_id: str) -> dict[str, Any]:
    """What of a table's definition in the template concerns its keys and indexes."""
    properties = yaml.load(TEMPLATE.read_text(), _Loader)["Resources"][logical_id]["Properties"]
    return {name: properties[name] for name in KEPT if name in properties}
