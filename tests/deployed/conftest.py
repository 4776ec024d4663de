"""An emulator of its own for the session, with what ships deployed into it."""

from collections.abc import Iterator

import pytest

from infra import emulator, seeding
from infra.deploy import Stack, clients
from infra.package import Package
from tests.deployed.deployed import Service

STAGE = "test"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.Emulator]:
    """A fresh emulator on a free port, which remembers nothing from before."""
    with emulator.running(
        port=emulator.free_port(), home=tmp_path_factory.mktemp("emulator"), say=print
    ) as started:
        yield started


@pytest.fixture(scope="session")
def service(running: emulator.Emulator, package: Package) -> Service:
    """The whole service, deployed and seeded."""
    stack = Stack(stage=STAGE, clients=clients(running.endpoint), endpoint=running.endpoint)
    stack.deploy(package, {"SenderAddress": "holdfast@notices.example"})
    return Service(stack=stack, emulator=running, seeded=seeding.seed(stack))
