"""What of a file could not be read for its mistakes, so that nothing false is said of the rest.

Where a duty might be met, a process ended or a part offered by what could not be read, nothing is said.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.protocol_reading.file import SECTIONS
from chalicelib.protocol_reading.places import NAMED, entry_place, within


@dataclass(frozen=True, slots=True)
class Piece:
    """One table that has a mistake: the clause or example it belongs to, the sort of table, where it is."""

    entry: str
    key: str
    place: str
    value: object


@dataclass(frozen=True)
class Unread:
    """The mistakes of a file, and the tables in which they stand."""

    raw: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()

    def at(self, place: str) -> bool:
        """Say whether there is a mistake at a place or in it, or a section of its name misspelt."""
        return place in self.astray or any(within(each.field, place) for each in self.problems)

    def _wrong_at(self, place: str) -> bool:
        return any(each.field == place for each in self.problems)

    def meant(self, word: str) -> bool:
        """Say whether a mistake names a word: as what is wrong there, or as what was perhaps meant."""
        quoted = (repr(word), repr(f"${word}"))
        return any(said in each.expected for each in self.problems for said in quoted)

    def may_say(self, word: str) -> bool:
        """Say whether a clause might use a word where it could not be read."""
        return word in self._said or self._open or self.meant(word)

    def has(self, *keys: str) -> bool:
        """Say whether a table of one of these sorts could not be read, or one of a sort there is not."""
        return any(piece.key in keys or piece.key not in PIECES for piece in self.pieces)

    @cached_property
    def astray(self) -> Mapping[str, tuple[Any, ...]]:
        """What stands under a misspelt section, by the section that was perhaps meant."""
        found: dict[str, tuple[Any, ...]] = {}
        for name, value in self.raw.items():
            near = get_close_matches(name, SECTIONS, n=1) if name not in SECTIONS else []
            for section in near:
                listed = value if isinstance(value, list) else [value]
                found[section] = (*found.get(section, ()), *listed)
        return found

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The effects and exceptions with mistakes, and clauses that stand astray."""
        astray = (Piece("", "", "", each) for each in self.astray.get("clause", ()))
        return *astray, *(
            Piece(entry, key, place, value)
            for entry, clause in entries(self.raw, "clause")
            for key, each in clause.items()
            for place, value in _each(f"{entry}.{key}", each)
            # Of a clause whose id is another's nothing was read.
            if self.at(place) or self._wrong_at(f"{entry}.{key}") or self.at(f"{entry}.id")
        )

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """The ids of the clauses that could not be read whole."""
        found = (
            str(table.get("id", entry)) for entry, table in entries(self.raw, "clause") if self.at(entry)
        )
        return tuple(dict.fromkeys(found))

    @cached_property
    def examples(self) -> tuple[Mapping[str, Any], ...]:
        """The examples with mistakes, and those that stand astray."""
        astray = (each for each in self.astray.get("example", ()) if isinstance(each, Mapping))
        return *astray, *(table for entry, table in entries(self.raw, "example") if self.at(entry))

    def examples_say(self, word: str) -> bool:
        """Say whether an example that could not be read says a word, or perhaps meant it."""
        return any(word in texts(each) for each in self.examples) or (
            bool(self.examples) and self.meant(word)
        )

    @cached_property
    def _settings(self) -> Mapping[str, object]:
        return {str(table.get("id")): table.get("value") for _, table in entries(self.raw, "setting")}

    @cached_property
    def _said(self) -> frozenset[str]:
        said = {text for piece in self.pieces for text in texts({piece.key: piece.value})}
        while more := {
            text
            for name, value in self._settings.items()
            if f"${name}" in said
            for text in texts(value)
            if text not in said
        }:
            said |= more
        return frozenset(said)

    @cached_property
    def _open(self) -> bool:
        """Whether a setting is named that there is not: anything might have stood there."""
        return any(each.startswith("$") and each[1:] not in self._settings for each in self._said)


# The sorts of tables that a clause has.
PIECES = frozenset({"obligation", "guard", "people", "freeze", "halt", "record", "exception"})


def entries(raw: Mapping[str, Any], section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every table of a section, called as the reader calls it."""
    seen: Counter[str] = Counter()
    for where, value in _each(section, raw.get(section, [])):
        if isinstance(value, Mapping):
            yield entry_place(section, value.get(NAMED[section].key, where), seen), value


def texts(value: object) -> Iterator[str]:
    """Yield every text in a value, keys as well, and of `okafor/iro` the role."""
    if isinstance(value, str):
        yield value
        yield value.rpartition("/")[2]
    elif isinstance(value, Mapping):
        yield from value
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def _each(place: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield the tables of a list, or the one that stands for a list of one."""
    if isinstance(value, list):
        yield from ((f"{place}[{number}]", each) for number, each in enumerate(value))
    elif isinstance(value, Mapping):
        yield place, value
