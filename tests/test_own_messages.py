"""What the service tells of itself: once, to the administrator, wherever a message is looked at."""

import json
import logging
from datetime import timedelta

import pytest

from chalicelib import own_facts, reading
from chalicelib.authority_record import open_record, record_id
from chalicelib.channels.letters import wordings, write
from chalicelib.core.errors import LeftUndone, NotFound
from chalicelib.dispatch import Sender, deliver
from chalicelib.findings import ASIDE, OVERDUE, UNFINISHED, UNREAD
from chalicelib.own_messages import (
    CALENDAR_AGAIN,
    CALENDAR_REFUSED,
    REFUSED,
    SAID,
    UNFORESEEN,
    Occasion,
    tell_administrator,
    unreconciled,
)
from chalicelib.ports import Message, MessageState
from chalicelib.published import Reason
from chalicelib.reading import PageAsked
from chalicelib.settle import settle_all
from tests.builders import moment
from tests.council import MORNING, TOWN, Council, role_contact
from tests.doubles import MemoryChannel, MemoryContacts
from tests.snapshots import LATER, NOON

REFUSED_NOW = Occasion(name=CALENDAR_REFUSED, since=NOON, because=REFUSED["down"])


@pytest.fixture
def council() -> Council:
    return Council()


def tell(council: Council, occasion: Occasion = REFUSED_NOW) -> list[Message]:
    tell_administrator(TOWN, occasion, NOON, council.ports)
    return list(council.cases.outbox.messages.values())


def undeliverable(council: Council) -> Message:
    """A message for an administrator whom nobody has named."""
    (message,) = tell(council)
    deliver(message.id, sender(council))
    return council.cases.outbox.messages[message.id]


def sender(council: Council) -> Sender:
    return Sender(
        outbox=council.cases.outbox,
        contacts=council.contacts,
        channels={"email": MemoryChannel()},
        link_base="https://holdfast.example.org",
        now=lambda: LATER,
        chance=lambda: 0.5,
        seconds_left=lambda: 60.0,
    )


def settle(council: Council) -> int:
    def record(message: Message) -> None:
        own_facts.undelivered(message, LATER, council.ports)

    return settle_all(outbox=council.cases.outbox, record=record, now=LATER, seconds_left=lambda: 60.0)


def test_it_goes_to_the_administrator_under_the_authoritys_own_record(council: Council) -> None:
    (message,) = tell(council)

    assert (message.authority, message.case_id, message.role) == (TOWN, record_id(TOWN), "administrator")
    assert (message.protocol, message.clause, message.printed) == ("", "", "")
    assert (message.state, message.next_attempt_at) == (MessageState.PENDING, NOON)
    assert council.cases.outbox.ready(NOON, 10) == (message.id,)


def test_an_occasion_is_told_once_and_the_next_one_anew(council: Council) -> None:
    tell(council)
    tell_administrator(TOWN, REFUSED_NOW, LATER, council.ports)
    assert len(council.cases.outbox.messages) == 1

    assert len(tell(council, Occasion(name=CALENDAR_REFUSED, since=LATER))) == 2
    assert len(tell(council, Occasion(name=CALENDAR_AGAIN, since=LATER))) == 3


def test_it_goes_by_the_channels_that_the_administrators_contact_names() -> None:
    contact = role_contact("administrator", topic="a-topic", channels={"today": ("email", "topic")})
    council = Council(contacts=MemoryContacts(roles=[contact]))

    assert sorted(each.channel for each in tell(council)) == ["email", "topic"]


def test_every_occasion_has_words_and_every_reason_too() -> None:
    assert set(SAID) <= set(wordings())
    assert set(REFUSED) == set(Reason.__args__)  # type: ignore[attr-defined]
    assert len({*REFUSED.values(), UNFORESEEN}) == len(REFUSED) + 1


@pytest.mark.parametrize("because", [*REFUSED.values(), UNFORESEEN])
def test_its_letter_says_why_and_what_to_do(council: Council, because: str) -> None:
    (message,) = tell(council, Occasion(name=CALENDAR_REFUSED, since=NOON, because=because))
    letter = write(message, "a", "https://holdfast.example.org")

    assert letter.body.startswith("Since Thursday 15 October 2026 the list of bank holidays that GOV.UK")
    assert f"has not been taken over, because {because}.\n" in letter.body
    assert letter.body.endswith(f"https://holdfast.example.org/v1/cases/{record_id(TOWN)}\n")


def test_a_morning_that_is_not_reconciled_says_what_was_found_and_what_it_means(council: Council) -> None:
    found = {"overdue": 1, "aside": 2, "unread": 1, "unfinished": 3}
    (message,) = tell(council, unreconciled(found, NOON))
    letter = write(message, "a", "https://holdfast.example.org")

    assert message.because == (
        "2 cases cannot be decided and are set aside; 1 case is not decided in time;"
        " there was no time to look at every case; 1 case could not be looked at"
    )
    assert f"cannot mend by itself: {message.because}.\n" in letter.body
    assert "A case that stands still reminds nobody" in letter.body


@pytest.mark.parametrize("sort", [ASIDE, OVERDUE, UNREAD, UNFINISHED])
def test_every_sort_that_no_case_has_a_task_for_has_words(sort: str) -> None:
    assert unreconciled({sort: 1}, NOON).because


def test_it_is_told_once_a_day(council: Council) -> None:
    tell(council, unreconciled({"aside": 1}, NOON))
    assert len(tell(council, unreconciled({"aside": 2}, NOON + timedelta(hours=1)))) == 1
    assert len(tell(council, unreconciled({"aside": 1}, NOON + timedelta(days=1)))) == 2


# --- read with the notices of the record ----------------------------------------------------


def test_the_list_of_notices_says_that_no_clause_asks_for_it(council: Council) -> None:
    record = open_record(TOWN, "operator", MORNING, council.ports)
    tell(council)
    tell(council, Occasion(name=CALENDAR_AGAIN, since=NOON))
    (refused, again) = json.loads(json.dumps(reading.notices(TOWN, record, PageAsked(), council.ports)))[
        "items"
    ]
    if refused["occasion"] == CALENDAR_AGAIN:
        refused, again = again, refused

    assert (refused["role"], refused["clause"], refused["why"]["clause"]) == ("administrator", "", None)
    assert refused["why"]["sentences"] == [
        "No clause asks for this: the service tells the administrator of itself.",
        "Told because GOV.UK's bank holidays were not taken over: GOV.UK could not be reached.",
    ]
    assert again["why"]["sentences"][1] == "Told because GOV.UK's bank holidays could be read again."


# --- when it never arrives ------------------------------------------------------------------


def test_an_administrator_whom_nobody_has_named_becomes_a_task_on_the_record(council: Council) -> None:
    record = open_record(TOWN, "operator", MORNING, council.ports)
    message = undeliverable(council)

    assert (message.state, message.reason) == (MessageState.FAILED, "no_contact")
    with pytest.raises(LeftUndone):
        settle(council)
    (task,) = reading.tasks(TOWN, PageAsked(), council.ports)["items"]  # type: ignore[misc]
    assert (task["case_id"], task["role"], task["tell"], task["why"]) == (  # type: ignore[index]
        record,
        "administrator",
        "administrator",
        "no_contact",
    )
    journal = reading.journal(TOWN, record, PageAsked(), council.ports)["items"]
    assert len(journal) == 2  # type: ignore[arg-type]


def test_without_a_record_it_is_let_go_and_blocks_nothing(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    message = undeliverable(council)

    with pytest.raises(LeftUndone):
        settle(council)
    assert settle(council) == 0
    troubles = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert [each.getMessage() for each in troubles] == ["no record to say it on", "administrator not reached"]
    assert {(each.message_id, each.authority) for each in troubles} == {(message.id, TOWN)}


def test_a_cases_own_message_is_never_let_go(council: Council) -> None:
    case_id = council.open()
    message = council.messages("TH-21")[0]
    del council.cases.by_id[case_id]

    with pytest.raises(NotFound):
        own_facts.undelivered(message, moment("Thu 15 Oct 2026 10:00"), council.ports)
