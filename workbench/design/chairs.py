"""Who is to chair: asked for in two ways that nobody can be at once, or in one kind of case not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from chalicelib.core.effects import People
from chalicelib.core.labels import label_of
from chalicelib.core.patterns import Case, Is, Not, Pattern, Test
from chalicelib.core.protocol import Protocol
from workbench.design.logic import compatible
from workbench.findings import Finding, warning
from workbench.written import Placed, Written


@dataclass(frozen=True, slots=True)
class _Asked:
    """A chair asked for: by which effect, for which meetings, in which kinds of case."""

    placed: Placed[People]
    pattern: Pattern
    roles: frozenset[str]


def asked_two_ways(written: Written) -> Iterator[Finding]:
    """Yield every second clause that asks for a chair whom the first rules out."""
    asked = list(_asked(written))
    seen = set()
    for one, other in combinations(asked, 2):
        pair = (one.placed.place, other.placed.place)
        clash = one.roles.isdisjoint(other.roles) and compatible(one.pattern, other.pattern)
        if pair[0] != pair[1] and pair not in seen and clash:
            seen.add(pair)
            yield Finding(
                other.placed.place,
                f"in some cases this asks for another chair than {one.placed.clause.id} does",
            )


def asked_no_way(written: Written) -> Iterator[Finding]:
    """Yield, once for each kind of meeting, the kinds of case in which nobody is asked to chair it.

    Where it could not be read who takes part, nothing is said.
    """
    if written.unread.has("people"):
        return
    asked = list(_asked(written))
    meetings: dict[tuple[str, str], list[_Asked]] = {}
    for each in asked:
        for meeting in _meetings(each.pattern, written.protocol):
            meetings.setdefault((each.pattern.fact, meeting), []).append(each)
    for (_, meeting), ways in meetings.items():
        gaps = [kind for kind in _kinds(ways, written.protocol) if not any(_covers(w, kind) for w in ways)]
        if gaps:
            said = "; ".join(
                dict.fromkeys(_said(kind, written.protocol) for kind in _gathered(gaps, written.protocol))
            )
            label = label_of("meeting", meeting, written.protocol)
            yield warning(ways[0].placed.place, f"nobody is asked to chair a {label} where: {said}")


def _asked(written: Written) -> Iterator[_Asked]:
    for placed in written.all_of(People):
        if placed.effect.field == "chair" and placed.effect.one_of:
            protocol = written.protocol
            roles = {each for role in placed.effect.one_of for each in protocol.members(role)}
            for pattern in placed.effect.of:
                yield _Asked(placed, pattern, frozenset(roles))


def _meetings(pattern: Pattern, protocol: Protocol) -> frozenset[str]:
    for test in pattern.tests:
        if isinstance(test, Is) and test.field == "meeting":
            return test.words
    return frozenset(protocol.words.get("meeting", ()))


def _kinds(ways: list[_Asked], protocol: Protocol) -> Iterator[Mapping[str, str]]:
    """Yield every kind of case that the ways tell apart, by the recorded values of their details."""
    details = sorted({detail for way in ways for detail in _details(way.pattern.tests)})
    for values in product(*(protocol.words.get(detail, {}) for detail in details)):
        yield dict(zip(details, values, strict=True))


def _details(tests: tuple[Test, ...]) -> Iterator[str]:
    for test in tests:
        if isinstance(test, Case):
            yield test.detail
        if isinstance(test, Not):
            yield from _details(test.tests)


def _covers(way: _Asked, kind: Mapping[str, str]) -> bool:
    return all(_holds(test, kind) for test in way.pattern.tests)


def _holds(test: Test, kind: Mapping[str, str]) -> bool:
    """Say whether a test lets this kind of case through; what it asks beside the case may be so."""
    match test:
        case Case():
            return kind.get(test.detail) in test.words
        case Not():
            cases = [inner for inner in test.tests if isinstance(inner, Case)]
            return not any(_holds(inner, kind) for inner in cases)
    return True


def _gathered(gaps: list[Mapping[str, str]], protocol: Protocol) -> Iterator[Mapping[str, str]]:
    """Yield the gaps without the details that make no difference to them."""
    for kind in gaps:
        told = dict(kind)
        for detail in kind:
            rest = {name: word for name, word in told.items() if name != detail}
            alike = [gap for gap in gaps if rest.items() <= gap.items()]
            if rest and {gap[detail] for gap in alike} == protocol.words[detail].keys():
                told = rest
        yield told


def _said(kind: Mapping[str, str], protocol: Protocol) -> str:
    return ", ".join(
        f"{detail.replace('_', ' ')} is {label_of(detail, word, protocol)}" for detail, word in kind.items()
    )
