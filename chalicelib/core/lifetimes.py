"""How long an obligation runs: what opens it, again and again, and what ends it first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from chalicelib.core.answers import excuse_for
from chalicelib.core.case import State
from chalicelib.core.effects import Clause, Force, Obligation
from chalicelib.core.history import could_precede, opens_at, same_placement, surely_precedes, year_day
from chalicelib.core.identity import identify
from chalicelib.core.matching import View
from chalicelib.core.openings import Opening
from chalicelib.core.patterns import By
from chalicelib.core.settling import Settlement, settlement_of
from chalicelib.core.trace import RECORD_OPENED, Trace


def openings(view: View, clause: Clause, obligation: Obligation, case_id: str) -> Iterator[Opening]:
    """Yield one opening for each trigger; one for all those that join a clock which runs.

    With `joins` every trigger about the same placement does, and in any case a meeting that is
    called again: its day may be another, and what follows from calling it is owed once.
    """
    running: list[_Running] = []
    for fact in _triggers(view, obligation):
        ends = [each.end for each in running if each.may_be_joined(fact)]
        if any(end is None or could_precede(fact, end[1]) for end in ends):
            continue
        anchor: tuple[str, ...] = (fact.id,)
        if obligation.joins:
            # A joined duty is named by what closed the one before it, so that an earlier trigger
            # learned of late doesn't rename it and announce it again.
            closer = ends[-1] if ends else None
            anchor = (closer[1].id if closer else "first", fact.placement_id or "")
        opening = Opening(
            view=view,
            clause=clause,
            obligation=obligation,
            fact=fact,
            case_id=case_id,
            duty_id=identify("o", case_id, clause.id, obligation.name, *anchor),
        )
        running.append(_Running(opening))
        yield opening


@dataclass(frozen=True)
class _Running:
    """A clock that runs from an opening, and its end, worked out once somebody asks."""

    opening: Opening

    @cached_property
    def end(self) -> tuple[State, Trace] | None:
        return end_of(self.opening, settlement_of(self.opening))

    def may_be_joined(self, fact: Trace) -> bool:
        opened_by = self.opening.fact
        if self.opening.obligation.joins:
            return same_placement(opened_by, fact)
        called_again = fact.kind == opened_by.kind == "meeting_convened"
        return called_again and fact.meeting_id == opened_by.meeting_id


def _triggers(view: View, obligation: Obligation) -> Iterator[Trace]:
    yield from view.found(obligation.when) if obligation.when else ()
    for month_day in obligation.each_year_on:
        for opened in view.history.of_kind(RECORD_OPENED):
            yield from _each_year(view, opened, month_day)


def _each_year(view: View, opened: Trace, month_day: tuple[int, int]) -> Iterator[Trace]:
    """Yield the days of each year that have come since the authority's record was opened."""
    now = view.history.now or opened.moment
    for year in range(opened.on.year, now.year + 1):
        on = date(year, *month_day)
        if on > opened.on and opens_at(on) <= now:
            yield year_day(on)


def next_year_day(view: View) -> datetime | None:
    """Return when the next duty of each year opens; none where this is no authority's record."""
    days = {
        month_day
        for clause in view.protocol.clauses
        for effect in clause.effects
        if isinstance(effect, Obligation)
        for month_day in effect.each_year_on
    }
    for opened in view.history.of_kind(RECORD_OPENED):
        now = view.history.now or opened.moment
        ahead = (opens_at(date(now.year + later, *each)) for later in (0, 1) for each in days)
        return min((at for at in ahead if at > now and at > opened.moment), default=None)
    return None


def end_of(opening: Opening, settlement: Settlement) -> tuple[State, Trace] | None:
    """Return what came first of everything that ends a duty."""
    obligation = opening.obligation
    limits = obligation.due.patterns if isinstance(obligation.due, By) else ()
    # Nobody misses what only may be done.
    too_late = State.LAPSED if opening.clause.force is Force.MAY else State.MISSED
    # On one day without times the order that satisfies the protocol is the one that counts, and
    # that is the order of this list.
    ends = [
        (State.MET, settlement.by),
        (State.EXCUSED, excuse_of(opening)),
        (State.LAPSED, next(opening.following(obligation.lapses), None) if obligation.lapses else None),
        (too_late, next(opening.following(limits), None) if limits else None),
    ]
    first: tuple[State, Trace] | None = None
    for state, by in ends:
        if by is not None and (first is None or surely_precedes(by, first[1])):
            first = state, by
    return first


def excuse_of(opening: Opening) -> Trace | None:
    """Return what excuses a duty: for a *must* it needs an approver who holds a post."""
    return excuse_for(opening.duty_id, opening.clause, opening.view)
