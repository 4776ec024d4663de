"""Obligations: what opens one, what ends it, when it is due."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from chalicelib.core.case import Duty, State
from chalicelib.core.dates import DueDate, due_after
from chalicelib.core.effects import Clause, Force, Obligation
from chalicelib.core.history import could_precede, surely_precedes
from chalicelib.core.identity import identify
from chalicelib.core.matching import View
from chalicelib.core.openings import Opening
from chalicelib.core.patterns import After, AtOnce, By, On
from chalicelib.core.protocol import Protocol
from chalicelib.core.settling import Settlement, settlement_of
from chalicelib.core.trace import EXCEPTION_RECORDED, Trace
from chalicelib.core.working_days import Calendar


def duties(view: View, calendar: Calendar, case_id: str) -> Iterator[Duty]:
    """Yield every duty that one protocol's obligations make of a case's facts."""
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            if isinstance(effect, Obligation):
                for opening in _openings(view, clause, effect, case_id):
                    yield _duty(opening, calendar)


def _openings(view: View, clause: Clause, obligation: Obligation, case_id: str) -> Iterator[Opening]:
    """Yield one opening for each trigger; with `joins`, one for each clock that runs."""
    closer: Trace | None = None
    running: Opening | None = None
    for fact in view.found(obligation.when):
        if running is not None:
            ended = _end(running, settlement_of(running))
            if ended is None or could_precede(fact, ended[1]):
                continue
            closer = ended[1]
        # A joined duty is named by what closed the one before it, so that an earlier trigger
        # learned of late doesn't rename it and announce it again.
        anchor = (closer.id if closer else "first") if obligation.joins else fact.id
        duty_id = identify("o", case_id, clause.id, obligation.name, anchor)
        opening = Opening(view=view, clause=clause, obligation=obligation, fact=fact, duty_id=duty_id)
        if obligation.joins:
            running = opening
        yield opening


def _duty(opening: Opening, calendar: Calendar) -> Duty:
    obligation, fact = opening.obligation, opening.fact
    settlement = settlement_of(opening)
    due = _due(opening, calendar)
    duty = Duty(
        id=opening.duty_id,
        protocol=opening.view.protocol.id,
        clause=opening.clause.id,
        effect=obligation.name,
        opened_by=fact.id,
        opened_on=fact.on,
        opened_at=fact.moment,
        owner=obligation.owner,
        tell=obligation.tell,
        due_on=due.on if due else None,
        provisional=due.provisional if due else False,
        at_once=isinstance(obligation.due, AtOnce),
        left=settlement.left,
        meeting_id=fact.meeting_id,
        note=settlement.note,
    )
    return _settled(duty, opening, settlement)


def _settled(duty: Duty, opening: Opening, settlement: Settlement) -> Duty:
    """Return the duty as met, excused, lapsed or missed, whichever came first; else open.

    An excuse serves a duty that lapsed or was missed before it, too.
    """
    end = _end(opening, settlement)
    if end is None:
        return duty
    state, by = end
    if state in (State.LAPSED, State.MISSED) and (excuse := _excuse(opening)):
        state, by = State.EXCUSED, excuse
    return replace(duty, state=state, settled_by=by.id, settled_on=by.on)


def _end(opening: Opening, settlement: Settlement) -> tuple[State, Trace] | None:
    """Return what came first of everything that ends a duty."""
    obligation = opening.obligation
    limits = obligation.due.patterns if isinstance(obligation.due, By) else ()
    # On one day without times the order that satisfies the protocol is the one that counts, and
    # that is the order of this list.
    ends = [
        (State.MET, settlement.by),
        (State.EXCUSED, _excuse(opening)),
        (State.LAPSED, next(opening.following(obligation.lapses), None)),
        (State.MISSED, next(opening.following(limits), None)),
    ]
    first: tuple[State, Trace] | None = None
    for state, by in ends:
        if by is not None and (first is None or surely_precedes(by, first[1])):
            first = state, by
    return first


def _excuse(opening: Opening) -> Trace | None:
    """Return what excuses a duty: for a *must* it needs an approver who holds a post."""
    return excuse_for(opening.duty_id, opening.clause, opening.view)


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


def _due(opening: Opening, calendar: Calendar) -> DueDate | None:
    fact = opening.fact
    match opening.obligation.due:
        case None:
            return None
        case AtOnce():
            return DueDate(on=fact.on, provisional=False)
        case After() as after:
            day_zero = str(opening.view.protocol.setting("day_zero", "event"))
            return due_after(fact.on, after, day_zero, calendar)
        case On():
            return DueDate(on=fact.planned_for, provisional=False) if fact.planned_for else None
        case By() as limit:
            came = next(opening.following(limit.patterns), None)
            if came:
                return DueDate(on=came.on, provisional=False)
            planned = _planned_for(opening)
            return DueDate(on=planned, provisional=True) if planned else None


def _planned_for(opening: Opening) -> date | None:
    """Return the date last planned for the meeting that the opening fact is about."""
    meeting_id = opening.view.history.meeting_of(opening.fact)
    planned = [
        fact.planned_for
        for fact in opening.view.history.of_kind("meeting_convened")
        if fact.meeting_id == meeting_id and fact.planned_for
    ]
    return planned[-1] if planned else None
