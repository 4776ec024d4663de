"""What a clause does: its effects, and the ways past it (protocol language, section 4)."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.core.patterns import After, Due, Patterns, Test


class Force(StrEnum):
    """How strongly the text speaks; what may pass a tripped clause follows from it."""

    MUST = "must"
    SHOULD = "should"
    CONSIDER = "consider"
    MAY = "may"
    STATES = "states"


class Resume(StrEnum):
    """What becomes of a clock when a halt ends."""

    KEEP_REMAINING = "keep_remaining"
    RESTART = "restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A fact matching `when` opens it; one matching `until` meets it; `lapses` ends it unmet.

    With `each_year_on` (month and day) it opens on those days instead, on the authority's own
    record. A fact that would meet it earlier than `not_before` is flagged and doesn't.
    """

    when: Patterns
    owner: tuple[str, ...]
    until: Patterns
    each_year_on: tuple[tuple[int, int], ...] = ()
    due: Due | None = None
    not_before: After | None = None
    lapses: Patterns = ()
    joins: bool = False
    tell: tuple[str, ...] = ()
    basis: str = "clause"
    name: str = "obligation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The step in `before` needs one of `needs`; without any it is not to be done at all.

    What is needed counts only if it is no older than the latest fact matching `since`.
    """

    before: Patterns
    needs: Patterns = ()
    since: Patterns = ()
    tell: tuple[str, ...] = ()
    basis: str = "clause"
    name: str = "guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninvolved:
    """Nobody who was allocated, chaired, was present or acted before (`ways`).

    `across_child` looks at all of the child's cases, else at this one alone.
    """

    ways: tuple[str, ...]
    across_child: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who is to be in a field of such a fact: one of some, all of others.

    Each role of `if_appropriate` is there, or the fact carries the part `why_not_<role>`.
    """

    of: Patterns
    field: str
    one_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    if_appropriate: tuple[str, ...] = ()
    uninvolved: Uninvolved | None = None
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
class Halt:
    """While that process is open this protocol's clocks stand still."""

    process: str
    resume: Resume
    tell: tuple[str, ...] = ()
    basis: str = "clause"
    name: str = "halt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a record: a text, a date, a role, one of some words, or rows of columns.

    Rows `for_each` of a meeting's people have a column `who`. `fixed` is wording offered ready,
    in which `{meeting_on}` stands for the meeting's day.
    """

    name: str
    label: str | None = None
    type: str = "text"
    choose: tuple[str, ...] = ()
    rows: "tuple[Part, ...]" = ()
    for_each: str | None = None
    fixed: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What such a fact must carry before it is complete: an incomplete one settles nothing."""

    of: Patterns
    contains: tuple[Part, ...]
    tell: tuple[str, ...] = ()
    basis: str = "clause"
    name: str = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPast:
    """A way past the named clauses: by reason and, where named, approver and confirmation."""

    name: str
    to: tuple[str, ...]
    when: tuple[Test, ...] = ()
    approver: tuple[str, ...] = ()
    confirm: str | None = None


Effect = Obligation | Guard | People | Freeze | Halt | Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause: our id, its printed number, its force, our words for it, and what it does.

    `set_aside` are effects that a setting says do not apply here. `settings` names, for effects
    and ways past by their names, the settings whose values stand in them.
    """

    id: str
    printed: str
    force: Force
    text: str
    effects: tuple[Effect, ...] = ()
    set_aside: tuple[Effect, ...] = ()
    exceptions: tuple[WayPast, ...] = ()
    status: str | None = None
    note: str | None = None
    settings: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def settings_of(self, name: str) -> tuple[str, ...]:
        """Return the ids of the settings whose values stand in one effect, or in one way past."""
        return next((used for effect, used in self.settings if effect == name), ())
