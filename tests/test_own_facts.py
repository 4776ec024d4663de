"""What the service records itself: that time has come, and that a notice never arrived."""

from dataclasses import replace

import pytest

from chalicelib import own_facts
from chalicelib.channels.addressing import email_address
from chalicelib.core.case import State
from chalicelib.core.errors import Busy, CaseChanged, NotFound
from chalicelib.patience import MOST_TRIES
from chalicelib.ports import Message, MessageState
from tests.builders import day, moment
from tests.council import TOWN, Council, convened, held, people, seats, step
from tests.doubles import MemoryContacts
from tests.messages import role_contact

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


def test_those_beside_whoever_was_not_reached_are_told_and_whoever_keeps_the_contacts() -> None:
    council = Council(contacts=reachable())
    case_id = council.open()
    message = replace(to_the_iro(council), state=MessageState.BOUNCED, reason="bounce_permanent_noemail")
    known = set(council.cases.outbox.messages)
    own_facts.undelivered(message, LATER, council.ports)

    (task,) = council.case(case_id).standing.tasks
    assert (task.clause, task.occasion, task.person_id) == ("TH-21", "opened", "p-iro")
    assert (task.notice_on, task.beside) == (day("Thu 15 Oct 2026"), ("deputy", "manager"))
    alerts = [each for name, each in council.cases.outbox.messages.items() if name not in known]
    addresses = [email_address(each, council.contacts, day("Thu 15 Oct 2026")) for each in alerts]
    assert addresses == ["p-tm@council.example", "p-gm@council.example", "contacts@council.example"]
    assert {each.cancelled_with for each in alerts} == {task.id}
    assert {each.urgency for each in alerts} == {"now"}

    own_facts.undelivered(
        replace(alerts[0], state=MessageState.FAILED, reason="gave_up"), LATER, council.ports
    )
    assert len(council.case(case_id).standing.tasks) == 2
    assert len(council.cases.outbox.messages) == len(known) + len(alerts)


def reachable() -> MemoryContacts:
    """The council's people, its reviewing officer with a deputy and a manager, and a mailbox for contacts."""
    known = [
        replace(each, deputy="p-tm", manager="p-gm") if each.id == "p-iro" else each for each in people()
    ]
    mailbox = role_contact("administrator", authority=TOWN, email="contacts@council.example")
    return MemoryContacts(known, [mailbox])


def to_the_iro(council: Council) -> Message:
    return next(
        each
        for each in council.messages("TH-21")
        if each.role == "iro" and each.occasion.partition(":")[0] == "opened"
    )


def test_what_could_not_reach_a_manager_is_told_beside_that_manager() -> None:
    council = Council(contacts=reachable())
    case_id = council.open()
    council.contacts.people[TOWN, "p-gm"] = replace(
        council.contacts.people[TOWN, "p-gm"], deputy="p-other", manager=None
    )
    own_facts.undelivered(replace(to_the_iro(council), via_manager=True), LATER, council.ports)

    (task,) = council.case(case_id).standing.tasks
    assert (task.via_manager, task.beside) == (True, ("deputy",))
    (alert,) = (each for each in council.messages("TH-21") if each.via_deputy)
    assert email_address(alert, council.contacts, day("Thu 15 Oct 2026")) == "p-other@council.example"


def test_a_role_of_the_authority_by_a_topic_that_is_gone_is_told_to_its_holders_deputy_by_email() -> None:
    council = Council(contacts=reachable())
    channels = {"now": ("topic",)}
    council.contacts.roles[TOWN, "cpt"] = role_contact(
        "cpt", authority=TOWN, person_id="p-iro", topic="arn:t", channels=channels
    )
    case_id = council.open()
    (message,) = (each for each in council.messages("TH-21") if each.role == "cpt")
    gone = replace(message, state=MessageState.FAILED, reason="no_such_topic")
    own_facts.undelivered(gone, LATER, council.ports)

    (task,) = council.case(case_id).standing.tasks
    alerts = [each for each in council.messages("TH-21") if each.about == task.id and each.role == "cpt"]
    assert [(each.channel, each.via_deputy, each.via_manager) for each in alerts] == [
        ("email", True, False),
        ("email", False, True),
    ]


def test_what_can_no_longer_be_read_says_no_more_than_is_known(council: Council) -> None:
    case_id = council.open()
    unread = replace(
        to_the_iro(council),
        state=MessageState.SET_ASIDE,
        reason="who knows why",
        clause="",
        occasion="",
        created_at=moment("Thu 1 Jan 1970 01:00"),
    )
    own_facts.undelivered(unread, LATER, council.ports)

    (task,) = council.case(case_id).standing.tasks
    assert (task.why, task.clause, task.occasion, task.notice_on) == ("SET_ASIDE", "", "", None)


def test_the_same_message_opens_one_task(council: Council) -> None:
    case_id = council.open()
    own_facts.undelivered(lost(council), LATER, council.ports)
    own_facts.undelivered(lost(council), moment("Thu 15 Oct 2026 13:00"), council.ports)

    assert len(council.case(case_id).standing.tasks) == 1


def test_what_was_sent_anew_and_never_arrives_either_opens_another(council: Council) -> None:
    case_id = council.open()
    for renewed_at in (None, LATER, LATER):
        own_facts.undelivered(replace(lost(council), renewed_at=renewed_at), LATER, council.ports)

    assert len(council.case(case_id).standing.tasks) == 2


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
