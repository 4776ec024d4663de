"""GOV.UK's list: what can be read, and what is believed."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.calendars import shipped_calendar
from chalicelib.core.working_days import SATURDAY, Calendar, Nation
from chalicelib.published import FIRST_YEAR, MOST_YEARS_AHEAD, FeedRefused, Listed, judged, read
from chalicelib.reckoning import predicted
from tests import listing
from tests.builders import day
from tests.listing import SCOTLAND, proclaimed, without, without_day, without_year

YEAR = 2026


def refusal(body: bytes) -> str:
    with pytest.raises(FeedRefused) as refused:
        read(body)
    return refused.value.reason


def with_event(**fields: object) -> bytes:
    """The list with one event of Scotland's changed in these fields; None takes a field away."""

    def edit(found: listing.List) -> None:
        event = {**found[SCOTLAND]["events"][0], **fields}
        found[SCOTLAND]["events"][0] = {name: value for name, value in event.items() if value is not None}

    return listing.today(edit)


# --- reading --------------------------------------------------------------------------------


def test_the_list_is_read_for_every_nation():
    days = read(listing.today())

    assert set(days) == set(Nation)
    assert days[Nation.ENGLAND] == days[Nation.WALES]
    assert days[Nation.SCOTLAND][day("Mon 15 Jun 2026")] == "World Cup bank holiday"
    assert days[Nation.NORTHERN_IRELAND][day("Mon 13 Jul 2026")] == (
        "Battle of the Boyne (Orangemen's Day) (substitute day)"
    )


def test_what_gov_uk_adds_besides_is_left_alone():
    def edit(found: listing.List) -> None:
        found["isle-of-man"] = "to come"
        found[SCOTLAND]["colour"] = 3
        found[SCOTLAND]["events"][0]["bunting"] = "plenty"

    assert read(listing.today(edit)) == read(listing.today())


def test_a_day_without_notes_stands_in_for_no_other():
    assert read(with_event(notes=None))[Nation.SCOTLAND][day("Mon 2 Jan 2012")] == "2nd January"


@pytest.mark.parametrize("notes", ["Substitute day", " substitute day "])
def test_a_day_that_stands_in_for_another_says_so(notes):
    days = read(with_event(notes=notes))[Nation.SCOTLAND]

    assert days[day("Mon 2 Jan 2012")] == "2nd January (substitute day)"


def test_what_falls_on_a_weekend_is_left_out_since_nothing_was_counted_then():
    days = read(listing.today(proclaimed("Sat 19 Dec 2026"), proclaimed("Sun 20 Dec 2026")))

    assert days == read(listing.today())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xef\xbb\xbf" + listing.today(),
        b"\xff\xfe" + listing.today(),
        b"<!doctype html><title>GOV.UK</title>",
        listing.today()[:-1],
        b"[]",
        b"null",
        b"[" * 100_000,
        json.dumps({"england-and-wales": {"events": []}}).encode(),
        listing.today().replace(b'"northern-ireland"', b'"northern-island"'),
        listing.today().replace(b'"events"', b'"days"'),
        listing.today(lambda found: found[SCOTLAND].update(events={})),
        listing.today(lambda found: found[SCOTLAND].update(events=["Good Friday"])),
        # A day twice over: one of the two is meant otherwise.
        listing.today(proclaimed("Fri 25 Dec 2026", "Christmas Day", SCOTLAND)),
        listing.today(proclaimed("Sat 26 Dec 2026"), proclaimed("Sat 26 Dec 2026", "Boxing Day")),
    ],
)
def test_what_is_no_such_list_is_malformed(body):
    assert refusal(body) == "malformed"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": None},
        {"title": ""},
        {"title": "   "},
        {"title": 3},
        {"title": "x" * 121},
        {"title": "Good\nFriday"},
        {"title": "Good\N{RIGHT-TO-LEFT OVERRIDE}Friday"},
        {"date": None},
        {"date": ""},
        {"date": "2012-1-9"},
        {"date": "20120109"},
        {"date": "2012-W02-1"},
        {"date": "2026-02-30"},
        {"date": "2012-01-09T00:00:00"},
        {"date": "1326067200"},
        {"date": 1326067200},
        {"date": "09/01/2012"},
        {"notes": 1},
        {"notes": "x" * 121},
    ],
)
def test_an_event_that_is_not_in_order_makes_the_list_malformed(fields):
    assert refusal(with_event(**fields)) == "malformed"


def test_a_title_may_be_as_long_as_it_may():
    assert len(read(with_event(title="x" * 120))[Nation.SCOTLAND][day("Mon 2 Jan 2012")]) == 120


# --- judging --------------------------------------------------------------------------------


def judge(*edits: listing.Edit, nation: Nation = Nation.ENGLAND, year: int = YEAR) -> Listed:
    """Judge an edited list in a year, where the shipped table is what is counted by."""
    return judged(nation, read(listing.today(*edits))[nation], shipped_calendar(nation), year)


def doubt(*edits: listing.Edit, nation: Nation = Nation.ENGLAND, year: int = YEAR) -> str:
    with pytest.raises(FeedRefused) as refused:
        judge(*edits, nation=nation, year=year)
    return refused.value.reason


def weekdays(count: int, after: str) -> list[str]:
    """So many weekdays after a day, none of which is closed anywhere."""
    closed = {on for nation in Nation for on in shipped_calendar(nation).closed}
    days = (day(after) + timedelta(days=ahead) for ahead in range(1, 400))
    free = [on for on in days if on.weekday() < SATURDAY and on not in closed]
    return [f"{on:%a} {on.day} {on:%b} {on.year}" for on in free[:count]]


def proclaimed_all(days: list[str]) -> listing.Edit:
    def edit(found: listing.List) -> None:
        for each in days:
            proclaimed(each)(found)

    return edit


@pytest.mark.parametrize("nation", Nation)
def test_the_list_of_today_is_believed(nation):
    listed = judge(nation=nation)

    assert listed.published_to == day("Sun 31 Dec 2028")
    assert listed.begun == {}
    assert min(listed.days).year == 2012


@pytest.mark.parametrize("nation", Nation)
@pytest.mark.parametrize("year", [2025, 2026, 2027, 2028])
def test_a_year_that_is_gone_and_should_be_there_is_missed(nation, year):
    assert doubt(without_year(year), nation=nation) == "missing_year"


def test_a_year_that_one_division_alone_has_lost_is_missed_there():
    gone = without_year(2028, SCOTLAND)

    assert doubt(gone, nation=Nation.SCOTLAND) == "missing_year"
    assert judge(gone, nation=Nation.ENGLAND)


def test_a_list_of_nothing_is_missing_every_year_whenever_it_is_read():
    assert doubt(without(lambda _: True)) == "missing_year"
    assert doubt(without(lambda _: True), year=2040) == "missing_year"


@pytest.mark.parametrize("gone", [date(2025, 1, 1), date(2024, 5, 1)])
def test_years_before_the_last_may_go_in_part_or_whole_since_the_list_rolls(gone):
    listed = judge(without(lambda on: on < gone))

    assert {on.year for on in listed.days} == {2025, 2026, 2027, 2028}


def test_of_years_before_the_last_only_the_oldest_may_go_in_part():
    """One that is in part there is none of GOV.UK's; what we know of it stays."""
    holed = without(lambda on: on.year < 2015 or on == day("Fri 25 Dec 2015"))

    assert {on.year for on in judge(holed).days} == set(range(2016, 2029))
    assert doubt(without_day("Fri 25 Dec 2015")) == "absurd"


def test_years_that_pass_may_go_in_their_turn():
    assert doubt(without_year(2026), year=2027) == "missing_year"
    assert judge(without_year(2026), year=2028)


# The law gives England eight weekdays a year.


@pytest.mark.parametrize("nation", Nation)
@pytest.mark.parametrize("gone", ["Mon 3 May 2027", "Mon 5 May 2025"])
def test_a_year_has_as_many_days_as_the_law_gives_and_one_may_only_move(nation, gone):
    (other,) = weekdays(1, gone)

    assert doubt(without_day(gone), nation=nation) == "absurd"
    assert day(other) in judge(without_day(gone), proclaimed(other), nation=nation).days


NEVER_MOVED = [
    (Nation.ENGLAND, "Fri 1 Jan 2027"),
    (Nation.WALES, "Fri 1 Jan 2027"),
    (Nation.SCOTLAND, "Fri 1 Jan 2027"),
    (Nation.NORTHERN_IRELAND, "Fri 1 Jan 2027"),
    (Nation.SCOTLAND, "Mon 4 Jan 2027"),
    (Nation.NORTHERN_IRELAND, "Wed 17 Mar 2027"),
    (Nation.ENGLAND, "Fri 26 Mar 2027"),
    (Nation.SCOTLAND, "Fri 26 Mar 2027"),
    (Nation.WALES, "Mon 29 Mar 2027"),
    (Nation.NORTHERN_IRELAND, "Mon 29 Mar 2027"),
    (Nation.NORTHERN_IRELAND, "Mon 12 Jul 2027"),
    (Nation.ENGLAND, "Mon 27 Dec 2027"),
    (Nation.WALES, "Tue 28 Dec 2027"),
    (Nation.SCOTLAND, "Mon 27 Dec 2027"),
    (Nation.NORTHERN_IRELAND, "Tue 28 Dec 2027"),
    (Nation.ENGLAND, "Thu 25 Dec 2025"),
    (Nation.ENGLAND, "Wed 25 Dec 2013"),
]


@pytest.mark.parametrize(("nation", "on"), NEVER_MOVED)
def test_what_was_never_moved_is_on_its_day_however_many_others_there_are(nation, on):
    assert judge(proclaimed_all(weekdays(1, on)), nation=nation)
    assert doubt(without_day(on), proclaimed_all(weekdays(1, on)), nation=nation) == "absurd"


def test_what_stood_in_may_may_move_as_it_did_before():
    moved = (without_day("Mon 31 May 2027"), proclaimed("Fri 4 Jun 2027"), without_day("Mon 3 May 2027"))

    assert day("Fri 7 May 2027") in judge(*moved, proclaimed("Fri 7 May 2027")).days


def a_week_early(found: listing.List) -> None:
    """Somebody has mistyped Christmas of 2026."""
    for division in listing.EVERYWHERE:
        for event in found[division]["events"]:
            if event["date"] == "2026-12-25":
                event["date"] = "2026-12-18"


def without_the_last(found: listing.List) -> None:
    """The end of each division was lost."""
    for division in listing.EVERYWHERE:
        found[division]["events"].remove(max(found[division]["events"], key=lambda each: each["date"]))


@pytest.mark.parametrize("nation", Nation)
@pytest.mark.parametrize(
    "edit",
    [
        without(lambda on: (on.month, on.day) == (12, 25) and on.year in (2025, 2026, 2028)),
        a_week_early,
        without_the_last,
    ],
    ids=["without Christmas in three years", "Christmas a week early", "without the last event"],
)
def test_a_list_with_what_people_mistype_is_absurd(edit, nation):
    assert doubt(edit, nation=nation) == "absurd"


def test_a_year_may_have_four_days_more_than_the_law_gives_and_no_more():
    assert judge(proclaimed_all(weekdays(4, "Mon 1 Jun 2026")))
    assert doubt(proclaimed_all(weekdays(5, "Mon 1 Jun 2026"))) == "absurd"


@pytest.mark.parametrize("nation", Nation)
def test_four_hundred_holidays_are_absurd(nation):
    assert doubt(proclaimed_all(weekdays(250, "Thu 1 Jan 2026")), nation=nation) == "absurd"


def test_six_days_may_change_at_once_in_years_already_published_and_no_more():
    three = proclaimed_all(weekdays(3, "Mon 1 Jun 2026"))
    three_more = proclaimed_all(weekdays(3, "Thu 1 Jun 2028"))

    assert judge(three, three_more)
    assert doubt(three, three_more, proclaimed("Thu 3 Jun 2027")) == "absurd"


def test_a_day_that_only_goes_by_another_name_is_no_change():
    def renamed(found: listing.List) -> None:
        for event in found["england-and-wales"]["events"]:
            event["title"] = "Holiday"

    assert set(judge(renamed).days) == set(judge().days)


def test_a_release_with_a_new_table_lets_in_what_was_too_much():
    shipped = shipped_calendar(Nation.ENGLAND)
    before = {on: why for on, why in shipped.closed.items() if on.year < 2027}
    odd = {
        day(each): "Odd"
        for year in (2027, 2028)
        for each in weekdays(8, f"{date(year, 5, 31):%a} 31 May {year}")
    }
    known = replace(shipped, closed={**before, **odd})

    assert judged(Nation.ENGLAND, read(listing.today())[Nation.ENGLAND], known, YEAR)
    elsewhere = proclaimed_all([*weekdays(4, "Mon 1 Jun 2026"), *weekdays(3, "Thu 1 Jul 2027")])
    with pytest.raises(FeedRefused, match="absurd"):
        judged(Nation.ENGLAND, read(listing.today(elsewhere))[Nation.ENGLAND], known, YEAR)


def whole_year(year: int) -> listing.Edit:
    """That year as `holidays` has it."""

    def edit(found: listing.List) -> None:
        for nation, division in listing.DIVISIONS.items():
            if nation is not Nation.WALES:
                for on, name in predicted(nation, {year}).items():
                    found[division]["events"].append({"title": name, "date": on.isoformat()})

    return edit


@pytest.mark.parametrize("nation", Nation)
def test_a_year_that_is_published_moves_the_horizon(nation):
    assert judge(whole_year(2029), nation=nation).published_to == day("Mon 31 Dec 2029")


def test_a_year_is_not_published_without_christmas():
    assert doubt(whole_year(2029), without_day("Tue 25 Dec 2029"), proclaimed("Tue 18 Dec 2029")) == "absurd"


def test_a_year_that_is_only_begun_is_not_yet_published_and_its_days_are_kept():
    listed = judge(proclaimed("Tue 8 May 2029", "Jubilee"))

    assert listed.published_to == day("Sun 31 Dec 2028")
    assert listed.begun == {day("Tue 8 May 2029"): "Jubilee"}


def test_a_year_that_was_published_cannot_be_one_that_is_only_begun():
    assert doubt(without(lambda on: on > date(2028, 4, 30))) == "absurd"


def test_a_year_left_out_between_two_is_absurd():
    assert judge(whole_year(2029), whole_year(2030)).published_to.year == 2030
    assert doubt(whole_year(2030)) == "absurd"
    assert doubt(proclaimed("Wed 8 May 2030")) == "absurd"


@pytest.mark.parametrize(
    ("on", "believed"),
    [("Fri 31 Dec 1999", False), ("Mon 3 Jan 2000", True), ("Wed 4 Jan 2040", False)],
)
def test_a_day_far_out_of_time_is_absurd(on, believed):
    if believed:
        assert judge(proclaimed(on)).published_to.year == 2028
    else:
        assert doubt(proclaimed(on)) == "absurd"


def test_years_are_believed_up_to_ten_ahead():
    ahead = [whole_year(each) for each in range(2029, YEAR + MOST_YEARS_AHEAD + 1)]

    assert judge(*ahead).published_to.year == YEAR + MOST_YEARS_AHEAD
    assert doubt(*ahead, whole_year(YEAR + MOST_YEARS_AHEAD + 1)) == "absurd"
    assert FIRST_YEAR == 2000


def test_what_was_learned_before_counts_as_known_and_not_the_table_alone():
    shipped = shipped_calendar(Nation.ENGLAND)
    known: Calendar = replace(shipped, horizon=date(2029, 12, 31))

    with pytest.raises(FeedRefused, match="missing_year"):
        judged(Nation.ENGLAND, read(listing.today())[Nation.ENGLAND], known, YEAR)
