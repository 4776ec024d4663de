"""Everything built once per process, when it is first asked for; the only place that knows every room.

Whoever runs the doors with rooms of their own (a test, a rehearsal) brings them with `using`.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from random import SystemRandom

from typing_extensions import override

from chalicelib import clock, config
from chalicelib.config import NotConfigured, Settings
from chalicelib.meaning import Vocabulary
from chalicelib.ports import Channel
from chalicelib.protocol_files import Shelf
from chalicelib.visits import Ports

CHATTY = ("boto3", "botocore", "pynamodb", "urllib3")
FRAMES = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """What the doors lead to. `now` is read by the doors alone, and `chance`, which draws from 0 up to 1."""

    ports: Ports
    channels: Callable[[], Mapping[str, Channel]]
    now: Callable[[], datetime] = clock.now
    chance: Callable[[], float] = SystemRandom().random
    _vocabularies: dict[tuple[str, ...], Vocabulary] = field(default_factory=dict, init=False, repr=False)

    def vocabulary(self, authority: str) -> Vocabulary:
        """Return the words of the protocols that an authority has chosen, joined once for each choice."""
        known = self.ports.access.authority(authority)
        chosen = known.protocols if known else ()
        if chosen not in self._vocabularies:
            self._vocabularies[chosen] = Vocabulary.of(self.ports.protocols.load(each) for each in chosen)
        return self._vocabularies[chosen]


_brought: list[Rooms] = []


@contextmanager
def using(rooms: Rooms) -> Iterator[None]:
    """Let the doors lead to these rooms until the block ends."""
    _brought.append(rooms)
    try:
        yield
    finally:
        _brought.remove(rooms)


def rooms() -> Rooms:
    """Return the rooms that were brought, or our own."""
    return _brought[-1] if _brought else _own()


def ports() -> Ports:
    """Return what the corridor needs."""
    return rooms().ports


def channels() -> Mapping[str, Channel]:
    """Return the ways of telling people, by name."""
    return rooms().channels()


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return rooms().now()


def vocabulary(authority: str) -> Vocabulary:
    """Return the words that an authority's facts may use; none where it is not known."""
    return rooms().vocabulary(authority)


@cache
def settings() -> Settings:
    """Return the settings of this stage. Raises NotConfigured, and logs what is missing."""
    try:
        return config.from_environment()
    except NotConfigured as error:
        log.error("not configured", extra={"variables": [each.field for each in error.problems]})  # noqa: TRY400
        raise


@cache
def _own() -> Rooms:
    configure_logging()
    return Rooms(ports=_ports(settings()), channels=_channels)


def _ports(stage: Settings) -> Ports:
    from chalicelib.store import items
    from chalicelib.store.access import DynamoAccess
    from chalicelib.store.calendars import DynamoCalendars
    from chalicelib.store.cases import DynamoCases
    from chalicelib.store.contacts import DynamoContacts
    from chalicelib.store.outbox import DynamoOutbox

    items.bind(
        cases=stage.cases_table,
        outbox=stage.outbox_table,
        contacts=stage.contacts_table,
        access=stage.access_table,
        calendars=stage.calendars_table,
    )
    return Ports(
        cases=DynamoCases(due_shards=stage.due_shards, outbox_shards=stage.outbox_shards),
        outbox=DynamoOutbox(shards=stage.outbox_shards),
        contacts=DynamoContacts(),
        access=DynamoAccess(),
        calendars=DynamoCalendars(),
        protocols=Shelf(),
    )


@cache
def _channels() -> Mapping[str, Channel]:
    """List the channels: one line each. Their clients are made with the first letter."""
    from chalicelib.channels import provider
    from chalicelib.channels.email import Email
    from chalicelib.channels.topic import Topic

    ses, sns = partial(provider.client, "sesv2"), partial(provider.client, "sns")
    stage = settings()
    listed: tuple[Channel, ...] = (
        Email(client=ses, sender=stage.sender_address, configuration_set=stage.configuration_set),
        Topic(client=sns),
    )
    return {each.name: each for each in listed}


# --- logging --------------------------------------------------------------------------------


def configure_logging() -> None:
    """Log JSON lines from INFO up, unless whoever brought the rooms sees to the log as well."""
    if not _brought:
        _log_json_lines()


class JsonLines(logging.Formatter):
    """One JSON object a line: fixed words and ids.

    Of an error its type and where it was raised, never its text; of a message that others
    interpolate, its template. What was sent might be in either.
    """

    _USUAL = frozenset(vars(logging.makeLogRecord({})))

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": str(record.msg),
        }
        line |= {key: value for key, value in vars(record).items() if key not in self._USUAL}
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            frames = traceback.extract_tb(trace)[-FRAMES:]
            line["error"] = kind.__name__
            line["trace"] = [f"{each.filename}:{each.lineno} {each.name}" for each in frames]
        return json.dumps(line, default=str)


@cache
def _log_json_lines() -> None:
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stdout))
    for handler in root.handlers:
        handler.setFormatter(JsonLines())
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
