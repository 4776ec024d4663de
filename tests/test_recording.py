"""Recording a fact of the service's own: once, however often it is tried."""

from chalicelib.core.case import Case
from chalicelib.core.trace import TIME_REACHED, Trace
from chalicelib.recording import record_own
from tests.builders import day, moment
from tests.council import Council

LATER = moment("Thu 15 Oct 2026 12:00")


def come(_: Case) -> Trace:
    return Trace(id="f-1", kind=TIME_REACHED, on=day("Thu 15 Oct 2026"), learned_at=LATER, at=LATER)


def test_a_fact_that_the_case_has_is_not_recorded_again() -> None:
    council = Council()
    case_id = council.open()

    assert record_own(case_id, come, LATER, council.ports)
    assert not record_own(case_id, come, LATER, council.ports)
    assert council.case(case_id).version == 2


def test_where_nothing_follows_nothing_is_recorded() -> None:
    council = Council()
    case_id = council.open()

    assert not record_own(case_id, lambda _: None, LATER, council.ports)
    assert council.case(case_id).version == 1
