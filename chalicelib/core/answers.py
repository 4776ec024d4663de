"""How a tripped check is answered: by an exception that was claimed, or an excuse recorded afterwards."""

from collections.abc import Sequence

from chalicelib.core.case import Answer
from chalicelib.core.effects import Clause, Force, WayPast
from chalicelib.core.identity import identify
from chalicelib.core.matching import View
from chalicelib.core.protocol import Protocol
from chalicelib.core.trace import EXCEPTION_RECORDED, Claim, Trace

# The exception that passes everything and is always flagged (settings, silence 10).
SAFETY = "safety"
# A clause that only advises, and names no exception, passes on a reason alone.
REASON = "reason"


def flag_id_of(case_id: str, clause_id: str, effect: str, fact_id: str) -> str:
    """Return the id of the flag that a fact raises at one effect of one clause."""
    return identify("g", case_id, clause_id, effect, fact_id)


def passes(view: View, clause: Clause, fact: Trace, flag_id: str) -> bool:
    """Say whether a fact that tripped a clause counts nevertheless: by an exception or an excuse."""
    answer, _ = answer_to(view, clause, fact)
    return answer is not Answer.BREACH or excuse_for(flag_id, clause, view) is not None


def answer_to(view: View, clause: Clause, fact: Trace) -> tuple[Answer, str | None]:
    """Return how the claims on a fact answer a clause that it tripped, and the exception that did."""
    for claim in fact.claims:
        if claim.name == SAFETY:
            if not obstacles(view, fact, claim, safety_exception(view)):
                return Answer.SAFETY, SAFETY
            continue
        for way in ways_past(view, clause):
            if way.name == claim.name and not obstacles(view, fact, claim, way):
                return Answer.EXCEPTED, way.name
    return Answer.BREACH, None


def safety_exception(view: View) -> WayPast:
    """Return the exception that is open past every clause, with the authority's approvers."""
    approvers = view.protocol.setting("safety_approver")
    # Without the setting any role approves; nobody's word alone does.
    named = approvers if isinstance(approvers, list | tuple) else view.protocol.roles
    return WayPast(name=SAFETY, to=(), approver=tuple(named))


def ways_past(view: View, clause: Clause) -> tuple[WayPast, ...]:
    """Return the exceptions to a clause: those named for it, or a reason where it only advises."""
    named = tuple(way for _, way in view.protocol.exceptions_to.get(clause.id, ()))
    if named or clause.force is Force.MUST:
        return named
    return (WayPast(name=REASON, to=(clause.id,)),)


def obstacles(view: View, fact: Trace, claim: Claim | None, way: WayPast) -> tuple[str, ...]:
    """Return what stands between a fact and an exception: nothing, when the exception is open."""
    found: list[str] = []
    if not all(view.holds(test, fact) for test in way.when):
        found.append("does_not_apply")
    if claim is None:
        return (*found, "not_claimed")
    if not claim.reasoned:
        found.append("no_reason")
    if way.approver:
        roles = view.history.roles_of(claim.approver, fact.on) if claim.approver else frozenset()
        if claim.approver is None:
            found.append("no_approver")
        elif not _serves(view, roles, way.approver):
            found.append("approver_does_not_hold_the_role")
    if way.confirm and not claim.confirmed:
        found.append("not_confirmed")
    return tuple(found)


def _serves(view: View, roles: frozenset[str], wanted: Sequence[str]) -> bool:
    return any(not roles.isdisjoint(view.protocol.members(role)) for role in wanted)


def excuse_for(about: str, clause: Clause, view: View) -> Trace | None:
    """Return the exception recorded afterwards for a duty or a flag, if it is good."""
    for fact in view.history.of_kind(EXCEPTION_RECORDED):
        if fact.for_id != about:
            continue
        approvers = (claim.approver for claim in fact.claims if claim.approver)
        approved = any(_may_excuse(view.history.roles_of(seat, fact.on), view.protocol) for seat in approvers)
        if approved or clause.force is not Force.MUST:
            return fact
    return None


def _may_excuse(roles: frozenset[str], protocol: Protocol) -> bool:
    """Say whether somebody in these roles may excuse: whom the authority named, else any post."""
    named = protocol.setting("excuse_approver")
    if not isinstance(named, list | tuple):
        return bool(roles)
    return any(not roles.isdisjoint(protocol.members(str(role))) for role in named)
