"""What the cases of one child share: how placements ended and who had a part, known to each of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.core.case import Case, Child
from chalicelib.core.effects import People
from chalicelib.core.history import History
from chalicelib.core.identity import identify
from chalicelib.core.protocol import Protocol
from chalicelib.core.trace import CHILD_HISTORY_CHANGED, Ending, Involvement, Trace

# How somebody comes to have a part in a case: the fields of a fact, and being allocated.
WAYS = ("chair", "present", "by")
ALLOCATED = "allocated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """When something came to be known: the UTC moment and London's day."""

    at: datetime
    on: date


def endings_of(case: Case) -> tuple[Ending, ...]:
    """Return how placements ended in one case, by its facts that count."""
    return tuple(
        Ending(case_id=case.id, fact_id=fact.id, on=fact.on, words=fact.words, placement_id=fact.placement_id)
        for fact in History(case.facts).of_kind("placement_ended")
    )


def involved_in(case: Case) -> tuple[Involvement, ...]:
    """Return who had a part in one case, in which way and since when, by its facts that count."""
    first: dict[tuple[str, str], date] = {}
    for fact in History(case.facts).facts:
        for pair in _parts_in(fact):
            first.setdefault(pair, fact.on)
    return tuple(
        Involvement(case_id=case.id, person_id=person, way=way, on=on)
        for (person, way), on in sorted(first.items())
    )


def _parts_in(fact: Trace) -> Iterator[tuple[str, str]]:
    for person in fact.allocations.values():
        yield person, ALLOCATED
    for way in WAYS:
        for seat in fact.people.get(way, ()):
            if seat.person_id:
                yield seat.person_id, way


def concerned(before: Case, after: Case, fact: Trace) -> bool:
    """Say whether one more fact changed what the child's cases share; a record is about no child."""
    if not before.child_reference:
        return False
    if fact.replaces:
        return endings_of(before) != endings_of(after) or involved_in(before) != involved_in(after)
    if fact.kind == "placement_ended":
        return True
    known: dict[tuple[str, str], date] = {}
    for each in before.facts:
        for pair in _parts_in(each):
            known[pair] = min(each.on, known.get(pair, each.on))
    return any(fact.on < known.get(pair, date.max) for pair in _parts_in(fact))


def joined(child: Child, case: Case) -> Child:
    """Return the child's item with one more case, which has been opened for it."""
    return replace(child, cases=(*child.cases, case.id))


def updated(child: Child, case: Case) -> Child:
    """Return the child's next item, with what one case tells it as that now stands."""
    return replace(
        child,
        version=child.version + 1,
        endings=(*(each for each in child.endings if each.case_id != case.id), *endings_of(case)),
        involved=(*(each for each in child.involved if each.case_id != case.id), *involved_in(case)),
    )


def with_elsewhere(fact: Trace, child: Child, case_id: str) -> Trace:
    """Return a fact that carries what the child's other cases held when it was recorded."""
    return replace(
        fact,
        endings=tuple(each for each in child.endings if each.case_id != case_id),
        involved=tuple(each for each in child.involved if each.case_id != case_id),
    )


def history_changed(child: Child, case_id: str, cause: str, learned: Learned) -> Trace:
    """Return the fact by which another case of the child learns of a change here."""
    changed = Trace(
        id=identify("f", CHILD_HISTORY_CHANGED, cause, case_id),
        kind=CHILD_HISTORY_CHANGED,
        on=learned.on,
        learned_at=learned.at,
    )
    return with_elsewhere(changed, child, case_id)


def ask_who_was_involved(protocols: Iterable[Protocol]) -> bool:
    """Say whether any of these protocols asks who had a part in the child's cases."""
    return any(
        isinstance(effect, People) and effect.uninvolved is not None
        for protocol in protocols
        for clause in protocol.clauses
        for effect in clause.effects
    )
