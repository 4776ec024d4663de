"""Cases that are set aside, what is due most urgently, and how far a reconciling came."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.ports import AsideRow, Round, TickRun
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import CaseItem
from chalicelib.store.mapping import stamp
from tests import cases as made
from tests.builders import day

LATER = made.MORNING + timedelta(hours=1)


@pytest.fixture
def cases(tables):
    return DynamoCases()


# --- set aside ------------------------------------------------------------------------------


def test_a_case_that_fails_often_enough_in_one_trouble_is_set_aside_once(cases):
    cases.commit(made.commit())
    failing = [cases.set_aside("PC-2041", "raises", LATER + timedelta(minutes=each), 3) for each in range(4)]

    assert failing == [False, False, True, False]
    (row,) = cases.aside(made.AUTHORITY, None, 10).items
    assert row == AsideRow(authority=made.AUTHORITY, case_id="PC-2041", reason="raises", since=LATER, tries=3)
    assert cases.aside_row("PC-2041") == row
    assert set(cases.all_aside()) == {"PC-2041"}


def test_failures_that_lie_days_apart_are_not_one_trouble(cases):
    cases.commit(made.commit())
    failing = [cases.set_aside("PC-2041", "raises", LATER + timedelta(days=2 * each), 2) for each in range(4)]

    assert failing == [False] * 4
    assert cases.aside_row("PC-2041") is None
    assert list(cases.all_aside()) == []


def test_a_case_that_cannot_be_read_is_in_its_authoritys_list_all_the_same(cases):
    cases.commit(made.commit())
    CaseItem("CASE#PC-2041", "CASE", version=1, packed=b"no case").save()

    assert cases.set_aside("PC-2041", "does_not_parse", LATER)
    assert [row.case_id for row in cases.aside(made.AUTHORITY, None, 10).items] == ["PC-2041"]


def test_a_case_of_which_nothing_is_left_is_in_nobodys_list(cases):
    assert cases.set_aside("PC-0", "gone", LATER)
    assert [row.case_id for row in cases.aside("", None, 10).items] == ["PC-0"]


def test_a_redriven_case_is_in_no_list_and_its_next_failure_is_a_new_trouble(cases):
    cases.commit(made.commit())
    cases.set_aside("PC-2041", "does_not_parse", LATER)

    assert cases.redrive("PC-2041")
    assert (cases.redrive("PC-2041"), cases.redrive("PC-1")) == (False, False)
    assert (list(cases.all_aside()), cases.aside(made.AUTHORITY, None, 10).items) == ([], [])
    assert not cases.set_aside("PC-2041", "raises", LATER, 2)
    assert cases.set_aside("PC-2041", "does_not_parse", LATER)
    assert cases.load("PC-2041").version == 1


# --- what is due, and what was said --------------------------------------------------------


def test_of_one_moment_the_most_urgent_comes_first(cases):
    due = {
        "dated-later": made.duty(due_on=day("Fri 29 May 2026")),
        "dated": made.duty(),
        "dateless": made.duty(due_on=None),
        "at-once": made.duty(at_once=True),
        "earlier": made.duty(due_on=None, next_action_at=made.MORNING),
    }
    for case_id, duty in due.items():
        cases.commit(made.commit(made.case(id=case_id, standing=made.standing(duty))))
    broken = made.standing(made.flag(next_action_at=made.duty().next_action_at))
    cases.commit(made.commit(made.case(id="broken", standing=broken)))

    found = cases.due(LATER, 10)
    assert found == ["earlier", "at-once", "broken", "dated", "dated-later", "dateless"]
    assert cases.due(LATER, 2, {"earlier", "broken"}) == ["at-once", "dated"]


def test_what_was_queued_by_its_moment_alone_is_found(cases):
    moment = stamp(made.MORNING)
    CaseItem("CASE#PC-1", "OB#d-1", body="{}", due_shard="due#0", next_action_at=moment).save()

    assert cases.due(made.MORNING, 10) == ["PC-1"]
    assert cases.due(made.MORNING - timedelta(microseconds=1), 10) == []


def test_the_latest_entries_are_read_back_to_a_moment(cases):
    for version in range(1, 25):
        at = made.MORNING + timedelta(hours=version)
        cases.commit(made.commit(entries=[replace(made.entry(made.case(version=version)), learned_at=at)]))

    found = cases.latest_entries("PC-2041", made.MORNING + timedelta(hours=10))
    assert [each.sequence for each in found] == [*range(24, 10, -1)]
    assert len(cases.latest_entries("PC-2041", None)) == 24


def test_how_a_tick_goes_is_kept(cases):
    began = TickRun(since=LATER, case_id="PC-1")
    assert cases.last_tick() is None
    cases.save_tick(began)
    assert cases.last_tick() == began
    cases.save_tick(replace(began, case_id=None, ended=True))

    assert cases.last_tick() == TickRun(since=LATER, ended=True)


def test_how_far_a_round_came_is_kept(cases):
    kept = Round(authority=made.AUTHORITY, until=LATER, place="a", left=("PC-1",))
    assert cases.last_round(made.AUTHORITY) is None
    cases.save_round(kept)
    cases.save_round(replace(kept, done=True))

    assert cases.last_round(made.AUTHORITY) == replace(kept, done=True)
