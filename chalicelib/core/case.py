"""A case as it stands, and what one more fact does to it: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from chalicelib.core.trace import Ending, Involvement, Trace

FREEZE = "freeze"
HALT = "halt"


class State(StrEnum):
    """What has become of a duty. Overdue is no state: it is read from the date and the clock."""

    OPEN = "open"
    MET = "met"
    MISSED = "missed"
    LAPSED = "lapsed"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One obligation on one case.

    `due_on` is London's date, none where the text gives no limit. `left` are the cells of its
    grid still to be covered (`{"to": "group_manager_iro", "meeting": "m-2"}`). A duty that is
    `halted` has no date while its clock stands still. `due_by` is the time in London by which it is
    due on its last day, none for the end of that day; what was met after that is `late`. `named` says
    who the built-in roles among its owners are (`{"chair": "iro.okafor"}`). `next_action_at` is the
    UTC moment at which its ladder next has something to do, none when it has not.
    """

    id: str
    protocol: str
    clause: str
    effect: str
    opened_by: str
    opened_on: date
    opened_at: datetime
    owner: tuple[str, ...]
    tell: tuple[str, ...] = ()
    state: State = State.OPEN
    due_on: date | None = None
    due_by: time | None = None
    at_once: bool = False
    provisional: bool = False
    late: bool = False
    settled_by: str | None = None
    settled_on: date | None = None
    left: tuple[Mapping[str, str], ...] = ()
    meeting_id: str | None = None
    note: str | None = None
    halted: bool = False
    named: Mapping[str, str] = field(default_factory=dict)
    next_action_at: datetime | None = None


class Answer(StrEnum):
    """How a tripped check was answered."""

    BREACH = "breach"
    EXCEPTED = "excepted"
    SAFETY = "safety"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A clause that a fact tripped: a breach, or passed by an exception that was named.

    `missing` are the roles or record parts that it lacks.
    """

    id: str
    protocol: str
    clause: str
    effect: str
    fact_id: str
    on: date
    opened_at: datetime
    answer: Answer
    why: str
    exception: str | None = None
    missing: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    next_action_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What lasts while its process is open: a freeze bars the move, a halt stops a protocol's clocks."""

    id: str
    protocol: str
    clause: str
    effect: str
    process: str
    process_id: str
    opened_by: str
    opened_on: date
    ended_by: str | None = None
    ended_on: date | None = None
    tell: tuple[str, ...] = ()
    sort: str = FREEZE

    @property
    def begun(self) -> str:
        """The word for its beginning: the move is frozen, or the clocks are halted."""
        return "halted" if self.sort == HALT else "frozen"

    @property
    def over(self) -> str:
        """The word for its end."""
        return "resumed" if self.sort == HALT else "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Somebody must be told another way, because a notice could not be delivered.

    `role` is who is to see to it, `tell` who is still to be told: their manager where `via_manager`.
    `clause` and `occasion` are those of the notice, `person_id` is whom it names, `notice_on` London's
    day on which it was made. `beside` says who else the contacts knew then (`deputy`, `manager`). What
    was recorded before tasks kept them has none of these, and what is about no clause has no `clause`.
    """

    id: str
    opened_by: str
    opened_on: date
    role: str
    tell: str
    why: str
    message_id: str
    done_by: str | None = None
    protocol: str = ""
    clause: str = ""
    occasion: str = ""
    person_id: str | None = None
    via_manager: bool = False
    notice_on: date | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a case stands: worked out from the set of its facts, never edited.

    `wakes_at` is the UTC moment at which a duty of each year next opens by itself, at which a task is to be
    reminded of, or what waits is made good. `behind` are the ids of duties and flags whose own items could
    not be stored in the same transaction, and `redated` those of them that are due on another date.
    """

    duties: tuple[Duty, ...] = ()
    flags: tuple[Flag, ...] = ()
    holds: tuple[Hold, ...] = ()
    tasks: tuple[Task, ...] = ()
    wakes_at: datetime | None = None
    behind: tuple[str, ...] = ()
    redated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something a role is to be told, once.

    `id` is a hash of case, clause, effect, opening fact, occasion and role. `via_manager` says
    that it goes to the manager of whoever fills the role, `via_deputy` to their deputy; both count from
    that manager instead where it is `of_manager`. `cancelled_with` names the duty or task whose
    settling makes the notice pointless. `was_due_on` is the date that a deadline moved from, and
    `because` says what became of the calendar, where that moved it, or what did not arrive and why.
    It carries no word about the child.
    """

    id: str
    about: str
    protocol: str
    clause: str
    occasion: str
    role: str
    urgency: str
    via_manager: bool = False
    due_on: date | None = None
    due_by: time | None = None
    provisional: bool = False
    cancelled_with: str | None = None
    person_id: str | None = None
    was_due_on: date | None = None
    because: str | None = None
    via_deputy: bool = False
    of_manager: bool = False

    @property
    def route(self) -> str:
        """The step from the role to whoever is told: part of a notice's id."""
        return "manager" if self.via_manager else "deputy" if self.via_deputy else "self"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of a journal entry: what opened, settled, moved, was flagged, frozen, released.

    `because` says what became of the calendar, where that moved a deadline.
    """

    what: str
    about: str
    clause: str
    cause: str
    was: str | None = None
    now: str | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case: its facts, the protocols and the calendar pinned to it, how it stands and what was told.

    `version` is 0 before it is first stored and goes up by one with every decision. `told` holds
    the ids of notices told or passed over, and of duties, flags and freezes that were taken back.
    `calendar` is the hash of the calendar it is counted by; cases stored before they kept one have none.
    `waiting` are notices that count as told and that no transaction has had room for yet.
    """

    id: str
    authority: str
    child_reference: str
    protocols: tuple[str, ...]
    calendar: str | None = None
    version: int = 0
    facts: tuple[Trace, ...] = ()
    standing: Standing = field(default_factory=Standing)
    told: frozenset[str] = frozenset()
    waiting: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Everything that follows from one more fact: `after` replaces the case that was loaded.

    `passed_over` are ids of rungs that passed while a higher one was sent.
    """

    after: Case
    fact: Trace
    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]
    passed_over: tuple[str, ...]
    calendar_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What one authority's cases of one child share: which cases, how placements ended, who had a part."""

    authority: str
    reference: str
    version: int = 0
    cases: tuple[str, ...] = ()
    endings: tuple[Ending, ...] = ()
    involved: tuple[Involvement, ...] = ()
