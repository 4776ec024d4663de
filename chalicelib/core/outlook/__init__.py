"""What is next on a case: what is owed, what would be refused now, what stands still, what is missing."""

from datetime import datetime

from chalicelib.core.case import FREEZE, HALT, Case, Task
from chalicelib.core.explaining import explain_hold
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.history import History
from chalicelib.core.london import day_of
from chalicelib.core.outlook.lacking import lacking
from chalicelib.core.outlook.owed import owed
from chalicelib.core.outlook.refused import refused
from chalicelib.core.rules import Rules
from chalicelib.core.tasks import explain_task
from chalicelib.core.undelivered import said_why


def outlook(case: Case, rules: Rules, now: datetime) -> Explained:
    """Return what is next on a case, under all of its protocols side by side."""
    history = History(case.facts)
    lasting = [each for each in case.standing.holds if each.ended_by is None]
    return {
        "case_id": case.id,
        "version": case.version,
        "today": day_of(now).isoformat(),
        "protocols": [
            {"id": each.id, "title": each.title, "version": each.version} for each in rules.protocols
        ],
        "owed": owed(case, rules, now),
        "refused": refused(case, rules, now),
        "frozen": [explain_hold(each, rules, history) for each in lasting if each.sort == FREEZE],
        "halted": [explain_hold(each, rules, history) for each in lasting if each.sort == HALT],
        "tasks": [_task(each, rules) for each in case.standing.tasks if each.done_by is None],
        "incomplete": lacking(case, rules),
    }


def _task(task: Task, rules: Rules) -> Explained:
    role, tell = _label(task.role, rules), _label(task.tell, rules)
    whom = f"the manager of {tell}" if task.via_manager else tell
    return {
        "id": task.id,
        "role": task.role,
        "label": role,
        "tell": task.tell,
        "tell_label": tell,
        "why": task.why,
        "why_in_words": said_why(task.why),
        "opened_on": task.opened_on.isoformat(),
        "said": f"{role[:1].upper()}{role[1:]}: tell {whom} another way. {explain_task(task, rules)}",
    }


def _label(role: str, rules: Rules) -> str:
    known = (each.roles[role].label for each in rules.protocols if role in each.roles)
    return next(known, role.replace("_", " "))
