"""How a case stands, worked out from the set of its facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.core.calls import Call, duty_calls, flag_calls, hold_calls
from chalicelib.core.case import FREEZE, Answer, Duty, Flag, Hold, Standing
from chalicelib.core.chasing import chase_calls, task_climb
from chalicelib.core.checks import flags, record_flags
from chalicelib.core.duties import duties
from chalicelib.core.eras import checks_under, recorded_under
from chalicelib.core.history import History
from chalicelib.core.holds import bars, clocks, holds
from chalicelib.core.ladders import NEVER_CLIMBED, Climb, Clock, Ladders
from chalicelib.core.lifetimes import next_year_day
from chalicelib.core.matching import View
from chalicelib.core.rules import Rules
from chalicelib.core.tasks import task_calls, tasks
from chalicelib.core.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A standing and everything that it calls for being told."""

    standing: Standing
    calls: tuple[Call, ...]


def stand(facts: Iterable[Trace], rules: Rules, case_id: str) -> Stood:
    """Work out how a case stands. Pure: the order in which facts arrived means nothing."""
    history = History(facts)
    sides = [_side(rules.view(each, history), case_id) for each in rules.protocols]
    known = frozenset(hold.id for side in sides for hold in side.holds)
    sides += [_former_side(rules.view(each, history), case_id, known) for each in rules.former]
    wakes = [side.wakes_at for side in sides if side.wakes_at]
    found = tuple(tasks(history, case_id))
    chased = [(task, task_climb(task, rules, history)) for task in found]
    wakes += (climbed.next_at for _, climbed in chased if climbed.next_at)
    standing = Standing(
        duties=tuple(duty for side in sides for duty in side.duties),
        flags=tuple(flag for side in sides for flag in side.flags),
        holds=tuple(hold for side in sides for hold in side.holds),
        tasks=found,
        wakes_at=min(wakes, default=None),
    )
    calls = [call for side in sides for call in side.calls]
    for task, climbed in chased:
        calls += (*task_calls(task, rules), *chase_calls(task, climbed, rules))
    return Stood(standing=standing, calls=tuple(calls))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """What one protocol makes of a case's facts: each keeps its own duties, dates and people."""

    duties: tuple[Duty, ...] = ()
    flags: tuple[Flag, ...] = ()
    holds: tuple[Hold, ...] = ()
    calls: tuple[Call, ...] = ()
    wakes_at: datetime | None = None


def _side(view: View, case_id: str) -> _Side:
    protocol = view.protocol
    incomplete = record_flags(view, case_id)
    own_holds = tuple(holds(view, case_id))
    ladders = Ladders(protocol, clocks(view, own_holds), view.history.now)
    calls: list[Call] = []
    own_duties: list[Duty] = []
    for duty, climbed in duties(view, ladders, case_id):
        own_duties.append(duty)
        calls.extend(duty_calls(protocol, duty, climbed))
    own_flags: list[Flag] = []
    for flag in (*incomplete, *flags(view, own_holds, case_id)):
        if checks_under(view, flag):
            climbed = _flag_climb(flag, ladders)
            own_flags.append(replace(flag, next_action_at=climbed.next_at) if climbed.next_at else flag)
            calls.extend(flag_calls(protocol, flag, climbed))
    calls.extend(call for hold in own_holds for call in hold_calls(hold))
    return _Side(
        duties=tuple(own_duties),
        flags=tuple(own_flags),
        holds=own_holds,
        calls=tuple(calls),
        wakes_at=next_year_day(view),
    )


def _former_side(view: View, case_id: str, known: frozenset[str]) -> _Side:
    """Return what stays of a protocol that the case was moved from.

    The flags made under it, and freezes that began under it, unless they are `known` to another.
    """
    own_holds = tuple(holds(view, case_id))
    lasting = tuple(
        hold
        for hold in own_holds
        if hold.sort == FREEZE and hold.id not in known and recorded_under(view, hold.opened_by)
    )
    tripped = (*record_flags(view, case_id), *flags(view, own_holds, case_id))
    ladders = Ladders(view.protocol, clocks(view, own_holds), view.history.now)
    kept: list[Flag] = []
    calls: list[Call] = []
    for flag in tripped:
        if checks_under(view, flag) or _is_barred(view, flag, lasting):
            climbed = _flag_climb(flag, ladders)
            kept.append(replace(flag, next_action_at=climbed.next_at) if climbed.next_at else flag)
            calls.extend(flag_calls(view.protocol, flag, climbed))
    calls.extend(call for hold in lasting for call in hold_calls(hold))
    return _Side(flags=tuple(kept), holds=lasting, calls=tuple(calls))


def _is_barred(view: View, flag: Flag, lasting: Sequence[Hold]) -> bool:
    """Say whether a flag is of a move that one of these freezes bars."""
    return any(
        (hold.clause, hold.effect) == (flag.clause, flag.effect)
        and bars(hold, view, view.history.named(flag.fact_id))
        for hold in lasting
    )


def _flag_climb(flag: Flag, ladders: Ladders) -> Climb:
    if flag.answer not in (Answer.BREACH, Answer.SAFETY):
        return NEVER_CLIMBED
    return ladders.climb("", "breach", Clock(opened_at=flag.opened_at, opened_on=flag.on))
