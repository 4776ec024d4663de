"""How long the corridor waits between tries: at random, within limits, and never away what time it has."""

import pytest

from chalicelib import service
from chalicelib.core.errors import Busy, CaseChanged
from chalicelib.patience import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    MOST_TRIES,
    RESERVE_SECONDS,
    back_off,
    persist,
)
from chalicelib.visits import Incoming
from tests.council import MORNING, TOWN, Council, held


def waits(tried: int, times: int = 300) -> list[float]:
    found: list[float] = []
    for _ in range(times):
        back_off(tried, found.append)
    return found


@pytest.mark.parametrize("tried", range(MOST_TRIES))
def test_a_wait_is_drawn_from_the_whole_of_a_growing_interval(tried: int) -> None:
    limit = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**tried)
    found = waits(tried)

    assert 0 <= min(found) < limit * 0.1
    assert limit * 0.9 < max(found) <= limit


def test_the_corridor_tries_twelve_times_and_waits_two_seconds_at_most() -> None:
    assert (MOST_TRIES, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, RESERVE_SECONDS) == (12, 0.05, 2.0, 8.0)


def test_what_cannot_be_had_says_whether_it_was_tried_often_or_there_was_no_time() -> None:
    def rival() -> None:
        raise CaseChanged("c-1")

    waited: list[float] = []
    with pytest.raises(Busy, match=r"^the case kept changing; nothing was stored$"):
        persist(rival, waited.append)
    assert len(waited) == MOST_TRIES

    with pytest.raises(Busy, match=r"^there is no time to try again; nothing was stored$"):
        persist(rival, waited.append, lambda: RESERVE_SECONDS)
    assert len(waited) == MOST_TRIES


def test_whoever_tries_something_else_says_so_themselves() -> None:
    def never() -> None:
        raise TimeoutError

    with pytest.raises(Busy, match=r"^nobody answered$"):
        persist(never, [].append, after=(TimeoutError,), in_vain="nobody answered")


def test_there_is_no_wait_that_would_reach_into_the_reserve() -> None:
    waited: list[float] = []

    for _ in range(50):
        with pytest.raises(Busy):
            back_off(MOST_TRIES, waited.append, lambda: RESERVE_SECONDS)
    assert waited == []


def test_whatever_is_waited_leaves_the_reserve() -> None:
    for _ in range(300):
        waited: list[float] = []
        try:
            back_off(MOST_TRIES, waited.append, lambda: RESERVE_SECONDS + 1)
        except Busy:
            assert waited == []
        else:
            assert waited[0] <= 1


def test_a_request_is_sent_away_while_there_is_still_time_to_say_so() -> None:
    council = Council()
    case_id = council.open()

    def rival() -> None:
        raise CaseChanged(case_id)

    council.cases.before_commit.extend([rival] * MOST_TRIES)
    left = [29.0]

    def seconds_left() -> float:
        left[0] -= 7.0  # what one try costs here
        return left[0]

    incoming = Incoming(
        authority=TOWN,
        subject="CPT",
        key="k",
        body_hash="a",
        fact_json="{}",
        learned_at=MORNING,
        seconds_left=seconds_left,
    )
    with pytest.raises(Busy):
        service.record(case_id, held(), incoming, council.ports)

    assert 1 <= len(council.waits) <= 2
    assert left[0] > 0
    assert council.case(case_id).version == 1


def test_throttling_is_waited_out_like_a_rival() -> None:
    council = Council()
    case_id = council.open()

    def throttled() -> None:
        raise Busy("DynamoDB takes no more at the moment")

    council.cases.before_commit.extend([throttled] * (MOST_TRIES - 1))

    assert council.record(case_id, held()).version == 2
    assert len(council.waits) == MOST_TRIES - 1
