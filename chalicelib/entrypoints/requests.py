"""What a door reads of a request apart from the fact: who asks, under which key, how much."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from chalice.app import Request

from chalicelib import credentials, wiring
from chalicelib.core.errors import InvalidInput, NotFound, Problem, Refused
from chalicelib.credentials import Scope, Token
from chalicelib.parse import TooLarge
from chalicelib.ports import Credential
from chalicelib.reading import PageAsked
from chalicelib.visits import Incoming

Body = TypeVar("Body")
Part = TypeVar("Part")

USUAL_LIMIT = 20
MOST_PER_PAGE = 100
LATEST, OLDEST = "latest", "oldest"

_ID = re.compile(r"[!-~]{1,64}")
_KEY = re.compile(r"[ -~]{1,255}")
_ETAG = re.compile(r'"([0-9]{1,9})"')
_LIMIT = re.compile(r"[0-9]{1,3}")
_CURSOR = re.compile(r"[A-Za-z0-9_=-]{1,2000}")
_JSON = re.compile(r'application/json *(; *charset="?utf-?8"? *)?', re.IGNORECASE)


class WrongMediaType(Refused):
    """A body that is not declared as JSON in UTF-8."""


def admitted(request: Request, scope: Scope) -> Credential:
    """Return the credential under which a request comes in.

    The header is read before anything is built, so a stranger costs nothing. Raises NotAuthentic
    or NotAllowed.
    """
    token = Token.from_header(request.headers.get("authorization") or "")
    credential = credentials.check(token, wiring.ports().access, wiring.now())
    credentials.require(scope, credential.scopes)
    return credential


def json_body(request: Request) -> bytes:
    """Return the body, byte for byte, of a request that is declared as JSON.

    Raises WrongMediaType; InvalidInput where the gateway's encoding of it cannot be undone.
    """
    if not _JSON.fullmatch(request.headers.get("content-type") or ""):
        raise WrongMediaType
    try:
        raw = request.raw_body
    except ValueError:
        raise InvalidInput([Problem("body", "JSON in UTF-8")]) from None
    return raw.encode() if isinstance(raw, str) else raw


def body_hash(request: Request, raw: bytes) -> str:
    """Tell requests under one key apart: the hash of method, path and body."""
    path = request.path.format_map(request.uri_params or {})
    return sha256(f"{request.method}\n{path}\n".encode() + raw).hexdigest()


def idempotency_key(headers: Mapping[str, str]) -> str:
    """Return the caller's own key. Raises InvalidInput: nothing is taken without one."""
    key = (headers.get("idempotency-key") or "").strip()
    if not _KEY.fullmatch(key):
        raise InvalidInput([Problem("Idempotency-Key", "a header of 1 to 255 printable characters")])
    return key


def if_match(headers: Mapping[str, str]) -> int | None:
    """Return the version that the caller goes by, none where any will do. Raises InvalidInput."""
    given = headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    read = _ETAG.fullmatch(given.strip())
    if read is None:
        raise InvalidInput([Problem("If-Match", 'the ETag of an answer, as in "3", or *')])
    return int(read[1])


def received(
    request: Request, caller: Credential, read: Callable[[bytes, datetime], Body], key: str | None = None
) -> tuple[Body, Incoming]:
    """Return what a body says, as `read` reads it at this moment, and the request as the corridor takes it.

    `key` is for a door that stores nothing, and has none of the caller's. Raises WrongMediaType, TooLarge, or
    InvalidInput with every problem of the headers and of the body at once.
    """
    raw, now = json_body(request), wiring.now()
    problems: list[Problem] = []
    named = key or _or_else("", partial(idempotency_key, request.headers), problems)
    version = _or_else(None, partial(if_match, request.headers), problems)
    try:
        body = read(raw, now)
    except TooLarge:
        raise
    except InvalidInput as wrong:
        raise InvalidInput([*problems, *wrong.problems]) from None
    if problems:
        raise InvalidInput(problems)
    return body, Incoming(
        authority=caller.authority,
        subject=caller.subject,
        key=f"api|{caller.subject}|{named}",
        body_hash=body_hash(request, raw),
        fact_json=raw.decode(),
        learned_at=now,
        if_match=version,
        seconds_left=seconds_left(request),
    )


def _or_else(otherwise: Part, read: Callable[[], Part], problems: list[Problem]) -> Part:
    """Return what is read of a request; where it is wrong note that, so that the rest can be read first."""
    try:
        return read()
    except InvalidInput as wrong:
        problems.extend(wrong.problems)
        return otherwise


def seconds_left(request: Request) -> Callable[[], float]:
    """Return how to ask how long there is to answer: what Lambda gives us, and so the gateway."""
    context: Any = request.lambda_context
    return lambda: float(context.get_remaining_time_in_millis()) / 1000


def known_id(case_id: str) -> str:
    """Return an id that a case could have. Raises NotFound for any other."""
    if not _ID.fullmatch(case_id):
        raise NotFound("no such case")
    return case_id


def page(request: Request, *, ordered: bool = False) -> PageAsked:
    """Return which page of a list is asked for, of one that can be had from either end too.

    Raises InvalidInput.
    """
    asked: Mapping[str, str] = request.query_params or {}
    known = ("limit", "cursor", "order") if ordered else ("limit", "cursor")
    limit, cursor = asked.get("limit", str(USUAL_LIMIT)), asked.get("cursor")
    problems = []
    if not _LIMIT.fullmatch(limit) or not 1 <= int(limit) <= MOST_PER_PAGE:
        problems.append(Problem("limit", f"a number from 1 to {MOST_PER_PAGE}"))
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        problems.append(Problem("cursor", "the cursor of the page before"))
    if ordered and asked.get("order", LATEST) not in {LATEST, OLDEST}:
        problems.append(Problem("order", f"{LATEST} or {OLDEST}, whichever is to come first"))
    if set(asked) - set(known):
        problems.append(Problem("query", f"{', '.join(known[:-1])} and {known[-1]}, and nothing else"))
    if problems:
        raise InvalidInput(problems)
    return PageAsked(cursor=cursor, limit=int(limit), oldest_first=asked.get("order") == OLDEST)
