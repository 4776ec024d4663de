"""The operator's commands about what did not arrive, what is set aside, and sending as a whole."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.ports import MessageState
from chalicelib.store.cases import DynamoCases
from chalicelib.store.outbox import DynamoOutbox
from tests.desk import NOW, PROTOCOL, Operator, at_the_desk
from tests.messages import message

ADD = f"authority add tower-hamlets --name Tower --protocol {PROTOCOL}"
ADA = "ada@example.org"


@pytest.fixture
def operator(capsys: pytest.CaptureFixture[str]) -> Iterator[Operator]:
    with at_the_desk(capsys) as somebody:
        somebody.does(ADD)
        yield somebody


@pytest.fixture
def outbox() -> DynamoOutbox:
    return DynamoOutbox()


def failed(outbox: DynamoOutbox, message_id: str = "m-1") -> None:
    outbox.put(message(id=message_id, state=MessageState.PENDING, next_attempt_at=None))
    outbox.failed(outbox.claim(message_id, NOW, 60), "no_address", NOW)


def test_what_did_not_arrive_is_listed_with_why_in_words(operator, outbox):
    assert operator.does("undelivered list tower-hamlets") == ["None."]
    failed(outbox)

    (line,) = operator.does("undelivered list tower-hamlets")
    assert line.split("\t") == [
        "m-1",
        "FAILED",
        NOW.isoformat(),
        "PC-2041",
        "social_worker",
        "the contacts hold no address for whoever fills that role",
    ]
    assert "tried 1 times" in operator.does("undelivered show m-1")[-1]


def test_it_is_sent_again_once_the_contact_is_corrected(operator, outbox):
    failed(outbox)

    operator.does("undelivered again m-1")

    assert outbox.message("m-1").state is MessageState.PENDING
    assert "nothing was done" in operator.is_refused("undelivered again m-1")


def test_it_is_cancelled_where_there_is_no_point_in_it(operator, outbox):
    failed(outbox)

    operator.does("undelivered cancel m-1")

    known = outbox.message("m-1")
    assert (known.state, known.reason) == (MessageState.CANCELLED, "cancelled_by_operator")
    assert operator.does("undelivered list tower-hamlets") == ["None."]
    assert "nothing was done" in operator.is_refused("undelivered cancel m-1")


@pytest.mark.parametrize("command", ["show m-9", "again m-9", "cancel m-9"])
def test_a_message_that_is_not_there_is_refused(operator, command):
    assert operator.is_refused(f"undelivered {command}")


def test_a_case_that_was_set_aside_is_listed_and_redriven(operator):
    cases = DynamoCases()
    cases.set_aside("c-1", "unreadable", NOW)

    assert operator.does("aside list tower-hamlets") == ["None."]
    (line,) = operator.does("aside list -- -")
    assert line.split("\t")[::2] == ["c-1", "unreadable"]
    operator.does("aside redrive c-1")

    assert cases.all_aside() == frozenset()
    assert "not set aside" in operator.is_refused("aside redrive c-1")


def test_an_address_that_refused_mail_is_written_to_again(operator, outbox):
    assert "nothing was done" in operator.is_refused(f"address lift {ADA}")
    outbox.suppress(ADA, "m-1", "bounce_permanent", NOW - timedelta(hours=1))

    assert ADA not in " ".join(operator.does(f"address lift {ADA}"))
    assert not outbox.suppressed(ADA)


def test_sending_stands_still_until_somebody_lets_it_go_on(operator):
    assert "not paused" in operator.is_refused("sending resume")
    operator.does("sending pause --by ada.l --why", "The tables were restored.")
    assert DynamoOutbox().paused()

    operator.does("sending resume")

    assert not DynamoOutbox().paused()
