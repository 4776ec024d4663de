"""Cases set aside, and how far a reconciling has come, as items of the cases table.

A marker stays with its case for good: redriving takes it out of both indexes, since nothing is deleted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.errors import Busy
from chalicelib.ports import AsideRow, Deed, Round, TickRun
from chalicelib.store.acts import together
from chalicelib.store.case_items import case_key
from chalicelib.store.items import CaseItem
from chalicelib.store.mapping import stamp, text_of, value_of
from chalicelib.store.single import one, stored

ASIDE = "ASIDE"
ROUND = "ROUND"
TICK = "TICK"
RUN = "RUN"
# In the index of what is due, apart from it: a few keys, read by every tick.
ASIDE_SHARD = "aside#0"
# Failures further apart than this are not one trouble.
ONE_TROUBLE = timedelta(days=1)
TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marker:
    """How often a case failed, when last and why, and whether it is set aside."""

    authority: str
    case_id: str
    reason: str
    since: datetime
    failed_at: datetime
    tries: int
    aside: bool = False


def fail(case_id: str, reason: str, now: datetime, after_tries: int) -> bool:
    """Count a failure, and set the case aside at that many; say whether this one did it."""
    for _ in range(TRIES):
        item = one(CaseItem, case_key(case_id), ASIDE)
        known = value_of(_Marker, item.body) if item else None
        if known and known.aside:
            return False
        marker = _after(known, case_id, reason, now)
        marker = replace(marker, aside=marker.tries >= after_tries)
        if _put(marker, item):
            return marker.aside
    raise Busy("the case's marker kept changing")


def redrive(case_id: str, deed: Deed | None = None) -> bool:
    """Let the tick have a case again; say whether it was set aside."""
    for _ in range(TRIES):
        item = one(CaseItem, case_key(case_id), ASIDE)
        if item is None or not (known := value_of(_Marker, item.body)).aside:
            return False
        if _put(replace(known, aside=False, tries=0), item, deed):
            return True
    raise Busy("the case's marker kept changing")


def row(case_id: str) -> AsideRow | None:
    """Return a case's line in the list of what is set aside, by a consistent read; none where it is not."""
    item = one(CaseItem, case_key(case_id), ASIDE)
    known = value_of(_Marker, item.body) if item else None
    return _row(known) if known and known.aside else None


def row_of(item: CaseItem) -> AsideRow:
    """Read a line of the list."""
    return _row(value_of(_Marker, item.body))


def all_aside() -> Iterator[str]:
    """Yield the ids of all cases set aside, from the index."""
    for item in CaseItem.due.query(ASIDE_SHARD):
        yield item.pk.removeprefix(case_key(""))


def last_round(authority: str) -> Round | None:
    """Return an authority's latest round by a consistent read."""
    item = one(CaseItem, _round_key(authority), ROUND)
    return value_of(Round, item.body) if item else None


def save_round(kept: Round) -> None:
    """Store how far a round has come, in place of what was known."""
    CaseItem(_round_key(kept.authority), ROUND, body=text_of(kept)).save()


def last_tick() -> TickRun | None:
    """Return how the latest tick goes or went, by a consistent read."""
    item = one(CaseItem, TICK, RUN)
    return value_of(TickRun, item.body) if item else None


def save_tick(run: TickRun) -> None:
    """Store how a tick goes, in place of what was known."""
    CaseItem(TICK, RUN, body=text_of(run)).save()


def aside_key(authority: str) -> str:
    """The list of an authority's cases set aside."""
    return f"ASIDE#{authority}"


def _round_key(authority: str) -> str:
    return f"RECONCILE#{authority}"


def _after(known: _Marker | None, case_id: str, reason: str, now: datetime) -> _Marker:
    if known and known.tries and now - known.failed_at <= ONE_TROUBLE:
        return replace(known, reason=reason, failed_at=now, tries=known.tries + 1)
    return _Marker(
        authority=_whose(case_id), case_id=case_id, reason=reason, since=now, failed_at=now, tries=1
    )


def _whose(case_id: str) -> str:
    """Return the authority of a case that may be unreadable: its line in the list is filed under it."""
    item = one(CaseItem, case_key(case_id), "ROW")
    return (item.list_key or "").partition("#")[2] if item else ""


def _put(marker: _Marker, before: CaseItem | None, deed: Deed | None = None) -> bool:
    """Put a marker over the one that it was made from; false where somebody else was faster."""
    item = CaseItem(case_key(marker.case_id), ASIDE, body=text_of(marker))
    item.version = int(before.version or 0) + 1 if before else 1
    if marker.aside:
        item.due_shard, item.next_action_at = ASIDE_SHARD, stamp(marker.since)
        item.list_key = aside_key(marker.authority)
        item.list_sort = f"{stamp(marker.since)}#{marker.case_id}"
    unmoved = CaseItem.version == before.version if before else CaseItem.pk.does_not_exist()
    if deed is not None:
        return together(deed, lambda transaction: transaction.save(item, unmoved))
    return stored(item, unmoved)


def _row(marker: _Marker) -> AsideRow:
    return AsideRow(
        authority=marker.authority,
        case_id=marker.case_id,
        reason=marker.reason,
        since=marker.since,
        tries=marker.tries,
    )
