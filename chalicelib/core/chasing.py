"""Reminding of a task that nobody does: by the ladder for tasks, where a protocol has one.

A task is due on the day on which it is opened, and no halt stands in its way: it is about an address,
and not about the child.
"""

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.core.calls import Call
from chalicelib.core.case import Notice, Task
from chalicelib.core.clocks import Clocks
from chalicelib.core.history import History
from chalicelib.core.ladders import NEVER_CLIMBED, Climb, Clock, Step, climb
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.tasks import CHASED, MANAGER, TASK, task_notice, told_under

OWNERS = ("owner", "owner_manager")


def task_climb(task: Task, rules: Rules, history: History) -> Climb:
    """Return how far the ladder for tasks has come with one; nowhere where nobody hears of it."""
    protocol = told_under(task, rules)
    if protocol is None:
        return NEVER_CLIMBED
    opened_at = history.named(task.opened_by).learned_at
    clock = Clock(opened_at=opened_at, opened_on=task.opened_on, due_on=task.opened_on)
    clocks = Clocks(calendar=rules.calendar, day_zero="event")
    return climb(protocol.rungs.get(TASK, ()), clock, clocks, history.now)


def chase_calls(task: Task, climbed: Climb, rules: Rules) -> Iterator[Call]:
    """Yield what the last rung that passed has told; that a task is opened is told without a ladder."""
    protocol = told_under(task, rules)
    passed = [step for step in climbed.passed if not step.rung.opened]
    if protocol and passed:
        yield Call(about=task.id, notices=tuple(_notices(task, passed[-1], protocol)))


def _notices(task: Task, step: Step, protocol: Protocol) -> Iterator[Notice]:
    occasion = f"{CHASED}|{step.occasion.partition('|')[2]}"
    for word in dict.fromkeys(step.rung.tell):
        role = task.role if word in OWNERS else word
        way = MANAGER if word == "owner_manager" else "self"
        yield replace(task_notice(task, occasion, role, protocol, way), urgency=step.rung.urgency)
