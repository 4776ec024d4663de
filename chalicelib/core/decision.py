"""What one more fact does to a case: standing after, less standing before."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from chalicelib.core.calls import Call
from chalicelib.core.case import (
    Case,
    Change,
    Decision,
    Duty,
    Flag,
    Hold,
    Notice,
    Standing,
    State,
)
from chalicelib.core.history import History
from chalicelib.core.recounts import Because, reason_for
from chalicelib.core.retellings import Turn, retellings, taken_back
from chalicelib.core.room import room_for, still_meant
from chalicelib.core.rules import Rules
from chalicelib.core.standing import stand
from chalicelib.core.trace import CALENDAR_CHANGED, CHILD_HISTORY_CHANGED, PROTOCOL_MOVED, TIME_REACHED, Trace

# The rungs over this are left for the next tick, a few minutes later. Whatever else one transaction
# has no room for waits as well (see room.py).
MOST_NOTICES = 24
REMINDER = "rung|before_due|"


def decide(case: Case, fact: Trace, rules: Rules) -> Decision:
    """Work out everything that follows from one more fact about a case.

    Pure: the same case, fact and rules make the same decision with the same ids. A fact whose id
    the case already holds must not be decided again; the corridor answers it from its receipt.
    """
    facts = _with(case.facts, fact)
    stood = stand(facts, rules, case.id)
    before, after = case.standing, stood.standing
    because = partial(reason_for, fact=fact, rules=rules)
    changes = tuple(_changes(case, after, fact.id, because))
    redated = _redated(changes) if fact.kind == CALENDAR_CHANGED else frozenset()
    owed, passed_over, deferred = _owed(stood.calls, case, redated)
    after = _still_due(after, before, deferred, fact)
    turn = Turn(
        before=before,
        after=after,
        told=case.told,
        cause=fact.id,
        rules=rules,
        because=because,
        taken_over=_taken_over(case, facts) if fact.allocations or fact.replaces else frozenset(),
        moved=fact.kind == PROTOCOL_MOVED,
    )
    owed += tuple(retellings(turn, owed))
    told = case.told | {each.id for each in owed} | set(passed_over) | taken_back(before, after)
    after, said, waiting = _fitting(case, fact, after, owed, changes)
    return Decision(
        after=replace(
            case,
            version=case.version + 1,
            protocols=tuple(each.id for each in rules.protocols),
            calendar=rules.calendar_hash,
            facts=facts,
            standing=after,
            told=frozenset(told),
            waiting=waiting,
        ),
        fact=fact,
        changes=changes,
        notices=said,
        passed_over=passed_over,
        calendar_hash=rules.calendar_hash,
    )


def _fitting(
    case: Case, fact: Trace, after: Standing, owed: Sequence[Notice], changes: Sequence[Change]
) -> tuple[Standing, tuple[Notice, ...], tuple[Notice, ...]]:
    """Return the standing, what is said now and what waits; where anything waits the next tick wakes it."""
    queued = (*still_meant(case.waiting, after), *owed)
    reopened = sum(change.what in ("reopened", "task_reopened") for change in changes)
    room = room_for(fact, case.standing, after, reopened)
    said, waiting = queued[: room.notices], queued[room.notices :]
    if waiting or room.behind:
        wakes_at = min(after.wakes_at or fact.moment, fact.moment)
        after = replace(after, wakes_at=wakes_at, behind=room.behind, redated=room.redated)
    return after, said, waiting


def _with(facts: tuple[Trace, ...], fact: Trace) -> tuple[Trace, ...]:
    """Return the facts and one more.

    Of the moments reached only the latest matters, and of the child's other cases only what we
    learned last, so an older one makes way; every other fact is kept for good.
    """
    if fact.kind == TIME_REACHED:
        rivals = [each for each in facts if each.kind == TIME_REACHED]
        if any(each.moment >= fact.moment for each in rivals):
            return facts
        facts = tuple(each for each in facts if each.kind != TIME_REACHED)
    if fact.kind == CHILD_HISTORY_CHANGED:
        facts = tuple(each for each in facts if each.kind != CHILD_HISTORY_CHANGED)
    return (*facts, fact)


def _taken_over(case: Case, facts: tuple[Trace, ...]) -> frozenset[str]:
    """Return the roles that somebody else fills once this fact is told."""
    was = History(case.facts).allocations(date.max)
    now = History(facts).allocations(date.max)
    return frozenset(role for role, person in now.items() if was.get(role, person) != person)


def _redated(changes: Sequence[Change]) -> frozenset[str]:
    """Return the ids of duties whose date moved."""
    return frozenset(change.about for change in changes if change.what == "moved")


def _owed(
    calls: Sequence[Call], case: Case, redated: frozenset[str]
) -> tuple[tuple[Notice, ...], tuple[str, ...], frozenset[str]]:
    """Return the notices called for and not yet told, and the ids of rungs passed over.

    If several rungs of one duty pass at once only the highest is sent. The third value names what
    is left for the next decision because this one is full, or because others wait already. Of what
    is `redated` the new date is told at once, so nobody is reminded of it in the same breath.
    """
    told, most = case.told, MOST_NOTICES - len(case.waiting)
    highest: dict[str, int] = {}
    passed_over: list[str] = []
    fresh: list[tuple[Call, tuple[Notice, ...]]] = []
    for call in calls:
        notices = tuple(each for each in call.notices if each.id not in told)
        if not notices or (call.only_if_told and call.only_if_told not in told):
            continue
        if call.about in redated and all(each.occasion.startswith(REMINDER) for each in notices):
            passed_over.extend(each.id for each in notices)
            continue
        fresh.append((call, notices))
        if call.rank is not None:
            highest[call.about] = max(call.rank, highest.get(call.about, call.rank))
    owed: list[Notice] = []
    deferred: set[str] = set()
    for call, notices in sorted(fresh, key=lambda each: each[0].rank is not None):
        if call.rank is not None and call.rank != highest[call.about]:
            passed_over.extend(each.id for each in notices)
        elif call.rank is None or len(owed) + len(notices) <= most:
            owed.extend(notices)
        else:
            deferred.add(call.about)
    return tuple(owed), tuple(passed_over), frozenset(deferred)


def _still_due(after: Standing, before: Standing, deferred: frozenset[str], fact: Trace) -> Standing:
    """Return the standing with the ladders of what was left over still due, for the next tick."""
    if not deferred:
        return after
    was = {duty.id: duty.next_action_at for duty in before.duties}
    was |= {flag.id: flag.next_action_at for flag in before.flags}

    def due(about: Duty | Flag) -> datetime | None:
        return (was.get(about.id) or fact.moment) if about.id in deferred else about.next_action_at

    duties = (replace(duty, next_action_at=due(duty)) for duty in after.duties)
    flags = (replace(flag, next_action_at=due(flag)) for flag in after.flags)
    return replace(after, duties=tuple(duties), flags=tuple(flags))


def _changes(case: Case, after: Standing, cause: str, because: Because) -> Iterator[Change]:
    """Yield what became otherwise, each line naming the fact that caused it."""
    before = case.standing
    yield from _duty_changes(case, after, cause, because)
    was = {flag.id: flag for flag in before.flags}
    now = {flag.id: flag for flag in after.flags}
    for flag in after.flags:
        old = was.get(flag.id)
        if old is None:
            yield _change("flagged", flag, cause, now=str(flag.answer))
        elif old.answer is not flag.answer:
            yield _change("answered", flag, cause, was=str(old.answer), now=str(flag.answer))
    yield from (_change("cleared", flag, cause) for flag in before.flags if flag.id not in now)
    yield from _hold_changes(before, after, cause)
    done = {task.id for task in before.tasks if task.done_by}
    known = {task.id for task in before.tasks}
    for task in after.tasks:
        if task.id not in known:
            yield Change(what="task_opened", about=task.id, clause="", cause=cause, now=task.role)
        if task.done_by and task.id not in done:
            yield Change(what="task_done", about=task.id, clause="", cause=cause)
        if task.id in done and not task.done_by:
            yield Change(what="task_reopened", about=task.id, clause="", cause=cause, now=task.role)


def _duty_changes(case: Case, after: Standing, cause: str, because: Because) -> Iterator[Change]:
    before = case.standing
    was = {duty.id: duty for duty in before.duties}
    now = {duty.id: duty for duty in after.duties}
    for duty in after.duties:
        old = was.get(duty.id)
        if old is None:
            again = duty.id in case.told and duty.state is State.OPEN
            yield _change("reopened" if again else "opened", duty, cause, now=_date(duty))
            if duty.state is not State.OPEN:
                yield _change(str(duty.state), duty, cause)
            continue
        if old.state is not duty.state:
            what = "reopened" if duty.state is State.OPEN else str(duty.state)
            yield _change(what, duty, cause, was=str(old.state), now=str(duty.state))
        if old.halted != duty.halted:
            # Of a duty that was settled meanwhile no clock runs again.
            if duty.state is State.OPEN:
                what = "halted" if duty.halted else "resumed"
                yield _change(what, duty, cause, was=_date(old), now=_date(duty))
        elif old.due_on != duty.due_on:
            moved = _change("moved", duty, cause, was=_date(old), now=_date(duty))
            yield replace(moved, because=because(old, duty))
        elif old.provisional and not duty.provisional and duty.state is State.OPEN:
            yield _change("confirmed", duty, cause, now=_date(duty))
        if old.left != duty.left and old.state is duty.state is State.OPEN:
            yield _change("covered", duty, cause, was=str(len(old.left)), now=str(len(duty.left)))
    yield from (_change("withdrawn", duty, cause) for duty in before.duties if duty.id not in now)


def _hold_changes(before: Standing, after: Standing, cause: str) -> Iterator[Change]:
    was = {hold.id: hold for hold in before.holds}
    now = {hold.id: hold for hold in after.holds}
    for hold in after.holds:
        old = was.get(hold.id)
        if old is None or (old.ended_by and not hold.ended_by):
            yield _change(hold.begun, hold, cause)
        if hold.ended_by and (old is None or not old.ended_by):
            yield _change(hold.over, hold, cause)
    yield from (_change("withdrawn", hold, cause) for hold in before.holds if hold.id not in now)


def _change(
    what: str, about: Duty | Flag | Hold, cause: str, was: str | None = None, now: str | None = None
) -> Change:
    return Change(what=what, about=about.id, clause=about.clause, cause=cause, was=was, now=now)


def _date(duty: Duty) -> str | None:
    return duty.due_on.isoformat() if duty.due_on else None
