"""GOV.UK's list of bank holidays as it stands, and as a test would have it."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from chalicelib.core.working_days import Nation
from tests.builders import day

ENGLAND_AND_WALES = "england-and-wales"
SCOTLAND = "scotland"
NORTHERN_IRELAND = "northern-ireland"
EVERYWHERE = (ENGLAND_AND_WALES, SCOTLAND, NORTHERN_IRELAND)

DIVISIONS = {
    Nation.ENGLAND: ENGLAND_AND_WALES,
    Nation.WALES: ENGLAND_AND_WALES,
    Nation.SCOTLAND: SCOTLAND,
    Nation.NORTHERN_IRELAND: NORTHERN_IRELAND,
}

# Proclaimed on 3 February 2026, after the packaged copy of GOV.UK's list was cut; GOV.UK itself
# has it. https://www.gov.scot/news/world-cup-bank-holiday-confirmed/
WORLD_CUP = day("Mon 15 Jun 2026")

List = dict[str, Any]
Edit = Callable[[List], None]


def packaged(*edits: Edit) -> bytes:
    """The copy of GOV.UK's own file that `govuk_bank_holidays` carries, with these edits."""
    divisions = json.loads(_text())
    for edit in edits:
        edit(divisions)
    return json.dumps(divisions, ensure_ascii=False).encode()


def today(*edits: Edit) -> bytes:
    """The list with the day that Scotland has had since, and these edits."""
    return packaged(proclaimed("Mon 15 Jun 2026", "World Cup bank holiday", SCOTLAND), *edits)


def proclaimed(on: str, title: str = "Day of thanks", *divisions: str, notes: str = "") -> Edit:
    """One more day, everywhere unless divisions are named."""
    event = {"title": title, "date": day(on).isoformat(), "notes": notes, "bunting": True}

    def edit(found: List) -> None:
        for division in divisions or EVERYWHERE:
            found[division]["events"].append(event)

    return edit


def without(gone: Callable[[date], bool], *divisions: str) -> Edit:
    """Every day but those, everywhere unless divisions are named."""

    def edit(found: List) -> None:
        for division in divisions or EVERYWHERE:
            events = found[division]["events"]
            found[division]["events"] = [
                each for each in events if not gone(date.fromisoformat(each["date"]))
            ]

    return edit


def without_year(year: int, *divisions: str) -> Edit:
    return without(lambda on: on.year == year, *divisions)


def without_day(on: str, *divisions: str) -> Edit:
    return without(lambda each: each == day(on), *divisions)


def four_hundred(found: List) -> None:
    """Four hundred days on end from New Year 2026 in Scotland."""
    days = [date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(400)]
    found[SCOTLAND]["events"] = [{"title": "Holiday", "date": each.isoformat()} for each in days] + [
        each for each in found[SCOTLAND]["events"] if date.fromisoformat(each["date"]) not in days
    ]


@cache
def _text() -> str:
    return files("govuk_bank_holidays").joinpath("bank-holidays.json").read_text("utf-8")
