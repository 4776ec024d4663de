"""Every protocol file proves itself: its worked examples are run here."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.calendars import shipped_calendar
from chalicelib.core.protocol import Example, Protocol
from chalicelib.core.rehearsal import run
from chalicelib.core.spoken import spoken_day
from chalicelib.protocol_files import Shelf

SHELF = Shelf()
Worked = tuple[Protocol, Example]


def worked() -> Iterator[Worked]:
    for name in SHELF.ids():
        protocol = SHELF.whole(name)
        yield from ((protocol, example) for example in protocol.examples)


def named(one: Worked) -> str:
    protocol, example = one
    return f"{protocol.id}: {example.name}"


def failures(protocol: Protocol, example: Example) -> tuple[str, ...]:
    return run(example, protocol, shipped_calendar(protocol.nation)).failures


def wrongly(expected: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """One expectation, made wrong in each of the things that it says."""
    if "state" in expected:
        yield "state", {**expected, "state": "open" if expected["state"] == "lapsed" else "lapsed"}
    if "due_on" in expected:
        later = spoken_day(str(expected["due_on"])) + timedelta(days=1)
        yield "due_on", {**expected, "due_on": f"{later:%a %d %b %Y}"}
    if "left" in expected:
        yield "left", {**expected, "left": 99}
    if "count" in expected:
        yield "count", {**expected, "count": 99}
    if "owner" in expected:
        yield "owner", {**expected, "owner": ["lac_review"]}
    if "told" in expected:
        yield "told", {**expected, "told": ["lac_review"]}
    if "answer" in expected:
        yield "answer", {**expected, "answer": "excused"}
    if "offers" in expected:
        yield "offers", {**expected, "offers": ["a_way_past_that_nobody_named"]}
    if "none" in expected:
        yield "none", {"clause": expected["clause"], "state": "open"}


def misstatements() -> Iterator[object]:
    for protocol, example in worked():
        for position, expected in enumerate(example.expect):
            for what, wrong in wrongly(expected):
                mistaken = (*example.expect[:position], wrong, *example.expect[position + 1 :])
                yield pytest.param(
                    protocol, replace(example, expect=mistaken), id=f"{example.name} [{position}] {what}"
                )


@pytest.mark.parametrize("one", list(worked()), ids=named)
def test_what_an_example_says_is_what_happens(one: Worked) -> None:
    assert failures(*one) == ()


@pytest.mark.parametrize(("protocol", "mistaken"), list(misstatements()))
def test_an_example_that_said_otherwise_would_fail(protocol: Protocol, mistaken: Example) -> None:
    assert failures(protocol, mistaken) != ()


def test_every_clause_that_does_something_has_an_example() -> None:
    for name in SHELF.ids():
        protocol = SHELF.whole(name)
        shown = {str(expected["clause"]) for each in protocol.examples for expected in each.expect}
        granting = {clause.id for clause in protocol.clauses if clause.exceptions and not clause.effects}
        acting = {clause.id for clause in protocol.clauses if clause.effects}

        assert acting - shown == set(), f"{name}: an acting clause without example"
        # A clause that only grants an exception is shown by a claim of that exception.
        claimed = {
            claim["name"]
            for each in protocol.examples
            for fact in (*each.given, *([each.propose] if each.propose else []))
            for claim in fact.get("exceptions", [])  # type: ignore[attr-defined]
        }
        for clause in (protocol.by_id[each] for each in granting):
            assert {way.name for way in clause.exceptions} <= claimed
