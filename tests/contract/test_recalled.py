"""What is known to have been sent before its case says so again: on AWS's own engine."""

from datetime import timedelta

import pytest

from chalicelib.core.errors import CaseChanged, NotClaimed
from chalicelib.core.identity import identify
from chalicelib.ports import NOBODYS, MessageState
from chalicelib.store import recalled
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import OutboxItem
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.store.transaction import write
from tests import cases as made
from tests.messages import NOON, message

BEFORE = NOON - timedelta(hours=2)


@pytest.fixture
def cases(tables):
    return DynamoCases()


@pytest.fixture
def outbox(cases):
    return DynamoOutbox()


def says(cases, *messages, **changes):
    cases.commit(made.commit(messages=messages, receipt=made.receipt(), **changes))


def test_what_was_sent_is_not_made_a_second_time_and_stands_with_its_case(cases, outbox):
    assert recalled.leave_bare("m-1", MessageState.SENT, BEFORE, "ses-7")

    says(cases, message(id="m-1"), message(id="m-2"))

    known = outbox.message("m-1")
    assert (known.state, known.provider_reference, known.changed_at) == (MessageState.SENT, "ses-7", BEFORE)
    assert outbox.ready(NOON + timedelta(days=1), 10) == ["m-2"]
    assert {each.id for each in outbox.of_case("PC-2041", None, 10).items} == {"m-1", "m-2"}
    assert cases.receipt(made.AUTHORITY, made.receipt().key)
    with pytest.raises(NotClaimed):
        outbox.claim("m-1", NOON, 60)


def test_nobody_can_claim_what_is_bare_and_it_is_not_set_aside(cases, outbox):
    recalled.leave_bare("m-1", MessageState.SENT, BEFORE)

    with pytest.raises(NotClaimed) as refused:
        outbox.claim("m-1", NOON, 60)

    assert type(refused.value) is NotClaimed
    assert outbox.message("m-1").state is MessageState.SENT


def test_what_came_back_is_on_nobodys_list_until_its_case_says_whose_it_is_and_then_settled(cases, outbox):
    recalled.leave_bare("m-1", MessageState.BOUNCED, BEFORE)
    assert [each.id for each in outbox.undelivered(NOBODYS, None, 10).items] == ["m-1"]
    assert outbox.unsettled(NOON + timedelta(days=1), 10) == []

    says(cases, message(id="m-1"))

    assert outbox.undelivered(NOBODYS, None, 10).items == []
    assert [each.id for each in outbox.undelivered(made.AUTHORITY, None, 10).items] == ["m-1"]
    (waiting,) = outbox.unsettled(NOON + timedelta(days=1), 10)
    assert (waiting.id, waiting.case_id, waiting.state) == ("m-1", "PC-2041", MessageState.BOUNCED)


def test_word_that_comes_while_it_is_bare_is_not_lost_though_settling_found_no_case(cases, outbox):
    recalled.leave_bare("m-1", MessageState.SENT, BEFORE)
    outbox.delivered("m-1", MessageState.BOUNCED, NOON, "bounce_permanent_general")
    outbox.settled("m-1")  # as the schedule does with what is about no case

    says(cases, message(id="m-1"))

    (waiting,) = outbox.unsettled(NOON + timedelta(days=1), 10)
    assert (waiting.state, waiting.reason) == (MessageState.BOUNCED, "bounce_permanent_general")


def test_evidence_changes_nothing_of_a_message_that_is_there(cases, outbox):
    says(cases, message(id="m-1"))

    assert not recalled.leave_bare("m-1", MessageState.SENT, BEFORE)
    assert outbox.message("m-1").state is MessageState.PENDING


def test_what_moves_while_it_is_made_whole_is_decided_again(cases, outbox):
    """The word of a bounce comes between reading the bare item and putting the whole one."""
    recalled.leave_bare("m-1", MessageState.SENT, BEFORE)
    put = recalled.completed(message(id="m-1"), queues=1)
    outbox.delivered("m-1", MessageState.BOUNCED, NOON, "bounce")

    with pytest.raises(CaseChanged):
        write([put])
    assert OutboxItem.get("MSG#m-1", "MSG").state == "BOUNCED"


def test_a_message_of_the_services_own_is_made_whole_as_well(outbox):
    recalled.leave_bare("m-1", MessageState.DELIVERED, BEFORE)

    outbox.put(message(id="m-1"))

    known = outbox.message("m-1")
    assert (known.state, known.case_id) == (MessageState.DELIVERED, "PC-2041")


def test_whoever_was_told_instead_is_not_told_again(cases, outbox):
    heir = identify("m", "m-1", "ben")
    recalled.leave_bare(heir, MessageState.SENT, BEFORE)
    says(cases, message(id="m-1"), seats={"PC-2041": {"social_worker": "ben"}})

    with pytest.raises(NotClaimed):
        outbox.claim("m-1", NOON, 60)

    assert outbox.message("m-1").state is MessageState.CANCELLED
    told = outbox.message(heir)
    assert (told.state, told.person_id, told.case_id) == (MessageState.SENT, "ben", "PC-2041")
    assert outbox.ready(NOON + timedelta(days=1), 10) == []
