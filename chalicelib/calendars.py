"""Which days are closed, for a nation and one of its councils."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from chalicelib.bank_holidays import PUBLISHED_TO, TABLE
from chalicelib.core.working_days import SATURDAY, Calendar, Nation

NO_CLOSURES: Mapping[date, str] = MappingProxyType({})


def shipped_calendar(nation: Nation, closures: Mapping[date, str] = NO_CLOSURES) -> Calendar:
    """Return the bank holidays we ship with, and the council's own `closures` on top.

    A closure at a weekend is left out, since nothing was counted then anyway; one that falls on
    a bank holiday keeps the bank holiday's name.
    """
    ours = {on: why for on, why in closures.items() if on.weekday() < SATURDAY}
    closed = MappingProxyType({**ours, **_bank_holidays(nation)})
    return Calendar(nation=nation, closed=closed, horizon=date.fromisoformat(PUBLISHED_TO))


@cache
def _bank_holidays(nation: Nation) -> Mapping[date, str]:
    rows = (line.split(" | ") for line in TABLE.strip().splitlines())
    return {date.fromisoformat(on): name for on, nations, name in rows if nation in nations}
