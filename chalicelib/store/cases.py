"""Cases, children, receipts and the journal: one transactional write, consistent reads, paged lists."""

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from chalicelib.core.case import Case, Child
from chalicelib.core.errors import NotFound, Unreadable
from chalicelib.core.trace import CHILD_HISTORY_CHANGED
from chalicelib.ports import (
    Act,
    AsideRow,
    CaseRow,
    Commit,
    Deed,
    Entry,
    JournalRow,
    MeetingRow,
    Page,
    Receipt,
    Round,
    TaskRow,
    TickRun,
)
from chalicelib.store import acts, case_items, messages, recalled, shards, upkeep
from chalicelib.store.case_items import case_key, child_key, receipt_key
from chalicelib.store.items import CaseItem, OutboxItem
from chalicelib.store.mapping import unpacked, value_of
from chalicelib.store.reading import Listing, read
from chalicelib.store.single import one
from chalicelib.store.transaction import AlreadySaid, Guard, Put, write

Row = TypeVar("Row", CaseRow, MeetingRow, TaskRow)

# A day's entries of one case: what is read of its journal at once, from the end.
FEW = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoCases:
    """The cases table, and the outbox as far as a commit fills it (see ports.Cases)."""

    due_shards: int = 1
    outbox_shards: int = 1

    def load(self, case_id: str) -> Case:
        """Return a case by a consistent read. Raises NotFound, and Unreadable where it no longer parses."""
        try:
            item = one(CaseItem, case_key(case_id), "CASE")
            if item is not None:
                return unpacked(Case, item.packed)
        except (TypeError, ValueError, zlib.error) as error:
            raise Unreadable("the case cannot be read as it is stored") from error
        raise NotFound("no such case")

    def child(self, authority: str, reference: str) -> Child:
        """Return the child's item by a consistent read; version 0 where there is none yet."""
        item = one(CaseItem, child_key(authority, reference), "CHILD")
        return value_of(Child, item.body) if item else Child(authority=authority, reference=reference)

    def load_with_child(self, case_id: str, authority: str, reference: str) -> tuple[Case | None, Child]:
        """Return both in one batched consistent read."""
        wanted = [(case_key(case_id), "CASE"), (child_key(authority, reference), "CHILD")]
        found = {item.sk: item for item in CaseItem.batch_get(wanted, consistent_read=True)}
        case, child = found.get("CASE"), found.get("CHILD")
        return (
            unpacked(Case, case.packed) if case else None,
            value_of(Child, child.body) if child else Child(authority=authority, reference=reference),
        )

    def receipt(self, authority: str, key: str) -> Receipt | None:
        """Return the receipt stored under this key by a consistent read."""
        item = one(CaseItem, receipt_key(authority, key), "RECEIPT")
        return value_of(Receipt, item.body) if item else None

    def commit(self, commit: Commit) -> None:
        """Store everything in one transaction, or nothing at all.

        A case remembers what it told in the same transaction, so a message whose id is in the outbox
        can only come from a case that was restored to an earlier day. It was said: it is left out,
        neither sent twice nor a reason to refuse the request, and made whole where only its id was known.
        """
        self._commit(commit, ())

    def _commit(self, commit: Commit, known: Sequence[Put]) -> None:
        try:
            write([*self._cases(commit), *self._outbox(commit), *known])
        except AlreadySaid as said:
            before = [each for each in commit.messages if messages.message_key(each.id) in said.keys]
            new = [each for each in commit.messages if each not in before]
            made = (recalled.completed(each, queues=self.outbox_shards) for each in before)
            self._commit(replace(commit, messages=new), [*known, *filter(None, made)])

    def _cases(self, commit: Commit) -> Iterator[Put]:
        for entry in commit.entries:
            yield from self._entry(entry)
        if commit.child is not None:
            yield _versioned(case_items.child_item(commit.child), commit.child.version)
        for row in commit.meetings:
            yield Put(item=case_items.meeting_item(row))
        if commit.receipt is not None:
            yield _new(case_items.receipt_item(commit.receipt), Guard.RECEIVED)

    def _entry(self, entry: Entry) -> Iterator[Put]:
        after = entry.decision.after
        yield _versioned(case_items.case_item(after), after.version)
        yield _new(case_items.journal_item(entry), Guard.CHANGED)
        heard_elsewhere = entry.decision.fact.kind == CHILD_HISTORY_CHANGED
        if entry.decision.changes or not heard_elsewhere:
            # An ending that changes nothing in the child's other cases moves none of them up the list.
            yield Put(item=case_items.row_item(entry))
        for item in case_items.obligation_items(after, entry.before, due_shards=self.due_shards):
            yield Put(item=item)
        for item in case_items.task_items(after, entry.before):
            yield Put(item=item)

    def _outbox(self, commit: Commit) -> Iterator[Put]:
        for message in commit.messages:
            item = messages.new_item(message, queues=self.outbox_shards)
            yield Put(item=item, condition=OutboxItem.pk.does_not_exist(), guard=Guard.SAID)
        for duty_id in commit.settled:
            yield Put(item=messages.tombstone_item(duty_id, in_force=True))
        for duty_id in dict.fromkeys((*commit.reopened, *commit.dates)):
            due_on = messages.date_text(commit.dates[duty_id]) if duty_id in commit.dates else None
            yield Put(item=messages.tombstone_item(duty_id, in_force=False, due_on=due_on))
        for case_id, seats in commit.seats.items():
            yield Put(item=messages.seats_item(case_id, seats))

    def due(self, now: datetime, limit: int, skipping: Collection[str] = ()) -> Sequence[str]:
        """Return ids of cases with something due: oldest first, of one moment the most urgent first."""
        places: dict[str, str] = {}
        passed = frozenset(case_key(each) for each in skipping)
        for key in shards.keys(case_items.DUE, self.due_shards):
            for case, place in _oldest(key, now, limit, passed).items():
                places[case] = min(place, places.get(case, place))
        return [case.removeprefix(case_key("")) for case in sorted(places, key=places.__getitem__)][:limit]

    def cases(self, authority: str, cursor: str | None, limit: int) -> Page[CaseRow]:
        """List an authority's cases, latest change first."""
        return _list(CaseRow, f"CASES#{authority}", cursor, limit, latest_first=True)

    def oldest_first(self, authority: str, cursor: str | None, limit: int) -> Page[CaseRow]:
        """List an authority's cases, oldest change first: what changes meanwhile comes up again later."""
        return _list(CaseRow, f"CASES#{authority}", cursor, limit)

    def meetings(self, authority: str, cursor: str | None, limit: int) -> Page[MeetingRow]:
        """List an authority's log of meetings, latest first."""
        return _list(MeetingRow, f"MEETING#{authority}", cursor, limit, latest_first=True)

    def tasks(self, authority: str, cursor: str | None, limit: int) -> Page[TaskRow]:
        """List an authority's open tasks, oldest first."""
        return _list(TaskRow, f"TASK#{authority}", cursor, limit)

    def meeting(self, case_id: str, meeting_id: str) -> MeetingRow | None:
        """Return one line of the log by a consistent read."""
        item = one(CaseItem, case_key(case_id), f"M#{meeting_id}")
        return value_of(MeetingRow, item.body) if item else None

    def journal(self, case_id: str, cursor: str | None, limit: int) -> Page[JournalRow]:
        """List a case's journal, first entry first."""
        ask = partial(
            CaseItem.query,
            range_key_condition=CaseItem.sk.startswith("J#"),
            consistent_read=True,
        )
        of = Listing(owner="pk", value=case_key(case_id), keys=("sk",))
        found, following = read(of, ask, cursor=cursor, limit=limit)
        return Page(items=[case_items.journal_row(item) for item in found], cursor=following)

    def latest_entries(self, case_id: str, since: datetime | None) -> Sequence[JournalRow]:
        """Return a case's entries from the latest back to the first that is no later than `since`."""
        found: list[JournalRow] = []
        starts = CaseItem.sk.startswith("J#")
        for item in CaseItem.query(
            case_key(case_id), starts, consistent_read=True, scan_index_forward=False, page_size=FEW
        ):
            entry = case_items.journal_row(item)
            if since is not None and entry.learned_at <= since:
                break
            found.append(entry)
        return found

    def set_aside(self, case_id: str, reason: str, now: datetime, after_tries: int = 1) -> bool:
        """Count that a case could not be decided, and set it aside at that many; say whether this did it."""
        return upkeep.fail(case_id, reason, now, after_tries)

    def aside(self, authority: str, cursor: str | None, limit: int) -> Page[AsideRow]:
        """List an authority's cases that are set aside, longest first; those of nobody known under ""."""
        of = Listing(owner="list_key", value=upkeep.aside_key(authority), keys=("list_sort", "pk", "sk"))
        found, following = read(of, CaseItem.lists.query, cursor=cursor, limit=limit)
        return Page(items=[upkeep.row_of(item) for item in found], cursor=following)

    def aside_row(self, case_id: str) -> AsideRow | None:
        """Return a case's line in that list, by a consistent read."""
        return upkeep.row(case_id)

    def all_aside(self) -> Collection[str]:
        """Return the ids of all cases set aside."""
        return frozenset(upkeep.all_aside())

    def redrive(self, case_id: str, deed: Deed | None = None) -> bool:
        """Let the tick have a case again; say whether it was set aside."""
        return upkeep.redrive(case_id, deed)

    def acts(
        self, authority: str | None, cursor: str | None, limit: int, *, oldest_first: bool = False
    ) -> Page[Act]:
        """List what was done by hand in an authority, latest first; without one on the whole stage."""
        return acts.acts(authority, cursor, limit, oldest_first=oldest_first)

    def last_round(self, authority: str) -> Round | None:
        """Return how far the latest round of reconciling came, by a consistent read."""
        return upkeep.last_round(authority)

    def save_round(self, kept: Round) -> None:
        """Store how far a round has come."""
        upkeep.save_round(kept)

    def last_tick(self) -> TickRun | None:
        """Return how the latest tick goes or went, by a consistent read."""
        return upkeep.last_tick()

    def save_tick(self, run: TickRun) -> None:
        """Store how a tick goes, in place of what was known."""
        upkeep.save_tick(run)


def _new(item: CaseItem, guard: Guard) -> Put:
    return Put(item=item, condition=CaseItem.pk.does_not_exist(), guard=guard)


def _versioned(item: CaseItem, version: int) -> Put:
    """Put the next version of an item over the one that it was made from."""
    if version == 1:
        return _new(item, Guard.CHANGED)
    return Put(item=item, condition=CaseItem.version == version - 1, guard=Guard.CHANGED)


def _oldest(key: str, now: datetime, limit: int, passed: frozenset[str]) -> Mapping[str, str]:
    """Read one shard until so many cases are found that are not passed over, or all that is due there."""
    places: dict[str, str] = {}
    last = case_items.last_place(now)
    for item in CaseItem.due.query(key, CaseItem.next_action_at <= last, page_size=limit + len(passed)):
        if item.pk not in passed:
            places.setdefault(item.pk, item.next_action_at or "")
        if len(places) == limit:
            break
    return places


def _list(
    kind: type[Row], key: str, cursor: str | None, limit: int, *, latest_first: bool = False
) -> Page[Row]:
    ask = partial(CaseItem.lists.query, scan_index_forward=not latest_first)
    of = Listing(owner="list_key", value=key, keys=("list_sort", "pk", "sk"))
    found, following = read(of, ask, cursor=cursor, limit=limit)
    return Page(items=[value_of(kind, item.body) for item in found], cursor=following)
