"""How long the corridor keeps trying: so many times, at random, and never longer than there is time.

    a try fails      wait: anything up to twice the last limit       stopped by Lambda
    |----------------|.................|------ next try -----|---------------| time
                                       at least RESERVE_SECONDS are left here

Full jitter (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter): writers who
met once draw their next moments from the whole interval, so that they don't meet again.
"""

import math
import random
from collections.abc import Callable
from typing import TypeVar

from chalicelib.core.errors import Busy, CaseChanged

Result = TypeVar("Result")

MOST_TRIES = 12
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 2.0
# What one more try may take with DynamoDB's own client trying several times, and the answer to follow.
RESERVE_SECONDS = 8.0


def unhurried() -> float:
    """Return how many seconds are left to somebody whom nothing stops."""
    return math.inf


def persist(
    attempt: Callable[[], Result],
    pause: Callable[[float], None],
    seconds_left: Callable[[], float] = unhurried,
    *,
    after: tuple[type[Exception], ...] = (CaseChanged, Busy),
    in_vain: str = "the case kept changing; nothing was stored",
) -> Result:
    """Return what an attempt returns, made again `after` these failures as often as there is time.

    Raises Busy, saying `in_vain` where it was tried often enough, and whatever else the attempt raises.
    """
    for tried in range(MOST_TRIES):
        try:
            return attempt()
        except after:
            back_off(tried, pause, seconds_left)
    raise Busy(in_vain)


def back_off(
    tried: int, pause: Callable[[float], None], seconds_left: Callable[[], float] = unhurried
) -> None:
    """Wait a little, at random, before the next try. Raises Busy where there is no time for one."""
    limit = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**tried)
    wait = random.uniform(0, limit)  # noqa: S311 (not for secrets)
    if seconds_left() - wait < RESERVE_SECONDS:
        raise Busy("there is no time to try again; nothing was stored")
    pause(wait)
