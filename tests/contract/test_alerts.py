"""From a notice that nobody can be sent to those who are told instead: on AWS's own engine, all the way."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from chalicelib import own_facts, settle
from chalicelib.channels.addressing import email_address
from chalicelib.core.case import Task
from chalicelib.core.errors import LeftUndone, NotClaimed
from chalicelib.core.facts import FactWithdrawn
from chalicelib.core.london import day_of
from chalicelib.dispatch import Sender, deliver
from chalicelib.ports import Message, MessageState
from chalicelib.store.cases import DynamoCases
from chalicelib.store.outbox import DynamoOutbox
from tests.builders import day, moment
from tests.council import MORNING, TOWN, Council, people, seats, step
from tests.doubles import MemoryChannel, MemoryContacts
from tests.messages import role_contact

LEASE = 300
NOON = moment("Thu 15 Oct 2026 12:00")
LATER = moment("Fri 16 Oct 2026 09:00")
TOLD = step("Thu 15 Oct 2026", "told_another_way", by=seats("p-gm"))


@dataclass
class Town:
    """A council over DynamoDB whose reviewing officer has a deputy and a manager."""

    council: Council
    outbox: DynamoOutbox
    case_id: str

    def lose(self, message: Message, why: str = "no_contact") -> None:
        """Claim a message, give it up, and settle everything that is to be settled."""
        self.outbox.failed(self.outbox.claim(message.id, NOON, LEASE), why, NOON)
        self.settle()

    def settle(self) -> int:
        return settle.settle_all(
            outbox=self.outbox,
            record=lambda message: own_facts.undelivered(message, NOON, self.council.ports),
            now=NOON,
            seconds_left=lambda: 60.0,
        )

    def messages(self) -> Mapping[str, Message]:
        return {each.id: each for each in self.outbox.of_case(self.case_id, None, 100).items}

    def alerts(self, occasion: str = "") -> list[Message]:
        found = [each for each in self.messages().values() if each.about.startswith("t-")]
        return [each for each in found if each.occasion.startswith(occasion)]

    def tasks(self) -> tuple[Task, ...]:
        return self.council.ports.cases.load(self.case_id).standing.tasks

    def claimed(self, message: Message) -> bool:
        try:
            self.outbox.claim(message.id, LATER, LEASE)
        except NotClaimed:
            return False
        return True


@pytest.fixture
def town(tables: object) -> Town:
    known = [
        replace(each, deputy="p-tm", manager="p-gm") if each.id == "p-iro" else each for each in people()
    ]
    mailbox = role_contact("administrator", authority=TOWN, email="contacts@council.example")
    council = Council(contacts=MemoryContacts(known, [mailbox]))
    council.ports = replace(council.ports, cases=DynamoCases(), outbox=DynamoOutbox())
    return Town(council, DynamoOutbox(), council.open())


@pytest.fixture
def lost(town: Town) -> Message:
    """The alert to the reviewing officer."""
    return next(each for each in town.messages().values() if (each.role, each.occasion) == ("iro", "opened"))


def test_the_deputy_the_manager_and_the_administrator_are_told_once_however_often_it_is_settled(
    town: Town, lost: Message
) -> None:
    town.lose(lost)

    told = {email_address(each, town.council.contacts, day_of(NOON)) for each in town.alerts()}
    assert told == {"p-tm@council.example", "p-gm@council.example", "contacts@council.example"}
    assert len(town.alerts()) == 3
    assert {each.id for each in town.alerts()} <= set(town.outbox.ready(NOON, 100))

    own_facts.undelivered(town.messages()[lost.id], NOON + timedelta(hours=1), town.council.ports)
    assert town.settle() == 0
    assert len(town.alerts()) == 3
    assert len(town.tasks()) == 1


def test_what_a_release_has_no_channel_for_is_seen_alarmed_once_and_sent_by_one_that_has_it(
    town: Town, lost: Message
) -> None:
    channel = MemoryChannel()
    lacking = Sender(
        outbox=town.outbox,
        contacts=town.council.contacts,
        channels={},
        link_base="https://holdfast.example.org",
        now=lambda: NOON,
        chance=lambda: 0.5,
        seconds_left=lambda: 60.0,
    )

    assert deliver(lost.id, lacking)

    (listed,) = town.outbox.undelivered(TOWN, None, 10).items
    assert (listed.id, listed.state, listed.reason) == (lost.id, MessageState.SET_ASIDE, "no_channel")
    with pytest.raises(LeftUndone):
        town.settle()
    assert town.settle() == 0
    assert [each.why for each in town.tasks()] == ["no_channel"]
    assert len(town.alerts()) == 3

    town.outbox.again(lost.id, NOON)
    assert deliver(lost.id, replace(lacking, channels={lost.channel: channel}))
    assert [each.message_id for each in channel.letters] == [lost.id]
    assert town.messages()[lost.id].state is MessageState.SENT


def test_an_alert_that_cannot_be_delivered_is_a_task_and_alerts_nobody(town: Town, lost: Message) -> None:
    town.lose(lost)
    for alert in town.alerts():
        # The one for the administrator raises an alarm as well: it was theirs to mend.
        unmended = pytest.raises(LeftUndone) if alert.role == "administrator" else nullcontext()
        with unmended:
            town.lose(alert)

    assert len(town.tasks()) == 4
    assert len(town.alerts()) == 3
    assert {each.state for each in town.alerts()} == {MessageState.FAILED}


def test_a_task_that_is_done_cancels_what_is_still_to_be_said_of_it(town: Town, lost: Message) -> None:
    town.lose(lost)
    (task,) = town.tasks()
    town.council.record(town.case_id, replace(TOLD, for_id=task.id))

    assert [town.claimed(each) for each in town.alerts()] == [False, False, False]
    assert {each.state for each in town.alerts()} == {MessageState.CANCELLED}


def test_a_task_that_is_open_again_is_told_to_the_administrator_again(town: Town, lost: Message) -> None:
    town.lose(lost)
    (task,) = town.tasks()
    answer = town.council.answer(town.council.record(town.case_id, replace(TOLD, for_id=task.id)))
    withdrawn = FactWithdrawn(on=day("Thu 15 Oct 2026"), replaces=answer["fact_id"], because="a slip")
    town.council.record(town.case_id, withdrawn, learned_at=MORNING + timedelta(hours=3))

    (again,) = (each for each in town.alerts("task:") if not each.occasion.endswith(task.opened_by))
    assert town.claimed(again)
