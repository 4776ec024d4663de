"""Asking GOV.UK for its list of bank holidays.

Whatever is wrong with the answer, nothing changes: `learn` stores nothing, and says why in one of the
fixed words of `published.Reason`.
"""

import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, LocationValueError, ReadTimeoutError

from chalicelib.ports import Feed, Snapshot
from chalicelib.published import YEARS_AHEAD, FeedRefused, reaches, snapshot_from

__all__ = ["FeedRefused", "Learned", "Patience", "learn"]

MOST_REDIRECTS = 3
OK, NOT_MODIFIED, TOO_MANY_REQUESTS, SERVER_ERROR = 200, 304, 429, 500
CHUNK = 16 * 1024

# What we send back as it came, so nothing else may be in it.
ETAG = re.compile(r"[!-~]{1,200}")
HTTP_DATE = re.compile(r"[ -~]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long GOV.UK is waited for, in seconds, and how much of it is read.

    `waits` come between attempts, so there is one attempt more than waits. `total_seconds` bounds all
    of them together, however slowly an answer drips. The list has about 60 kilobytes.
    """

    connect_seconds: float = 5
    read_seconds: float = 10
    total_seconds: float = 30
    waits: tuple[float, ...] = (1, 4)
    most_bytes: int = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What came of asking: a new snapshot, none where nothing changed, and what to ask with next.

    Keep the snapshot before the feed: a crash in between then only asks once more.
    """

    snapshot: Snapshot | None
    feed: Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """`body` is none where GOV.UK says that nothing changed."""

    body: bytes | None
    etag: str | None = None
    last_modified: str | None = None


class _Unwell(FeedRefused):
    """Refused for what may be over in a moment: worth another attempt."""


PATIENCE = Patience()


def learn(
    address: str, feed: Feed, before: Snapshot | None, now: datetime, *, patience: Patience = PATIENCE
) -> Learned:
    """Ask GOV.UK, and judge its answer against the last good snapshot. Stores nothing.

    Raises FeedRefused when the list cannot be had or is not to be believed.
    """
    conditions = _conditions(feed) if before and reaches(before, now.year + YEARS_AHEAD) else {}
    answer = _answer(address, conditions, patience)
    asked = replace(feed, checked_at=now, failing_since=None, reason=None)
    if answer.body is None:
        return Learned(snapshot=None, feed=asked)
    snapshot = snapshot_from(answer.body, before, now)
    asked = replace(asked, etag=answer.etag, last_modified=answer.last_modified)
    if before and (before.days, before.published_to) == (snapshot.days, snapshot.published_to):
        return Learned(snapshot=None, feed=asked)
    return Learned(snapshot=snapshot, feed=asked)


def _conditions(feed: Feed) -> dict[str, str]:
    asked = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    return {name: value for name, value in asked.items() if value}


def _answer(address: str, conditions: Mapping[str, str], patience: Patience) -> _Answer:
    """Ask in a thread of its own: a socket's time limit starts again with every byte that drips in.

    It is a daemon, so that an answer that drips for ever keeps no process from its end.
    """
    box = SimpleQueue[_Answer | Exception]()

    def ask() -> None:
        try:
            box.put(_attempts(address, conditions, patience))
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            box.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = box.get(timeout=patience.total_seconds)
    except Empty:
        raise FeedRefused("slow") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _attempts(address: str, conditions: Mapping[str, str], patience: Patience) -> _Answer:
    until = time.monotonic() + patience.total_seconds
    waits = iter(patience.waits)
    while True:
        try:
            return _ask(address, conditions, patience, until)
        except _Unwell:
            wait = next(waits, None)
            if wait is None or time.monotonic() + wait > until:
                raise
            time.sleep(wait)


def _ask(address: str, conditions: Mapping[str, str], patience: Patience, until: float) -> _Answer:
    headers = {"Accept": "application/json", "User-Agent": "Holdfast"}
    timeout = urllib3.Timeout(connect=patience.connect_seconds, read=patience.read_seconds)
    _refuse_unsafe(address)
    with urllib3.PoolManager(headers={**headers, **conditions}, timeout=timeout, retries=False) as pool:
        for _ in range(MOST_REDIRECTS + 1):
            with _opened(pool, address) as response:
                location = response.get_redirect_location()
                if not location:
                    return _read(response, patience, until, conditional=bool(conditions))
            address = _elsewhere(address, location)
    raise FeedRefused("redirects")


def _opened(pool: urllib3.PoolManager, address: str) -> closing[BaseHTTPResponse]:
    try:
        return closing(pool.request("GET", address, redirect=False, preload_content=False))
    except ReadTimeoutError:
        raise FeedRefused("slow") from None
    except LocationValueError:
        raise FeedRefused("address") from None
    except HTTPError:
        raise _Unwell("down") from None


def _read(response: BaseHTTPResponse, patience: Patience, until: float, *, conditional: bool) -> _Answer:
    if response.status == NOT_MODIFIED and conditional:
        return _Answer(body=None)
    if response.status >= SERVER_ERROR or response.status == TOO_MANY_REQUESTS:
        raise _Unwell("status")
    if response.status != OK:
        raise FeedRefused("status")
    return _Answer(
        body=_body(response, patience.most_bytes, until),
        etag=_if_like(ETAG, response.headers.get("ETag")),
        last_modified=_if_like(HTTP_DATE, response.headers.get("Last-Modified")),
    )


def _body(response: BaseHTTPResponse, most_bytes: int, until: float) -> bytes:
    """Read to the end, whatever length was announced; what came in short of it is refused."""
    body = bytearray()
    try:
        while chunk := response.read1(CHUNK, decode_content=False):
            body += chunk
            if len(body) > most_bytes:
                raise FeedRefused("too_large")
            if time.monotonic() > until:
                raise FeedRefused("slow")
    except ReadTimeoutError:
        raise FeedRefused("slow") from None
    except HTTPError:
        raise _Unwell("truncated") from None
    return bytes(body)


def _if_like(pattern: re.Pattern[str], value: str | None) -> str | None:
    return value if value and pattern.fullmatch(value) else None


def _elsewhere(address: str, location: str) -> str:
    """Return where a redirect leads. It never leaves TLS for plain http, nor leads from there to here."""
    try:
        found = urljoin(address, location)
    except ValueError:
        raise FeedRefused("redirects") from None
    if urlsplit(found).scheme != urlsplit(address).scheme:
        raise FeedRefused("redirects")
    _refuse_unsafe(found)
    return found


def _refuse_unsafe(address: str) -> None:
    """Raise FeedRefused unless an address is https, or plain http on this machine, as tests have it."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        safe = parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))
    except ValueError:
        safe = False
    if not safe:
        raise FeedRefused("address")


def _is_here(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback
