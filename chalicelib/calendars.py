"""Which days are closed, for a nation and one of its councils."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from chalicelib.bank_holidays import PUBLISHED_TO, TABLE
from chalicelib.core.working_days import SATURDAY, Calendar, Nation

if TYPE_CHECKING:  # a snapshot is handed in: importing every port would cost more than the table
    from chalicelib.ports import Snapshot

MOST_NAME = 120

NO_CLOSURES: Mapping[date, str] = MappingProxyType({})


def shipped_calendar(nation: Nation, closures: Mapping[date, str] = NO_CLOSURES) -> Calendar:
    """Return the bank holidays we ship with, and the council's own `closures` on top.

    A closure at a weekend is left out, since nothing was counted then anyway; one that falls on
    a bank holiday keeps the bank holiday's name.
    """
    return _calendar(nation, _shipped(nation), closures, date.fromisoformat(PUBLISHED_TO))


def calendar_from(
    snapshot: "Snapshot | None", nation: Nation, closures: Mapping[date, str] = NO_CLOSURES
) -> Calendar:
    """Return the bank holidays that GOV.UK was last seen to list, then those we ship, then `closures`.

    Where the shipped table has years that the snapshot could only predict, since a release has
    overtaken it, those are the table's.
    """
    if snapshot is None:
        return shipped_calendar(nation, closures)
    known, shipped = snapshot.days[nation], _shipped(nation)
    listed, table = snapshot.published_to[nation].year, date.fromisoformat(PUBLISHED_TO).year
    ours = {on.year for on in shipped if listed < on.year <= table}
    ours |= {on.year for on in shipped} - {on.year for on in known}
    days = {on: why for on, why in known.items() if on.year not in ours}
    days |= {on: why for on, why in shipped.items() if on.year in ours}
    return _calendar(nation, days, closures, date(max(listed, table), 12, 31))


def can_be_called(name: str) -> bool:
    """Say whether a closed day can go by a name: one short line of which every character is seen."""
    return bool(name.strip()) and len(name) <= MOST_NAME and name.isprintable()


def _calendar(
    nation: Nation, bank_holidays: Mapping[date, str], closures: Mapping[date, str], horizon: date
) -> Calendar:
    ours = {on: why for on, why in closures.items() if on.weekday() < SATURDAY}
    return Calendar(nation=nation, closed=MappingProxyType({**ours, **bank_holidays}), horizon=horizon)


@cache
def _shipped(nation: Nation) -> Mapping[date, str]:
    rows = (line.split(" | ") for line in TABLE.strip().splitlines())
    return {date.fromisoformat(on): name for on, nations, name in rows if nation in nations}
