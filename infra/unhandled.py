"""Operator commands about what could not be handled: what SES said of letters, and records of the stream.

Three kinds of thing wait in the queue. Two are what SES said of a letter: as `delivery` was given it, where
that failed three times; or as SNS had it, where `delivery` could not even be called. The third is where in
the outbox's stream some messages stood; the sweep sends those, so there is nothing more to do about it.
"""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.channels import delivery_events
from chalicelib.core.errors import InvalidInput
from chalicelib.operations import Order
from chalicelib.ports import NOBODYS, NOT_HANDLED, What
from chalicelib.store import acts
from infra.operating import CannotOperate, Desk
from infra.undelivered import order

AT_ONCE = 10
# Longer than it takes to hand over as many; what stays can be had again at once.
HIDDEN_SECONDS = 300
MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing in the queue: its id, by which to take it out, when it came, and what it is."""

    id: str
    handle: str
    since: datetime
    body: Any

    @classmethod
    def read(cls, received: Mapping[str, Any]) -> "Kept":
        """Read what SQS gave out; what is no JSON is nothing that we know."""
        try:
            body = json.loads(received["Body"])
        except ValueError:
            body = None
        sent = int(received["Attributes"]["SentTimestamp"]) / 1000
        return cls(
            id=received["MessageId"],
            handle=received["ReceiptHandle"],
            since=datetime.fromtimestamp(sent, UTC),
            body=body if isinstance(body, dict) else {},
        )

    @property
    def of_the_stream(self) -> bool:
        """Whether it says where in the stream something stood."""
        return "DDBStreamBatchInfo" in self.body

    @property
    def event(self) -> Any:
        """What `delivery` is to be given, if it is for `delivery` at all."""
        if "Records" in self.body:
            return self.body
        if self.body.get("Type") == "Notification":
            return {"Records": [{"EventSource": "aws:sns", "Sns": self.body}]}
        return None

    @property
    def what(self) -> str:
        """What it is, in words; never to whom anything was sent."""
        if self.of_the_stream:
            return "a place in the stream: the sweep sends what stood there"
        if self.event is None:
            return "not known"
        try:
            told = delivery_events.read(self.event["Records"][0]["Sns"]["Message"])
        except (InvalidInput, LookupError, TypeError):
            return "of SES, not understood"
        return f"of SES: {told.kind} of {told.message_id or 'no message of ours'}"


def list_unhandled(desk: Desk, _: Namespace) -> None:
    """Write down what could not be handled: since when it waits, and what it is."""
    found = list(_received(desk))
    for each in found:
        desk.say(f"{each.id}\t{each.since:%Y-%m-%d %H:%M} UTC\t{each.what}")
    if not found:
        desk.say("None.")
    _put_back(desk, found)


def hand_over(desk: Desk, asked: Namespace) -> None:
    """Hand what SES said to `delivery` once more, and let go of places in the stream; the rest stays."""
    _write_down(order(desk, asked), What.AGAIN, NOT_HANDLED)
    done: Counter[str] = Counter()
    stay = []
    for each in _received(desk):
        if each.of_the_stream or (each.event is not None and _handled(desk, each.event)):
            _take_out(desk, each)
            done["let go" if each.of_the_stream else "handed over"] += 1
        else:
            stay.append(each)
    _put_back(desk, stay)
    desk.say(f"{done['handed over']} handed over; {done['let go']} places in the stream let go.")
    if stay:
        raise CannotOperate(f"{len(stay)} could not be handled and stay: see the log of delivery.")


def drop(desk: Desk, asked: Namespace) -> None:
    """Let go of one thing that can never be handled, whatever it says."""
    given = order(desk, asked)
    found = list(_received(desk))
    wanted = [each for each in found if each.id == asked.id]
    _put_back(desk, [each for each in found if each.id != asked.id])
    if not wanted:
        raise CannotOperate(f"{asked.id} does not wait there: see `unhandled list`.")
    _write_down(given, What.DROP, asked.id)
    for each in wanted:
        _take_out(desk, each)
    desk.say(f"{asked.id} is let go.")


def _received(desk: Desk) -> Iterator[Kept]:
    """Yield what waits, each hidden from whoever else looks."""
    sqs, url = desk.clients("sqs"), _url(desk)
    for _ in range(0, MOST, AT_ONCE):
        page = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=AT_ONCE,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            AttributeNames=["SentTimestamp"],
        ).get("Messages", ())
        if not page:
            return
        yield from map(Kept.read, page)


def _write_down(given: Order, what: What, about: str) -> None:
    """Keep what is about to be done: a queue can be changed in no transaction with the audit."""
    acts.together(given.about(what, about, NOBODYS).deed, lambda _: None)


def _handled(desk: Desk, event: object) -> bool:
    called = desk.clients("lambda").invoke(
        FunctionName=f"holdfast-{desk.stage}-delivery", Payload=json.dumps(event)
    )
    return "FunctionError" not in called


def _take_out(desk: Desk, kept: Kept) -> None:
    desk.clients("sqs").delete_message(QueueUrl=_url(desk), ReceiptHandle=kept.handle)


def _put_back(desk: Desk, found: list[Kept]) -> None:
    for each in found:
        desk.clients("sqs").change_message_visibility(
            QueueUrl=_url(desk), ReceiptHandle=each.handle, VisibilityTimeout=0
        )


def _url(desk: Desk) -> str:
    queue = desk.clients("sqs").get_queue_url(QueueName=f"holdfast-{desk.stage}-not-handled")
    return str(queue["QueueUrl"])
