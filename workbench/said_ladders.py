"""Ladders in sentences: who is reminded, when, and how soon it is to be read."""

from collections.abc import Iterator

from chalicelib.core.labels import listed, said_role
from chalicelib.core.protocol import Ladder, Protocol, Rung, Urgency

SORTS = {
    "dated": "duties with a date",
    "at_once": "duties owed at once",
    "undated": "duties without a date",
    "breach": "what a clause did not allow, or what was missed",
    "task": "telling somebody another way, owed by the administrator once a notice is found not to arrive",
}
OWNERS = {"owner": "whoever owes it", "owner_manager": "their manager"}
URGENCIES = {
    Urgency.NOW: "to be read now",
    Urgency.TODAY: "to be read today",
    Urgency.DIGEST: "in the digest",
}


def said_ladder(ladder: Ladder, protocol: Protocol) -> tuple[str, tuple[str, ...]]:
    """Return what a ladder is for, and its rungs."""
    clauses = protocol.by_id
    serves = [SORTS.get(each) or f"{clauses[each].printed} [{each}]" for each in ladder.serves]
    return listed(serves, "and"), tuple(_rung(rung, protocol) for rung in ladder.rungs)


def _rung(rung: Rung, protocol: Protocol) -> str:
    told = listed([OWNERS.get(role) or said_role(role, protocol) for role in rung.tell], "and")
    return f"{', '.join(_moment(rung))}: {told} ({URGENCIES[rung.urgency]})"


def _moment(rung: Rung) -> Iterator[str]:
    if rung.opened:
        yield "when it opens"
    if rung.before_due_days:
        yield f"{_days(rung.before_due_days)} before it is due"
    if rung.after_due_days:
        yield f"{_days(rung.after_due_days)} after it was due"
    if rung.open_for_hours:
        yield f"open for {_hours(rung.open_for_hours)}"
    if rung.repeat_days:
        yield f"and again every {_days(rung.repeat_days)}"


def _hours(count: int) -> str:
    """Return a time in hours; a long one in days, which people count more easily."""
    if count > 72 and count % 24 == 0:
        return f"{count // 24} days"
    return f"{count} hour{'' if count == 1 else 's'}"


def _days(count: int) -> str:
    return f"{count} working day{'' if count == 1 else 's'}"
