"""What the reading doors answer: lists and cases as values that can be written as JSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime, time
from typing import TypeVar

from chalicelib import operations
from chalicelib.core.case import FREEZE, HALT, Duty, Flag, Notice, State, Task
from chalicelib.core.explaining import explain_duties, explain_flag, explain_hold, explain_notice
from chalicelib.core.history import History
from chalicelib.core.outlook import outlook as core_outlook
from chalicelib.core.rules import Rules
from chalicelib.core.tasks import explain_task
from chalicelib.core.undelivered import said_why
from chalicelib.own_messages import explain_own
from chalicelib.ports import UNDELIVERED, JournalRow, MeetingRow, Message, Page, TaskRow
from chalicelib.service import own_case
from chalicelib.visits import Ports

Row = TypeVar("Row")
View = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsked:
    """Which page of a list is asked for: after `cursor`, `limit` lines at most."""

    cursor: str | None = None
    limit: int = 50
    oldest_first: bool = False


def cases(authority: str, page: PageAsked, ports: Ports) -> View:
    """Return a page of an authority's cases, latest change first."""
    return _paged(ports.cases.cases(authority, page.cursor, page.limit), _plain)


def meetings(authority: str, page: PageAsked, ports: Ports) -> View:
    """Return a page of the log of meetings, latest first."""
    return _paged(ports.cases.meetings(authority, page.cursor, page.limit), _meeting)


def tasks(authority: str, page: PageAsked, ports: Ports) -> View:
    """Return a page of the open tasks, oldest first."""
    return _paged(ports.cases.tasks(authority, page.cursor, page.limit), _task_row)


def case(authority: str, case_id: str, ports: Ports) -> View:
    """Return one case as it stands. Raises NotFound."""
    found = own_case(case_id, authority, ports)
    rules = ports.rulebook.for_case(found)
    history = History(found.facts)
    lasting = [each for each in found.standing.holds if each.ended_by is None]
    latest = max((fact.on for fact in history.facts), default=date.min)
    return {
        "case_id": found.id,
        "authority": found.authority,
        "child_reference": found.child_reference,
        "version": found.version,
        "protocols": list(found.protocols),
        "allocations": dict(history.allocations(latest)),
        "closed": any(fact.kind == "case_closed" for fact in history.facts),
        "open_duties": sum(each.state is State.OPEN for each in found.standing.duties),
        "flags": [_flag(each, rules, history) for each in found.standing.flags],
        "frozen_by": [explain_hold(each, rules, history) for each in lasting if each.sort == FREEZE],
        "halted_by": [explain_hold(each, rules, history) for each in lasting if each.sort == HALT],
        "tasks": [_task(each, rules) for each in found.standing.tasks],
    }


def obligations(authority: str, case_id: str, ports: Ports) -> View:
    """Return every duty of a case, explained. Raises NotFound."""
    found = own_case(case_id, authority, ports)
    owed = found.standing.duties
    explained = explain_duties(owed, ports.rulebook.for_case(found), History(found.facts))
    return {
        "case_id": found.id,
        "version": found.version,
        "items": [_duty(duty, why) for duty, why in zip(owed, explained, strict=True)],
    }


def outlook(authority: str, case_id: str, now: datetime, ports: Ports) -> View:
    """Return what is next on a case at a moment. Raises NotFound."""
    found = own_case(case_id, authority, ports)
    return core_outlook(found, ports.rulebook.for_case(found), now)


def notices(authority: str, case_id: str, page: PageAsked, ports: Ports) -> View:
    """Return a page of what was said about a case, why, and what became of it. Raises NotFound."""
    found = own_case(case_id, authority, ports)
    rules = ports.rulebook.for_case(found)
    told = ports.outbox.of_case(case_id, page.cursor, page.limit)

    def why(each: Message) -> View:
        return explain_notice(_notice(each), found, rules) if each.clause else explain_own(each)

    return _paged(told, lambda each: {**_message(each), "why": why(each)})


def journal(authority: str, case_id: str, page: PageAsked, ports: Ports) -> View:
    """Return a page of a case's journal, first entry first. Raises NotFound."""
    own_case(case_id, authority, ports)
    return _paged(ports.cases.journal(case_id, page.cursor, page.limit), _entry)


# --- for whoever operates an authority ------------------------------------------------------


def undelivered(authority: str, page: PageAsked, ports: Ports) -> View:
    """Return a page of an authority's messages that did not arrive or are set aside, latest first."""
    return _paged(ports.outbox.undelivered(authority, page.cursor, page.limit), _told_of)


def message(authority: str, message_id: str, ports: Ports) -> View:
    """Return what a message is about and what became of it. Raises NotFound."""
    return _told_of(operations.own_message(message_id, authority, ports))


def set_aside(authority: str, page: PageAsked, ports: Ports) -> View:
    """Return a page of an authority's cases that cannot be decided, longest first."""
    return _paged(ports.cases.aside(authority, page.cursor, page.limit), _plain)


def case_set_aside(authority: str, case_id: str, ports: Ports) -> View:
    """Return what is known of a case that cannot be decided. Raises NotFound."""
    return _plain(operations.own_aside(case_id, authority, ports))


def acts(authority: str, page: PageAsked, ports: Ports) -> View:
    """Return a page of what was done by hand in an authority."""
    found = ports.cases.acts(authority, page.cursor, page.limit, oldest_first=page.oldest_first)
    return _paged(found, _plain)


def _told_of(message: Message) -> View:
    why = said_why(message.reason or message.state) if message.state in UNDELIVERED else None
    return {**_message(message), "why_in_words": why}


def _paged(page: Page[Row], view: Callable[[Row], View]) -> View:
    return {"items": [view(each) for each in page.items], "next_cursor": page.cursor}


def _duty(duty: Duty, explanation: View) -> View:
    return {
        "id": duty.id,
        "state": str(duty.state),
        "owner": list(duty.owner),
        "opened_at": _plain_value(duty.opened_at),
        "due_on": _plain_value(duty.due_on),
        "due_by": f"{duty.due_by:%H:%M}" if duty.due_by else None,
        "provisional": duty.provisional,
        "late": duty.late,
        "next_action_at": _plain_value(duty.next_action_at),
        "settled_by": duty.settled_by,
        "settled_on": _plain_value(duty.settled_on),
        "explanation": explanation,
    }


def _flag(flag: Flag, rules: Rules, history: History) -> View:
    return {
        "id": flag.id,
        "fact_id": flag.fact_id,
        "on": flag.on.isoformat(),
        "answer": str(flag.answer),
        "exception": flag.exception,
        "explanation": explain_flag(flag, rules, history),
    }


def _task(task: Task, rules: Rules) -> View:
    return {
        "id": task.id,
        "role": task.role,
        "tell": task.tell,
        "via_manager": task.via_manager,
        "person_id": task.person_id,
        "why": task.why,
        "why_in_words": said_why(task.why),
        "said": explain_task(task, rules),
        "message_id": task.message_id,
        "clause": task.clause or None,
        "notice_on": _plain_value(task.notice_on),
        "opened_on": task.opened_on.isoformat(),
        "done": task.done_by is not None,
        "done_by": task.done_by,
    }


def _task_row(row: TaskRow) -> View:
    return {**_plain(row), "why_in_words": said_why(row.why)}


def _meeting(row: MeetingRow) -> View:
    return _plain(row)


# What a reader of notices has no use for: keys of the sender's own bookkeeping.
SENDERS_OWN = ("authority", "cancelled_with", "lease_until", "next_attempt_at")


def _message(message: Message) -> View:
    return {key: value for key, value in _plain(message).items() if key not in SENDERS_OWN}


def _notice(message: Message) -> Notice:
    """Return the notice that a message carries, to whoever was told as its role."""
    return Notice(
        id=message.notice_id,
        about=message.about,
        protocol=message.protocol,
        clause=message.clause,
        occasion=message.occasion,
        role=message.role,
        urgency=message.urgency,
        via_manager=message.via_manager,
        via_deputy=message.via_deputy,
        of_manager=message.of_manager,
        due_on=message.due_on,
        due_by=message.due_by,
        provisional=message.provisional,
        person_id=message.person_id,
        was_due_on=message.was_due_on,
        because=message.because,
    )


def _entry(row: JournalRow) -> View:
    entry: View = json.loads(row.entry_json)
    return entry


def _plain(row: object) -> View:
    """Return a flat dataclass as a mapping, its days and moments written out."""
    if not is_dataclass(row) or isinstance(row, type):
        raise TypeError(f"expected a row, got {type(row)}")
    return {each.name: _plain_value(getattr(row, each.name)) for each in fields(row)}


def _plain_value(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
