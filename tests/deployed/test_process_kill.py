"""Processes are killed in the middle of a story, and it is finished: nothing is lost, nothing doubled.

`HOLDFAST_KILLS` is how many are killed, `HOLDFAST_KILL_SEED` draws the story and the plan. Leases run for
five minutes: `HOLDFAST_LEASES=wait` waits for their end, otherwise they are put back by what they had left.
"""

import os
from collections.abc import Iterator

import boto3
import pytest

from chalicelib import clock
from chalicelib.protocol_files import Shelf
from infra.operating import Desk
from tests.deployed.accounts import Stored
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
