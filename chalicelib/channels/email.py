"""E-mail, by SES."""

from datetime import date
from typing import ClassVar

from chalicelib.channels import addressing, provider
from chalicelib.ports import Contacts, Letter, Message

# SES's reasons that speak of this letter, or of an account that is closed for good. A sending pause,
# a domain not verified and a missing configuration set are ours, and are put right in hours.
_FINAL = {
    "MessageRejected": "rejected",
    "BadRequestException": provider.NOT_SENDABLE,
    "AccountSuspendedException": "account_suspended",
}


class Email:
    """One plain letter to one address.

    Every letter is tagged with our message id: delivery events are matched on it, since SES's own
    id may reach us after the event does.
    """

    name: ClassVar[str] = "email"
    bounces: ClassVar[bool] = True

    def __init__(self, *, client: provider.Factory, sender: str, configuration_set: str) -> None:
        self._client = provider.Client(client)
        self._sender = sender
        self._configuration_set = configuration_set

    def address(self, message: Message, contacts: Contacts, on: date) -> str:
        """Find the address of the person, or of the one standing in for them."""
        return addressing.email_address(message, contacts, on)

    def send(self, letter: Letter) -> str:
        """Hand one letter to SES, once."""
        return provider.ask(
            lambda: self._client.get().send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [letter.address]},
                Content={
                    "Simple": {
                        "Subject": {"Data": letter.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": letter.body, "Charset": "UTF-8"}},
                    }
                },
                ConfigurationSetName=self._configuration_set,
                EmailTags=[{"Name": "message_id", "Value": letter.message_id}],
            ),
            _FINAL,
        )
