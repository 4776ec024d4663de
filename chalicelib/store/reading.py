"""One page of a list, and the cursor from which the next one goes on.

A cursor is the key of the last row shown. It says where to go on in the reader's own list and
never which list: one made for another list, or made up, is refused.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pynamodb.exceptions import QueryError
from pynamodb.models import Model
from pynamodb.pagination import ResultIterator

from chalicelib.core.errors import InvalidInput, Problem
from chalicelib.store.mapping import adapter

Item = TypeVar("Item", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Whose list it is: the attribute and the value that all its rows share, and the other keys."""

    owner: str
    value: str
    keys: tuple[str, ...]


def read(
    of: Listing, ask: Callable[..., ResultIterator[Item]], *, cursor: str | None, limit: int
) -> tuple[Sequence[Item], str | None]:
    """Return up to `limit` items and the next cursor, none on the last page.

    Raises InvalidInput when the cursor is not one of this list.
    """
    start = _start(of, cursor) if cursor else None
    try:
        found = list(ask(of.value, last_evaluated_key=start, limit=limit + 1, page_size=limit + 1))
    except QueryError as error:
        # DynamoDB checks that a start lies within what is asked for.
        if cursor and error.cause_response_code == "ValidationException":
            raise bad_cursor() from error
        raise
    shown = found[:limit]
    return shown, _cursor(of, shown[-1]) if len(found) > limit else None


def _cursor(of: Listing, last: Model) -> str:
    key = {name: getattr(last, name) for name in (of.owner, *of.keys)}
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _start(of: Listing, cursor: str) -> Mapping[str, Mapping[str, Any]]:
    try:
        key = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        key = adapter(dict[str, str]).validate_python(key)
        # JSON can spell half a character, which no request to DynamoDB can.
        "".join(key.values()).encode()
    except (ValueError, RecursionError) as error:
        raise bad_cursor() from error
    if key.keys() != {of.owner, *of.keys} or key[of.owner] != of.value:
        raise bad_cursor()
    return {name: {"S": value} for name, value in key.items()}


def bad_cursor() -> InvalidInput:
    """A cursor that no answer to this request gave."""
    return InvalidInput([Problem("cursor", "the cursor of an earlier answer to this same request")])
