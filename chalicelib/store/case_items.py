"""A decision as items of the cases table: what is put when a case moves from one version to the next."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.core.case import Answer, Case, Child, Standing, State, Task
from chalicelib.core.corrections import counted
from chalicelib.ports import CaseRow, Entry, JournalRow, MeetingRow, Receipt, TaskRow
from chalicelib.store import shards
from chalicelib.store.items import CaseItem
from chalicelib.store.mapping import compact, packed, plain_of, stamp, text_of

DUE = "due"
WITHDRAWN = "withdrawn"
WAKE = "wake"


def case_key(case_id: str) -> str:
    """The partition of a case and of everything that belongs to it."""
    return f"CASE#{case_id}"


def child_key(authority: str, reference: str) -> str:
    """The partition of what one authority's cases of one child share."""
    return f"CHILD#{authority}#{reference}"


def receipt_key(authority: str, key: str) -> str:
    """The partition of a receipt."""
    return f"RECEIPT#{authority}#{key}"


def journal_key(version: int) -> str:
    """The sort key of the journal entry that made this version."""
    return f"J#{version:06d}"


def case_item(case: Case) -> CaseItem:
    """The case as it stands."""
    return CaseItem(case_key(case.id), "CASE", version=case.version, packed=packed(case))


def row_item(entry: Entry) -> CaseItem:
    """The case's line in its authority's list: apart, so that the index never copies whole cases."""
    return line_item(case_row(entry.decision.after, entry.learned_at))


def line_item(row: CaseRow) -> CaseItem:
    """A case's line, in its place."""
    return CaseItem(
        case_key(row.case_id),
        "ROW",
        body=text_of(row),
        list_key=f"CASES#{row.authority}",
        list_sort=stamp(row.updated_at),
    )


def case_row(case: Case, updated_at: datetime) -> CaseRow:
    """Sum a case up. `flags` counts breaches; what an exception passed or excused is none."""
    standing = case.standing
    owed = [duty for duty in standing.duties if duty.state is State.OPEN]
    counted_out = [duty for duty in owed if duty.due_on and not duty.at_once]
    return CaseRow(
        case_id=case.id,
        authority=case.authority,
        child_reference=case.child_reference,
        updated_at=updated_at,
        open_duties=len(owed),
        next_due_on=min((duty.due_on for duty in owed if duty.due_on), default=None),
        flags=sum(flag.answer is Answer.BREACH for flag in standing.flags),
        frozen=any(hold.ended_by is None for hold in standing.holds),
        closed=any(fact.kind == "case_closed" for fact in counted(case.facts)),
        open_since=min((duty.opened_on for duty in counted_out), default=None),
        open_until=max((duty.due_on for duty in counted_out if duty.due_on), default=None),
    )


def journal_item(entry: Entry) -> CaseItem:
    """What was recorded, everything that followed, and under which protocols and calendar."""
    decision = entry.decision
    plain = {
        "sequence": decision.after.version,
        "recorded_by": entry.recorded_by,
        "learned_at": stamp(entry.learned_at),
        **({"proposed": True} if entry.proposed else {}),
        "sent": json.loads(entry.fact_json),
        "fact": plain_of(decision.fact),
        "changes": [plain_of(change) for change in decision.changes],
        "notices": [plain_of(notice) for notice in decision.notices],
        "passed_over": decision.passed_over,
        "protocols": decision.after.protocols,
        "calendar_hash": decision.calendar_hash,
    }
    after = decision.after
    return CaseItem(
        case_key(after.id), journal_key(after.version), version=after.version, body=compact(plain)
    )


def journal_row(item: CaseItem) -> JournalRow:
    """Read a journal entry: its text as it was stored."""
    plain = json.loads(item.body or "")
    return JournalRow(
        sequence=plain["sequence"],
        learned_at=datetime.fromisoformat(plain["learned_at"]),
        recorded_by=plain["recorded_by"],
        entry_json=item.body or "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What of a duty or a flag can be found without its case."""

    protocol: str
    clause: str
    state: str
    due_on: date | None = None
    next_action_at: datetime | None = None
    at_once: bool = False


def obligation_items(case: Case, before: Standing, *, due_shards: int) -> Iterator[CaseItem]:
    """The duties and flags that changed, or were left over; one that is gone stays as withdrawn.

    What the case says is `behind` is left over for the next transaction.
    """
    was, now = _obligations(before), _obligations(case.standing)
    late = frozenset(before.behind)
    for name in sorted((was.keys() | late) - now.keys() - frozenset(case.standing.behind)):
        yield _obligation_item(case.id, name, _withdrawn(was.get(name)), due_shards)
    for name, obligation in now.items():
        if name not in case.standing.behind and (was.get(name) != obligation or name in late):
            yield _obligation_item(case.id, name, obligation, due_shards)


def _withdrawn(was: Obligation | None) -> Obligation:
    return Obligation(protocol=was.protocol if was else "", clause=was.clause if was else "", state=WITHDRAWN)


def _obligations(standing: Standing) -> Mapping[str, Obligation]:
    duties = {
        duty.id: Obligation(
            protocol=duty.protocol,
            clause=duty.clause,
            state=duty.state.value,
            due_on=duty.due_on,
            next_action_at=duty.next_action_at,
            at_once=duty.at_once,
        )
        for duty in standing.duties
    }
    flags = {
        flag.id: Obligation(
            protocol=flag.protocol,
            clause=flag.clause,
            state=flag.answer.value,
            next_action_at=flag.next_action_at,
        )
        for flag in standing.flags
    }
    # The authority's own record is woken when a duty of a year is to open, though none is owed yet.
    wake = {WAKE: Obligation(protocol="", clause="", state=WAKE, next_action_at=standing.wakes_at)}
    return duties | flags | (wake if standing.wakes_at else {})


def _obligation_item(case_id: str, name: str, obligation: Obligation, due_shards: int) -> CaseItem:
    item = CaseItem(case_key(case_id), f"OB#{name}", body=text_of(obligation))
    if obligation.next_action_at is not None:
        item.due_shard = shards.key_of(DUE, case_id, due_shards)
        item.next_action_at = _place(name, obligation, obligation.next_action_at)
    return item


def _place(name: str, obligation: Obligation, at: datetime) -> str:
    """The place in the queue of what is due: by its moment, and at one moment by how urgent it is.

    What has to be told at once; a clause that was broken; a duty by its date, the longest due first;
    what has none; a record that is only to be woken.
    """
    if obligation.at_once:
        urgency = "0"
    elif name == WAKE:
        urgency = "4"
    elif obligation.state in frozenset(Answer):
        urgency = "1"
    else:
        urgency = f"2#{obligation.due_on.isoformat()}" if obligation.due_on else "3"
    return f"{stamp(at)}#{urgency}"


def last_place(at: datetime) -> str:
    """The place behind everything that is due at or before a moment; places once were moments alone."""
    return f"{stamp(at)}$"


def task_items(case: Case, before: Standing) -> Iterator[CaseItem]:
    """The tasks that changed; only open ones stand in the authority's list."""
    was = {task.id: task for task in before.tasks}
    now = {task.id: task for task in case.standing.tasks}
    for name, task in (was | now).items():
        if was.get(name) != now.get(name):
            yield _task_item(case, task, is_open=name in now and task.done_by is None)


def _task_item(case: Case, task: Task, *, is_open: bool) -> CaseItem:
    row = TaskRow(
        authority=case.authority,
        case_id=case.id,
        task_id=task.id,
        role=task.role,
        tell=task.tell,
        why=task.why,
        opened_on=task.opened_on,
    )
    item = CaseItem(case_key(case.id), f"T#{task.id}", body=text_of(row))
    if is_open:
        item.list_key = f"TASK#{case.authority}"
        item.list_sort = f"{task.opened_on.isoformat()}#{task.id}"
    return item


def meeting_item(row: MeetingRow) -> CaseItem:
    """One line of the log, by the day the meeting was held, or failing that is planned for."""
    day = row.held_on or row.planned_for or row.convened_on or row.logged_on
    return CaseItem(
        case_key(row.case_id),
        f"M#{row.meeting_id}",
        body=text_of(row),
        list_key=f"MEETING#{row.authority}",
        list_sort=f"{day.isoformat() if day else ''}#{row.meeting_id}",
    )


def child_item(child: Child) -> CaseItem:
    """What one authority's cases of one child share."""
    return CaseItem(
        child_key(child.authority, child.reference), "CHILD", version=child.version, body=text_of(child)
    )


def receipt_item(receipt: Receipt) -> CaseItem:
    """Proof that a request was taken."""
    return CaseItem(receipt_key(receipt.authority, receipt.key), "RECEIPT", body=text_of(receipt))
