"""Recording a fact of the service's own on a case, again where somebody else got there first."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.consequences import own_commit
from chalicelib.core.case import Case
from chalicelib.core.trace import Trace
from chalicelib.patience import persist, unhurried
from chalicelib.recounting import recounted
from chalicelib.visits import Ports


def record_own(
    case_id: str,
    fact_on: Callable[[Case], Trace | None],
    now: datetime,
    ports: Ports,
    seconds_left: Callable[[], float] = unhurried,
) -> bool:
    """Record the fact that `fact_on` makes of a case as it stands when it is tried; say whether it was.

    Nothing is recorded where it makes none, or where the case has it. Raises NotFound, Busy.
    """

    def attempt() -> bool:
        case = ports.cases.load(case_id)
        fact = fact_on(case)
        if fact is None or any(each.id == fact.id for each in case.facts):
            return False
        ports.cases.commit(own_commit(recounted(case, now, ports), fact, now, ports))
        return True

    return persist(attempt, ports.pause, seconds_left)
