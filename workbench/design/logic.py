"""What follows from the tests of patterns alone: can both hold of one fact, does one imply the other?

Nothing is guessed: where the tests do not decide it, two patterns may both hold and neither implies
the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from chalicelib.core.patterns import Case, Earlier, Has, Is, Not, Only, Pattern, Patterns, Test

# A fact holds one word in each of these; in all other fields it may hold several.
ONE_WORD = frozenset({"meeting", "document", "step", "decision", "process", "outcome", "manner"})


def impossible(pattern: Pattern) -> bool:
    """Say whether no fact can ever match, because its tests contradict each other."""
    return contradictory(pattern.tests)


def contradictory(tests: Sequence[Test]) -> bool:
    """Say whether tests can never all hold."""
    return any(_clash(one, other) or _clash(other, one) for one, other in combinations(tests, 2)) or any(
        isinstance(test, Earlier) and all(impossible(each) for each in test.patterns) for test in tests
    )


def compatible(one: Pattern, other: Pattern) -> bool:
    """Say whether one fact could match both."""
    return one.fact == other.fact and not contradictory((*one.tests, *other.tests))


def implies(one: Pattern, other: Pattern) -> bool:
    """Say whether every fact that matches the one also matches the other."""
    return one.fact == other.fact and all(_implied(test, one.tests) for test in other.tests)


def any_implied(one: Pattern, others: Patterns) -> bool:
    """Say whether a fact that matches the one also matches some of the others."""
    return any(implies(one, other) for other in others)


def denied(tests: Iterable[Test]) -> Iterator[Test]:
    """Yield the tests that must not hold."""
    for test in tests:
        if isinstance(test, Not):
            yield from test.tests


def _clash(one: Test, other: Test) -> bool:
    """Say whether a first test can never hold together with a second."""
    match one, other:
        case Is(), Is():
            return one.field == other.field and one.field in ONE_WORD and one.words.isdisjoint(other.words)
        case Is(), Only():
            return one.field == other.field and one.words.isdisjoint(other.words)
        case Only(), Only():
            return one.field == other.field and one.words.isdisjoint(other.words)
        case Case(), Case():
            return one.detail == other.detail and one.words.isdisjoint(other.words)
        case _, Not():
            return any(_follows(one, inner) for inner in other.tests)
    return False


def _implied(test: Test, given: Sequence[Test]) -> bool:
    if isinstance(test, Not):
        refused = list(denied(given))
        return all(
            any(_follows(inner, no) for no in refused) or any(_clash(each, inner) for each in given)
            for inner in test.tests
        )
    return any(_follows(each, test) for each in given)


def _follows(one: Test, other: Test) -> bool:
    """Say whether the other test holds wherever the one does."""
    match one, other:
        case Is(), Is():
            return one.field == other.field and one.words <= other.words
        case Only(), Only() | Is():
            return one.field == other.field and one.words <= other.words
        case Case(), Case():
            return one.detail == other.detail and one.words <= other.words
        case Has(), Has():
            return set(other.fields) <= set(one.fields)
        case Is(), Has():
            return set(other.fields) <= {one.field}
    return one == other
