"""Reads one fact as an example writes it, and remembers whatever is wrong without repeating it."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from chalicelib.core.errors import Problem
from chalicelib.core.facts import BY_KIND
from chalicelib.core.people import WHY_NOT
from chalicelib.core.spoken import spoken_day
from chalicelib.core.trace import RECORD_OPENED
from chalicelib.meaning import EARLIEST, IDENTIFIER, MOST_ENTRIES, WORD
from chalicelib.protocol_reading.examples import PLAIN
from chalicelib.protocol_reading.vocabulary import PEOPLE, WORD_FIELDS
from chalicelib.stories.words import Words

Table = Mapping[str, object]

KINDS = frozenset({*BY_KIND, RECORD_OPENED})
PROPOSED = frozenset(kind for kind, model in BY_KIND.items() if model.may_be_proposed)
DAYS = ("on", "planned_for", "told_on")
NAMES = ("id", "placement_id", "meeting_id", "process_id", "for_id", "replaces")
ALL = frozenset({*PLAIN, *PEOPLE, *WORD_FIELDS})
CLAIM = frozenset({"name", "because", "approver", "confirmed"})
UNKNOWN = "unknown"
LATEST = date(2099, 12, 31)
LONGEST_NAME, LONGEST_TEXT, MOST_WORDS, MOST_ROWS = 64, 4000, 40, 100

A_DAY = "a day from 2000 to 2099, as in 2026-05-22 or Fri 22 May 2026, with the weekday that it was"
NO_SUCH_FIELD = "nothing: there is no such field"

_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One fact as it was written: its place in the story, its name, and its days as read."""

    at: str
    id: str
    table: Table
    days: Mapping[str, date]
    proposed: bool = False


@dataclass(slots=True)
class Reader:
    """Reads facts in the given words."""

    words: Words
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, at: str, expected: str) -> None:
        """Remember one mistake."""
        self.problems.append(Problem(at, expected))

    def proposal(self, at: str, value: object) -> Written:
        """Read a fact that somebody means to do."""
        kind = value.get("fact") if isinstance(value, Mapping) else None
        if isinstance(kind, str) and kind in KINDS:
            self._one_of(f"{at}.fact", kind, PROPOSED)
        return self.fact(at, value, "proposed", proposed=True)

    def fact(self, at: str, value: object, name: str, *, proposed: bool = False) -> Written:
        """Read one fact; `name` is its id where it gives none."""
        if not isinstance(value, Mapping):
            self.wrong(at, "an object")
            return Written(at=at, id=name, table={}, days={})
        table = {str(key): each for key, each in value.items() if each is not None}
        if "fact" not in table:
            self.wrong(f"{at}.fact", "a value: it is required")
        else:
            self._one_of(f"{at}.fact", table["fact"], KINDS)
        self._fields(at, table)
        days = {key: self.day(f"{at}.{key}", table[key]) for key in DAYS if key in table}
        if "on" not in table:
            self.wrong(f"{at}.on", "a value: it is required")
        named = table.pop("id", name)
        return Written(
            at=at,
            id=named if isinstance(named, str) else name,
            table={key: each for key, each in table.items() if key != "told_on"},
            days={key: on for key, on in days.items() if on is not None},
            proposed=proposed,
        )

    def day(self, at: str, value: object) -> date | None:
        """Read a day as people or machines write it."""
        try:
            read = _day(value)
        except ValueError:
            read = None
        if read is None or not EARLIEST <= read <= LATEST:
            self.wrong(at, A_DAY)
            return None
        return read

    # --- fields -------------------------------------------------------------------------

    def _fields(self, at: str, table: Table) -> None:
        kind = str(table.get("fact"))
        own = {each.name for each in fields(BY_KIND[kind])} if kind in BY_KIND else set()
        # Of a kind that is not known everything else is looked at all the same.
        known = set(ALL) if kind not in KINDS else own & ALL
        allowed = {"fact", "id", "on", "told_on", *known}
        for key, value in table.items():
            place = f"{at}.{key}" if _KEY.fullmatch(key) else f"{at}.?"
            if key not in allowed:
                self.wrong(place, NO_SUCH_FIELD)
            elif key not in DAYS and key != "fact":
                self._field(key, place, value)

    def _field(self, key: str, at: str, value: object) -> None:
        if key in NAMES:
            self._name(at, value)
        elif key in PEOPLE:
            for place, each in self._listed(at, value):
                self._seat(place, each)
        elif key in WORD_FIELDS:
            for place, each in self._listed(at, value):
                self._one_of(place, each, self.words.of_field(key))
        else:
            self._plain(key, at, value)

    def _plain(self, key: str, at: str, value: object) -> None:
        match key:
            case "at":
                if not (isinstance(value, str) and _TIME.fullmatch(value)):
                    self.wrong(at, "a time in London, as in 16:40")
            case "details":
                for place, name, word in self._entries(at, value, self.words.details):
                    self._one_of(place, word, {UNKNOWN, *self.words.of_field(name)})
            case "allocations":
                for place, _, person in self._entries(at, value, self.words.roles):
                    self._name(place, person)
            case "contents":
                self._contents(at, value)
            case "exceptions":
                for place, each in self._listed(at, value):
                    self._claim(place, each)
            case _:
                self._text(at, value)

    def _contents(self, at: str, value: object) -> None:
        reasons = {f"{WHY_NOT}{role}" for role in self.words.roles}
        for place, _, said in self._entries(at, value, {*self.words.parts, *reasons}):
            if isinstance(said, list):
                self._rows(place, said)
            elif not isinstance(said, date):
                self._text(place, said)

    def _rows(self, at: str, rows: list[object]) -> None:
        if len(rows) > MOST_ROWS:
            self.wrong(at, f"at most {MOST_ROWS} rows")
        for number, row in enumerate(rows[:MOST_ROWS]):
            cells = row.items() if isinstance(row, Mapping) else None
            if cells is None or not all(_KEY.fullmatch(str(key)) and _is_cell(each) for key, each in cells):
                self.wrong(f"{at}[{number}]", "an object of columns, each a text")

    def _claim(self, at: str, value: object) -> None:
        if not isinstance(value, Mapping) or not value.keys() <= CLAIM:
            self.wrong(at, f"an object of {', '.join(sorted(CLAIM))}")
            return
        if not (isinstance(value.get("name"), str) and WORD.fullmatch(value["name"])):
            self.wrong(f"{at}.name", "a name in small letters, digits and _")
        if "because" in value:
            self._text(f"{at}.because", value["because"])
        if "approver" in value:
            self._seat(f"{at}.approver", value["approver"])
        if not isinstance(value.get("confirmed", False), bool):
            self.wrong(f"{at}.confirmed", "true or false")

    # --- values -------------------------------------------------------------------------

    def _listed(self, at: str, value: object) -> Iterator[tuple[str, object]]:
        """Yield one value, or each of a list of them, with its place."""
        if not isinstance(value, list):
            yield at, value
        elif not 1 <= len(value) <= MOST_WORDS:
            self.wrong(at, f"from 1 to {MOST_WORDS} entries")
        else:
            yield from ((f"{at}[{number}]", each) for number, each in enumerate(value))

    def _entries(self, at: str, value: object, names: Collection[str]) -> Iterator[tuple[str, str, object]]:
        """Yield the entries of an object whose keys are known, each with its place."""
        if not isinstance(value, Mapping) or len(value) > MOST_ENTRIES:
            self.wrong(at, f"an object with at most {MOST_ENTRIES} entries")
            return
        for name, each in value.items():
            place = f"{at}.{name}" if _KEY.fullmatch(str(name)) else f"{at}.?"
            if name in names:
                yield place, name, each
            else:
                self.wrong(place, _one_of(names))

    def _one_of(self, at: str, value: object, choices: Collection[str]) -> bool:
        if isinstance(value, str) and value in choices:
            return True
        self.wrong(at, _one_of(choices))
        return False

    def _seat(self, at: str, value: object) -> None:
        """Check a role, perhaps behind a person who holds it: `iro`, or `okafor/iro`."""
        person, _, role = value.rpartition("/") if isinstance(value, str) else ("", "", "")
        if role not in self.words.roles or (person and not _is_name(person)):
            self.wrong(at, f"a role, or a person and a role as in okafor/iro; {_one_of(self.words.roles)}")

    def _name(self, at: str, value: object) -> None:
        if not (isinstance(value, str) and _is_name(value)):
            self.wrong(at, "an identifier: letters, digits and signs, without spaces")

    def _text(self, at: str, value: object) -> None:
        if not (isinstance(value, str) and len(value) <= LONGEST_TEXT):
            self.wrong(at, f"a text of at most {LONGEST_TEXT} characters")


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    return date.fromisoformat(value) if _ISO.fullmatch(value) else spoken_day(value)


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and IDENTIFIER.fullmatch(text) is not None


def _is_cell(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    return isinstance(value, int | date)


def _one_of(choices: Collection[str]) -> str:
    return f"one of {', '.join(sorted(choices))}"
