"""What SES tells of an e-mail after it took it, read from its event's JSON.

SES documents ten types. Four settle what became of a message. A bounce is one whatever its kind:
"transient" means that SES has given up, or that somebody's out-of-office answered, and either way
the person may not have read it. A rejected letter (a virus was found) never leaves, so it counts as
bounced. `Send` says that SES took the letter, which resolves a lost acknowledgement, and so does
`DeliveryDelay`, which says as well that it is still trying. A permanent bounce or a complaint is a
reason never to write to that address again.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from chalicelib.core.errors import InvalidInput, Problem
from chalicelib.ports import MessageState, Posted

_STATES = {
    "Send": MessageState.SENT,
    "Delivery": MessageState.DELIVERED,
    "Bounce": MessageState.BOUNCED,
    "Complaint": MessageState.COMPLAINED,
    "Reject": MessageState.BOUNCED,
    "Rendering Failure": MessageState.BOUNCED,
}
DELAY = "DeliveryDelay"
_SAY_NOTHING = frozenset({DELAY, "Open", "Click", "Subscription"})
_RECIPIENTS = {"Bounce": "bouncedRecipients", "Complaint": "complainedRecipients"}
PERMANENT = "Permanent"
# What a mailbox's owner says to take back that they complained.
NOT_SPAM = "not-spam"
_DETAIL = {"Bounce": ("bounceType", "bounceSubType"), "Complaint": ("complaintFeedbackType",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent:
    """One event: `state` is none where it says nothing of arrival, `message_id` where it isn't ours.

    `letter` is the one that it is about: a message that was sent anew has more. `reason` is made of SES's
    own few words, never of what the far mail server wrote. `refusing` are the addresses that take no more
    mail of ours.
    """

    kind: str
    message_id: str | None
    state: MessageState | None
    at: datetime
    reason: str
    letter: Posted
    delayed: bool = False
    refusing: tuple[str, ...] = field(default=(), repr=False)


def read(text: str) -> DeliveryEvent:
    """Read one event. Raises InvalidInput where it isn't one, naming the field and not its value."""
    event = _object(_json(text), "event")
    kind = event.get("eventType")
    if not isinstance(kind, str) or kind not in _STATES.keys() | _SAY_NOTHING:
        raise _wrong("eventType", "one of the types that SES documents")
    mail = _object(event.get("mail"), "mail")
    part = event.get(kind[0].lower() + kind[1:])
    told = part if isinstance(part, dict) else {}
    at = _moment(told.get("timestamp") or mail.get("timestamp"))
    return DeliveryEvent(
        kind=kind,
        message_id=_message_id(mail),
        state=_STATES.get(kind),
        at=at,
        reason="_".join(
            [kind, *(str(told[each]) for each in _DETAIL.get(kind, ()) if told.get(each))]
        ).lower(),
        letter=_letter(mail, at),
        delayed=kind == DELAY,
        refusing=_refusing(kind, told),
    )


def _refusing(kind: str, told: dict[str, Any]) -> tuple[str, ...]:
    """Return the addresses to leave be: that bounced for good, or whose owners complained."""
    if kind not in _RECIPIENTS or (kind == "Bounce" and told.get("bounceType") != PERMANENT):
        return ()
    if told.get("complaintFeedbackType") == NOT_SPAM:
        return ()
    listed = told.get(_RECIPIENTS[kind], [])
    if not isinstance(listed, list):
        raise _wrong(_RECIPIENTS[kind], "a list")
    named = (_object(each, _RECIPIENTS[kind]).get("emailAddress", "") for each in listed)
    # SES writes an address as the far server did: bare, in brackets, or after a name.
    return tuple(address for address in (parseaddr(str(each))[1] for each in named) if address)


def _message_id(mail: dict[str, Any]) -> str | None:
    tags = _object(mail.get("tags", {}), "mail.tags")
    values = tags.get("message_id")
    return str(values[0]) if isinstance(values, list) and values else None


def _letter(mail: dict[str, Any], at: datetime) -> Posted:
    reference = mail.get("messageId")
    taken_at = _moment(mail["timestamp"]) if mail.get("timestamp") else at
    return Posted(reference=str(reference) if reference else None, at=taken_at)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        # Not chained: the error would carry the text that it could not read.
        raise _wrong("event", "JSON") from None


def _object(given: object, field: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _wrong(field, "an object")
    return given


def _moment(given: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(given))
    except ValueError:
        raise _wrong("timestamp", "an ISO 8601 moment") from None
    if at.tzinfo is None:
        raise _wrong("timestamp", "a moment with its time zone")
    return at


def _wrong(field: str, expected: str) -> InvalidInput:
    return InvalidInput([Problem(field, expected)])
