"""Which facts of a case count, once corrections and withdrawals are read."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from chalicelib.core.trace import FACT_WITHDRAWN, Trace


def in_order(fact: Trace) -> tuple[date, datetime, str]:
    """Return what a case's facts are sorted by: day, time and id."""
    return fact.on, fact.moment, fact.id


def counted(facts: Iterable[Trace]) -> tuple[Trace, ...]:
    """Return the facts that count, by day, time and id.

    A correction takes the place, the id and the first-learned moment of what it corrects; of
    several the one learned last stands. A withdrawal removes the fact and its corrections; one
    that is itself withdrawn removes nothing.
    """
    told = {fact.id: fact for fact in facts}
    known = {fact.id: fact for fact in told.values() if not _removes_nothing(fact, told)}
    # Whatever the clocks of two machines said, nothing stands against what corrects it.
    replaced = {fact.replaces for fact in known.values() if fact.replaces}
    latest: dict[str, Trace] = {}
    for fact in known.values():
        root = _root(fact, known)
        rival = latest.get(root)
        if rival is None or _standing(fact, replaced) > _standing(rival, replaced):
            latest[root] = fact
    standing = (
        fact if fact.id == root else _in_place_of(root, fact, known)
        for root, fact in latest.items()
        if fact.kind != FACT_WITHDRAWN
    )
    return tuple(sorted(standing, key=in_order))


def _removes_nothing(fact: Trace, told: Mapping[str, Trace]) -> bool:
    """Say whether a fact withdraws only a withdrawal, or was itself withdrawn for good."""
    if fact.kind != FACT_WITHDRAWN:
        return False
    withdrawn = told.get(fact.replaces or "")
    return (withdrawn is not None and withdrawn.kind == FACT_WITHDRAWN) or _is_withdrawn(fact.id, told)


def _is_withdrawn(fact_id: str, told: Mapping[str, Trace], seen: frozenset[str] = frozenset()) -> bool:
    seen |= {fact_id}
    return any(
        each.replaces == fact_id
        and each.kind == FACT_WITHDRAWN
        and each.id not in seen
        and not _is_withdrawn(each.id, told, seen)
        for each in told.values()
    )


def _in_place_of(root: str, fact: Trace, known: Mapping[str, Trace]) -> Trace:
    return replace(fact, id=root, learned_at=known[root].learned_at if root in known else fact.learned_at)


def _standing(fact: Trace, replaced: Container[str]) -> tuple[bool, datetime, str]:
    """Return what decides between a fact and its corrections: the greatest stands."""
    return fact.id not in replaced, fact.learned_at, fact.id


def _root(fact: Trace, known: Mapping[str, Trace]) -> str:
    """Follow corrections back to the fact first recorded; a loop ends where it began."""
    seen = {fact.id}
    while fact.replaces and fact.replaces not in seen:
        seen.add(fact.replaces)
        if fact.replaces not in known:
            return fact.replaces
        fact = known[fact.replaces]
    return fact.id
