"""What is in force, when several would put something else there: on AWS's own engine, with real threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from threading import Barrier

import pytest

from chalicelib.calendars import shipped_calendar
from chalicelib.core.errors import CaseChanged
from chalicelib.core.working_days import Nation
from chalicelib.ports import Authority, Edition, Snapshot, Walk
from chalicelib.store import contacts
from chalicelib.store.access import DynamoAccess
from chalicelib.store.calendars import DynamoCalendars
from chalicelib.store.items import CalendarItem
from tests.builders import day, moment

TOWN = "tower-hamlets"
NOON = moment("Tue 15 Sep 2026 12:00")
RIVALS = 8
# A page of what DynamoDB reads at once.
MEGABYTE = 1_000_000


@pytest.fixture
def calendars(tables):
    return DynamoCalendars()


def edition(number):
    closures = {day("Mon 5 Oct 2026") + timedelta(weeks=number): "Offices closed"}
    calendar = shipped_calendar(Nation.ENGLAND, closures)
    return Edition(authority=TOWN, calendar=calendar, hash=calendar.hash, since=NOON)


def walk(of, **changes):
    return replace(Walk(authority=TOWN, edition=of.hash, since=NOON, changed=()), **changes)


def put_at_once(editions, before):
    """Put these in force in a process each, all let go at one moment; whether it was done."""
    gate = Barrier(len(editions))

    def one(each):
        calendars = DynamoCalendars()
        gate.wait()
        try:
            calendars.put_in_force(each, walk(each), before)
        except CaseChanged:
            return False
        return True

    with ThreadPoolExecutor(len(editions)) as pool:
        return list(pool.map(one, editions))


@pytest.mark.parametrize("first", [True, False])
def test_of_many_that_follow_one_edition_exactly_one_is_put_in_force(calendars, first):
    before = None if first else edition(0)
    if before:
        calendars.put_in_force(before, walk(before), None)
    rivals = [edition(number) for number in range(1, RIVALS + 1)]

    done = put_at_once(rivals, before.hash if before else None)

    assert done.count(True) == 1
    winner = rivals[done.index(True)]
    fresh = DynamoCalendars()
    assert fresh.in_force(TOWN) == winner
    assert fresh.walks([TOWN]) == [walk(winner)]
    assert [each for each in rivals if fresh.edition(TOWN, each.hash)] == [winner]


def test_a_walk_and_the_edition_that_overtakes_it_do_not_get_mixed_up(calendars):
    before = edition(0)
    calendars.put_in_force(before, walk(before), None)
    for number in range(1, 13):
        after, gate = edition(number), Barrier(2)

        def overtake(after=after, before=before, gate=gate):
            gate.wait()
            DynamoCalendars().put_in_force(after, walk(after), before.hash)

        def go_on(before=before, gate=gate):
            gate.wait()
            calendars.save_walk(walk(before, cursor="a place", done=True))

        with ThreadPoolExecutor(2) as pool:
            overtaken = pool.submit(overtake)
            pool.submit(go_on).result()
        # Whoever gets in each other's way stores nothing, and the next run tries again.
        if overtaken.exception() is None:
            assert calendars.walks([TOWN]) == [walk(after)]
            before = after
        else:
            assert isinstance(overtaken.exception(), CaseChanged)
            assert calendars.walks([TOWN])[0].edition == before.hash


def test_a_snapshot_of_every_nation_is_a_small_item(calendars):
    days = {nation: shipped_calendar(nation).closed for nation in Nation}
    kept = Snapshot(
        days=days,
        published_to=dict.fromkeys(Nation, day("Fri 31 Dec 2027")),
        hash=token_hex(32),
        learned_at=NOON,
    )
    calendars.keep(kept)

    assert DynamoCalendars().snapshot() == kept
    sizes = [len(item.packed or b"") for item in CalendarItem.query("BANK_HOLIDAYS")]
    assert len(sizes) == 2
    assert max(sizes) < 4_096


def test_the_roster_is_read_however_many_pages_it_has(tables):
    names = [f"council-{number:02d}" for number in range(24)]
    for name in names:
        contacts.save_authority(Authority(id=name, name="x" * (MEGABYTE // 20), protocols=("p-2026-01-01",)))

    assert DynamoAccess().authorities() == names
