"""Why a proposal is refused, and what would let it pass: as data and as sentences."""

from collections.abc import Iterator, Mapping, Sequence

from chalicelib.core.answers import obstacles, safety_exception, ways_past
from chalicelib.core.case import Decision, Flag
from chalicelib.core.effects import WayPast
from chalicelib.core.explaining import said_reason
from chalicelib.core.history import History
from chalicelib.core.matching import View
from chalicelib.core.rules import Rules
from chalicelib.core.trace import Trace

OBSTACLES = {
    "does_not_apply": "it does not apply to this step",
    "not_claimed": "it was not claimed",
    "no_reason": "no reason was given",
    "no_approver": "no approver was named",
    "approver_does_not_hold_the_role": "the approver named does not hold the role it asks for",
    "not_confirmed": "its sentence was not confirmed",
}


def reasons_for(flags: Sequence[Flag], decision: Decision, rules: Rules) -> tuple[Mapping[str, object], ...]:
    """Return, for each tripped clause, what it asks and every exception with its obstacles."""
    history = History(decision.after.facts)
    fact = history.named(decision.fact.id)
    return tuple(
        _reason(flag, fact, View(rules.protocol(flag.protocol), history, rules.calendar)) for flag in flags
    )


def _reason(flag: Flag, fact: Trace, view: View) -> Mapping[str, object]:
    clause = view.protocol.by_id[flag.clause]
    return {
        "clause": clause.id,
        "printed": clause.printed,
        "force": str(clause.force),
        "protocol": view.protocol.id,
        "text": clause.text,
        "reason": said_reason(flag, view.protocol),
        "exceptions": [_way(way, fact, view) for way in (*ways_past(view, clause), safety_exception(view))],
    }


def _way(way: WayPast, fact: Trace, view: View) -> Mapping[str, object]:
    claim = next((each for each in fact.claims if each.name == way.name), None)
    return {
        "name": way.name,
        "approver": list(way.approver),
        "confirm": way.confirm,
        "not_open_because": [OBSTACLES[each] for each in _sorted(obstacles(view, fact, claim, way))],
    }


def _sorted(found: Sequence[str]) -> Iterator[str]:
    return (each for each in OBSTACLES if each in found)
