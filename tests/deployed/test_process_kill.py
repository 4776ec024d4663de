"""Processes are killed in the middle of a story, and it is finished: nothing is lost, nothing doubled.

`HOLDFAST_KILLS` is how many are killed, `HOLDFAST_KILL_SEED` draws the story and the plan. Leases run for
five minutes: `HOLDFAST_LEASES=wait` waits for their end, otherwise they are put back by what they had left.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import boto3
import pytest

from chalicelib import clock
from chalicelib.protocol_files import Shelf
from infra.operating import Desk
from tests.deployed.accounts import Accounts, Stored
from tests.deployed.deployed import Service
from tests.deployed.killing import Story, told
from tests.feed_server import FeedServer
from tests.proofs.figures import say
from tests.proofs.portrait import what_is_wrong

KILLS = int(os.environ.get("HOLDFAST_KILLS", "10"))
SEED = int(os.environ.get("HOLDFAST_KILL_SEED", "1"))
WAITS = os.environ.get("HOLDFAST_LEASES") == "wait"


@pytest.fixture
def stored(service: Service, monkeypatch: pytest.MonkeyPatch) -> Stored:
    """The deployed tables, read by the store's own code."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", service.emulator.endpoint)
    stage, clients = service.stack.stage, boto3.Session().client
    desk = Desk(stage=stage, clients=clients, now=clock.now(), say=print, shelf=Shelf())
    desk.bind()
    return Stored(ports=desk.ports(), outbox=service.stack.outputs()["Outbox"])


@pytest.fixture
def story(service: Service, stored: Stored, gov_uk: FeedServer) -> Iterator[Story]:
    """A story that has not begun, on whatever the tests before it have left."""
    with told(service=service, stored=stored, gov_uk=gov_uk, seed=SEED) as story:
        yield story


def test_whatever_process_dies_nothing_is_lost_and_nothing_doubled(story: Story) -> None:
    wrong_before, well_before = set(what_is_wrong(story.stored)), story.schedules_that_do_well()

    story.is_told_until(kills=KILLS)
    story.comes_to_its_end(waiting=WAITS)

    accounts = story.accounts()
    wrong = [*accounts.wrong()]
    for line in story.figures(accounts):
        say(line)
    assert wrong == []
    assert set(what_is_wrong(story.stored)) - wrong_before == set()
    assert story.callers.replayed_otherwise() == []
    assert story.goings_on.failures == []
    assert well_before - story.schedules_that_do_well() == set()
    # A death between two invocations proves little.
    assert story.died_at_work().total() > KILLS // 2
    assert [what for what, each in falsified(accounts) if not [*each.wrong()]] == []


def falsified(accounts: Accounts) -> Iterator[tuple[str, Accounts]]:
    """Give the same accounts with one thing lost in them, or doubled, that is to be found."""
    otherwise = partial(replace, accounts, letters_twice=[], notices_twice=[])
    ours = {each.id for each in accounts.messages}
    left = Counter(each.message_id for each in accounts.letters)
    letter = next(each for each in accounts.letters if each.message_id in ours and left[each.message_id] == 1)
    others = [each for each in accounts.letters if each is not letter]
    unheard = replace(accounts.answered[0], text=json.dumps({**accounts.answered[0].body, "fact_id": "f-0"}))
    yield "an answer", otherwise(answered=[*accounts.answered, unheard])
    yield "a letter", otherwise(letters=others)
    yield "a letter of a process that lived", otherwise(letters=[replace(letter, at=0.0), *accounts.letters])
    found = [each for each in accounts.mailbox if each["MessageId"] != letter.reference]
    yield "a letter in the mailbox", otherwise(mailbox=found)
    yield "every notice", otherwise(published=[])
