"""What the cases of one child share: how placements ended, known to each of them."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.core.case import Case, Child
from chalicelib.core.history import History
from chalicelib.core.identity import identify
from chalicelib.core.trace import CHILD_HISTORY_CHANGED, Ending, Trace


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


def joined(child: Child, case: Case) -> Child:
    """Return the child's item once a case has been opened for it."""
    return replace(child, version=child.version + 1, cases=(*child.cases, case.id))


def updated(child: Child, case: Case) -> Child:
    """Return the child's item with one case's endings as they now stand."""
    others = tuple(each for each in child.endings if each.case_id != case.id)
    return replace(child, version=child.version + 1, endings=(*others, *endings_of(case)))


def elsewhere(child: Child, case_id: str) -> tuple[Ending, ...]:
    """Return the endings in the child's other cases."""
    return tuple(each for each in child.endings if each.case_id != case_id)


def history_changed(child: Child, case_id: str, cause: str, learned: Learned) -> Trace:
    """Return the fact by which another case of the child learns of a change here."""
    return Trace(
        id=identify("f", CHILD_HISTORY_CHANGED, cause, case_id),
        kind=CHILD_HISTORY_CHANGED,
        on=learned.on,
        learned_at=learned.at,
        endings=elsewhere(child, case_id),
    )
