"""Break every AWS call of every operation, recover as AWS and the callers do, and look for what is lost.

`HOLDFAST_MATRIX` is the share of the points that is tried: all of them by `make prove`.
"""

import os
from collections.abc import Iterator
from random import Random

import pytest

from app import app
from chalicelib.ports import What
from tests.proofs.figures import say
from tests.proofs.keeping import Kept, keep
from tests.proofs.matrix import Tally, prepare, try_all
from tests.proofs.operations import OPERATIONS, Operation
from tests.proofs.world import World

pytestmark = pytest.mark.contract

SHARE = float(os.environ.get("HOLDFAST_MATRIX", "0.02"))
# Doors behind which nothing is stored, whatever their method.
NOTHING_STORED = {"/v1/cases/{case_id}/protocol-moves/preview", "/v1/protocols/{protocol_id}/rehearsals"}


@pytest.fixture(scope="module")
def blank(world: World) -> Iterator[Kept]:
    world.schedule("calendar")
    return keep(world)


@pytest.fixture(scope="module")
def total() -> Iterator[Tally]:
    """What came of all of them together."""
    tally = Tally()
    yield tally
    say(f"crash matrix, {SHARE:.0%} of its points: {sum(tally.calls.values())} calls, {tally.said()}")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_wherever_it_breaks_nothing_is_lost_and_nothing_doubled(
    world: World, blank: Kept, total: Tally, operation: Operation
) -> None:
    prepared = prepare(world, blank, operation)
    tally = try_all(world, prepared, SHARE, Random(operation.name))

    total.add(tally)
    say(f"{operation.name}: {len(prepared.calls)} calls, {tally.said()}")
    assert tally.wrong == []


def test_every_door_that_changes_something_is_broken_into() -> None:
    routes = [(path, route) for path, methods in app.routes.items() for route in methods.items()]
    doors = {path for path, (method, _) in routes if method not in ("GET", "HEAD", "OPTIONS")}
    functions = set(app.handler_map) - {route.view_name for _, (_, route) in routes}
    tried = {each.door for each in OPERATIONS}

    # What can be done by command and not by a route.
    commands = {What.LIFT, What.PAUSE, What.RESUME}

    assert (doors | functions | commands) - tried - NOTHING_STORED == set()
