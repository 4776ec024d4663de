"""A message goes from one state to the next, and is in the queue that its state asks for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.errors import InvalidInput, NotClaimed
from chalicelib.ports import MessageState
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import OutboxItem
from chalicelib.store.outbox import DynamoOutbox
from tests import cases as made
from tests.messages import NOON, message

LEASE = 300
LEASE_ENDS = NOON + timedelta(seconds=LEASE)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def outbox(tables):
    return DynamoOutbox()


def post(*messages, **beside):
    DynamoCases().commit(made.commit(messages=messages, **beside))


def stored(message_id="m-1"):
    return OutboxItem.get(f"MSG#{message_id}", "MSG")


def put(state, message_id="m-1", queue=None):
    """Store a message as it would be after some adventures."""
    post(message(id=message_id))
    item = stored(message_id)
    item.state, item.queue, item.next_attempt_at = state.value, queue, queue and item.next_attempt_at
    item.save()


def state_of(outbox, message_id="m-1"):
    return {each.id: each for each in outbox.of_case("PC-2041", None, 100).items}[message_id].state


def test_a_message_is_read_back_as_it_was_written(outbox):
    written = message(
        via_manager=True, provisional=True, cancelled_with="d-1", due_on=None, person_id=None, urgency="now"
    )
    post(written)

    assert outbox.of_case("PC-2041", None, 10).items == [written]


def test_a_message_without_a_moment_is_due_from_its_making(outbox):
    post(message(next_attempt_at=None))

    assert outbox.ready(NOON, 10) == ["m-1"]


def test_a_message_of_the_services_own_is_about_no_case_and_sent_like_any_other(outbox):
    own = message(case_id="", cancelled_with=None)
    outbox.put(own)

    assert outbox.ready(NOON, 10) == ["m-1"]
    claimed = outbox.claim("m-1", NOON, LEASE)
    assert (claimed.id, claimed.case_id, claimed.attempts) == (own.id, "", 1)


def test_a_message_that_is_known_by_its_id_stays_as_it_is(outbox):
    outbox.put(message())
    outbox.sent(outbox.claim("m-1", NOON, LEASE), "ses-1", NOON)

    outbox.put(message(role="iro"))

    (kept,) = outbox.of_case("PC-2041", None, 10).items
    assert (kept.state, kept.role) == (MessageState.SENT, "social_worker")


@pytest.mark.parametrize("count", [1, 4])
def test_a_message_that_is_put_joins_the_queue_in_which_it_is_looked_for(tables, count):
    outbox = DynamoOutbox(shards=count)
    for number in range(8):
        outbox.put(message(id=f"m-{number}"))

    assert len(outbox.ready(NOON, 10)) == 8


def test_a_message_is_ready_when_its_moment_has_come(outbox):
    post(message(next_attempt_at=LATER))

    assert outbox.ready(LATER - timedelta(microseconds=1), 10) == []
    assert outbox.ready(LATER, 10) == ["m-1"]


@pytest.mark.parametrize("count", [1, 4])
def test_the_oldest_are_ready_first_whatever_their_queue(tables, count):
    late = [message(id=f"m-{n}", next_attempt_at=NOON + timedelta(minutes=n)) for n in (3, 1, 2)]
    DynamoCases(outbox_shards=count).commit(made.commit(messages=late))

    assert DynamoOutbox(shards=count).ready(LATER, 2) == ["m-1", "m-2"]


def test_a_claimed_message_is_leased_and_counted(outbox):
    post(message())

    claimed = outbox.claim("m-1", NOON, LEASE)

    assert (claimed.state, claimed.attempts, claimed.lease_until) == (MessageState.SENDING, 1, LEASE_ENDS)
    assert outbox.of_case("PC-2041", None, 10).items == [claimed]


def test_nobody_else_may_have_it_while_the_lease_lasts(outbox):
    post(message())
    outbox.claim("m-1", NOON, LEASE)

    with pytest.raises(NotClaimed):
        outbox.claim("m-1", LEASE_ENDS - timedelta(seconds=1), LEASE)
    assert outbox.ready(LEASE_ENDS - timedelta(seconds=1), 10) == []


def test_a_lease_that_ran_out_is_found_and_claimed_again(outbox):
    post(message())
    outbox.claim("m-1", NOON, LEASE)

    assert outbox.ready(LEASE_ENDS, 10) == ["m-1"]
    assert outbox.claim("m-1", LEASE_ENDS, LEASE).attempts == 2


def test_what_is_not_there_cannot_be_claimed(outbox):
    with pytest.raises(NotClaimed):
        outbox.claim("m-1", NOON, LEASE)


def test_a_message_whose_duty_is_settled_is_cancelled_when_it_is_claimed(outbox):
    post(message(cancelled_with="d-1"), settled=["d-1"])

    with pytest.raises(NotClaimed):
        outbox.claim("m-1", NOON, LEASE)

    assert state_of(outbox) is MessageState.CANCELLED
    assert (outbox.ready(LATER, 10), outbox.unsettled(LATER, 10)) == ([], [])


def test_a_message_whose_duty_was_reopened_is_sent_after_all(outbox):
    post(message(cancelled_with="d-1"), reopened=["d-1"])

    assert outbox.claim("m-1", NOON, LEASE).state is MessageState.SENDING


def test_a_duty_that_is_still_open_cancels_nothing(outbox):
    post(message(cancelled_with="d-1"), settled=["d-2"])

    assert outbox.claim("m-1", NOON, LEASE).state is MessageState.SENDING


def test_a_lease_that_ran_out_on_a_settled_duty_ends_cancelled(outbox):
    post(message(cancelled_with="d-1"))
    outbox.claim("m-1", NOON, LEASE)
    DynamoCases().commit(made.commit(made.case(version=2), settled=["d-1"]))

    with pytest.raises(NotClaimed):
        outbox.claim("m-1", LEASE_ENDS, LEASE)

    assert state_of(outbox) is MessageState.CANCELLED


def test_a_sent_message_is_in_no_queue_and_keeps_its_reference(outbox):
    post(message())

    outbox.sent(outbox.claim("m-1", NOON, LEASE), "ses-1", LATER)

    (kept,) = outbox.of_case("PC-2041", None, 10).items
    assert (kept.state, kept.provider_reference, kept.changed_at) == (MessageState.SENT, "ses-1", LATER)
    assert (kept.lease_until, kept.next_attempt_at, stored().queue) == (None, None, None)


def test_a_message_to_be_tried_again_waits_for_its_moment(outbox):
    post(message())

    outbox.retry(outbox.claim("m-1", NOON, LEASE), LATER, "throttled")

    assert (outbox.ready(LEASE_ENDS, 10), outbox.ready(LATER, 10)) == ([], ["m-1"])
    (kept,) = outbox.of_case("PC-2041", None, 10).items
    assert (kept.state, kept.reason, kept.lease_until) == (MessageState.PENDING, "throttled", None)


def test_a_message_given_up_waits_to_be_settled_and_then_no_longer(outbox):
    post(message())
    outbox.failed(outbox.claim("m-1", NOON, LEASE), "no_contact", LATER)
    assert [(each.id, each.reason) for each in outbox.unsettled(LATER, 10)] == [("m-1", "no_contact")]

    outbox.settled("m-1")

    assert (outbox.unsettled(LATER, 10), outbox.ready(LATER, 10)) == ([], [])
    assert state_of(outbox) is MessageState.FAILED


def test_the_longest_unsettled_come_first(outbox):
    for number in (3, 1, 2):
        post_on = message(id=f"m-{number}", case_id=f"PC-{number}")
        DynamoCases().commit(made.commit(made.case(id=f"PC-{number}"), messages=[post_on]))
        claimed = outbox.claim(post_on.id, NOON, LEASE)
        outbox.failed(claimed, "no_contact", NOON + timedelta(minutes=number))

    assert [each.id for each in outbox.unsettled(LATER, 2)] == ["m-1", "m-2"]


@pytest.mark.parametrize("report", ["sent", "retry", "failed"])
def test_a_late_worker_does_not_overwrite_whoever_came_after(outbox, report):
    post(message())
    late = outbox.claim("m-1", NOON, LEASE)
    current = outbox.claim("m-1", LEASE_ENDS, LEASE)

    match report:
        case "sent":
            outbox.sent(late, "ses-1", LATER)
        case "retry":
            outbox.retry(late, LATER, "throttled")
        case "failed":
            outbox.failed(late, "no_contact", LATER)

    assert outbox.of_case("PC-2041", None, 10).items == [current]


@pytest.mark.parametrize(
    ("before", "word", "after"),
    [
        ("PENDING", "SENT", "SENT"),
        ("SENDING", "SENT", "SENT"),
        ("SENT", "DELIVERED", "DELIVERED"),
        ("SENDING", "DELIVERED", "DELIVERED"),
        ("FAILED", "DELIVERED", "DELIVERED"),
        ("CANCELLED", "DELIVERED", "DELIVERED"),
        ("DELIVERED", "BOUNCED", "BOUNCED"),
        ("DELIVERED", "COMPLAINED", "COMPLAINED"),
        ("DELIVERED", "SENT", "DELIVERED"),
        ("BOUNCED", "DELIVERED", "BOUNCED"),
        ("BOUNCED", "COMPLAINED", "COMPLAINED"),
        ("COMPLAINED", "BOUNCED", "COMPLAINED"),
        ("FAILED", "SENT", "SENT"),
        ("FAILED", "BOUNCED", "BOUNCED"),
        ("CANCELLED", "SENT", "SENT"),
        ("CANCELLED", "BOUNCED", "BOUNCED"),
        ("SET_ASIDE", "DELIVERED", "DELIVERED"),
    ],
)
def test_the_providers_word_only_moves_a_message_forward(outbox, before, word, after):
    put(MessageState(before))

    outbox.delivered("m-1", MessageState(word), LATER, "")

    assert state_of(outbox) is MessageState(after)


@pytest.mark.parametrize("word", [MessageState.BOUNCED, MessageState.COMPLAINED])
def test_what_bounced_waits_to_be_settled(outbox, word):
    put(MessageState.SENT)

    outbox.delivered("m-1", word, LATER, "Permanent")

    assert [(each.state, each.reason) for each in outbox.unsettled(LATER, 10)] == [(word, "Permanent")]


def test_what_turns_out_to_have_arrived_is_no_longer_to_be_settled(outbox):
    put(MessageState.FAILED, queue="settle#0")

    outbox.delivered("m-1", MessageState.DELIVERED, LATER, "")

    assert outbox.unsettled(LATER, 10) == []


def test_what_turns_out_to_have_been_sent_is_not_sent_again(outbox):
    post(message())
    outbox.retry(outbox.claim("m-1", NOON, LEASE), LATER, "timed_out")

    outbox.delivered("m-1", MessageState.SENT, LATER, "")

    assert outbox.ready(LATER, 10) == []
    with pytest.raises(NotClaimed):
        outbox.claim("m-1", LATER, LEASE)


def test_word_of_an_unknown_message_changes_nothing(outbox):
    outbox.delivered("m-9", MessageState.DELIVERED, LATER, "")

    assert OutboxItem.count("MSG#m-9") == 0


def test_delivery_before_our_own_note_of_sending_stands(outbox):
    post(message())
    claimed = outbox.claim("m-1", NOON, LEASE)
    outbox.delivered("m-1", MessageState.DELIVERED, NOON, "")

    outbox.sent(claimed, "ses-1", LATER)

    assert state_of(outbox) is MessageState.DELIVERED


def test_settling_leaves_a_message_in_another_queue_alone(outbox):
    post(message())

    outbox.settled("m-1")

    assert outbox.ready(LATER, 10) == ["m-1"]


def test_a_case_shows_its_messages_in_the_order_of_their_making(outbox):
    posted = [message(id=f"m-{number}", created_at=NOON + timedelta(minutes=number)) for number in range(3)]
    post(*reversed(posted), message(id="m-9", case_id="PC-2042"))

    first = outbox.of_case("PC-2041", None, 2)
    rest = outbox.of_case("PC-2041", first.cursor, 2)

    assert [each.id for each in (*first.items, *rest.items)] == ["m-0", "m-1", "m-2"]
    assert rest.cursor is None


def test_a_cursor_of_another_case_is_refused(outbox):
    post(*[message(id=f"m-{number}") for number in range(2)])

    with pytest.raises(InvalidInput):
        outbox.of_case("PC-2042", outbox.of_case("PC-2041", None, 1).cursor, 10)


def test_a_message_that_moved_keeps_what_it_says(outbox):
    post(message())

    claimed = outbox.claim("m-1", NOON, LEASE)

    kept = replace(
        claimed,
        state=MessageState.PENDING,
        attempts=0,
        lease_until=None,
        next_attempt_at=NOON,
        changed_at=None,
    )
    assert kept == message()
