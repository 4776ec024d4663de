"""Clauses, the effects that they have, and the ways past them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.core.answers import REASON, SAFETY
from chalicelib.core.effects import (
    Clause,
    Effect,
    Force,
    Freeze,
    Guard,
    Halt,
    Obligation,
    People,
    Record,
    Resume,
    Uninvolved,
    WayPast,
)
from chalicelib.protocol_reading.dates import BASES, read_due, read_not_before, read_year_days
from chalicelib.protocol_reading.patterns import read_grids, read_patterns, read_tests
from chalicelib.protocol_reading.reader import Reader, Table
from chalicelib.protocol_reading.records import part_names, read_parts
from chalicelib.protocol_reading.vocabulary import PEOPLE

SHARED = ("name", "basis", "applies", "tell")
WAYS = ("allocated", "chair", "present", "by")
ACROSS = ("child", "case")
ASKED = ("one_of", "all_of", "if_appropriate")
# The keys that each must have, and those that it may have beside the shared ones.
KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "obligation": (("when", "owner", "until"), ("due", "not_before", "lapses", "joins")),
    "guard": (("before",), ("needs", "since")),
    "people": (("of", "field"), (*ASKED, "uninvolved")),
    "freeze": (("while",), ()),
    "halt": (("while", "resume"), ()),
    "record": (("of", "contains"), ()),
    "exception": (("name", "to"), ("when", "approver", "confirm")),
}
# Of every key the sort of table that has it, the first where several do.
BELONGS: Mapping[str, str] = {
    key: f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    for kind, keys in reversed(tuple(KEYS.items()))
    for key in (*keys[0], *keys[1])
    if key not in SHARED
}
EACH_YEAR = "each_year_on"


def read_clauses(reader: Reader, value: object) -> tuple[Clause, ...]:
    """Return every clause of a file that has an id of its own, each with the effects that are sound."""
    reader.parts = frozenset(part_names(value))
    entries = list(reader.entries("clause", value))
    reader.clauses = frozenset(table["id"] for _, table in entries if isinstance(table.get("id"), str))
    read = [(place, _clause(reader, place, table)) for place, table in entries]
    if not read:
        reader.wrong("clause", "at least one is expected")
    return tuple(clause for place, clause in read if reader.sound(f"{place}.id"))


def _clause(reader: Reader, at: str, table: Table) -> Clause:
    reader.keys(at, table, ["id", "printed", "force", "text"], ["status", "note", *KEYS], BELONGS)
    force = reader.known(f"{at}.force", table.get("force"), Force)
    settings = tuple(_settings(reader, table))
    # Settings first: what stands in their place is read as if it had been written here.
    table = {key: reader.put(f"{at}.{key}", value) for key, value in table.items()}
    read = tuple(_effects(reader, at, table))
    effects = tuple(effect for effect, applies in read if applies)
    set_aside = tuple(effect for effect, applies in read if not applies)
    exceptions = tuple(_exceptions(reader, f"{at}.exception", table.get("exception", [])))
    _check_acts(reader, at, table, force)
    return Clause(
        id=reader.text(f"{at}.id", table.get("id")),
        printed=reader.text(f"{at}.printed", table.get("printed")),
        force=Force(force) if force in list(Force) else Force.MUST,
        text=reader.text(f"{at}.text", table.get("text")),
        effects=effects,
        set_aside=set_aside,
        exceptions=exceptions,
        status=reader.text(f"{at}.status", table["status"]) if "status" in table else None,
        note=reader.text(f"{at}.note", table["note"]) if "note" in table else None,
        settings=settings,
    )


def _settings(reader: Reader, table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name of every effect and way past that names settings, and the settings."""
    for key in ("exception", *EFFECTS):
        written = table.get(key, [])
        for each in written if isinstance(written, list) else [written]:
            if used := tuple(reader.named_in(each)):
                name = each.get("name", key) if isinstance(each, Mapping) else key
                yield str(name), used


def _check_acts(reader: Reader, at: str, table: Table, force: str) -> None:
    """Refuse a clause that states and acts, and one that does nothing, also where its effects are wrong."""
    acts = any(table.get(key) for key in KEYS)
    if not acts and any(isinstance(each, list | Mapping) for each in table.values()):
        # Its effects stand under a key that isn't known, which is said there.
        return
    if force in list(Force) and acts == (force == Force.STATES):
        reader.wrong(at, "a clause that states has no effect, and every other has at least one")


def _effects(reader: Reader, at: str, table: Table) -> Iterator[tuple[Effect, bool]]:
    """Yield every effect that is sound, and whether it applies here.

    An effect's name is part of its duties' ids, so two alike would be one.
    """
    names: set[str] = set()
    for key, read in EFFECTS.items():
        for place, each in reader.tables(f"{at}.{key}", table.get(key, [])):
            effect = read(reader, place, each)
            applies = reader.yes_or_no(f"{place}.applies", each.get("applies", True))
            if effect.name in names:
                reader.wrong(place, f"two effects are called {effect.name!r}: give each a name of its own")
            names.add(effect.name)
            if reader.sound(place):
                yield effect, applies


def _keys(reader: Reader, at: str, table: Table, kind: str) -> None:
    required, optional = KEYS[kind]
    reader.keys(at, table, required, [*optional, *SHARED], BELONGS)


def _shared(reader: Reader, at: str, table: Table, name: str) -> dict[str, Any]:
    return {
        "name": reader.text(f"{at}.name", table.get("name", name)),
        "basis": reader.known(f"{at}.basis", table.get("basis", "clause"), BASES),
        "tell": reader.roles(f"{at}.tell", table["tell"]) if "tell" in table else (),
    }


def _obligation(reader: Reader, at: str, table: Table) -> Effect:
    _keys(reader, at, table, "obligation")
    when = table.get("when")
    yearly = when if isinstance(when, Mapping) and EACH_YEAR in when else None
    return Obligation(
        when=() if yearly else read_patterns(reader, f"{at}.when", when),
        each_year_on=read_year_days(reader, f"{at}.when", yearly) if yearly else (),
        owner=reader.roles(f"{at}.owner", table.get("owner", [])),
        until=read_grids(reader, f"{at}.until", table.get("until")),
        due=read_due(reader, f"{at}.due", table.get("due")),
        not_before=read_not_before(reader, f"{at}.not_before", table.get("not_before")),
        lapses=read_patterns(reader, f"{at}.lapses", table["lapses"]) if "lapses" in table else (),
        joins=reader.yes_or_no(f"{at}.joins", table.get("joins", False)),
        **_shared(reader, at, table, "obligation"),
    )


def _guard(reader: Reader, at: str, table: Table) -> Effect:
    _keys(reader, at, table, "guard")
    if "since" in table and "needs" not in table:
        reader.wrong(f"{at}.since", "only what is needed can be too old: `needs` is missing")
    return Guard(
        before=read_patterns(reader, f"{at}.before", table.get("before")),
        needs=read_patterns(reader, f"{at}.needs", table["needs"]) if "needs" in table else (),
        since=read_patterns(reader, f"{at}.since", table["since"]) if "since" in table else (),
        **_shared(reader, at, table, "guard"),
    )


def _people(reader: Reader, at: str, table: Table) -> Effect:
    _keys(reader, at, table, "people")
    if not any(name in table for name in (*ASKED, "uninvolved")):
        reader.wrong(at, f"expected at least one of {', '.join((*ASKED, 'uninvolved'))}")
    return People(
        of=read_patterns(reader, f"{at}.of", table.get("of")),
        field=reader.known(f"{at}.field", table.get("field"), PEOPLE),
        one_of=_roles(reader, at, table, "one_of"),
        all_of=_roles(reader, at, table, "all_of"),
        if_appropriate=_roles(reader, at, table, "if_appropriate"),
        uninvolved=_uninvolved(reader, f"{at}.uninvolved", table["uninvolved"])
        if "uninvolved" in table
        else None,
        **_shared(reader, at, table, "people"),
    )


def _roles(reader: Reader, at: str, table: Table, name: str) -> tuple[str, ...]:
    return reader.roles(f"{at}.{name}", table[name]) if name in table else ()


def _uninvolved(reader: Reader, at: str, value: object) -> Uninvolved:
    table = reader.table(at, value)
    reader.keys(at, table, ["ways", "across"], [])
    return Uninvolved(
        ways=reader.all_known(f"{at}.ways", table.get("ways", []), WAYS),
        across_child=reader.known(f"{at}.across", table.get("across"), ACROSS) == "child",
    )


def _freeze(reader: Reader, at: str, table: Table) -> Effect:
    _keys(reader, at, table, "freeze")
    return Freeze(
        process=reader.known(f"{at}.while", table.get("while"), reader.vocabulary.of_field("process")),
        **_shared(reader, at, table, "freeze"),
    )


def _halt(reader: Reader, at: str, table: Table) -> Effect:
    _keys(reader, at, table, "halt")
    resume = reader.known(f"{at}.resume", table.get("resume"), Resume)
    return Halt(
        process=reader.known(f"{at}.while", table.get("while"), reader.vocabulary.of_field("process")),
        resume=Resume(resume) if resume in list(Resume) else Resume.KEEP_REMAINING,
        **_shared(reader, at, table, "halt"),
    )


def _record(reader: Reader, at: str, table: Table) -> Effect:
    _keys(reader, at, table, "record")
    return Record(
        of=read_patterns(reader, f"{at}.of", table.get("of")),
        contains=read_parts(reader, f"{at}.contains", table.get("contains")),
        **_shared(reader, at, table, "record"),
    )


def _exceptions(reader: Reader, at: str, value: object) -> Iterator[WayPast]:
    """Yield every exception that is sound."""
    for place, table in reader.tables(at, value):
        way = _exception(reader, place, table)
        if reader.sound(place):
            yield way


def _exception(reader: Reader, at: str, table: Table) -> WayPast:
    reader.keys(at, table, *KEYS["exception"], BELONGS)
    name = reader.text(f"{at}.name", table.get("name"))
    if name in (SAFETY, REASON):
        reader.wrong(f"{at}.name", f"{name!r} is open past every clause that allows it: choose another name")
    targets = reader.all_known(f"{at}.to", table.get("to", []), reader.clauses)
    for target in targets:
        if (target, name) in reader.ways:
            reader.wrong(at, f"two exceptions to {target} have this name")
        reader.ways.add((target, name))
    tests = reader.tables(f"{at}.when", table.get("when", {}))
    return WayPast(
        name=name,
        to=targets,
        when=tuple(test for place, each in tests for test in read_tests(reader, place, each, None)),
        approver=reader.roles(f"{at}.approver", table["approver"]) if "approver" in table else (),
        confirm=reader.text(f"{at}.confirm", table["confirm"]) if "confirm" in table else None,
    )


EFFECTS: Mapping[str, Callable[[Reader, str, Table], Effect]] = {
    "obligation": _obligation,
    "guard": _guard,
    "people": _people,
    "freeze": _freeze,
    "halt": _halt,
    "record": _record,
}
