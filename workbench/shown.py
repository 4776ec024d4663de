"""Which examples show a clause at work, and which show it only just not at work."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.core.effects import Clause, Halt
from chalicelib.core.protocol import Example, Protocol
from workbench.design.examples import facts_of

PASSED = frozenset({"excepted", "excused"})
Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Shown:
    """The examples of one clause: those that it decides, and those in which it asks nothing."""

    decided: tuple[Example, ...]
    near_misses: tuple[Example, ...]

    @property
    def all(self) -> tuple[Example, ...]:
        """Every example of the clause, those that it decides first."""
        return (*self.decided, *self.near_misses)


def shown(clause: Clause, protocol: Protocol) -> Shown:
    """Return the examples of a clause, each once, in the order of the file."""
    about = [each for each in protocol.examples if _is_about(clause, each)]
    decided = tuple(each for each in about if _decides(clause, each))
    return Shown(decided, tuple(each for each in about if each not in decided))


def home(example: Example, protocol: Protocol) -> Clause:
    """Return the clause under which an example is told.

    A clause that only grants the exception that is claimed, or that halts a clock, else the first
    that it shows at work, else the first that it is about.
    """
    expected = [protocol.by_id[str(wanted["clause"])] for wanted in example.expect]
    granting = [each for each in protocol.clauses if _grants(each) and _claims(each, example)]
    at_work = [each for each in (*expected, *protocol.clauses) if _decides(each, example)]
    halting = [each for each in protocol.clauses if _halts(each, example)]
    return next(iter([*granting, *halting, *at_work, *expected]))


def expects_something(wanted: Table) -> bool:
    """Say whether an expectation is of something: that nothing follows shows no clause at work."""
    return not wanted.get("none") and wanted.get("answer") != "none"


def _is_about(clause: Clause, example: Example) -> bool:
    named = any(wanted["clause"] == clause.id for wanted in example.expect)
    return named or (_grants(clause) and _claims(clause, example)) or _halts(clause, example)


def _decides(clause: Clause, example: Example) -> bool:
    """Say whether an example shows what a clause does."""
    if any(wanted["clause"] == clause.id and expects_something(wanted) for wanted in example.expect):
        return True
    return _halts(clause, example) or (_grants(clause) and _passes(clause, example))


def _grants(clause: Clause) -> bool:
    """Say whether all that a clause does is to grant exceptions to others."""
    return bool(clause.exceptions) and not clause.effects


def _claims(clause: Clause, example: Example) -> bool:
    claimed = set(_claimed(example))
    return any(way.name in claimed for way in clause.exceptions)


def _passes(clause: Clause, example: Example) -> bool:
    """Say whether a claim of one of a clause's exceptions passes a clause that it is to pass."""
    passed = {str(wanted["clause"]) for wanted in example.expect if wanted.get("answer") in PASSED}
    claimed = set(_claimed(example))
    return any(way.name in claimed and passed & set(way.to) for way in clause.exceptions)


def _halts(clause: Clause, example: Example) -> bool:
    """Say whether a clause stops a clock in an example: no expectation can name a halt itself."""
    halting = {effect.process for effect in clause.effects if isinstance(effect, Halt)}
    opened = {fact.get("process") for fact in facts_of(example)}
    return bool(halting & opened) and any(wanted.get("halted") for wanted in example.expect)


def _claimed(example: Example) -> Iterator[str]:
    for fact in facts_of(example):
        claims = fact.get("exceptions")
        yield from (str(claim["name"]) for claim in claims) if isinstance(claims, list) else ()
