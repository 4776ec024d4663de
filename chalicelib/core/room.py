"""How much one decision may say at once, so that what it stores fits into one transaction."""

from collections.abc import Iterator, Sequence

from chalicelib.core.case import Change, Notice, Standing, State
from chalicelib.core.trace import CHILD_HISTORY_CHANGED, Trace

# A transaction holds a hundred items. Twelve are kept for what every request stores: the case, its
# journal entry and its line, the receipt, the child, a task, lines of the log of meetings.
ITEMS = 88
# A notice is up to two of them, since it goes by e-mail and by topic.
CHANNELS = 2
# Each other case of the child that hears of a fact has its own entry, line and item.
OTHERS_OWN = 3


def room_for(fact: Trace, before: Standing, after: Standing, changes: Sequence[Change]) -> int:
    """Return how many notices fit beside what else a decision stores.

    Cases of one child that are decided on together share a transaction: half of it is for the
    case on which the fact was told, the rest for the others.
    """
    share = ITEMS
    if fact.beside and fact.kind != CHILD_HISTORY_CHANGED:
        share = ITEMS // 2
    elif fact.beside:
        share = ITEMS // 2 // fact.beside - OTHERS_OWN
    return max(0, share - _stored(before, after) - _tombstones(before, after, changes)) // CHANNELS


def still_meant(waiting: Sequence[Notice], after: Standing) -> Iterator[Notice]:
    """Yield what waited to be said and is not pointless by now, its duty being settled."""
    still_open = {duty.id for duty in after.duties if duty.state is State.OPEN}
    for notice in waiting:
        if notice.cancelled_with is None or notice.cancelled_with in still_open:
            yield notice


def _stored(before: Standing, after: Standing) -> int:
    """Count the duties and flags that changed: each is an item."""
    was, now = _kept(before), _kept(after)
    return sum(was.get(name) != now.get(name) for name in was.keys() | now.keys())


def _tombstones(before: Standing, after: Standing, changes: Sequence[Change]) -> int:
    """Count the duties whose messages are pointless from now on, or are no longer."""
    return len(_open(before) - _open(after)) + sum(change.what == "reopened" for change in changes)


def _kept(standing: Standing) -> dict[str, tuple[object, ...]]:
    """Return what is stored of each duty and flag beside its case."""
    kept: dict[str, tuple[object, ...]] = {
        duty.id: (duty.state, duty.due_on, duty.next_action_at) for duty in standing.duties
    }
    kept |= {flag.id: (flag.answer, flag.next_action_at) for flag in standing.flags}
    return kept


def _open(standing: Standing) -> set[str]:
    return {duty.id for duty in standing.duties if duty.state is State.OPEN}
