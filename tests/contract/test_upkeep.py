"""Many cases due at once, failures counted at once, the told held against the outbox: on AWS's engine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from chalicelib.authority_record import record_id
from chalicelib.core.errors import LeftUndone
from chalicelib.ports import MessageState
from chalicelib.reconcile import reconcile
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import CaseItem, OutboxItem
from chalicelib.ticking import IN_HAND_SECONDS, tick
from tests import cases as made
from tests.builders import moment
from tests.contract.town import LATER, Town, new_town
from tests.council import TOWN

MANY = 40
SATURDAY = moment("Sat 17 Oct 2026 05:37")
RIVALS = 8


@pytest.fixture
def town(tables: dict[str, str]) -> Town:
    return new_town()


def times(count: int) -> Callable[[], float]:
    """Enough time to look at the clock so many times."""
    left = iter([60.0] * count)
    return lambda: next(left, IN_HAND_SECONDS)


def reached(town: Town) -> set[str]:
    rows = town.ports.cases.cases(TOWN, None, 1000).items
    return {row.case_id for row in rows if town.ports.cases.load(row.case_id).version == 2}


# --- the tick -------------------------------------------------------------------------------


def test_runs_that_are_cut_short_come_to_every_case_once_oldest_first(town: Town) -> None:
    opened = [
        town.open(f"k-{number}", f"TH-{number}", at=LATER - timedelta(hours=4, minutes=-number))
        for number in range(MANY)
    ]
    done = 0
    while done < MANY:
        done += tick(LATER, town.ports, times(12))
        assert reached(town) == set(opened[:done])

    assert done == MANY
    assert tick(LATER, town.ports, lambda: 60.0) == 0
    assert {town.ports.cases.load(each).version for each in opened} == {2}


def test_of_failures_counted_at_once_exactly_one_sets_the_case_aside(tables: dict[str, str]) -> None:
    cases = DynamoCases()
    cases.commit(made.commit())
    gate = Barrier(RIVALS)

    def fail(_: int) -> bool:
        gate.wait()
        return cases.set_aside("PC-2041", "raises", LATER, RIVALS - 2)

    with ThreadPoolExecutor(RIVALS) as pool:
        outcomes = list(pool.map(fail, range(RIVALS)))

    assert outcomes.count(True) == 1
    row = cases.aside_row("PC-2041")
    assert row is not None
    assert row.tries == RIVALS - 2


# --- reconciling ----------------------------------------------------------------------------


def settled(town: Town, case_id: str) -> None:
    for message in town.messages(case_id):
        OutboxItem(f"MSG#{message.id}", "MSG").update(
            actions=[OutboxItem.state.set(MessageState.SENT.value), OutboxItem.queue.remove()]
        )


def well_attended(town: Town, count: int) -> list[str]:
    opened = [town.open(f"k-{number}", f"TH-{number}") for number in range(count)]
    tick(SATURDAY - timedelta(minutes=5), town.ports, lambda: 60.0)
    for case_id in opened:
        settled(town, case_id)
    return opened


def run(town: Town, now: object = SATURDAY) -> object:
    return reconcile(now, town.ports, ("email", "topic"), lambda: 60.0)  # type: ignore[arg-type]


def test_all_that_was_told_is_found_and_a_lost_notice_becomes_one_task(town: Town) -> None:
    opened = well_attended(town, 3)
    assert run(town) == {"cases": 3, "notices": 9}

    first = min(town.messages(opened[0]), key=lambda each: (each.created_at, each.role))
    OutboxItem(f"MSG#{first.id}", "MSG").delete()
    kept = town.ports.cases.last_round(TOWN)
    assert kept is not None
    assert kept.done
    town.ports.cases.save_round(replace(kept, since=None, until=kept.until - timedelta(days=9), mark=None))
    with pytest.raises(LeftUndone) as left:
        run(town)

    assert left.value.left == 1
    (task,) = town.ports.cases.load(opened[0]).standing.tasks
    assert (task.tell, task.why, task.message_id) == (first.role, "unreconciled", first.id)
    assert [each.case_id for each in town.ports.cases.tasks(TOWN, None, 10).items] == [opened[0]]


def test_the_case_that_no_tick_came_to_and_the_message_that_waits_are_found(town: Town) -> None:
    (case_id,) = [town.open("k")]
    with pytest.raises(LeftUndone) as left:
        run(town)

    # Three messages of Thursday that nobody sent, and the alert that nobody chased.
    assert left.value.left == 4
    tasks = town.ports.cases.load(case_id).standing.tasks
    assert {each.why for each in tasks} == {"unreconciled"}
    assert len(tasks) == 3


def test_a_journal_that_cannot_be_read_is_looked_at_again_by_the_next_run(town: Town) -> None:
    (case_id,) = well_attended(town, 1)
    entry = CaseItem.get(f"CASE#{case_id}", "J#000001")
    body = entry.body
    entry.body = "{"
    entry.save()

    with pytest.raises(LeftUndone):
        run(town)
    kept = town.ports.cases.last_round(TOWN)
    assert kept is not None
    assert kept.left == (case_id,)
    (told,) = town.messages(record_id(TOWN))
    assert told.because == "1 case could not be looked at"
    settled(town, record_id(TOWN))

    entry.body = body
    entry.save()
    sunday = SATURDAY + timedelta(days=1)
    tick(sunday - timedelta(minutes=5), town.ports, lambda: 60.0)
    settled(town, case_id)
    run(town, sunday)
    kept = town.ports.cases.last_round(TOWN)
    assert kept is not None
    assert (kept.left, kept.done) == ((), True)
