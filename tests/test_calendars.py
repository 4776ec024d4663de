"""The shipped bank holidays: whose they are, that they are right, and that they are cheap."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from chalicelib import bank_holidays, clock
from chalicelib.calendars import calendar_from, shipped_calendar
from chalicelib.core.working_days import Nation, add_working_days
from chalicelib.ports import Snapshot
from chalicelib.reckoning import CORRECTIONS, differences, predicted, uncorrected
from infra.bank_holidays import FIRST_YEAR, LAST_PUBLISHED_YEAR, module
from tests import listing
from tests.builders import day, moment
from tests.listing import DIVISIONS, WORLD_CUP

MISSING_FROM_THE_PACKAGED_LIST = {Nation.SCOTLAND: {WORLD_CUP}}
YEARS = range(FIRST_YEAR, LAST_PUBLISHED_YEAR + 1)


def gov_uk(nation: Nation) -> dict[date, str]:
    """What the packaged copy of GOV.UK's list says, read without any code of ours."""
    straight = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'"})
    return {
        date.fromisoformat(event["date"]): event["title"].translate(straight)
        + (" (substitute day)" if event["notes"] == "Substitute day" else "")
        for event in json.loads(listing.packaged())[DIVISIONS[nation]]["events"]
    }


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


@pytest.mark.parametrize("nation", Nation)
def test_every_day_has_the_name_that_gov_uk_gives_it(nation):
    closed = shipped_calendar(nation).closed

    assert gov_uk(nation).items() - closed.items() == set()


def test_these_days_alone_only_one_of_holidays_and_gov_uk_has():
    """`holidays` has heard of the World Cup; the packaged list has not, and GOV.UK itself has."""
    assert differences({nation: gov_uk(nation) for nation in Nation}) == {(Nation.SCOTLAND, WORLD_CUP)}


def test_where_holidays_says_otherwise_than_gov_uk_a_correction_carries_the_source():
    otherwise = {
        (nation, on)
        for nation in Nation
        for on, _ in uncorrected(nation, YEARS).items() ^ gov_uk(nation).items()
    }

    assert otherwise == {(nation, each.on) for each in CORRECTIONS for nation in each.nations}
    assert otherwise == {
        (Nation.SCOTLAND, day("Mon 2 Jan 2012")),
        (Nation.SCOTLAND, day("Tue 3 Jan 2012")),
        (Nation.ENGLAND, day("Mon 4 Jun 2012")),
        (Nation.WALES, day("Mon 4 Jun 2012")),
        (Nation.SCOTLAND, day("Mon 4 Jun 2012")),
        (Nation.SCOTLAND, day("Mon 2 Jan 2017")),
        (Nation.SCOTLAND, day("Tue 3 Jan 2017")),
        *((nation, day("Fri 8 May 2020")) for nation in Nation),
        (Nation.SCOTLAND, WORLD_CUP),
    }


def test_every_correction_can_be_checked_where_nothing_is_taken_away():
    """GOV.UK's own page rolls; the release of its list is the one that the tests above compare with."""
    assert {each.source for each in CORRECTIONS} == {
        "https://www.legislation.gov.uk/ukpga/1971/80/schedule/1",
        "https://www.thegazette.co.uk/notice/3326938",
        "https://www.gov.scot/news/world-cup-bank-holiday-confirmed/",
        f"GOV.UK's list, as release {version('govuk-bank-holidays')} of govuk-bank-holidays carries it",
    }


def test_a_day_that_only_gov_uk_has_is_a_difference_as_well():
    days = {**gov_uk(Nation.WALES), day("Wed 3 Mar 2027"): "Day of thanks"}
    del days[day("Fri 25 Dec 2026")]

    assert differences({Nation.WALES: days}) == {
        (Nation.WALES, day("Wed 3 Mar 2027")),
        (Nation.WALES, day("Fri 25 Dec 2026")),
    }


def test_days_are_reckoned_for_the_years_asked_for_alone():
    assert {on.year for on in predicted(Nation.SCOTLAND, [2027])} == {2027}
    assert predicted(Nation.SCOTLAND, []) == {}


def test_the_horizon_is_the_last_day_of_the_last_year_gov_uk_lists():
    last = max(on.year for on in gov_uk(Nation.ENGLAND))

    assert shipped_calendar(Nation.ENGLAND).horizon == date(last, 12, 31)


# Where one of these two fails: pin newer lists, generate the table again and release it.


@pytest.mark.parametrize("nation", Nation)
def test_the_published_years_cover_next_year(nation):
    assert shipped_calendar(nation).horizon.year > clock.today().year


@pytest.mark.parametrize("nation", Nation)
def test_the_table_covers_the_next_two_years_published_or_reckoned(nation):
    years = {on.year for on in shipped_calendar(nation).closed}

    assert years >= {clock.today().year + ahead for ahead in range(3)}


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


# --- what GOV.UK was last seen to list, over the table --------------------------------------

THANKS = {day("Fri 16 Oct 2026"): "Day of thanks"}


def learned(published_to: int = 2028, last: int = 2030, first: int = 2012) -> Snapshot:
    """What the table says of these years, with a day of thanks and another Christmas in each."""
    days = {
        nation: {
            on: "Yule" if why == "Christmas Day" else why
            for on, why in {**shipped_calendar(nation).closed, **THANKS}.items()
            if first <= on.year <= last
        }
        for nation in Nation
    }
    return Snapshot(
        days=days,
        published_to={nation: date(published_to, 12, 31) for nation in Nation},
        hash="0" * 16,
        learned_at=moment("Thu 15 Oct 2026 09:12"),
    )


@pytest.mark.parametrize("nation", Nation)
def test_before_the_first_list_the_calendar_is_the_shipped_one(nation):
    closures = {day("Tue 29 Dec 2026"): "council closure day"}

    assert calendar_from(None, nation) == shipped_calendar(nation)
    assert calendar_from(None, nation, closures) == shipped_calendar(nation, closures)


@pytest.mark.parametrize("nation", Nation)
def test_a_list_wins_over_the_table_in_every_year_that_it_has(nation):
    calendar = calendar_from(learned(), nation)

    assert calendar.closed == learned().days[nation]
    assert calendar.horizon == day("Sun 31 Dec 2028")
    assert calendar.nation is nation


def test_a_day_that_the_list_has_no_more_is_not_brought_back_by_the_table():
    found = learned()
    fewer = {on: why for on, why in found.days[Nation.WALES].items() if on != day("Mon 4 May 2026")}

    closed = calendar_from(replace(found, days={Nation.WALES: fewer}), Nation.WALES).closed

    assert day("Mon 4 May 2026") not in closed


def test_closure_days_come_on_top_of_a_list():
    closures = {
        day("Tue 29 Dec 2026"): "council closure day",
        day("Fri 16 Oct 2026"): "council closure day",
        day("Sat 26 Dec 2026"): "council closure day",
    }
    closed = calendar_from(learned(), Nation.ENGLAND, closures).closed

    assert closed[day("Tue 29 Dec 2026")] == "council closure day"
    assert closed[day("Fri 16 Oct 2026")] == "Day of thanks"
    assert day("Sat 26 Dec 2026") not in closed


def test_years_that_a_newer_table_has_as_published_are_not_left_to_an_older_prediction():
    calendar = calendar_from(learned(published_to=2027), Nation.ENGLAND)

    assert calendar.horizon == day("Sun 31 Dec 2028")
    assert calendar.closed[day("Fri 25 Dec 2026")] == "Yule"
    assert calendar.closed[day("Mon 25 Dec 2028")] == "Christmas Day"
    assert calendar.closed[day("Tue 25 Dec 2029")] == "Yule"


def test_a_day_that_was_only_predicted_goes_with_the_table_that_has_it_no_more():
    found = learned(published_to=2027)
    days = {**found.days[Nation.WALES], day("Wed 1 Mar 2028"): "St David's Day"}

    closed = calendar_from(replace(found, days={Nation.WALES: days}), Nation.WALES).closed

    assert day("Wed 1 Mar 2028") not in closed


def test_a_list_that_goes_further_than_the_table_moves_the_horizon():
    assert calendar_from(learned(published_to=2029), Nation.ENGLAND).horizon == day("Mon 31 Dec 2029")


def test_years_that_a_list_lacks_come_from_the_table():
    calendar = calendar_from(learned(first=2020, last=2029), Nation.ENGLAND)
    shipped = shipped_calendar(Nation.ENGLAND).closed

    assert {on.year for on in calendar.closed} == {on.year for on in shipped}
    assert calendar.closed[day("Wed 25 Dec 2019")] == "Christmas Day"
    assert calendar.closed[day("Tue 25 Dec 2029")] == "Yule"
    assert calendar.closed[day("Wed 25 Dec 2030")] == "Christmas Day"


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
