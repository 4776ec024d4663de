"""Near misses: the fact that only just isn't one, without which an example proves little."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from chalicelib.core.dates import add_months
from chalicelib.core.effects import Obligation, WayPast
from chalicelib.core.patterns import Earlier, Not, Only, Pattern, Test
from chalicelib.core.protocol import Example
from chalicelib.core.spoken import spoken_day
from workbench.design.examples import Expected, facts_of
from workbench.findings import Finding, warning
from workbench.written import Written

REFUSED = frozenset({"refused", "breach"})
NEAR = timedelta(days=31)


def exceptions_not_shown(written: Written) -> Iterator[Finding]:
    """Yield every exception that no example passes by, or that none is refused although it is claimed."""
    for clause in written.protocol.clauses:
        for way, place in written.ways(clause):
            if written.unread.examples_say(way.name):
                continue
            answers = set(_answers(way, written.examples))
            if "excepted" not in answers:
                yield Finding(place, f"no example passes by the exception {way.name!r}")
            elif (way.when or way.approver or way.confirm) and answers.isdisjoint(REFUSED):
                yield warning(
                    place, f"no near miss: an example that claims {way.name!r} and is refused nevertheless"
                )


def only_not_missed(written: Written) -> Iterator[Finding]:
    """Yield every `only` for which no example has the one word and another beside it."""
    facts = [fact for example in written.examples for fact in facts_of(example)]
    for test, kind, place in _onlies(written):
        if any(written.unread.examples_say(word) for word in test.words):
            continue
        if not any(_one_and_another(test, fact) for fact in facts if kind in (None, fact.get("fact"))):
            words = " or ".join(sorted(test.words))
            yield warning(place, f"no near miss: an example with {test.field} {words} and another beside it")


def not_before_not_missed(written: Written) -> Iterator[Finding]:
    """Yield every `not_before` for which no example comes too early."""
    for placed in written.all_of(Obligation):
        if placed.effect.not_before and not _answered(placed.clause.id, written):
            yield warning(
                f"{placed.place}.not_before", "no near miss: an example that comes too early and is flagged"
            )


def within_not_missed(written: Written) -> Iterator[Finding]:
    """Yield every `within` for which no example is just out of time."""
    seen = set()
    for placed in written.patterns:
        for test in _flat(placed.pattern.tests):
            clause = placed.of.clause.id
            if not isinstance(test, Earlier) or not test.within_months or (clause, test) in seen:
                continue
            seen.add((clause, test))
            if written.unread.examples_say(clause):
                continue
            if not any(
                _just_out(test, placed.pattern, each)
                for each in written.examples
                if any(wanted.get("clause") == clause and wanted.get("none") for wanted in each.expect)
            ):
                yield warning(
                    f"{placed.place}.earlier.within",
                    f"no near miss: an example just over {test.within_months} months that expects none of"
                    f" {clause}",
                )


def _answers(way: WayPast, examples: Sequence[Example]) -> Iterator[str]:
    """Yield how examples that claim an exception are answered by the clauses that it is to pass."""
    for example in examples:
        if any(way.name == claim.get("name") for fact in facts_of(example) for claim in _claims(fact)):
            for expected in example.expect:
                if expected.get("clause") in way.to and "answer" in expected:
                    yield str(expected["answer"])


def _claims(fact: Expected) -> Sequence[Expected]:
    claimed = fact.get("exceptions", [])
    return claimed if isinstance(claimed, list) else []


def _answered(clause: str, written: Written) -> bool:
    return written.unread.examples_say(clause) or any(
        expected.get("clause") == clause and expected.get("answer") in REFUSED
        for example in written.examples
        for expected in example.expect
    )


def _onlies(written: Written) -> Iterator[tuple[Only, str | None, str]]:
    """Yield every `only`, once for each kind of fact, with where it stands."""
    seen = set()
    asked = [(each.pattern.tests, each.pattern.fact, each.place) for each in written.patterns]
    ways: list[tuple[tuple[Test, ...], str | None, str]] = [
        (way.when, None, f"{place}.when")
        for clause in written.protocol.clauses
        for way, place in written.ways(clause)
    ]
    for tests, kind, place in (*asked, *ways):
        for test in _flat(tests):
            if isinstance(test, Only) and (test, kind) not in seen:
                seen.add((test, kind))
                yield test, kind, place


def _flat(tests: tuple[Test, ...]) -> Iterator[Test]:
    for test in tests:
        yield test
        if isinstance(test, Not):
            yield from _flat(test.tests)


def _one_and_another(test: Only, fact: Expected) -> bool:
    value = fact.get(test.field, [])
    words = set(value if isinstance(value, list) else [value])
    return not words.isdisjoint(test.words) and not words <= test.words


def _just_out(test: Earlier, pattern: Pattern, example: Example) -> bool:
    """Say whether an example has two such facts, the second just after the time has run out."""
    kinds = {each.fact for each in test.patterns}
    facts = list(facts_of(example))
    firsts = [day for fact in facts if fact.get("fact") in kinds and (day := _day(fact))]
    seconds = [day for fact in facts if fact.get("fact") == pattern.fact and (day := _day(fact))]
    for first in firsts:
        end = add_months(first, test.within_months or 0)
        out = end + timedelta(days=1) if test.inclusive else end
        if any(out <= second <= out + NEAR for second in seconds):
            return True
    return False


def _day(fact: Expected) -> date | None:
    """Return the day of a fact; none where it has a mistake."""
    try:
        return spoken_day(str(fact.get("on")))
    except ValueError:
        return None
