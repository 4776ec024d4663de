"""The rooms, kept in memory: they keep the promises of `chalicelib/ports.py` and nothing more."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import ClassVar, TypeVar

from chalicelib.core.case import Case, Child, Duty, State, Task
from chalicelib.core.errors import AlreadyReceived, CaseChanged, NotClaimed, NotFound, WillNeverArrive
from chalicelib.core.identity import identify
from chalicelib.ports import (
    UNDELIVERED,
    Act,
    AsideRow,
    Authority,
    CaseRow,
    Commit,
    Contacts,
    Credential,
    Deed,
    Edition,
    Entry,
    Feed,
    Integration,
    JournalRow,
    Letter,
    MeetingRow,
    Message,
    MessageState,
    Page,
    Person,
    Posted,
    Receipt,
    RoleContact,
    Round,
    Snapshot,
    TaskRow,
    TickRun,
    Walk,
)

Row = TypeVar("Row")


def page(rows: Sequence[Row], cursor: str | None, limit: int) -> Page[Row]:
    """One page; the cursor is the number of rows already shown."""
    start = int(cursor or 0)
    more = start + limit < len(rows)
    return Page(items=tuple(rows[start : start + limit]), cursor=str(start + limit) if more else None)


# In the provider's own order; whatever we believe ourselves comes before all of it.
WORDS = (MessageState.SENT, MessageState.DELIVERED, MessageState.BOUNCED, MessageState.COMPLAINED)


class MemoryOutbox:
    """Messages by id, the tombstones in force, and what else is looked at before one is sent."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self.messages = {each.id: each for each in messages}
        self.tombstones: set[str] = set()
        self.dates: dict[str, date | None] = {}
        self.seats: dict[str, Mapping[str, str]] = {}
        self.to_settle: list[str] = []
        self.late: dict[str, tuple[datetime, datetime]] = {}
        self.paused_by: tuple[str, str, datetime] | None = None
        self.addresses: dict[str, tuple[datetime, bool]] = {}
        self.receipts: dict[tuple[str, str], Receipt] = {}
        self.acts: list[Act] = []
        self.before_commit: list[Callable[[], None]] = []

    def together(self, deed: Deed | None, may: Callable[[], bool]) -> bool:
        """As the store does it: all checks first, then the deed with what it speaks of."""
        kept = deed.receipt if deed else None
        if deed is not None and self.before_commit:
            self.before_commit.pop(0)()
        if kept is not None and (kept.authority, kept.key) in self.receipts:
            raise AlreadyReceived("this key is stored")
        if not may():
            return False
        if deed is not None:
            self.acts.append(deed.act)
        if kept is not None:
            self.receipts[kept.authority, kept.key] = kept
        return True

    def ready(self, now: datetime, limit: int) -> Sequence[str]:
        waiting = [each for each in self.messages.values() if _is_ready(each, now)]
        waiting.sort(key=lambda each: each.next_attempt_at or each.created_at)
        return tuple(each.id for each in waiting[:limit])

    def put(self, message: Message) -> None:
        self.messages.setdefault(message.id, message)

    def claim(self, message_id: str, now: datetime, lease_seconds: int) -> Message:
        message = self.messages.get(message_id)
        if message is None or not _may_claim(message, now):
            raise NotClaimed(message_id)
        if reason := self._pointless(message, now):
            self._put(message, state=MessageState.CANCELLED, changed_at=now, reason=reason)
            raise NotClaimed(message_id)
        return self._put(
            message,
            state=MessageState.SENDING,
            attempts=message.attempts + 1,
            lease_until=now + timedelta(seconds=lease_seconds),
            changed_at=now,
        )

    def _pointless(self, message: Message, now: datetime) -> str | None:
        seats = self.seats.get(message.case_id)
        otherwise = "" if message.allocated and seats is not None else message.person_id
        present = (seats or {}).get(message.role, otherwise)
        if message.person_id and present != message.person_id:
            heir = replace(
                message,
                id=identify("m", message.id, present or ""),
                person_id=present or None,
                allocated=message.allocated and bool(present),
            )
            self.put(replace(heir, created_at=now, next_attempt_at=now))
            return "no_longer_in_role"
        if message.cancelled_with in self.tombstones:
            return "settled"
        moved = message.dated and self.dates.get(message.cancelled_with or "", message.due_on)
        return "date_moved" if message.dated and moved != message.due_on else None

    def sent(self, message: Message, provider_reference: str, now: datetime) -> None:
        self._put(
            message,
            state=MessageState.SENT,
            provider_reference=provider_reference,
            reason=None,
            changed_at=now,
        )

    def retry(self, message: Message, at: datetime, reason: str) -> None:
        self._put(message, state=MessageState.PENDING, next_attempt_at=at, lease_until=None, reason=reason)

    def failed(self, message: Message, reason: str, now: datetime, *, aside: bool = False) -> None:
        state = MessageState.SET_ASIDE if aside else MessageState.FAILED
        self._put(message, state=state, reason=reason, changed_at=now)
        self.to_settle.append(message.id)

    def delivered(
        self, message_id: str, state: MessageState, at: datetime, reason: str, letter: Posted | None = None
    ) -> None:
        message = self.messages.get(message_id)
        if message is None or _rank(state) <= _rank(message.state):
            return
        if _is_earlier(message, letter, at):
            return
        self._put(message, state=state, reason=reason, changed_at=at)
        self.settled(message_id)
        if state in {MessageState.BOUNCED, MessageState.COMPLAINED}:
            self.to_settle.append(message_id)

    def delayed(self, message_id: str, at: datetime, until: datetime, letter: Posted | None = None) -> None:
        message = self.messages.get(message_id)
        if message is None or _rank(message.state) > _rank(MessageState.SENT):
            return
        if _is_earlier(message, letter, at):
            return
        if message_id in self.late and self.late[message_id][0] <= at:
            return
        self._put(message, state=MessageState.SENT, reason="delayed", changed_at=at)
        self.late[message_id] = (at, until)
        self.settled(message_id)
        self.to_settle.append(message_id)

    def unsettled(self, now: datetime, limit: int) -> Sequence[Message]:
        due = [each for each in self.to_settle if self._settles_at(each) <= now]
        return tuple(self.messages[each] for each in due[:limit])

    def _settles_at(self, message_id: str) -> datetime:
        message = self.messages[message_id]
        late = self.late.get(message_id)
        if message.state is MessageState.SENT and late:
            return late[1]
        return message.changed_at or message.created_at

    def settled(self, message_id: str) -> None:
        self.to_settle = [each for each in self.to_settle if each != message_id]

    def message(self, message_id: str) -> Message:
        if message_id not in self.messages:
            raise NotFound("no such message")
        return self.messages[message_id]

    def undelivered(self, authority: str, cursor: str | None, limit: int) -> Page[Message]:
        mine = [each for each in self.messages.values() if each.authority == authority]
        listed = [each for each in mine if each.state in UNDELIVERED]
        listed.sort(key=lambda each: (each.changed_at or each.created_at, each.id), reverse=True)
        return page(listed, cursor, limit)

    def again(self, message_id: str, now: datetime, deed: Deed | None = None) -> None:
        self.message(message_id)
        if not self.together(deed, lambda: self.message(message_id).state in UNDELIVERED):
            raise NotClaimed(message_id)
        self._put(
            self.message(message_id),
            state=MessageState.PENDING,
            attempts=0,
            next_attempt_at=now,
            lease_until=None,
            provider_reference=None,
            reason=None,
            changed_at=now,
            renewed_at=now,
        )
        self.late.pop(message_id, None)
        self.settled(message_id)

    def cancel(self, message_id: str, reason: str, now: datetime, deed: Deed | None = None) -> None:
        self.message(message_id)
        if not self.together(deed, lambda: self._not_leased(message_id, now)):
            raise NotClaimed(message_id)
        self._put_away(message_id, MessageState.CANCELLED, reason, now)

    def set_aside(self, message_id: str, reason: str, now: datetime, deed: Deed | None = None) -> None:
        if not self.together(deed, lambda: self._not_leased(message_id, now)):
            raise NotClaimed(message_id)
        self._put_away(message_id, MessageState.SET_ASIDE, reason, now)
        self.to_settle.append(message_id)

    def _not_leased(self, message_id: str, now: datetime) -> bool:
        message = self.message(message_id)
        return message.state in UNDELIVERED | {MessageState.PENDING} or _is_ready(message, now)

    def _put_away(self, message_id: str, state: MessageState, reason: str, now: datetime) -> None:
        self._put(self.message(message_id), state=state, reason=reason, changed_at=now, next_attempt_at=None)
        self.settled(message_id)

    def paused(self) -> bool:
        return self.paused_by is not None

    def pause(self, by: str, why: str, now: datetime, deed: Deed | None = None) -> bool:
        if not self.together(deed, lambda: deed is None or not self.paused()):
            return False
        self.paused_by = (by, why, now)
        return True

    def resume(self, deed: Deed | None = None) -> bool:
        if not self.together(deed, lambda: deed is None or self.paused()):
            return False
        self.paused_by = None
        return True

    def suppressed(self, address: str) -> bool:
        known = self.addresses.get(address.strip().lower())
        return known is not None and known[1]

    def suppress(self, address: str, message_id: str, why: str, at: datetime) -> None:  # noqa: ARG002
        self._say(address, at, refuses=True)

    def lift(self, address: str, now: datetime, deed: Deed | None = None) -> bool:
        known = self.addresses.get(address.strip().lower())
        if not self.together(deed, lambda: known is not None and known[1] and known[0] < now):
            return False
        self._say(address, now, refuses=False)
        return True

    def _say(self, address: str, at: datetime, *, refuses: bool) -> None:
        known = self.addresses.get(address.strip().lower())
        if known is None or known[0] < at:
            self.addresses[address.strip().lower()] = (at, refuses)

    def of_case(self, case_id: str, cursor: str | None, limit: int) -> Page[Message]:
        mine = [each for each in self.messages.values() if each.case_id == case_id]
        return page(sorted(mine, key=lambda each: (each.created_at, each.id)), cursor, limit)

    def _put(self, message: Message, **changes: object) -> Message:
        self.messages[message.id] = replace(message, **changes)  # type: ignore[arg-type]
        return self.messages[message.id]


def _is_earlier(message: Message, letter: Posted | None, at: datetime) -> bool:
    if letter and letter.reference and letter.reference == message.provider_reference:
        return False
    return message.renewed_at is not None and (letter.at if letter else at) < message.renewed_at


def _rank(state: MessageState) -> int:
    return WORDS.index(state) + 1 if state in WORDS else 0


def _is_ready(message: Message, now: datetime) -> bool:
    if message.state is MessageState.SENDING:
        return message.lease_until is not None and message.lease_until <= now
    due = message.next_attempt_at or message.created_at
    return message.state is MessageState.PENDING and due <= now


def _may_claim(message: Message, now: datetime) -> bool:
    return message.state is MessageState.PENDING or _is_ready(message, now)


class MemoryCases:
    """Cases, children, receipts and the journal; a commit also fills the outbox given here."""

    def __init__(self, outbox: MemoryOutbox | None = None) -> None:
        self.outbox = outbox or MemoryOutbox()
        self.by_id: dict[str, Case] = {}
        self.children: dict[tuple[str, str], Child] = {}
        self.receipts = self.outbox.receipts
        self.entries: dict[str, list[Entry]] = {}
        self.log: dict[tuple[str, str], MeetingRow] = {}
        self.before_commit = self.outbox.before_commit
        self.failures: dict[str, AsideRow] = {}
        self.set_apart: set[str] = set()
        self.rounds: dict[str, Round] = {}
        self.tick_run: TickRun | None = None

    def load(self, case_id: str) -> Case:
        if case_id not in self.by_id:
            raise NotFound("no such case")
        return self.by_id[case_id]

    def child(self, authority: str, reference: str) -> Child:
        return self.children.get((authority, reference), Child(authority=authority, reference=reference))

    def load_with_child(self, case_id: str, authority: str, reference: str) -> tuple[Case | None, Child]:
        return self.by_id.get(case_id), self.child(authority, reference)

    def commit(self, commit: Commit) -> None:
        """As the store does it: all checks first, then everything. `before_commit` plays a rival."""
        if self.before_commit:
            self.before_commit.pop(0)()
        self._check(commit)
        for entry in commit.entries:
            self.by_id[entry.decision.after.id] = entry.decision.after
            self.entries.setdefault(entry.decision.after.id, []).append(entry)
        if commit.child is not None:
            self.children[commit.child.authority, commit.child.reference] = commit.child
        for row in commit.meetings:
            self.log[row.case_id, row.meeting_id] = row
        for message in commit.messages:
            self.outbox.messages.setdefault(message.id, message)
        self.outbox.tombstones |= set(commit.settled)
        self.outbox.tombstones -= {*commit.reopened, *commit.dates}
        for duty_id in commit.reopened:
            self.outbox.dates.pop(duty_id, None)
        self.outbox.dates |= commit.dates
        self.outbox.seats |= commit.seats
        if commit.receipt is not None:
            self.receipts[commit.receipt.authority, commit.receipt.key] = commit.receipt

    def _check(self, commit: Commit) -> None:
        kept = commit.receipt
        if kept is not None and (kept.authority, kept.key) in self.receipts:
            raise AlreadyReceived("this key is stored")
        for entry in commit.entries:
            after = entry.decision.after
            before = self.by_id.get(after.id)
            if (before.version if before else 0) != after.version - 1:
                raise CaseChanged(after.id)
        child = commit.child
        if child is not None and self.child(child.authority, child.reference).version != child.version - 1:
            raise CaseChanged("the child's item moved on")

    def receipt(self, authority: str, key: str) -> Receipt | None:
        return self.receipts.get((authority, key))

    def due(self, now: datetime, limit: int, skipping: Collection[str] = ()) -> Sequence[str]:
        waiting = [
            (at, urgency, case.id)
            for case in self.by_id.values()
            for at, urgency in _actions(case)
            if at <= now and case.id not in skipping
        ]
        return tuple(dict.fromkeys(case_id for *_, case_id in sorted(waiting)))[:limit]

    def cases(self, authority: str, cursor: str | None, limit: int) -> Page[CaseRow]:
        mine = [self._row(case) for case in self.by_id.values() if case.authority == authority]
        return page(sorted(mine, key=lambda row: row.updated_at, reverse=True), cursor, limit)

    def oldest_first(self, authority: str, cursor: str | None, limit: int) -> Page[CaseRow]:
        """As the store does it: the cursor says where to go on, whatever moved to the end meanwhile."""
        mine = [self._row(case) for case in self.by_id.values() if case.authority == authority]
        mine.sort(key=lambda row: (row.updated_at, row.case_id))
        ahead = [row for row in mine if cursor is None or _place(row) > cursor]
        more = len(ahead) > limit
        return Page(items=tuple(ahead[:limit]), cursor=_place(ahead[limit - 1]) if more else None)

    def meetings(self, authority: str, cursor: str | None, limit: int) -> Page[MeetingRow]:
        mine = [row for row in self.log.values() if row.authority == authority]
        mine.sort(key=lambda row: str(row.held_on or row.planned_for or row.convened_on), reverse=True)
        return page(mine, cursor, limit)

    def meeting(self, case_id: str, meeting_id: str) -> MeetingRow | None:
        return self.log.get((case_id, meeting_id))

    def tasks(self, authority: str, cursor: str | None, limit: int) -> Page[TaskRow]:
        mine = [case for case in self.by_id.values() if case.authority == authority]
        rows = [_task_row(case, task) for case in mine for task in case.standing.tasks]
        return page(sorted(rows, key=lambda row: row.opened_on), cursor, limit)

    def journal(self, case_id: str, cursor: str | None, limit: int) -> Page[JournalRow]:
        kept = self.entries.get(case_id, [])
        return page([_journal_row(number, entry) for number, entry in enumerate(kept, 1)], cursor, limit)

    def latest_entries(self, case_id: str, since: datetime | None) -> Sequence[JournalRow]:
        kept = enumerate(self.entries.get(case_id, []), 1)
        rows = [_journal_row(number, entry) for number, entry in kept][::-1]
        return [*takewhile(lambda row: since is None or row.learned_at > since, rows)]

    def set_aside(self, case_id: str, reason: str, now: datetime, after_tries: int = 1) -> bool:
        if case_id in self.set_apart:
            return False
        known, case = self.failures.get(case_id), self.by_id.get(case_id)
        made = AsideRow(
            authority=case.authority if case else "",
            case_id=case_id,
            reason=reason,
            since=known.since if known else now,
            tries=known.tries + 1 if known else 1,
        )
        self.failures[case_id] = made
        if made.tries >= after_tries:
            self.set_apart.add(case_id)
        return case_id in self.set_apart

    def aside(self, authority: str, cursor: str | None, limit: int) -> Page[AsideRow]:
        rows = [self.failures[each] for each in self.set_apart]
        mine = [each for each in rows if each.authority == authority]
        return page(sorted(mine, key=lambda each: (each.since, each.case_id)), cursor, limit)

    def aside_row(self, case_id: str) -> AsideRow | None:
        return self.failures[case_id] if case_id in self.set_apart else None

    def all_aside(self) -> Collection[str]:
        return frozenset(self.set_apart)

    def redrive(self, case_id: str, deed: Deed | None = None) -> bool:
        if not self.outbox.together(deed, lambda: case_id in self.set_apart):
            return False
        self.set_apart.remove(case_id)
        del self.failures[case_id]
        return True

    def acts(
        self, authority: str | None, cursor: str | None, limit: int, *, oldest_first: bool = False
    ) -> Page[Act]:
        found = [each for each in self.outbox.acts if authority in {None, each.authority}]
        found.sort(key=lambda each: (each.at, each.id), reverse=not oldest_first)
        return page(found, cursor, limit)

    def last_round(self, authority: str) -> Round | None:
        return self.rounds.get(authority)

    def save_round(self, kept: Round) -> None:
        self.rounds[kept.authority] = kept

    def last_tick(self) -> TickRun | None:
        return self.tick_run

    def save_tick(self, run: TickRun) -> None:
        self.tick_run = run

    def _row(self, case: Case) -> CaseRow:
        standing = case.standing
        opened = [duty for duty in standing.duties if duty.state is State.OPEN]
        return CaseRow(
            case_id=case.id,
            authority=case.authority,
            child_reference=case.child_reference,
            updated_at=self.entries[case.id][-1].learned_at,
            open_duties=len(opened),
            next_due_on=min((duty.due_on for duty in opened if duty.due_on), default=None),
            flags=len(standing.flags),
            frozen=any(hold.ended_by is None for hold in standing.holds),
            closed=any(trace.kind == "case_closed" for trace in case.facts),
            open_since=min((duty.opened_on for duty in opened if duty.due_on), default=None),
            open_until=max((duty.due_on for duty in opened if duty.due_on), default=None),
        )


def _place(row: CaseRow) -> str:
    return f"{row.updated_at.isoformat()}#{row.case_id}"


def _actions(case: Case) -> Sequence[tuple[datetime, str]]:
    """Each moment at which something is due, with how urgent that is: the least text first."""
    standing = case.standing
    found = [(each.next_action_at, _urgency(each)) for each in standing.duties]
    found += [(each.next_action_at, "1") for each in standing.flags]
    return [(at, urgency) for at, urgency in [*found, (standing.wakes_at, "4")] if at is not None]


def _urgency(duty: Duty) -> str:
    if duty.at_once:
        return "0"
    return f"2#{duty.due_on}" if duty.due_on else "3"


def _task_row(case: Case, task: Task) -> TaskRow:
    return TaskRow(
        authority=case.authority,
        case_id=case.id,
        task_id=task.id,
        role=task.role,
        tell=task.tell,
        why=task.why,
        opened_on=task.opened_on,
    )


def _journal_row(number: int, entry: Entry) -> JournalRow:
    told = {
        "fact": json.loads(entry.fact_json),
        "changes": [asdict(change) for change in entry.decision.changes],
        "notices": [asdict(notice) for notice in entry.decision.notices],
    }
    return JournalRow(
        sequence=number,
        learned_at=entry.learned_at,
        recorded_by=entry.recorded_by,
        entry_json=json.dumps(told, default=str),
    )


class MemoryContacts:
    """People and role contacts, as they are given."""

    def __init__(self, people: Iterable[Person] = (), roles: Iterable[RoleContact] = ()) -> None:
        self.people = {(each.authority, each.id): each for each in people}
        self.roles = {(each.authority, each.role): each for each in roles}

    def person(self, authority: str, person_id: str) -> Person | None:
        return self.people.get((authority, person_id))

    def roles_held(self, authority: str, person_id: str) -> tuple[str, ...]:
        person = self.person(authority, person_id)
        return person.roles if person else ()

    def role(self, authority: str, role: str) -> RoleContact | None:
        return self.roles.get((authority, role))

    def channels(self, authority: str) -> Mapping[str, RoleContact]:
        return {role: each for (owner, role), each in self.roles.items() if owner == authority}


class MemoryAccess:
    """Credentials, integrations with their secrets, and authorities, as they are given."""

    def __init__(
        self,
        credentials: Iterable[Credential] = (),
        integrations: Mapping[str, tuple[Integration, Sequence[bytes]]] | None = None,
        authorities: Iterable[Authority] = (),
    ) -> None:
        self.credentials = {each.id: each for each in credentials}
        self.integrations = dict(integrations or {})
        self.known = {each.id: each for each in authorities}

    def credential(self, credential_id: str) -> Credential | None:
        return self.credentials.get(credential_id)

    def integration(self, name: str) -> Integration | None:
        return self.integrations[name][0] if name in self.integrations else None

    def authority(self, authority: str) -> Authority | None:
        return self.known.get(authority)

    def authority_now(self, authority: str) -> Authority | None:
        return self.known.get(authority)

    def authorities(self) -> Sequence[str]:
        return sorted(self.known)

    def secrets(self, integration: Integration) -> Sequence[bytes]:
        return self.integrations[integration.name][1]


class MemoryCalendars:
    """Snapshots, editions and walks, nothing of them remembered longer than it is so."""

    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self.asking = Feed()
        self.editions: dict[tuple[str, str], Edition] = {}
        self.present: dict[str, str] = {}
        self.walking: dict[str, Walk] = {}

    def snapshot(self) -> Snapshot | None:
        return self.snapshots[-1] if self.snapshots else None

    def snapshot_now(self) -> Snapshot | None:
        return self.snapshots[-1] if self.snapshots else None

    def keep(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)

    def feed(self) -> Feed:
        return self.asking

    def save_feed(self, feed: Feed) -> None:
        self.asking = feed

    def in_force(self, authority: str) -> Edition | None:
        return self.edition(authority, self.present.get(authority, ""))

    def in_force_now(self, authority: str) -> Edition | None:
        return self.in_force(authority)

    def edition(self, authority: str, edition_hash: str) -> Edition | None:
        return self.editions.get((authority, edition_hash))

    def put_in_force(self, edition: Edition, walk: Walk, before: str | None) -> None:
        if self.present.get(edition.authority) != before:
            raise CaseChanged(edition.authority)
        self.editions[edition.authority, edition.hash] = edition
        self.present[edition.authority] = edition.hash
        self.walking[edition.authority] = walk

    def walks(self, authorities: Sequence[str]) -> Sequence[Walk]:
        return [self.walking[each] for each in authorities if each in self.walking]

    def save_walk(self, walk: Walk) -> None:
        known = self.walking[walk.authority]
        if (known.edition, known.since) == (walk.edition, walk.since):
            self.walking[walk.authority] = walk


class MemoryChannel:
    """Keeps the letters it is given; `trouble`, one for each send, is raised first where not None."""

    name: ClassVar[str] = "email"
    bounces: ClassVar[bool] = True

    def __init__(self, trouble: Iterable[Exception | None] = ()) -> None:
        self.letters: list[Letter] = []
        self.trouble = list(trouble)

    def address(self, message: Message, contacts: Contacts, on: object) -> str:  # noqa: ARG002
        person = contacts.person(message.authority, message.person_id or "")
        if person is None:
            raise WillNeverArrive("no_contact")
        return person.email

    def send(self, letter: Letter) -> str:
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is not None:
            raise trouble
        self.letters.append(letter)
        return f"reference-{len(self.letters)}"
