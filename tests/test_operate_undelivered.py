"""The operator's commands about what did not arrive, what is set aside, and sending as a whole."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.ports import SENDING, MessageState, fingerprint
from chalicelib.store.cases import DynamoCases
from chalicelib.store.control import pause
from chalicelib.store.outbox import DynamoOutbox
from tests.desk import NOW, PROTOCOL, Operator, at_the_desk
from tests.messages import message

ADD = f"authority add tower-hamlets --name Tower --protocol {PROTOCOL}"
ADA = "ada@example.org"
BY = ("--by", "ben.t", "--why", "The contact is corrected.")
WHY = "The contact is corrected."


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


def acts(operator: Operator, of: str = "tower-hamlets") -> list[list[str]]:
    """The audit's lines without the moment."""
    return [line.split("\t")[1:] for line in operator.does(f"acts list -- {of}") if line != "None."]


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

    operator.does("undelivered again m-1", *BY)

    assert outbox.message("m-1").state is MessageState.PENDING
    assert "PENDING" in operator.is_refused("undelivered again m-1", *BY)
    assert acts(operator) == [["tower-hamlets", "ben.t (command)", "again", "m-1", WHY]]


def test_it_is_cancelled_where_there_is_no_point_in_it(operator, outbox):
    failed(outbox)

    operator.does("undelivered cancel m-1", *BY)

    known = outbox.message("m-1")
    assert (known.state, known.reason) == (MessageState.CANCELLED, "cancelled_by_operator")
    assert operator.does("undelivered list tower-hamlets") == ["None."]
    assert "CANCELLED" in operator.is_refused("undelivered cancel m-1", *BY)
    assert acts(operator) == [["tower-hamlets", "ben.t (command)", "cancel", "m-1", WHY]]


@pytest.mark.parametrize("command", ["show m-9", "again m-9", "cancel m-9"])
def test_a_message_that_is_not_there_is_refused(operator, command):
    assert operator.is_refused(f"undelivered {command}", *(BY if "show" not in command else ()))
    assert acts(operator) == []


def test_a_case_that_was_set_aside_is_listed_and_redriven(operator):
    cases = DynamoCases()
    cases.set_aside("c-1", "unreadable", NOW)

    assert operator.does("aside list tower-hamlets") == ["None."]
    (line,) = operator.does("aside list -- -")
    assert line.split("\t")[::2] == ["c-1", "unreadable"]
    assert operator.does("aside show c-1")[-1] == "of nobody known"
    operator.does("aside redrive c-1", *BY)

    assert cases.all_aside() == frozenset()
    assert "not set aside" in operator.is_refused("aside redrive c-1", *BY)
    assert "not set aside" in operator.is_refused("aside show c-1")
    assert acts(operator, "-") == [["-", "ben.t (command)", "redrive", "c-1", WHY]]


def test_an_address_that_refused_mail_is_written_to_again(operator, outbox):
    assert "nothing was done" in operator.is_refused(f"address lift {ADA}", *BY)
    outbox.suppress(ADA, "m-1", "bounce_permanent", NOW - timedelta(hours=1))

    assert ADA not in " ".join(operator.does(f"address lift {ADA}", *BY))
    assert not outbox.suppressed(ADA)
    assert acts(operator, "-") == [["-", "ben.t (command)", "lift", fingerprint(ADA), WHY]]


def test_sending_stands_still_until_somebody_lets_it_go_on(operator):
    assert "not paused" in operator.is_refused("sending resume", *BY)
    assert operator.does("sending show") == ["Messages are sent."]

    operator.does("sending pause --by ada.l --why", "The tables were restored.")
    assert DynamoOutbox().paused()
    assert operator.does("sending show")[0].endswith("by ada.l: The tables were restored.")
    assert "paused already" in operator.is_refused("sending pause", *BY)
    operator.now += timedelta(minutes=5)
    operator.does("sending resume", *BY)

    assert not DynamoOutbox().paused()
    assert [line[1:4] for line in acts(operator, "-")] == [
        ["ben.t (command)", "resume", SENDING],
        ["ada.l (command)", "pause", SENDING],
    ]


def test_what_a_stage_was_paused_with_before_there_was_an_audit_is_shown_and_lifted(operator):
    pause("restore", "", NOW)

    assert "by restore" in operator.does("sending show")[0]
    operator.does("sending resume", *BY)


# --- the audit


def test_acts_are_listed_from_either_end_and_page_by_page(operator, outbox):
    for number in (1, 2, 3):
        failed(outbox, f"m-{number}")
        operator.now += timedelta(minutes=1)
        operator.does(f"undelivered again m-{number}", *BY)

    first, second, more = operator.does("acts list tower-hamlets --oldest-first --limit 2")
    assert [line.split("\t")[4] for line in (first, second)] == ["m-1", "m-2"]
    (third,) = operator.does("acts list tower-hamlets --oldest-first --limit 2 --cursor", more.split()[-1])
    assert third.split("\t")[4] == "m-3"
    assert [line[3] for line in acts(operator)] == ["m-3", "m-2", "m-1"]


def test_without_an_authority_the_whole_stages_acts_are_one_list(operator, outbox):
    failed(outbox)
    operator.does("sending pause", *BY)
    operator.now += timedelta(minutes=1)
    operator.does("undelivered cancel m-1", *BY)

    assert [line.split("\t")[1] for line in operator.does("acts list")] == ["tower-hamlets", "-"]
    assert "no authority" in operator.is_refused("acts list hackney")


UNREADABLE = {" ": "blank", "": "empty", "two\nlines": "lines", "\x1b[2J": "escape", "x" * 501: "long"}
COMMANDS = (
    "undelivered again m-1",
    "undelivered cancel m-1",
    "aside redrive c-1",
    f"address lift {ADA}",
    "sending pause",
    "sending resume",
)


@pytest.mark.parametrize("why", UNREADABLE, ids=UNREADABLE.values())
def test_nothing_is_done_for_a_reason_that_cannot_be_read(operator, outbox, why):
    failed(outbox)

    refused = operator.is_refused("undelivered again m-1", "--by", "ben.t", "--why", why)

    assert refused.startswith("why: 1 to 500 characters")
    assert outbox.message("m-1").state is MessageState.FAILED
    assert operator.does("acts list") == ["None."]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_done_for_nobody_and_for_no_reason(operator, command):
    assert "whoever decided it" in operator.is_refused(command, "--by", "ben t", "--why", WHY)
    assert "characters on one line" in operator.is_refused(command, "--by", "ben.t", "--why", " ")

    assert operator.does("acts list") == ["None."]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("given", [("--by", "ben.t"), ("--why", WHY)])
def test_every_command_that_changes_something_asks_who_and_why(operator, command, given):
    with pytest.raises(SystemExit):
        operator.does(command, *given)
