"""Checks on a step: guards, who is to act, freezes; and the exceptions that pass them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.core.case import Answer, Flag, Hold
from chalicelib.core.duties import excuse_for
from chalicelib.core.effects import Clause, Effect, Force, Freeze, Guard, People, WayPast
from chalicelib.core.history import could_precede, same_placement
from chalicelib.core.holds import MOVES, bars
from chalicelib.core.identity import identify
from chalicelib.core.matching import View
from chalicelib.core.trace import Claim, Trace

# The exception that passes everything and is always flagged (settings, silence 10).
SAFETY = "safety"
# A clause that only advises, and names no exception, passes on a reason alone.
REASON = "reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """One check that a fact did not pass."""

    clause: Clause
    effect: Guard | People | Freeze
    fact: Trace


def flags(view: View, standing_holds: Sequence[Hold], case_id: str) -> Iterator[Flag]:
    """Yield a flag for every check that the facts tripped, with how it was answered."""
    for tripped in _tripped(view, standing_holds):
        clause, effect, fact = tripped.clause, tripped.effect, tripped.fact
        flag_id = identify("g", case_id, clause.id, effect.name, fact.id)
        answer, exception = _answer(view, clause, fact)
        if answer in (Answer.BREACH, Answer.SAFETY) and excuse_for(flag_id, clause, view):
            answer = Answer.EXCUSED
        yield Flag(
            id=flag_id,
            protocol=view.protocol.id,
            clause=clause.id,
            effect=effect.name,
            fact_id=fact.id,
            on=fact.on,
            opened_at=fact.moment,
            answer=answer,
            why=_why(effect),
            exception=exception,
            tell=effect.tell,
        )


def _tripped(view: View, standing_holds: Sequence[Hold]) -> Iterator[Tripped]:
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            for fact in _failing(view, effect, clause, standing_holds):
                if isinstance(effect, Guard | People | Freeze):
                    yield Tripped(clause=clause, effect=effect, fact=fact)


def _failing(view: View, effect: Effect, clause: Clause, standing_holds: Sequence[Hold]) -> Iterator[Trace]:
    match effect:
        case Guard():
            for fact in view.found(effect.before):
                if not _needed_came_before(view, effect, fact):
                    yield fact
        case People():
            for fact in view.found(effect.of):
                if view.values(effect.field, fact).isdisjoint(effect.one_of):
                    yield fact
        case Freeze():
            own = [hold for hold in standing_holds if hold.clause == clause.id]
            for kind in MOVES:
                for move in view.history.of_kind(kind):
                    if any(bars(hold, view, move) for hold in own):
                        yield move


def _needed_came_before(view: View, guard: Guard, fact: Trace) -> bool:
    """Look back, as far as the start of the present placement, for one of what is needed."""
    began = view.history.placement_began(fact)
    return any(
        could_precede(needed, fact) and needed.on >= began and same_placement(needed, fact)
        for needed in view.found(guard.needs)
    )


def _answer(view: View, clause: Clause, fact: Trace) -> tuple[Answer, str | None]:
    """Return how the claims on a fact answer a clause, and the exception that did."""
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


def _why(effect: Guard | People | Freeze) -> str:
    match effect:
        case Guard(needs=()):
            return "not_to_be_done"
        case Guard():
            return "needed_first"
        case People():
            return "not_the_right_person"
        case Freeze():
            return "frozen"
