"""Core values and the text in which they are stored.

A value is stored as compact JSON without what is left at its default, so a default may only be
changed together with what is stored.
"""

import json
import zlib
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

Value = TypeVar("Value")

STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"
# Frozen sets come in an order that differs from process to process: these are sorted.
SETS = frozenset({"told", "scopes"})


def text_of(value: object, *, leave_out: frozenset[str] = frozenset()) -> str:
    """Write a value down, without the fields in `leave_out`."""
    of, out = adapter(type(value)), set(leave_out) or None
    if not any(hasattr(value, name) for name in SETS):
        return of.dump_json(value, exclude_defaults=True, exclude=out).decode()
    plain = of.dump_python(value, mode="json", exclude_defaults=True, exclude=out)
    for name in plain.keys() & SETS:
        plain[name].sort()
    return compact(plain)


def value_of(kind: type[Value], text: str | None) -> Value:
    """Read a value that `text_of` wrote."""
    return adapter(kind).validate_json(text or "")


def packed(value: object) -> bytes:
    """Write a value down small: about a sixth of its text for a case of many facts."""
    return zlib.compress(text_of(value).encode())


def unpacked(kind: type[Value], data: bytes | None) -> Value:
    """Read a value that `packed` wrote."""
    return adapter(kind).validate_json(zlib.decompress(data or b""))


def compact(plain: object) -> str:
    """JSON text without spaces, in the letters that were written."""
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)


def adapter(kind: type[Value]) -> TypeAdapter[Value]:
    """The adapter of a class, made when it is first needed: each costs a cold start milliseconds."""
    made: TypeAdapter[Value] = _adapter(cast("Any", kind))
    return made


@cache
def _adapter(kind: Any) -> Any:
    return TypeAdapter(kind)


def plain_of(value: object) -> Any:
    """A value as JSON would have it, for a place inside a larger text."""
    return adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)


def stamp(at: datetime) -> str:
    """A moment as text of fixed width, so that text sorts as time does."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be stored")
    return at.astimezone(UTC).strftime(STAMP)


def moment(text: str | None) -> datetime | None:
    """Read what `stamp` wrote; none from none."""
    return datetime.strptime(text, STAMP).replace(tzinfo=UTC) if text else None
