"""Obligations: what opens one, what ends it, when it is due."""

from collections.abc import Iterator
from datetime import date, time

from chalicelib.core.case import Duty, State
from chalicelib.core.clocks import Clocks
from chalicelib.core.dates import DueDate
from chalicelib.core.effects import Force, Obligation
from chalicelib.core.ladders import NEVER_CLIMBED, Climb, Clock, Ladders
from chalicelib.core.lifetimes import end_of, excuse_of, openings
from chalicelib.core.london import closes_at
from chalicelib.core.matching import View
from chalicelib.core.openings import Opening
from chalicelib.core.owners import owners
from chalicelib.core.patterns import After, AtOnce, By, Is, On, Pattern
from chalicelib.core.recounts import counted
from chalicelib.core.settling import Settlement, settlement_of
from chalicelib.core.trace import Trace


def duties(view: View, ladders: Ladders, case_id: str) -> Iterator[tuple[Duty, Climb]]:
    """Yield every duty that one protocol makes of a case's facts, with what its ladder came to."""
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            if isinstance(effect, Obligation):
                for opening in openings(view, clause, effect, case_id):
                    yield _duty(opening, ladders)


def _duty(opening: Opening, ladders: Ladders) -> tuple[Duty, Climb]:
    obligation, fact, clocks = opening.obligation, opening.fact, ladders.clocks
    settlement = settlement_of(opening)
    state, by = _fate(opening, settlement)
    stopped = clocks.stopped_on if state is State.OPEN else None
    # What is settled keeps the date that it had then.
    due = _due(opening, clocks.until(by.on) if by else clocks, by)
    if stopped is not None and due is not None and due.on >= stopped:
        # While its protocol is halted a duty has no date that is still to come.
        due = None
    owner, named = owners(opening)
    climbed = NEVER_CLIMBED
    if state is State.OPEN:
        climbed = _climb(opening, due.on if due else None, ladders)
    elif state is State.MISSED and by:
        climbed = ladders.climb("", "breach", Clock(opened_at=by.moment, opened_on=by.on))
    due_by = clocks.cut_off if due and isinstance(obligation.due, After | On) else None
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
        state=state,
        settled_by=by.id if by else None,
        settled_on=by.on if by else None,
        halted=stopped is not None,
        due_on=due.on if due else None,
        due_by=due_by,
        late=state is State.MET and by is not None and due is not None and _is_late(by, due.on, due_by),
        provisional=due.provisional if due else False,
        next_action_at=climbed.next_at,
    )
    return duty, climbed


def _is_late(met_by: Trace, due_on: date, due_by: time | None) -> bool:
    """Say whether what met a duty came after its last day or, where it gives a time, after the cut-off."""
    if met_by.at is None or met_by.on != due_on:
        return met_by.on > due_on
    return met_by.at >= closes_at(due_on, due_by)


def _climb(opening: Opening, due_on: date | None, ladders: Ladders) -> Climb:
    """Return what the ladder of an open duty came to.

    What *may* be done is prompted and never overdue: it climbs as what has no date.
    """
    limit, fact = opening.obligation.due, opening.fact
    if opening.clause.force is Force.MAY:
        limit = due_on = None
    at_once = isinstance(limit, AtOnce)
    # Of what is halted only the date is gone: its ladder stays the one that it began to climb.
    dated = due_on is not None or (ladders.clocks.stopped_on is not None and limit is not None)
    sort = "at_once" if at_once else "dated" if dated else "undated"
    clock = Clock(opened_at=fact.moment, opened_on=fact.on, due_on=due_on, at_once=at_once)
    return ladders.climb(opening.clause.id, sort, clock)


def _fate(opening: Opening, settlement: Settlement) -> tuple[State, Trace | None]:
    """Return whether a duty is met, excused, lapsed or missed, whichever came first; else open.

    An excuse serves a duty that lapsed or was missed before it, too.
    """
    end = end_of(opening, settlement)
    if end is None:
        return State.OPEN, None
    state, by = end
    if state in (State.LAPSED, State.MISSED) and (excuse := excuse_of(opening)):
        return State.EXCUSED, excuse
    return state, by


def _due(opening: Opening, clocks: Clocks, settled: Trace | None) -> DueDate | None:
    fact = opening.fact
    match opening.obligation.due:
        case None:
            return None
        case AtOnce():
            return DueDate(on=clocks.past_halts(fact.on), provisional=False)
        case After() as after:
            return counted(fact, after, settled, clocks, opening.view.calendars).due
        case On():
            return _on(clocks, _last_planned(opening), provisional=False)
        case By() as limit:
            came = next(opening.following(limit.patterns), None)
            if came:
                return DueDate(on=came.on, provisional=False)
            return _on(clocks, _planned_for(opening, limit), provisional=True)


def _on(clocks: Clocks, planned: date | None, *, provisional: bool) -> DueDate | None:
    return DueDate(on=clocks.past_halts(planned), provisional=provisional) if planned else None


def _last_planned(opening: Opening) -> date | None:
    """Return the day that an opening carries, or the one for which its meeting was called again."""
    fact = opening.fact
    again = [
        each.planned_for
        for each in opening.view.history.of_kind("meeting_convened")
        if each.planned_for and fact.kind == each.kind and each.meeting_id == fact.meeting_id
    ]
    return again[-1] if again else fact.planned_for


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
