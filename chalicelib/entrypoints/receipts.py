"""Delivery events: what became of each e-mail, as SES tells it through SNS."""

from chalice.app import Blueprint, SNSEvent

receipts = Blueprint(__name__)


# The topic is this stage's own; infra/resources.yaml puts its address in place of this name.
@receipts.on_sns_message(topic="holdfast-delivery", name="delivery")
def delivery(event: SNSEvent) -> None:
    """Record one delivery event on the message it is about."""
