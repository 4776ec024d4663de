"""Putting a calendar in force, and telling the cases whose deadlines it moves, each once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from typing_extensions import override

from chalicelib import service
from chalicelib.core.case import Case
from chalicelib.core.errors import Busy, CaseChanged, LeftUndone
from chalicelib.patience import MOST_TRIES
from chalicelib.ports import Edition, Page, Walk
from chalicelib.visits import Ports
from chalicelib.walks import BATCH, IN_HAND_SECONDS, MOST_LEFT, Walked, put_in_force, walk
from tests.builders import day, moment
from tests.council import TOWN, Council, held, referral, seats, step
from tests.doubles import MemoryAccess, MemoryCalendars, MemoryCases
from tests.remembering import RememberingCalendars, another_process
from tests.snapshots import FRIDAY, LATER, NOON, due, snapshot, under_way


class Watched(MemoryCases):
    """Knows which cases were loaded, and which of them cannot be."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.poor: set[str] = set()
        self.cursors: list[str | None] = []

    @override
    def load(self, case_id: str) -> Case:
        self.loaded.append(case_id)
        if case_id in self.poor:
            raise ValueError("TH-1042 cannot be read")
        return super().load(case_id)

    @override
    def oldest_first(self, authority: str, cursor: str | None, limit: int) -> Page[Any]:
        self.cursors.append(cursor)
        return super().oldest_first(authority, cursor, limit)


@pytest.fixture
def council() -> Council:
    return Council(cases=Watched())


def plenty() -> float:
    return 300.0


def times(count: int) -> Callable[[], float]:
    """Enough time to look at the clock so many times."""
    left = iter([300.0] * count)
    return lambda: next(left, IN_HAND_SECONDS)


def proclaim(council: Council, *days: str, at: Any = NOON, **changes: Any) -> Edition:
    council.ports.calendars.keep(snapshot(*days, **changes))
    return put_in_force(TOWN, at, council.ports)


def stored(council: Council) -> Walk:
    (found,) = council.ports.calendars.walks([TOWN])
    return found


def records_due(council: Council, count: int) -> list[str]:
    """So many cases, each with a record due on Monday 19 October, in the order of the list."""
    cases = [council.open(f"TH-{number}") for number in range(count)]
    for case_id in cases:
        council.record(case_id, held(outcome="not_viable"))
    return sorted(cases)


def told(council: Council) -> list[str]:
    """The cases of which somebody heard that a deadline moved, each time once more."""
    found = {(each.case_id, each.occasion) for each in council.messages("TH-35") if each.was_due_on}
    return sorted(case_id for case_id, _ in found)


def loaded(council: Council) -> list[str]:
    assert isinstance(council.cases, Watched)
    return council.cases.loaded


def cursors(council: Council) -> list[str | None]:
    assert isinstance(council.cases, Watched)
    return council.cases.cursors


def poor(council: Council) -> set[str]:
    assert isinstance(council.cases, Watched)
    return council.cases.poor


# --- an edition -----------------------------------------------------------------------------


def test_the_first_edition_is_the_shipped_calendar_and_nobody_has_to_be_told_of_it(council: Council) -> None:
    edition = put_in_force(TOWN, NOON, council.ports)

    assert edition.hash == council.ports.rulebook.under(TOWN, council.protocols).calendar_hash
    assert council.ports.calendars.in_force(TOWN) == edition
    assert (edition.authority, edition.since) == (TOWN, NOON)
    assert (stored(council).edition, stored(council).changed, stored(council).done) == (
        edition.hash,
        (),
        True,
    )


def test_what_is_so_already_is_not_put_in_force_again(council: Council) -> None:
    first = proclaim(council, FRIDAY)

    assert put_in_force(TOWN, LATER, council.ports) == first
    assert stored(council).since == NOON


def test_a_proclaimed_day_follows_upon_the_calendar_that_was_counted_by(council: Council) -> None:
    case_id = records_due(council, 1)[0]
    by = council.case(case_id).calendar
    edition = proclaim(council, FRIDAY)

    assert council.ports.calendars.edition(TOWN, by or "") is not None
    assert edition.calendar.closed[day(FRIDAY)] == "Day of thanks"
    assert stored(council) == Walk(authority=TOWN, edition=edition.hash, since=NOON, changed=(day(FRIDAY),))


def test_a_day_with_another_name_makes_an_edition_and_moves_nothing(council: Council) -> None:
    first = proclaim(council, FRIDAY)
    walk(TOWN, LATER, council.ports, plenty)
    second = proclaim(council, FRIDAY, at=LATER, name="Day of rest")

    assert second.hash != first.hash
    assert (stored(council).edition, stored(council).changed, stored(council).done) == (second.hash, (), True)


def publish(council: Council, at: Any) -> Edition:
    """Let GOV.UK publish a year more."""
    known = snapshot()
    further = {nation: on.replace(year=on.year + 1) for nation, on in known.published_to.items()}
    council.ports.calendars.keep(replace(known, published_to=further))
    return put_in_force(TOWN, at, council.ports)


def test_a_year_that_was_published_confirms_what_was_provisional_and_moves_nothing(council: Council) -> None:
    first = put_in_force(TOWN, NOON, council.ports)
    found, now = "Wed 27 Dec 2028", moment("Wed 27 Dec 2028 12:00")
    provisional, other = (council.open(f"TH-{each}", learned_at=now) for each in ("first", "second"))
    council.record(provisional, held(found, outcome="not_viable"), learned_at=now)
    assert [duty.provisional for duty in council.duties(provisional, "TH-35")] == [True]

    second = publish(council, now)
    walked = walk(TOWN, now, council.ports, plenty)

    assert second.calendar.horizon.year == first.calendar.horizon.year + 1
    assert (stored(council).changed, stored(council).published_after) == ((), day("Sun 31 Dec 2028"))
    assert walked == Walked(told=1)
    (duty,) = council.duties(provisional, "TH-35")
    assert (duty.due_on, duty.provisional) == (day("Tue 2 Jan 2029"), False)
    assert council.case(other).calendar == first.hash
    assert told(council) == []


def test_what_a_walk_left_undone_is_told_with_what_came_after_it(council: Council) -> None:
    proclaim(council, FRIDAY)
    proclaim(council, FRIDAY, "Mon 19 Oct 2026", at=LATER)

    assert stored(council).changed == (day(FRIDAY), day("Mon 19 Oct 2026"))

    proclaim(council, at=LATER, withdrawn="Fri 25 Dec 2026")
    assert stored(council).changed == (day(FRIDAY), day("Mon 19 Oct 2026"), day("Fri 25 Dec 2026"))


def test_a_name_that_changes_during_a_walk_ends_none(council: Council) -> None:
    proclaim(council, FRIDAY)
    proclaim(council, FRIDAY, name="Day of rest")

    assert (stored(council).changed, stored(council).done) == ((day(FRIDAY),), False)


def test_an_operators_closure_day_is_put_in_force_too(council: Council) -> None:
    case_id = records_due(council, 1)[0]
    put_in_force(TOWN, NOON, council.ports)
    close(council, FRIDAY)

    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=1)
    assert due(council, case_id) == day("Tue 20 Oct 2026")


@pytest.mark.parametrize("known", [(), (FRIDAY,)], ids=["nothing", "a proclaimed day"])
def test_a_closure_day_of_which_another_process_does_not_know_is_not_undone_by_it(
    council: Council, known: tuple[str, ...]
) -> None:
    proclaim(council, *known)
    schedule = another_process(council.ports)
    edition = close(council, "Mon 19 Oct 2026")

    assert put_in_force(TOWN, LATER, schedule) == edition
    assert council.ports.calendars.in_force(TOWN) == edition


def test_a_snapshot_of_which_another_process_does_not_know_is_not_undone_by_it(council: Council) -> None:
    proclaim(council)
    other = another_process(council.ports)
    edition = proclaim(council, FRIDAY)

    assert put_in_force(TOWN, LATER, other) == edition
    assert council.ports.calendars.in_force(TOWN) == edition


@pytest.mark.parametrize("meanwhile", ["walks", "put_in_force"])
def test_a_closure_day_that_comes_between_is_not_undone(council: Council, meanwhile: str) -> None:
    """Whenever the operator is done: before the present one is read, or before another is put in force."""
    put_in_force(TOWN, NOON, council.ports)
    operator = [lambda: close(council, "Mon 19 Oct 2026")]

    class Interrupted(RememberingCalendars):
        @override
        def walks(self, authorities: Sequence[str]) -> Sequence[Walk]:
            if meanwhile == "walks" and operator:
                operator.pop()()
            return super().walks(authorities)

        @override
        def put_in_force(self, edition: Edition, walk: Walk, before: str | None) -> None:
            if meanwhile == "put_in_force" and operator:
                operator.pop()()
            super().put_in_force(edition, walk, before)

    schedule = another_process(council.ports)
    calendars = council.ports.calendars
    assert isinstance(calendars, MemoryCalendars)
    calendars.keep(snapshot(FRIDAY))
    edition = put_in_force(TOWN, LATER, replace(schedule, calendars=Interrupted(calendars)))

    assert operator == []
    assert set(edition.calendar.closed) >= {day(FRIDAY), day("Mon 19 Oct 2026")}
    assert calendars.in_force(TOWN) == edition


def close(council: Council, on: str) -> Edition:
    """Have an operator close the offices on a day, and put that in force at once."""
    assert isinstance(council.ports.access, MemoryAccess)
    known = council.ports.access.known[TOWN]
    council.ports.access.known[TOWN] = replace(known, closure_days={day(on): "Offices closed"})
    return put_in_force(TOWN, LATER, council.ports)


def test_whoever_puts_another_in_force_at_once_is_followed_and_not_undone(council: Council) -> None:
    put_in_force(TOWN, NOON, council.ports)
    calendars, rivals = council.ports.calendars, [lambda: proclaim(council, "Mon 19 Oct 2026")]
    assert isinstance(calendars, MemoryCalendars)

    class Rival(RememberingCalendars):
        @override
        def put_in_force(self, edition: Edition, walk: Walk, before: str | None) -> None:
            if rivals:
                rivals.pop()()
                calendars.keep(snapshot(FRIDAY, "Mon 19 Oct 2026"))
            calendars.put_in_force(edition, walk, before)

    calendars.keep(snapshot(FRIDAY))
    edition = put_in_force(TOWN, LATER, replace(council.ports, calendars=Rival(calendars)))

    assert set(edition.calendar.closed) >= {day(FRIDAY), day("Mon 19 Oct 2026")}
    assert stored(council).changed == (day(FRIDAY), day("Mon 19 Oct 2026"))
    assert len(council.waits) == 1


def test_rivals_without_end_are_given_way_to(council: Council) -> None:
    class Never(MemoryCalendars):
        @override
        def put_in_force(self, edition: Edition, *_: object) -> None:
            raise CaseChanged(edition.authority)

    with pytest.raises(Busy):
        put_in_force(TOWN, NOON, replace(council.ports, calendars=Never()))

    assert len(council.waits) == MOST_TRIES


# --- a walk ---------------------------------------------------------------------------------


def test_open_deadlines_that_span_the_day_move_and_no_others(council: Council) -> None:
    cases = under_way(council)
    proclaim(council, FRIDAY)

    assert walk(TOWN, NOON, council.ports, plenty) == Walked(told=3)
    assert {name: due(council, case_id) for name, case_id in cases.items()} == {
        "first": day("Tue 20 Oct 2026"),
        "second": day("Tue 20 Oct 2026"),
        "third": day("Tue 20 Oct 2026"),
        "late": day("Tue 13 Oct 2026"),
        "alerted": None,
    }
    assert told(council) == sorted(cases[name] for name in ("first", "second", "third"))


def test_without_an_edition_or_with_one_that_was_told_nothing_is_read(council: Council) -> None:
    records_due(council, 1)
    before = list(loaded(council))

    assert walk(TOWN, NOON, council.ports, plenty) == Walked()
    put_in_force(TOWN, NOON, council.ports)
    assert walk(TOWN, NOON, council.ports, plenty) == Walked()
    assert loaded(council) == before


def test_a_day_that_is_called_off_moves_them_back_and_that_is_told_once_too(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    proclaim(council, FRIDAY)
    walk(TOWN, NOON, council.ports, plenty)
    proclaim(council, at=LATER)

    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=1)
    assert due(council, case_id) == day("Mon 19 Oct 2026")
    assert told(council) == [case_id] * 2


def test_a_day_called_off_before_anybody_heard_of_it_is_told_to_nobody(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    proclaim(council, FRIDAY)
    proclaim(council, at=LATER)

    assert walk(TOWN, LATER, council.ports, plenty) == Walked()
    assert (due(council, case_id), told(council)) == (day("Mon 19 Oct 2026"), [])


def test_cases_that_the_day_does_not_concern_are_not_even_loaded(council: Council) -> None:
    cases = under_way(council)
    proclaim(council, FRIDAY)
    loaded(council).clear()
    walk(TOWN, NOON, council.ports, plenty)

    assert set(loaded(council)) == {cases[name] for name in ("first", "second", "third")}


def test_the_day_on_which_something_was_due_moves_it_too(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    proclaim(council, "Mon 19 Oct 2026")

    assert walk(TOWN, NOON, council.ports, plenty) == Walked(told=1)
    assert due(council, case_id) == day("Tue 20 Oct 2026")


def test_a_deadline_that_began_on_the_very_day_is_looked_at(council: Council) -> None:
    """A protocol may count from the first working day, which moves when the day of the event is closed."""
    (case_id,) = records_due(council, 1)
    proclaim(council, "Tue 6 Oct 2026")
    loaded(council).clear()
    walk(TOWN, NOON, council.ports, plenty)

    assert case_id in loaded(council)


class Plain(Watched):
    """A list whose rows do not say yet what their deadlines span."""

    @override
    def oldest_first(self, authority: str, cursor: str | None, limit: int) -> Page[Any]:
        found = super().oldest_first(authority, cursor, limit)
        return replace(found, items=[replace(row, open_since=None, open_until=None) for row in found.items])


def test_a_row_that_does_not_say_what_its_deadlines_span_is_looked_at() -> None:
    council = Council(cases=Plain())
    (case_id,) = records_due(council, 1)
    proclaim(council, FRIDAY)

    assert walk(TOWN, NOON, council.ports, plenty) == Walked(told=1)
    assert due(council, case_id) == day("Tue 20 Oct 2026")


def test_a_case_is_told_once_however_often_the_walk_is_begun(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    proclaim(council, FRIDAY)
    walk(TOWN, NOON, council.ports, plenty)
    after = council.snapshot()

    assert walk(TOWN, NOON, council.ports, plenty) == Walked()
    assert walk(TOWN, LATER, council.ports, plenty) == Walked()
    assert council.snapshot() == after

    cursors(council).clear()
    assert walk(TOWN, LATER, council.ports, plenty) == Walked()
    assert cursors(council) == []
    assert told(council) == [case_id]


def test_a_case_that_was_told_is_not_loaded_again_when_it_comes_up_last(council: Council) -> None:
    cases = records_due(council, BATCH + 5)
    proclaim(council, FRIDAY)
    loaded(council).clear()
    walk(TOWN, NOON, council.ports, plenty)

    assert len(cursors(council)) > 2
    assert loaded(council) == cases


def test_somebody_who_changes_a_case_meanwhile_is_waited_for(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    proclaim(council, FRIDAY)
    council.cases.before_commit.append(lambda: council.tick(NOON) and None)

    assert walk(TOWN, NOON, council.ports, plenty).left == 0
    assert due(council, case_id) == day("Tue 20 Oct 2026")
    assert told(council) == [case_id]


def test_two_walks_at_once_tell_each_case_once(council: Council) -> None:
    cases = records_due(council, BATCH + 5)
    proclaim(council, FRIDAY)
    council.cases.before_commit += [lambda: None] * 10
    council.cases.before_commit.append(lambda: walk(TOWN, NOON, council.ports, plenty) and None)
    walk(TOWN, NOON, council.ports, plenty)

    assert told(council) == cases
    assert walk(TOWN, LATER, council.ports, plenty) == Walked()
    assert stored(council).done


# --- in pages, for as long as there is time -------------------------------------------------


class Died(BaseException):
    """The function was stopped in the middle of a line."""


def dies() -> None:
    raise Died


def test_a_walk_that_was_stopped_goes_on_at_its_cursor(council: Council) -> None:
    cases = records_due(council, 2 * BATCH + 5)
    proclaim(council, FRIDAY)
    council.cases.before_commit += [*[lambda: None] * (BATCH + 7), dies]
    with pytest.raises(Died):
        walk(TOWN, NOON, council.ports, plenty)
    assert told(council) == cases[: BATCH + 7]
    loaded(council).clear()
    cursors(council).clear()

    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=BATCH - 2)
    assert loaded(council)[: BATCH - 2] == cases[BATCH + 7 :]
    assert None not in cursors(council)
    assert told(council) == cases
    assert stored(council).done


def test_a_walk_stops_with_time_in_hand_and_the_next_goes_on(council: Council) -> None:
    cases = records_due(council, BATCH + 5)
    proclaim(council, FRIDAY)

    assert walk(TOWN, NOON, council.ports, times(4)) == Walked(told=3)
    assert told(council) == cases[:3]
    assert walk(TOWN, LATER, council.ports, times(BATCH + 2)) == Walked(told=BATCH)
    assert stored(council).cursor is not None
    assert not stored(council).done
    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=2)
    assert stored(council).done


def test_nothing_is_begun_without_time_in_hand(council: Council) -> None:
    records_due(council, 1)
    proclaim(council, FRIDAY)
    loaded(council).clear()

    assert walk(TOWN, NOON, council.ports, lambda: IN_HAND_SECONDS) == Walked()
    assert loaded(council) == []


def test_a_later_edition_ends_a_walk_and_its_own_walk_tells_the_rest(council: Council) -> None:
    cases = records_due(council, BATCH + 5)
    proclaim(council, FRIDAY)
    council.cases.before_commit += [lambda: None] * BATCH
    council.cases.before_commit[-1] = lambda: proclaim(council, FRIDAY, "Mon 19 Oct 2026", at=LATER) and None
    loaded(council).clear()
    walk(TOWN, NOON, council.ports, plenty)
    assert set(loaded(council)) == set(cases[:BATCH])

    walk(TOWN, LATER, council.ports, plenty)
    assert {due(council, case_id) for case_id in cases} == {day("Wed 21 Oct 2026")}
    assert set(told(council)) == set(cases)


# --- what cannot be told --------------------------------------------------------------------


def test_a_case_that_cannot_be_told_holds_up_no_other_and_is_tried_again(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    cases = records_due(council, BATCH + 5)
    proclaim(council, FRIDAY)
    poor(council).add(cases[3])

    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=BATCH + 4, left=1)
    assert (stored(council).left, stored(council).done) == ((cases[3],), False)
    (trouble,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert trouble.case_id == cases[3]
    assert "TH-1042" not in trouble.getMessage()

    poor(council).clear()
    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=1)
    assert (stored(council).left, stored(council).done) == ((), True)
    assert told(council) == cases


def test_a_case_that_can_never_be_told_keeps_the_walk_open(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    proclaim(council, FRIDAY)
    poor(council).add(case_id)
    walk(TOWN, LATER, council.ports, plenty)

    assert walk(TOWN, LATER, council.ports, plenty) == Walked(left=1)
    assert walk(TOWN, LATER, council.ports, times(0)) == Walked(left=1)
    assert not stored(council).done


def test_too_many_that_cannot_be_told_stop_the_walk_where_it_is(council: Council) -> None:
    cases = records_due(council, MOST_LEFT + BATCH)
    proclaim(council, FRIDAY)
    poor(council).update(cases)

    with pytest.raises(LeftUndone) as stopped:
        walk(TOWN, LATER, council.ports, plenty)

    assert (stopped.value.done, stopped.value.left) == (0, MOST_LEFT + 1)
    poor(council).clear()
    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=MOST_LEFT + BATCH)
    assert stored(council).done


# --- a process that still remembers the edition before --------------------------------------


def open_by(council: Council, other: Ports, at: str) -> str:
    """Open a case in another process, with a record of its meeting due."""
    opened = service.open_case(referral("TH-else"), council.incoming(learned_at=moment(at)), other)
    case_id: str = Council.answer(opened)["case_id"]
    service.record(case_id, held(outcome="not_viable"), council.incoming(learned_at=moment(at)), other)
    return case_id


def test_a_case_that_was_opened_by_the_calendar_before_is_told_by_the_next_run(council: Council) -> None:
    records_due(council, 1)
    put_in_force(TOWN, NOON, council.ports)
    other = another_process(council.ports)
    proclaim(council, FRIDAY)
    assert walk(TOWN, NOON, council.ports, plenty) == Walked(told=1)
    case_id = open_by(council, other, "Thu 15 Oct 2026 12:01")
    assert due(council, case_id) == day("Mon 19 Oct 2026")
    assert not stored(council).done

    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=1)
    assert due(council, case_id) == day("Tue 20 Oct 2026")
    assert stored(council).done


def test_a_walk_by_such_a_process_passes_no_case_over(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    put_in_force(TOWN, NOON, council.ports)
    other = another_process(council.ports)
    proclaim(council, FRIDAY)

    assert walk(TOWN, LATER, other, plenty) == Walked(left=1)
    assert not stored(council).done
    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=1)
    assert due(council, case_id) == day("Tue 20 Oct 2026")


def test_what_such_a_process_stores_late_is_not_behind_the_cursor(council: Council) -> None:
    """A schedule that began ten minutes ago writes under the moment of its start."""
    records_due(council, 5)
    put_in_force(TOWN, NOON, council.ports)
    other = another_process(council.ports)
    recent = [
        council.open(f"TH-new-{number}", learned_at=moment("Thu 15 Oct 2026 11:55"))
        for number in range(BATCH + 5)
    ]
    proclaim(council, FRIDAY)
    walk(TOWN, NOON, council.ports, plenty)
    case_id = open_by(council, other, "Thu 15 Oct 2026 11:50")

    walk(TOWN, LATER, council.ports, plenty)
    assert due(council, case_id) == day("Tue 20 Oct 2026")
    assert stored(council).done
    assert len(recent) > BATCH


def test_such_a_process_takes_no_case_back_that_was_told(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    put_in_force(TOWN, NOON, council.ports)
    other = another_process(council.ports)
    proclaim(council, FRIDAY)
    walk(TOWN, NOON, council.ports, plenty)
    service.record(
        case_id,
        step("Thu 15 Oct 2026", "alert_acknowledged", by=seats("p-iro")),
        council.incoming(learned_at=LATER),
        other,
    )

    assert due(council, case_id) == day("Tue 20 Oct 2026")
    assert told(council) == [case_id]


# --- cases from before calendars were kept --------------------------------------------------


def test_cases_decided_by_the_shipped_table_are_told_of_the_first_snapshot(council: Council) -> None:
    cases = records_due(council, 3)
    forget_calendars(council)
    proclaim(council, FRIDAY)

    assert walk(TOWN, LATER, council.ports, plenty) == Walked(told=3)
    assert {due(council, case_id) for case_id in cases} == {day("Tue 20 Oct 2026")}
    assert told(council) == cases
    assert stored(council).done


def test_cases_from_then_are_well_where_the_shipped_table_is_in_force_again(council: Council) -> None:
    records_due(council, 3)
    forget_calendars(council)
    proclaim(council, FRIDAY)
    proclaim(council, at=LATER)

    assert walk(TOWN, LATER, council.ports, plenty) == Walked()
    assert told(council) == []


def forget_calendars(council: Council) -> None:
    """Store the cases as they were before a case kept which calendar it is counted by."""
    for case in list(council.cases.by_id.values()):
        council.cases.by_id[case.id] = replace(case, calendar=None)


def test_a_walk_does_not_wait_for_others_longer_than_it_has(council: Council) -> None:
    (case_id,) = records_due(council, 1)
    proclaim(council, FRIDAY)

    def rival() -> None:
        raise CaseChanged(case_id)

    council.cases.before_commit.extend([rival] * MOST_TRIES)
    waited = len(council.waits)
    left = iter([300.0] * 2)

    assert walk(TOWN, LATER, council.ports, lambda: next(left, 5.0)).left == 1
    assert len(council.waits) == waited
