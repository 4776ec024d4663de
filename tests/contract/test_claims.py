"""Who may send a message, when several want to at once: on AWS's own engine, with real threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from chalicelib.core.errors import CaseChanged, NotClaimed
from chalicelib.ports import MessageState
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import OutboxItem
from chalicelib.store.outbox import DynamoOutbox
from tests import cases as made
from tests.messages import NOON, message

LEASE = 300
WORKERS = 8
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def outbox(tables):
    return DynamoOutbox(shards=2)


def post(*messages, **beside):
    DynamoCases(outbox_shards=2).commit(made.commit(messages=messages, **beside))


def claim_at_once(outbox, message_ids, now=NOON):
    """Claim these in a thread each, all let go at one moment; None where it was not to be had."""
    gate = Barrier(len(message_ids))

    def one(message_id):
        gate.wait()
        try:
            return outbox.claim(message_id, now, LEASE)
        except NotClaimed:
            return None

    with ThreadPoolExecutor(len(message_ids)) as pool:
        return list(pool.map(one, message_ids))


def queues():
    return [
        (item.queue, item.pk)
        for queue in ("send#0", "send#1", "settle#0")
        for item in OutboxItem.ready.query(queue)
    ]


@pytest.mark.parametrize("cancelled_with", [None, "d-1"])
def test_of_many_workers_exactly_one_has_the_message(outbox, cancelled_with):
    post(message(cancelled_with=cancelled_with))

    claimed = [each for each in claim_at_once(outbox, ["m-1"] * WORKERS) if each]

    assert [each.attempts for each in claimed] == [1]


def test_a_lease_that_ran_out_goes_to_exactly_one(outbox):
    post(message())
    outbox.claim("m-1", NOON, LEASE)

    claimed = [each for each in claim_at_once(outbox, ["m-1"] * WORKERS, now=LATER) if each]

    assert [each.attempts for each in claimed] == [2]


def test_messages_of_one_duty_are_all_claimed_at_once(outbox):
    names = [f"m-{number}" for number in range(WORKERS)]
    post(*[message(id=name, cancelled_with="d-1") for name in names], reopened=["d-1"])

    assert [each and each.id for each in claim_at_once(outbox, names)] == names


def test_a_message_is_either_claimed_or_cancelled_when_its_duty_settles_meanwhile(outbox):
    rounds = 12
    for number in range(rounds):
        case_id, name, duty_id = f"PC-{number}", f"m-{number}", f"d-{number}"
        after = made.case(id=case_id)
        DynamoCases(outbox_shards=2).commit(
            made.commit(after, messages=[message(id=name, case_id=case_id, cancelled_with=duty_id)])
        )
        gate = Barrier(2)

        def settle(case_id=case_id, duty_id=duty_id, gate=gate):
            gate.wait()
            while True:
                try:
                    return DynamoCases().commit(
                        made.commit(made.case(id=case_id, version=2), settled=[duty_id])
                    )
                except CaseChanged:
                    continue

        def claim(name=name, gate=gate):
            gate.wait()
            try:
                return outbox.claim(name, NOON, LEASE)
            except NotClaimed:
                return None

        with ThreadPoolExecutor(2) as pool:
            settled, claimed = pool.submit(settle), pool.submit(claim)
            settled.result()
            outcome = claimed.result()

        state = OutboxItem.get(f"MSG#{name}", "MSG").state
        assert state == (MessageState.SENDING if outcome else MessageState.CANCELLED).value
        # Whichever came first: from here on nobody can claim it.
        with pytest.raises(NotClaimed):
            outbox.claim(name, LATER, LEASE)
        assert OutboxItem.get(f"MSG#{name}", "MSG").state == MessageState.CANCELLED.value


def test_each_state_is_in_the_queue_that_it_asks_for_and_in_no_other(outbox):
    post(message())
    (waiting,) = queues()
    assert waiting[0] in {"send#0", "send#1"}

    claimed = outbox.claim("m-1", NOON, LEASE)
    assert queues() == [waiting]
    assert outbox.ready(NOON, 10) == []
    assert outbox.ready(LATER, 10) == ["m-1"]

    outbox.retry(claimed, LATER, "throttled")
    assert queues() == [waiting]

    outbox.failed(outbox.claim("m-1", LATER, LEASE), "no_contact", LATER)
    assert queues() == [("settle#0", "MSG#m-1")]
    assert [each.state for each in outbox.unsettled(LATER, 10)] == [MessageState.FAILED]

    outbox.delivered("m-1", MessageState.DELIVERED, LATER, "")
    assert queues() == []

    outbox.delivered("m-1", MessageState.BOUNCED, LATER, "Permanent")
    assert queues() == [("settle#0", "MSG#m-1")]

    outbox.settled("m-1")
    assert queues() == []


def test_a_late_worker_and_the_one_after_do_not_both_write(outbox):
    post(message())
    late = outbox.claim("m-1", NOON, LEASE)
    current = outbox.claim("m-1", LATER, LEASE)

    outbox.failed(late, "timed_out", LATER)
    outbox.sent(current, "ses-2", LATER)

    (kept,) = outbox.of_case("PC-2041", None, 10).items
    assert (kept.state, kept.provider_reference) == (MessageState.SENT, "ses-2")
    assert queues() == []
