"""Under which version of a protocol a fact is checked, on a case that was moved from one to another.

Duties and halts stand under the versions now pinned. A flag stays as it was made: what was recorded
before a move is checked by the version that the case had then. And a freeze lasts until its process
has ended: moving the case is no way out of it.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.core.case import Flag
from chalicelib.core.matching import View
from chalicelib.core.trace import PROTOCOL_MOVED, Trace


def moved_from(facts: Iterable[Trace]) -> tuple[str, ...]:
    """Return the ids of the protocols that a case was moved from and has no more."""
    left: dict[str, None] = {}
    for move in _moves(facts):
        left.update(dict.fromkeys(move.words.get("from", ())))
        for name in move.words.get("to", ()):
            left.pop(name, None)
    return tuple(left)


def checks_under(view: View, flag: Flag) -> bool:
    """Say whether the view's protocol was the one pinned when a flag's fact was recorded."""
    return recorded_under(view, flag.fact_id)


def recorded_under(view: View, fact_id: str) -> bool:
    """Say whether the view's protocol was the one pinned when a fact was recorded."""
    moves = view.history.of_kind(PROTOCOL_MOVED)
    if not moves:
        return True
    at = view.history.named(fact_id).learned_at
    return view.protocol.id in _pinned_at(at, moves)


def _pinned_at(at: datetime, moves: Iterable[Trace]) -> tuple[str, ...]:
    """Return what was pinned at a moment: what the latest move before it brought, or the first left."""
    ordered = list(_moves(moves))
    pinned = ordered[0].words.get("from", ())
    for move in ordered:
        if move.learned_at < at:
            pinned = move.words.get("to", ())
    return pinned


def _moves(facts: Iterable[Trace]) -> Iterable[Trace]:
    return sorted(
        (each for each in facts if each.kind == PROTOCOL_MOVED), key=lambda each: (each.learned_at, each.id)
    )
