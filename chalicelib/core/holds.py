"""What lasts while a process is open: freezes, which bar the child's move, and halts."""

from collections.abc import Iterable, Iterator

from chalicelib.core.case import FREEZE, HALT, Hold
from chalicelib.core.clocks import Clocks, Pause
from chalicelib.core.effects import Freeze, Halt, Resume
from chalicelib.core.history import could_precede
from chalicelib.core.identity import identify
from chalicelib.core.matching import View
from chalicelib.core.trace import Trace

# What a freeze bars: the move itself, either end of it.
MOVES = ("placement_ended", "placement_started")


def holds(view: View, case_id: str) -> Iterator[Hold]:
    """Yield every freeze and halt that one protocol's clauses make of the processes on a case."""
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            if isinstance(effect, Freeze | Halt):
                for opened in _processes(view, "process_opened", effect.process):
                    ended = _end(view, effect, opened)
                    yield Hold(
                        id=identify("h", case_id, clause.id, effect.name, opened.id),
                        protocol=view.protocol.id,
                        clause=clause.id,
                        effect=effect.name,
                        process=effect.process,
                        process_id=opened.process_id or "",
                        opened_by=opened.id,
                        opened_on=opened.on,
                        ended_by=ended.id if ended else None,
                        ended_on=ended.on if ended else None,
                        tell=effect.tell,
                        sort=HALT if isinstance(effect, Halt) else FREEZE,
                    )


def clocks(view: View, standing_holds: Iterable[Hold]) -> Clocks:
    """Return a protocol's clocks on a case, with the days that its halts took away."""
    return Clocks(
        calendar=view.calendars.present,
        day_zero=str(view.protocol.setting("day_zero", "event")),
        cut_off=view.protocol.cut_off,
        pauses=pauses(view, standing_holds),
        heard=view.history.heard,
    )


def pauses(view: View, standing_holds: Iterable[Hold]) -> tuple[Pause, ...]:
    """Return the days on which a protocol's clocks stood still."""
    return tuple(
        Pause(first=hold.opened_on, last=hold.ended_on, restarts=_restarts(view, hold))
        for hold in standing_holds
        if hold.sort == HALT
    )


def _restarts(view: View, hold: Hold) -> bool:
    return any(
        isinstance(effect, Halt) and effect.name == hold.effect and effect.resume is Resume.RESTART
        for effect in view.protocol.by_id[hold.clause].effects
    )


def bars(hold: Hold, view: View, move: Trace) -> bool:
    """Say whether a freeze was in force when a move happened.

    A freeze opened on the day of the move is in force unless both give times and the move came
    first; one that ended that day had ended, unless times say otherwise.
    """
    opened = view.history.named(hold.opened_by)
    if opened.on > move.on or (opened.on == move.on and opened.at and move.at and move.at < opened.at):
        return False
    if hold.ended_by is None:
        return True
    return not could_precede(view.history.named(hold.ended_by), move)


def _processes(view: View, kind: str, process: str) -> Iterator[Trace]:
    for fact in view.history.of_kind(kind):
        if process in fact.words.get("process", ()):
            yield fact


def _end(view: View, freeze: Freeze | Halt, opened: Trace) -> Trace | None:
    for ended in _processes(view, "process_ended", freeze.process):
        if ended.process_id == opened.process_id and could_precede(opened, ended):
            return ended
    return None
