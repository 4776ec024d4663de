"""A request on its way through the corridor: what it brings, what it is answered."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.core.case import Case, Decision
from chalicelib.core.identity import identify
from chalicelib.patience import unhurried
from chalicelib.ports import Access, Calendars, Cases, Contacts, Outbox
from chalicelib.protocol_files import Shelf
from chalicelib.rulebook import Rulebook

# Short enough to be read out on the telephone: 80 bits are plenty for one authority's cases.
CASE_ID_LENGTH = len("c-") + 16
# Under this name stands what the service records itself.
SERVICE = "holdfast"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The rooms that the corridor leads to. `pause` waits for so many seconds."""

    cases: Cases
    outbox: Outbox
    contacts: Contacts
    access: Access
    calendars: Calendars
    protocols: Shelf
    pause: Callable[[float], None] = time.sleep
    rulebook: Rulebook = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rulebook", Rulebook(self.protocols, self.access, self.calendars))


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a door knows of a request beside the fact.

    `key` is unique within the authority: door, the credential's subject and the caller's own key. `body_hash`
    covers method, path and raw body. `if_match` is the version the caller last saw. `seconds_left`
    says how long there is to answer.
    """

    authority: str
    subject: str
    key: str
    body_hash: str
    fact_json: str
    learned_at: datetime
    if_match: int | None = None
    seconds_left: Callable[[], float] = field(default=unhurried, compare=False, repr=False)

    @property
    def fact_id(self) -> str:
        """The id of the fact that this request reports, the same however often it comes."""
        return identify("f", self.authority, self.key)

    @property
    def case_id(self) -> str:
        """The id of the case that this request opens, if it opens one."""
        return identify("c", self.authority, self.key)[:CASE_ID_LENGTH]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A 2xx answer: its JSON text, the case's version, and whether it was given before."""

    status: int
    answer: str
    version: int | None
    replayed: bool


def let_pass(_: Case, __: Decision) -> None:
    """Let every fact through: a guard never stops anyone from recording what has happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request on its way through the corridor.

    `allow` is given the case before and the decision, and raises where it may not stand.
    """

    incoming: Incoming
    ports: Ports
    allow: Callable[[Case, Decision], None] = let_pass
    proposed: bool = False
