"""The sparse index of what is due, and lists page by page, on AWS's own engine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import CaseItem
from tests import cases as made

SOON = made.MORNING + timedelta(hours=1)


@pytest.fixture
def cases(tables):
    return DynamoCases(due_shards=2)


def in_the_index():
    return sorted((item.pk, item.sk) for shard in ("due#0", "due#1") for item in CaseItem.due.query(shard))


def test_the_index_holds_what_has_something_to_do_and_nothing_else(cases):
    before = made.standing(made.duty(), made.duty(id="d-2", next_action_at=None), made.flag())
    cases.commit(made.commit(made.case(standing=before)))
    assert in_the_index() == [("CASE#PC-2041", "OB#d-1")]

    flagged = made.standing(made.duty(next_action_at=None), made.flag(next_action_at=SOON))
    cases.commit(made.commit(made.case(version=2, standing=flagged), before))
    assert in_the_index() == [("CASE#PC-2041", "OB#g-1")]

    dealt_with = made.standing(made.duty(next_action_at=None), made.flag())
    cases.commit(made.commit(made.case(version=3, standing=dealt_with), flagged))
    assert in_the_index() == []


def test_acting_on_a_duty_moves_it_on_in_the_same_write(cases):
    before = made.standing(made.duty(next_action_at=SOON))
    cases.commit(made.commit(made.case(standing=before)))
    assert cases.due(SOON, 10) == ["PC-2041"]

    after = made.standing(made.duty(next_action_at=SOON + timedelta(days=1)))
    cases.commit(made.commit(made.case(version=2, standing=after), before))

    assert cases.due(SOON, 10) == []
    assert cases.due(SOON + timedelta(days=1), 10) == ["PC-2041"]


def test_many_due_cases_come_oldest_first_up_to_the_limit(cases):
    for number in range(30):
        duties = [
            made.duty(id=f"d-{number}-{each}", next_action_at=SOON + timedelta(minutes=number))
            for each in range(3)
        ]
        cases.commit(made.commit(made.case(id=f"PC-{number:02d}", standing=made.standing(*duties))))

    assert cases.due(SOON + timedelta(hours=1), 7) == [f"PC-{number:02d}" for number in range(7)]
    assert len(cases.due(SOON + timedelta(minutes=19), 100)) == 20


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_pages_join_up_to_the_whole_list(cases, limit):
    for number in range(6):
        at = made.MORNING + timedelta(minutes=number // 2)
        after = made.case(id=f"PC-{number}")
        cases.commit(made.commit(entries=[replace(made.entry(after), learned_at=at)]))

    seen, cursor = [], None
    while True:
        page = cases.cases(made.AUTHORITY, cursor, limit)
        assert len(page.items) <= limit
        seen += [row.case_id for row in page.items]
        cursor = page.cursor
        if cursor is None:
            break

    assert sorted(seen) == [f"PC-{number}" for number in range(6)]
    assert [int(case_id[-1]) // 2 for case_id in seen] == [2, 2, 1, 1, 0, 0]


def change(cases, number, minutes, version=1):
    """Change a case, so many minutes into the morning."""
    after = made.case(id=f"PC-{number}", version=version)
    at = made.MORNING + timedelta(minutes=minutes)
    cases.commit(made.commit(entries=[replace(made.entry(after), learned_at=at)]))


def ids(page):
    return [row.case_id for row in page.items]


def test_a_place_in_the_list_holds_when_the_case_that_names_it_has_moved_to_the_end(cases):
    for number in range(5):
        change(cases, number, minutes=number)
    first = cases.oldest_first(made.AUTHORITY, None, 2)
    assert ids(first) == ["PC-0", "PC-1"]

    change(cases, 1, minutes=10, version=2)

    second = cases.oldest_first(made.AUTHORITY, first.cursor, 2)
    assert ids(second) == ["PC-2", "PC-3"]
    rest = cases.oldest_first(made.AUTHORITY, second.cursor, 2)
    assert (ids(rest), rest.cursor) == (["PC-4", "PC-1"], None)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_whoever_changes_each_case_on_the_way_sees_every_one_and_comes_to_an_end(cases, limit):
    for number in range(6):
        # Several in the same minute: the place is more than a moment.
        change(cases, number, minutes=number // 3)

    seen, cursor = [], None
    while True:
        page = cases.oldest_first(made.AUTHORITY, cursor, limit)
        for case_id in ids(page):
            if case_id not in seen:
                change(cases, case_id.removeprefix("PC-"), minutes=60, version=2)
            seen.append(case_id)
        cursor = page.cursor
        if cursor is None:
            break

    assert set(seen) == {f"PC-{number}" for number in range(6)}
    assert len(seen) <= 12
