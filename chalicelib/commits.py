"""From decisions to everything that one transaction stores."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypedDict

from chalicelib import family, meeting_log, outgoing
from chalicelib.clock import london_date
from chalicelib.core.case import Case, Child, Decision
from chalicelib.core.decision import decide
from chalicelib.core.trace import Trace
from chalicelib.ports import Commit, Entry, MeetingRow, Message, Receipt
from chalicelib.visits import SERVICE, Accepted, Incoming, Ports, Visit

CREATED = 201


Made = tuple[Commit, Accepted]


@dataclass(frozen=True, slots=True)
class _Decided:
    """A case as it was loaded, and what was decided on it."""

    case: Case
    decision: Decision


class Consequences(TypedDict):
    """What decisions give rise to beside themselves: the rest of a `Commit`."""

    messages: Sequence[Message]
    meetings: Sequence[MeetingRow]
    settled: Sequence[str]
    reopened: Sequence[str]
    dates: Mapping[str, date | None]
    seats: Mapping[str, Mapping[str, str]]


def commit_of(case: Case, trace: Trace, child: Child | None, visit: Visit) -> Made:
    """Decide on the case, and on the child's other cases where an ending changed for them."""
    incoming, ports = visit.incoming, visit.ports
    made, child = _decided(case, trace, child, visit)
    decision = made[0].decision
    accepted = Accepted(
        status=CREATED, answer=_answer(decision), version=decision.after.version, replayed=False
    )
    commit = Commit(
        entries=tuple(
            Entry(
                decision=each.decision,
                fact_json=incoming.fact_json if each.case is case else "{}",
                recorded_by=incoming.subject,
                learned_at=incoming.learned_at,
                before=each.case.standing,
                proposed=visit.proposed and each.case is case,
            )
            for each in made
        ),
        child=child,
        receipt=_receipt(accepted, incoming),
        **consequences([(each.case, each.decision) for each in made], incoming.learned_at, ports),
    )
    return commit, accepted


def own_commit(case: Case, fact: Trace, now: datetime, ports: Ports, subject: str = SERVICE) -> Commit:
    """Decide on a fact that the service records itself, and return what is stored of that."""
    decision = decide(case, fact, ports.rulebook.for_case(case, fact))
    entry = Entry(
        decision=decision, fact_json="{}", recorded_by=subject, learned_at=now, before=case.standing
    )
    return Commit(entries=(entry,), **consequences([(case, decision)], now, ports))


def _decided(
    case: Case, trace: Trace, child: Child | None, visit: Visit
) -> tuple[Sequence[_Decided], Child | None]:
    """Return the case's decision and then those of the child's other cases, and the child's next item."""
    rules = visit.ports.rulebook.for_case(case, trace)
    decision = decide(case, trace, rules)
    visit.allow(case, decision)
    if child is None and not family.concerned(case, decision.after, trace):
        return [_Decided(case, decision)], None
    known = child or visit.ports.cases.child(case.authority, case.child_reference)
    changed = family.updated(known, decision.after)
    others = _others(known, changed, case.id, visit.ports)
    if others:
        # They share a transaction, so there is less room for what each has to say.
        trace = replace(trace, beside=len(others))
        decision = decide(case, trace, rules)
    elsewhere = [_elsewhere(other, changed, trace, visit) for other in others]
    return [_Decided(case, decision), *elsewhere], changed


def _others(before: Child, after: Child, case_id: str, ports: Ports) -> Sequence[Case]:
    """Return the child's other cases, where something changed for them.

    Who had a part is told only where the authority's protocols ask for it.
    """
    if before.endings == after.endings and not ports.rulebook.asks_who_was_involved(after.authority):
        return ()
    return tuple(ports.cases.load(each) for each in after.cases if each != case_id)


def _elsewhere(other: Case, child: Child, cause: Trace, visit: Visit) -> _Decided:
    """Tell one of the child's other cases what changed here, within the same transaction."""
    at = visit.incoming.learned_at
    learned = family.Learned(at=at, on=london_date(at))
    heard = family.history_changed(child, other.id, cause.id, learned)
    rules = visit.ports.rulebook.for_case(other)
    return _Decided(other, decide(other, replace(heard, beside=cause.beside), rules))


def _receipt(accepted: Accepted, incoming: Incoming) -> Receipt:
    return Receipt(
        authority=incoming.authority,
        key=incoming.key,
        body_hash=incoming.body_hash,
        status=accepted.status,
        answer=accepted.answer,
        received_at=incoming.learned_at,
    )


def consequences(made: Sequence[tuple[Case, Decision]], now: datetime, ports: Ports) -> Consequences:
    """Return the messages, log lines, tombstones and seats that decisions give rise to."""
    messages: list[Message] = []
    meetings: list[MeetingRow] = []
    settled: list[str] = []
    reopened: list[str] = []
    dates: dict[str, date | None] = {}
    seats: dict[str, Mapping[str, str]] = {}
    for before, decision in made:
        after = decision.after
        rules = ports.rulebook.for_case(after)
        contacts = ports.contacts.channels(after.authority) if decision.notices else {}
        messages += outgoing.messages(decision, rules, contacts, now)
        meetings += meeting_log.changed_rows(before, after)
        settled += outgoing.settled(before.standing, after)
        reopened += outgoing.reopened(decision)
        dates |= outgoing.dates(before.standing, decision)
        if (seated := outgoing.seats(before, decision, now)) is not None:
            seats[after.id] = seated
    return Consequences(
        messages=messages, meetings=meetings, settled=settled, reopened=reopened, dates=dates, seats=seats
    )


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
