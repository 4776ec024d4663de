"""What GOV.UK's list of bank holidays says, read and judged before anybody counts by it.

A list that cannot be read, or that is not to be believed, is refused whole: the last good one stays.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from chalicelib.calendars import calendar_from, can_be_called, shipped_calendar
from chalicelib.core.errors import ServiceError
from chalicelib.core.working_days import SATURDAY, Calendar, Nation
from chalicelib.ports import Snapshot

log = logging.getLogger(__name__)

Reason = Literal[
    "absurd",
    "address",
    "down",
    "malformed",
    "missing_year",
    "redirects",
    "slow",
    "status",
    "too_large",
    "truncated",
]

# How many weekdays the law gives each nation in every year, substitutes included
# (https://www.gov.uk/bank-holidays). None was ever withdrawn without another in its place.
ORDINARY = {Nation.ENGLAND: 8, Nation.WALES: 8, Nation.SCOTLAND: 9, Nation.NORTHERN_IRELAND: 10}
# More than two were never proclaimed for one year (2022): twice as many may come.
MOST_PROCLAIMED = 4
# In years already published. The Platinum Jubilee changed three days (one moved, one added), the State
# Funeral one more; an outage may let several proclamations come at once.
MOST_CHANGED = 6

# How far days are reckoned beyond the last published year, so that a provisional date knows its Christmas.
YEARS_AHEAD = 2

FIRST_YEAR = 2000
MOST_YEARS_AHEAD = 10

Days = Mapping[date, str]


class FeedRefused(ServiceError):
    """GOV.UK's list could not be had, or is not to be believed. `reason` is safe to log and to mail."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: str = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The weekdays that GOV.UK lists for one nation: those of whole years, and of one begun after them."""

    days: Days
    begun: Days
    published_to: date


@dataclass(frozen=True)
class _Event:
    __pydantic_config__ = ConfigDict(extra="ignore")

    title: str
    # As text: pydantic reads a string of digits as seconds since 1970.
    date: Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    notes: Annotated[str, Field(max_length=120)] = ""


@dataclass(frozen=True)
class _Division:
    __pydantic_config__ = ConfigDict(extra="ignore")

    events: tuple[_Event, ...]


@dataclass(frozen=True)
class _Divisions:
    __pydantic_config__ = ConfigDict(extra="ignore")

    england_and_wales: Annotated[_Division, Field(alias="england-and-wales")]
    scotland: _Division
    northern_ireland: Annotated[_Division, Field(alias="northern-ireland")]


def snapshot_from(body: bytes, before: Snapshot | None, now: datetime) -> Snapshot:
    """Return what a list makes of the calendar, where `before` is the last good snapshot.

    Raises FeedRefused where it cannot be read, or is not to be believed.
    """
    known = {nation: calendar_from(before, nation) for nation in Nation}
    listed = {nation: judged(nation, days, known[nation], now.year) for nation, days in read(body).items()}
    _log_differences(listed)
    last = max(now.year, *(each.published_to.year for each in listed.values())) + YEARS_AHEAD
    return Snapshot(
        days={nation: _days(nation, each, known[nation], last) for nation, each in listed.items()},
        published_to={nation: each.published_to for nation, each in listed.items()},
        hash=sha256(body).hexdigest()[:16],
        learned_at=now,
    )


def reaches(snapshot: Snapshot, year: int) -> bool:
    """Say whether a snapshot has days of that year for every nation, were they but reckoned."""
    return all(max(days).year >= year for days in snapshot.days.values())


def read(body: bytes) -> Mapping[Nation, Days]:
    """Return each nation's weekdays and their names. Raises FeedRefused if this is no such list."""
    try:
        divisions = _reader().validate_json(body)
    except ValidationError:
        raise FeedRefused("malformed") from None
    england_and_wales = _weekdays(divisions.england_and_wales)
    return {
        Nation.ENGLAND: england_and_wales,
        Nation.WALES: england_and_wales,
        Nation.SCOTLAND: _weekdays(divisions.scotland),
        Nation.NORTHERN_IRELAND: _weekdays(divisions.northern_ireland),
    }


def judged(nation: Nation, days: Days, known: Calendar, year: int) -> Listed:
    """Return what is listed for a nation, if it can be believed in the present `year`.

    `known` is what is counted by so far, without closure days. Raises FeedRefused where a year that
    should be there is gone, where one is not like a year, or where too much changed at once. Years
    before last year may go, the oldest that is left in part: GOV.UK's list rolls.
    """
    counts = Counter(on.year for on in days)
    told = known.horizon.year
    if not counts or set(range(year - 1, told + 1)) - counts.keys():
        raise FeedRefused("missing_year")
    enough = frozenset(each for each, count in counts.items() if count >= ORDINARY[nation])
    whole = enough - _without_a_day_that_never_moves(nation, days, enough)
    oldest, last = min(counts), max(whole, default=0)
    begun = {last + 1} - enough
    rolled = {oldest} if oldest < year - 1 else set()
    changed = min(_changed(days, whole, than) for than in (known, shipped_calendar(nation)))
    absurd = (
        max(counts.values()) > ORDINARY[nation] + MOST_PROCLAIMED,
        not FIRST_YEAR <= oldest <= max(counts) <= year + MOST_YEARS_AHEAD,
        last < told,
        bool(set(range(year - 1, last + 1)) - whole),
        bool(counts.keys() - whole - begun - rolled),
        changed > MOST_CHANGED,
    )
    if any(absurd):
        raise FeedRefused("absurd")
    return Listed(
        days={on: name for on, name in days.items() if on.year in whole},
        begun={on: name for on, name in days.items() if on.year > last},
        published_to=date(last, 12, 31),
    )


def _without_a_day_that_never_moves(nation: Nation, days: Days, years: frozenset[int]) -> frozenset[int]:
    from chalicelib.reckoning import never_moved

    return frozenset(on.year for on in never_moved(nation, years) - days.keys())


def _days(nation: Nation, listed: Listed, known: Calendar, last: int) -> Mapping[date, str]:
    """Return every day from the first that is known to the end of year `last`.

    GOV.UK's years are as listed; earlier ones that it dropped stay as they were; all others are reckoned.
    """
    from chalicelib.reckoning import predicted

    years = {on.year for on in listed.days}
    kept = {on: why for on, why in known.closed.items() if on <= known.horizon and on.year not in years}
    told = years | {on.year for on in kept}
    reckoned = predicted(nation, set(range(min(told), last + 1)) - told)
    return dict(sorted({**reckoned, **listed.begun, **kept, **listed.days}.items()))


def _log_differences(listed: Mapping[Nation, Listed]) -> None:
    """Say where the library that predicts would have been wrong, for whoever looks after it."""
    from chalicelib.reckoning import differences

    days = sorted(differences({nation: each.days for nation, each in listed.items()}))
    if days:
        told = [f"{nation} {on.isoformat()}" for nation, on in days]
        log.info("GOV.UK and holidays differ", extra={"days": told})


def _changed(days: Days, years: frozenset[int], than: Calendar) -> int:
    """Count the days on which a list differs from a calendar, in years that both have published.

    The nearer of two calendars decides, so a release with a new table lets in what was too much.
    """
    had = {on for on in than.closed if on <= than.horizon}
    both = years & {on.year for on in had}
    return len({on for on in had if on.year in both} ^ {on for on in days if on.year in both})


def _weekdays(division: _Division) -> Days:
    try:
        days = {date.fromisoformat(event.date): _name(event) for event in division.events}
    except ValueError:
        raise FeedRefused("malformed") from None
    if len(days) < len(division.events):
        raise FeedRefused("malformed")
    return {on: name for on, name in days.items() if on.weekday() < SATURDAY}


def _name(event: _Event) -> str:
    """Put a day's name as our table does. GOV.UK says in a note that a day stands in for another."""
    title = event.title.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").strip()
    if not can_be_called(title):
        raise FeedRefused("malformed")
    return title + (" (substitute day)" if event.notes.strip().lower() == "substitute day" else "")


@cache
def _reader() -> TypeAdapter[_Divisions]:
    return TypeAdapter(_Divisions)
