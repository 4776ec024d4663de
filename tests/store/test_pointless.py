"""What is claimed without a point is cancelled: the date moved, or somebody else is in the role."""

from datetime import timedelta
from typing import ClassVar

import pytest

from chalicelib.core.errors import NotClaimed
from chalicelib.core.identity import identify
from chalicelib.ports import MessageState
from chalicelib.store.cases import DynamoCases
from chalicelib.store.claims import Claim, Refusal
from chalicelib.store.items import OutboxItem
from chalicelib.store.outbox import DynamoOutbox
from tests import cases as made
from tests.builders import day
from tests.messages import NOON, message

LEASE = 300
LATER = NOON + timedelta(hours=1)
DUE = message().due_on
MOVED_TO = day("Tue 14 Apr 2026")


@pytest.fixture
def outbox(tables):
    return DynamoOutbox()


def post(*messages, **beside):
    DynamoCases().commit(made.commit(messages=messages, **beside))


def moves_on(version=2, **beside):
    DynamoCases().commit(made.commit(made.case(version=version), **beside))


def claimed(outbox, message_id="m-1", now=NOON):
    try:
        found = outbox.claim(message_id, now, LEASE)
    except NotClaimed:
        return None
    assert found.state is MessageState.SENDING
    return found


# --- the date that it goes with


@pytest.mark.parametrize("occasion", ["rung|before_due|1|0|2026-04-13", "rung|after_due|2|0|2026-04-13"])
@pytest.mark.parametrize("now_due", [MOVED_TO, None])
def test_what_goes_with_a_date_is_cancelled_where_the_duty_is_due_on_another(outbox, occasion, now_due):
    post(message(cancelled_with="d-1", occasion=occasion))
    moves_on(dates={"d-1": now_due})

    assert claimed(outbox) is None
    kept = outbox.message("m-1")
    assert (kept.state, kept.reason) == (MessageState.CANCELLED, "date_moved")
    assert outbox.ready(LATER, 10) == []


@pytest.mark.parametrize(
    "occasion", ["opened", "moved:2026-04-14:f-2", "rung|opened|0|0|", "rung|open_for|0|0|"]
)
def test_what_was_opened_or_moved_is_told_all_the_same(outbox, occasion):
    post(message(cancelled_with="d-1", occasion=occasion))
    moves_on(dates={"d-1": MOVED_TO})

    assert claimed(outbox)


def test_what_goes_with_the_date_as_it_is_now_is_sent(outbox):
    post(message(cancelled_with="d-1"))
    moves_on(dates={"d-1": MOVED_TO})
    moves_on(3, dates={"d-1": DUE})

    assert claimed(outbox)


def test_a_duty_that_was_settled_and_is_open_again_on_another_day_cancels_what_goes_with_the_first(outbox):
    post(message(cancelled_with="d-1"), settled=["d-1"])
    moves_on(reopened=["d-1"], dates={"d-1": MOVED_TO})

    assert claimed(outbox) is None
    assert outbox.message("m-1").reason == "date_moved"


def test_a_settled_duty_says_so_and_not_that_its_date_moved(outbox):
    post(message(cancelled_with="d-1"))
    moves_on(dates={"d-1": MOVED_TO})
    moves_on(3, settled=["d-1"])

    assert claimed(outbox) is None
    assert outbox.message("m-1").reason == "settled"


def test_a_lease_that_ran_out_is_cancelled_too_once_the_date_moved(outbox):
    post(message(cancelled_with="d-1"))
    outbox.claim("m-1", NOON, LEASE)
    moves_on(dates={"d-1": MOVED_TO})

    assert claimed(outbox, now=LATER) is None
    assert outbox.message("m-1").state is MessageState.CANCELLED


# --- who is in the role


HEIR = identify("m", "m-1", "ben")


def test_whoever_is_in_the_role_now_is_told_instead_of_whoever_left_it(outbox):
    post(message())
    moves_on(seats={"PC-2041": {"social_worker": "ben", "iro": "ada"}})

    assert claimed(outbox) is None

    left, heir = (outbox.message(each) for each in ("m-1", HEIR))
    assert (left.state, left.reason) == (MessageState.CANCELLED, "no_longer_in_role")
    assert (heir.state, heir.person_id, heir.attempts) == (MessageState.PENDING, "ben", 0)
    assert (heir.notice_id, heir.role, heir.due_on) == (left.notice_id, left.role, left.due_on)
    assert outbox.ready(NOON, 10) == [HEIR]
    assert claimed(outbox, HEIR).person_id == "ben"


def test_the_heir_goes_with_the_duty_as_the_message_did(outbox):
    post(message(cancelled_with="d-1"))
    moves_on(seats={"PC-2041": {"social_worker": "ben"}})
    claimed(outbox)
    moves_on(3, settled=["d-1"])

    assert claimed(outbox, HEIR) is None
    assert outbox.message(HEIR).reason == "settled"


def test_who_comes_back_is_told_and_nobody_twice(outbox):
    post(message())
    moves_on(seats={"PC-2041": {"social_worker": "ben"}})
    claimed(outbox)
    moves_on(3, seats={"PC-2041": {"social_worker": "ada"}})

    assert claimed(outbox, HEIR) is None

    (ready,) = outbox.ready(NOON, 10)
    assert claimed(outbox, ready).person_id == "ada"
    assert outbox.message("m-1").state is MessageState.CANCELLED


@pytest.mark.parametrize(
    "seats",
    [{}, {"social_worker": "ada"}, {"iro": "ben"}],
    ids=["nobody allocated", "still theirs", "another role"],
)
def test_whoever_is_still_in_the_role_is_told(outbox, seats):
    post(message(), seats={"PC-2041": seats})

    assert claimed(outbox)


@pytest.mark.parametrize("change", [{"person_id": None}, {"role": "chair"}, {"case_id": "PC-2042"}])
def test_only_whom_this_case_allocates_is_replaced(outbox, change):
    post(message(**change), seats={"PC-2041": {"social_worker": "ben"}})

    assert claimed(outbox)


def test_an_heir_that_is_known_from_a_later_day_is_not_told_again(outbox):
    post(message(), seats={"PC-2041": {"social_worker": "ben"}})
    outbox.put(message(id=HEIR, person_id="ben"))
    outbox.sent(outbox.claim(HEIR, NOON, LEASE), "ses-1", NOON)

    assert claimed(outbox) is None

    assert outbox.message("m-1").state is MessageState.CANCELLED
    assert outbox.message(HEIR).state is MessageState.SENT


def test_the_seats_are_one_item_of_the_outbox_without_any_word_of_the_child(tables):
    post(seats={"PC-2041": {"iro": "ada"}})

    item = OutboxItem.get("SEATS#PC-2041", "SEATS")
    assert item.attribute_values.keys() == {"pk", "sk", "seats"}
    assert item.seats.as_dict() == {"iro": "ada"}


# --- what changes back while it is looked at


class Mistaken(Claim):
    """Is told the first time that there is no point in a message, which is no longer so when it looks."""

    refused: ClassVar[list[str]] = []

    def _lease(self, message):
        if message.id in self.refused:
            return super()._lease(message)
        self.refused.append(message.id)
        return Refusal.POINTLESS


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("m-never-said", {}),
        ("m-reopened", {"reopened": ["d-1"]}),
        ("m-same-day", {"dates": {"d-1": DUE}}),
    ],
)
def test_a_message_whose_duty_has_changed_back_meanwhile_is_sent(tables, name, beside):
    post(message(id=name, cancelled_with="d-1"), **beside)

    claim = Mistaken(message_id=name, now=NOON, until=LATER, queues=1)

    assert claim.carried_out().state is MessageState.SENDING


def test_what_goes_with_no_date_is_not_cancelled_for_one_that_moved_meanwhile(tables):
    post(message(id="m-opened", occasion="opened", cancelled_with="d-1"), dates={"d-1": MOVED_TO})

    claim = Mistaken(message_id="m-opened", now=NOON, until=LATER, queues=1)

    assert claim.carried_out().state is MessageState.SENDING
