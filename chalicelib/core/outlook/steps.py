"""Steps that somebody might take today, as the protocols' guards and freezes speak of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.case import FREEZE, Case
from chalicelib.core.effects import Guard
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.facts import BY_KIND
from chalicelib.core.history import History
from chalicelib.core.holds import MOVES
from chalicelib.core.labels import in_order
from chalicelib.core.london import day_of
from chalicelib.core.patterns import Has, Is, Only, Pattern
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.saying import PEOPLE, said_events
from chalicelib.core.trace import RECORD_OPENED, Seat, Trace

# Later than every id that a fact has: of two facts of one kind on one day the later is tried.
STEP_ID = "~step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that nobody has taken, put as a fact of today; `said` says what happens in it."""

    fact: Trace
    said: str

    @property
    def may_be_proposed(self) -> bool:
        """Whether it may be proposed, and so refused; any other is recorded, and flagged."""
        return BY_KIND[self.fact.kind].may_be_proposed

    def data(self) -> Explained:
        """Return it as the fact that would be sent: its kind and its fields."""
        words = {name: list(said) for name, said in self.fact.words.items()}
        people = {
            name: [role for seat in seats for role in seat.roles] for name, seats in self.fact.people.items()
        }
        return {"kind": self.fact.kind, "fields": {**words, **people}}


def steps(case: Case, rules: Rules, now: datetime) -> tuple[Step, ...]:
    """Return every step that a guard of any protocol watches, and the moves that a freeze bars.

    Left out are those that cannot be taken on this case as it stands: the pattern asks for another
    sort of case, or the placement has ended. On the authority's own record there is no child.
    """
    history = History(case.facts)
    if history.of_kind(RECORD_OPENED):
        return ()
    placement = Placement.of(history)
    found: dict[object, Step] = {}
    for protocol, pattern in _watched(case, rules):
        fact = _fact(pattern, protocol, placement, now)
        view = rules.view(protocol, history)
        if placement.allows(fact) and view.matches(pattern, fact):
            step = Step(fact=fact, said=said_events((_plain(pattern),), protocol))
            found.setdefault(_key(fact), step)
    return tuple(found.values())


def _watched(case: Case, rules: Rules) -> Iterator[tuple[Protocol, Pattern]]:
    for protocol in rules.protocols:
        for clause in protocol.clauses:
            for effect in clause.effects:
                if isinstance(effect, Guard):
                    yield from ((protocol, pattern) for pattern in effect.before)
    if any(hold.sort == FREEZE and hold.ended_by is None for hold in case.standing.holds):
        yield from ((rules.protocols[0], Pattern(fact=kind)) for kind in MOVES)


def _plain(pattern: Pattern) -> Pattern:
    """Return a pattern with what it asks of the step alone: the case is as it is."""
    asked = tuple(test for test in pattern.tests if isinstance(test, Is | Only | Has))
    return Pattern(fact=pattern.fact, tests=asked)


def _key(fact: Trace) -> object:
    people = sorted((name, [seat.roles for seat in seats]) for name, seats in fact.people.items())
    return fact.kind, tuple(sorted(fact.words.items())), str(people), fact.filled


def _fact(pattern: Pattern, protocol: Protocol, placement: "Placement", now: datetime) -> Trace:
    """Return the fact that a pattern asks for, of today; of several words the first."""
    words: dict[str, tuple[str, ...]] = {}
    people: dict[str, tuple[Seat, ...]] = {}
    filled: set[str] = set()
    for test in pattern.tests:
        match test:
            case Is(field=field) if field in PEOPLE:
                people[field] = (Seat(roles=(in_order(field, test.words, protocol)[0],)),)
            case Is(field=field):
                words[field] = (in_order(field, test.words, protocol)[0],)
            case Only(field=field):
                words[field] = tuple(in_order(field, test.words, protocol))
            case Has(fields=fields):
                filled.update(fields)
            case _:
                pass
    return Trace(
        id=STEP_ID,
        kind=pattern.fact,
        on=day_of(now),
        learned_at=now,
        words=words,
        people=people,
        filled=tuple(sorted({*filled, *words, *people})),
        placement_id=None if pattern.fact == "placement_started" else placement.id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The placement that a case is about now: `id` is none where no fact names one that runs."""

    id: str | None
    over: bool

    @classmethod
    def of(cls, history: History) -> "Placement":
        """Return the placement named last that has not ended."""
        named = [each.placement_id for each in history.facts if each.placement_id]
        ended = {each.placement_id for each in history.of_kind("placement_ended")}
        running = [each for each in named if each not in ended]
        return cls(id=running[-1] if running else None, over=bool(ended) and not running)

    def allows(self, fact: Trace) -> bool:
        """Say whether such a step can still be taken: what has ended does not end again."""
        return not (fact.kind == "placement_ended" and self.over)
