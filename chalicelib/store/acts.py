"""The audit: acts of people, each stored with the change that it speaks of, in one transaction or not at all.

Nothing here changes an entry, and no entry ever leaves. They stand in their authority's partition in the
order of time, and once more in the index, where those of all authorities are one list.
"""

from collections.abc import Callable
from functools import partial

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.core.errors import AlreadyReceived, Busy, CaseChanged
from chalicelib.ports import Act, Deed, Page
from chalicelib.store import items
from chalicelib.store.case_items import receipt_item
from chalicelib.store.items import CaseItem
from chalicelib.store.mapping import stamp, text_of, value_of
from chalicelib.store.reading import Listing, read
from chalicelib.store.transaction import CONFLICT, REFUSED, THROTTLED

ALL = "ACTS"
ENTRY = "ACT#"


def together(deed: Deed, change: Callable[[TransactWrite], None]) -> bool:
    """Store a deed with the one change that it speaks of; false where that one's condition does not hold.

    Then nothing is stored. Raises AlreadyReceived, CaseChanged where somebody else is writing, and Busy.
    """
    kept = [_item(deed.act), *([receipt_item(deed.receipt)] if deed.receipt else [])]
    try:
        with TransactWrite(connection=items.connection()) as transaction:
            for item in kept:
                transaction.save(item, condition=CaseItem.pk.does_not_exist())
            change(transaction)
    except TransactWriteError as error:
        return _refused(error)
    return True


def _refused(error: TransactWriteError) -> bool:
    """Read the reasons, the change's last: puts come in the order of their making, and then updates."""
    *kept, changed = [reason.code if reason else None for reason in error.cancellation_reasons] or [None]
    if REFUSED in kept:
        raise AlreadyReceived("this request was stored before") from error
    if changed == REFUSED:
        return False
    if CONFLICT in (*kept, changed):
        raise CaseChanged("somebody else is changing it at this moment") from error
    if THROTTLED & {*kept, changed}:
        raise Busy("DynamoDB takes no more at the moment; nothing was stored") from error
    raise error


def acts(authority: str | None, cursor: str | None, limit: int, *, oldest_first: bool) -> Page[Act]:
    """List the acts of an authority, by a consistent read; without one those of the whole stage."""
    if authority is None:
        of = Listing(owner="list_key", value=ALL, keys=("list_sort", "pk", "sk"))
        ask = partial(CaseItem.lists.query, scan_index_forward=oldest_first)
    else:
        of = Listing(owner="pk", value=_key(authority), keys=("sk",))
        ask = partial(CaseItem.query, scan_index_forward=oldest_first, consistent_read=True)
    found, following = read(of, ask, cursor=cursor, limit=limit)
    return Page(items=[value_of(Act, item.body) for item in found], cursor=following)


def _key(authority: str) -> str:
    return f"ACTS#{authority}"


def _item(act: Act) -> CaseItem:
    place = f"{stamp(act.at)}#{act.id}"
    return CaseItem(_key(act.authority), f"{ENTRY}{place}", body=text_of(act), list_key=ALL, list_sort=place)
