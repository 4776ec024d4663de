"""Reading one file's tables strictly, remembering everything that is wrong in them.

An unknown key is refused, because a misspelt `until` would be an obligation that nobody can ever
meet. Reading goes on after a mistake, so that all of them are found at once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.core.working_days import MOST_DAYS
from chalicelib.protocol_reading.places import NAMED, entry_place, within
from chalicelib.protocol_reading.vocabulary import Vocabulary

Table = Mapping[str, Any]
MISSING = "is missing"


class _Unread:
    """Stands where a setting was named that has no value: its name is the mistake, and nothing else."""


UNREAD = _Unread()


@dataclass(slots=True)
class Reader:
    """Reads tables of one file with its words, its records' parts and the values its settings give.

    `clauses` are the ids of the file's clauses, `ways` the exceptions to each that were read already.
    `lost` are places of which all is said: whatever is found to be wrong there follows from that.
    """

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    settings: Mapping[str, object] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    clauses: frozenset[str] = frozenset()
    ways: set[tuple[str, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def wrong(self, at: str, expected: str) -> None:
        """Remember one mistake, unless it only follows from another at the same place."""
        if not any(within(at, place) for place in self.lost):
            self.problems.append(Problem(at, expected))

    def lose(self, at: str, expected: str) -> None:
        """Remember one mistake after which nothing more can be said of its place."""
        self.wrong(at, expected)
        self.lost.add(at)

    def sound(self, at: str) -> bool:
        """Say whether nothing was wrong at a place, nor anywhere in it, so far."""
        return not any(within(each.field, at) for each in self.problems)

    def known(self, at: str, word: object, choices: Iterable[str]) -> str:
        """Return a word, which is to be one of the choices."""
        self.is_known(at, word, choices)
        return str(word)

    def is_known(self, at: str, word: object, choices: Iterable[str]) -> bool:
        """Say whether a word is one of the choices, and remember the mistake where it isn't."""
        allowed = sorted(str(each) for each in choices)
        if word is UNREAD or (isinstance(word, str) and word in allowed):
            return word is not UNREAD
        near = get_close_matches(str(word), allowed, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        self.wrong(at, f"{word!r} is not known here{hint}")
        return False

    def all_known(self, at: str, value: object, choices: Iterable[str]) -> tuple[str, ...]:
        """Return one word or a list of them, each one of the choices and at least one there."""
        allowed = tuple(choices)
        listed = value if isinstance(value, list) else [value]
        if not listed:
            self.wrong(at, "at least one is expected")
        return tuple(self.known(at, each, allowed) for each in listed)

    def keys(
        self,
        at: str,
        table: Table,
        required: Sequence[str],
        optional: Iterable[str],
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        """Refuse unknown keys and miss required ones. `elsewhere` says of other keys what has them."""
        allowed = [str(each) for each in (*required, *optional)]
        absent = [key for key in required if key not in table]
        for key in table:
            if key not in allowed:
                # A required one that isn't there is the likeliest to be meant.
                near = get_close_matches(key, absent, n=1) or allowed
                hint = _hint(key, near, elsewhere or {})
                self.wrong(f"{at}.{key}", f"{key!r} is not known here{hint}")
        for key in absent:
            self.lose(f"{at}.{key}", MISSING)

    def entries(self, section: str, value: object) -> Iterator[tuple[str, Table]]:
        """Yield the tables of a section whose entries have names; one name is no two entries'."""
        seen: Counter[str] = Counter()
        key = NAMED[section].key
        for where, table in self.tables(section, value):
            place = entry_place(section, table.get(key, where), seen)
            if key in table and seen[str(table[key])] > 1:
                self.wrong(f"{place}.{key}", f"the {key} is used twice")
            yield place, table

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

    def number(self, at: str, value: object, most: int = MOST_DAYS) -> int:
        """Return a whole number from 1 to `most`."""
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
            return value
        self.wrong(at, f"a whole number from 1 to {most} is expected")
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
            if (wrong := self._without_value(name, inside)) is not None:
                self.lose(at, wrong)
                return UNREAD
            return self._put(at, self.settings[name], (*inside, name))
        if isinstance(value, list):
            return [self._put(f"{at}[{number}]", each, inside) for number, each in enumerate(value)]
        if isinstance(value, Mapping):
            return {key: self._put(f"{at}.{key}", each, inside) for key, each in value.items()}
        return value

    def _without_value(self, name: str, inside: tuple[str, ...]) -> str | None:
        """Return why nothing can stand for the name of a setting."""
        if name in inside:
            return f"the setting {name!r} leads back to itself"
        if name not in self.settings:
            near = get_close_matches(name, self.settings, n=1)
            hint = f"; did you mean '${near[0]}'?" if near else ""
            return f"there is no setting {name!r}{hint}"
        return f"the setting {name!r} has no value" if self.settings[name] is None else None


def meant(table: Table, key: str, keys: Iterable[str]) -> object:
    """Return what stands under a key, or under a misspelling of it: the words in it are not unknown too."""
    if key in table:
        return table[key]
    near = (each for each in table if each not in keys and get_close_matches(each, keys, n=1) == [key])
    return table.get(next(near, key), {})


def _hint(key: str, here: Sequence[str], elsewhere: Mapping[str, str]) -> str:
    """Return what may have been meant by an unknown key: one that belongs here, or to another table."""
    if key in elsewhere:
        return f"; it belongs to {elsewhere[key]}"
    near = get_close_matches(key, [*here, *elsewhere], n=1)
    if not near:
        return ""
    belongs = "" if near[0] in here else f", which belongs to {elsewhere[near[0]]}"
    return f"; did you mean {near[0]!r}{belongs}?"
