"""Fixtures only: a council on DynamoDB Local, with a post office on loopback."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from chalicelib import wiring
from tests.proofs.breaking import Breaker
from tests.proofs.engines import Served
from tests.proofs.post_office import open_post_office
from tests.proofs.world import World
from tests.tables import make_tables


@contextmanager
def stage(names: Mapping[str, str], **endpoints: str) -> Iterator[None]:
    """Let the environment be that of a stage with these tables, at these endpoints."""
    settings = {
        "STAGE": "test",
        **{f"{each.upper()}_TABLE": name for each, name in names.items()},
        "SENDER_ADDRESS": "no-reply@riverbank.example",
        "CONFIGURATION_SET": "holdfast",
        "LINK_BASE": "https://holdfast.example",
        "BANK_HOLIDAYS_URL": "https://gov.example/bank-holidays.json",
        "SECRETS_PREFIX": "holdfast/test",
        **endpoints,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        for known in (wiring.settings, wiring._channels):
            known.cache_clear()
        yield
    for known in (wiring.settings, wiring._channels):
        known.cache_clear()


@pytest.fixture(scope="module")
def world(dynamodb_local: str) -> Iterator[World]:
    """A council whose every AWS client is the real one, directed to this machine."""
    with open_post_office() as (office, address), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", dynamodb_local)
        names = make_tables()
        with stage(names, AWS_ENDPOINT_URL=address, AWS_ENDPOINT_URL_DYNAMODB=dynamodb_local):
            yield World(office, Served(names), Breaker())
