"""Who is told, when a claim and a commit meet: on AWS's own engine, with real threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from chalicelib.core.errors import CaseChanged, NotClaimed, SetAside
from chalicelib.core.identity import identify
from chalicelib.ports import MessageState
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import OutboxItem
from chalicelib.store.outbox import DynamoOutbox
from tests import cases as made
from tests.builders import day
from tests.messages import NOON, message

LEASE = 300
LATER = NOON + timedelta(hours=1)
ROUNDS = 8
WORKERS = 6
HEIR = identify("m", "m-1", "ben")


@pytest.fixture
def outbox(tables):
    return DynamoOutbox(shards=2)


def post(*messages, case_id="PC-2041", **beside):
    DynamoCases(outbox_shards=2).commit(made.commit(made.case(id=case_id), messages=messages, **beside))


def claimed(outbox, message_id, now=NOON):
    try:
        return outbox.claim(message_id, now, LEASE)
    except NotClaimed as refused:
        return type(refused)


def commits(case_id, **beside):
    """Store the next version of a case for certain, as a request does that tries again."""
    while True:
        try:
            return DynamoCases(outbox_shards=2).commit(
                made.commit(made.case(id=case_id, version=2), **beside)
            )
        except CaseChanged:
            continue


def at_once(*calls):
    gate = Barrier(len(calls))

    def one(call):
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def everything():
    return {item.pk: item for item in OutboxItem.scan() if item.sk == "MSG"}


def test_however_many_claim_at_once_whoever_is_in_the_role_now_is_told_once(outbox):
    post(message(), seats={"PC-2041": {"social_worker": "ben"}})

    outcomes = at_once(*[lambda: claimed(outbox, "m-1")] * WORKERS)

    assert set(outcomes) == {NotClaimed}
    kept = everything()
    assert kept.keys() == {"MSG#m-1", f"MSG#{HEIR}"}
    assert kept["MSG#m-1"].state == MessageState.CANCELLED.value
    assert outbox.ready(NOON, 10) == [HEIR]
    assert claimed(outbox, "m-1") is NotClaimed
    assert everything().keys() == kept.keys()


def test_exactly_one_of_two_is_told_while_the_role_changes_hands(outbox):
    told = set()
    for number in range(ROUNDS):
        case_id, name = f"PC-{number}", f"m-{number}"
        heir = identify("m", name, "ben")
        post(message(id=name, case_id=case_id), case_id=case_id, seats={case_id: {"social_worker": "ada"}})

        at_once(
            lambda name=name: claimed(outbox, name),
            lambda name=name: claimed(outbox, name),
            lambda case_id=case_id: commits(case_id, seats={case_id: {"social_worker": "ben"}}),
        )

        first = outbox.message(name).state
        there = f"MSG#{heir}" in everything()
        assert (first, there) in {(MessageState.SENDING, False), (MessageState.CANCELLED, True)}
        told.add(first)
        # From here on nobody can have the letter to whoever left: it goes to whoever is there now.
        assert claimed(outbox, name, LATER) is NotClaimed
        assert outbox.message(name).state is MessageState.CANCELLED
        assert outbox.message(heir).state is MessageState.PENDING


@pytest.mark.parametrize("seats", [{}, {"team_manager": "cleo"}], ids=["nobody at all", "another role"])
def test_who_is_in_no_role_any_more_is_not_told_and_the_roles_own_contact_is_once(outbox, seats):
    mine = message(allocated=True)
    post(mine, seats={"PC-2041": {"social_worker": "ada"}})
    commits("PC-2041", seats={"PC-2041": seats})

    outcomes = at_once(*[lambda: claimed(outbox, "m-1")] * WORKERS)

    assert set(outcomes) == {NotClaimed}
    left, heir = outbox.message("m-1"), identify("m", "m-1", "")
    assert (left.state, left.reason) == (MessageState.CANCELLED, "no_longer_in_role")
    assert everything().keys() == {"MSG#m-1", f"MSG#{heir}"}
    told = claimed(outbox, heir)
    assert (told.role, told.person_id, told.allocated) == ("social_worker", None, False)


def test_whom_a_meeting_names_is_told_though_the_case_has_nobody_in_that_role(outbox):
    post(message(), seats={"PC-2041": {}})

    assert claimed(outbox, "m-1").person_id == "ada"


def test_a_case_whose_seats_were_never_written_down_tells_whom_it_had(outbox):
    post(message(allocated=True))

    assert claimed(outbox, "m-1").person_id == "ada"


def test_a_reminder_is_either_claimed_or_cancelled_when_its_date_moves_meanwhile(outbox):
    for number in range(ROUNDS):
        case_id, name, duty_id = f"PC-{number}", f"m-{number}", f"d-{number}"
        post(message(id=name, case_id=case_id, cancelled_with=duty_id), case_id=case_id)
        moved = {duty_id: day("Tue 14 Apr 2026")}

        one, other, _ = at_once(
            lambda name=name: claimed(outbox, name),
            lambda name=name: claimed(outbox, name),
            lambda case_id=case_id, moved=moved: commits(case_id, dates=moved),
        )

        had = [each for each in (one, other) if each is not NotClaimed]
        state = outbox.message(name).state
        assert len(had) <= 1
        assert state is (MessageState.SENDING if had else MessageState.CANCELLED)
        assert claimed(outbox, name, LATER) is NotClaimed
        assert outbox.message(name).reason == "date_moved"


def test_a_cancelling_that_is_no_longer_meant_is_not_carried_out(outbox):
    """The duty is settled and open again while workers look at it: the letter goes, or waits for one."""
    for number in range(ROUNDS):
        case_id, name, duty_id = f"PC-{number}", f"m-{number}", f"d-{number}"
        post(message(id=name, case_id=case_id, cancelled_with=duty_id), case_id=case_id, settled=[duty_id])

        outcomes = at_once(
            lambda name=name: claimed(outbox, name),
            lambda case_id=case_id, duty_id=duty_id: commits(case_id, reopened=[duty_id]),
        )

        state = outbox.message(name).state
        if outcomes[0] is NotClaimed:
            assert state in (MessageState.CANCELLED, MessageState.PENDING)
        else:
            assert state is MessageState.SENDING


def test_what_cannot_be_read_is_set_aside_by_exactly_one(outbox):
    post(message())
    spoilt = OutboxItem.get("MSG#m-1", "MSG")
    spoilt.body = "{oh"
    spoilt.save()

    outcomes = at_once(*[lambda: claimed(outbox, "m-1")] * WORKERS)

    assert sorted(each.__name__ for each in outcomes) == ["NotClaimed"] * (WORKERS - 1) + [SetAside.__name__]
    assert outbox.ready(LATER, 10) == []


def test_an_operator_and_the_workers_do_not_both_have_it(outbox):
    for number in range(ROUNDS):
        name = f"m-{number}"
        outbox.put(message(id=name))

        def cancel(name=name):
            try:
                outbox.cancel(name, "told by phone", NOON)
            except NotClaimed:
                return False
            return True

        had, cancelled = at_once(lambda name=name: claimed(outbox, name), cancel)

        assert (had is NotClaimed) is cancelled
        state = MessageState.CANCELLED if cancelled else MessageState.SENDING
        assert outbox.message(name).state is state


def test_two_operators_have_it_sent_anew_once(outbox):
    outbox.put(message())
    outbox.failed(outbox.claim("m-1", NOON, LEASE), "no_contact", NOON)

    def again():
        try:
            outbox.again("m-1", LATER)
        except NotClaimed:
            return False
        return True

    assert sorted(at_once(*[again] * WORKERS)) == [False] * (WORKERS - 1) + [True]
    assert outbox.ready(LATER, 10) == ["m-1"]
