"""Examples: what a reader checks before `core/rehearsal.py` runs them.

A misspelt key of an expectation would expect nothing, and the example would prove nothing.
"""

from collections.abc import Iterable
from dataclasses import fields

from chalicelib.core.case import Answer, State
from chalicelib.core.expecting import DUTY_KEYS
from chalicelib.core.facts import BY_KIND
from chalicelib.core.people import WHY_NOT
from chalicelib.core.protocol import Example
from chalicelib.core.spoken import spoken_day
from chalicelib.core.trace import RECORD_OPENED
from chalicelib.protocol_reading.reader import Reader, Table
from chalicelib.protocol_reading.vocabulary import PEOPLE, WORD_FIELDS

EXPECTED = (*sorted(DUTY_KEYS), "told", "answer", "offers", "none", "missing")
# What stands there is one of these, or the expectation could never be met.
CLOSED = {"state": tuple(State), "answer": (*Answer, "refused", "none")}
# What an example may say of a fact, beside its people and words.
PLAIN = (
    "at",
    "planned_for",
    "placement_id",
    "meeting_id",
    "process_id",
    "for_id",
    "replaces",
    "details",
    "exceptions",
    "because",
    "contents",
    "allocations",
)


def read_examples(reader: Reader, value: object, clauses: Iterable[str]) -> tuple[Example, ...]:
    """Return the sound examples of a file; `clauses` are the ids that it may expect something of."""
    ids = tuple(clauses)
    read = [(place, _example(reader, place, table, ids)) for place, table in reader.entries("example", value)]
    return tuple(example for place, example in read if reader.sound(place))


def _example(reader: Reader, at: str, table: Table, clauses: tuple[str, ...]) -> Example:
    reader.keys(at, table, ["name", "expect"], ["given", "propose", "today"])
    given = [each for _, each in _facts(reader, f"{at}.given", table.get("given", []))]
    proposed = [each for _, each in _facts(reader, f"{at}.propose", table.get("propose", []))]
    expected = list(reader.tables(f"{at}.expect", table.get("expect", [])))
    if not expected:
        reader.wrong(f"{at}.expect", "at least one expectation is expected")
    for place, each in expected:
        _check_expectation(reader, place, each, clauses)
    if "today" in table:
        _check_day(reader, f"{at}.today", table["today"])
    return Example(
        name=reader.text(f"{at}.name", table.get("name")),
        given=tuple(given),
        propose=proposed[0] if proposed else None,
        today=table.get("today"),
        expect=tuple(each for _, each in expected),
    )


def _facts(reader: Reader, at: str, value: object) -> list[tuple[str, Table]]:
    found = list(reader.tables(at, value))
    for place, table in found:
        _check_fact(reader, place, table)
    return found


def _check_fact(reader: Reader, at: str, table: Table) -> None:
    if table.get("fact") == RECORD_OPENED:
        reader.keys(at, table, ["fact", "on"], ["id"])
        _check_day(reader, f"{at}.on", table.get("on"))
        return
    kind = reader.known(f"{at}.fact", table.get("fact"), BY_KIND)
    fact = BY_KIND.get(kind)
    named = {each.name for each in fields(fact)} if fact else set(table)
    reader.keys(at, table, ["fact", "on"], ["id", *(named & {*PLAIN, *PEOPLE, *WORD_FIELDS})])
    for name in ("on", "planned_for"):
        if name in table:
            _check_day(reader, f"{at}.{name}", table[name])
    for name in WORD_FIELDS & table.keys():
        reader.all_known(f"{at}.{name}", table[name], reader.vocabulary.of_field(name))
    for name in PEOPLE & table.keys():
        _check_people(reader, f"{at}.{name}", table[name])
    for name, word in reader.table(f"{at}.details", table.get("details", {})).items():
        if reader.is_known(f"{at}.details.{name}", name, reader.vocabulary.details):
            reader.known(f"{at}.details.{name}", word, {"unknown", *reader.vocabulary.details[name]})
    for role in reader.table(f"{at}.allocations", table.get("allocations", {})):
        reader.roles(f"{at}.allocations", role)
    for part in reader.table(f"{at}.contents", table.get("contents", {})):
        if not part.startswith(WHY_NOT):
            reader.known(f"{at}.contents", part, reader.parts)


def _check_people(reader: Reader, at: str, value: object) -> None:
    """Check roles, each perhaps behind a person who holds it: `iro`, or `okafor/iro`."""
    for each in value if isinstance(value, list) else [value]:
        reader.roles(at, str(each).rpartition("/")[2])


def _check_expectation(reader: Reader, at: str, table: Table, clauses: tuple[str, ...]) -> None:
    reader.keys(at, table, ["clause"], EXPECTED)
    reader.known(f"{at}.clause", table.get("clause"), clauses)
    if not any(key in table for key in EXPECTED):
        reader.wrong(at, f"expected at least one of {', '.join(EXPECTED)}")
    for key, words in CLOSED.items():
        if key in table:
            reader.known(f"{at}.{key}", table[key], words)
    for key in ("halted", "none"):
        if key in table:
            reader.yes_or_no(f"{at}.{key}", table[key])
    if "due_on" in table:
        _check_day(reader, f"{at}.due_on", table["due_on"])
    if "owner" in table:
        reader.roles(f"{at}.owner", table["owner"])
    if "count" in table:
        reader.number(f"{at}.count", table["count"])
    if table.get("told"):
        reader.roles(f"{at}.told", table["told"])


def _check_day(reader: Reader, at: str, value: object) -> None:
    try:
        spoken_day(str(value))
    except ValueError as error:
        reader.wrong(at, f"expected a day such as 'Thu 2 Apr 2026': {error}")
