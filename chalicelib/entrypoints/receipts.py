"""Delivery events: what became of each e-mail, as SES tells it through SNS."""

import logging

from chalice.app import Blueprint, SNSEvent

from chalicelib import wiring
from chalicelib.channels import delivery_events
from chalicelib.core.errors import InvalidInput
from chalicelib.ports import Outbox

log = logging.getLogger(__name__)

receipts = Blueprint(__name__)


# The topic is this stage's own; infra/resources.yaml puts its address in place of this name.
@receipts.on_sns_message(topic="holdfast-delivery", name="delivery")
def delivery(event: SNSEvent) -> None:
    """Record one delivery event on the message it is about."""
    record_event(event.message, wiring.ports().outbox)


def record_event(text: str, outbox: Outbox) -> None:
    """Put on the message what SES says became of it.

    An event that cannot be read is raised, not dropped: it may be the bounce that nobody would
    otherwise hear of. Lambda tries twice more, then the failure queue keeps it and an alarm rings.
    """
    try:
        told = delivery_events.read(text)
    except InvalidInput as error:
        fields = ", ".join(problem.field for problem in error.problems)
        log.error("delivery event not understood", extra={"fields": fields})  # noqa: TRY400
        raise
    ids = {"message_id": told.message_id, "event_type": told.kind}
    if told.message_id is None or told.state is None:
        log.info("delivery event without consequence", extra=ids)
        return
    outbox.delivered(told.message_id, told.state, told.at, told.reason)
    log.info("delivery event recorded", extra=ids)
