"""Facts that nothing can produce: a pattern that no fact can ever match."""

from collections.abc import Iterator
from dataclasses import fields

from chalicelib.core.effects import Part, People, Record
from chalicelib.core.facts import BY_KIND
from chalicelib.core.patterns import Has, Is, Pattern
from chalicelib.core.people import WHY_NOT
from workbench.design.logic import any_implied, compatible, contradictory, impossible
from workbench.findings import Finding
from workbench.written import PlacedPattern, Written

NEVER = "no fact can ever match this: its tests contradict each other"


def nothing_produces(written: Written) -> Iterator[Finding]:
    """Yield every pattern, and every test of an exception, that nothing can ever pass."""
    for clause in written.protocol.clauses:
        for way, place in written.ways(clause):
            if contradictory(way.when):
                yield Finding(f"{place}.when", NEVER)
    for placed in written.patterns:
        if impossible(placed.pattern):
            yield Finding(placed.place, NEVER)
            continue
        yield from _missing_parts(placed, written)
        yield from _words_not_offered(placed, written)


def _missing_parts(placed: PlacedPattern, written: Written) -> Iterator[Finding]:
    kind = BY_KIND[placed.pattern.fact]
    own = {each.name for each in fields(kind)}
    for test in placed.pattern.tests:
        for name in test.fields if isinstance(test, Has) else ():
            offered = name in own or name in _offered(placed.pattern, written)
            if not offered and not written.unread.may_say(name):
                yield Finding(
                    f"{placed.place}.has",
                    f"nothing offers the part {name!r} here: no record of such a fact contains it",
                )


def _offered(pattern: Pattern, written: Written) -> frozenset[str]:
    """Return the parts that records of such facts contain."""
    parts = {part.name for part in _parts(pattern, written)}
    for placed in written.all_of(People):
        if _any_compatible(pattern, placed.effect.of):
            parts.update(f"{WHY_NOT}{role}" for role in placed.effect.if_appropriate)
    return frozenset(parts)


def _parts(pattern: Pattern, written: Written) -> Iterator[Part]:
    for placed in written.all_of(Record):
        if _any_compatible(pattern, placed.effect.of):
            yield from placed.effect.contains


def _any_compatible(pattern: Pattern, others: tuple[Pattern, ...]) -> bool:
    return any(compatible(pattern, other) for other in others)


def _words_not_offered(placed: PlacedPattern, written: Written) -> Iterator[Finding]:
    """Yield tests for words that a record of such a fact doesn't let anybody choose.

    An incomplete fact triggers everything, so only what is to settle something is looked at.
    """
    if placed.key != "until":
        return
    chosen = {part.name: part.choose for part in _always(placed.pattern, written) if part.choose}
    for test in placed.pattern.tests:
        if isinstance(test, Is) and test.field in chosen and test.words.isdisjoint(chosen[test.field]):
            offered = ", ".join(chosen[test.field])
            yield Finding(f"{placed.place}.{test.field}", f"a record of it lets one choose only {offered}")


def _always(pattern: Pattern, written: Written) -> Iterator[Part]:
    """Yield the parts of records that every fact matching the pattern must carry."""
    for placed in written.all_of(Record):
        if any_implied(pattern, placed.effect.of):
            yield from placed.effect.contains
