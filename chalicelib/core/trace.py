"""What the engine keeps of a fact: its kind, days, links, words, people and the names of its parts.

Free text is not among them: it stays in the journal. A case holds one short trace of each of its
facts, so that standing again reads nothing more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Somebody in a fact: `roles` are those held in the authority when we learned of it.

    Roles on the case itself come from its allocations, as they stood on the day of the fact.
    """

    person_id: str | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An exception claimed for a fact; the approver's roles are looked up like anybody's."""

    name: str
    reasoned: bool
    approver: Seat | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Involvement:
    """Somebody who had a part in another case of the same child: how (`allocated`, `chair` …), since when."""

    case_id: str
    person_id: str
    way: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A placement that ended in another case of the same child."""

    case_id: str
    fact_id: str
    on: date
    words: Mapping[str, tuple[str, ...]]
    placement_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One fact as the engine reads it.

    `id` is the fact's own; a correction names in `replaces` the fact whose place it takes.
    `learned_at` is when we first heard; `at` the moment it happened, where that was given. Both
    are aware UTC moments, and `on` is London's date. `filled` names the fields and record parts
    that say something; `rows` holds, for parts in rows, whom each row is about. `beside` counts
    the child's other cases that are decided on in the same transaction.
    """

    id: str
    kind: str
    on: date
    learned_at: datetime
    at: datetime | None = None
    replaces: str | None = None
    placement_id: str | None = None
    meeting_id: str | None = None
    process_id: str | None = None
    for_id: str | None = None
    planned_for: date | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: Mapping[str, tuple[Seat, ...]] = field(default_factory=dict)
    filled: tuple[str, ...] = ()
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    allocations: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    endings: tuple[Ending, ...] = ()
    involved: tuple[Involvement, ...] = ()
    beside: int = 0

    @property
    def moment(self) -> datetime:
        """When it happened, or failing that when we learned of it."""
        return self.at or self.learned_at


# Kinds that only the service records: no protocol can name them and no door takes them.
TIME_REACHED = "time_reached"
CHILD_HISTORY_CHANGED = "child_history_changed"
NOTICE_UNDELIVERED = "notice_undelivered"
FACT_WITHDRAWN = "fact_withdrawn"
EXCEPTION_RECORDED = "exception_recorded"
PROTOCOL_MOVED = "protocol_moved"
RECORD_OPENED = "record_opened"
# A day was proclaimed, withdrawn or closed: the words `from` and `to` are the hashes of calendars.
CALENDAR_CHANGED = "calendar_changed"
# A day of the year on which a duty opens by itself: worked out, never recorded.
YEAR_DAY = "year_day"
