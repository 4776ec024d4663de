"""What people did by hand, as the audit keeps it: each entry is stored with the act itself, or neither is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from chalicelib.ports.receipts import Receipt


class Door(StrEnum):
    """By which way somebody came in."""

    API = "api"
    COMMAND = "command"


class What(StrEnum):
    """What can be done by hand to a message, a case, an address, what was not handled, or to sending."""

    AGAIN = "again"
    CANCEL = "cancel"
    REDRIVE = "redrive"
    LIFT = "lift"
    PAUSE = "pause"
    RESUME = "resume"
    DROP = "drop"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry of the audit, which is never changed.

    `by` is a credential's id at the API, and at the command line the name that was given. `authority` is
    NOBODYS for what concerns the whole stage. `about` is a message's or a case's id, an address's
    fingerprint, SENDING, or NOT_HANDLED; `why` is in the words of whoever did it, and no log has them.
    """

    id: str
    authority: str
    at: datetime
    by: str
    door: Door
    what: What
    about: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is stored in the same transaction as the change that it speaks of.

    At the API with the receipt of the request.
    """

    act: Act
    receipt: Receipt | None = None


SENDING = "sending"
NOT_HANDLED = "not-handled"


def fingerprint(address: str) -> str:
    """Return that by which an address is known again, and from which nobody can read it."""
    return sha256(address.strip().lower().encode()).hexdigest()
