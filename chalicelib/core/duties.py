"""Obligations: what opens one, what meets it, when it is due."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from chalicelib.core.case import Duty, State
from chalicelib.core.dates import DueDate, due_after
from chalicelib.core.history import could_precede, same_placement, surely_precedes
from chalicelib.core.identity import identify
from chalicelib.core.matching import View
from chalicelib.core.protocol import (
    After,
    AtOnce,
    By,
    Clause,
    Force,
    Obligation,
    On,
    Pattern,
    Patterns,
)
from chalicelib.core.trace import EXCEPTION_RECORDED, Trace
from chalicelib.core.working_days import Calendar

MEETINGS = ("meeting_convened", "meeting_held")
ABOUT_MEETINGS = ("document_completed", "document_sent", "step_done")

Cell = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a duty stands against its `until`: the fact that met it, or the cells still left."""

    by: Trace | None
    left: tuple[Cell, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One obligation of one clause, opened by one fact."""

    view: View
    clause: Clause
    obligation: Obligation
    fact: Trace
    duty_id: str

    def following(self, patterns: Patterns) -> Iterator[Trace]:
        """Yield the facts after this opening that match and are about the same thing."""
        for fact in self.view.found(patterns):
            if could_precede(self.fact, fact) and self._linked(fact):
                yield fact

    def _linked(self, fact: Trace) -> bool:
        """Apply the language's first convention: same placement, process, meeting, duty."""
        if fact.for_id and fact.for_id.startswith("o-") and fact.for_id != self.duty_id:
            return False
        if not same_placement(self.fact, fact):
            return False
        if self.fact.process_id and fact.process_id and self.fact.process_id != fact.process_id:
            return False
        return self._same_meeting(fact)

    def _same_meeting(self, fact: Trace) -> bool:
        if self.fact.kind not in MEETINGS:
            return True
        if fact.kind in MEETINGS:
            same = fact.meeting_id == self.fact.meeting_id
            return same if self.fact.kind == "meeting_convened" else not same
        if fact.kind in ABOUT_MEETINGS and not self._grid_names_meetings():
            return self.view.history.meeting_of(fact) == self.fact.meeting_id
        return True

    def _grid_names_meetings(self) -> bool:
        grids = (each for pattern in self.obligation.until for each in pattern.each)
        return any(name == "meeting" for name, _ in grids)


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
            ended = _end(running, _settlement(running))
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
    settlement = _settlement(opening)
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
        approved = any(view.history.roles_of(seat, fact.on) for seat in approvers)
        if approved or clause.force is not Force.MUST:
            return fact
    return None


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


def _settlement(opening: Opening) -> Settlement:
    """Try each form of `until`; the earliest that is complete settles the duty."""
    met: list[Trace] = []
    left: tuple[Cell, ...] = ()
    note: str | None = None
    for pattern in opening.obligation.until:
        if not pattern.each:
            met.extend(list(opening.following((pattern,)))[:1])
            continue
        tried = _cover(opening, pattern)
        met.extend([tried.by] if tried.by else [])
        left, note = tried.left, tried.note
    if met:
        first = min(met, key=lambda fact: (fact.on, fact.moment, fact.id))
        return Settlement(by=first, note=note)
    return Settlement(by=None, left=left, note=note)


def _cover(opening: Opening, pattern: Pattern) -> Settlement:
    """Cross off the grid's cells with the facts that follow, in order."""
    cells, note = _cells(opening, pattern)
    for fact in opening.following((pattern,)):
        cells = [cell for cell in cells if not _covers(opening, fact, cell)]
        if not cells:
            return Settlement(by=fact, note=note)
    return Settlement(by=None, left=tuple(cells), note=note)


def _cells(opening: Opening, pattern: Pattern) -> tuple[list[Cell], str | None]:
    """Return the grid's cells, with `this` and `previous` put to the meetings they mean."""
    note: str | None = None
    columns: list[Sequence[str]] = []
    for name, words in pattern.each:
        if name == "meeting":
            meetings = _meetings(opening, words)
            if len(meetings) < len(words):
                # Silence 3: with one meeting only, its record is sent, and the duty says so.
                note = "only_one_meeting"
            columns.append(meetings)
        else:
            columns.append(words)
    names = [name for name, _ in pattern.each]
    return [dict(zip(names, words, strict=True)) for words in product(*columns)], note


def _meetings(opening: Opening, words: Sequence[str]) -> list[str]:
    """Return the ids of `this` meeting and of the `previous` one, where there was one."""
    found: list[str] = []
    this = opening.fact
    if "this" in words and this.meeting_id:
        found.append(this.meeting_id)
    if "previous" in words:
        began = opening.view.history.placement_began(this)
        earlier = [
            fact
            for fact in opening.view.history.of_kind("meeting_held")
            if fact.meeting_id != this.meeting_id
            and could_precede(fact, this)
            and fact.on >= began
            and same_placement(fact, this)
            and _same_sort(opening, fact)
        ]
        if earlier and earlier[-1].meeting_id:
            found.append(earlier[-1].meeting_id)
    return found


def _same_sort(opening: Opening, fact: Trace) -> bool:
    """Say whether a meeting is of a kind that this obligation could have been opened by."""
    meetings = {
        word
        for pattern in opening.obligation.when
        for test in pattern.tests
        if getattr(test, "field", None) == "meeting"
        for word in getattr(test, "words", ())
    }
    return not meetings or not meetings.isdisjoint(fact.words.get("meeting", ()))


def _covers(opening: Opening, fact: Trace, cell: Cell) -> bool:
    return all(
        opening.view.history.meeting_of(fact) == word
        if name == "meeting"
        else word in opening.view.values(name, fact)
        for name, word in cell.items()
    )
