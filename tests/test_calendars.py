"""The shipped bank holidays: whose they are, that they are right, and that they are cheap."""

import json
import subprocess
import sys
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from chalicelib import bank_holidays, clock
from chalicelib.calendars import shipped_calendar
from chalicelib.core.working_days import Nation, add_working_days
from infra.bank_holidays import FIRST_YEAR, LAST_PUBLISHED_YEAR, module
from tests.builders import day

DIVISIONS = {
    Nation.ENGLAND: "england-and-wales",
    Nation.WALES: "england-and-wales",
    Nation.SCOTLAND: "scotland",
    Nation.NORTHERN_IRELAND: "northern-ireland",
}

# Proclaimed on 3 February 2026, after the packaged copy of GOV.UK's list was cut; GOV.UK itself
# has it. https://www.gov.scot/news/world-cup-bank-holiday-confirmed/
MISSING_FROM_THE_PACKAGED_LIST = {Nation.SCOTLAND: {day("Mon 15 Jun 2026")}}


def gov_uk(nation: Nation) -> dict[date, str]:
    packaged = files("govuk_bank_holidays").joinpath("bank-holidays.json").read_text("utf-8")
    events = json.loads(packaged)[DIVISIONS[nation]]["events"]
    straight = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'"})
    return {date.fromisoformat(event["date"]): event["title"].translate(straight) for event in events}


def test_the_table_is_what_the_generator_writes():
    assert Path(bank_holidays.__file__).read_text("utf-8") == module()


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_PUBLISHED_YEAR + 1))
@pytest.mark.parametrize("nation", Nation)
def test_every_nation_and_year_agrees_with_gov_uk(nation, year):
    ours = {on for on in shipped_calendar(nation).closed if on.year == year}
    theirs = {on for on in gov_uk(nation) if on.year == year}
    missing = {on for on in MISSING_FROM_THE_PACKAGED_LIST.get(nation, ()) if on.year == year}

    assert theirs
    assert ours - theirs == missing
    assert theirs - ours == set()


def test_england_has_the_names_gov_uk_gives():
    closed = shipped_calendar(Nation.ENGLAND).closed

    for on, title in gov_uk(Nation.ENGLAND).items():
        assert closed[on].removesuffix(" (substitute day)") == title


def test_the_horizon_is_the_last_day_of_the_last_year_gov_uk_lists():
    last = max(on.year for on in gov_uk(Nation.ENGLAND))

    assert shipped_calendar(Nation.ENGLAND).horizon == date(last, 12, 31)


def test_the_published_years_cover_next_year():
    # A failure here means: pin newer lists, generate the table again and release it.
    assert shipped_calendar(Nation.ENGLAND).horizon.year > clock.today().year


@pytest.mark.parametrize("nation", Nation)
def test_no_weekend_is_listed(nation):
    assert not [on for on in shipped_calendar(nation).closed if on.weekday() >= 5]


def test_one_off_days_are_there():
    closed = shipped_calendar(Nation.ENGLAND).closed

    assert day("Mon 19 Sep 2022") in closed
    assert day("Mon 8 May 2023") in closed


def test_only_scotland_closes_for_the_world_cup():
    on = day("Mon 15 Jun 2026")

    assert [nation for nation in Nation if on in shipped_calendar(nation).closed] == ["SCT"]
    assert shipped_calendar(Nation.SCOTLAND).closed[on] == "World Cup bank holiday"


def test_the_same_five_days_end_sooner_in_scotland():
    def due(nation):
        return add_working_days(day("Thu 2 Apr 2026"), 5, shipped_calendar(nation).closed)

    assert due(Nation.ENGLAND) == day("Mon 13 Apr 2026")
    assert due(Nation.SCOTLAND) == day("Fri 10 Apr 2026")


def test_a_council_closes_on_its_own_days_as_well():
    closures = {day("Tue 29 Dec 2026"): "council closure day"}
    closed = shipped_calendar(Nation.ENGLAND, closures).closed

    assert closed[day("Tue 29 Dec 2026")] == "council closure day"
    assert day("Tue 29 Dec 2026") not in shipped_calendar(Nation.ENGLAND).closed
    assert add_working_days(day("Thu 24 Dec 2026"), 1, closed) == day("Wed 30 Dec 2026")


def test_a_closure_adds_nothing_to_a_weekend_or_a_bank_holiday():
    closures = dict.fromkeys((day("Fri 25 Dec 2026"), day("Sat 26 Dec 2026")), "council closure day")

    assert shipped_calendar(Nation.ENGLAND, closures) == shipped_calendar(Nation.ENGLAND)


def test_loading_the_calendar_imports_nothing_third_party():
    loading = (
        "import sys; from chalicelib.calendars import Nation, shipped_calendar;"
        "shipped_calendar(Nation.ENGLAND);"
        "print(*{name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    # Without site packages: whatever an installed .pth file imports is not ours.
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", loading],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )

    assert set(loaded.stdout.split()) == {"__main__", "chalicelib"}
