"""A claim to the letter: what it refuses, what a lease sets, what it does where somebody is in its way."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import ClassVar

import pytest
from pynamodb.exceptions import TransactWriteError

from chalicelib.core.errors import NotClaimed, SetAside
from chalicelib.core.identity import identify
from chalicelib.ports import MessageState
from chalicelib.store import items
from chalicelib.store.cases import DynamoCases
from chalicelib.store.claims import Claim, Refusal
from chalicelib.store.items import OutboxItem
from chalicelib.store.mapping import stamp
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.store.transaction import CONFLICT
from tests import cases as made
from tests.messages import NOON, message

LEASE = 300
LEASE_ENDS = NOON + timedelta(seconds=LEASE)
LATER = NOON + timedelta(hours=1)
HEIR = identify("m", "m-1", "ben")


@pytest.fixture
def outbox(tables):
    return DynamoOutbox()


def post(*messages, **beside):
    DynamoCases().commit(made.commit(messages=messages, **beside))


def stored(message_id="m-1"):
    return OutboxItem.get(f"MSG#{message_id}", "MSG")


def claim(kind=Claim, **ours):
    return kind(**{"message_id": "m-1", "now": NOON, "until": LEASE_ENDS, "queues": 1, **ours})


def test_a_message_that_nobody_knows_is_refused_by_its_name(outbox):
    with pytest.raises(NotClaimed, match=r"^m-1$"):
        outbox.claim("m-1", NOON, LEASE)


def test_what_is_being_sent_until_nobody_knows_when_is_set_aside_once_it_is_due(outbox):
    post(message())
    outbox.claim("m-1", NOON, LEASE)
    spoilt = stored()
    spoilt.update(actions=[OutboxItem.lease_until.remove()])

    with pytest.raises(NotClaimed) as early:
        outbox.claim("m-1", NOON, LEASE)
    assert type(early.value) is NotClaimed
    with pytest.raises(SetAside):
        outbox.claim("m-1", LATER, LEASE)

    assert outbox.message("m-1").state is MessageState.SET_ASIDE
    assert outbox.ready(LATER, 10) == []


def test_a_message_that_was_sent_or_is_being_sent_is_refused_by_its_name(outbox):
    post(message())
    leased = outbox.claim("m-1", NOON, LEASE)

    with pytest.raises(NotClaimed, match=r"^m-1$"):
        outbox.claim("m-1", LEASE_ENDS - timedelta(microseconds=1), LEASE)
    outbox.sent(leased, "ses-1", NOON)
    with pytest.raises(NotClaimed, match=r"^m-1$"):
        outbox.claim("m-1", LATER, LEASE)


def test_a_lease_is_over_at_the_moment_at_which_it_ends(outbox):
    post(message())
    outbox.claim("m-1", NOON, LEASE)

    again = outbox.claim("m-1", LEASE_ENDS, LEASE)
    assert again.attempts == 2
    assert again.lease_until == LEASE_ENDS + timedelta(seconds=LEASE)


def test_what_a_lease_returns_is_what_it_stored(outbox):
    post(message())

    leased = outbox.claim("m-1", NOON, LEASE)
    assert leased == outbox.message("m-1")
    assert leased == replace(
        message(),
        state=MessageState.SENDING,
        attempts=1,
        lease_until=LEASE_ENDS,
        next_attempt_at=LEASE_ENDS,
        changed_at=NOON,
    )


def test_the_heir_is_the_message_as_it_was_for_somebody_else_from_now_on(outbox):
    written = message(created_at=NOON - timedelta(days=3), changed_at=NOON - timedelta(days=1))
    post(written, seats={"PC-2041": {"social_worker": "ben"}})
    with pytest.raises(NotClaimed):
        outbox.claim("m-1", LATER, LEASE)

    heir = outbox.message(HEIR)
    now = {"created_at": LATER, "next_attempt_at": LATER, "changed_at": None}
    assert heir == replace(written, id=HEIR, person_id="ben", **now)


def test_a_message_whose_heir_is_known_is_cancelled_for_the_same_reason(outbox):
    post(message(), seats={"PC-2041": {"social_worker": "ben"}})
    outbox.put(message(id=HEIR, person_id="ben"))

    with pytest.raises(NotClaimed):
        outbox.claim("m-1", NOON, LEASE)
    assert outbox.message("m-1").reason == "no_longer_in_role"


# --- what gets in its way


class Overtaken(Claim):
    """The first time it is overtaken, handing over or leasing."""

    met: ClassVar[set[str]] = set()

    def _handed_over(self, message, present):
        return self._second("handing over") and super()._handed_over(message, present)

    def _second(self, deed):
        again = (self.message_id, deed) in self.met
        self.met.add((self.message_id, deed))
        return again


def test_handing_over_is_tried_again_at_once(outbox):
    post(message(id="m-over"), seats={"PC-2041": {"social_worker": "ben"}})

    with pytest.raises(NotClaimed, match=r"^m-over$"):
        claim(Overtaken, message_id="m-over").carried_out()
    assert outbox.message("m-over").state is MessageState.CANCELLED


class Hindered(Claim):
    """The first time that it cancels something it meets another transaction."""

    met: ClassVar[set[str]] = set()

    def _cancel(self, message, *rest):
        if self.message_id in self.met:
            return super()._cancel(message, *rest)
        self.met.add(self.message_id)
        return [None, None, CONFLICT]


def test_where_cancelling_meets_another_it_is_tried_again(outbox):
    settled = message(id="m-settled", case_id="PC-2042", cancelled_with="d-1")
    post(message(id="m-hindered"), settled, seats={"PC-2041": {"social_worker": "ben"}}, settled=["d-1"])

    for name in ("m-hindered", "m-settled"):
        with pytest.raises(NotClaimed):
            claim(Hindered, message_id=name).carried_out()
        assert outbox.message(name).state is MessageState.CANCELLED


class Beaten(Claim):
    """Between its reading and its writing another worker takes the message."""

    def _lease(self, message):
        taken = stored(message.id)
        taken.state, taken.attempts = MessageState.SENDING.value, 1
        taken.lease_until = stamp(LATER)
        taken.save()
        return super()._lease(message)


def test_a_message_that_another_worker_took_meanwhile_is_not_leased_again(outbox):
    post(message())

    with pytest.raises(NotClaimed):
        claim(Beaten).carried_out()
    assert (stored().attempts, stored().lease_until) == (1, stamp(LATER))


def test_nor_is_it_cancelled_though_there_is_no_point_in_it_any_more(outbox):
    post(message(cancelled_with="d-1"), settled=["d-1"])

    with pytest.raises(NotClaimed):
        claim(Beaten).carried_out()
    assert outbox.message("m-1").state is MessageState.SENDING


class InConflict(Claim):
    """Always meets a transaction that checks the same tombstone."""

    tries: ClassVar[list[str]] = []

    def _lease(self, message):
        self.tries.append(message.id)
        return Refusal.CONFLICT


def test_a_claim_that_always_meets_another_gives_up_after_eight(outbox):
    post(message(id="m-busy"))

    with pytest.raises(NotClaimed, match=r"^m-busy$"):
        claim(InConflict, message_id="m-busy").carried_out()
    assert InConflict.tries == ["m-busy"] * 8
    assert outbox.message("m-busy").state is MessageState.PENDING


class Moved(InConflict):
    """Somebody else took it between reading and leasing."""

    tries: ClassVar[list[str]] = []

    def _lease(self, message):
        super()._lease(message)
        return Refusal.MOVED


def test_what_somebody_else_took_meanwhile_is_left_to_them(outbox):
    post(message(id="m-taken"))

    with pytest.raises(NotClaimed, match=r"^m-taken$"):
        claim(Moved, message_id="m-taken").carried_out()
    assert Moved.tries == ["m-taken"]


@contextmanager
def answering(*codes):
    """Let DynamoDB refuse every transaction with these reasons, one for each of its items."""

    def refused(**_):
        reasons = [{"Code": code} for code in codes]
        error = {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"}
        answer = {"Error": error, "CancellationReasons": reasons, "ResponseMetadata": {}}
        return SimpleNamespace(status_code=400, headers={}), answer

    events = items.connection().client.meta.events
    events.register_first("before-call.dynamodb.TransactWriteItems", refused)
    yield
    events.unregister("before-call.dynamodb.TransactWriteItems", refused)


@pytest.mark.parametrize("seats", [{}, {"social_worker": "ben"}], ids=["leasing", "handing over"])
def test_trouble_that_is_nobody_in_the_way_is_not_taken_for_it(outbox, seats):
    post(message(), seats={"PC-2041": seats})

    with answering("ThrottlingError", "None"), pytest.raises(TransactWriteError):
        outbox.claim("m-1", NOON, LEASE)
    with answering("TransactionConflict", "None"), pytest.raises(NotClaimed, match=r"^m-1$"):
        outbox.claim("m-1", NOON, LEASE)
    assert outbox.message("m-1").state is MessageState.PENDING
