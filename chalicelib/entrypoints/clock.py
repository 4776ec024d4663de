"""The clock's doors and the outbox's stream: nobody is waiting for an answer here."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Cron, DynamoDBEvent, Rate

from chalicelib import own_facts, ticking, wiring
from chalicelib.core.errors import InvalidInput, Problem
from chalicelib.dispatch import Sender, send_all
from chalicelib.dispatch import sweep as sweep_outbox
from chalicelib.settle import settle_all

log = logging.getLogger(__name__)

clock = Blueprint(__name__)

# The stream's address exists only once the stack does; infra/resources.yaml replaces this one.
OUTBOX_STREAM = "arn:aws:dynamodb:eu-west-2:000000000000:table/outbox/stream/replaced"


@clock.on_dynamodb_record(stream_arn=OUTBOX_STREAM, name="dispatch")
def dispatch(event: DynamoDBEvent) -> None:
    """Send the messages that have just been put in the outbox."""
    send_all(inserted(event.to_dict()), _sender(event.context))


@clock.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> None:
    """Send every message whose moment has come: the guarantee behind the stream."""
    tried = sweep_outbox(_sender(event.context))
    log.info("outbox swept", extra={"messages": tried})


@clock.schedule(Rate(5, unit=Rate.MINUTES), name="tick")
def tick(event: CloudWatchEvent) -> None:
    """Record on each case with something due that its moment has come."""
    at = moment_come(event.time, wiring.now())
    cases = ticking.tick(at, wiring.ports(), seconds_left(event.context))
    log.info("time recorded", extra={"cases": cases})


@clock.schedule(Rate(1, unit=Rate.MINUTES), name="settle")
def settle(event: CloudWatchEvent) -> None:
    """Turn messages that will never arrive into facts and tasks."""
    ports, left = wiring.ports(), seconds_left(event.context)
    settled = settle_all(
        outbox=ports.outbox,
        record=lambda message: own_facts.undelivered(message, wiring.now(), ports, left),
        now=wiring.now(),
        seconds_left=left,
    )
    log.info("outbox settled", extra={"messages": settled})


@clock.schedule(Rate(30, unit=Rate.MINUTES), name="calendar")
def calendar(event: CloudWatchEvent) -> None:
    """Ask GOV.UK for bank holidays, and tell the cases whose deadlines a changed day touches."""
    # What it reckons with costs a cold start more than all our own code: no other door may load it.
    from chalicelib import calendar_watch

    calendar_watch.watch(
        now=wiring.now(),
        ports=wiring.ports(),
        address=wiring.settings().bank_holidays_url,
        seconds_left=seconds_left(event.context),
    )


@clock.schedule(Cron(37, 5, "*", "*", "?", "*"), name="reconcile")
def reconcile(event: CloudWatchEvent) -> None:
    """Hold what should have been told against what was, once a day."""
    from chalicelib import reconcile as reconciling  # no other door needs it

    reconciling.reconcile(wiring.now(), wiring.ports(), tuple(wiring.channels()), seconds_left(event.context))


def inserted(event: Mapping[str, Any]) -> Sequence[str]:
    """Return the ids of the messages that a batch of the stream put in; a tombstone is none."""
    keys = [record["dynamodb"]["Keys"] for record in event["Records"] if record["eventName"] == "INSERT"]
    return [key["pk"]["S"].removeprefix("MSG#") for key in keys if key["sk"]["S"] == "MSG"]


def moment_come(text: str, latest: datetime) -> datetime:
    """Read the moment for which a schedule fired, refusing one that has not come yet.

    The demonstration invokes `tick` with past moments; nothing may look ahead, at any stage.
    """
    problem = InvalidInput([Problem("time", "an ISO 8601 moment with its time zone, not later than now")])
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise problem from None
    if at.tzinfo is None or at > latest:
        raise problem
    return at


def seconds_left(context: Any) -> Callable[[], float]:
    """Ask Lambda how long we have: it stops a function in the middle of a line."""
    return lambda: float(context.get_remaining_time_in_millis()) / 1000


def _sender(context: Any) -> Sender:
    ports = wiring.ports()
    return Sender(
        outbox=ports.outbox,
        contacts=ports.contacts,
        channels=wiring.channels(),
        link_base=wiring.settings().link_base,
        now=wiring.now,
        chance=wiring.rooms().chance,
        seconds_left=seconds_left(context),
    )
