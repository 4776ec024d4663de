"""Details as they stood when something happened: of the case, or of the placement that it was about."""

from chalicelib.core.history import History, surely_precedes
from chalicelib.core.trace import Trace

UNKNOWN = "unknown"


def of_case(history: History, name: str, fact: Trace) -> str:
    """Return a detail of the case as it stood when something happened, or `unknown`."""
    stood = [each.details[name] for each in history.telling(name) if not surely_precedes(fact, each)]
    return stood[-1] if stood else UNKNOWN


def of_placement(history: History, name: str, fact: Trace) -> str:
    """Return a detail of the placement that something was about, as it stood then, or `unknown`.

    What was said of one placement says nothing of the next.
    """
    began = history.start_of_placement(fact)
    stood = [
        each.details[name]
        for each in history.telling(name)
        if not surely_precedes(fact, each) and _tells_of(history, each, fact, began)
    ]
    return stood[-1] if stood else UNKNOWN


def _tells_of(history: History, said: Trace, fact: Trace, began: Trace | None) -> bool:
    """Say whether a detail was said of the placement that `fact` is about, which so began."""
    if said.id == fact.id or (began is not None and said.id == began.id):
        return True
    placement = fact.placement_id or (began.placement_id if began else None)
    if said.placement_id is not None and placement is not None:
        return said.placement_id == placement
    theirs = history.start_of_placement(said)
    return theirs is None or began is None or theirs.id == began.id
