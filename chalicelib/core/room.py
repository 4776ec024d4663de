"""What of a decision fits into one transaction, which holds a hundred items; the rest waits for the next.

Nothing is lost: a case remembers what waits, and is woken by the next tick.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.core.case import Notice, Standing, State
from chalicelib.core.trace import CHILD_HISTORY_CHANGED, Trace

# Thirteen of the hundred are kept for what every request stores: the case, its journal entry and its
# line, the receipt, the child, its seats, a task, lines of the log of meetings.
ITEMS = 87
# A notice is up to two items, since it goes by e-mail and by topic.
CHANNELS = 2
# Each other case of the child that hears of a fact has its item, entry, line, and what wakes it.
OTHERS_OWN = 4
# What is told of something that stands no more.
TAKING_BACK = frozenset({"withdrawn", "superseded", "cleared"})
NEVER = datetime.max.replace(tzinfo=UTC)

Kept = tuple[object, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many notices fit, and the ids of duties and flags whose items are to wait.

    `redated` are those of them that are due on another date.
    """

    notices: int
    behind: tuple[str, ...] = ()
    redated: tuple[str, ...] = ()


def room_for(fact: Trace, before: Standing, after: Standing, reopened: int) -> Room:
    """Share out a transaction: at most three quarters to duties and flags, the rest to notices."""
    share = _share(fact)
    taken = reopened + len(closed_tasks(before, after))
    behind: list[str] = []
    for name, items in _costs(before, after):
        if behind or taken + items > share * 3 // 4:
            behind.append(name)
        else:
            taken += items
    other_date = moved(before, after)
    return Room(
        notices=max(0, share - taken) // CHANNELS,
        behind=tuple(behind),
        redated=tuple(name for name in behind if name in other_date),
    )


def still_meant(waiting: Sequence[Notice], after: Standing) -> Iterator[Notice]:
    """Yield what waited to be said and is still so: neither settled, taken back nor back again by now."""
    still_open = _open(after) | _open_tasks(after)
    lasting = still_open | {flag.id for flag in after.flags}
    lasting |= {hold.id for hold in after.holds if hold.ended_by is None}
    known = lasting | {duty.id for duty in after.duties} | {hold.id for hold in after.holds}
    for notice in waiting:
        if notice.cancelled_with is not None and notice.cancelled_with not in still_open:
            continue
        if _takes_back(notice) and notice.about in lasting:
            continue
        if _takes_back(notice) or notice.about in known:
            yield notice


def _takes_back(notice: Notice) -> bool:
    return notice.occasion.partition(":")[0] in TAKING_BACK


def settled(before: Standing, after: Standing) -> frozenset[str]:
    """Return the ids of what is no longer open, those that waited before included and no one that waits."""
    return ((_open(before) | frozenset(before.behind)) - _open(after)) - frozenset(after.behind)


def moved(before: Standing, after: Standing) -> frozenset[str]:
    """Return the ids of what is open and due on another date, those that waited before included."""
    was = {duty.id: duty.due_on for duty in before.duties if duty.state is State.OPEN}
    now = {duty.id: duty.due_on for duty in after.duties if duty.state is State.OPEN}
    other = frozenset(name for name in was.keys() & now.keys() if was[name] != now[name])
    return (other | (frozenset(before.redated) & now.keys())) - frozenset(after.redated)


def closed_tasks(before: Standing, after: Standing) -> frozenset[str]:
    """Return the ids of tasks that were open and no longer are: what is said of them is pointless now."""
    return _open_tasks(before) - _open_tasks(after)


def _share(fact: Trace) -> int:
    """Return the items for one case. Cases of one child that are decided on together share.

    Half is for the case on which the fact was told, the rest for the others.
    """
    if not fact.beside:
        return ITEMS
    if fact.kind != CHILD_HISTORY_CHANGED:
        return ITEMS // 2
    return max(0, ITEMS // 2 // fact.beside - OTHERS_OWN)


def _costs(before: Standing, after: Standing) -> Sequence[tuple[str, int]]:
    """Return how many items each duty and flag takes that is to be stored, what is due first first.

    One of its own, and one that says that its messages are pointless: all of them once it is settled,
    or those that go with another date.
    """
    was, now = _kept(before), _kept(after)
    changed = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
    said = settled(before, after) | moved(before, after)
    changed |= frozenset(before.behind) | said
    moments = {name: now[name][1] or NEVER if name in now else NEVER for name in changed}
    return [(name, 1 + (name in said)) for name in sorted(changed, key=lambda each: (moments[each], each))]


def _kept(standing: Standing) -> dict[str, Kept]:
    """Return what is stored of each duty and flag beside its case."""
    kept: dict[str, Kept] = {
        duty.id: ((duty.protocol, duty.state, duty.due_on), duty.next_action_at) for duty in standing.duties
    }
    return kept | {flag.id: ((flag.protocol, flag.answer), flag.next_action_at) for flag in standing.flags}


def _open(standing: Standing) -> frozenset[str]:
    return frozenset(duty.id for duty in standing.duties if duty.state is State.OPEN)


def _open_tasks(standing: Standing) -> frozenset[str]:
    return frozenset(task.id for task in standing.tasks if task.done_by is None)
