"""From decisions to everything that one transaction stores."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib import family
from chalicelib.consequences import consequences
from chalicelib.core.case import Case, Child, Decision
from chalicelib.core.decision import decide
from chalicelib.core.london import day_of
from chalicelib.core.trace import Trace
from chalicelib.ports import Commit, Entry, Receipt
from chalicelib.recounting import recounted
from chalicelib.visits import Accepted, Incoming, Visit

CREATED = 201


Made = tuple[Commit, Accepted]


@dataclass(frozen=True, slots=True)
class _Decided:
    """A case as it was loaded, and what was decided on it."""

    case: Case
    decision: Decision


def commit_of(case: Case, trace: Trace, child: Child | None, visit: Visit) -> Made:
    """Decide on the case, and on the child's other cases where an ending changed for them."""
    incoming, ports = visit.incoming, visit.ports
    made, child = _decided(case, trace, child, visit)
    decision = made[0].decision
    accepted = Accepted(
        status=CREATED, answer=_answer(decision), version=decision.after.version, replayed=False
    )
    commit = Commit(
        entries=tuple(
            Entry(
                decision=each.decision,
                fact_json=incoming.fact_json if each.case is case else "{}",
                recorded_by=incoming.subject,
                learned_at=incoming.learned_at,
                before=each.case.standing,
                proposed=visit.proposed and each.case is case,
            )
            for each in made
        ),
        child=child,
        receipt=receipt_of(accepted, incoming),
        **consequences([(each.case, each.decision) for each in made], incoming.learned_at, ports),
    )
    return commit, accepted


def _decided(
    case: Case, trace: Trace, child: Child | None, visit: Visit
) -> tuple[Sequence[_Decided], Child | None]:
    """Return the case's decision and then those of the child's other cases, and the child's next item."""
    rules = visit.ports.rulebook.for_case(case, trace)
    decision = decide(case, trace, rules)
    visit.allow(case, decision)
    if child is None and not family.concerned(case, decision.after, trace):
        return [_Decided(case, decision)], None
    known = child or visit.ports.cases.child(case.authority, case.child_reference)
    changed = family.updated(known, decision.after)
    others = _others(known, changed, case.id, visit)
    if others:
        # They share a transaction, so there is less room for what each has to say.
        trace = replace(trace, beside=len(others))
        decision = decide(case, trace, rules)
    elsewhere = [_elsewhere(other, changed, trace, visit) for other in others]
    return [_Decided(case, decision), *elsewhere], changed


def _others(before: Child, after: Child, case_id: str, visit: Visit) -> Sequence[Case]:
    """Return the child's other cases where something changed for them, on the calendar in force.

    Who had a part is told only where the authority's protocols ask for it. Raises CaseChanged.
    """
    ports, now = visit.ports, visit.incoming.learned_at
    if before.endings == after.endings and not ports.rulebook.asks_who_was_involved(after.authority):
        return ()
    others = (ports.cases.load(each) for each in after.cases if each != case_id)
    return tuple(recounted(each, now, ports) for each in others)


def _elsewhere(other: Case, child: Child, cause: Trace, visit: Visit) -> _Decided:
    """Tell one of the child's other cases what changed here, within the same transaction."""
    at = visit.incoming.learned_at
    learned = family.Learned(at=at, on=day_of(at))
    heard = family.history_changed(child, other.id, cause.id, learned)
    rules = visit.ports.rulebook.for_case(other)
    return _Decided(other, decide(other, replace(heard, beside=cause.beside), rules))


def receipt_of(accepted: Accepted, incoming: Incoming) -> Receipt:
    """Return what keeps a request's first answer."""
    return Receipt(
        authority=incoming.authority,
        key=incoming.key,
        body_hash=incoming.body_hash,
        status=accepted.status,
        answer=accepted.answer,
        received_at=incoming.learned_at,
    )


def _answer(decision: Decision) -> str:
    """Return the JSON text of a first answer: what followed, by ids and clauses alone."""
    return json.dumps(
        {
            "case_id": decision.after.id,
            "fact_id": decision.fact.id,
            "version": decision.after.version,
            "changes": [
                {"what": each.what, "about": each.about, "clause": each.clause} for each in decision.changes
            ],
            "notices": len(decision.notices),
        }
    )
