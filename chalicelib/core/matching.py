"""Does this fact match this pattern?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from chalicelib.core.dates import add_months
from chalicelib.core.history import History, could_precede, same_placement
from chalicelib.core.patterns import Case, Earlier, Has, Is, Not, Only, Pattern, Patterns, Test
from chalicelib.core.protocol import Protocol
from chalicelib.core.trace import Trace


@dataclass(frozen=True, slots=True)
class View:
    """A case's history, read with one protocol's roles.

    It lasts for one standing, and remembers what it has worked out: many duties ask the same.
    """

    protocol: Protocol
    history: History
    # By the pattern itself, of which a protocol has a few dozen: to hash one takes longer than to look.
    _matching: dict[int, tuple[Trace, ...]] = field(default_factory=dict, init=False, repr=False)
    _values: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, init=False, repr=False)

    def any_of(self, patterns: Patterns, fact: Trace) -> bool:
        """Say whether the fact matches at least one of the patterns."""
        return any(self.matches(pattern, fact) for pattern in patterns)

    def matches(self, pattern: Pattern, fact: Trace) -> bool:
        """Say whether the fact is of the pattern's kind and passes all of its tests."""
        return pattern.fact == fact.kind and all(self.holds(test, fact) for test in pattern.tests)

    def found(self, patterns: Patterns) -> Iterable[Trace]:
        """Return the case's own facts that match one of the patterns, in order."""
        if len(patterns) == 1:
            return self._of(patterns[0])
        found = {fact.id: fact for pattern in patterns for fact in self._of(pattern)}
        return sorted(found.values(), key=lambda each: (each.on, each.moment, each.id))

    def _of(self, pattern: Pattern) -> tuple[Trace, ...]:
        known = self._matching.get(id(pattern))
        if known is None:
            facts = self.history.of_kind(pattern.fact)
            known = tuple(fact for fact in facts if self.matches(pattern, fact))
            self._matching[id(pattern)] = known
        return known

    def holds(self, test: Test, fact: Trace) -> bool:
        """Say whether one test holds of the fact."""
        match test:
            case Is():
                return not test.words.isdisjoint(self.values(test.field, fact))
            case Only():
                values = self.values(test.field, fact)
                return bool(values) and values <= test.words
            case Has():
                return all(name in fact.filled for name in test.fields)
            case Case():
                return self.history.detail(test.detail, fact.on) in test.words
            case Not():
                return not any(self.holds(inner, fact) for inner in test.tests)
            case Earlier():
                return self._earlier(test, fact)

    def values(self, name: str, fact: Trace) -> frozenset[str]:
        """Return the words in a field; for people, every role that somebody there serves as."""
        known = self._values.get((name, fact.id))
        if known is None:
            known = self._values[name, fact.id] = self._read(name, fact)
        return known

    def _read(self, name: str, fact: Trace) -> frozenset[str]:
        if name not in fact.people:
            return frozenset(fact.words.get(name, ()))
        held = {role for seat in fact.people[name] for role in self.history.roles_of(seat, fact.on)}
        return frozenset(held | self._groups(held))

    def _groups(self, held: set[str]) -> set[str]:
        roles = self.protocol.roles
        return {group for group, word in roles.items() if not held.isdisjoint(word.members)}

    def _earlier(self, test: Earlier, fact: Trace) -> bool:
        facts: tuple[Trace, ...] = self.history.facts
        began = date.min if test.across_child else self.history.placement_began(fact)
        if test.across_child:
            facts = facts + self.history.elsewhere
        count = sum(
            1
            for other in facts
            if could_precede(other, fact)
            and other.on >= began
            and (not _told_twice(other, fact) if test.across_child else same_placement(other, fact))
            and _within(test, other.on, fact.on)
            and self.any_of(test.patterns, other)
        )
        return count >= test.at_least


def _told_twice(one: Trace, other: Trace) -> bool:
    """Say whether two facts tell one thing of one placement: two cases of a child may both tell it."""
    return one.kind == other.kind and one.placement_id is not None and one.placement_id == other.placement_id


def _within(test: Earlier, first: date, second: date) -> bool:
    """Say whether `second` falls within the window that begins on `first`."""
    if test.within_months is None:
        return True
    end = add_months(first, test.within_months)
    return second <= end if test.inclusive else second < end
