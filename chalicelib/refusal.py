"""Why a proposal is refused, and what would let it pass: as data and as sentences."""

from collections.abc import Mapping, Sequence

from chalicelib.core.case import Decision, Flag
from chalicelib.core.explaining import explain_refusal
from chalicelib.core.history import History
from chalicelib.core.rules import Rules


def reasons_for(flags: Sequence[Flag], decision: Decision, rules: Rules) -> tuple[Mapping[str, object], ...]:
    """Return, for each tripped clause, what it asks, what came near, and every exception."""
    history = History(decision.after.facts)
    return tuple(explain_refusal(flag, rules, history) for flag in flags)
