"""The tick: what has come due is decided on once, what cannot be decided is set aside, the rest flows."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from chalicelib.core.case import Case
from chalicelib.core.errors import Busy, LeftUndone, TooMuch, Unreadable
from chalicelib.core.trace import TIME_REACHED
from chalicelib.ports import TickRun
from chalicelib.ticking import IN_HAND_SECONDS, MOST_FAILURES, MOST_SINGLE, tick
from tests.builders import moment
from tests.council import TOWN, Council
from tests.doubles import MemoryCases

LATER = moment("Thu 15 Oct 2026 12:00")  # the alert of quarter past nine has been open for two hours


class Poor(MemoryCases):
    """Cases of which some raise when they are loaded; it knows which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.poor: dict[str, Exception] = {}
        self.loaded: list[str] = []

    @override
    def load(self, case_id: str) -> Case:
        self.loaded.append(case_id)
        if case_id in self.poor:
            raise self.poor[case_id]
        return super().load(case_id)


@pytest.fixture
def council() -> Council:
    return Council(cases=Poor())


def kinds(council: Council, case_id: str) -> list[str]:
    return [each.kind for each in council.case(case_id).facts]


def test_a_tick_sends_what_has_come_due_and_says_how_many_cases_it_reached(council: Council) -> None:
    case_id = council.open()
    before = len(council.messages("TH-21"))

    assert council.tick(LATER) == 1
    assert kinds(council, case_id) == ["referral_received", "time_reached"]
    assert len(council.messages("TH-21")) == before + 2


def test_a_case_with_nothing_due_is_left_alone(council: Council) -> None:
    case_id = council.open()

    assert council.tick(moment("Thu 15 Oct 2026 11:00")) == 0
    assert council.case(case_id).version == 1


def test_a_second_tick_of_the_same_moment_changes_nothing(council: Council) -> None:
    council.open()
    council.tick(LATER)
    before = council.snapshot()

    assert council.tick(LATER) == 0
    assert council.snapshot() == before


def test_two_ticks_at_once_send_each_notice_once(council: Council) -> None:
    case_id = council.open()
    council.cases.before_commit.append(lambda: council.tick(LATER) and None)
    council.tick(LATER)

    assert kinds(council, case_id).count("time_reached") == 1
    assert council.case(case_id).version == 2


def test_a_tick_that_was_overtaken_by_a_later_one_records_nothing(council: Council) -> None:
    case_id = council.open()
    council.cases.before_commit.append(lambda: council.tick(moment("Thu 15 Oct 2026 12:05")) and None)

    assert council.tick(LATER) == 0
    assert kinds(council, case_id).count(TIME_REACHED) == 1
    assert council.case(case_id).version == 2


def test_a_tick_after_many_were_skipped_decides_each_case_once(council: Council) -> None:
    case_id = council.open()

    assert council.tick(moment("Thu 29 Oct 2026 12:00")) == 1
    assert council.case(case_id).version == 2
    (latest,) = {each.role for each in council.cases.entries[case_id][-1].decision.notices}
    assert latest == "service_manager"


def test_a_tick_stops_with_time_in_hand(council: Council) -> None:
    council.open("TH-1")
    council.open("TH-2")
    left = iter([300.0, 300.0, 9.0])

    assert tick(LATER, council.ports, lambda: next(left, 0.0)) == 1


def test_the_case_that_has_waited_longest_comes_first(council: Council) -> None:
    second = council.open("TH-2", learned_at=moment("Thu 15 Oct 2026 09:30"))
    first = council.open("TH-1", learned_at=moment("Thu 15 Oct 2026 09:00"))
    left = iter([300.0, 300.0, 9.0])
    tick(LATER, council.ports, lambda: next(left, 0.0))

    assert "time_reached" in kinds(council, first)
    assert "time_reached" not in kinds(council, second)


def test_time_settles_nothing_and_opens_nothing(council: Council) -> None:
    case_id = council.open()
    duties = [(each.id, each.state) for each in council.case(case_id).standing.duties]
    council.tick(moment("Thu 29 Oct 2026 12:00"))

    assert [(each.id, each.state) for each in council.case(case_id).standing.duties] == duties


# --- what cannot be decided -----------------------------------------------------------------


def cases_of(council: Council) -> Poor:
    assert isinstance(council.cases, Poor)
    return council.cases


def aside(council: Council, authority: str = TOWN) -> list[tuple[str, str]]:
    return [(each.case_id, each.reason) for each in council.cases.aside(authority, None, 100).items]


def break_protocol(council: Council, case_id: str) -> None:
    council.cases.by_id[case_id] = replace(council.case(case_id), protocols=("gone-2026-01-01",))


def test_a_case_of_an_unknown_protocol_is_set_aside_at_once_and_those_behind_it_flow(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    broken = council.open("TH-1", learned_at=moment("Thu 15 Oct 2026 09:00"))
    sound = council.open("TH-2")
    break_protocol(council, broken)

    with pytest.raises(LeftUndone) as left:
        council.tick(LATER)

    assert (left.value.done, left.value.left) == (1, 1)
    assert TIME_REACHED in kinds(council, sound)
    assert aside(council) == [(broken, "unknown_protocol")]
    assert "TH-1" not in caplog.text


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(Unreadable("no case"), "does_not_parse"), (TooMuch("items"), "too_large")],
)
def test_what_trying_again_does_not_mend_is_set_aside_at_once(
    council: Council, trouble: Exception, reason: str
) -> None:
    case_id = council.open()
    cases_of(council).poor[case_id] = trouble

    with pytest.raises(LeftUndone):
        council.tick(LATER)
    assert aside(council) == [(case_id, reason)]


def test_an_entry_of_the_index_without_a_case_is_set_aside_in_nobodys_list(council: Council) -> None:
    class Ghostly(Poor):
        @override
        def due(self, *args: object, **kwargs: object) -> list[str]:
            return [] if self.set_apart or self.loaded else ["c-ghost"]

    haunted = Council(cases=Ghostly())
    with pytest.raises(LeftUndone):
        haunted.tick(LATER)

    assert aside(haunted, "") == [("c-ghost", "gone")]


def test_later_ticks_neither_read_what_is_set_aside_nor_complain(council: Council) -> None:
    broken, sound = council.open("TH-1"), council.open("TH-2")
    break_protocol(council, broken)
    with pytest.raises(LeftUndone):
        council.tick(LATER)
    cases_of(council).loaded.clear()

    assert council.tick(moment("Thu 15 Oct 2026 14:00")) == 1
    assert set(cases_of(council).loaded) == {sound}


def test_a_redriven_case_is_decided_by_the_next_tick(council: Council) -> None:
    case_id = council.open()
    protocols = council.case(case_id).protocols
    break_protocol(council, case_id)
    with pytest.raises(LeftUndone):
        council.tick(LATER)

    council.cases.by_id[case_id] = replace(council.case(case_id), protocols=protocols)
    assert council.tick(LATER) == 0
    assert council.cases.redrive(case_id)
    assert council.tick(LATER) == 1


def test_a_case_that_raises_is_tried_again_so_often_and_then_set_aside(council: Council) -> None:
    case_id = council.open()
    cases_of(council).poor[case_id] = RuntimeError("who knows")

    for _ in range(MOST_FAILURES):
        assert aside(council) == []
        with pytest.raises(LeftUndone):
            council.tick(LATER)

    assert aside(council) == [(case_id, "raises")]
    assert council.tick(LATER) == 0


def test_a_busy_case_is_no_broken_one(council: Council) -> None:
    case_id = council.open()
    cases_of(council).poor[case_id] = Busy("throttled")

    for _ in range(MOST_FAILURES + 1):
        with pytest.raises(LeftUndone):
            council.tick(LATER)
    assert council.cases.failures == {}


def test_where_nearly_all_fail_none_is_set_aside_until_somebody_has_looked(council: Council) -> None:
    broken = [council.open(f"TH-{number}") for number in range(MOST_SINGLE + 1)]
    for case_id in broken:
        break_protocol(council, case_id)

    with pytest.raises(LeftUndone):
        council.tick(LATER)
    assert aside(council) == []


def test_a_few_more_are_set_aside_where_most_are_well(council: Council) -> None:
    for number in range(2 * MOST_SINGLE + 2):
        case_id = council.open(f"TH-{number}")
        if number % 2:
            break_protocol(council, case_id)
    council.open("TH-1042")

    with pytest.raises(LeftUndone):
        council.tick(LATER)
    assert len(aside(council)) == MOST_SINGLE + 1


# --- with time in hand ----------------------------------------------------------------------


def times(count: int) -> Callable[[], float]:
    """Enough time to look at the clock so many times."""
    left = iter([300.0] * count)
    return lambda: next(left, IN_HAND_SECONDS)


def test_what_one_run_does_not_reach_the_next_one_does_and_nothing_twice(council: Council) -> None:
    for number in range(9):
        council.open(f"TH-{number}")
    reached = []
    while sum(reached) < 9:
        reached.append(tick(LATER, council.ports, times(4)))

    assert reached == [3, 3, 3]
    assert council.tick(LATER) == 0
    assert {case.version for case in council.cases.by_id.values()} == {2}


def test_a_tick_does_not_sleep_away_the_time_it_has_not(council: Council) -> None:
    case_id = council.open()
    cases_of(council).poor[case_id] = Busy("throttled")
    left = iter([300.0, 300.0])

    with pytest.raises(LeftUndone):
        tick(LATER, council.ports, lambda: next(left, 5.0))
    assert council.waits == []


# --- a case that takes the process with it -------------------------------------------------


class Gone(BaseException):
    """The process is gone, as where memory or time ran out."""


def run_by_lambda(council: Council, at: datetime) -> int | None:
    """Tick, and twice more for the same moment where the process dies; none where it dies each time."""
    for _ in range(3):
        try:
            return council.tick(at)
        except Gone:
            continue
    return None


def test_a_case_that_takes_the_process_with_it_holds_up_no_other(council: Council) -> None:
    deadly, behind = council.open(), council.open("TH-2")
    council.cases.poor[deadly] = Gone()

    with pytest.raises(LeftUndone):
        run_by_lambda(council, LATER)

    assert TIME_REACHED in kinds(council, behind)
    assert aside(council) == []


def test_a_case_on_which_two_runs_died_is_set_aside(council: Council) -> None:
    deadly = council.open()
    council.cases.poor[deadly] = Gone()
    for minutes in (0, 5):
        with pytest.raises(LeftUndone):
            run_by_lambda(council, LATER + timedelta(minutes=minutes))

    assert aside(council) == [(deadly, "ends_runs")]
    assert council.tick(LATER + timedelta(minutes=10)) == 0


def test_two_deadly_cases_are_both_set_aside(council: Council) -> None:
    one, other, behind = council.open(), council.open("TH-2"), council.open("TH-3")
    council.cases.poor |= {one: Gone(), other: Gone()}
    for minutes in range(0, 30, 5):
        with suppress(LeftUndone):
            run_by_lambda(council, LATER + timedelta(minutes=minutes))

    assert dict(aside(council)) == {one: "ends_runs", other: "ends_runs"}
    assert TIME_REACHED in kinds(council, behind)


def test_a_run_that_may_be_at_work_still_is_not_held_against_its_case(council: Council) -> None:
    case_id = council.open()
    began = TickRun(since=LATER - timedelta(minutes=4), case_id=case_id)
    council.cases.save_tick(began)

    assert council.tick(LATER) == 1
    assert council.cases.last_tick() == TickRun(since=LATER, ended=True)


def test_a_tick_that_ends_leaves_no_doubt_of_it_and_names_no_case(council: Council) -> None:
    council.open()
    seen: list[TickRun | None] = []
    council.cases.before_commit.append(lambda: seen.append(council.cases.last_tick()))
    council.tick(LATER)

    assert seen == [TickRun(since=LATER)]
    assert council.cases.last_tick() == TickRun(since=LATER, ended=True)
