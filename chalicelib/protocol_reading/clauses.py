"""Clauses, the effects that they have, and the ways past them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.core.checks import REASON, SAFETY
from chalicelib.core.protocol import Clause, Effect, Force, Freeze, Guard, Obligation, People, WayPast
from chalicelib.protocol_reading.dates import BASES, read_due
from chalicelib.protocol_reading.patterns import read_grids, read_patterns, read_tests
from chalicelib.protocol_reading.reader import Reader, Table
from chalicelib.protocol_reading.vocabulary import PEOPLE

SHARED = ("name", "basis", "tell")


def read_clauses(reader: Reader, value: object) -> tuple[Clause, ...]:
    """Return every clause of a file."""
    clauses = tuple(
        _clause(reader, f"clause {table.get('id', place)}", table)
        for place, table in reader.tables("clause", value)
    )
    if not clauses:
        reader.wrong("clause", "at least one is expected")
    ids = Counter(clause.id for clause in clauses)
    for repeated in (each for each, times in ids.items() if times > 1):
        reader.wrong(f"clause {repeated}", "the id is used twice")
    _check_ways(reader, clauses)
    return clauses


def _clause(reader: Reader, at: str, table: Table) -> Clause:
    reader.keys(at, table, ["id", "printed", "force", "text"], ["status", "note", "exception", *EFFECTS])
    force = reader.known(f"{at}.force", table.get("force"), Force)
    # Settings first: what stands in their place is read as if it had been written here.
    table = {key: reader.put(f"{at}.{key}", value) for key, value in table.items()}
    effects = tuple(_effects(reader, at, table))
    exceptions = tuple(
        _exception(reader, place, each)
        for place, each in reader.tables(f"{at}.exception", table.get("exception", []))
    )
    if bool(effects or exceptions) == (force == Force.STATES):
        reader.wrong(at, "a clause that states has no effect, and every other has at least one")
    _check_names(reader, at, effects)
    return Clause(
        id=reader.text(f"{at}.id", table.get("id")),
        printed=reader.text(f"{at}.printed", table.get("printed")),
        force=Force(force) if force in list(Force) else Force.MUST,
        text=reader.text(f"{at}.text", table.get("text")),
        effects=effects,
        exceptions=exceptions,
    )


def _effects(reader: Reader, at: str, table: Table) -> Iterator[Effect]:
    for key, read in EFFECTS.items():
        for place, each in reader.tables(f"{at}.{key}", table.get(key, [])):
            yield read(reader, place, each)


def _check_names(reader: Reader, at: str, effects: Sequence[Effect]) -> None:
    """An effect's name is part of its duties' ids, so two alike would be one."""
    for name, times in Counter(effect.name for effect in effects).items():
        if times > 1:
            reader.wrong(at, f"two effects are called {name!r}: give each a name of its own")


def _shared(reader: Reader, at: str, table: Table, name: str) -> dict[str, Any]:
    return {
        "name": reader.text(f"{at}.name", table.get("name", name)),
        "basis": reader.known(f"{at}.basis", table.get("basis", "clause"), BASES),
        "tell": reader.roles(f"{at}.tell", table["tell"]) if "tell" in table else (),
    }


def _obligation(reader: Reader, at: str, table: Table) -> Effect:
    reader.keys(at, table, ["when", "owner", "until"], ["due", "lapses", "joins", *SHARED])
    return Obligation(
        when=read_patterns(reader, f"{at}.when", table.get("when")),
        owner=reader.roles(f"{at}.owner", table.get("owner", [])),
        until=read_grids(reader, f"{at}.until", table.get("until")),
        due=read_due(reader, f"{at}.due", table.get("due")),
        lapses=read_patterns(reader, f"{at}.lapses", table["lapses"]) if "lapses" in table else (),
        joins=reader.yes_or_no(f"{at}.joins", table.get("joins", False)),
        **_shared(reader, at, table, "obligation"),
    )


def _guard(reader: Reader, at: str, table: Table) -> Effect:
    reader.keys(at, table, ["before"], ["needs", *SHARED])
    return Guard(
        before=read_patterns(reader, f"{at}.before", table.get("before")),
        needs=read_patterns(reader, f"{at}.needs", table["needs"]) if "needs" in table else (),
        **_shared(reader, at, table, "guard"),
    )


def _people(reader: Reader, at: str, table: Table) -> Effect:
    reader.keys(at, table, ["of", "field", "one_of"], SHARED)
    return People(
        of=read_patterns(reader, f"{at}.of", table.get("of")),
        field=reader.known(f"{at}.field", table.get("field"), PEOPLE),
        one_of=reader.roles(f"{at}.one_of", table.get("one_of", [])),
        **_shared(reader, at, table, "people"),
    )


def _freeze(reader: Reader, at: str, table: Table) -> Effect:
    reader.keys(at, table, ["while"], SHARED)
    return Freeze(
        process=reader.known(f"{at}.while", table.get("while"), reader.vocabulary.of_field("process")),
        **_shared(reader, at, table, "freeze"),
    )


def _exception(reader: Reader, at: str, table: Table) -> WayPast:
    reader.keys(at, table, ["name", "to"], ["when", "approver", "confirm"])
    name = reader.text(f"{at}.name", table.get("name"))
    if name in (SAFETY, REASON):
        reader.wrong(f"{at}.name", f"{name!r} is open past every clause that allows it: choose another name")
    targets = table.get("to", [])
    tests = reader.tables(f"{at}.when", table.get("when", {}))
    return WayPast(
        name=name,
        to=tuple(str(each) for each in (targets if isinstance(targets, list) else [targets])),
        when=tuple(test for place, each in tests for test in read_tests(reader, place, each, None)),
        approver=reader.roles(f"{at}.approver", table["approver"]) if "approver" in table else (),
        confirm=reader.text(f"{at}.confirm", table["confirm"]) if "confirm" in table else None,
    )


def _check_ways(reader: Reader, clauses: Sequence[Clause]) -> None:
    """Refuse an exception to no clause of the file, and two of one name to one clause."""
    ids = [clause.id for clause in clauses]
    seen: set[tuple[str, str]] = set()
    for clause in clauses:
        for way in clause.exceptions:
            place = f"clause {clause.id}.exception {way.name}"
            reader.all_known(f"{place}.to", list(way.to), ids)
            for target in way.to:
                if (target, way.name) in seen:
                    reader.wrong(place, f"two exceptions to {target} have this name")
                seen.add((target, way.name))


EFFECTS: Mapping[str, Callable[[Reader, str, Table], Effect]] = {
    "obligation": _obligation,
    "guard": _guard,
    "people": _people,
    "freeze": _freeze,
}
