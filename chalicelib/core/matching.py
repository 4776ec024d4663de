"""Does this fact match this pattern?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.dates import add_months
from chalicelib.core.history import History, could_precede, same_placement
from chalicelib.core.protocol import (
    Case,
    Earlier,
    Has,
    Is,
    Not,
    Only,
    Pattern,
    Patterns,
    Protocol,
    Test,
)
from chalicelib.core.trace import Trace


@dataclass(frozen=True, slots=True)
class View:
    """A case's history, read with one protocol's roles."""

    protocol: Protocol
    history: History

    def any_of(self, patterns: Patterns, fact: Trace) -> bool:
        """Say whether the fact matches at least one of the patterns."""
        return any(self.matches(pattern, fact) for pattern in patterns)

    def matches(self, pattern: Pattern, fact: Trace) -> bool:
        """Say whether the fact is of the pattern's kind and passes all of its tests."""
        return pattern.fact == fact.kind and all(self.holds(test, fact) for test in pattern.tests)

    def found(self, patterns: Patterns) -> Iterator[Trace]:
        """Yield the case's own facts that match one of the patterns, in order."""
        kinds = {pattern.fact for pattern in patterns}
        facts = [fact for kind in kinds for fact in self.history.of_kind(kind)]
        for fact in sorted(facts, key=lambda each: (each.on, each.moment, each.id)):
            if self.any_of(patterns, fact):
                yield fact

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
            and (test.across_child or same_placement(other, fact))
            and _within(test, other.on, fact.on)
            and self.any_of(test.patterns, other)
        )
        return count >= test.at_least


def _within(test: Earlier, first: date, second: date) -> bool:
    """Say whether `second` falls within the window that begins on `first`."""
    if test.within_months is None:
        return True
    end = add_months(first, test.within_months)
    return second <= end if test.inclusive else second < end
