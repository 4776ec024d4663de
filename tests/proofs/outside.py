"""What is not ours: the moment, who still waits for an answer, and what AWS has yet to hand over."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.entrypoints import clock
from chalicelib.operations import Order
from chalicelib.ports import Snapshot
from chalicelib.store.messages import MESSAGE
from chalicelib.visits import Accepted, Ports
from tests.proofs.post_office import Posted

# What an operator does; it is given again until it comes to its end.
Command = Callable[[Order, Ports], Accepted]

# Friday 22 May 2026, 10:12 in London.
MORNING = datetime(2026, 5, 22, 9, 12, tzinfo=UTC)


class Context:
    """What Lambda says of a run: a minute is left."""

    aws_request_id = "run"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller sends, and sends again under the same key until it is answered 2xx."""

    path: str
    body: Mapping[str, Any]
    key: str
    signed: bool = False


@dataclass
class Outside:
    """All of it at one moment: whoever keeps a copy can go back there."""

    now: datetime = MORNING
    skew: timedelta = timedelta()
    waiting: list[Request] = field(default_factory=list)
    answered: list[tuple[Request, int, str]] = field(default_factory=list)
    refused: list[tuple[Request, str]] = field(default_factory=list)
    ordered: dict[Command, int] = field(default_factory=dict)
    streamed: set[str] = field(default_factory=set)
    events: list[str] = field(default_factory=list)
    told_of: int = 0
    posted: list[Posted] = field(default_factory=list)
    published: Snapshot | None = None

    def case_ids(self) -> list[str]:
        """Return the ids of the cases, first opened first."""
        answers = [json.loads(answer)["case_id"] for _, _, answer in self.answered]
        return list(dict.fromkeys(answers))

    def fact_id(self, position: int) -> str:
        """Return the id of a fact that was answered."""
        return str(json.loads(self.answered[position][2])["fact_id"])

    def copy(self) -> "Outside":
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return Outside(**{name: _copied(value) for name, value in kept.items()})


def _copied(value: Any) -> Any:
    return type(value)(value) if isinstance(value, list | set | dict) else value


# --- what AWS puts around what it hands over ------------------------------------------------


def inserted(message_id: str) -> Mapping[str, Any]:
    """A record of the outbox's stream: a message was put in."""
    keys = {"pk": {"S": f"MSG#{message_id}"}, "sk": {"S": MESSAGE}}
    return {
        "eventID": message_id,
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-2",
        "eventVersion": "1.1",
        "eventSourceARN": clock.OUTBOX_STREAM,
        "dynamodb": {"Keys": keys, "SequenceNumber": "1", "StreamViewType": "KEYS_ONLY"},
    }


def carried(told: str) -> Mapping[str, Any]:
    """An event of SES, as SNS brings it."""
    return {"Sns": {"Message": told, "Subject": "", "MessageAttributes": {}}}


def scheduled(at: datetime) -> Mapping[str, Any]:
    """A schedule that fires."""
    return {
        "version": "0",
        "id": "1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": at.isoformat(),
        "region": "eu-west-2",
        "resources": [],
        "detail": {},
    }
