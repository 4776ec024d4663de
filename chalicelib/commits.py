"""From decisions to everything that one transaction stores."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from chalicelib import family, meeting_log, outgoing
from chalicelib.clock import london_date
from chalicelib.core.case import Case, Child, Decision
from chalicelib.core.decision import decide
from chalicelib.core.trace import Trace
from chalicelib.ports import Commit, Entry, MeetingRow, Message, Receipt
from chalicelib.visits import Accepted, Ports, Visit

CREATED = 201


Made = tuple[Commit, Accepted]


class Consequences(TypedDict):
    """What decisions give rise to beside themselves: the rest of a `Commit`."""

    messages: Sequence[Message]
    meetings: Sequence[MeetingRow]
    settled: Sequence[str]
    reopened: Sequence[str]


def commit_of(case: Case, trace: Trace, child: Child | None, visit: Visit) -> Made:
    """Decide on the case, and on the child's other cases where an ending changed for them."""
    incoming, ports = visit.incoming, visit.ports
    rules = ports.rulebook.for_case(case, trace)
    decision = decide(case, trace, rules)
    visit.allow(case, decision)
    made = [(case, decision, incoming.fact_json)]
    if child is not None or family.concerned(case, decision.after, trace):
        child = child or ports.cases.child(case.authority, case.child_reference)
        changed = family.updated(child, decision.after)
        made += _elsewhere(child, changed, trace, case.id, visit)
        child = changed
    accepted = Accepted(
        status=CREATED, answer=_answer(decision), version=decision.after.version, replayed=False
    )
    commit = Commit(
        entries=tuple(
            Entry(
                decision=each,
                fact_json=text,
                recorded_by=incoming.subject,
                learned_at=incoming.learned_at,
                before=before.standing,
                proposed=visit.proposed and before is case,
            )
            for before, each, text in made
        ),
        child=child,
        receipt=Receipt(
            authority=incoming.authority,
            key=incoming.key,
            body_hash=incoming.body_hash,
            status=accepted.status,
            answer=accepted.answer,
            received_at=incoming.learned_at,
        ),
        **consequences([(before, each) for before, each, _ in made], incoming.learned_at, ports),
    )
    return commit, accepted


def _elsewhere(
    before: Child, after: Child, cause: Trace, case_id: str, visit: Visit
) -> list[tuple[Case, Decision, str]]:
    """Tell the child's other cases what changed here, within the same transaction.

    Who had a part is told only where the authority's protocols ask for it.
    """
    ports, at = visit.ports, visit.incoming.learned_at
    if before.endings == after.endings and not ports.rulebook.asks_who_was_involved(after.authority):
        return []
    learned = family.Learned(at=at, on=london_date(at))
    made: list[tuple[Case, Decision, str]] = []
    for other_id in after.cases:
        if other_id == case_id:
            continue
        other = ports.cases.load(other_id)
        rules = ports.rulebook.for_case(other)
        changed = family.history_changed(after, other_id, cause.id, learned)
        made.append((other, decide(other, changed, rules), "{}"))
    return made


def consequences(made: Sequence[tuple[Case, Decision]], now: datetime, ports: Ports) -> Consequences:
    """Return the messages, log lines and tombstones that decisions give rise to."""
    messages: list[Message] = []
    meetings: list[MeetingRow] = []
    settled: list[str] = []
    reopened: list[str] = []
    for before, decision in made:
        after = decision.after
        rules = ports.rulebook.for_case(after)
        contacts = ports.contacts.channels(after.authority) if decision.notices else {}
        messages += outgoing.messages(decision, rules, contacts, now)
        meetings += meeting_log.changed_rows(before, after)
        settled += outgoing.settled(before.standing, after)
        reopened += outgoing.reopened(decision)
    return Consequences(messages=messages, meetings=meetings, settled=settled, reopened=reopened)


def _answer(decision: Decision) -> str:
    """Return the JSON text of a first answer: what followed, by ids and clauses alone."""
    return json.dumps(
        {
            "case_id": decision.after.id,
            "fact_id": decision.fact.id,
            "version": decision.after.version,
            "changes": [
                {"what": each.what, "about": each.about, "clause": each.clause} for each in decision.changes
            ],
            "notices": len(decision.notices),
        }
    )
