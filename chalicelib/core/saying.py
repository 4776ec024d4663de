"""Patterns in plain words: as a thing (`a meeting held`) and as what happens (`a meeting is held`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from chalicelib.core.labels import (
    in_order,
    label_of,
    listed,
    quoted,
    said_detail,
    said_field,
    said_roles,
    with_article,
    with_the,
)
from chalicelib.core.patterns import Case, Earlier, Has, Is, Not, Only, Pattern, Patterns, Test
from chalicelib.core.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of fact reads: what it is about, and the verb as what is done, happens or happened.

    `main` is the field whose word says what it is about, in the place of `{}` in `named`.
    """

    plain: str
    participle: str
    present: str
    past: str
    main: str = ""
    named: str = ""


KINDS = {
    "referral_received": Kind("a referral", "received", "arrives", "arrived"),
    "concern_raised": Kind("a concern", "raised", "is raised", "was raised"),
    "meeting_convened": Kind("a meeting", "convened", "is convened", "was convened", "meeting", "a {}"),
    "meeting_held": Kind("a meeting", "held", "is held", "was held", "meeting", "a {}"),
    "document_completed": Kind(
        "a document", "completed", "is completed", "was completed", "document", "the {}"
    ),
    "document_sent": Kind("a document", "sent", "is sent", "was sent", "document", "the {}"),
    "step_done": Kind("a step", "done", "is done", "was done", "step", "“{}”"),
    "decision_made": Kind("a decision", "made", "is made", "was made", "decision", "the decision “{}”"),
    "placement_started": Kind("a placement", "started", "starts", "started"),
    "placement_ended": Kind("a placement", "ended", "ends", "ended"),
    "process_opened": Kind("a process", "opened", "is opened", "was opened", "process", "a {}"),
    "process_ended": Kind("a process", "ended", "ends", "ended", "process", "a {}"),
    "details_recorded": Kind("details", "recorded", "are recorded", "were recorded"),
    "exception_recorded": Kind("an exception", "recorded", "is recorded", "was recorded"),
    "fact_withdrawn": Kind("a report", "withdrawn", "is withdrawn", "was withdrawn"),
    "case_closed": Kind("the case", "closed", "is closed", "was closed"),
}
HAPPENED = {name: f"{kind.plain} {kind.past}" for name, kind in KINDS.items()}

# A field that holds people, as it reads before them, and as it reads when they are not to be there.
PEOPLE = {
    "by": ("by {}", "by anybody but {}"),
    "to": ("to {}", "to anybody but {}"),
    "chair": ("chaired by {}", "not chaired by {}"),
    "present": ("with {} present", "without {} present"),
    "invited": ("with {} invited", "without {} invited"),
    "signed_by": ("signed by {}", "not signed by {}"),
}
# These follow their verb without a comma.
CLOSE = ("manner", "by", "to", "signed_by")
# A document is sent to somebody; a step is done with them.
TO, WITH = "to ", "with "


def said_day(on: date) -> str:
    """Return a date as people say it: `Monday 13 April 2026`."""
    return f"{on:%A} {on.day} {on:%B %Y}"


def said_by(due_by: time | None) -> str:
    """Return until when on its last day something is due, where a time is given: ` by 17:00`."""
    return f" by {due_by:%H:%M}" if due_by else ""


def said_patterns(patterns: Patterns, protocol: Protocol) -> str:
    """Return patterns as one phrase, any of which serves: `a Placement Support Meeting held`."""
    return _any_of([_said(pattern, protocol, KINDS[pattern.fact].participle) for pattern in patterns])


def said_events(patterns: Patterns, protocol: Protocol) -> str:
    """Return patterns as what happens: `a Placement Support Meeting is held`."""
    return _any_of([_said(pattern, protocol, KINDS[pattern.fact].present) for pattern in patterns])


def said_past(patterns: Patterns, protocol: Protocol) -> str:
    """Return patterns as what happened: `a Placement Support Meeting was held`."""
    return _any_of([_said(pattern, protocol, KINDS[pattern.fact].past) for pattern in patterns])


def _any_of(phrases: Sequence[str]) -> str:
    return ("; or " if any(", " in each for each in phrases) else ", or ").join(phrases)


def said_test(test: Test, protocol: Protocol) -> str:
    """Return one test as a phrase: `with the outcome “viable”`."""
    match test:
        case Is():
            return _said_is(test, protocol)
        case Only():
            return f"where the only {_one(test.field)} is {_quoted(test, protocol)}"
        case Has():
            return f"with {listed([said_field(name, protocol) for name in test.fields], 'and')}"
        case Case():
            return f"({'; '.join(_cases(test, protocol))})"
        case Not():
            return " and ".join(_said_not(inner, protocol) for inner in test.tests)
        case Earlier():
            return _said_earlier(test, protocol)


def _said(pattern: Pattern, protocol: Protocol, verb: str) -> str:
    kind = KINDS[pattern.fact]
    phrases = [*_near(pattern, protocol)]
    if pattern.fact == "step_done":
        phrases = [WITH + each.removeprefix(TO) if each.startswith(TO) else each for each in phrases]
    said = " ".join([f"{_subject(kind, pattern, protocol)} {verb}", *phrases])
    cases = [case for test in pattern.tests for case in _cases(test, protocol)]
    if cases:
        said += f" ({'; '.join(cases)})"
    return ", ".join([said, *_loose(kind, pattern, protocol)])


def _near(pattern: Pattern, protocol: Protocol) -> Iterator[str]:
    """Yield what follows the verb without a comma: how, by whom, to whom."""
    asked = {test.field: said_test(test, protocol) for test in pattern.tests if isinstance(test, Is)}
    columns = {name: _said_column(name, words, protocol) for name, words in pattern.each}
    for field in CLOSE:
        yield from (each[field] for each in (asked, columns) if field in each)


def _loose(kind: Kind, pattern: Pattern, protocol: Protocol) -> Iterator[str]:
    """Yield what follows with a comma: everything but the case, which stands in brackets."""
    for test in pattern.tests:
        near = isinstance(test, Is) and test.field in (*CLOSE, kind.main)
        if not near and not [*_cases(test, protocol)]:
            yield said_test(test, protocol)
    for name, words in pattern.each:
        if name not in (*CLOSE, kind.main) or name == "meeting":
            yield _said_column(name, words, protocol)


def _cases(test: Test, protocol: Protocol) -> Iterator[str]:
    """Yield what a test asks of the case alone: `placement type: foster placement`."""
    match test:
        case Case():
            yield f"{_plain(test.detail)}: {said_detail(test.detail, test.words, protocol)}"
        case Not() if all(isinstance(inner, Case) for inner in test.tests):
            for inner in test.tests:
                if isinstance(inner, Case):
                    yield f"{_plain(inner.detail)}: not {said_detail(inner.detail, inner.words, protocol)}"


def _subject(kind: Kind, pattern: Pattern, protocol: Protocol) -> str:
    """Return what a pattern is about, by its own word: `a Disruption Meeting`, `the support plan`."""
    named = [test.words for test in pattern.tests if isinstance(test, Is) and test.field == kind.main]
    column = dict(pattern.each).get(kind.main, ())
    if kind.main == "meeting" or not column:
        return _named(kind, in_order(kind.main, named[0], protocol), protocol, "or") if named else kind.plain
    return f"each of {_named(kind, column, protocol, 'and')}"


def _named(kind: Kind, words: Sequence[str], protocol: Protocol, last: str) -> str:
    if "“" in kind.named:
        return kind.named.replace("“{}”", quoted(kind.main, words, protocol, last))
    labels = [label_of(kind.main, word, protocol) for word in words]
    if kind.named == "a {}":
        return with_article(listed(labels, last))
    return listed([with_the(label) for label in labels], last)


def _said_column(name: str, words: Sequence[str], protocol: Protocol) -> str:
    """Return one column of a grid: each of its words is to be covered."""
    if name == "meeting":
        said = {"this": "this meeting", "previous": "the one before"}
        return f"for {listed([said.get(word, _plain(word)) for word in words], 'and')}"
    if name in PEOPLE:
        each = "each of " if len(words) > 1 else ""
        return PEOPLE[name][0].format(f"{each}{said_roles(words, protocol, 'and')}")
    return f"for each of {quoted(name, words, protocol, 'and')}"


def _said_is(test: Is, protocol: Protocol) -> str:
    words = in_order(test.field, test.words, protocol)
    if test.field in PEOPLE:
        return PEOPLE[test.field][0].format(said_roles(words, protocol))
    return _said_field(test.field, words, protocol)


def _said_field(field: str, words: Sequence[str], protocol: Protocol) -> str:
    match field:
        case "manner":
            return listed([label_of(field, word, protocol) for word in words])
        case "meeting":
            return f"about {with_article(listed([label_of(field, word, protocol) for word in words]))}"
        case "reasons":
            one = "the reason" if len(words) == 1 else "one of the reasons"
            return f"with {one} {quoted(field, words, protocol)}"
        case _:
            return f"with the {_plain(field)} {quoted(field, words, protocol)}"


def _said_not(test: Test, protocol: Protocol) -> str:
    match test:
        case Is(field=field) if field in PEOPLE:
            return PEOPLE[field][1].format(said_roles(in_order(field, test.words, protocol), protocol))
        case Is(field="outcome" | "reasons"):
            return f"without the {_one(test.field)} {_quoted(test, protocol)}"
        case Only():
            return f"unless the only {_one(test.field)} is {_quoted(test, protocol)}"
        case Is() | Earlier():
            return f"not {said_test(test, protocol)}"
        case Has():
            return f"without {listed([said_field(name, protocol) for name in test.fields])}"
        case Case():
            return f"({'; '.join(_cases(Not(tests=(test,)), protocol))})"
        case Not():
            return listed([said_test(inner, protocol) for inner in test.tests])


def _said_earlier(test: Earlier, protocol: Protocol) -> str:
    return f"after {said_patterns(test.patterns, protocol)}{''.join(_said_reach(test))}"


def _said_reach(test: Earlier) -> Iterator[str]:
    """Yield how often, how long before and where a thing is to have happened."""
    if test.at_least > 1:
        yield f", at least {test.at_least} times"
    if test.within_months:
        limit = "that day included" if test.inclusive else "that day not included"
        yield f", no more than {test.within_months} months before ({limit})"
    if test.across_child:
        yield ", in any of the child's cases"


def _one(field: str) -> str:
    return "reason" if field == "reasons" else _plain(field)


def _quoted(test: Is | Only, protocol: Protocol) -> str:
    return quoted(test.field, in_order(test.field, test.words, protocol), protocol)


def _plain(name: str) -> str:
    return name.replace("_", " ")
