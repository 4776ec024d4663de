"""An emulator of its own for the session, with what ships deployed into it."""

from collections.abc import Iterator

import pytest

from infra import emulator, seeding
from infra.deploy import Stack, clients
from infra.package import Package
from tests.deployed.deployed import Service
from tests.deployed.recording import Recording
from tests.feed_server import FeedServer, answers, serving
from tests.listing import today
from tests.template import Template

STAGE = "test"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.Emulator]:
    """A fresh emulator on a free port, which remembers nothing from before."""
    home = tmp_path_factory.mktemp("emulator")
    with emulator.running(port=emulator.free_port(), home=home, say=print, recording=True) as started:
        yield started


@pytest.fixture(scope="session")
def gov_uk() -> Iterator[FeedServer]:
    """A server in GOV.UK's place, with the list of bank holidays as it stands."""
    with serving(answers(today())) as server:
        yield server


@pytest.fixture(scope="session")
def service(running: emulator.Emulator, package: Package, gov_uk: FeedServer) -> Service:
    """The whole service, deployed and seeded."""
    stack = Stack(stage=STAGE, clients=clients(running.endpoint), endpoint=running.endpoint)
    stack.deploy(package, {"SenderAddress": "holdfast@notices.example", "BankHolidaysUrl": gov_uk.address})
    return Service(stack=stack, emulator=running, seeded=seeding.seed(stack))


@pytest.fixture(scope="session")
def recording(service: Service, package: Package) -> Recording:
    """What every function asked of AWS since the first test."""
    started = Recording(stack=service.stack, template=Template.of(package))
    started.mark_functions()
    return started


@pytest.fixture(autouse=True)
def _within_their_roles(recording: Recording) -> Iterator[None]:
    """Fail any test in which a function asked for what its role does not allow."""
    yield
    recording.look()
    assert recording.refused_on_aws() == []
