"""An authority's own topic, by SNS: whoever listens there hears of it."""

from datetime import date
from typing import ClassVar

from chalicelib.channels import addressing, provider
from chalicelib.ports import Contacts, Letter, Message

# The topic is a contact, so a topic that is not there or not ours is for a person to put right.
_FINAL = {
    "InvalidParameter": provider.NOT_SENDABLE,
    "InvalidParameterValue": provider.NOT_SENDABLE,
    "ParameterValueInvalid": provider.NOT_SENDABLE,
    "ValidationException": provider.NOT_SENDABLE,
    "NotFound": "no_such_topic",
    "EndpointDisabled": "no_such_topic",
    "AuthorizationError": "topic_not_allowed",
}


class Topic:
    """One notice to one topic."""

    name: ClassVar[str] = "topic"
    bounces: ClassVar[bool] = False

    def __init__(self, *, client: provider.Factory) -> None:
        self._client = provider.Client(client)

    def address(self, message: Message, contacts: Contacts, on: date) -> str:  # noqa: ARG002 - a topic has no days off
        """Find the topic on which the role listens, whoever fills it that day."""
        return addressing.topic_address(message, contacts)

    def send(self, letter: Letter) -> str:
        """Publish one notice, once."""
        return provider.ask(
            lambda: self._client.get().publish(
                TopicArn=letter.address,
                Subject=letter.subject,
                Message=letter.body,
                MessageAttributes={"message_id": {"DataType": "String", "StringValue": letter.message_id}},
            ),
            _FINAL,
        )
