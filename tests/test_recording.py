"""Recording a fact of the service's own: once, however often it is tried."""

import pytest

from chalicelib.core.case import Case
from chalicelib.core.errors import Busy, CaseChanged
from chalicelib.core.trace import CALENDAR_CHANGED, TIME_REACHED, Trace
from chalicelib.patience import RESERVE_SECONDS
from chalicelib.recording import record_own
from chalicelib.walks import put_in_force
from tests.builders import day, moment
from tests.council import TOWN, Council
from tests.snapshots import FRIDAY, NOON, snapshot

LATER = moment("Thu 15 Oct 2026 12:00")


def come(_: Case) -> Trace:
    return Trace(id="f-1", kind=TIME_REACHED, on=day("Thu 15 Oct 2026"), learned_at=LATER, at=LATER)


def test_a_fact_that_the_case_has_is_not_recorded_again() -> None:
    council = Council()
    case_id = council.open()

    assert record_own(case_id, come, LATER, council.ports)
    assert not record_own(case_id, come, LATER, council.ports)
    assert council.case(case_id).version == 2


def test_the_fact_is_made_of_the_case_as_it_stands_at_each_try() -> None:
    council = Council()
    case_id = council.open()
    seen: list[Case] = []

    def beaten_once(case: Case) -> Trace:
        seen.append(case)
        if len(seen) == 1:
            raise CaseChanged(case_id)
        return come(case)

    assert record_own(case_id, beaten_once, LATER, council.ports)
    assert [each.id for each in seen] == [case_id, case_id]


def test_it_is_not_tried_again_where_there_is_no_time() -> None:
    council = Council()
    case_id = council.open()

    def beaten(_: Case) -> Trace:
        raise CaseChanged(case_id)

    with pytest.raises(Busy, match="no time to try again"):
        record_own(case_id, beaten, LATER, council.ports, lambda: RESERVE_SECONDS)


def test_where_nothing_follows_nothing_is_recorded() -> None:
    council = Council()
    case_id = council.open()

    assert not record_own(case_id, lambda _: None, LATER, council.ports)
    assert council.case(case_id).version == 1


def test_a_case_is_brought_to_the_calendar_in_force_before_the_fact_at_the_moment_of_the_fact() -> None:
    council = Council()
    case_id = council.open()
    council.ports.calendars.keep(snapshot(FRIDAY))
    put_in_force(TOWN, NOON, council.ports)

    assert record_own(case_id, come, LATER, council.ports)
    _, recount, own = council.cases.entries[case_id]
    assert (recount.decision.fact.kind, own.decision.fact.id) == (CALENDAR_CHANGED, "f-1")
    assert recount.learned_at == LATER
