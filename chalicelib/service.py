"""The corridor: load → decide → commit, again where somebody else got there first."""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypedDict

from chalicelib import family, meeting_log, outgoing
from chalicelib.clock import london_date
from chalicelib.core.case import Answer, Case, Child, Decision
from chalicelib.core.decision import decide
from chalicelib.core.errors import (
    AlreadyReceived,
    Busy,
    CaseChanged,
    InvalidInput,
    KeyReused,
    NotFound,
    Problem,
    StaleVersion,
    Tripped,
)
from chalicelib.core.facts import Fact, Party, ReferralReceived
from chalicelib.core.identity import identify
from chalicelib.core.trace import Seat, Trace
from chalicelib.core.tracing import Heard, trace_of
from chalicelib.plausible import refuse_implausible
from chalicelib.ports import (
    Access,
    Cases,
    Commit,
    Contacts,
    Entry,
    MeetingRow,
    Message,
    Outbox,
    Receipt,
)
from chalicelib.protocol_files import Shelf
from chalicelib.refusal import reasons_for
from chalicelib.rulebook import Rulebook

MOST_TRIES = 6
CREATED = 201
# Short enough to be read out on the telephone: 80 bits are plenty for one authority's cases.
CASE_ID_LENGTH = len("c-") + 16


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The rooms that the corridor leads to. `pause` waits for so many seconds."""

    cases: Cases
    outbox: Outbox
    contacts: Contacts
    access: Access
    protocols: Shelf
    pause: Callable[[float], None] = time.sleep
    rulebook: Rulebook = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rulebook", Rulebook(self.protocols, self.access))


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a door knows of a request beside the fact.

    `key` is unique within the authority: door, credential and the caller's own key. `body_hash`
    covers method, path and raw body. `if_match` is the version the caller last saw.
    """

    authority: str
    subject: str
    key: str
    body_hash: str
    fact_json: str
    learned_at: datetime
    if_match: int | None = None

    @property
    def fact_id(self) -> str:
        """The id of the fact that this request reports, the same however often it comes."""
        return identify("f", self.authority, self.key)

    @property
    def case_id(self) -> str:
        """The id of the case that this request opens, if it opens one."""
        return identify("c", self.authority, self.key)[:CASE_ID_LENGTH]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A 2xx answer: its JSON text, the case's version, and whether it was given before."""

    status: int
    answer: str
    version: int | None
    replayed: bool


def _let_pass(_: Decision) -> None:
    """Let every fact through: a guard never stops anyone from recording what has happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request on its way through the corridor; `allow` raises where a decision may not stand."""

    incoming: Incoming
    ports: Ports
    allow: Callable[[Decision], None] = _let_pass


def open_case(fact: ReferralReceived, incoming: Incoming, ports: Ports) -> Accepted:
    """Open a case by a referral.

    Raises NotFound where the authority isn't the caller's or has no protocol in force,
    KeyReused, Busy.
    """
    if fact.authority != incoming.authority:
        raise NotFound("no such authority")
    trace = _trace(fact, incoming, ports)

    def attempt() -> Commit | None:
        case, child = ports.cases.load_with_child(incoming.case_id, incoming.authority, fact.child_reference)
        if case is not None:
            return None
        on = london_date(incoming.learned_at)
        fresh = Case(
            id=incoming.case_id,
            authority=incoming.authority,
            child_reference=fact.child_reference,
            protocols=ports.rulebook.in_force(incoming.authority, on),
        )
        known = replace(trace, endings=family.elsewhere(child, fresh.id))
        return _commit(fresh, known, family.joined(child, fresh), Visit(incoming=incoming, ports=ports))

    return _carry_out(attempt, incoming, ports)


def record(case_id: str, fact: Fact, incoming: Incoming, ports: Ports) -> Accepted:
    """Store something that has happened, whatever clauses it trips.

    Raises NotFound, InvalidInput, StaleVersion, KeyReused, Busy.
    """
    return _take(case_id, fact, Visit(incoming=incoming, ports=ports))


def propose(case_id: str, fact: Fact, incoming: Incoming, ports: Ports) -> Accepted:
    """Store something that somebody means to do, unless a clause trips without an exception.

    Raises what `record` raises, and Tripped with every reason; then nothing is stored.
    """

    if fact.replaces:
        raise InvalidInput([Problem("replaces", "nothing: a proposal corrects no fact")])

    def refuse_breaches(decision: Decision) -> None:
        flags = decision.after.standing.flags
        tripped = [
            flag for flag in flags if flag.fact_id == decision.fact.id and flag.answer is Answer.BREACH
        ]
        if tripped:
            rules = ports.rulebook.for_case(incoming.authority, decision.after.protocols)
            raise Tripped(reasons_for(tripped, decision, rules.protocols))

    return _take(case_id, fact, Visit(incoming=incoming, ports=ports, allow=refuse_breaches))


def _take(case_id: str, fact: Fact, visit: Visit) -> Accepted:
    incoming, ports = visit.incoming, visit.ports
    trace = _trace(fact, incoming, ports)
    reference = fact.child_reference if isinstance(fact, ReferralReceived) else None
    if isinstance(fact, ReferralReceived) and fact.authority != incoming.authority:
        raise NotFound("no such authority")

    def attempt() -> Commit | None:
        case = own_case(case_id, incoming.authority, ports)
        if any(each.id == incoming.fact_id for each in case.facts):
            return None
        if incoming.if_match is not None and incoming.if_match != case.version:
            raise StaleVersion(f"the case is at version {case.version}")
        refuse_implausible(case, trace, reference)
        return _commit(case, _with_endings(case, trace), None, visit)

    return _carry_out(attempt, incoming, ports)


def own_case(case_id: str, authority: str, ports: Ports) -> Case:
    """Return a case of this authority. Raises NotFound, alike for another authority's."""
    case = ports.cases.load(case_id)
    if case.authority != authority:
        raise NotFound("no such case")
    return case


def _with_endings(case: Case, trace: Trace) -> Trace:
    """Keep, on a corrected referral, what was known of the child's other cases at opening."""
    corrected = next((each for each in case.facts if each.id == trace.replaces), None)
    return replace(trace, endings=corrected.endings) if corrected else trace


def _trace(fact: Fact, incoming: Incoming, ports: Ports) -> Trace:
    """Return the fact's trace, with everybody's roles in the authority looked up."""

    def seat(party: Party) -> Seat:
        if party.person_id is None:
            return Seat(roles=(party.role or "",))
        person = ports.contacts.person(incoming.authority, party.person_id)
        return Seat(person_id=party.person_id, roles=person.roles if person else ())

    heard = Heard(fact_id=incoming.fact_id, learned_at=incoming.learned_at)
    return trace_of(fact, heard, seat)


class Consequences(TypedDict):
    """What decisions give rise to beside themselves: the rest of a `Commit`."""

    messages: Sequence[Message]
    meetings: Sequence[MeetingRow]
    settled: Sequence[str]
    reopened: Sequence[str]


# --- one attempt ----------------------------------------------------------------------------


def _commit(case: Case, trace: Trace, child: Child | None, visit: Visit) -> Commit:
    """Decide on the case, and on the child's other cases where an ending changed for them."""
    incoming, ports = visit.incoming, visit.ports
    rules = ports.rulebook.for_case(case.authority, case.protocols)
    decision = decide(case, trace, rules)
    visit.allow(decision)
    made = [(case, decision, incoming.fact_json)]
    if _may_change_endings(trace) and family.endings_of(case) != family.endings_of(decision.after):
        child = child or ports.cases.child(case.authority, case.child_reference)
        child = family.updated(child, decision.after)
        made += _elsewhere(child, trace, case.id, visit)
    return Commit(
        entries=tuple(
            Entry(
                decision=each,
                fact_json=text,
                recorded_by=incoming.subject,
                learned_at=incoming.learned_at,
                before=before.standing,
            )
            for before, each, text in made
        ),
        child=child,
        receipt=Receipt(
            authority=incoming.authority,
            key=incoming.key,
            body_hash=incoming.body_hash,
            status=CREATED,
            answer=_answer(decision),
            received_at=incoming.learned_at,
        ),
        **consequences([(before, each) for before, each, _ in made], incoming.learned_at, ports),
    )


def _may_change_endings(trace: Trace) -> bool:
    return trace.kind == "placement_ended" or trace.replaces is not None


def _elsewhere(child: Child, cause: Trace, case_id: str, visit: Visit) -> list[tuple[Case, Decision, str]]:
    """Tell the child's other cases of an ending here, within the same transaction."""
    ports, at = visit.ports, visit.incoming.learned_at
    learned = family.Learned(at=at, on=london_date(at))
    made: list[tuple[Case, Decision, str]] = []
    for other_id in child.cases:
        if other_id == case_id:
            continue
        other = ports.cases.load(other_id)
        rules = ports.rulebook.for_case(other.authority, other.protocols)
        changed = family.history_changed(child, other_id, cause.id, learned)
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
        protocols = ports.rulebook.for_case(after.authority, after.protocols).protocols
        contacts = ports.contacts.channels(after.authority) if decision.notices else {}
        messages += outgoing.messages(decision, protocols, contacts, now)
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


# --- attempts, until one holds ---------------------------------------------------------------


def _carry_out(attempt: Callable[[], Commit | None], incoming: Incoming, ports: Ports) -> Accepted:
    """Try until a commit holds. An attempt that returns none says the request came before."""
    for tried in range(MOST_TRIES):
        commit = attempt()
        if commit is None:
            return _first_answer(incoming, ports)
        try:
            ports.cases.commit(commit)
        except AlreadyReceived:
            return _first_answer(incoming, ports)
        except CaseChanged:
            back_off(tried, ports)
            continue
        receipt = commit.receipt
        version = commit.entries[0].decision.after.version
        if receipt is None:  # pragma: no cover (every request carries one)
            raise Busy
        return Accepted(status=receipt.status, answer=receipt.answer, version=version, replayed=False)
    raise Busy("the case kept changing; nothing was stored")


def back_off(tried: int, ports: Ports) -> None:
    """Wait a little, at random, so that writers on one case don't meet again at once."""
    ports.pause(random.uniform(0.005, 0.05 * 2**tried))  # noqa: S311 (not for secrets)


def _first_answer(incoming: Incoming, ports: Ports) -> Accepted:
    """Return what a request was answered when it first came. Raises KeyReused."""
    receipt = ports.cases.receipt(incoming.authority, incoming.key)
    if receipt is None:
        raise Busy("the first answer is still being stored")
    if receipt.body_hash != incoming.body_hash:
        raise KeyReused("this idempotency key came before with another request")
    version = json.loads(receipt.answer).get("version")
    return Accepted(status=receipt.status, answer=receipt.answer, version=version, replayed=True)
