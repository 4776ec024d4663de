"""The corridor: load → decide → commit, again where somebody else got there first."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chalicelib import family
from chalicelib.commits import Made, commit_of
from chalicelib.core.case import Answer, Case, Decision
from chalicelib.core.decision import decide
from chalicelib.core.errors import (
    AlreadyReceived,
    Busy,
    InvalidInput,
    KeyReused,
    NotFound,
    Problem,
    Refused,
    StaleVersion,
    Tripped,
)
from chalicelib.core.facts import Fact, Party, ReferralReceived
from chalicelib.core.london import day_of
from chalicelib.core.looking_ahead import ahead_of
from chalicelib.core.rules import Rules
from chalicelib.core.trace import Seat, Trace
from chalicelib.core.tracing import Heard, trace_of
from chalicelib.patience import persist
from chalicelib.plausible import refuse_implausible
from chalicelib.recounting import recounted
from chalicelib.refusal import reasons_for
from chalicelib.visits import Accepted, Incoming, Ports, Visit


def open_case(fact: ReferralReceived, incoming: Incoming, ports: Ports) -> Accepted:
    """Open a case by a referral.

    Raises NotFound where the authority isn't the caller's or has no protocol in force,
    InvalidInput, KeyReused, Busy.
    """
    if fact.authority != incoming.authority:
        raise NotFound("no such authority")
    if fact.replaces:
        raise InvalidInput([Problem("replaces", "nothing: a referral that opens a case corrects no fact")])
    trace = _trace(fact, incoming, ports)

    def attempt() -> Made | None:
        case, child = ports.cases.load_with_child(incoming.case_id, incoming.authority, fact.child_reference)
        if case is not None:
            return None
        on = day_of(incoming.learned_at)
        fresh = Case(
            id=incoming.case_id,
            authority=incoming.authority,
            child_reference=fact.child_reference,
            protocols=ports.rulebook.in_force(incoming.authority, on),
            calendar=ports.rulebook.calendar_in_force(incoming.authority).hash,
        )
        known = family.with_elsewhere(trace, child, fresh.id)
        return commit_of(fresh, known, family.joined(child, fresh), Visit(incoming=incoming, ports=ports))

    return _decided(attempt, incoming, ports)


def record(case_id: str, fact: Fact, incoming: Incoming, ports: Ports) -> Accepted:
    """Store something that has happened, whatever clauses it trips.

    Raises NotFound, InvalidInput, StaleVersion, KeyReused, Busy.
    """
    return _take(case_id, fact, Visit(incoming=incoming, ports=ports))


def propose(case_id: str, fact: Fact, incoming: Incoming, ports: Ports) -> Accepted:
    """Store something that somebody means to do, unless a clause trips without an exception.

    Raises what `record` raises, and Tripped with every reason; then nothing is stored.
    """

    if fact.replaces:
        raise InvalidInput([Problem("replaces", "nothing: a proposal corrects no fact")])

    def refuse_breaches(case: Case, decision: Decision) -> None:
        rules = ports.rulebook.for_case(decision.after)
        # What somebody means to do is done from now on, whatever day it names: a freeze that is in
        # force today bars a move that is dated before it.
        meant = replace(decision.fact, on=day_of(incoming.learned_at), at=None)
        tried = (decision, decide(case, meant, rules))
        found = [reason for each in tried for reason in _breaches(each, rules)]
        if (ahead := ahead_of(decision.fact, decision.after, rules)) is not None:
            found += reasons_for(ahead[1], ahead[0], rules)
        reasons = {(reason["clause"], reason["reason"]): reason for reason in found}
        if reasons:
            raise Tripped(tuple(reasons.values()))

    return _take(case_id, fact, Visit(incoming=incoming, ports=ports, allow=refuse_breaches, proposed=True))


def _breaches(decision: Decision, rules: Rules) -> Sequence[Mapping[str, object]]:
    """Return why each clause that the decision's own fact trips without an exception does not pass."""
    flags = decision.after.standing.flags
    tripped = [flag for flag in flags if flag.fact_id == decision.fact.id and flag.answer is Answer.BREACH]
    return reasons_for(tripped, decision, rules)


def _take(case_id: str, fact: Fact, visit: Visit) -> Accepted:
    trace = _trace(fact, visit.incoming, visit.ports)
    reference = fact.child_reference if isinstance(fact, ReferralReceived) else None
    if isinstance(fact, ReferralReceived) and fact.authority != visit.incoming.authority:
        raise NotFound("no such authority")

    def on(case: Case) -> Trace:
        refuse_implausible(case, trace, reference)
        return _with_endings(case, trace)

    return take(case_id, on, visit)


def take(case_id: str, fact_on: Callable[[Case], Trace], visit: Visit) -> Accepted:
    """Take the fact that a request reports on a case, as that stands when it is tried.

    Raises NotFound, StaleVersion, KeyReused, Busy, and whatever `fact_on` raises.
    """
    incoming, ports = visit.incoming, visit.ports

    def attempt() -> Made | None:
        case = own_case(case_id, incoming.authority, ports)
        if any(each.id == incoming.fact_id for each in case.facts):
            return None
        if incoming.if_match is not None and incoming.if_match != case.version:
            raise StaleVersion(f"the case is at version {case.version}")
        case = recounted(case, incoming.learned_at, ports)
        return commit_of(case, fact_on(case), None, visit)

    return _decided(attempt, incoming, ports)


def own_case(case_id: str, authority: str, ports: Ports) -> Case:
    """Return a case of this authority. Raises NotFound, alike for another authority's."""
    case = ports.cases.load(case_id)
    if case.authority != authority:
        raise NotFound("no such case")
    return case


def _with_endings(case: Case, trace: Trace) -> Trace:
    """Keep, on a corrected referral, what was known of the child's other cases at opening."""
    corrected = next((each for each in case.facts if each.id == trace.replaces), None)
    return replace(trace, endings=corrected.endings, involved=corrected.involved) if corrected else trace


def _trace(fact: Fact, incoming: Incoming, ports: Ports) -> Trace:
    """Return the fact's trace, with everybody's roles in the authority looked up."""

    def seat(party: Party) -> Seat:
        if party.person_id is None:
            return Seat(roles=(party.role or "",))
        held = ports.contacts.roles_held(incoming.authority, party.person_id)
        return Seat(person_id=party.person_id, roles=held)

    heard = Heard(fact_id=incoming.fact_id, learned_at=incoming.learned_at)
    return trace_of(fact, heard, seat)


# --- attempts, until one holds ---------------------------------------------------------------


def _decided(attempt: Callable[[], Made | None], incoming: Incoming, ports: Ports) -> Accepted:
    """Try until a commit holds. An attempt that returns none says the request came before."""

    def stored() -> Accepted:
        made = attempt()
        if made is None:
            return _first_answer(incoming, ports)
        commit, accepted = made
        ports.cases.commit(commit)
        return accepted

    return carry_out(stored, incoming, ports)


def carry_out(attempt: Callable[[], Accepted], incoming: Incoming, ports: Ports) -> Accepted:
    """Try until what was asked for is stored with its receipt, so often and so long as there is time.

    A request that was stored before is answered as it was then. Raises KeyReused, Busy, and whatever
    the attempt raises to refuse one that was not.
    """
    return persist(lambda: _once(attempt, incoming, ports), ports.pause, incoming.seconds_left)


def _once(attempt: Callable[[], Accepted], incoming: Incoming, ports: Ports) -> Accepted:
    try:
        return attempt()
    except AlreadyReceived:
        return _first_answer(incoming, ports)
    except Refused:
        # What would be refused now may have been taken before, or its key may have been used for another.
        if ports.cases.receipt(incoming.authority, incoming.key) is None:
            raise
        return _first_answer(incoming, ports)


def _first_answer(incoming: Incoming, ports: Ports) -> Accepted:
    """Return what a request was answered when it first came. Raises KeyReused."""
    receipt = ports.cases.receipt(incoming.authority, incoming.key)
    if receipt is None:
        raise Busy("the first answer is still being stored")
    if receipt.body_hash != incoming.body_hash:
        raise KeyReused("this idempotency key came before with another request")
    version = json.loads(receipt.answer).get("version")
    return Accepted(status=receipt.status, answer=receipt.answer, version=version, replayed=True)
