"""What the service records itself: that time has come, and that a notice never arrived."""

from dataclasses import replace

import pytest

from chalicelib import own_facts
from chalicelib.core.case import State
from chalicelib.core.errors import Busy, CaseChanged, NotFound
from chalicelib.patience import MOST_TRIES
from chalicelib.ports import Message, MessageState
from tests.builders import moment
from tests.council import TOWN, Council, convened, held, seats, step

LATER = moment("Thu 15 Oct 2026 12:00")  # the alert of quarter past nine has been open for two hours


@pytest.fixture
def council() -> Council:
    return Council()


# --- what never arrives ---------------------------------------------------------------------


def lost(council: Council, clause: str = "TH-21") -> Message:
    return replace(council.messages(clause)[0], state=MessageState.FAILED, reason="no_contact")


def test_a_message_that_never_arrives_is_a_fact_and_a_task_on_its_case(council: Council) -> None:
    case_id = council.open()
    message = lost(council)
    own_facts.undelivered(message, LATER, council.ports)

    (task,) = council.case(case_id).standing.tasks
    assert (task.role, task.tell, task.why) == ("administrator", message.role, "no_contact")
    assert task.message_id == message.id
    assert [each.task_id for each in council.cases.tasks(TOWN, None, 10).items] == [task.id]


def test_the_same_message_opens_one_task(council: Council) -> None:
    case_id = council.open()
    own_facts.undelivered(lost(council), LATER, council.ports)
    own_facts.undelivered(lost(council), moment("Thu 15 Oct 2026 13:00"), council.ports)

    assert len(council.case(case_id).standing.tasks) == 1


def test_a_task_is_done_when_somebody_was_told_another_way(council: Council) -> None:
    case_id = council.open()
    own_facts.undelivered(lost(council), LATER, council.ports)
    (task,) = council.case(case_id).standing.tasks
    council.record(case_id, step("Thu 15 Oct 2026", "told_another_way", by=seats("p-gm"), for_id=task.id))

    assert council.case(case_id).standing.tasks[0].done_by is not None


def test_a_message_about_no_case_is_not_found(council: Council) -> None:
    council.open()

    with pytest.raises(NotFound):
        own_facts.undelivered(replace(lost(council), case_id="c-nowhere"), LATER, council.ports)


def test_it_is_tried_again_and_then_given_up_until_the_next_run(council: Council) -> None:
    case_id = council.open()

    def rival() -> None:
        raise CaseChanged(case_id)

    council.cases.before_commit.append(rival)
    own_facts.undelivered(lost(council), LATER, council.ports)
    assert len(council.case(case_id).standing.tasks) == 1

    council.cases.before_commit.extend([rival] * MOST_TRIES)
    with pytest.raises(Busy):
        own_facts.undelivered(replace(lost(council), id="m-other"), LATER, council.ports)


def test_a_missed_duty_is_told_when_the_meeting_is_recorded_and_not_by_the_clock(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, convened())
    council.record(case_id, held())

    (duty,) = council.duties(case_id, "TH-18")
    assert duty.state is State.MISSED
    assert "missed" in {each.occasion.partition(":")[0] for each in council.messages("TH-18")}
