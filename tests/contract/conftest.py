"""Fixtures only: an empty set of tables on DynamoDB Local, one for each test."""

import pytest

from tests.tables import make_tables


@pytest.fixture
def tables(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The names of the empty tables, to which the store is bound."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb_local)
    return make_tables()
