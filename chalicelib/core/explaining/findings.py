"""Each test of a pattern, and what was found when a fact was put to it."""

from collections.abc import Iterator, Sequence

from chalicelib.core.explaining.facts import Explained, about_fact, said_fact, who
from chalicelib.core.history import could_precede
from chalicelib.core.labels import in_order, label_of, listed, said_detail
from chalicelib.core.matching import ABOUT_MEETINGS, MEETING_FIELDS, View
from chalicelib.core.missing import named
from chalicelib.core.patterns import Case, Earlier, Has, Is, Not, Only, Pattern, Test
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import KINDS, PEOPLE, said_test
from chalicelib.core.trace import Trace


def findings(pattern: Pattern, fact: Trace, view: View) -> list[Explained]:
    """Return every test of a pattern as data: what it asks, what was found, whether it holds."""
    return [_finding(test, fact, view) for test in pattern.tests]


def said_findings(pattern: Pattern, fact: Trace, view: View) -> str:
    """Return what was asked of a fact beside its kind, and found: empty where nothing was."""
    main = KINDS[pattern.fact].main if pattern.fact in KINDS else ""
    asked = [test for test in pattern.tests if not (isinstance(test, Is) and test.field == main)]
    return "; ".join(_said(test, fact, view) for test in asked)


def _finding(test: Test, fact: Trace, view: View) -> Explained:
    return {
        **_asked(test),
        "found": list(_found(test, fact, view)),
        "holds": view.holds(test, fact),
        "said": said_test(test, view.protocol),
        **({"tests": [_finding(each, fact, view) for each in test.tests]} if isinstance(test, Not) else {}),
    }


def _asked(test: Test) -> Explained:
    match test:
        case Is():
            return {"test": "is", "of": test.field, "asked": sorted(test.words)}
        case Only():
            return {"test": "only", "of": test.field, "asked": sorted(test.words)}
        case Has():
            return {"test": "has", "of": None, "asked": list(test.fields)}
        case Case():
            return {"test": "case", "of": test.detail, "asked": sorted(test.words)}
        case Not():
            return {"test": "not", "of": None, "asked": []}
        case Earlier():
            kinds = [pattern.fact for pattern in test.patterns]
            return {"test": "earlier", "of": None, "asked": list(dict.fromkeys(kinds))}


def _found(test: Test, fact: Trace, view: View) -> Iterator[object]:
    """Yield what stands in the fact or the case where a test looks."""
    match test:
        case Is() | Only() if test.field in PEOPLE:
            yield from _people(test.field, fact, view)
        case Is() | Only():
            yield from in_order(test.field, view.values(test.field, fact), view.protocol)
        case Has():
            yield from (name for name in test.fields if name in fact.filled)
        case Case():
            yield view.detail(test.detail, fact)
        case Earlier():
            yield from (about_fact(each, view.protocol) for each in _came_before(test, fact, view))
        case Not():
            return


def _people(field: str, fact: Trace, view: View) -> Iterator[str]:
    """Yield whoever stands in a field of people: the fact's own, or its meeting's."""
    seats = fact.people.get(field)
    if seats is None and fact.kind in ABOUT_MEETINGS and field in MEETING_FIELDS:
        meeting = view.history.meeting(view.history.meeting_of(fact))
        seats = meeting.people.get(field) if meeting else None
    yield from (named(seat) for seat in seats or ())


def _came_before(test: Earlier, fact: Trace, view: View) -> Sequence[Trace]:
    """Return what an `earlier` test may have counted, the child's other cases included."""
    facts = view.history.facts + (view.history.elsewhere if test.across_child else ())
    return [each for each in facts if could_precede(each, fact) and view.any_of(test.patterns, each)]


def _said(test: Test, fact: Trace, view: View) -> str:
    """Return one test and what it found: `where the legal status is A or B (A)`."""
    said, found = said_test(test, view.protocol), _said_found(test, fact, view)
    if said.startswith("(") and said.count("(") == 1:
        # The case stands in brackets, which what was found needs itself.
        said = said[1:-1]
    return f"{said} ({found})" if found else said


def _said_found(test: Test, fact: Trace, view: View) -> str:
    protocol = view.protocol
    match test:
        case Is() | Only() if test.field in PEOPLE:
            return ", ".join(who(name, protocol) for name in _people(test.field, fact, view))
        case Is() | Only():
            found = in_order(test.field, view.values(test.field, fact), protocol)
            # One word asked for and that word found: nothing more is to be said.
            return "" if test.words == {*found} else _labels(test.field, found, protocol)
        case Case():
            stood = view.detail(test.detail, fact)
            return "" if test.words == {stood} else said_detail(test.detail, [stood], protocol)
        case Earlier():
            return listed([said_fact(each, protocol) for each in _came_before(test, fact, view)], "and")
        case Has() | Not():
            return ""


def _labels(field: str, words: Sequence[str], protocol: Protocol) -> str:
    return ", ".join(label_of(field, word, protocol) for word in words)
