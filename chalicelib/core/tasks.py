"""What could not be delivered: somebody is told another way, and others hear of it meanwhile.

No text asks for these alerts: they are the service's own. An alert that cannot be delivered opens a
task as well, and no alert follows from that, so that they never make one another.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from chalicelib.core.calls import Call
from chalicelib.core.case import Notice, Task
from chalicelib.core.history import History
from chalicelib.core.identity import identify
from chalicelib.core.labels import said_role
from chalicelib.core.protocol import Protocol, Urgency
from chalicelib.core.rules import Rules
from chalicelib.core.saying import said_day
from chalicelib.core.trace import NOTICE_UNDELIVERED, Trace
from chalicelib.core.undelivered import said_why

TOLD_ANOTHER_WAY = "told_another_way"
# Occasions: to whoever stands beside the one not reached, to whoever sees to the task, and that nobody has.
UNDELIVERED = "undelivered"
TASK = "task"
CHASED = "chased"
ALERTS = frozenset({UNDELIVERED, TASK, CHASED})
DEPUTY, MANAGER = "deputy", "manager"


def tasks(history: History, case_id: str) -> Iterator[Task]:
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
        yield _task(fact, task_id, done)


def _task(fact: Trace, task_id: str, done_by: str | None) -> Task:
    """Return the task of one fact; one recorded before facts said more than who and why says that alone."""
    notice_on = _word(fact, "notice_on")
    return Task(
        id=task_id,
        opened_by=fact.id,
        opened_on=fact.on,
        role=fact.words["role"][0],
        tell=fact.words["tell"][0],
        why=fact.words["why"][0],
        message_id=fact.for_id or "",
        done_by=done_by,
        protocol=_word(fact, "protocol"),
        clause=_word(fact, "clause"),
        occasion=_word(fact, "occasion"),
        person_id=_word(fact, "person") or None,
        via_manager=_word(fact, "route") == MANAGER,
        notice_on=date.fromisoformat(notice_on) if notice_on else None,
        beside=fact.words.get("beside", ()),
    )


def _word(fact: Trace, name: str) -> str:
    return next(iter(fact.words.get(name, ())), "")


def task_calls(task: Task, rules: Rules) -> Iterator[Call]:
    """Yield whom an open task has told: those beside the one not reached, and whoever sees to it.

    None for a notice that was such an alert itself, or that was about no clause.
    """
    protocol = told_under(task, rules)
    if protocol is None:
        return
    beside = (_beside(task, way, protocol) for way in task.beside)
    yield Call(about=task.id, notices=(*beside, _seen_to(task, task.opened_by, protocol)))


def seen_to_again(task: Task, cause: str, rules: Rules) -> Iterator[Notice]:
    """Yield what whoever sees to a task is told where a fact opened it again."""
    protocol = told_under(task, rules)
    if protocol is not None:
        yield _seen_to(task, cause, protocol)


def told_under(task: Task, rules: Rules) -> Protocol | None:
    """Return the protocol of the notice, where others are to hear of its task: an open one, of no alert.

    Of a notice that could no longer be read nobody may know what it was about.
    """
    protocol = _protocol(task, rules)
    if protocol is None or task.done_by or task.occasion in ALERTS or task.clause not in protocol.by_id:
        return None
    return protocol if {task.role, task.tell} <= protocol.roles.keys() else None


def _protocol(task: Task, rules: Rules) -> Protocol | None:
    known = (each for each in (*rules.protocols, *rules.former) if each.id == task.protocol)
    return next(known, None)


def explain_task(task: Task, rules: Rules) -> str:
    """Return what did not arrive and why, in the words of whichever protocol the notice was under."""
    return said_task(task, _protocol(task, rules) or rules.protocols[0])


def _beside(task: Task, way: str, protocol: Protocol) -> Notice:
    """Return what the deputy or the manager of the one not reached is told."""
    made = task_notice(task, f"{UNDELIVERED}:{task.opened_by}", task.tell, protocol, way)
    return replace(made, of_manager=task.via_manager, person_id=task.person_id)


def _seen_to(task: Task, cause: str, protocol: Protocol) -> Notice:
    """Return what whoever sees to a task is told, because of the fact that opened it or opened it again."""
    return task_notice(task, f"{TASK}:{cause}", task.role, protocol)


def task_notice(task: Task, occasion: str, role: str, protocol: Protocol, way: str = "self") -> Notice:
    """Return what a role, its `deputy` or its `manager`, is told of a task on one occasion, at once."""
    return Notice(
        id=identify("n", task.id, occasion, role, way),
        about=task.id,
        protocol=task.protocol,
        clause=task.clause,
        occasion=occasion,
        role=role,
        urgency=Urgency.NOW,
        via_manager=way == MANAGER,
        via_deputy=way == DEPUTY,
        cancelled_with=task.id,
        because=said_task(task, protocol),
    )


def said_task(task: Task, protocol: Protocol) -> str:
    """Return what did not arrive and why, as a sentence: by role and day, never by what it said."""
    whom = said_role(task.tell, protocol)
    whom = f"the manager of {whom}" if task.via_manager else whom
    made = f" of {said_day(task.notice_on)}" if task.notice_on else ""
    return f"The notice{made} to {whom} did not arrive: {said_why(task.why)}."
