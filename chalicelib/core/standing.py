"""How a case stands, worked out from the set of its facts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.core.case import Answer, Duty, Flag, Hold, Notice, Standing, State, Task
from chalicelib.core.checks import flags
from chalicelib.core.duties import duties
from chalicelib.core.history import History
from chalicelib.core.holds import holds
from chalicelib.core.identity import identify
from chalicelib.core.ladders import Climb, Clock, Step, climb, rungs_for
from chalicelib.core.matching import View
from chalicelib.core.protocol import Protocol, Urgency
from chalicelib.core.trace import NOTICE_UNDELIVERED, Trace
from chalicelib.core.working_days import Calendar

TOLD_ANOTHER_WAY = "told_another_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Notices that the standing calls for on one occasion.

    Of the rungs that have passed for one duty only the highest is sent: `rank` orders them, and
    is none for what is always sent. `only_if_told` is the notice without which this one would
    make no sense to whoever gets it.
    """

    about: str
    notices: tuple[Notice, ...]
    rank: int | None = None
    only_if_told: str | None = None


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
            calls.extend(_duty_calls(protocol, duty, climbed))
        for flag in flags(view, own_holds, case_id):
            climbed = _flag_climb(view, flag, calendar)
            all_flags.append(replace(flag, next_action_at=climbed.next_at) if climbed.next_at else flag)
            calls.extend(_flag_calls(protocol, flag, climbed))
        for hold in own_holds:
            all_holds.append(hold)
            calls.extend(_hold_calls(hold))
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
        clock = Clock(opened_at=duty.opened_at, opened_on=duty.opened_on, due_on=duty.due_on)
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


def _duty_calls(protocol: Protocol, duty: Duty, climbed: Climb) -> Iterator[Call]:
    if duty.state is State.MISSED:
        tell = _roles((*duty.tell, *duty.owner))
        yield Call(about=duty.id, notices=tuple(notice(duty, "missed", role, Urgency.NOW) for role in tell))
    elif duty.state is State.OPEN:
        tell = _roles(duty.tell)
        yield Call(about=duty.id, notices=tuple(notice(duty, "opened", role, Urgency.NOW) for role in tell))
    for rank, step in enumerate(climbed.passed):
        yield Call(about=duty.id, notices=_step_notices(protocol, duty, step), rank=rank)


def _flag_calls(protocol: Protocol, flag: Flag, climbed: Climb) -> Iterator[Call]:
    if flag.answer not in (Answer.BREACH, Answer.SAFETY):
        return
    tell = list(flag.tell)
    if flag.answer is Answer.SAFETY:
        extra = protocol.setting("safety_tell", ())
        tell.extend(extra if isinstance(extra, list | tuple) else ())
    yield Call(
        about=flag.id,
        notices=tuple(notice(flag, "flagged", role, Urgency.NOW) for role in _roles(tell)),
    )
    for rank, step in enumerate(climbed.passed):
        yield Call(about=flag.id, notices=_step_notices(protocol, flag, step), rank=rank)


def _hold_calls(hold: Hold) -> Iterator[Call]:
    for role in _roles(hold.tell):
        frozen = notice(hold, "frozen", role, Urgency.NOW)
        if hold.ended_by is None:
            yield Call(about=hold.id, notices=(frozen,))
        else:
            released = notice(hold, "released", role, Urgency.NOW)
            yield Call(about=hold.id, notices=(released,), only_if_told=frozen.id)


def _step_notices(protocol: Protocol, about: Duty | Flag, step: Step) -> tuple[Notice, ...]:
    """Return one step's notices: to roles as named, to owners, or to the owners' managers."""
    owner = about.owner if isinstance(about, Duty) else about.tell
    notices: dict[tuple[str, bool], Notice] = {}
    for word in step.rung.tell:
        via_manager = word == "owner_manager"
        for role in owner if word in ("owner", "owner_manager") else (word,):
            if step.rung.opened and _told_already(protocol, about, role):
                continue
            made = notice(about, step.occasion, role, step.rung.urgency, via_manager=via_manager)
            notices.setdefault((role, via_manager), made)
    return tuple(notices.values())


def _told_already(protocol: Protocol, about: Duty | Flag, role: str) -> bool:
    """Say whether `tell` reaches a role at opening anyway, so that nobody is told twice."""
    return not set(protocol.members(role)).isdisjoint(about.tell)


def notice(
    about: Duty | Flag | Hold, occasion: str, role: str, urgency: Urgency, *, via_manager: bool = False
) -> Notice:
    duty = about if isinstance(about, Duty) else None
    route = "manager" if via_manager else "self"
    return Notice(
        id=identify("n", about.id, occasion, role, route),
        about=about.id,
        protocol=about.protocol,
        clause=about.clause,
        occasion=occasion,
        role=role,
        urgency=str(urgency),
        via_manager=via_manager,
        due_on=duty.due_on if duty else None,
        provisional=duty.provisional if duty else False,
        cancelled_with=about.id if duty and duty.state is State.OPEN else None,
    )


def _roles(named: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(named))


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
