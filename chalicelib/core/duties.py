"""Obligations: what opens one, what ends it, when it is due."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from chalicelib.core.case import Duty, State
from chalicelib.core.clocks import Clocks
from chalicelib.core.dates import DueDate
from chalicelib.core.effects import Obligation
from chalicelib.core.lifetimes import end_of, excuse_of, openings
from chalicelib.core.matching import View
from chalicelib.core.openings import Opening
from chalicelib.core.owners import owners
from chalicelib.core.patterns import After, AtOnce, By, Is, On, Pattern
from chalicelib.core.settling import Settlement, settlement_of


def duties(view: View, clocks: Clocks, case_id: str) -> Iterator[Duty]:
    """Yield every duty that one protocol's obligations make of a case's facts."""
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            if isinstance(effect, Obligation):
                for opening in openings(view, clause, effect, case_id):
                    yield _duty(opening, clocks)


def _duty(opening: Opening, clocks: Clocks) -> Duty:
    obligation, fact = opening.obligation, opening.fact
    settlement = settlement_of(opening)
    owner, named = owners(opening)
    duty = Duty(
        id=opening.duty_id,
        protocol=opening.view.protocol.id,
        clause=opening.clause.id,
        effect=obligation.name,
        opened_by=fact.id,
        opened_on=fact.on,
        opened_at=fact.moment,
        owner=owner,
        named=named,
        tell=obligation.tell,
        at_once=isinstance(obligation.due, AtOnce),
        left=settlement.left,
        meeting_id=fact.meeting_id,
        note=settlement.note,
    )
    return _dated(_settled(duty, opening, settlement), opening, clocks)


def _dated(duty: Duty, opening: Opening, clocks: Clocks) -> Duty:
    """Return the duty with its date; while its protocol is halted it has none that is still to come."""
    due = _due(opening, clocks)
    stopped = clocks.stopped_on if duty.state is State.OPEN else None
    if stopped is not None and (due is None or due.on >= stopped):
        return replace(duty, halted=True)
    return replace(
        duty,
        halted=stopped is not None,
        due_on=due.on if due else None,
        provisional=due.provisional if due else False,
    )


def _settled(duty: Duty, opening: Opening, settlement: Settlement) -> Duty:
    """Return the duty as met, excused, lapsed or missed, whichever came first; else open.

    An excuse serves a duty that lapsed or was missed before it, too.
    """
    end = end_of(opening, settlement)
    if end is None:
        return duty
    state, by = end
    if state in (State.LAPSED, State.MISSED) and (excuse := excuse_of(opening)):
        state, by = State.EXCUSED, excuse
    return replace(duty, state=state, settled_by=by.id, settled_on=by.on)


def _due(opening: Opening, clocks: Clocks) -> DueDate | None:
    fact = opening.fact
    match opening.obligation.due:
        case None:
            return None
        case AtOnce():
            return DueDate(on=clocks.past_halts(fact.on), provisional=False)
        case After() as after:
            return clocks.after(fact.on, after)
        case On():
            return _on(clocks, fact.planned_for, provisional=False)
        case By() as limit:
            came = next(opening.following(limit.patterns), None)
            if came:
                return DueDate(on=came.on, provisional=False)
            return _on(clocks, _planned_for(opening, limit), provisional=True)


def _on(clocks: Clocks, planned: date | None, *, provisional: bool) -> DueDate | None:
    return DueDate(on=clocks.past_halts(planned), provisional=provisional) if planned else None


def _planned_for(opening: Opening, limit: By) -> date | None:
    """Return the date last planned for the meeting that limits a duty; none where no meeting does.

    That is the meeting which opened it, where it is of the kind asked for, or one convened since.
    """
    held = [pattern for pattern in limit.patterns if pattern.fact == "meeting_held"]
    planned = [
        fact.planned_for
        for fact in opening.view.history.of_kind("meeting_convened")
        if fact.planned_for
        and opening.concerns(fact)
        and any(opening.view.any_of((_as_convened(pattern),), fact) for pattern in held)
    ]
    return planned[-1] if planned else None


def _as_convened(pattern: Pattern) -> Pattern:
    """Return what convening such a meeting looks like: what only its holding shows is left out."""
    kinds = tuple(test for test in pattern.tests if isinstance(test, Is) and test.field == "meeting")
    return Pattern(fact="meeting_convened", tests=kinds)
