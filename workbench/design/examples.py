"""Examples: acting clauses that have none, and those that do not come out as they say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from chalicelib.calendars import shipped_calendar
from chalicelib.core.effects import Clause, Halt
from chalicelib.core.protocol import Example, Protocol
from chalicelib.core.rehearsal import Ran, run
from chalicelib.core.working_days import Calendar
from workbench.design import sizes
from workbench.findings import Finding
from workbench.runnable import runnable
from workbench.written import Written

Expected = Mapping[str, object]


def without_example(written: Written) -> Iterator[Finding]:
    """Yield every clause that does something and that no example shows doing it."""
    for clause in written.protocol.clauses:
        acts = clause.effects or any(piece.entry == f"clause {clause.id}" for piece in written.unread.pieces)
        if acts and not (_shown(clause, written) or written.unread.examples_say(clause.id)):
            yield Finding(
                f"clause {clause.id}", "no example shows what this clause does: write one that expects it"
            )


def come_out_otherwise(written: Written) -> Iterator[Finding]:
    """Run every example that can be; yield each expectation not met, and what could never be stored."""
    protocol = written.protocol
    calendar = shipped_calendar(protocol.nation)
    for example in runnable(written):
        try:
            ran = run(example, protocol, calendar)
            yield from _failures(example, ran, protocol, calendar)
            if sizes.at_most(ran) > sizes.LIMIT:
                yield from sizes.too_big(example, protocol, calendar)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # The reader doesn't look into every field of an example's facts; a draft may hold anything.
            yield Finding(f"example {example.name!r}.expect", f"the example cannot be run: {error}")


def facts_of(example: Example) -> Iterator[Expected]:
    """Yield the facts of an example, what it proposes last."""
    yield from example.given
    if example.propose:
        yield example.propose


def _shown(clause: Clause, written: Written) -> bool:
    halts = any(
        piece.key == "halt" and piece.entry == f"clause {clause.id}" for piece in written.unread.pieces
    )
    return any(
        _shows(example, clause) or (halts and any(each.get("halted") for each in example.expect))
        for example in written.examples
    )


def _shows(example: Example, clause: Clause) -> bool:
    if any(each.get("clause") == clause.id and _says_something(each) for each in example.expect):
        return True
    halted = any(each.get("halted") for each in example.expect)
    opened = {fact.get("process") for fact in facts_of(example)}
    return halted and any(isinstance(effect, Halt) and effect.process in opened for effect in clause.effects)


def _says_something(expected: Expected) -> bool:
    """Say whether an expectation is of something: that nothing follows shows no clause at work."""
    return not expected.get("none") and expected.get("answer") != "none"


def _failures(example: Example, ran: Ran, protocol: Protocol, calendar: Calendar) -> Iterator[Finding]:
    """Where an example fails, run it again for each expectation, to know which one it is."""
    for number, expected in enumerate(example.expect if ran.failures else ()):
        for failure in run(replace(example, expect=(expected,)), protocol, calendar).failures:
            yield Finding(f"example {example.name!r}.expect[{number}]", failure)
