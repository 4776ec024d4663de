"""How a case stands, worked out from the set of its facts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.core.calls import Call, duty_calls, flag_calls, hold_calls
from chalicelib.core.case import Answer, Duty, Flag, Hold, Standing, State, Task
from chalicelib.core.checks import flags
from chalicelib.core.duties import duties
from chalicelib.core.history import History
from chalicelib.core.holds import holds
from chalicelib.core.identity import identify
from chalicelib.core.ladders import Climb, Clock, climb, rungs_for
from chalicelib.core.matching import View
from chalicelib.core.protocol import Protocol
from chalicelib.core.trace import NOTICE_UNDELIVERED, Trace
from chalicelib.core.working_days import Calendar

TOLD_ANOTHER_WAY = "told_another_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A standing and everything that it calls for being told."""

    standing: Standing
    calls: tuple[Call, ...]


def stand(facts: Iterable[Trace], protocols: Sequence[Protocol], calendar: Calendar, case_id: str) -> Stood:
    """Work out how a case stands. Pure: the order in which facts arrived means nothing."""
    history = History(facts)
    all_duties: list[Duty] = []
    all_flags: list[Flag] = []
    all_holds: list[Hold] = []
    calls: list[Call] = []
    for protocol in protocols:
        view = View(protocol, history)
        own_holds = tuple(holds(view, case_id))
        for duty in duties(view, calendar, case_id):
            climbed = _duty_climb(view, duty, calendar)
            all_duties.append(replace(duty, next_action_at=climbed.next_at) if climbed.next_at else duty)
            calls.extend(duty_calls(protocol, duty, climbed))
        for flag in flags(view, own_holds, case_id):
            climbed = _flag_climb(view, flag, calendar)
            all_flags.append(replace(flag, next_action_at=climbed.next_at) if climbed.next_at else flag)
            calls.extend(flag_calls(protocol, flag, climbed))
        for hold in own_holds:
            all_holds.append(hold)
            calls.extend(hold_calls(hold))
    standing = Standing(
        duties=tuple(all_duties),
        flags=tuple(all_flags),
        holds=tuple(all_holds),
        tasks=tuple(_tasks(history, case_id)),
    )
    return Stood(standing=standing, calls=tuple(calls))


def _duty_climb(view: View, duty: Duty, calendar: Calendar) -> Climb:
    if duty.state is State.OPEN:
        sort = "at_once" if duty.at_once else "dated" if duty.due_on else "undated"
        clock = Clock(
            opened_at=duty.opened_at, opened_on=duty.opened_on, due_on=duty.due_on, at_once=duty.at_once
        )
    elif duty.state is State.MISSED and duty.settled_by:
        missed = view.history.named(duty.settled_by)
        sort = "breach"
        clock = Clock(opened_at=missed.moment, opened_on=missed.on)
    else:
        return Climb()
    rungs = rungs_for(view.protocol, duty.clause if sort != "breach" else "", sort)
    return climb(rungs, clock, calendar, view.history.now)


def _flag_climb(view: View, flag: Flag, calendar: Calendar) -> Climb:
    if flag.answer not in (Answer.BREACH, Answer.SAFETY):
        return Climb()
    clock = Clock(opened_at=flag.opened_at, opened_on=flag.on)
    return climb(rungs_for(view.protocol, "", "breach"), clock, calendar, view.history.now)


def _tasks(history: History, case_id: str) -> Iterator[Task]:
    """Yield a task for every notice that never arrived; done when told another way."""
    for fact in history.of_kind(NOTICE_UNDELIVERED):
        task_id = identify("t", case_id, fact.id)
        done = next(
            (
                step.id
                for step in history.of_kind("step_done")
                if step.for_id == task_id and TOLD_ANOTHER_WAY in step.words.get("step", ())
            ),
            None,
        )
        yield Task(
            id=task_id,
            opened_by=fact.id,
            opened_on=fact.on,
            role=fact.words["role"][0],
            tell=fact.words["tell"][0],
            why=fact.words["why"][0],
            message_id=fact.for_id or "",
            done_by=done,
        )
