"""Which days are not counted: what GOV.UK published, and the calendar each authority counts by.

An authority's calendar is kept in *editions*, each named by its hash and never changed. A case keeps
the edition it was counted by until it is told of another (docs/decisions/0015).
"""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.core.working_days import Calendar, Nation


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The bank holidays of every nation, as last learned from GOV.UK.

    `days` are the weekdays not worked, each with its name: GOV.UK's up to the last day of the year
    in `published_to`, from there on predicted. `hash` names the text that was fetched, and `learned_at` is
    the UTC moment at which it was first seen.
    """

    days: Mapping[Nation, Mapping[date, str]]
    published_to: Mapping[Nation, date]
    hash: str
    learned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """How asking GOV.UK goes: what to ask with next, and since when it fails and why.

    `etag` and `last_modified` are those of the snapshot in force. All moments are UTC.
    """

    etag: str | None = None
    last_modified: str | None = None
    checked_at: datetime | None = None
    failing_since: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The calendar by which an authority counts from a UTC moment on.

    `hash` is the calendar's own.
    """

    authority: str
    calendar: Calendar
    hash: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far an authority's cases have been told of the edition in force, oldest change first.

    `changed` are the days that became closed or open since every case was last told. A deadline after
    `published_after` was provisional until then. `cursor` is where to go on, none at the beginning;
    `left` are ids of cases that could not be told yet.
    """

    authority: str
    edition: str
    since: datetime
    changed: tuple[date, ...]
    published_after: date | None = None
    cursor: str | None = None
    left: tuple[str, ...] = ()
    done: bool = False


class Calendars(typing.Protocol):
    """Snapshots, editions and walks."""

    def snapshot(self) -> Snapshot | None:
        """Return the last good snapshot; none before the first. Remembered for at most 60 seconds."""

    def snapshot_now(self) -> Snapshot | None:
        """Return the last good snapshot as it is stored this moment, by a consistent read."""

    def keep(self, snapshot: Snapshot) -> None:
        """Put a snapshot in force; those before it stay stored for good."""

    def feed(self) -> Feed:
        """Return how asking goes, by a consistent read; nothing is known at first."""

    def save_feed(self, feed: Feed) -> None:
        """Store how asking goes."""

    def in_force(self, authority: str) -> Edition | None:
        """Return the edition in force; none before the first. Remembered for at most 60 seconds."""

    def in_force_now(self, authority: str) -> Edition | None:
        """Return the edition in force this moment, by a consistent read; none before the first."""

    def edition(self, authority: str, edition_hash: str) -> Edition | None:
        """Return an edition by its hash, in force or past; remembered for good, since it never changes."""

    def put_in_force(self, edition: Edition, walk: Walk, before: str | None) -> None:
        """Store an edition, put it in force and begin a walk: one transaction or nothing.

        `before` is the hash of the edition that it follows, none for the first. Raises CaseChanged
        where another one is in force by now.
        """

    def walks(self, authorities: Sequence[str]) -> Sequence[Walk]:
        """Return each authority's latest walk, done or not, by consistent reads."""

    def save_walk(self, walk: Walk) -> None:
        """Store how far a walk has come, unless a later edition began another. Then nothing is stored."""
