"""What the service keeps of its own upkeep: which cases are set aside, how a tick and a reconciling go."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideRow:
    """A case that cannot be decided: the tick leaves it alone until somebody redrives it.

    `reason` is one of a few fixed words. `authority` is empty where nothing of the case says whose it is.
    `tries` counts how often it failed before.
    """

    authority: str
    case_id: str
    reason: str
    since: datetime
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of reconciling an authority's cases, and how far it has come.

    It looks at what was to be told after `since` and up to `until`. `place` is how far it came in the
    list of cases, `mark` from where the next round starts: behind it lies nothing that changed later
    than `until`. `left` are cases that could not be looked at yet.
    """

    authority: str
    until: datetime
    since: datetime | None = None
    place: str | None = None
    mark: str | None = None
    left: tuple[str, ...] = ()
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRun:
    """The latest run of the tick: begun `since`, for one moment; one that has not `ended` may have died.

    The run after it is wary, and names each case before it decides on it: if it dies as well, the next one
    knows on which.
    """

    since: datetime
    case_id: str | None = None
    ended: bool = False
