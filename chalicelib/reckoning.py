"""What the library `holidays` reckons, put in GOV.UK's words and corrected to what GOV.UK says.

Importing `holidays` costs a cold start more than all our own code: only the generator of the shipped
table and the `calendar` schedule ask for this.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import holidays

from chalicelib.core.working_days import SATURDAY, Nation

GOV_UK_NAMES = {
    "Battle of the Boyne": "Battle of the Boyne (Orangemen's Day)",
    "Coronation of Charles III": "Bank holiday for the coronation of King Charles III",
    "Diamond Jubilee of Elizabeth II": "Queen's Diamond Jubilee",
    "Late Summer Bank Holiday": "Summer bank holiday",
    "May Day": "Early May bank holiday",
    "New Year Holiday": "2nd January",
    # Scotland, when 1 January is a Sunday: the Monday stands for the 1st, the Tuesday for the 2nd.
    "New Year Holiday; New Year's Day": "New Year's Day",
    "Platinum Jubilee of Elizabeth II": "Platinum Jubilee bank holiday",
    "Saint Andrew's Day": "St Andrew's Day",
    "Saint Patrick's Day": "St Patrick's Day",
    "Spring Bank Holiday": "Spring bank holiday",
    "State Funeral of Queen Elizabeth II": "Bank Holiday for the State Funeral of Queen Elizabeth II",
    "Summer Bank Holiday": "Summer bank holiday",
}

# What no proclamation ever moved, as it moved those of May (2012, 2020 and 2022).
NEVER_MOVED = frozenset(
    {
        "2nd January",
        "Battle of the Boyne (Orangemen's Day)",
        "Boxing Day",
        "Christmas Day",
        "Easter Monday",
        "Good Friday",
        "New Year's Day",
        "St Patrick's Day",
    }
)
SUBSTITUTE = " (substitute day)"


class Correction(NamedTuple):
    """A day that `holidays` lacks or names otherwise than GOV.UK, and who says so."""

    on: date
    nations: tuple[Nation, ...]
    name: str
    source: str


# GOV.UK drops old years from its own page. In that release every year since 2012 can be looked up.
LIST = "GOV.UK's list, as release 0.19 of govuk-bank-holidays carries it"
# 2 January, and for a 1 January that is a Sunday the 3rd.
ACT = "https://www.legislation.gov.uk/ukpga/1971/80/schedule/1"
# The proclamation that appointed 8 May 2020.
VE_DAY = "https://www.thegazette.co.uk/notice/3326938"
SCOTLAND = (Nation.SCOTLAND,)
GREAT_BRITAIN = (Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND)
NOT_SCOTLAND = (Nation.ENGLAND, Nation.WALES, Nation.NORTHERN_IRELAND)

CORRECTIONS = (
    # In these two years GOV.UK named the Monday after the 2nd, where it later has the Tuesday so.
    Correction(date(2012, 1, 2), SCOTLAND, "2nd January", ACT),
    Correction(date(2012, 1, 3), SCOTLAND, "New Year's Day (substitute day)", ACT),
    Correction(date(2012, 6, 4), GREAT_BRITAIN, "Spring bank holiday (substitute day)", LIST),
    Correction(date(2017, 1, 2), SCOTLAND, "2nd January", ACT),
    Correction(date(2017, 1, 3), SCOTLAND, "New Year's Day (substitute day)", ACT),
    Correction(date(2020, 5, 8), NOT_SCOTLAND, "Early May bank holiday (VE day)", VE_DAY),
    Correction(date(2020, 5, 8), SCOTLAND, "Early May bank holiday (VE day)", LIST),
    # By Royal Proclamation of 3 February 2026. `holidays` has had it since then.
    Correction(
        date(2026, 6, 15),
        SCOTLAND,
        "World Cup bank holiday",
        "https://www.gov.scot/news/world-cup-bank-holiday-confirmed/",
    ),
)


def predicted(nation: Nation, years: Iterable[int]) -> dict[date, str]:
    """Return every weekday bank holiday of one nation, corrected to GOV.UK."""
    asked = frozenset(years)
    named = uncorrected(nation, asked)
    for correction in CORRECTIONS:
        if nation in correction.nations and correction.on.year in asked:
            named[correction.on] = correction.name
    return named


def uncorrected(nation: Nation, years: Iterable[int]) -> dict[date, str]:
    """Return the weekdays that `holidays` has for one nation, by the names that GOV.UK gives them."""
    found = holidays.country_holidays("GB", subdiv=nation, years=years, language="en_GB")
    return {on: _gov_uk_name(name) for on, name in found.items() if on.weekday() < SATURDAY}


def never_moved(nation: Nation, years: Iterable[int]) -> frozenset[date]:
    """Return the weekdays that are closed in any such year, whatever was proclaimed."""
    days = predicted(nation, years)
    return frozenset(on for on, name in days.items() if name.removesuffix(SUBSTITUTE) in NEVER_MOVED)


def differences(published: Mapping[Nation, Mapping[date, str]]) -> frozenset[tuple[Nation, date]]:
    """Return the days that only GOV.UK or only `holidays`, uncorrected, has in the years given."""
    found: set[tuple[Nation, date]] = set()
    for nation, days in published.items():
        theirs = uncorrected(nation, {on.year for on in days})
        found.update((nation, on) for on in days.keys() ^ theirs.keys())
    return frozenset(found)


def _gov_uk_name(name: str) -> str:
    """Put a name as GOV.UK does, and say when the day stands in for another."""
    own = name.removesuffix(" (observed)")
    return GOV_UK_NAMES.get(own, own) + (SUBSTITUTE if own != name else "")
