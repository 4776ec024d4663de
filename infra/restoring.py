"""Restoring a copy into new, empty tables, paused: nothing is sent from them until an operator says so.

    paused    closed: nobody can come in     looked at    opened                done
    |---------|------------------------------|------------|---------------------|------> time
              what no function looks for                  contacts, what is due,
                                                          what is to be settled, tokens

The functions of the stage may be running meanwhile. Until it is opened no token is known, no tick finds a
case, settling and the calendar find nothing, and dispatch and sweep claim nothing. What is opened is put only
where nothing stands, so nothing that a function wrote by then is taken back.
"""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib import operations
from chalicelib.core.errors import NoProtocol, NotNow
from chalicelib.operations import Order
from chalicelib.store import control, messages
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import stamp
from chalicelib.store.single import one
from infra.copies import TABLES, Copy, Item, Tally, open_copy
from infra.exporting import scan
from infra.hearing import Told, heard
from infra.loading import Loading
from infra.mending import Report, mended_cases
from infra.operating import CannotOperate, Desk
from infra.outbox_mending import mended_outbox
from infra.undelivered import order

RESTORE = "RESTORE"
WHY = "restored from a copy"
CLOSED, OPENING, DONE = "closed", "opening", "done"
OUR_OWN = {"outbox": (control.CONTROL,), "cases": ("ACTS#", "TICK"), "calendars": ("BANK_HOLIDAYS",)}
# Said of the old deployment alone: whether it was paused, and how its last tick went.
LEFT_BEHIND = {"outbox": (control.CONTROL,), "cases": ("TICK",)}
# In this order, and each only where nothing stands by then.
OPENED = ("contacts", "calendars", "cases", "outbox", "access")


def restore(desk: Desk, asked: Namespace) -> None:
    """Put a copy into this stage's empty tables, paused, and say what had to be mended."""
    paused_by = order(desk, Namespace(by=asked.by, why=WHY))
    copy = open_copy(Path(asked.copy))
    restoring = Restoring(desk=desk, copy=copy, paused_by=paused_by)
    restoring.go()
    for what, times in sorted(restoring.report.mended.items()):
        if times:
            desk.say(f"mended: {times} {what}")
    for line in restoring.report.lost:
        desk.say(f"not restored, to be sent again: {line}")
    for line in restoring.report.gaps:
        desk.say(f"not restored, an entry of a journal: {line}")
    for name in TABLES:
        desk.say(f"{name}\t{restoring.put[name]} items")
    desk.say(
        f"Restored as of {copy.manifest.began_at}, and paused. Next: `reconcile`, then `sending resume`."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a stage knows of its own restoring: which copy, from which moment, and how far it came."""

    copy: str
    began_at: str
    restored_at: str
    phase: str


@dataclass(kw_only=True)
class Restoring:
    """One copy on its way into one stage's tables."""

    desk: Desk
    copy: Copy
    paused_by: Order
    report: Report = field(default_factory=Report)
    put: Counter[str] = field(default_factory=Counter)

    def go(self) -> None:
        """Do all of it, or go on where an earlier try of the same copy stopped."""
        loading = Loading(self.desk.clients("dynamodb"), f"holdfast-{self.desk.stage}-")
        told = heard(self.copy.items("cases"), self.desk.now)
        self._know_the_protocols(told)
        known = last_restore()
        if known is None or known.phase == DONE:
            for table in TABLES:
                loading.refuse_unless_empty(table, ours)
        elif known.copy != self.copy.name:
            raise CannotOperate("Another copy is half restored into these tables: go on with that one.")
        # Before any message: the new table's stream would have dispatch send it.
        with suppress(NotNow):
            operations.pause(self.paused_by, self.desk.ports())
        if known is None or known.phase == CLOSED:
            self._note(CLOSED)
            self._close(loading, told)
            self._note(OPENING)
        for table in OPENED:
            items = (each for each in self._mended(table, told, Report()) if opens(table, each))
            self.put[table] += loading.put_where_nothing_stands(table, items)
        self._note(DONE)

    def _close(self, loading: Loading, told: Told) -> None:
        for table in TABLES:
            tally = Tally()
            closed = (item for item in self._mended(table, told, self.report) if not opens(table, item))
            self.put[table] += loading.put_all(table, _counted(closed, tally))
            found = Tally()
            for item in scan(loading.client, loading.prefix + table):
                if not opens(table, item) and not ours(table, item):
                    found.add(item)
            if (found.items, found.content) != (tally.items, tally.content):
                raise CannotOperate(
                    f"{table} holds {found.items} items where {tally.items} were restored, or others:"
                    " somebody else writes there. Nothing was opened."
                )

    def _mended(self, table: str, told: Told, report: Report) -> Iterator[Item]:
        kept = (each for each in self.copy.items(table) if not _begins(each, LEFT_BEHIND.get(table, ())))
        items = map(_under_first_keys, kept)
        if table == "cases":
            return mended_cases(items, told, report)
        return mended_outbox(items, told, report) if table == "outbox" else items

    def _know_the_protocols(self, told: Told) -> None:
        for name in sorted(told.protocols):
            try:
                self.desk.shelf.load(name)
            except NoProtocol:
                raise CannotOperate(
                    f"This release does not have the protocol {name}, under which cases of the copy stand:"
                    " restore with the release that they were exported from, or a later one."
                ) from None

    def _note(self, phase: str) -> None:
        said = {"copy": self.copy.name, "began_at": self.copy.manifest.began_at, "phase": phase}
        said["restored_at"] = stamp(self.desk.now)
        OutboxItem(control.CONTROL, RESTORE, body=json.dumps(said), changed_at=said["restored_at"]).save()


def last_restore() -> Restored | None:
    """Return what this stage's tables were last restored from; none where they never were."""
    item = one(OutboxItem, control.CONTROL, RESTORE)
    return Restored(**json.loads(item.body or "")) if item else None


def opens(table: str, item: Item) -> bool:
    """Say whether some function finds work, or an entrance, by this item, or may have written it by now."""
    match table:
        case "contacts" | "access":
            return True
        case "outbox":
            return item.get("queue", {}).get("S") == messages.SETTLE
        case "cases":
            return "due_shard" in item or ours(table, item)
    return ours(table, item)


def ours(table: str, item: Item) -> bool:
    """Say whether an item may be the stage's own before anything is restored.

    That sending is paused; what people did by hand; how a tick went; what GOV.UK said.
    """
    return _begins(item, OUR_OWN.get(table, ()))


def _under_first_keys(item: Item) -> Item:
    """Return an item as every stage finds it, over however many keys its queues are spread."""
    spread = [name for name in ("queue", "due_shard") if "#" in item.get(name, {}).get("S", "")]
    first = {name: {"S": f"{item[name]['S'].partition('#')[0]}#0"} for name in spread}
    return {**item, **first} if first else item


def _begins(item: Item, beginnings: tuple[str, ...]) -> bool:
    return str(item.get("pk", {}).get("S", "")).startswith(beginnings)


def _counted(items: Iterable[Item], tally: Tally) -> Iterator[Item]:
    for item in items:
        tally.add(item)
        yield item
