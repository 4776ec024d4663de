"""What is asked of those who should know what was sent: of a time that has been, and no other's outbox.

A source that was not there then says that nothing was sent, and all of it would be sent again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from chalicelib.store import control, messages
from infra.copies import Item
from infra.moments import parsed
from infra.operating import CannotOperate, Desk
from infra.restoring import RESTORE


def covered(desk: Desk, since: str, until: str) -> tuple[datetime, datetime]:
    """Return the time of which a source is asked: one that has been."""
    begins, ends = parsed(since), parsed(until)
    if ends > desk.now:
        raise CannotOperate(f"{until} is still to come: nobody knows yet what is sent until then.")
    if begins >= ends:
        raise CannotOperate(f"There is no time between {since} and {until}: nothing was written down.")
    return begins, ends


def refuse_unless_outbox(client: Any, table: str) -> None:
    """Raise CannotOperate unless a table has the keys and the index of an outbox."""
    try:
        known = client.describe_table(TableName=table)["Table"]
    except client.exceptions.ResourceNotFoundException:
        raise CannotOperate(f"There is no table {table} here: nothing was written down.") from None
    indexes = {each["IndexName"]: _keys(each) for each in known.get("GlobalSecondaryIndexes", ())}
    if (_keys(known), indexes.get("ready")) != (("pk", "sk"), ("queue", "next_attempt_at")):
        raise CannotOperate(f"{table} is no outbox: nothing was written down.")


def _keys(described: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(each["AttributeName"] for each in described["KeySchema"])


def in_use(name: str, items: Iterable[Item], since: datetime) -> Iterator[Item]:
    """Yield the items of an outbox that was in use since a moment; raise CannotOperate at any other.

    One that is new, or was itself restored later, would say that nothing was sent.
    """
    messages_seen = 0
    for item in items:
        if (item["pk"]["S"], item["sk"]["S"]) == (control.CONTROL, RESTORE):
            at = json.loads(item["body"]["S"])["restored_at"]
            if since < parsed(at):
                raise CannotOperate(f"{name} was itself restored, at {at}: of before then it knows nothing.")
        messages_seen += item["sk"]["S"] == messages.MESSAGE
        yield item
    if not messages_seen:
        raise CannotOperate(f"{name} holds no message at all: it is not the outbox that was in use.")
