"""What the corridor needs of cases, and what it stores of them."""

import typing
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.core.case import Case, Child, Decision, Standing
from chalicelib.ports.acts import Act, Deed
from chalicelib.ports.messages import Message
from chalicelib.ports.paging import Page
from chalicelib.ports.receipts import Receipt
from chalicelib.ports.upkeep import AsideRow, Round, TickRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A decision with what the journal keeps beside it: the whole fact as JSON and who sent it.

    `before` is how the case stood when it was loaded: only duties, flags and tasks that differ from
    it are stored again, each as an item of its own. `proposed` says that it came as a proposal.
    """

    decision: Decision
    fact_json: str
    recorded_by: str
    learned_at: datetime
    before: Standing = field(default_factory=Standing)
    proposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """One line of the log of meetings: by meeting, the days and the words, no child's detail."""

    authority: str
    case_id: str
    meeting_id: str
    meeting: str
    convened_on: date | None = None
    planned_for: date | None = None
    held_on: date | None = None
    outcome: str | None = None
    chair: str | None = None
    logged_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Everything one request stores, in one transaction or not at all.

    `entries` are one or more decisions, each on its own case, loaded at version
    `decision.after.version - 1`. `child` (at the version to store, its predecessor minus one) is
    none when it does not change. `settled` and `reopened` are duty ids whose messages are from
    now on cancelled, or are no longer. `dates` says of duties when they are due now, none while a clock
    stands still: messages that go with another date are cancelled. `seats` says, for a case whose
    allocations changed, who is in which role now: whoever left one is told nothing more.
    """

    entries: Sequence[Entry]
    child: Child | None = None
    meetings: Sequence[MeetingRow] = ()
    messages: Sequence[Message] = ()
    settled: Sequence[str] = ()
    reopened: Sequence[str] = ()
    dates: Mapping[str, date | None] = field(default_factory=dict)
    seats: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the list of cases.

    Every open deadline of the case began on `open_since` or later and ends on `open_until` or earlier;
    both are none where it has no open deadline.
    """

    case_id: str
    authority: str
    child_reference: str
    updated_at: datetime
    open_duties: int
    next_due_on: date | None
    flags: int
    frozen: bool
    closed: bool
    open_since: date | None = None
    open_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One open task on an authority's list: `role` sees to it that `tell` is told."""

    authority: str
    case_id: str
    task_id: str
    role: str
    tell: str
    why: str
    opened_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One entry of a case's journal, as it was stored: the JSON text of the whole."""

    sequence: int
    learned_at: datetime
    recorded_by: str
    entry_json: str


class Cases(typing.Protocol):
    """Where cases, children, receipts and the journal are kept."""

    def load(self, case_id: str) -> Case:
        """Return a case by a consistent read. Raises NotFound, and Unreadable where it no longer parses."""

    def child(self, authority: str, reference: str) -> Child:
        """Return the child's item by a consistent read; version 0 where there is none yet."""

    def load_with_child(self, case_id: str, authority: str, reference: str) -> tuple[Case | None, Child]:
        """Return both in one batched consistent read."""

    def commit(self, commit: Commit) -> None:
        """Store everything in one transaction, or nothing at all.

        Raises AlreadyReceived if the receipt's key is stored, CaseChanged if a case or the child
        moved on since it was loaded, or the transaction was in conflict.
        """

    def receipt(self, authority: str, key: str) -> Receipt | None:
        """Return the receipt stored under this key by a consistent read."""

    def due(self, now: datetime, limit: int, skipping: Collection[str] = ()) -> Sequence[str]:
        """Return ids of cases with something due at or before `now`: oldest first, of one moment the
        most urgent first. Those in `skipping` are passed over, and don't count towards `limit`.

        Most urgent is what has to be told at once; then a clause that was broken; then a duty by its
        date, the one longest due first; then what has none.
        """

    def cases(self, authority: str, cursor: str | None, limit: int) -> Page[CaseRow]:
        """List an authority's cases, latest change first."""

    def oldest_first(self, authority: str, cursor: str | None, limit: int) -> Page[CaseRow]:
        """List an authority's cases, oldest change first: what changes meanwhile comes up again later."""

    def meetings(self, authority: str, cursor: str | None, limit: int) -> Page[MeetingRow]:
        """List an authority's log of meetings, latest first."""

    def meeting(self, case_id: str, meeting_id: str) -> MeetingRow | None:
        """Return one line of the log by a consistent read."""

    def tasks(self, authority: str, cursor: str | None, limit: int) -> Page[TaskRow]:
        """List an authority's open tasks, oldest first."""

    def journal(self, case_id: str, cursor: str | None, limit: int) -> Page[JournalRow]:
        """List a case's journal, first entry first."""

    def latest_entries(self, case_id: str, since: datetime | None) -> Sequence[JournalRow]:
        """Return a case's entries from the latest back to the first that was learned at or before
        `since`, which is left out; all of them without it."""

    def set_aside(self, case_id: str, reason: str, now: datetime, after_tries: int = 1) -> bool:
        """Count that a case could not be decided, and set it aside once that was so this many times
        with never more than a day between. Say whether this call did it. Needs no readable case.
        """

    def aside(self, authority: str, cursor: str | None, limit: int) -> Page[AsideRow]:
        """List an authority's cases that are set aside, longest first; those of nobody known under ""."""

    def aside_row(self, case_id: str) -> AsideRow | None:
        """Return a case's line in that list, by a consistent read."""

    def all_aside(self) -> Collection[str]:
        """Return the ids of all cases set aside."""

    def redrive(self, case_id: str, deed: Deed | None = None) -> bool:
        """Let the tick have a case again, stored with the deed; say whether it was set aside.

        With a deed it also raises AlreadyReceived, and CaseChanged where somebody else is writing.
        """

    def acts(
        self, authority: str | None, cursor: str | None, limit: int, *, oldest_first: bool = False
    ) -> Page[Act]:
        """List what was done by hand in an authority, latest first; without one on the whole stage.

        An authority's own are read consistently, and so are those that are NOBODYS.
        """

    def last_round(self, authority: str) -> Round | None:
        """Return how far the latest round of reconciling came, by a consistent read."""

    def save_round(self, kept: Round) -> None:
        """Store how far a round has come."""

    def last_tick(self) -> TickRun | None:
        """Return how the latest tick goes or went, by a consistent read."""

    def save_tick(self, run: TickRun) -> None:
        """Store how a tick goes, in place of what was known."""
