"""A protocol and the tables that it was read from: what a check of its design looks at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from chalicelib.core.effects import Clause, Effect, Freeze, Guard, Halt, Obligation, People, Record
from chalicelib.core.patterns import By, Earlier, Not, Pattern, Test
from chalicelib.core.protocol import Protocol

KEYS: Mapping[type[Effect], str] = {
    Obligation: "obligation",
    Guard: "guard",
    People: "people",
    Freeze: "freeze",
    Halt: "halt",
    Record: "record",
}


Effect_co = TypeVar("Effect_co", bound=Effect, covariant=True)
Kind = TypeVar("Kind", bound=Effect)


@dataclass(frozen=True, slots=True)
class Placed(Generic[Effect_co]):
    """An effect, its clause, and where in the file it stands (`clause TH-35.obligation[0]`)."""

    clause: Clause
    effect: Effect_co
    place: str


@dataclass(frozen=True, slots=True)
class PlacedPattern:
    """A pattern of an effect and where it stands; `key` says what for (`until`, `due.by`)."""

    of: Placed[Effect]
    key: str
    pattern: Pattern
    place: str


@dataclass(frozen=True)
class Written:
    """One protocol as it is written down: what applies in it, and the tables of its file."""

    protocol: Protocol
    raw: Mapping[str, Any]

    @cached_property
    def effects(self) -> Sequence[Placed[Effect]]:
        """Every effect that applies, in the order of the file."""
        return tuple(
            Placed(clause, effect, self._place(clause, effect))
            for clause in self.protocol.clauses
            for effect in clause.effects
        )

    def all_of(self, kind: type[Kind]) -> Iterator[Placed[Kind]]:
        """Yield every effect of one kind that applies."""
        return (cast("Placed[Kind]", each) for each in self.effects if isinstance(each.effect, kind))

    @cached_property
    def patterns(self) -> Sequence[PlacedPattern]:
        """Every pattern of every effect that applies; those within `earlier` as well."""
        return tuple(placed for effect in self.effects for placed in _patterns(effect))

    def _place(self, clause: Clause, effect: Effect) -> str:
        key = KEYS[type(effect)]
        table = next((each for each in self.tables("clause") if each.get("id") == clause.id), {})
        listed = table.get(key, [])
        names = [each.get("name", key) for each in (listed if isinstance(listed, list) else [listed])]
        return f"clause {clause.id}.{key}[{names.index(effect.name)}]"

    def tables(self, section: str) -> Sequence[Mapping[str, Any]]:
        """Return the tables of one section of the file."""
        found = self.raw.get(section, [])
        return found if isinstance(found, list) else [found]


def has_check(effect: Effect) -> bool:
    """Say whether an effect checks something, which an exception could pass."""
    if isinstance(effect, Obligation):
        return effect.not_before is not None
    return not isinstance(effect, Halt)


def _patterns(of: Placed[Effect]) -> Iterator[PlacedPattern]:
    for field in fields(of.effect):
        value = getattr(of.effect, field.name)
        key, patterns = (f"{field.name}.by", value.patterns) if isinstance(value, By) else (field.name, value)
        for number, each in enumerate(patterns if isinstance(patterns, tuple) else ()):
            if isinstance(each, Pattern):
                place = f"{of.place}.{key}[{number}]"
                yield PlacedPattern(of, key, each, place)
                for inner, where in within(each.tests, place):
                    yield PlacedPattern(of, key, inner, where)


def within(tests: Sequence[Test], place: str) -> Iterator[tuple[Pattern, str]]:
    """Yield the patterns that tests look back for, each with its place."""
    for test in tests:
        if isinstance(test, Not):
            yield from within(test.tests, f"{place}.not")
        if isinstance(test, Earlier):
            for number, each in enumerate(test.patterns):
                yield each, f"{place}.earlier.pattern[{number}]"
                yield from within(each.tests, f"{place}.earlier.pattern[{number}]")
