"""Reading one file's tables strictly, remembering everything that is wrong in them.

An unknown key is refused, because a misspelt `until` would be an obligation that nobody can ever
meet. Reading goes on after a mistake, so that all of them are found at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.protocol_reading.vocabulary import Vocabulary

Table = Mapping[str, Any]


@dataclass(slots=True)
class Reader:
    """Reads tables of one file with its words, its records' parts and the values its settings give."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    settings: Mapping[str, object] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, at: str, expected: str) -> None:
        """Remember one mistake."""
        self.problems.append(Problem(at, expected))

    def known(self, at: str, word: object, choices: Iterable[str]) -> str:
        """Return a word, which is to be one of the choices."""
        allowed = sorted(str(each) for each in choices)
        if not isinstance(word, str) or word not in allowed:
            near = get_close_matches(str(word), allowed, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            self.wrong(at, f"{word!r} is not known here{hint}")
        return str(word)

    def all_known(self, at: str, value: object, choices: Iterable[str]) -> tuple[str, ...]:
        """Return one word or a list of them, each one of the choices and at least one there."""
        allowed = tuple(choices)
        listed = value if isinstance(value, list) else [value]
        if not listed:
            self.wrong(at, "at least one is expected")
        return tuple(self.known(at, each, allowed) for each in listed)

    def keys(self, at: str, table: Table, required: Sequence[str], optional: Iterable[str]) -> None:
        """Refuse unknown keys and miss required ones."""
        allowed = [*required, *optional]
        for key in table:
            if key not in allowed:
                self.known(f"{at}.{key}", key, allowed)
        for key in required:
            if key not in table:
                self.wrong(f"{at}.{key}", "is missing")

    def table(self, at: str, value: object) -> Table:
        """Return one table."""
        if isinstance(value, Mapping):
            return value
        self.wrong(at, "a table is expected")
        return {}

    def tables(self, at: str, value: object) -> Iterator[tuple[str, Table]]:
        """Yield one table or a list of tables, each with its place."""
        for position, each in enumerate(value if isinstance(value, list) else [value]):
            place = f"{at}[{position}]" if isinstance(value, list) else at
            if isinstance(each, Mapping):
                yield place, each
            else:
                self.wrong(place, "a table is expected")

    def number(self, at: str, value: object) -> int:
        """Return a whole number from 1 up."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        self.wrong(at, "a whole number of 1 or more is expected")
        return 1

    def text(self, at: str, value: object) -> str:
        """Return a text that is not empty."""
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(at, "a text is expected")
        return ""

    def yes_or_no(self, at: str, value: object) -> bool:
        """Return true or false: a word such as "no" would count as true."""
        if not isinstance(value, bool):
            self.wrong(at, "true or false is expected")
        return value is True

    def roles(self, at: str, value: object) -> tuple[str, ...]:
        """Return one declared role or a list of them."""
        return self.all_known(at, value, self.vocabulary.roles)

    def put(self, at: str, value: object) -> object:
        """Return a value with settings in the place of their names (`"$dispute_days"`)."""
        return self._put(at, value, ())

    def named_in(self, value: object) -> Iterator[str]:
        """Yield the settings that are named in a value, and those named in theirs."""
        yield from dict.fromkeys(self._named_in(value, ()))

    def _named_in(self, value: object, inside: tuple[str, ...]) -> Iterator[str]:
        if isinstance(value, str) and value.startswith("$"):
            name = value[1:]
            if name in self.settings and name not in inside:
                yield name
                yield from self._named_in(self.settings[name], (*inside, name))
        elif isinstance(value, list | Mapping):
            for each in value.values() if isinstance(value, Mapping) else value:
                yield from self._named_in(each, inside)

    def _put(self, at: str, value: object, inside: tuple[str, ...]) -> object:
        if isinstance(value, str) and value.startswith("$"):
            name = value[1:]
            if name in inside:
                self.wrong(at, f"the setting {name!r} leads back to itself")
                return None
            if name not in self.settings:
                self.known(at, name, self.settings)
                return None
            return self._put(at, self.settings[name], (*inside, name))
        if isinstance(value, list):
            return [self._put(f"{at}[{number}]", each, inside) for number, each in enumerate(value)]
        if isinstance(value, Mapping):
            return {key: self._put(f"{at}.{key}", each, inside) for key, each in value.items()}
        return value
