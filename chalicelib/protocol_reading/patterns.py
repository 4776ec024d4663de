"""Patterns: a kind of fact and the tests that are asked of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields

from chalicelib.core.facts import BY_KIND
from chalicelib.core.patterns import Case, Earlier, Has, Is, Not, Only, Pattern, Patterns, Test
from chalicelib.protocol_reading.reader import MISSING, Reader, Table
from chalicelib.protocol_reading.vocabulary import PEOPLE, WORD_FIELDS

MEETING_CELLS = ("this", "previous")
# What is about a meeting can be tested on that meeting's fields.
ABOUT_MEETINGS = frozenset({"document_completed", "document_sent", "step_done"})
MEETING_FIELDS = frozenset({"meeting", "chair", "present", "invited"})


def read_patterns(reader: Reader, at: str, value: object) -> Patterns:
    """Return one pattern or a list meaning any of them; at least one is expected."""
    return _patterns(reader, at, value, grid=False)


def read_grids(reader: Reader, at: str, value: object) -> Patterns:
    """Return the patterns of an `until`, where alone `each` may stand."""
    return _patterns(reader, at, value, grid=True)


def read_tests(reader: Reader, at: str, table: Table, kind: str | None) -> tuple[Test, ...]:
    """Return the tests in a table; `kind` says which fields its fact has, none that any may."""
    found: list[Test] = []
    for key, value in table.items():
        place = f"{at}.{key}"
        form = FORMS.get(key)
        if form is not None:
            found.extend(form(reader, place, value, kind))
            continue
        if _is_field(reader, place, key, kind):
            found.append(Is(field=key, words=_words(reader, place, key, value)))
    return tuple(found)


def _patterns(reader: Reader, at: str, value: object, *, grid: bool) -> Patterns:
    if value is None or value == []:
        reader.wrong(at, "at least one pattern is expected")
        return ()
    return tuple(_pattern(reader, place, table, grid=grid) for place, table in reader.tables(at, value))


def _pattern(reader: Reader, at: str, table: Table, *, grid: bool) -> Pattern:
    if "fact" not in table:
        reader.lose(f"{at}.fact", MISSING)
    kind = reader.known(f"{at}.fact", table.get("fact"), BY_KIND)
    own = ("fact", "each") if grid else ("fact",)
    rest = {key: value for key, value in table.items() if key not in own}
    return Pattern(
        fact=kind,
        tests=read_tests(reader, at, rest, kind),
        each=tuple(_columns(reader, f"{at}.each", table["each"], kind)) if grid and "each" in table else (),
    )


def _columns(reader: Reader, at: str, value: object, kind: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    table = reader.table(at, value)
    if not table:
        reader.wrong(at, "at least one column is expected")
    for name, words in table.items():
        place = f"{at}.{name}"
        if name == "meeting":
            # A grid names meetings by their place in the story, for any fact that is about one.
            yield name, reader.all_known(place, words, MEETING_CELLS)
        elif reader.is_known(place, name, _own_fields(kind)):
            yield name, reader.all_known(place, words, reader.vocabulary.of_field(name))


def _own_fields(kind: str | None) -> frozenset[str]:
    """Return the fields of a kind that hold words or people; of every kind where none is named."""
    fact = BY_KIND.get(kind or "")
    named = {each.name for each in fields(fact)} if fact else PEOPLE | WORD_FIELDS
    return frozenset(named & (PEOPLE | WORD_FIELDS))


def _is_field(reader: Reader, at: str, name: str, kind: str | None) -> bool:
    meetings = MEETING_FIELDS if kind in ABOUT_MEETINGS else frozenset()
    return reader.is_known(at, name, _own_fields(kind) | meetings | FORMS.keys())


def _words(reader: Reader, at: str, name: str, value: object) -> frozenset[str]:
    return frozenset(reader.all_known(at, value, reader.vocabulary.of_field(name)))


def _not(reader: Reader, at: str, value: object, kind: str | None) -> Iterator[Test]:
    for place, table in reader.tables(at, value):
        yield Not(tests=read_tests(reader, place, table, kind))


def _only(reader: Reader, at: str, value: object, kind: str | None) -> Iterator[Test]:
    for name, words in reader.table(at, value).items():
        place = f"{at}.{name}"
        if _is_field(reader, place, name, kind):
            yield Only(field=name, words=_words(reader, place, name, words))


def _has(reader: Reader, at: str, value: object, kind: str | None) -> Iterator[Test]:
    fact = BY_KIND.get(kind or "")
    named = {each.name for each in fields(fact)} if fact else set()
    yield Has(fields=reader.all_known(at, value, named | reader.parts))


def _case(reader: Reader, at: str, value: object, _: str | None) -> Iterator[Test]:
    details = reader.vocabulary.details
    for name, words in reader.table(at, value).items():
        place = f"{at}.{name}"
        if reader.is_known(place, name, details):
            choices = {"unknown", *details[name]}
            yield Case(detail=name, words=frozenset(reader.all_known(place, words, choices)))


def _earlier(reader: Reader, at: str, value: object, _: str | None) -> Iterator[Test]:
    for place, table in reader.tables(at, value):
        reader.keys(place, table, ["pattern"], ["at_least", "within", "across"])
        within = reader.table(f"{place}.within", table.get("within", {}))
        if "within" in table:
            reader.keys(f"{place}.within", within, ["months"], ["inclusive"])
        if "across" in table:
            reader.known(f"{place}.across", table["across"], ["child"])
        yield Earlier(
            patterns=read_patterns(reader, f"{place}.pattern", table.get("pattern")),
            at_least=reader.number(f"{place}.at_least", table.get("at_least", 1)),
            within_months=reader.number(f"{place}.within.months", within["months"])
            if "months" in within
            else None,
            inclusive=reader.yes_or_no(f"{place}.within.inclusive", within.get("inclusive", True)),
            across_child="across" in table,
        )


Form = Callable[[Reader, str, object, str | None], Iterator[Test]]
FORMS: Mapping[str, Form] = {
    "not": _not,
    "only": _only,
    "has": _has,
    "case": _case,
    "earlier": _earlier,
}
