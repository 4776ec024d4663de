"""What decisions give rise to: messages, lines of the log of meetings, tombstones and seats."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TypedDict

from chalicelib import meeting_log, outgoing
from chalicelib.core.case import Case, Decision
from chalicelib.core.decision import decide
from chalicelib.core.trace import Trace
from chalicelib.ports import Commit, Entry, MeetingRow, Message
from chalicelib.visits import SERVICE, Ports


class Consequences(TypedDict):
    """What decisions give rise to beside themselves: the rest of a `Commit`."""

    messages: Sequence[Message]
    meetings: Sequence[MeetingRow]
    settled: Sequence[str]
    reopened: Sequence[str]
    dates: Mapping[str, date | None]
    seats: Mapping[str, Mapping[str, str]]


def own_commit(case: Case, fact: Trace, now: datetime, ports: Ports, subject: str = SERVICE) -> Commit:
    """Decide on a fact that the service records itself, and return what is stored of that."""
    decision = decide(case, fact, ports.rulebook.for_case(case, fact))
    entry = Entry(
        decision=decision, fact_json="{}", recorded_by=subject, learned_at=now, before=case.standing
    )
    return Commit(entries=(entry,), **consequences([(case, decision)], now, ports))


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
