"""An authority's protocol as it is written down: its clauses, ladders, settings and words.

Closed and typed: an authority adds words and clauses, never a form. What a clause may ask is in
`patterns.py`, what it may do in `effects.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cached_property

from chalicelib.core.effects import Clause, Part, Record, WayPast
from chalicelib.core.working_days import Nation

END_OF_DAY = "end_of_day"


class Urgency(StrEnum):
    """How soon a notice is to be read; contacts map it to channels."""

    NOW = "now"
    TODAY = "today"
    DIGEST = "digest"


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

    `serves` is `dated`, `at_once`, `undated`, `breach`, `task`, or clause ids.
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
    carer): they are taken as named. All others are looked up. `means` is the post that fills a
    role which the text names and never defines (`unclear` says what is open about it).
    `until_named` fills a built-in role while no meeting has named anybody for it.
    """

    label: str
    members: tuple[str, ...] = ()
    outside: bool = False
    means: str | None = None
    unclear: str | None = None
    until_named: str | None = None


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
    """One authority's protocol, as in force from one date.

    `of_placement` are the details that belong to one placement and say nothing of the next.
    """

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
    version: str | None = None
    of_placement: frozenset[str] = frozenset()

    def members(self, role: str) -> tuple[str, ...]:
        """The roles that serve as `role`: itself, its members where it is a group, what it means."""
        return self._members.get(role, (role,))

    @cached_property
    def _members(self) -> Mapping[str, tuple[str, ...]]:
        return {
            role: (role, *word.members, *((word.means,) if word.means else ()))
            for role, word in self.roles.items()
        }

    @cached_property
    def serving(self) -> Mapping[str, frozenset[str]]:
        """For each role, every role as which somebody who holds it serves."""
        found: dict[str, set[str]] = {role: {role} for role in self.roles}
        for role, members in self._members.items():
            for member in members:
                found.setdefault(member, {member}).add(role)
        return {role: frozenset(names) for role, names in found.items()}

    @cached_property
    def parts(self) -> Mapping[str, Part]:
        """The parts of records that this protocol names, by name; the first of one name stands."""
        found: dict[str, Part] = {}
        for clause in self.clauses:
            for effect in clause.effects:
                if isinstance(effect, Record):
                    for part in effect.contains:
                        found.setdefault(part.name, part)
        return found

    def cited(self, clause: Clause) -> str:
        """Return how a clause is cited: by its printed number, or as a paragraph of this version."""
        if self.setting("cite", "printed") == "printed":
            return f"clause {clause.printed}"
        version = f" ({self.version})" if self.version else ""
        where = "paragraph" if clause.printed[:1].isdigit() else "part"
        return f"{where} {clause.printed}{version}"

    def setting(self, name: str, absent: object = None) -> object:
        """Return the value an authority chose for a setting that the engine reads itself."""
        return self.settings[name].value if name in self.settings else absent

    @cached_property
    def cut_off(self) -> time | None:
        """The time of day in London until which is done in time what is due; none for the day's end."""
        chosen = str(self.setting("due_by", END_OF_DAY))
        return None if chosen == END_OF_DAY else time.fromisoformat(chosen)

    @cached_property
    def rungs(self) -> Mapping[str, tuple[Rung, ...]]:
        """The rungs of the ladder that serves a clause or a sort of duty; the first one stands."""
        found: dict[str, tuple[Rung, ...]] = {}
        for ladder in self.ladders:
            for served in ladder.serves:
                found.setdefault(served, ladder.rungs)
        return found

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
