"""Many writers on one case, and ticks that overlap: the corridor on AWS's own engine, in real threads."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from chalicelib import service
from chalicelib.core.errors import Busy, KeyReused, ServiceError
from chalicelib.core.facts import Fact
from chalicelib.patience import RESERVE_SECONDS
from chalicelib.store import items
from chalicelib.store.items import CaseItem
from chalicelib.ticking import tick
from chalicelib.visits import Accepted
from tests.builders import moment
from tests.contract.town import LATER, Town, new_town
from tests.council import TOWN, convened, ended, seats, step

WRITERS = 16
FACTS = 5
MUCH_LATER = moment("Fri 30 Oct 2026 12:00")


@pytest.fixture
def town(tables: dict[str, str]) -> Town:
    return new_town()


def all_at_once(deeds: Sequence[Callable[[], object]]) -> Sequence[object]:
    gate = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> object:
        gate.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def write_all(town: Town, case_ids: Sequence[str]) -> dict[str, Accepted | type[ServiceError]]:
    """Let every writer write its facts, each writer to its case; return what each key was answered."""
    answered: dict[str, Accepted | type[ServiceError]] = {}

    def writer(number: int) -> None:
        for each in range(FACTS):
            key = f"{number}-{each}"
            try:
                answered[key] = town.record(case_of(number), fact_of(number, each), key)
            except Busy:
                answered[key] = Busy

    def case_of(number: int) -> str:
        return case_ids[number % len(case_ids)]

    all_at_once([lambda number=number: writer(number) for number in range(WRITERS)])  # type: ignore[misc]
    return answered


def fact_of(number: int, each: int) -> Fact:
    return convened(meeting_id=f"m-{number}-{each}")


def accepted_by(answered: dict[str, Accepted | type[ServiceError]]) -> dict[str, Accepted]:
    return {key: each for key, each in answered.items() if isinstance(each, Accepted)}


def test_sixteen_writers_on_one_case_lose_nothing_and_each_has_its_answer_for_good(town: Town) -> None:
    case_id = town.open("open")
    answered = write_all(town, [case_id])
    taken = accepted_by(answered)

    assert len(answered) == WRITERS * FACTS
    told = town.facts_told(case_id)
    # The opening, and each that was taken: none is missing, and none is there that was refused.
    ids = {key: town.incoming(key).fact_id for key in answered}
    assert set(told[1:]) == {ids[key] for key in taken}
    assert len(told) == len(set(told)) == 1 + len(taken)
    assert [row.sequence for row in town.journal(case_id)] == [*range(1, len(told) + 1)]

    case = town.ports.cases.load(case_id)
    assert case.version == len(told)
    assert {each.id for each in case.facts} == set(told)
    assert sorted(each.version or 0 for each in taken.values()) == [*range(2, len(told) + 1)]
    # How many have to come back is a matter of the machine.
    assert len(taken) >= WRITERS * FACTS // 2

    # Each of them is answered again as it was the first time.
    for key, first in taken.items():
        number, each = map(int, key.split("-"))
        again = town.record(case_id, fact_of(number, each), key)
        assert (again.status, again.answer, again.replayed) == (first.status, first.answer, True)
        with pytest.raises(KeyReused):
            service.record(case_id, fact_of(number, each), town.incoming(key, body="b"), town.ports)
    assert town.ports.cases.load(case_id) == case


def test_whoever_has_no_time_to_wait_is_sent_away_and_leaves_no_trace(town: Town) -> None:
    case_id = town.open("open")
    town.seconds = RESERVE_SECONDS
    answered = write_all(town, [case_id])

    refused = [key for key, each in answered.items() if each is Busy]
    assert refused
    told = town.facts_told(case_id)
    for key in refused:
        assert town.incoming(key).fact_id not in told
        assert town.ports.cases.receipt(TOWN, town.incoming(key).key) is None


def test_writers_on_two_cases_of_one_child_agree_on_the_child(town: Town) -> None:
    """Every ending is told to the child's other case in the same transaction: they share its item."""
    first, second = town.open("first"), town.open("second")
    answered: dict[str, object] = {}

    def writer(case_id: str, name: str) -> None:
        for each in range(FACTS):
            key = f"{name}-{each}"
            try:
                answered[key] = town.record(case_id, ended("Mon 12 Oct 2026", placement_id=key), key)
            except Busy:
                answered[key] = Busy

    all_at_once([lambda: writer(first, "one"), lambda: writer(second, "two")])

    taken = {key for key, each in answered.items() if isinstance(each, Accepted)}
    child = town.ports.cases.child(TOWN, "TH-1042")
    assert {each.placement_id for each in child.endings} == taken
    assert child.version == 2 + len(taken)
    for case_id in (first, second):
        rows = town.journal(case_id)
        assert [row.sequence for row in rows] == [*range(1, len(rows) + 1)]
        assert town.ports.cases.load(case_id).version == len(rows) == 1 + len(taken)
    assert len(taken) >= FACTS


# --- ticks that overlap ---------------------------------------------------------------------


def test_ticks_that_overlap_fire_no_rung_twice(town: Town) -> None:
    opened = [town.open(f"k-{number}", f"TH-{number}") for number in range(6)]
    moments = [LATER, LATER, LATER + timedelta(minutes=5), MUCH_LATER, MUCH_LATER, MUCH_LATER]

    def once(at: object) -> Callable[[], object]:
        return lambda: tick(at, town.ports, lambda: 60.0)  # type: ignore[arg-type]

    all_at_once([once(at) for at in moments])

    for case_id in opened:
        posted = town.messages(case_id)
        keys = [(each.about, each.occasion, each.role, each.channel) for each in posted]
        assert len(keys) == len(set(keys))
        journalled = [
            notice["id"] for row in town.journal(case_id) for notice in json.loads(row.entry_json)["notices"]
        ]
        assert len(journalled) == len(set(journalled))
        assert {each.notice_id for each in posted} == set(journalled)
        ticks = [each for each in town.ports.cases.load(case_id).facts if each.kind == "time_reached"]
        assert 1 <= len(ticks) <= 3
    assert tick(MUCH_LATER, town.ports, lambda: 60.0) == 0


def test_a_tick_and_a_settling_fact_at_once_leave_one_of_two_sound_stories(town: Town) -> None:
    case_id = town.open("open")
    heard = step("Tue 6 Oct 2026", "alert_acknowledged", by=seats("p-iro"))

    def acknowledge() -> Accepted:
        return town.record(case_id, heard, "heard")

    all_at_once([acknowledge, lambda: tick(LATER, town.ports, lambda: 60.0)])

    rows = town.journal(case_id)
    assert [row.sequence for row in rows] == [*range(1, len(rows) + 1)]
    assert town.incoming("heard").fact_id in town.facts_told(case_id)


def test_what_is_set_aside_holds_up_nobody_and_comes_back_when_redriven(town: Town) -> None:
    poor, sound = town.open("poor", "TH-1"), town.open("sound", "TH-2")
    kept = CaseItem.get(f"CASE#{poor}", "CASE").packed
    CaseItem(f"CASE#{poor}", "CASE", version=1, packed=b"no case").save()

    with pytest.raises(ServiceError):
        tick(LATER, town.ports, lambda: 60.0)
    assert town.ports.cases.load(sound).version == 2
    (row,) = town.ports.cases.aside(TOWN, None, 10).items
    assert (row.case_id, row.reason) == (poor, "does_not_parse")
    assert tick(LATER, town.ports, lambda: 60.0) == 0

    CaseItem(f"CASE#{poor}", "CASE", version=1, packed=kept).save()
    assert town.ports.cases.redrive(poor)
    assert tick(LATER, town.ports, lambda: 60.0) == 1
    assert town.ports.cases.load(poor).version == 2


# --- throttling -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
def test_a_throttled_read_or_write_is_tried_again_and_then_told_plainly(
    town: Town, code: str, operation: str
) -> None:
    case_id = town.open("open")
    poor = {"throttled": 2}

    def throttle(**_: object) -> object:
        if not poor["throttled"]:
            return None
        poor["throttled"] -= 1
        answer = type("Answer", (), {"status_code": 400, "headers": {}})()
        return answer, {"Error": {"Code": code, "Message": "slow down"}, "ResponseMetadata": {}}

    items.connection().client.meta.events.register(f"before-call.dynamodb.{operation}", throttle)

    assert town.record(case_id, convened(), "k").version == 2
    poor["throttled"] = 1000
    with pytest.raises(Busy):
        town.record(case_id, convened(meeting_id="m-2"), "k-2")
    poor["throttled"] = 0
    assert town.ports.cases.load(case_id).version == 2
