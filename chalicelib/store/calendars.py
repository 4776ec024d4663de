"""Snapshots, editions and walks.

    BANK_HOLIDAYS      IN_FORCE               the last good snapshot
                       SNAPSHOT#moment#hash   every snapshot that ever was in force
                       FEED                   how asking goes
    AUTHORITY#id       IN_FORCE               the edition by which it counts
                       EDITION#hash           every edition that it ever counted by
                       WALK                   how far its cases have been told of the one in force

What is in force is stored whole a second time, so that a request finds it in one read.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.core.errors import CaseChanged
from chalicelib.ports import Edition, Feed, Snapshot, Walk
from chalicelib.store.items import CalendarItem
from chalicelib.store.mapping import packed, stamp, text_of, unpacked, value_of
from chalicelib.store.memory import LongMemory, Memory
from chalicelib.store.single import CONDITION_FAILED, IN_CONFLICT, one, stored
from chalicelib.store.transaction import Guard, Put, write

BANK_HOLIDAYS = "BANK_HOLIDAYS"
IN_FORCE = "IN_FORCE"
FEED = "FEED"
WALK = "WALK"

# A few dozen kilobytes each, once unpacked: more councils than one process serves, and years of theirs.
MOST_EDITIONS = 100
# Refused, or in conflict with the transaction that puts a later edition in force.
OVERTAKEN = frozenset({CONDITION_FAILED, IN_CONFLICT})


class DynamoCalendars:
    """The calendars table (see ports.Calendars)."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._snapshot = Memory[Snapshot](monotonic)
        self._in_force = Memory[Edition](monotonic)
        self._editions = LongMemory[Edition](MOST_EDITIONS)

    def snapshot(self) -> Snapshot | None:
        """Return the last good snapshot; none before the first. Remembered for at most 60 seconds."""
        return self._snapshot.get(BANK_HOLIDAYS, _snapshot)

    def snapshot_now(self) -> Snapshot | None:
        """Return the last good snapshot as it is stored this moment, by a consistent read."""
        self._snapshot.forget(BANK_HOLIDAYS)
        return self.snapshot()

    def keep(self, snapshot: Snapshot) -> None:
        """Put a snapshot in force; those before it stay stored for good."""
        ever = f"SNAPSHOT#{stamp(snapshot.learned_at)}#{snapshot.hash}"
        days = {nation: dict(named) for nation, named in snapshot.days.items()}
        contents = packed(replace(snapshot, days=days))
        write([Put(item=CalendarItem(BANK_HOLIDAYS, sk, packed=contents)) for sk in (IN_FORCE, ever)])
        self._snapshot.keep(BANK_HOLIDAYS, snapshot)

    def feed(self) -> Feed:
        """Return how asking goes, by a consistent read; nothing is known at first."""
        item = one(CalendarItem, BANK_HOLIDAYS, FEED)
        return value_of(Feed, item.body) if item else Feed()

    def save_feed(self, feed: Feed) -> None:
        """Store how asking goes."""
        CalendarItem(BANK_HOLIDAYS, FEED, body=text_of(feed)).save()

    def in_force(self, authority: str) -> Edition | None:
        """Return the edition in force; none before the first. Remembered for at most 60 seconds."""
        return self._in_force.get(authority, lambda: _edition(authority, IN_FORCE))

    def in_force_now(self, authority: str) -> Edition | None:
        """Return the edition in force this moment, by a consistent read; none before the first."""
        self._in_force.forget(authority)
        return self.in_force(authority)

    def edition(self, authority: str, edition_hash: str) -> Edition | None:
        """Return an edition by its hash, in force or past; remembered for good, since it never changes."""
        key = f"{authority}#{edition_hash}"
        return self._editions.get(key, lambda: _edition(authority, f"EDITION#{edition_hash}"))

    def put_in_force(self, edition: Edition, walk: Walk, before: str | None) -> None:
        """Store an edition, put it in force and begin a walk: one transaction or nothing.

        `before` is the hash of the edition that it follows, none for the first. Raises CaseChanged
        where another one is in force by now.
        """
        pk = authority_key(edition.authority)
        calendar = replace(edition.calendar, closed=dict(edition.calendar.closed))
        contents = packed(replace(edition, calendar=calendar))
        follows = CalendarItem.edition == before if before else CalendarItem.pk.does_not_exist()
        present = CalendarItem(pk, IN_FORCE, edition=edition.hash, packed=contents)
        try:
            write(
                [
                    Put(item=present, condition=follows, guard=Guard.CHANGED),
                    Put(item=CalendarItem(pk, f"EDITION#{edition.hash}", packed=contents)),
                    Put(item=_walk_item(walk)),
                ]
            )
        except CaseChanged:
            self._in_force.forget(edition.authority)
            raise CaseChanged("another calendar is in force by now") from None
        self._in_force.keep(edition.authority, edition)

    def walks(self, authorities: Sequence[str]) -> Sequence[Walk]:
        """Return each authority's latest walk, done or not, by consistent reads.

        Whoever goes on with a walk is to find the edition that it tells of, so none is remembered.
        """
        for each in authorities:
            self._in_force.forget(each)
        keys = [authority_key(each) for each in authorities]
        found = CalendarItem.batch_get([(key, WALK) for key in keys], consistent_read=True)
        walks = {item.pk: value_of(Walk, item.body) for item in found}
        return [walks[key] for key in keys if key in walks]

    def save_walk(self, walk: Walk) -> None:
        """Store how far a walk has come, unless a later edition began another. Then nothing is stored."""
        item = _walk_item(walk)
        stored(item, CalendarItem.edition == item.edition, unless=OVERTAKEN)


def authority_key(authority: str) -> str:
    """The partition of an authority's editions."""
    return f"AUTHORITY#{authority}"


def _walk_item(walk: Walk) -> CalendarItem:
    # By the moment as well: a calendar may be changed, and changed back, while a run still walks.
    edition = f"{walk.edition}@{stamp(walk.since)}"
    return CalendarItem(authority_key(walk.authority), WALK, edition=edition, body=text_of(walk))


def _snapshot() -> Snapshot | None:
    item = one(CalendarItem, BANK_HOLIDAYS, IN_FORCE)
    return unpacked(Snapshot, item.packed) if item else None


def _edition(authority: str, sk: str) -> Edition | None:
    item = one(CalendarItem, authority_key(authority), sk)
    return unpacked(Edition, item.packed) if item else None
