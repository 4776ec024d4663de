"""One protocol file's tables → a `Protocol`, or every mistake in it at once.

Settings are put in their places first (`"$dispute_days"`), then every table is read strictly: an
unknown key would otherwise be an obligation that nobody can ever meet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.core.facts import BY_KIND
from chalicelib.core.protocol import (
    After,
    AtOnce,
    By,
    Case,
    Clause,
    Due,
    Earlier,
    Effect,
    Example,
    Force,
    Freeze,
    Guard,
    Has,
    Is,
    Ladder,
    Not,
    Obligation,
    On,
    Only,
    Pattern,
    Patterns,
    People,
    Protocol,
    RoleWord,
    Rung,
    Setting,
    Test,
    Unit,
    Urgency,
    WayPast,
)
from chalicelib.core.working_days import Nation

Table = Mapping[str, Any]
Words = Mapping[str, Mapping[str, str]]

PEOPLE = frozenset({"by", "to", "chair", "present", "invited", "signed_by"})
WORD_FIELDS = frozenset(
    {"meeting", "document", "step", "decision", "process", "reasons", "outcome", "manner"}
)
BUILT_IN_ROLES = frozenset({"owner", "owner_manager"})
MEETING_CELLS = frozenset({"this", "previous"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that a file may use: roles, words by field, details by name."""

    roles: Mapping[str, RoleWord]
    words: Words
    details: Words


@dataclass(slots=True)
class Reader:
    """Reads tables of one file and remembers everything that was wrong in them."""

    vocabulary: Vocabulary
    settings: Mapping[str, Setting] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    # --- saying what is wrong ---------------------------------------------------------------

    def wrong(self, at: str, expected: str) -> None:
        """Remember one mistake."""
        self.problems.append(Problem(at, expected))

    def known(self, at: str, word: object, choices: object) -> str:
        """Return a word if it is one of the choices, else remember the mistake."""
        allowed = sorted(str(each) for each in choices)  # type: ignore[attr-defined]
        if isinstance(word, str) and word in allowed:
            return word
        near = get_close_matches(str(word), allowed, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        self.wrong(at, f"{word!r} is not known here{hint}")
        return str(word)

    def keys(self, at: str, table: Table, required: Sequence[str], optional: Sequence[str]) -> None:
        """Refuse unknown keys and miss required ones, all at once."""
        for key in table:
            if key not in required and key not in optional:
                self.known(f"{at}.{key}", key, [*required, *optional])
        for key in required:
            if key not in table:
                self.wrong(f"{at}.{key}", "is missing")

    def number(self, at: str, value: object) -> int:
        """Return a whole number from 1 up."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        self.wrong(at, "a whole number of 1 or more is expected")
        return 1

    def text(self, at: str, value: object) -> str:
        """Return a non-empty text."""
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(at, "a text is expected")
        return ""

    def tables(self, at: str, value: object) -> Iterator[tuple[str, Table]]:
        """Yield one table or a list of tables, each with its place."""
        for position, each in enumerate(value if isinstance(value, list) else [value]):
            place = f"{at}[{position}]" if isinstance(value, list) else at
            if isinstance(each, Mapping):
                yield place, each
            else:
                self.wrong(place, "a table is expected")

    def put(self, at: str, value: object) -> object:
        """Return a value with settings put in place of their names."""
        if isinstance(value, str) and value.startswith("$"):
            name = value[1:]
            self.used.add(name)
            if name not in self.settings:
                self.known(at, name, self.settings)
                return None
            return self.put(at, self.settings[name].value)
        if isinstance(value, list):
            return [self.put(at, each) for each in value]
        if isinstance(value, Mapping):
            return {key: self.put(f"{at}.{key}", each) for key, each in value.items()}
        return value

    # --- words ------------------------------------------------------------------------------

    def roles(self, at: str, value: object) -> tuple[str, ...]:
        """Return one role or a list of them."""
        named = value if isinstance(value, list) else [value]
        choices = BUILT_IN_ROLES | self.vocabulary.roles.keys()
        return tuple(self.known(at, each, choices) for each in named)

    def words(self, at: str, name: str, value: object) -> frozenset[str]:
        """Return the words of a test on one field, each declared."""
        named = value if isinstance(value, list) else [value]
        choices: object = self.vocabulary.roles
        if name not in PEOPLE:
            choices = self.vocabulary.words.get(name, {})
        return frozenset(self.known(at, each, choices) for each in named)

    # --- patterns and tests -----------------------------------------------------------------

    def patterns(self, at: str, value: object) -> Patterns:
        """Return one pattern or a list meaning any of them."""
        return tuple(self._pattern(place, table) for place, table in self.tables(at, value))

    def _pattern(self, at: str, table: Table) -> Pattern:
        kind = self.known(f"{at}.fact", table.get("fact"), BY_KIND)
        rest = {key: value for key, value in table.items() if key not in ("fact", "each")}
        return Pattern(
            fact=kind,
            tests=self.tests(at, rest, kind),
            each=self._each(f"{at}.each", table["each"]) if "each" in table else (),
        )

    def _each(self, at: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
        columns: list[tuple[str, tuple[str, ...]]] = []
        for place, table in self.tables(at, value):
            for name, words in table.items():
                listed = words if isinstance(words, list) else [words]
                choices: object = self.vocabulary.words.get(name, {})
                if name in PEOPLE:
                    choices = self.vocabulary.roles
                elif name == "meeting":
                    choices = MEETING_CELLS
                known = tuple(self.known(f"{place}.{name}", word, choices) for word in listed)
                columns.append((name, known))
        return tuple(columns)

    def tests(self, at: str, table: Table, kind: str | None) -> tuple[Test, ...]:
        """Return the tests of a pattern; `kind` says which fields its fact has."""
        found: list[Test] = []
        for key, value in table.items():
            place = f"{at}.{key}"
            reader = FORMS.get(key)
            if reader is not None:
                found.extend(reader(self, place, value, kind))
            else:
                found.append(self._is(place, key, value, kind))
        return tuple(found)

    def _is(self, at: str, name: str, value: object, kind: str | None) -> Is:
        self._field_of(at, name, kind)
        return Is(field=name, words=self.words(at, name, value))

    def _field_of(self, at: str, name: str, kind: str | None) -> None:
        fact = BY_KIND.get(kind or "")
        names = {each.name for each in fields(fact)} if fact else PEOPLE | WORD_FIELDS
        self.known(at, name, names & (PEOPLE | WORD_FIELDS) | FORMS.keys())

    def _not(self, at: str, value: object, kind: str | None) -> Iterator[Test]:
        for place, table in self.tables(at, value):
            yield Not(tests=self.tests(place, table, kind))

    def _only(self, at: str, value: object, kind: str | None) -> Iterator[Test]:
        for place, table in self.tables(at, value):
            for name, words in table.items():
                self._field_of(f"{place}.{name}", name, kind)
                yield Only(field=name, words=self.words(f"{place}.{name}", name, words))

    def _has(self, at: str, value: object, _: str | None) -> Iterator[Test]:
        named = value if isinstance(value, list) else [value]
        yield Has(fields=tuple(self.text(at, each) for each in named))

    def _case(self, at: str, value: object, _: str | None) -> Iterator[Test]:
        for place, table in self.tables(at, value):
            for name, words in table.items():
                where = f"{place}.{name}"
                self.known(where, name, self.vocabulary.details)
                choices = {"unknown", *self.vocabulary.details.get(name, {})}
                listed = words if isinstance(words, list) else [words]
                known = frozenset(self.known(where, each, choices) for each in listed)
                yield Case(detail=name, words=known)

    def _earlier(self, at: str, value: object, _: str | None) -> Iterator[Test]:
        for place, table in self.tables(at, value):
            options = ("at_least", "within", "across")
            self.keys(place, table, ["pattern"], options)
            within = table.get("within", {})
            self.keys(f"{place}.within", within, [], ["months", "inclusive"])
            months = within.get("months")
            yield Earlier(
                patterns=self.patterns(f"{place}.pattern", table.get("pattern")),
                at_least=self.number(f"{place}.at_least", table.get("at_least", 1)),
                within_months=self.number(f"{place}.within.months", months) if months else None,
                inclusive=bool(within.get("inclusive", True)),
                across_child=table.get("across") == "child",
            )

    # --- dates ------------------------------------------------------------------------------

    def due(self, at: str, value: object) -> Due | None:
        """Return one of the forms of date; absent means no limit."""
        if value is None:
            return None
        if value == "at_once":
            return AtOnce()
        if not isinstance(value, Mapping):
            self.wrong(at, 'expected "at_once" or a table with its unit')
            return None
        if "on" in value:
            self.keys(at, value, ["on"], [])
            return On(field=self.known(f"{at}.on", value["on"], ["planned_for"]))
        if "by" in value:
            self.keys(at, value, ["by"], [])
            return By(patterns=self.patterns(f"{at}.by", value["by"]))
        units = [unit for unit in Unit if unit in value]
        if len(units) != 1:
            self.wrong(at, f"expected exactly one of {', '.join(Unit)}")
            return None
        self.keys(at, value, [units[0]], ["basis", "source"])
        if value[units[0]] == "none":
            return None
        return After(
            count=self.number(f"{at}.{units[0]}", value[units[0]]),
            unit=units[0],
            basis=self.known(f"{at}.basis", value.get("basis", "clause"), BASES),
            source=value.get("source"),
        )

    # --- clauses ----------------------------------------------------------------------------

    def clause(self, at: str, table: Table) -> Clause:
        """Return one clause with everything that it does."""
        required = ["id", "printed", "force", "text"]
        self.keys(at, table, required, ["status", "note", "exception", *EFFECTS])
        force = self.known(f"{at}.force", table.get("force"), Force)
        effects = tuple(self._effects(at, table))
        exceptions = tuple(
            self._exception(place, each)
            for place, each in self.tables(f"{at}.exception", table.get("exception", []))
        )
        if bool(effects or exceptions) == (force == Force.STATES):
            self.wrong(at, "a clause that states has no effect, and every other has at least one")
        self._names_apart(at, effects)
        return Clause(
            id=self.text(f"{at}.id", table.get("id")),
            printed=self.text(f"{at}.printed", table.get("printed")),
            force=Force(force) if force in list(Force) else Force.MUST,
            text=self.text(f"{at}.text", table.get("text")),
            effects=effects,
            exceptions=exceptions,
        )

    def _effects(self, at: str, table: Table) -> Iterator[Effect]:
        for key, read in EFFECTS.items():
            for place, each in self.tables(f"{at}.{key}", table.get(key, [])):
                yield read(self, place, each)

    def _names_apart(self, at: str, effects: Sequence[Effect]) -> None:
        names = [effect.name for effect in effects]
        for name in {name for name in names if names.count(name) > 1}:
            self.wrong(at, f"two effects are called {name!r}: give each a name of its own")

    def _shared(self, at: str, table: Table, name: str) -> dict[str, Any]:
        return {
            "name": table.get("name", name),
            "basis": self.known(f"{at}.basis", table.get("basis", "clause"), BASES),
            "tell": self.roles(f"{at}.tell", self.put(at, table.get("tell", []))),
        }

    def _obligation(self, at: str, table: Table) -> Effect:
        self.keys(at, table, ["when", "owner", "until"], ["due", "lapses", "joins", *SHARED])
        return Obligation(
            when=self.patterns(f"{at}.when", self.put(at, table.get("when", []))),
            owner=self.roles(f"{at}.owner", self.put(at, table.get("owner", []))),
            until=self.patterns(f"{at}.until", self.put(at, table.get("until", []))),
            due=self.due(f"{at}.due", self.put(at, table.get("due"))),
            lapses=self.patterns(f"{at}.lapses", self.put(at, table.get("lapses", []))),
            joins=bool(table.get("joins", False)),
            **self._shared(at, table, "obligation"),
        )

    def _guard(self, at: str, table: Table) -> Effect:
        self.keys(at, table, ["before"], ["needs", *SHARED])
        return Guard(
            before=self.patterns(f"{at}.before", self.put(at, table.get("before", []))),
            needs=self.patterns(f"{at}.needs", self.put(at, table.get("needs", []))),
            **self._shared(at, table, "guard"),
        )

    def _people(self, at: str, table: Table) -> Effect:
        self.keys(at, table, ["of", "field", "one_of"], list(SHARED))
        return People(
            of=self.patterns(f"{at}.of", self.put(at, table.get("of", []))),
            field=self.known(f"{at}.field", table.get("field"), PEOPLE),
            one_of=self.roles(f"{at}.one_of", self.put(at, table.get("one_of", []))),
            **self._shared(at, table, "people"),
        )

    def _freeze(self, at: str, table: Table) -> Effect:
        self.keys(at, table, ["while"], list(SHARED))
        processes = self.vocabulary.words.get("process", {})
        return Freeze(
            process=self.known(f"{at}.while", table.get("while"), processes),
            **self._shared(at, table, "freeze"),
        )

    def _exception(self, at: str, table: Table) -> WayPast:
        self.keys(at, table, ["name", "to"], ["when", "approver", "confirm"])
        when = self.put(at, table.get("when", {}))
        targets = table.get("to", [])
        return WayPast(
            name=self.text(f"{at}.name", table.get("name")),
            to=tuple(targets if isinstance(targets, list) else [targets]),
            when=tuple(
                test for place, each in self.tables(at, when) for test in self.tests(place, each, None)
            ),
            approver=self.roles(f"{at}.approver", self.put(at, table.get("approver", []))),
            confirm=table.get("confirm"),
        )

    # --- ladders, settings, examples --------------------------------------------------------

    def ladder(self, at: str, table: Table) -> Ladder:
        """Return one ladder: which duties it serves and its rungs."""
        self.keys(at, table, ["for", "basis", "rungs"], [])
        if table.get("basis") != "local_policy":
            self.wrong(f"{at}.basis", "a ladder is always local_policy")
        serves = table.get("for", [])
        rungs = self.tables(f"{at}.rungs", table.get("rungs", []))
        return Ladder(
            serves=tuple(serves if isinstance(serves, list) else [serves]),
            rungs=tuple(self._rung(place, each) for place, each in rungs),
        )

    def _rung(self, at: str, table: Table) -> Rung:
        moments = ("at", "before_due", "after_due", "open_for")
        self.keys(at, table, ["tell"], [*moments, "urgency", "repeat"])
        if sum(moment in table for moment in moments) != 1:
            self.wrong(at, f"expected exactly one of {', '.join(moments)}")
        if "at" in table:
            self.known(f"{at}.at", table["at"], ["opened"])
        urgency = self.known(f"{at}.urgency", table.get("urgency", Urgency.TODAY), Urgency)
        return Rung(
            tell=self.roles(f"{at}.tell", table.get("tell", [])),
            urgency=Urgency(urgency) if urgency in list(Urgency) else Urgency.TODAY,
            opened="at" in table,
            before_due_days=self._of_unit(at, table, "before_due", "working_days"),
            after_due_days=self._of_unit(at, table, "after_due", "working_days"),
            open_for_hours=self._of_unit(at, table, "open_for", "hours"),
            repeat_days=self._of_unit(at, table, "repeat", "working_days"),
        )

    def _of_unit(self, at: str, table: Table, key: str, unit: str) -> int | None:
        if key not in table:
            return None
        value = table[key]
        if not isinstance(value, Mapping) or set(value) != {unit}:
            self.wrong(f"{at}.{key}", f"expected {{ {unit} = … }}")
            return None
        return self.number(f"{at}.{key}.{unit}", value[unit])

    def setting(self, at: str, table: Table) -> Setting:
        """Return one setting; where it is said that it isn't used here, its value is none."""
        self.keys(at, table, ["id", "why"], ["silence", "value", "not_here"])
        return Setting(
            id=self.text(f"{at}.id", table.get("id")),
            silence=table.get("silence"),
            value=table.get("value"),
            why=self.text(f"{at}.why", table.get("why")),
        )

    def example(self, at: str, table: Table) -> Example:
        """Return one example; `core/rehearsal.py` reads its facts."""
        self.keys(at, table, ["name", "expect"], ["given", "propose", "today"])
        return Example(
            name=self.text(f"{at}.name", table.get("name")),
            given=tuple(table.get("given", [])),
            propose=table.get("propose"),
            today=table.get("today"),
            expect=tuple(table.get("expect", [])),
        )


SHARED = ("name", "basis", "tell")
BASES = ("clause", "local_policy")

EFFECTS: Mapping[str, Callable[[Reader, str, Table], Effect]] = {
    "obligation": Reader._obligation,
    "guard": Reader._guard,
    "people": Reader._people,
    "freeze": Reader._freeze,
}
FORMS: Mapping[str, Callable[[Reader, str, object, str | None], Iterator[Test]]] = {
    "not": Reader._not,
    "only": Reader._only,
    "has": Reader._has,
    "case": Reader._case,
    "earlier": Reader._earlier,
}


def read_protocol(raw: Table, vocabulary: Vocabulary) -> tuple[Protocol | None, list[Problem]]:
    """Return the protocol that a file's tables make, or none, and every mistake in them."""
    first = Reader(vocabulary)
    sections = ("setting", "ladder", "clause", "example", "words", "closure_days")
    first.keys("file", raw, ["protocol", "clause"], sections)
    settings = {
        setting.id: setting
        for place, table in first.tables("setting", raw.get("setting", []))
        for setting in [first.setting(place, table)]
    }
    reader = Reader(vocabulary, settings, problems=first.problems)
    head = raw.get("protocol", {})
    reader.keys("protocol", head, ["id", "title", "source", "in_force_from", "nation"], [])
    clauses = tuple(
        reader.clause(f"clause {table.get('id', place)}", table)
        for place, table in reader.tables("clause", raw.get("clause", []))
    )
    _check_ids(reader, clauses)
    ladders = tuple(
        reader.ladder(place, table) for place, table in reader.tables("ladder", raw.get("ladder", []))
    )
    examples = tuple(
        reader.example(f"example {table.get('name', place)!r}", table)
        for place, table in reader.tables("example", raw.get("example", []))
    )
    nation = reader.known("protocol.nation", head.get("nation"), Nation)
    if not isinstance(head.get("in_force_from"), date):
        reader.wrong("protocol.in_force_from", "a date is expected")
    if reader.problems:
        return None, reader.problems
    return (
        Protocol(
            id=reader.text("protocol.id", head["id"]),
            title=reader.text("protocol.title", head["title"]),
            source=reader.text("protocol.source", head["source"]),
            in_force_from=head["in_force_from"],
            nation=Nation(nation),
            clauses=clauses,
            ladders=ladders,
            settings=settings,
            roles=vocabulary.roles,
            words={**vocabulary.words, **vocabulary.details},
            examples=examples,
        ),
        [],
    )


def _check_ids(reader: Reader, clauses: Sequence[Clause]) -> None:
    """Refuse an id that is given twice and an exception to a clause that is not there."""
    ids = [clause.id for clause in clauses]
    for repeated in {each for each in ids if ids.count(each) > 1}:
        reader.wrong(f"clause {repeated}", "the id is used twice")
    for clause in clauses:
        for exception in clause.exceptions:
            for target in exception.to:
                reader.known(f"clause {clause.id}.exception.to", target, ids)
