"""Fixtures only: engines and packages that several tiers share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from infra import dynamodb_local as engine
from infra import package as packaging
from tests.proofs.figures import SAID

HERE = Path(__file__).parent
TIERS = {
    "contract": "contract",
    "deployed": "deployed",
    "proofs": "proof",
    "test_alarms.py": "package",
    "test_package.py": "package",
    "test_permissions.py": "package",
}

# Invented credentials, set before anything makes a client: no test can reach a real account.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-west-2",
    AWS_EC2_METADATA_DISABLED="true",
)
os.environ.pop("AWS_PROFILE", None)

# How long an example takes says nothing on a machine that does other things as well.
settings.register_profile("holdfast", deadline=None)
settings.load_profile("holdfast")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name each test's tier by where it stands, so that one tier can be run alone: -m contract."""
    for item in items:
        top = item.path.relative_to(HERE).parts[0]
        if tier := TIERS.get(top):
            item.add_marker(tier)


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """The address of an empty DynamoDB Local, for the whole session.

    It keeps the data of each access key apart: a test that needs it empty takes a key of its own.
    """
    with engine.running() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> packaging.Package:
    """What ships to production, built once for the session: its template and its zip."""
    return packaging.build(stage="production", out=tmp_path_factory.mktemp("package") / "production")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was measured."""
    for line in SAID:
        terminalreporter.write_line(line)
