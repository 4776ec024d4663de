"""What a notice rests on: what the text says, what the authority set, or a way of this service's own."""

from collections.abc import Collection

from chalicelib.core.explaining.occasions import RUNG, Occasion
from chalicelib.core.tasks import CHASED

CLAUSE, LADDER, OWNER, SAFETY_TELL, RETELLING = "clause", "ladder", "owner", "safety_tell", "retelling"

# What a clause has somebody told; any of them that comes back is told again by the service itself.
FIRST = ("opened", "flagged", "frozen", "halted")
SPOKEN = (*FIRST, "missed", "released", "resumed")


def ground_of(occasion: Occasion, role: str, tell: Collection[str]) -> str:
    """Return what a notice to a role rests on; `tell` are the roles that the clause has told."""
    if occasion.sort in (RUNG, CHASED):
        return LADDER
    if occasion.sort not in SPOKEN or (occasion.sort in FIRST and occasion.cause):
        return RETELLING
    if role in tell:
        return CLAUSE
    return {"missed": OWNER, "flagged": SAFETY_TELL}.get(occasion.sort, CLAUSE)
