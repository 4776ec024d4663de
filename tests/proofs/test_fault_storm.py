"""Ten thousand storms, each from its seed: nothing acknowledged is lost and nothing is done twice.

`HOLDFAST_STORMS` is how many are told in this process, from the seed `HOLDFAST_FIRST` on, and
`HOLDFAST_LOCAL_STORMS` how many on DynamoDB Local; `HOLDFAST_SEED` names one to be told alone.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.proofs.conftest import stage
from tests.proofs.figures import say
from tests.proofs.keeping import keep, put_back
from tests.proofs.post_office import PostOffice
from tests.proofs.shadow import Shadowed
from tests.proofs.small_dynamo import SmallDynamo
from tests.proofs.storm import Storm, begin
from tests.proofs.weather import Weather
from tests.proofs.world import World
from tests.tables import make_tables

STORMS = int(os.environ.get("HOLDFAST_STORMS", "10"))
FIRST = int(os.environ.get("HOLDFAST_FIRST", "0"))
LOCAL_STORMS = int(os.environ.get("HOLDFAST_LOCAL_STORMS", "1"))
SEED = os.environ.get("HOLDFAST_SEED")
NAMES = {each: f"storm-{each}" for each in ("cases", "outbox", "contacts", "access", "calendars")}


@pytest.fixture(scope="module")
def small() -> Iterator[tuple[World, Weather, Callable[[], None]]]:
    """A council whose tables, letters and secrets are kept in this process, and what puts them back."""
    weather = Weather()
    engine = SmallDynamo(NAMES, twice=weather.carried_out_twice)
    with stage(NAMES):
        world = World(PostOffice(), engine, weather)
        world.schedule("calendar")
        furnished = {name: dict(items) for name, items in engine.tables.items()}

        def again() -> None:
            engine.tables = {name: dict(items) for name, items in furnished.items()}

        yield world, weather, again


def test_whatever_the_weather_nothing_is_lost_and_nothing_doubled(small) -> None:
    world, weather, again = small

    storms(world, weather, [int(SEED)] if SEED else range(FIRST, FIRST + STORMS), again)


def test_a_seed_tells_the_same_storm_again(small) -> None:
    world, weather, again = small
    told = []
    for _ in range(2):
        again()
        begin(world)
        Storm(world, weather, FIRST, steps=5).rage()
        left = [(each.message_id, each.channel, each.address) for each in world.outside.posted]
        told.append((weather.calls, Counter(weather.faults), left, world.outside.now))

    assert told[0] == told[1]


@pytest.mark.contract
def test_on_awss_own_engine_it_is_the_same_and_the_small_one_answers_as_it_does(dynamodb_local) -> None:
    weather = Weather()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", dynamodb_local)
        names = make_tables()
        engine = Shadowed(names)
        with stage(names, AWS_ENDPOINT_URL=dynamodb_local):
            world = World(PostOffice(), engine, weather)
            world.schedule("calendar")
            blank = keep(world)
            storms(
                world, weather, [int(SEED)] if SEED else range(LOCAL_STORMS), lambda: put_back(world, blank)
            )

    say(f"  on DynamoDB Local; {engine.compared} answers of the small engine were the same")
    assert engine.compared


def storms(world: World, weather: Weather, seeds: Sequence[int], again: Callable[[], None]) -> None:
    """Let these storms rage, each from the same beginning, and say what there was of everything."""
    faults, twice = Counter[str](), Counter[str]()
    began, calls = time.monotonic(), 0
    for seed in seeds:
        again()
        begin(world)
        storm = Storm(world, weather, seed)
        assert storm.rage() == [], f"make prove SEED={seed}"
        faults += weather.faults
        calls += weather.calls
        twice += Counter(mails=storm.letters.mails_twice, notices=storm.letters.notices_twice)
    said = ", ".join(f"{count} {what}" for what, count in sorted(faults.items()))
    say(
        f"{len(seeds)} storms in {time.monotonic() - began:.0f} s: {calls} calls in bad weather, "
        f"{faults.total()} faults ({said}), "
        f"{twice['mails']} e-mails twice, {twice['notices']} topic notices twice"
    )
