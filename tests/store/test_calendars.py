"""Snapshots, editions and walks: read back as they were stored, and remembered as long as they hold."""

from dataclasses import replace

import pytest

from chalicelib.calendars import shipped_calendar
from chalicelib.core.errors import CaseChanged
from chalicelib.core.working_days import Nation
from chalicelib.ports import Edition, Feed, Snapshot, Walk
from chalicelib.store.calendars import DynamoCalendars
from chalicelib.store.items import CalendarItem
from chalicelib.store.memory import LongMemory
from tests.builders import day, moment

TOWN = "tower-hamlets"
NOON = moment("Tue 15 Sep 2026 12:00")
FEED = Feed(etag='W/"abc"', last_modified="Mon, 14 Sep 2026 09:00:00 GMT", checked_at=NOON)
PROCLAIMED = day("Thu 15 Oct 2026")


def snapshot(name="a" * 64, **changes):
    days = {each: shipped_calendar(each).closed for each in Nation}
    made = Snapshot(
        days=days,
        published_to=dict.fromkeys(Nation, day("Fri 31 Dec 2027")),
        hash=name,
        learned_at=NOON,
    )
    return replace(made, **changes)


def edition(*closed, authority=TOWN, **changes):
    calendar = shipped_calendar(Nation.ENGLAND, dict.fromkeys(closed, "Day of mourning"))
    made = Edition(authority=authority, calendar=calendar, hash=calendar.hash, since=NOON)
    return replace(made, **changes)


def walk(of, *changed, **changes):
    made = Walk(authority=of.authority, edition=of.hash, since=of.since, changed=changed)
    return replace(made, **changes)


ORDINARY = edition()
MOURNING = edition(PROCLAIMED)


@pytest.fixture
def seconds():
    return [1000.0]


@pytest.fixture
def calendars(tables, seconds):
    return DynamoCalendars(monotonic=lambda: seconds[0])


@pytest.fixture
def others(tables):
    """The same tables, seen from another process."""
    return DynamoCalendars()


def test_at_first_nothing_is_known(calendars):
    assert calendars.snapshot() is None
    assert calendars.feed() == Feed()
    assert calendars.in_force(TOWN) is None
    assert calendars.edition(TOWN, ORDINARY.hash) is None
    assert calendars.walks([TOWN]) == []


def test_a_snapshot_is_read_back_as_it_was_kept(calendars, others):
    calendars.keep(snapshot())

    assert calendars.snapshot() == snapshot()
    assert others.snapshot() == snapshot()


def test_every_snapshot_that_was_in_force_stays(calendars):
    calendars.keep(snapshot())
    calendars.keep(snapshot("b" * 64, learned_at=moment("Wed 16 Sep 2026 12:00")))

    kept = [item.sk for item in CalendarItem.query("BANK_HOLIDAYS", CalendarItem.sk.startswith("SNAPSHOT#"))]

    assert kept == [
        f"SNAPSHOT#2026-09-15T11:00:00.000000Z#{'a' * 64}",
        f"SNAPSHOT#2026-09-16T11:00:00.000000Z#{'b' * 64}",
    ]


def test_a_snapshot_is_remembered_for_a_minute_and_a_new_one_counts_at_once_where_it_was_kept(
    calendars, others, seconds
):
    calendars.keep(snapshot())
    others.keep(snapshot("b" * 64))

    seconds[0] += 59
    assert calendars.snapshot().hash == "a" * 64
    seconds[0] += 1
    assert calendars.snapshot().hash == "b" * 64

    calendars.keep(snapshot("c" * 64))
    assert calendars.snapshot().hash == "c" * 64


def test_a_snapshot_as_it_is_this_moment_is_read_and_remembered_from_then_on(calendars, others):
    assert calendars.snapshot_now() is None
    calendars.keep(snapshot())
    others.keep(snapshot("b" * 64))

    assert calendars.snapshot().hash == "a" * 64
    assert calendars.snapshot_now().hash == "b" * 64
    assert calendars.snapshot().hash == "b" * 64


def test_how_asking_goes_is_read_back_and_never_remembered(calendars, others):
    calendars.save_feed(FEED)
    assert others.feed() == FEED

    failing = replace(FEED, failing_since=NOON, reason="timed_out")
    calendars.save_feed(failing)
    assert others.feed() == failing


def test_an_edition_is_read_back_with_the_calendar_whose_hash_it_bears(calendars, others):
    calendars.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), None)

    for asked in (calendars, others):
        assert asked.in_force(TOWN) == MOURNING
        assert asked.in_force(TOWN).calendar.hash == MOURNING.hash
        assert asked.edition(TOWN, MOURNING.hash) == MOURNING
        assert asked.walks([TOWN]) == [walk(MOURNING, PROCLAIMED)]


def test_an_edition_in_force_is_remembered_for_a_minute(calendars, others, seconds):
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)
    others.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), ORDINARY.hash)

    seconds[0] += 59
    assert calendars.in_force(TOWN) == ORDINARY
    seconds[0] += 1
    assert calendars.in_force(TOWN) == MOURNING


def test_what_is_in_force_this_moment_is_read_and_remembered_from_then_on(calendars, others):
    assert calendars.in_force_now(TOWN) is None
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)
    others.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), ORDINARY.hash)

    assert calendars.in_force(TOWN) == ORDINARY
    assert calendars.in_force_now(TOWN) == MOURNING
    assert calendars.in_force(TOWN) == MOURNING


def test_that_there_is_no_edition_yet_is_not_remembered(calendars, others):
    assert calendars.in_force(TOWN) is None
    others.put_in_force(ORDINARY, walk(ORDINARY), None)

    assert calendars.in_force(TOWN) == ORDINARY


def test_a_past_edition_stays_and_one_authoritys_are_not_anothers(calendars, others):
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)
    calendars.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), ORDINARY.hash)

    assert others.edition(TOWN, ORDINARY.hash) == ORDINARY
    assert others.edition("hackney", ORDINARY.hash) is None
    assert others.in_force("hackney") is None


def test_an_edition_is_read_once_however_long_it_is_asked_for(calendars, seconds):
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)
    calendars.edition(TOWN, ORDINARY.hash)

    CalendarItem(f"AUTHORITY#{TOWN}", f"EDITION#{ORDINARY.hash}").delete()
    seconds[0] += 1e6

    assert calendars.edition(TOWN, ORDINARY.hash) == ORDINARY


def test_one_calendar_can_be_in_force_a_second_time(calendars, others):
    later = moment("Wed 16 Sep 2026 12:00")
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)
    calendars.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), ORDINARY.hash)
    again = replace(ORDINARY, since=later)
    calendars.put_in_force(again, walk(again, PROCLAIMED), MOURNING.hash)

    assert others.in_force(TOWN) == again
    assert others.walks([TOWN]) == [walk(again, PROCLAIMED)]


@pytest.mark.parametrize("before", [None, "0" * 16])
def test_an_edition_that_follows_another_than_is_in_force_is_refused_whole(calendars, before):
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)

    with pytest.raises(CaseChanged, match="another calendar"):
        calendars.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), before)

    assert calendars.in_force(TOWN) == ORDINARY
    assert calendars.walks([TOWN]) == [walk(ORDINARY)]
    assert calendars.edition(TOWN, MOURNING.hash) is None


def test_the_first_edition_follows_none(calendars):
    with pytest.raises(CaseChanged):
        calendars.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), ORDINARY.hash)

    assert calendars.in_force(TOWN) is None


def test_whoever_was_too_late_finds_what_is_in_force(calendars, others):
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)
    others.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), ORDINARY.hash)

    with pytest.raises(CaseChanged):
        calendars.put_in_force(edition(day("Fri 16 Oct 2026")), walk(ORDINARY), ORDINARY.hash)

    assert calendars.in_force(TOWN) == MOURNING


def test_whoever_goes_on_with_a_walk_finds_the_edition_of_which_it_tells(calendars, others):
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)
    others.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), ORDINARY.hash)

    (found,) = calendars.walks([TOWN])

    assert calendars.in_force(TOWN).hash == found.edition


def test_a_walk_goes_on_from_where_it_came_to(calendars, others):
    calendars.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), None)
    further = walk(MOURNING, PROCLAIMED, cursor="a place", left=("c-1", "c-2"))
    calendars.save_walk(further)
    assert others.walks([TOWN]) == [further]

    calendars.save_walk(replace(further, cursor=None, left=(), done=True))
    assert others.walks([TOWN])[0].done


def test_a_walk_that_a_later_edition_overtook_is_not_stored(calendars, others):
    calendars.put_in_force(ORDINARY, walk(ORDINARY), None)
    others.put_in_force(MOURNING, walk(MOURNING, PROCLAIMED), ORDINARY.hash)

    calendars.save_walk(walk(ORDINARY, cursor="a place", done=True))

    assert others.walks([TOWN]) == [walk(MOURNING, PROCLAIMED)]


def test_a_walk_that_nobody_began_is_not_stored(calendars):
    calendars.save_walk(walk(MOURNING, PROCLAIMED))

    assert calendars.walks([TOWN]) == []


def test_walks_come_in_the_order_in_which_they_were_asked_for(calendars):
    many = [f"council-{number:03d}" for number in range(120)]
    for name in many:
        made = edition(authority=name)
        calendars.put_in_force(made, walk(made), None)

    asked = ["nobody", *reversed(many)]

    assert [each.authority for each in calendars.walks(asked)] == asked[1:]


def test_what_never_changes_is_remembered_up_to_a_number():
    asked, memory = [], LongMemory(most=2)

    def find(key):
        return memory.get(key, lambda: asked.append(key) or key)

    assert [find(key) for key in "abacab"] == list("abacab")
    assert asked == list("abcb")
