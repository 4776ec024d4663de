"""The log of meetings: one line for each, worked out from the facts of its case."""

from collections.abc import Iterator

from chalicelib.core.case import Case
from chalicelib.core.history import History
from chalicelib.core.trace import Trace
from chalicelib.ports import MeetingRow

LOGGED = "meeting_logged"


def changed_rows(before: Case, after: Case) -> tuple[MeetingRow, ...]:
    """Return the lines that a decision made or changed.

    A meeting whose facts were all withdrawn keeps its line, without days: a log that forgets
    could not be sampled.
    """
    was = {row.meeting_id: row for row in _rows(before)}
    now = {row.meeting_id: row for row in _rows(after)}
    emptied = (
        MeetingRow(
            authority=row.authority, case_id=row.case_id, meeting_id=row.meeting_id, meeting=row.meeting
        )
        for name, row in was.items()
        if name not in now
    )
    return (*(row for name, row in now.items() if was.get(name) != row), *emptied)


def _rows(case: Case) -> Iterator[MeetingRow]:
    history = History(case.facts)
    facts = (*history.of_kind("meeting_convened"), *history.of_kind("meeting_held"))
    for meeting_id in dict.fromkeys(fact.meeting_id for fact in facts if fact.meeting_id):
        yield _row(case, history, meeting_id, [f for f in facts if f.meeting_id == meeting_id])


def _row(case: Case, history: History, meeting_id: str, facts: list[Trace]) -> MeetingRow:
    convened = [fact for fact in facts if fact.kind == "meeting_convened"]
    held = [fact for fact in facts if fact.kind == "meeting_held"]
    logged = [
        fact
        for fact in history.of_kind("step_done")
        if LOGGED in fact.words.get("step", ()) and history.meeting_of(fact) == meeting_id
    ]
    return MeetingRow(
        authority=case.authority,
        case_id=case.id,
        meeting_id=meeting_id,
        meeting=facts[-1].words["meeting"][0],
        convened_on=convened[0].on if convened else None,
        planned_for=convened[-1].planned_for if convened else None,
        held_on=held[-1].on if held else None,
        outcome=next(iter(held[-1].words.get("outcome", ())), None) if held else None,
        chair=_chair(history, held[-1]) if held else None,
        logged_on=logged[0].on if logged else None,
    )


def _chair(history: History, held: Trace) -> str | None:
    """Return the role in which somebody chaired, as the case stood that day."""
    roles = [role for seat in held.people["chair"] for role in history.roles_of(seat, held.on)]
    return min(roles, default=None)
