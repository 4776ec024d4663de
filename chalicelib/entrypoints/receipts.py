"""Delivery events: what became of each e-mail, as SES tells it through SNS.

SNS delivers them in any order, late, and more than once. Each is carried out by conditions on what
it changes, so that all of them leave the same behind in whatever order.
"""

import logging
from datetime import timedelta

from chalice.app import Blueprint, SNSEvent

from chalicelib import wiring
from chalicelib.channels import delivery_events
from chalicelib.core.errors import InvalidInput
from chalicelib.ports import Outbox

log = logging.getLogger(__name__)

receipts = Blueprint(__name__)

# From the first delay of a letter until somebody is told another way.
DELAY_HOURS = 4


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
    if told.message_id is None or (told.state is None and not told.delayed):
        log.info("delivery event without consequence", extra=ids)
        return
    # Before its message moves: an event that gets only halfway is delivered again, and does both.
    for address in told.refusing:
        outbox.suppress(address, told.message_id, told.reason, told.at)
    if told.state is None:
        outbox.delayed(told.message_id, told.at, told.at + timedelta(hours=DELAY_HOURS), told.letter)
    else:
        outbox.delivered(told.message_id, told.state, told.at, told.reason, told.letter)
    log.info("delivery event recorded", extra=ids)
