"""A protocol and the tables that it was read from: what a check of its design looks at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from chalicelib.core.effects import Clause, Effect, Freeze, Guard, Halt, Obligation, People, Record, WayPast
from chalicelib.core.errors import Problem
from chalicelib.core.patterns import By, Earlier, Not, Pattern, Test
from chalicelib.core.protocol import Example, Protocol
from workbench.unread import Unread

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
    """One protocol as it is written down: what applies in it, the tables of its file, its mistakes.

    With mistakes the protocol is what could be read beside them.
    """

    protocol: Protocol
    raw: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()

    @cached_property
    def unread(self) -> Unread:
        """What could not be read."""
        return Unread(self.raw, self.problems)

    @cached_property
    def examples(self) -> Sequence[Example]:
        """Every example, also those with mistakes: what one is there to show, nobody has to add."""
        return (*self.protocol.examples, *(_example(table) for table in self.unread.examples))

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
        listed = self._table(clause).get(key, [])
        names = [
            each.get("name", key) if isinstance(each, Mapping) else key
            for each in (listed if isinstance(listed, list) else [listed])
        ]
        return f"clause {clause.id}.{key}[{names.index(effect.name)}]"

    def ways(self, clause: Clause) -> Iterator[tuple[WayPast, str]]:
        """Yield every exception of a clause that could be read, and where it stands."""
        listed = self._table(clause).get("exception", [])
        place = f"clause {clause.id}.exception"
        places = [f"{place}[{n}]" for n in range(len(listed))] if isinstance(listed, list) else [place]
        return zip(clause.exceptions, (each for each in places if not self.unread.at(each)), strict=False)

    def _table(self, clause: Clause) -> Mapping[str, Any]:
        return next((each for each in self.tables("clause") if each.get("id") == clause.id), {})

    def lists_role(self, role: str) -> bool:
        """Say whether a role is a word of the file's own."""
        words = self.raw.get("words")
        roles = words.get("roles") if isinstance(words, Mapping) else None
        return isinstance(roles, Mapping) and role in roles

    def tables(self, section: str) -> Sequence[Mapping[str, Any]]:
        """Return the tables of one section of the file."""
        found = self.raw.get(section, [])
        listed = found if isinstance(found, list) else [found]
        return [each for each in listed if isinstance(each, Mapping)]


def has_check(effect: Effect) -> bool:
    """Say whether an effect checks something, which an exception could pass."""
    if isinstance(effect, Obligation):
        return effect.not_before is not None
    return not isinstance(effect, Halt)


def _example(table: Mapping[str, Any]) -> Example:
    """Return an example with mistakes, as far as tables stand where tables belong."""

    def listed(key: str) -> tuple[Mapping[str, Any], ...]:
        value = table.get(key, [])
        return tuple(
            each for each in (value if isinstance(value, list) else [value]) if isinstance(each, Mapping)
        )

    proposed = listed("propose")
    return Example(
        name=str(table.get("name")),
        given=listed("given"),
        propose=proposed[0] if proposed else None,
        expect=listed("expect"),
    )


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
