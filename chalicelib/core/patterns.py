"""What a clause asks of a fact, and when something is due: the tests, patterns and dates of the grammar.

Closed and typed: an authority adds words and clauses, never a form (protocol language, sections 3
and 5). A clause that these types cannot say gets a new form here with its own tests.
"""

from dataclasses import dataclass
from enum import StrEnum

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

    @property
    def counts_working_days(self) -> bool:
        """Whether closed days are left out of the count."""
        return self is Unit.WORKING_DAYS


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
