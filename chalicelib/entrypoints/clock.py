"""The clock's doors and the outbox's stream: nobody is waiting for an answer here."""

from chalice.app import Blueprint, CloudWatchEvent, DynamoDBEvent, Rate

clock = Blueprint(__name__)

# The stream's address exists only once the stack does; infra/resources.yaml replaces this one.
OUTBOX_STREAM = "arn:aws:dynamodb:eu-west-2:000000000000:table/outbox/stream/replaced"


@clock.on_dynamodb_record(stream_arn=OUTBOX_STREAM, name="dispatch")
def dispatch(event: DynamoDBEvent) -> None:
    """Send the messages that have just been put in the outbox."""


@clock.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> None:
    """Send every message whose moment has come: the guarantee behind the stream."""


@clock.schedule(Rate(5, unit=Rate.MINUTES), name="tick")
def tick(event: CloudWatchEvent) -> None:
    """Record on each case with something due that its moment has come."""


@clock.schedule(Rate(1, unit=Rate.MINUTES), name="settle")
def settle(event: CloudWatchEvent) -> None:
    """Turn messages that will never arrive into facts and tasks."""
