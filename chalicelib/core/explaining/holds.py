"""A freeze or a halt: since when, by which process, and what would end it."""

from collections.abc import Iterator

from chalicelib.core.case import HALT, Hold
from chalicelib.core.effects import Halt, Resume
from chalicelib.core.explaining.clauses import about_clause, said_settings, settings_used
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.history import History
from chalicelib.core.holds import MOVES
from chalicelib.core.labels import label_of, with_article
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.saying import said_day
from chalicelib.core.trace import Trace


def explain_hold(hold: Hold, rules: Rules, history: History) -> Explained:
    """Return everything behind a freeze or a halt: clause, process, days, what ends it."""
    protocol = rules.protocol(hold.protocol)
    clause = protocol.by_id[hold.clause]
    used = clause.settings_of(hold.effect)
    return {
        "id": hold.id,
        **about_clause(clause, protocol),
        **about_hold(hold, protocol),
        "bars": [] if hold.sort == HALT else list(MOVES),
        "settings": settings_used((*used, "released_when"), protocol),
        "sentences": [*_sentences(hold, protocol, history), *said_settings(used, protocol)],
    }


def about_hold(hold: Hold, protocol: Protocol) -> Explained:
    """Return a freeze or a halt as data: which process, since when, what would end it."""
    return {
        "sort": hold.sort,
        "clause": hold.clause,
        "process": hold.process,
        "process_id": hold.process_id,
        "label": label_of("process", hold.process, protocol),
        "opened_by": hold.opened_by,
        "since": hold.opened_on.isoformat(),
        "ended_by": hold.ended_by,
        "ended_on": hold.ended_on.isoformat() if hold.ended_on else None,
        "ends_when": said_end(hold, protocol),
    }


def said_end(hold: Hold, protocol: Protocol) -> str:
    """Return what ends a freeze or a halt: `the IRO challenge ch-1 has ended`."""
    return f"{said_process(hold, protocol)} has ended"


def said_process(hold: Hold, protocol: Protocol) -> str:
    """Return the process of a freeze or a halt: `the IRO challenge ch-1`."""
    return f"the {label_of('process', hold.process, protocol)} {hold.process_id}".rstrip()


def halting(protocol: Protocol, hold: Hold) -> Halt | None:
    """Return the effect by which a clause halts, none for a freeze."""
    effects = protocol.by_id[hold.clause].effects
    return next((each for each in effects if isinstance(each, Halt) and each.name == hold.effect), None)


def _sentences(hold: Hold, protocol: Protocol, history: History) -> Iterator[str]:
    opened: Trace = history.named(hold.opened_by)
    process = with_article(label_of("process", hold.process, protocol))
    cited = protocol.cited(protocol.by_id[hold.clause])
    halt = halting(protocol, hold)
    over = hold.ended_on is not None
    if halt is None:
        bars = f"The move {'was' if over else 'is'} frozen from {said_day(opened.on)}"
    else:
        bars = f"The clocks of this protocol {'stood' if over else 'stand'} still from {said_day(opened.on)}"
    yield f"{bars}, when {process} was opened, by {cited}."
    if hold.ended_on:
        yield f"It ended on {said_day(hold.ended_on)}, when {said_process(hold, protocol)} ended."
    elif halt is None:
        yield f"This ends when {said_end(hold, protocol)}; the move is free once every freeze has ended."
    else:
        yield f"This ends when {said_end(hold, protocol)}; they run again once every halt has ended."
        yield f"{_resumption(halt)}."


def _resumption(halt: Halt) -> str:
    if halt.resume is Resume.RESTART:
        return "Every count then begins anew"
    return "What was left of each count is then still left, the first and the last day not counted"
