"""Fixtures only: an empty set of tables in moto, one for each test.

With `HOLDFAST_STORE=small` the small DynamoDB of the proofs keeps them, which takes a hundredth of the time:
mutation runs these tests thousands of times.
"""

import os
from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.proofs.small_tables import small_tables
from tests.tables import make_tables


@pytest.fixture
def tables() -> Iterator[dict[str, str]]:
    """The names of the empty tables, to which the store is bound."""
    if os.environ.get("HOLDFAST_STORE") == "small":
        yield small_tables()
    else:
        with mock_aws():
            yield make_tables()
