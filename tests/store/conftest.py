"""Fixtures only: an empty set of tables in moto, one for each test."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.tables import make_tables


@pytest.fixture
def tables() -> Iterator[dict[str, str]]:
    """The names of the empty tables, to which the store is bound."""
    with mock_aws():
        yield make_tables()
