"""The grammar in which an authority's protocol is written down.

Closed and typed: an authority adds words and clauses, never a form (protocol language, sections
3 to 7). A clause that these types cannot say gets a new form here with its own tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from chalicelib.core.working_days import Nation


class Force(StrEnum):
    """How strongly the text speaks; what may pass a tripped clause follows from it."""

    MUST = "must"
    SHOULD = "should"
    CONSIDER = "consider"
    MAY = "may"
    STATES = "states"


class Urgency(StrEnum):
    """How soon a notice is to be read; contacts map it to channels."""

    NOW = "now"
    TODAY = "today"
    DIGEST = "digest"


# --- tests: what a pattern asks of a fact ---------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Is:
    """The field is, or where it is a list includes, one of these words."""

    field: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """The field holds these words and nothing else."""

    field: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """These fields or record parts are filled."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A detail of the case as it stood that day; what was never recorded is `unknown`."""

    detail: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """None of these tests holds."""

    tests: "tuple[Test, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Such a fact came before; `within_months` counts back from the fact that is tried."""

    patterns: "tuple[Pattern, ...]"
    at_least: int = 1
    within_months: int | None = None
    inclusive: bool = True
    across_child: bool = False


Test = Is | Only | Has | Case | Not | Earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A kind of fact and tests that must all hold.

    `each` is a grid, in `until` alone: every cell is to be covered, by one fact or several.
    """

    fact: str
    tests: tuple[Test, ...] = ()
    each: tuple[tuple[str, tuple[str, ...]], ...] = ()


Patterns = tuple[Pattern, ...]


# --- dates ----------------------------------------------------------------------------------


class Unit(StrEnum):
    """What a number in a date counts."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtOnce:
    """That same day, with the elapsed minutes shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """So many units after the day of the fact that opened the duty."""

    count: int
    unit: Unit
    basis: str = "clause"
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class On:
    """A date that the opening fact carries."""

    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """No later than such a fact: until it comes the date is the meeting's planned one."""

    patterns: Patterns


Due = AtOnce | After | On | By


# --- effects --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A fact matching `when` opens it; one matching `until` meets it; `lapses` ends it unmet."""

    when: Patterns
    owner: tuple[str, ...]
    until: Patterns
    due: Due | None = None
    lapses: Patterns = ()
    joins: bool = False
    tell: tuple[str, ...] = ()
    basis: str = "clause"
    name: str = "obligation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The step in `before` needs one of `needs`; without any it is not to be done at all."""

    before: Patterns
    needs: Patterns = ()
    tell: tuple[str, ...] = ()
    basis: str = "clause"
    name: str = "guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who is to hold a field of such a fact: one of `one_of`."""

    of: Patterns
    field: str
    one_of: tuple[str, ...]
    tell: tuple[str, ...] = ()
    basis: str = "clause"
    name: str = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """While that process is open the child's move is barred."""

    process: str
    tell: tuple[str, ...] = ()
    basis: str = "clause"
    name: str = "freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPast:
    """A way past the named clauses: by reason and, where named, approver and confirmation."""

    name: str
    to: tuple[str, ...]
    when: tuple[Test, ...] = ()
    approver: tuple[str, ...] = ()
    confirm: str | None = None


Effect = Obligation | Guard | People | Freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause: our id, its printed number, its force, our words for it, and what it does."""

    id: str
    printed: str
    force: Force
    text: str
    effects: tuple[Effect, ...] = ()
    exceptions: tuple[WayPast, ...] = ()


# --- ladders, settings, the file ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder. Exactly one of the four moments is given.

    `opened`: at once. `before_due_days`, `after_due_days`: that many working days from the due
    date, at 08:00 London. `open_for_hours`: so long after the duty opened; at any hour if it is
    owed at once, else at the next 08:00 of a working day.
    `repeat_days`: again each so many working days until settled.
    """

    tell: tuple[str, ...]
    urgency: Urgency = Urgency.TODAY
    opened: bool = False
    before_due_days: int | None = None
    after_due_days: int | None = None
    open_for_hours: int | None = None
    repeat_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Reminders and escalation: always local policy, since no text provides any.

    `serves` is `dated`, `at_once`, `undated`, `breach`, or clause ids.
    """

    serves: tuple[str, ...]
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What an authority decided where its text is silent, and why."""

    id: str
    silence: int | None
    value: object
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWord:
    """A role: how it is called, its members where it is a group, and who holds it.

    `outside` roles are held by people who have no account with the authority (the child, a
    carer): they are taken as named. All others are looked up.
    """

    label: str
    members: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example as the file gives it; `core/rehearsal.py` runs it."""

    name: str
    given: tuple[Mapping[str, object], ...] = ()
    propose: Mapping[str, object] | None = None
    today: date | None = None
    expect: tuple[Mapping[str, object], ...] = ()
    none: bool = False


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One authority's protocol, as in force from one date."""

    id: str
    title: str
    source: str
    in_force_from: date
    nation: Nation
    clauses: tuple[Clause, ...]
    ladders: tuple[Ladder, ...]
    settings: Mapping[str, Setting]
    roles: Mapping[str, RoleWord]
    words: Mapping[str, Mapping[str, str]]
    examples: tuple[Example, ...] = ()

    def members(self, role: str) -> tuple[str, ...]:
        """The roles that serve as `role`: itself, and its members where it is a group."""
        word = self.roles.get(role)
        return (role, *word.members) if word else (role,)

    def setting(self, name: str, absent: object = None) -> object:
        """Return the value an authority chose for a setting that the engine reads itself."""
        return self.settings[name].value if name in self.settings else absent

    @cached_property
    def by_id(self) -> Mapping[str, Clause]:
        """The clauses by their ids."""
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def exceptions_to(self) -> Mapping[str, tuple[tuple[Clause, WayPast], ...]]:
        """For each clause id, the ways past it and the clauses that grant them."""
        found: dict[str, list[tuple[Clause, WayPast]]] = {}
        for clause in self.clauses:
            for exception in clause.exceptions:
                for target in exception.to:
                    found.setdefault(target, []).append((clause, exception))
        return {target: tuple(ways) for target, ways in found.items()}
