"""What the service tells an authority's administrator of itself: no case decided on it, no clause asks it.

It is listed with the notices of the authority's own record, where the rest of its own affairs is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.authority_record import record_id
from chalicelib.core.identity import identify
from chalicelib.core.protocol import Urgency
from chalicelib.outgoing import channels_of
from chalicelib.ports import Message
from chalicelib.visits import Ports

ADMINISTRATOR = "administrator"
CALENDAR_REFUSED = "calendar_refused"
CALENDAR_AGAIN = "calendar_again"
UNRECONCILED = "unreconciled"

SAID = {
    CALENDAR_REFUSED: "GOV.UK's bank holidays were not taken over",
    CALENDAR_AGAIN: "GOV.UK's bank holidays could be read again",
    UNRECONCILED: "the daily reconciliation came upon cases that somebody has to look at",
}
# Why they were not, as it reads after "because": one for each of published.Reason.
REFUSED = {
    "absurd": "what came cannot be right: a year lacks days or is unlike any other, or too many days changed",
    "address": "the address at which this service asks for it is none that it may ask",
    "down": "GOV.UK could not be reached",
    "malformed": "what came is no such list",
    "missing_year": "a year is missing from it that was there, or should be",
    "redirects": "GOV.UK sent us on to an address to which we do not go",
    "slow": "GOV.UK took too long to answer",
    "status": "GOV.UK answered that something is wrong",
    "too_large": "what came is far longer than such a list",
    "truncated": "the answer broke off",
}
# What the daily reconciliation finds of one, and of several: the sorts that no case can have a task for.
UNRECONCILED_SORTS = {
    "aside": ("1 case cannot be decided and is set aside", "{} cases cannot be decided and are set aside"),
    "overdue": ("1 case is not decided in time", "{} cases are not decided in time"),
    "unread": ("1 case could not be looked at", "{} cases could not be looked at"),
    "unfinished": ("there was no time to look at every case",) * 2,
}
UNFORESEEN = "something went wrong that nobody foresaw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something of the service's own that is told once, known by its `name` and since when it is so.

    `because` says why in plain words; where that changes meanwhile, the first is what was told.
    """

    name: str
    since: datetime
    because: str | None = None


def tell_administrator(authority: str, occasion: Occasion, now: datetime, ports: Ports) -> None:
    """Put an occasion in the outbox for an authority's administrator; one known there is not told again."""
    contact = ports.contacts.channels(authority).get(ADMINISTRATOR)
    for channel in channels_of(contact, Urgency.TODAY):
        ports.outbox.put(_message(authority, occasion, channel, now))


def unreconciled(found: Mapping[str, int], now: datetime) -> Occasion:
    """Return the day's occasion of what reconciling found, so many of each sort, for one authority."""
    said = (
        UNRECONCILED_SORTS[sort][count > 1].format(count) for sort, count in sorted(found.items()) if count
    )
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Occasion(name=UNRECONCILED, since=midnight, because="; ".join(said))


def explain_own(message: Message) -> Mapping[str, object]:
    """Return why a message of the service's own was sent, without a clause, as data and in words."""
    because = f": {message.because}" if message.because else ""
    return {
        "clause": None,
        "basis": "service",
        "occasion": message.occasion,
        "told_as": message.role,
        "sentences": [
            "No clause asks for this: the service tells the administrator of itself.",
            f"Told because {SAID[message.occasion]}{because}.",
        ],
    }


def _message(authority: str, occasion: Occasion, channel: str, now: datetime) -> Message:
    notice_id = identify("n", authority, occasion.name, occasion.since.isoformat(), ADMINISTRATOR)
    return Message(
        id=identify("m", notice_id, channel),
        notice_id=notice_id,
        authority=authority,
        case_id=record_id(authority),
        about=occasion.name,
        protocol="",
        clause="",
        printed="",
        occasion=occasion.name,
        role=ADMINISTRATOR,
        role_label=ADMINISTRATOR,
        channel=channel,
        urgency=Urgency.TODAY,
        created_at=now,
        because=occasion.because,
        next_attempt_at=now,
        changed_at=now,
    )
