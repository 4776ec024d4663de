"""Ways of telling people, all keeping one promise."""

import typing
from dataclasses import dataclass
from datetime import date

from chalicelib.ports.contacts import Contacts
from chalicelib.ports.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message with its words and its address: what a channel sends. No child's data in it."""

    message_id: str
    address: str
    subject: str
    body: str


class Channel(typing.Protocol):
    """A way of telling people, keeping one promise.

    `bounces` says that what it sends comes back from an address that refuses it, which is then left be.
    """

    name: typing.ClassVar[str]
    bounces: typing.ClassVar[bool]

    def address(self, message: Message, contacts: Contacts, on: date) -> str:
        """Find where this channel reaches whoever is to be told on that London day.

        Raises WillNeverArrive, its reason in one word.
        """

    def send(self, letter: Letter) -> str:
        """Hand one letter to the provider, once, and return its reference.

        Raises TryAgainLater or WillNeverArrive, and nothing else; the reason is one word and never
        the provider's own text, which can quote an address.
        """
