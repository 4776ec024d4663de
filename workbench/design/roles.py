"""Roles that nobody holds: a duty of theirs is nobody's, and what only they can do is never done."""

from collections.abc import Iterator
from dataclasses import fields

from chalicelib.core.effects import Effect, People
from chalicelib.core.patterns import Is, Only, Test
from chalicelib.core.protocol import Example, Protocol
from workbench.design.logic import denied
from workbench.findings import Finding, warning
from workbench.unread import texts
from workbench.written import Placed, Written

PEOPLE = frozenset({"by", "to", "chair", "present", "invited", "signed_by"})
NAMING = ("owner", "tell", "one_of", "all_of", "if_appropriate")


def nobody_holds(written: Written) -> Iterator[Finding]:
    """Yield every place where a role is counted on that nobody holds."""
    for role, place in _counted_on(written):
        why = _unheld(role, written.protocol)
        if why and not written.unread.at(f"words.roles.{role}"):
            yield Finding(place, f"nobody holds the role {role!r}: {why}")


def nobody_is_known(written: Written) -> Iterator[Finding]:
    """Yield every role of the file's own that is counted on and that no example shows anybody fill.

    A post of the authority's own is its business: whether somebody holds it is in its contacts, which no
    file knows. An example of it says that the role was meant.
    """
    shown = {text for example in written.examples for text in _filled(example)}
    counted = {role for role, _ in _counted_on(written)}
    for role, word in written.protocol.roles.items():
        own = written.lists_role(role) and not (word.outside or word.members or word.means or word.unclear)
        if own and role in counted - shown and not written.unread.examples_say(role):
            yield warning(
                f"words.roles.{role}",
                f"nobody is known to fill {role!r}: no example has one. If it is a post, the authority's"
                " contacts must fill it",
            )


def _filled(example: Example) -> Iterator[str]:
    """Yield every word that an example says, in its facts and in what it expects."""
    for fact in (*example.given, *([example.propose] if example.propose else []), *example.expect):
        yield from texts(fact)


def _unheld(role: str, protocol: Protocol) -> str:
    """Return why nobody holds a role; empty where somebody may."""
    seen = [role]
    word = protocol.roles.get(role)
    while word is not None and word.means is not None:
        if word.means in seen:
            return f"{' means '.join([*seen, word.means])}, and no post is behind it"
        seen.append(word.means)
        word = protocol.roles.get(word.means)
    if word is None or word.outside or word.members or len(seen) > 1:
        return ""
    return "the text is unclear about it and no post is named in `means`" if word.unclear else ""


def _counted_on(written: Written) -> Iterator[tuple[str, str]]:
    for effect in written.effects:
        yield from _named(effect)
    for placed in written.patterns:
        for role in _asked(placed.pattern.tests):
            yield role, placed.place
        for name, words in placed.pattern.each:
            if name in PEOPLE:
                yield from ((role, f"{placed.place}.each.{name}") for role in words)
    for clause in written.protocol.clauses:
        for way, place in written.ways(clause):
            yield from ((role, f"{place}.approver") for role in way.approver)
    for number, ladder in enumerate(written.protocol.ladders):
        for step, rung in enumerate(ladder.rungs):
            yield from ((role, f"ladder[{number}].rungs[{step}].tell") for role in rung.tell)


def _named(placed: Placed[Effect]) -> Iterator[tuple[str, str]]:
    """Yield the roles that an effect itself names. Who isn't appropriate need not exist."""
    here = {field.name for field in fields(placed.effect)}
    for name in NAMING:
        if name in here and not (isinstance(placed.effect, People) and name == "if_appropriate"):
            yield from ((role, f"{placed.place}.{name}") for role in getattr(placed.effect, name))


def _asked(tests: tuple[Test, ...]) -> Iterator[str]:
    """Yield the roles that somebody must hold for a pattern to match: where one of several will do, none."""
    refused = {test.field for test in denied(tests) if isinstance(test, Is)}
    for test in tests:
        if isinstance(test, Is | Only) and test.field in PEOPLE - refused and len(test.words) == 1:
            yield from test.words
