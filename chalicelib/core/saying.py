"""Patterns, dates and duties in plain words."""

from collections.abc import Iterator
from datetime import date

from chalicelib.core.patterns import Case, Earlier, Has, Is, Not, Only, Pattern, Patterns, Test
from chalicelib.core.protocol import Protocol

KINDS = {
    "referral_received": "a referral",
    "concern_raised": "a concern",
    "meeting_convened": "a meeting convened",
    "meeting_held": "a meeting held",
    "document_completed": "a document completed",
    "document_sent": "a document sent",
    "step_done": "a step done",
    "decision_made": "a decision",
    "placement_started": "a placement started",
    "placement_ended": "a placement ended",
    "process_opened": "a process opened",
    "process_ended": "a process ended",
    "details_recorded": "details recorded",
    "exception_recorded": "an exception recorded",
    "case_closed": "the case closed",
}

# The same, as what happened.
HAPPENED = {
    "referral_received": "a referral arrived",
    "concern_raised": "a concern was raised",
    "meeting_convened": "a meeting was convened",
    "meeting_held": "a meeting was held",
    "document_completed": "a document was completed",
    "document_sent": "a document was sent",
    "step_done": "a step was done",
    "decision_made": "a decision was made",
    "placement_started": "a placement started",
    "placement_ended": "a placement ended",
    "process_opened": "a process was opened",
    "process_ended": "a process ended",
    "details_recorded": "details were recorded",
    "exception_recorded": "an exception was recorded",
    "case_closed": "the case was closed",
}


def said_day(on: date) -> str:
    """Return a date as people say it: `Monday 13 April 2026`."""
    return f"{on:%A} {on.day} {on:%B %Y}"


def said_patterns(patterns: Patterns, protocol: Protocol) -> str:
    """Return patterns as one phrase: any of them serves."""
    return ", or ".join(said_pattern(pattern, protocol) for pattern in patterns)


def said_pattern(pattern: Pattern, protocol: Protocol) -> str:
    """Return one pattern as a phrase: `a meeting held (meeting: Placement Support Meeting)`."""
    asked = [said_test(test, protocol) for test in pattern.tests]
    asked += [f"each {name}: {_words(name, words, protocol)}" for name, words in pattern.each]
    kind = KINDS[pattern.fact]
    return f"{kind} ({'; '.join(asked)})" if asked else kind


def said_test(test: Test, protocol: Protocol) -> str:
    """Return one test as a phrase."""
    match test:
        case Is():
            return f"{test.field}: {_words(test.field, sorted(test.words), protocol)}"
        case Only():
            return f"only {test.field}: {_words(test.field, sorted(test.words), protocol)}"
        case Has():
            return f"with {', '.join(name.replace('_', ' ') for name in test.fields)}"
        case Case():
            detail = test.detail.replace("_", " ")
            return f"{detail} of the case: {_words(test.detail, sorted(test.words), protocol)}"
        case Not():
            return f"not {' and '.join(said_test(inner, protocol) for inner in test.tests)}"
        case Earlier():
            return _said_earlier(test, protocol)


def _said_earlier(test: Earlier, protocol: Protocol) -> str:
    window = f" within {test.within_months} months" if test.within_months else ""
    where = " in any of the child's cases" if test.across_child else ""
    return f"after {said_patterns(test.patterns, protocol)}{window}{where}"


def _words(name: str, words: "tuple[str, ...] | list[str]", protocol: Protocol) -> str:
    return " or ".join(_labels(name, words, protocol))


def _labels(name: str, words: "tuple[str, ...] | list[str]", protocol: Protocol) -> Iterator[str]:
    for word in words:
        if word in protocol.roles:
            yield protocol.roles[word].label
        else:
            yield protocol.words.get(name, {}).get(word, word.replace("_", " "))
