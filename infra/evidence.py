"""What is known to have been sent, message by message: a file of JSON lines.

The first line says where it is from and which time it covers, the others what became of a message:

    {"evidence": 1, "from": "logs", "stage": "production", "since": "2026-…Z", "until": "2026-…Z"}
    {"message_id": "m-…", "state": "SENT", "at": "2026-…Z", "provider_reference": "0100…"}

States are the outbox's own: SENT, DELIVERED, BOUNCED, COMPLAINED; CANCELLED where a person cancelled it; and
UNKNOWN where nobody knows whether the provider took it. Ids and moments stand in it, and no names.
"""

import json
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from chalicelib.channels.provider import UNKNOWN_OUTCOME
from chalicelib.operations import BY_OPERATOR
from chalicelib.store import messages
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import moment, stamp
from infra.copies import Item, open_copy, own_file
from infra.exporting import scan
from infra.moments import parsed
from infra.operating import CannotOperate, Desk
from infra.sources import covered, in_use, refuse_unless_outbox

Value = TypeVar("Value")

EVIDENCE = 1
SENT, UNKNOWN, CANCELLED = "SENT", "UNKNOWN", "CANCELLED"
# Of several words about one message the last of these stands.
ORDER = (UNKNOWN, CANCELLED, SENT, "DELIVERED", "BOUNCED", "COMPLAINED")
# What SES's event types say (channels.delivery_events); a delay says that the letter was taken.
EVENTS = {
    "Send": SENT,
    "DeliveryDelay": SENT,
    "Delivery": "DELIVERED",
    "Bounce": "BOUNCED",
    "Reject": "BOUNCED",
    "Rendering Failure": "BOUNCED",
    "Complaint": "COMPLAINED",
}
LOGGED_BY = ("dispatch", "sweep", "delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What became of one message, and when."""

    message_id: str
    state: str
    at: str
    provider_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The words of one source, and the time of which it would know."""

    source: str
    since: datetime
    until: datetime
    words: tuple[Word, ...]


def from_logs(desk: Desk, asked: Namespace) -> None:
    """Write down what a stage's functions logged of messages sent between two moments."""
    since, until = covered(desk, asked.since, asked.until)
    lines = logged(desk.clients("logs"), desk.stage, since, until)
    _write(desk, asked, Evidence(source="logs", since=since, until=until, words=said_by(lines)))


def from_table(desk: Desk, asked: Namespace) -> None:
    """Write down what an outbox, as it was at a moment, says of messages sent since another."""
    since, until = covered(desk, asked.since, asked.until)
    client = desk.clients("dynamodb")
    refuse_unless_outbox(client, asked.table)
    words = held_by(in_use(asked.table, scan(client, asked.table), since), since)
    _write(desk, asked, Evidence(source="table", since=since, until=until, words=words))


def from_copy(desk: Desk, asked: Namespace) -> None:
    """Write down what the outbox of a later copy says of messages sent since a moment."""
    copy = open_copy(Path(asked.copy))
    since, until = covered(desk, asked.since, copy.manifest.began_at)
    words = held_by(in_use(asked.copy, copy.items("outbox"), since), since)
    _write(desk, asked, Evidence(source="copy", since=since, until=until, words=words))


def logged(logs: Any, stage: str, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON lines that the functions logged which send, or hear what became of it."""
    for function in LOGGED_BY:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/holdfast-{stage}-{function}",
            startTime=int(since.timestamp() * 1000),
            endTime=int(until.timestamp() * 1000) + 1,
        )
        for page in pages:
            for event in page["events"]:
                # Lambda may put the moment and the request before what we wrote.
                _, brace, rest = event["message"].partition("{")
                try:
                    line = json.loads(brace + rest)
                except ValueError:
                    continue
                if isinstance(line, dict):
                    yield line


def said_by(lines: Iterable[Mapping[str, Any]]) -> tuple[Word, ...]:
    """Return what log lines say of messages, one word for each."""
    return last(word for line in lines if (word := _said(line)))


def _said(line: Mapping[str, Any]) -> Word | None:
    match line.get("message"):
        case "message sent":
            state = SENT
        case "delivery event recorded":
            state = EVENTS.get(str(line.get("event_type")), "")
        case "message to be tried again" | "message will never arrive":
            state = UNKNOWN if line.get("reason") == UNKNOWN_OUTCOME else ""
        case _:
            return None
    if not state or not isinstance(line.get("message_id"), str):
        return None
    return Word(
        message_id=line["message_id"],
        state=state,
        at=stamp(datetime.fromisoformat(line["at"])),
        provider_reference=line.get("provider_reference"),
    )


def held_by(items: Iterable[Item], since: datetime) -> tuple[Word, ...]:
    """Return what an outbox says of messages sent, cancelled by hand or being sent since a moment."""
    return last(word for item in items if (word := _held(item)) and word.at >= stamp(since))


def _held(item: Item) -> Word | None:
    if item["sk"]["S"] != messages.MESSAGE:
        return None
    known = OutboxItem.from_raw_data(dict(item))
    state = str(known.state)
    unknown = state == "SENDING" or (state in {"PENDING", "FAILED"} and known.reason == UNKNOWN_OUTCOME)
    if unknown:
        state = UNKNOWN
    elif state not in ORDER or (state == CANCELLED and known.reason != BY_OPERATOR):
        return None
    return Word(
        message_id=known.pk.removeprefix(messages.message_key("")),
        state=state,
        at=known.changed_at or "",
        provider_reference=known.provider_reference,
    )


def last(words: Iterable[Word]) -> tuple[Word, ...]:
    """Return one word for each message, the furthest; of the same the first."""
    found: dict[str, Word] = {}
    for word in words:
        known = found.get(word.message_id)
        if known is None or (-ORDER.index(word.state), word.at) < (-ORDER.index(known.state), known.at):
            found[word.message_id] = word
    return tuple(sorted(found.values(), key=lambda word: (word.at, word.message_id)))


# --- the file -------------------------------------------------------------------------------


def _write(desk: Desk, asked: Namespace, evidence: Evidence) -> None:
    head = {"evidence": EVIDENCE, "from": evidence.source, "stage": desk.stage}
    head |= {"since": stamp(evidence.since), "until": stamp(evidence.until)}
    try:
        file = own_file(Path(asked.to))
    except FileExistsError:
        raise CannotOperate(f"{asked.to} is there already: name a new file.") from None
    except OSError as error:
        raise CannotOperate(f"{asked.to} cannot be written ({error.strerror}): name a new file.") from None
    with file as out:
        for line in (head, *map(asdict, evidence.words)):
            out.write(json.dumps(line).encode() + b"\n")
    desk.say(f"{asked.to} tells of {len(evidence.words)} messages.")
    if not evidence.words:
        desk.say(
            f"LOOK: by it NOTHING was sent between {head['since']} and {head['until']}, and what waits would"
            " go out. Is that so, or is this another's?"
        )


def read(path: Path) -> Evidence:
    """Read a file of evidence. Raises CannotOperate, naming the line, where it is none."""
    try:
        head, *lines = path.read_text().splitlines() or [""]
    except FileNotFoundError:
        raise CannotOperate(f"There is no file {path}.") from None
    except (OSError, UnicodeError):
        raise CannotOperate(f"{path} cannot be read as evidence: nothing was done.") from None
    plain = _read_line(path, 1, head, dict)
    said = [plain.get(name) for name in ("from", "since", "until")]
    if plain.get("evidence") != EVIDENCE or not all(isinstance(each, str) for each in said):
        raise CannotOperate(f"{path} is no evidence of format {EVIDENCE}: nothing was done.")
    words = [_read_line(path, number, line, _word) for number, line in enumerate(lines, 2)]
    return Evidence(
        source=plain["from"],
        since=parsed(plain["since"]),
        until=parsed(plain["until"]),
        words=last(words),
    )


def _read_line(path: Path, number: int, line: str, read_as: Callable[[Any], Value]) -> Value:
    try:
        return read_as(json.loads(line))
    except (KeyError, TypeError, ValueError):
        raise CannotOperate(f"Line {number} of {path} is no evidence: nothing was done.") from None


def _word(plain: Mapping[str, Any]) -> Word:
    word = Word(**plain)
    name, reference = plain["message_id"], plain.get("provider_reference")
    if not (isinstance(name, str) and isinstance(reference, str | None)):
        raise TypeError(word.state)
    if word.state not in ORDER or moment(word.at) is None:
        raise ValueError(word.state)
    return word
