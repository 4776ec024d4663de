"""Does this fact match this pattern?"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.core import details
from chalicelib.core.corrections import in_order
from chalicelib.core.dates import add_months
from chalicelib.core.editions import Editions
from chalicelib.core.history import SORT_OF, History, could_precede, same_placement
from chalicelib.core.patterns import Case, Earlier, Has, Is, Not, Only, Pattern, Patterns, Test
from chalicelib.core.protocol import Protocol
from chalicelib.core.trace import Seat, Trace

ABOUT_MEETINGS = frozenset({"document_completed", "document_sent", "step_done"})
# What is about a meeting is tested on that meeting's fields where it has none of its own.
MEETING_FIELDS = frozenset({"meeting", "chair", "present", "invited", "reasons", "outcome"})
# Roles that a meeting itself fills, and the fields in which it names people for them.
BUILT_IN = {"chair": ("chair",), "attendees": ("chair", "present"), "invited": ("invited",)}


@dataclass(frozen=True, slots=True)
class View:
    """A case's history, read with one protocol's roles.

    It lasts for one standing, and remembers what it has worked out: many duties ask the same.
    `incomplete` are ids of facts that lack parts of a record: they settle nothing.
    """

    protocol: Protocol
    history: History
    calendars: Editions
    incomplete: set[str] = field(default_factory=set, init=False, repr=False)
    # By the pattern itself, of which a protocol has a few dozen: to hash one takes longer than to look.
    _matching: dict[int, tuple[Trace, ...]] = field(default_factory=dict, init=False, repr=False)
    _merged: dict[int, tuple[Patterns, tuple[Trace, ...]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _values: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, init=False, repr=False)
    _details: dict[tuple[str, str], str] = field(default_factory=dict, init=False, repr=False)
    _seats: dict[str | None, Mapping[str, "Named"]] = field(default_factory=dict, init=False, repr=False)

    def any_of(self, patterns: Patterns, fact: Trace) -> bool:
        """Say whether the fact matches at least one of the patterns."""
        return any(self.matches(pattern, fact) for pattern in patterns)

    def matches(self, pattern: Pattern, fact: Trace) -> bool:
        """Say whether the fact is of the pattern's kind and passes all of its tests."""
        return pattern.fact == fact.kind and all(self.holds(test, fact) for test in pattern.tests)

    def found(self, patterns: Patterns) -> Sequence[Trace]:
        """Return the case's own facts that match one of the patterns, in order."""
        if len(patterns) == 1:
            return self._of(patterns[0])
        if id(patterns) not in self._merged:
            merged = {fact.id: fact for pattern in patterns for fact in self._of(pattern)}
            # Beside the patterns themselves, so that no others are given their place in memory.
            self._merged[id(patterns)] = patterns, tuple(sorted(merged.values(), key=in_order))
        return self._merged[id(patterns)][1]

    def since(self, patterns: Patterns, on: date) -> Sequence[Trace]:
        """Return those of them that happened on a day or later."""
        found = self.found(patterns)
        if not found or found[-1].on < on:
            return ()
        return found[bisect_left(found, on, key=_day) :]

    def _of(self, pattern: Pattern) -> tuple[Trace, ...]:
        known = self._matching.get(id(pattern))
        if known is None:
            known = self._matching[id(pattern)] = self._look_up(pattern)
        return known

    def _look_up(self, pattern: Pattern) -> tuple[Trace, ...]:
        """Find a pattern's facts: of its kind, of the sorts that it asks for, then by its other tests."""
        facts = self.history.of_kind(pattern.fact)
        if not facts:
            return ()
        sort = SORT_OF.get(pattern.fact)
        by_sort = [test for test in pattern.tests if isinstance(test, Is) and test.field == sort][:1]
        others = [test for test in pattern.tests if test not in by_sort]
        asked: list[Collection[str]] = [*(test.words for test in by_sort), *_in_cells(pattern, sort)]
        if asked:
            facts = self.history.of_sort(pattern.fact, asked[0])
        if not others or not facts:
            return facts
        return tuple(fact for fact in facts if all(self.holds(test, fact) for test in others))

    def in_order(self, first: Trace, second: Trace) -> bool:
        """Say whether `first` serves what `second` needs to have come before it.

        Two facts of one day without times do, unless the authority asks for times.
        """
        if not could_precede(first, second):
            return False
        timed = first.on != second.on or (first.at is not None and second.at is not None)
        return timed or self.protocol.setting("same_day") != "times_needed"

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
                return self.detail(test.detail, fact) in test.words
            case Not():
                return not any(self.holds(inner, fact) for inner in test.tests)
            case Earlier():
                return self._earlier(test, fact)

    def detail(self, name: str, fact: Trace) -> str:
        """Return a detail as it stood when something happened: of its placement, or of the case."""
        known = self._details.get((name, fact.id))
        if known is None:
            read = details.of_placement if name in self.protocol.of_placement else details.of_case
            known = self._details[name, fact.id] = read(self.history, name, fact)
        return known

    def values(self, name: str, fact: Trace) -> frozenset[str]:
        """Return the words in a field; for people, every role that somebody there serves as."""
        known = self._values.get((name, fact.id))
        if known is None:
            known = self._values[name, fact.id] = self._read(name, fact)
        return known

    def _read(self, name: str, fact: Trace) -> frozenset[str]:
        if name in fact.people:
            return self._served(fact.people[name], fact)
        if name in fact.words:
            return frozenset(fact.words[name])
        if fact.kind in ABOUT_MEETINGS and name in MEETING_FIELDS:
            meeting = self.history.meeting(self.history.meeting_of(fact))
            return self.values(name, meeting) if meeting else frozenset()
        return frozenset()

    def _served(self, seats: Iterable[Seat], fact: Trace) -> frozenset[str]:
        """Return every role that people serve as: on the case, by their posts, in the meeting."""
        held: set[str] = set()
        built_in = self._built_in(fact)
        for seat in seats:
            roles = self.history.roles_of(seat, fact.on)
            held |= roles
            held |= {role for role, named in built_in.items() if self._fills(role, seat, roles, named)}
        serving = self.protocol.serving
        return frozenset().union(*(serving.get(role, (role,)) for role in held))

    def _built_in(self, fact: Trace) -> Mapping[str, "Named"]:
        """Return whom the meeting that a fact is about names for each of its own roles."""
        if fact.kind not in ABOUT_MEETINGS:
            return {}
        meeting = self.history.meeting(self.history.meeting_of(fact))
        key = meeting.id if meeting else None
        if key not in self._seats:
            self._seats[key] = {role: Named.among(seats_of(meeting, role)) for role in BUILT_IN}
        return self._seats[key]

    def _fills(self, role: str, seat: Seat, held: frozenset[str], named: "Named") -> bool:
        """Say whether somebody fills a meeting's role: as named there, or while nobody is."""
        if named.anybody or role not in self.protocol.roles:
            return named.includes(seat)
        return self.protocol.roles[role].until_named in held

    def _earlier(self, test: Earlier, fact: Trace) -> bool:
        facts: Sequence[Trace] = self.found(test.patterns)
        began = date.min if test.across_child else self.history.placement_began(fact)
        if test.across_child:
            others = (other for other in self.history.elsewhere if self.any_of(test.patterns, other))
            facts = (*facts, *others)
        count = sum(
            1
            for other in facts
            if could_precede(other, fact)
            and other.on >= began
            and (not _told_twice(other, fact) if test.across_child else same_placement(other, fact))
            and _within(test, other.on, fact.on)
        )
        return count >= test.at_least


def _in_cells(pattern: Pattern, sort: str | None) -> Iterator[tuple[str, ...]]:
    """Yield the sorts in a grid's cells: a fact of another covers none.

    A grid's meetings are which ones, and not of which sort.
    """
    for name, words in pattern.each:
        if name == sort and name != "meeting":
            yield words


def _day(fact: Trace) -> date:
    return fact.on


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a meeting names for one role: persons, and roles where no person was named."""

    anybody: bool
    persons: frozenset[str]
    roles: frozenset[str]

    @classmethod
    def among(cls, seats: Sequence[Seat]) -> "Named":
        """Return whom some seats name."""
        return cls(
            anybody=bool(seats),
            persons=frozenset(seat.person_id for seat in seats if seat.person_id),
            roles=frozenset(role for seat in seats if not seat.person_id for role in seat.roles),
        )

    def includes(self, seat: Seat) -> bool:
        """Say whether somebody is the same person as one of them, as `same_person` has it."""
        return seat.person_id in self.persons if seat.person_id else not self.roles.isdisjoint(seat.roles)


def seats_of(meeting: Trace | None, role: str) -> tuple[Seat, ...]:
    """Return whom a meeting names for one of its own roles: its chair, attendees or invited."""
    if meeting is None:
        return ()
    seats: list[Seat] = []
    for name in BUILT_IN[role]:
        for seat in meeting.people.get(name, ()):
            if not any(same_person(seat, other) for other in seats):
                seats.append(seat)
    return tuple(seats)


def same_person(one: Seat, other: Seat) -> bool:
    """Say whether two seats are one's: the same person, or one role without a person."""
    if one.person_id or other.person_id:
        return one.person_id == other.person_id
    return not set(one.roles).isdisjoint(other.roles)


def _told_twice(one: Trace, other: Trace) -> bool:
    """Say whether two facts tell one thing of one placement: two cases of a child may both tell it."""
    return one.kind == other.kind and one.placement_id is not None and one.placement_id == other.placement_id


def _within(test: Earlier, first: date, second: date) -> bool:
    """Say whether `second` falls within the window that begins on `first`."""
    if test.within_months is None:
        return True
    end = add_months(first, test.within_months)
    return second <= end if test.inclusive else second < end
