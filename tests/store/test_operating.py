"""What operators see of messages and may do to them, and what is looked at before any is sent."""

from datetime import timedelta

import pytest

from chalicelib.core.errors import InvalidInput, NotClaimed, NotFound, SetAside
from chalicelib.ports import NOBODYS, MessageState
from chalicelib.store import items
from chalicelib.store.items import OutboxItem
from chalicelib.store.outbox import DynamoOutbox
from tests.messages import NOON, message

LEASE = 300
LEASE_ENDS = NOON + timedelta(seconds=LEASE)
LATER = NOON + timedelta(hours=1)
TOWN = "tower-hamlets"
NEVER_ARRIVED = (
    MessageState.FAILED,
    MessageState.BOUNCED,
    MessageState.COMPLAINED,
    MessageState.SET_ASIDE,
)


@pytest.fixture
def outbox(tables):
    return DynamoOutbox()


def failing(outbox, message_id="m-1", at=NOON, **changes):
    outbox.put(message(id=message_id, **changes))
    outbox.failed(outbox.claim(message_id, NOON, LEASE), "no_contact", at)


def reach(outbox, state):
    """Bring message m-1 into a state by the ways there are."""
    outbox.put(message())
    match state:
        case MessageState.SENDING:
            outbox.claim("m-1", NOON, LEASE)
        case MessageState.SENT:
            outbox.sent(outbox.claim("m-1", NOON, LEASE), "ses-1", NOON)
        case MessageState.FAILED:
            outbox.failed(outbox.claim("m-1", NOON, LEASE), "no_contact", NOON)
        case MessageState.CANCELLED:
            outbox.cancel("m-1", "told by phone", NOON)
        case MessageState.SET_ASIDE:
            outbox.set_aside("m-1", "strange", NOON)
        case MessageState.DELIVERED | MessageState.BOUNCED | MessageState.COMPLAINED:
            outbox.delivered("m-1", state, NOON, "")


def spoil(message_id="m-1", **attributes):
    """Store a message, and then something in it that no release of ours wrote."""
    OutboxItem.get(f"MSG#{message_id}", "MSG")
    sets = ", ".join(f"#{name} = :{name}" for name in attributes)
    items.connection().client.update_item(
        TableName=OutboxItem.Meta.table_name,
        Key={"pk": {"S": f"MSG#{message_id}"}, "sk": {"S": "MSG"}},
        UpdateExpression=f"SET {sets}",
        ExpressionAttributeNames={f"#{name}": name for name in attributes},
        ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
    )


# --- seeing


def test_a_message_is_found_by_its_id(outbox):
    outbox.put(message())

    assert outbox.message("m-1") == message()
    with pytest.raises(NotFound):
        outbox.message("m-404")


@pytest.mark.parametrize("state", NEVER_ARRIVED)
def test_what_never_arrived_is_on_its_authoritys_list(outbox, state):
    reach(outbox, state)

    assert [(each.id, each.state) for each in outbox.undelivered(TOWN, None, 10).items] == [("m-1", state)]
    assert outbox.undelivered("havering", None, 10).items == []


@pytest.mark.parametrize("state", [each for each in MessageState if each not in NEVER_ARRIVED])
def test_nothing_else_is_on_that_list(outbox, state):
    reach(outbox, state)

    assert outbox.undelivered(TOWN, None, 10).items == []


def test_the_latest_come_first_page_by_page(outbox):
    for number in (2, 1, 3):
        failing(outbox, f"m-{number}", NOON + timedelta(minutes=number))

    first = outbox.undelivered(TOWN, None, 2)
    rest = outbox.undelivered(TOWN, first.cursor, 2)

    assert [each.id for each in (*first.items, *rest.items)] == ["m-3", "m-2", "m-1"]
    assert rest.cursor is None
    with pytest.raises(InvalidInput):
        outbox.undelivered("havering", first.cursor, 2)


def test_being_settled_takes_nothing_off_the_list_and_arriving_does(outbox):
    failing(outbox)

    outbox.settled("m-1")
    assert outbox.undelivered(TOWN, None, 10).items
    outbox.delivered("m-1", MessageState.DELIVERED, LATER, "")

    assert outbox.undelivered(TOWN, None, 10).items == []


# --- sending anew


@pytest.mark.parametrize("state", NEVER_ARRIVED)
def test_what_never_arrived_may_be_sent_anew_from_its_first_attempt_on(outbox, state):
    reach(outbox, state)

    outbox.again("m-1", LATER)

    assert outbox.ready(LATER, 10) == ["m-1"]
    assert (outbox.undelivered(TOWN, None, 10).items, outbox.unsettled(LATER, 10)) == ([], [])
    claimed = outbox.claim("m-1", LATER, LEASE)
    assert (claimed.attempts, claimed.renewed_at, claimed.reason) == (1, LATER, None)


@pytest.mark.parametrize("state", [each for each in MessageState if each not in NEVER_ARRIVED])
def test_nothing_else_may(outbox, state):
    reach(outbox, state)
    before = outbox.message("m-1")

    with pytest.raises(NotClaimed):
        outbox.again("m-1", LATER)

    assert outbox.message("m-1") == before


def test_a_worker_from_before_does_not_speak_for_what_is_sent_anew_once_more(outbox):
    failing(outbox)
    outbox.again("m-1", LATER)
    late = outbox.claim("m-1", LATER, LEASE)
    outbox.failed(late, "no_contact", LATER)
    outbox.again("m-1", LATER + timedelta(minutes=1))
    current = outbox.claim("m-1", LATER + timedelta(minutes=1), LEASE)
    assert late.attempts == current.attempts

    outbox.sent(late, "ses-1", LATER)

    assert outbox.message("m-1") == current


def test_a_worker_from_the_first_round_does_not_speak_for_the_second(outbox):
    outbox.put(message())
    late = outbox.claim("m-1", NOON, LEASE)
    outbox.failed(outbox.claim("m-1", LEASE_ENDS, LEASE), "no_contact", LEASE_ENDS)
    outbox.again("m-1", LATER)
    current = outbox.claim("m-1", LATER, LEASE)
    assert late.attempts == current.attempts

    outbox.sent(late, "ses-1", LATER)

    assert outbox.message("m-1") == current


@pytest.mark.parametrize("word", [MessageState.SENT, MessageState.DELIVERED])
def test_that_it_was_sent_before_does_not_keep_it_from_being_sent_anew(outbox, word):
    reach(outbox, MessageState.BOUNCED)
    outbox.again("m-1", LATER)

    outbox.delivered("m-1", word, NOON, "")
    outbox.delayed("m-1", NOON, NOON + timedelta(hours=4))
    assert outbox.ready(LATER, 10) == ["m-1"]

    outbox.delivered("m-1", word, LATER + timedelta(seconds=2), "")
    assert outbox.message("m-1").state is word


# --- cancelling and setting aside


PUTS_AWAY = [("cancel", MessageState.CANCELLED), ("set_aside", MessageState.SET_ASIDE)]


@pytest.mark.parametrize(("act", "after"), PUTS_AWAY)
@pytest.mark.parametrize("state", [MessageState.PENDING, *NEVER_ARRIVED])
def test_what_nobody_is_sending_may_be_put_away(outbox, act, after, state):
    reach(outbox, state)

    getattr(outbox, act)("m-1", "told by phone", LATER)

    kept = outbox.message("m-1")
    assert (kept.state, kept.reason, kept.changed_at) == (after, "told by phone", LATER)
    assert outbox.ready(LATER, 10) == []
    assert bool(outbox.unsettled(LATER, 10)) is (after is MessageState.SET_ASIDE)


@pytest.mark.parametrize(("act", "after"), PUTS_AWAY)
def test_never_while_a_lease_runs(outbox, act, after):
    reach(outbox, MessageState.SENDING)

    with pytest.raises(NotClaimed):
        getattr(outbox, act)("m-1", "told by phone", LEASE_ENDS - timedelta(seconds=1))
    assert outbox.message("m-1").state is MessageState.SENDING

    getattr(outbox, act)("m-1", "told by phone", LEASE_ENDS)
    assert outbox.message("m-1").state is after


@pytest.mark.parametrize(("act", "after"), PUTS_AWAY)
@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.DELIVERED, MessageState.CANCELLED])
def test_what_was_sent_or_cancelled_stays_so(outbox, act, after, state):
    reach(outbox, state)

    with pytest.raises(NotClaimed):
        getattr(outbox, act)("m-1", "told by phone", LATER)

    assert outbox.message("m-1").state is state


@pytest.mark.parametrize("act", [("again", LATER), ("cancel", "why", LATER), ("set_aside", "why", LATER)])
def test_nothing_is_done_to_a_message_that_is_not_there(outbox, act):
    name, *rest = act

    with pytest.raises(NotFound):
        getattr(outbox, name)("m-404", *rest)

    assert OutboxItem.count("MSG#m-404") == 0


# --- what can no longer be read


SPOILT = {
    "no JSON": {"body": {"S": "{oh"}},
    "no message": {"body": {"S": '["m-1"]'}},
    "fields missing": {"body": {"S": '{"role": "iro", "case_id": "PC-2041"}'}},
    "a field of another type": {"body": {"S": '{"role": ["iro"]}'}},
    "an unknown state": {"state": {"S": "LIMBO"}},
    "a moment that is none": {"lease_until": {"S": "soon"}},
    "an attribute of another type": {"attempts": {"S": "three"}},
    "a lease of another type": {"lease_until": {"N": "3"}},
    "a body of another type": {"body": {"N": "3"}},
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT.keys())
def test_what_cannot_be_read_is_set_aside_once_and_listed_with_what_can(outbox, spoilt):
    outbox.put(message())
    spoil(**spoilt)

    with pytest.raises(SetAside, match=r"^m-1$"):
        outbox.claim("m-1", NOON, LEASE)

    assert outbox.ready(LATER, 10) == []
    with pytest.raises(NotClaimed, match=r"^m-1$") as again:
        outbox.claim("m-1", NOON, LEASE)
    assert type(again.value) is NotClaimed
    (seen,) = outbox.undelivered(TOWN, None, 10).items
    assert (seen.id, seen.state, seen.reason) == ("m-1", MessageState.SET_ASIDE, "unreadable")
    assert seen.case_id == "PC-2041"
    assert outbox.message("m-1") == seen
    assert [each.id for each in outbox.of_case("PC-2041", None, 10).items] == ["m-1"]
    assert [each.id for each in outbox.unsettled(LATER, 10)] == ["m-1"]


def test_what_lost_everything_but_its_key_is_on_nobodys_list(outbox):
    OutboxItem("MSG#m-1", "MSG", queue="send#0", next_attempt_at="2026-04-09T11:00:00.000000Z").save()

    with pytest.raises(SetAside):
        outbox.claim("m-1", NOON, LEASE)

    assert [each.id for each in outbox.undelivered(NOBODYS, None, 10).items] == ["m-1"]


def test_what_a_release_can_read_again_is_sent_anew(outbox):
    outbox.put(message())
    body = OutboxItem.get("MSG#m-1", "MSG").body
    spoil(body={"S": "{oh"})
    with pytest.raises(SetAside):
        outbox.claim("m-1", NOON, LEASE)

    spoil(body={"S": body})
    outbox.again("m-1", LATER)

    assert outbox.claim("m-1", LATER, LEASE).role == "social_worker"


def test_one_that_cannot_be_read_hides_no_other_of_its_case(outbox):
    for number in (1, 2, 3):
        outbox.put(message(id=f"m-{number}"))
    spoil("m-2", attempts={"S": "three"})

    assert [each.id for each in outbox.of_case("PC-2041", None, 10).items] == ["m-1", "m-2", "m-3"]


# --- pausing


def test_sending_is_paused_until_it_is_resumed_and_may_be_again(outbox):
    assert not outbox.paused()
    for _ in range(2):
        outbox.pause("op", "restored", NOON)
        assert outbox.paused()
        outbox.resume()
        assert not outbox.paused()


# --- addresses


def test_an_address_that_refuses_is_known_however_it_is_written_and_kept_in_no_clear_words(outbox):
    outbox.suppress("Ada@Example.org", "m-1", "bounce_permanent_general", NOON)

    assert outbox.suppressed(" ada@example.org")
    assert not outbox.suppressed("ben@example.org")
    (item,) = OutboxItem.scan()
    assert "ada" not in str(item.attribute_values).lower()


def test_an_address_that_is_lifted_refuses_again_only_by_later_word(outbox):
    outbox.suppress("ada@example.org", "m-1", "bounce", NOON)
    outbox.lift("ada@example.org", LATER)

    outbox.suppress("ada@example.org", "m-1", "bounce", NOON)
    assert not outbox.suppressed("ada@example.org")

    outbox.suppress("ada@example.org", "m-2", "bounce", LATER + timedelta(seconds=1))
    assert outbox.suppressed("ada@example.org")


def test_what_is_kept_beside_messages_is_on_no_list_of_them(outbox):
    outbox.suppress("ada@example.org", "m-1", "bounce", NOON)
    outbox.pause("op", "restored", NOON)

    assert (outbox.ready(LATER, 10), outbox.unsettled(LATER, 10)) == ([], [])
    assert [outbox.undelivered(each, None, 10).items for each in (TOWN, NOBODYS)] == [[], []]
