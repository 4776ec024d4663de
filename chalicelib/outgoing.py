"""What a decision sends on its way: messages for its notices, and what makes earlier ones pointless."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from chalicelib.core import room
from chalicelib.core.case import Case, Decision, Notice, Standing
from chalicelib.core.history import History
from chalicelib.core.identity import identify
from chalicelib.core.london import day_of
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.ports import Message, RoleContact

EMAIL = "email"
REOPENED = ("reopened", "task_reopened")


def messages(
    decision: Decision,
    rules: Rules,
    contacts: Mapping[str, RoleContact],
    now: datetime,
) -> Iterator[Message]:
    """Yield one message for each notice and channel.

    A group role goes to its first member allocated on the case; a role that the case does not
    allocate goes to the authority's own contact for it, by the channels that contact names.
    """
    if not decision.notices:
        return
    allocations = History(decision.after.facts).allocations(day_of(now))
    for notice in decision.notices:
        protocol = rules.protocol(notice.protocol)
        role, person = _filled(protocol, notice, allocations)
        told = replace(notice, role=role, person_id=person)
        for channel in _channels(notice, person, contacts.get(role)):
            message = _message(told, channel, decision.after, protocol, now)
            yield replace(message, allocated=person is not None and not notice.person_id)


def _message(notice: Notice, channel: str, case: Case, protocol: Protocol, now: datetime) -> Message:
    """Return a notice on its way by one channel, to the role and person that it now names."""
    clause = protocol.by_id[notice.clause]
    return Message(
        id=identify("m", notice.id, channel),
        notice_id=notice.id,
        authority=case.authority,
        case_id=case.id,
        about=notice.about,
        protocol=notice.protocol,
        clause=notice.clause,
        printed=clause.printed,
        cited=protocol.cited(clause),
        occasion=notice.occasion,
        role=notice.role,
        role_label=protocol.roles[notice.role].label,
        channel=channel,
        urgency=notice.urgency,
        created_at=now,
        person_id=notice.person_id,
        via_manager=notice.via_manager,
        via_deputy=notice.via_deputy,
        of_manager=notice.of_manager,
        due_on=notice.due_on,
        due_by=notice.due_by,
        provisional=notice.provisional,
        was_due_on=notice.was_due_on,
        because=notice.because,
        cancelled_with=notice.cancelled_with,
        next_attempt_at=now,
        changed_at=now,
    )


def _filled(protocol: Protocol, notice: Notice, allocations: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the role that is told and the person: named by the meeting, or allocated on the case."""
    if notice.person_id:
        return notice.role, notice.person_id
    for member in protocol.members(notice.role):
        if member in allocations:
            return member, allocations[member]
    return notice.role, None


def _channels(notice: Notice, person: str | None, contact: RoleContact | None) -> tuple[str, ...]:
    """Return the channels for a notice: people get e-mail, a role's contact says its own."""
    if person or notice.route != "self":
        return (EMAIL,)
    return channels_of(contact, notice.urgency)


def channels_of(contact: RoleContact | None, urgency: str) -> tuple[str, ...]:
    """Return the channels that a role's contact names for an urgency: e-mail where it names none."""
    if contact is None:
        return (EMAIL,)
    return contact.channels.get(urgency, (EMAIL,)) or (EMAIL,)


def settled(before: Standing, after: Case) -> tuple[str, ...]:
    """Return ids of duties and tasks that were open and no longer are: their messages are pointless now."""
    over = room.settled(before, after.standing) | room.closed_tasks(before, after.standing)
    return tuple(sorted(over))


def reopened(decision: Decision) -> tuple[str, ...]:
    """Return ids of duties and tasks that were settled or taken back and are open again."""
    return tuple(sorted(change.about for change in decision.changes if change.what in REOPENED))


def dates(before: Standing, decision: Decision) -> Mapping[str, date | None]:
    """Return when each duty is due now that is open again or due on another date; none while halted."""
    about = room.moved(before, decision.after.standing) | frozenset(reopened(decision))
    return {duty.id: duty.due_on for duty in decision.after.standing.duties if duty.id in about}


def seats(before: Case, decision: Decision, now: datetime) -> Mapping[str, str] | None:
    """Return who is allocated on the case from now on; none where the fact can't have changed it."""
    fact = decision.fact
    if not (fact.allocations or fact.replaces):
        return None
    on = day_of(now)
    seated = History(decision.after.facts).allocations(on)
    return seated if seated != History(before.facts).allocations(on) else None
