"""The outbox of a copy, brought to agree with its cases: see `mending`."""

from collections.abc import Iterable, Iterator

from chalicelib.store import messages
from chalicelib.store.items import OutboxItem
from infra.copies import Item
from infra.hearing import Told
from infra.mending import Report

WAITING = frozenset({"PENDING", "SENDING"})


def mended_outbox(items: Iterable[Item], told: Told, report: Report) -> Iterator[Item]:
    """Yield the items of the outbox as they agree with the cases."""
    pointless: set[str] = set()
    tombs: set[str] = set()
    posted: set[str] = set()
    for item in items:
        kind = item["sk"]["S"]
        if kind == messages.TOMBSTONE:
            tombs.add(item["pk"]["S"].removeprefix(messages.tombstone_key("")))
            yield from _tombstone(item, told, report)
        elif kind == messages.SEATS:
            yield _seats(item, told, report)
        else:
            if kind == messages.MESSAGE:
                _look_at(item, told, report, pointless, posted)
            yield item
    for duty_id in sorted(pointless - tombs):
        report.mended["a settled duty's tombstone that was not there"] += 1
        yield messages.tombstone_item(duty_id, in_force=True).serialize()
    if missing := told.notices - posted:
        report.mended["notices that the outbox never had: `reconcile` makes them tasks"] += len(missing)


def _tombstone(item: Item, told: Told, report: Report) -> Iterator[Item]:
    """Yield a tombstone that says what its duty does; none of a duty that no case knows."""
    duty_id = item["pk"]["S"].removeprefix(messages.tombstone_key(""))
    known = OutboxItem.from_raw_data(dict(item))
    wanted = None
    if duty_id in told.open:
        due_on = told.open[duty_id] if known.due_on or known.in_force else None
        wanted = messages.tombstone_item(duty_id, in_force=False, due_on=due_on)
    elif duty_id in told.over:
        wanted = messages.tombstone_item(duty_id, in_force=True)
    elif duty_id not in told.about and not told.unread:
        report.mended["tombstones of what no case knows, taken back"] += 1
        return
    if wanted is None or (wanted.in_force, wanted.in_force or wanted.due_on) == (
        known.in_force,
        known.in_force or known.due_on,
    ):
        yield item
        return
    report.mended["tombstones, worked out anew"] += 1
    yield wanted.serialize()


def _seats(item: Item, told: Told, report: Report) -> Item:
    """Return who is in which role of a case, as the case has it."""
    case_id = item["pk"]["S"].removeprefix(messages.seats_key(""))
    wanted = told.seats.get(case_id)
    known = {role: held.get("S") for role, held in item.get("seats", {}).get("M", {}).items()}
    if wanted is None or wanted == known:
        return item
    report.mended["seats, worked out anew"] += 1
    return messages.seats_item(case_id, wanted).serialize()


def _look_at(item: Item, told: Told, report: Report, pointless: set[str], posted: set[str]) -> None:
    """Note what a message is about, and whether a fact called for it that no case has."""
    said = messages.legible(OutboxItem.from_raw_data(dict(item)))
    posted.add(said.notice_id)
    if said.state in WAITING and said.cancelled_with in told.over:
        pointless.add(said.cancelled_with or "")
    known = said.notice_id in told.notices or said.case_id in told.unread
    if said.clause and not known:
        report.mended["messages of facts that no case has: they stay as they are"] += 1
