"""Untrusted bytes to facts, or every reason why not at once.

Two stages, each complete: shape (pydantic, by the types in `core/facts.py`), then meaning
(`meaning.py`). No problem repeats what was sent: a child's name might be in it, and problems are
seen by more people than the sender.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, TypeVar

from pydantic import TypeAdapter, ValidationError

from chalicelib.core.errors import InvalidInput, NotFound, Problem
from chalicelib.core.facts import BY_KIND, Fact, ReferralReceived
from chalicelib.meaning import Vocabulary, problems_in

Shape = TypeVar("Shape")

MOST_BYTES = 256 * 1024

# A sender who has a thousand fields wrong has one thing wrong.
MOST_PROBLEMS = 100

REFERRAL = ReferralReceived.kind
RECORDED = frozenset(BY_KIND)
PROPOSED = frozenset(kind for kind, model in BY_KIND.items() if model.may_be_proposed)

# A key that may be repeated to its sender: shaped as our own field names are, so a name is not.
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_POSITION = re.compile(r"at line (\d+) column (\d+)")

# pydantic reads a string of digits as seconds since 1970; a day or a moment is written out.
_WRITTEN = {
    "on": (re.compile(r"\d{4}-\d\d-\d\d"), "a day, as in 2026-05-22"),
    "planned_for": (re.compile(r"\d{4}-\d\d-\d\d"), "a day, as in 2026-05-22"),
    "at": (re.compile(r"\d{4}-\d\d-\d\d[Tt ].+"), "a moment, as in 2026-05-22T10:15:00+01:00"),
}

_EXPECTED = {
    "bool_type": "true or false",
    "dataclass_type": "an object",
    "date_parsing": "a day there is, as in 2026-05-22",
    "date_type": "a day, as in 2026-05-22",
    "datetime_parsing": "a moment there is, as in 2026-05-22T10:15:00+01:00",
    "datetime_type": "a moment, as in 2026-05-22T10:15:00+01:00",
    "dict_type": "an object",
    "mapping_type": "an object",
    "missing": "a value: it is required",
    "string_type": "text",
    "tuple_type": "a list",
    "unexpected_keyword_argument": "nothing: there is no such field",
}


class TooLarge(InvalidInput):
    """More bytes than any fact has."""

    def __init__(self) -> None:
        super().__init__([Problem("body", f"at most {MOST_BYTES // 1024} KiB")])


class UnknownKind(NotFound):
    """No door takes facts of this kind; `problems` names those that it takes."""

    def __init__(self, known: Collection[str]) -> None:
        super().__init__("no such kind")
        self.problems = (Problem("kind", "one of " + ", ".join(sorted(known))),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The body of a signed webhook: a kind, its fact, and the case unless the fact opens one."""

    type: str
    data: dict[str, Any]
    case_id: str | None = None

    __pydantic_config__: ClassVar = {"extra": "forbid"}


def require_kind(kind: str, known: Collection[str]) -> None:
    """Raise UnknownKind, which lists the known ones, for any other."""
    if kind not in known:
        raise UnknownKind(known)


def fact(kind: str, raw: bytes, now: datetime, vocabulary: Vocabulary) -> Fact:
    """Read one fact of a known kind, learned at `now`.

    Raises TooLarge, or InvalidInput with every problem of shape or, where there is none, of meaning.
    """
    _require_size(raw)
    require_kind(kind, BY_KIND)
    read: Fact = _shaped(BY_KIND[kind], raw)
    problems = [*_problems_as_written(raw), *problems_in(read, now, vocabulary)]
    if problems:
        raise InvalidInput(problems[:MOST_PROBLEMS])
    return read


def shaped(model: type[Shape], raw: bytes) -> Shape:
    """Read a body that is no fact by its shape alone. Raises TooLarge or InvalidInput."""
    _require_size(raw)
    read: Shape = _shaped(model, raw)
    problems = _problems_as_written(raw)
    if problems:
        raise InvalidInput(problems[:MOST_PROBLEMS])
    return read


def envelope(raw: bytes) -> Envelope:
    """Read the outside of a webhook's body; `data` is not looked at.

    Raises TooLarge or InvalidInput.
    """
    return shaped(Envelope, raw)


def _require_size(raw: bytes) -> None:
    if len(raw) > MOST_BYTES:
        raise TooLarge
    if not raw.strip():
        raise InvalidInput([Problem("body", "a JSON object; nothing came")])


def _shaped(model: type, raw: bytes) -> Any:
    try:
        return _adapter(model).validate_json(raw, strict=True)
    except ValidationError as error:
        # Not chained: the text of a validation error prints what was sent.
        problems = _problems_of_shape(error)
    raise InvalidInput(problems)


@cache
def _adapter(model: type) -> TypeAdapter[Any]:
    """Build a parser when the first fact of its kind arrives: each costs a cold start some ms."""
    return TypeAdapter(model)


def _problems_of_shape(error: ValidationError) -> list[Problem]:
    expected: dict[str, list[str]] = {}
    details = error.errors(include_input=False, include_url=False)
    for each in details[: 2 * MOST_PROBLEMS]:
        said = expected.setdefault(_path(each["loc"]), [])
        wanted = _wanted(each["type"], each["msg"], each.get("ctx", {}))
        if wanted not in said:
            said.append(wanted)
    found = [Problem(path, " or ".join(said)) for path, said in expected.items()]
    return found[:MOST_PROBLEMS]


def _wanted(kind: str, message: str, context: dict[str, Any]) -> str:
    match kind:
        case "json_invalid":
            place = _POSITION.search(message)
            where = f" (reading stopped at line {place[1]}, column {place[2]})" if place else ""
            return f"JSON that can be read{where}"
        case "string_too_short" | "too_short":
            return f"at least {context.get('min_length', 1)} of length"
        case "string_too_long" | "too_long":
            return f"at most {context.get('max_length')} of length"
        case _:
            return _EXPECTED.get(kind, "a value of the right type")


def _path(parts: Sequence[int | str]) -> str:
    """Write where a problem is as `to[1].role`; what is no field name of ours becomes `?`."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]" and not _is_branch(part):
            path += "." + (part if _KEY.fullmatch(part) else "?")
    return path.removeprefix(".") or "body"


def _is_branch(part: str) -> bool:
    # Where a field has two types, pydantic names the one it tried in the path.
    return part.startswith(("constrained-str", "tuple[", "dict["))


def _problems_as_written(raw: bytes) -> list[Problem]:
    """Find what a parsed value no longer shows: keys given twice, and days written as numbers."""
    twice: list[str] = []

    def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for key, value in pairs:
            if key in read:
                twice.append(key)
            read[key] = value
        return read

    sent = json.loads(raw, object_pairs_hook=without_repeats)
    problems = [Problem(_path([key]), "a value given once") for key in dict.fromkeys(twice)]
    for name, (written, wanted) in _WRITTEN.items():
        value = sent.get(name)
        if isinstance(value, str) and not written.fullmatch(value):
            problems.append(Problem(name, wanted))
    return problems
