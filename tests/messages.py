"""One message, as most tests want it."""

from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.ports import Cover, Message, Person, RoleContact
from tests.builders import day

NOON = datetime(2026, 4, 9, 11, 0, tzinfo=UTC)  # Thursday 9 April 2026, noon in London

_REMINDER = Message(
    id="m-1",
    notice_id="n-1",
    authority="tower-hamlets",
    case_id="PC-2041",
    about="duty-1",
    protocol="tower-hamlets-2026-04-01",
    clause="TH-35",
    printed="5.14",
    occasion="rung|before_due|1|0|2026-04-13",
    role="social_worker",
    role_label="Social worker",
    channel="email",
    urgency="today",
    created_at=NOON,
    next_attempt_at=NOON,
    person_id="ada",
    due_on=day("Mon 13 Apr 2026"),
)


def message(**changes: object) -> Message:
    """A reminder to the case's social worker, Ada, of something due on Monday 13 April 2026."""
    return replace(_REMINDER, **changes)  # type: ignore[arg-type]


def person(name: str, **changes: object) -> Person:
    """A contact of the authority with an address of their own."""
    made = Person(authority="tower-hamlets", id=name, email=f"{name}@example.org")
    return replace(made, **changes)  # type: ignore[arg-type]


def role_contact(role: str, **changes: object) -> RoleContact:
    """How the authority reaches a role."""
    return replace(RoleContact(authority="tower-hamlets", role=role), **changes)  # type: ignore[arg-type]


def cover(by: str, first: str, last: str) -> Cover:
    """Somebody stands in from one day to another, both included."""
    return Cover(person_id=by, first_on=day(first), last_on=day(last))
