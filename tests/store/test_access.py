"""Who may come in: found by name, listed by authority, remembered for a minute at most."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.core.errors import NotFound
from chalicelib.ports import Credential, Integration
from chalicelib.store import access
from chalicelib.store.access import DynamoAccess
from chalicelib.store.items import AccessItem

EXPIRES = datetime(2026, 8, 19, 8, 0, 0, 500, tzinfo=UTC)


def credential(name="k1", **changes):
    made = Credential(
        id=name,
        authority="tower-hamlets",
        subject="cpt-system",
        scopes=frozenset({"facts:write", "cases:read"}),
        secret_hash="a" * 64,
        expires_at=EXPIRES,
    )
    return replace(made, **changes)


LCS = Integration(
    name="lcs",
    authority="tower-hamlets",
    secret="holdfast/test/webhooks/lcs",
    scopes=frozenset({"facts:write"}),
)


class Safe:
    """Secrets Manager, with one secret; counts how often it is asked."""

    def __init__(self):
        self.asked = 0

    def get_secret_value(self, *, SecretId):  # noqa: N803  the SDK's name
        assert SecretId == LCS.secret
        self.asked += 1
        return {"SecretString": json.dumps(["whsec_bmV3", "whsec_b2xk"])}


@pytest.fixture
def safe():
    return Safe()


@pytest.fixture
def seconds():
    return [1000.0]


@pytest.fixture
def doors(tables, safe, seconds):
    return DynamoAccess(lambda: safe, monotonic=lambda: seconds[0])


def test_a_credential_is_read_back_as_it_was_saved(doors):
    access.save_credential(credential())

    assert doors.credential("k1") == credential()


def test_an_integration_is_read_back_as_it_was_saved(doors):
    access.save_integration(LCS)

    assert doors.integration("lcs") == LCS


def test_a_credential_that_was_not_there_is_good_as_soon_as_it_is(doors):
    assert doors.credential("k1") is None
    access.save_credential(credential())

    assert doors.credential("k1") == credential()


def test_a_revoked_credential_is_good_for_a_minute_at_most(doors, seconds):
    access.save_credential(credential())
    doors.credential("k1")
    access.revoke("k1")

    seconds[0] += 59
    assert not doors.credential("k1").revoked
    seconds[0] += 1
    assert doors.credential("k1").revoked


def test_only_a_credential_that_is_there_can_be_revoked(tables):
    with pytest.raises(NotFound):
        access.revoke("k1")


def test_an_expired_credential_leaves_the_table_of_itself(tables):
    access.save_credential(credential())

    assert AccessItem.get("TOKEN#k1", "TOKEN").expires_at == int(EXPIRES.timestamp())


def test_an_authority_lists_its_own_credentials_and_integrations(tables):
    for name in ("k1", "k2", "k3"):
        access.save_credential(credential(name))
    access.save_credential(credential("k9", authority="hackney"))
    access.save_integration(LCS)
    access.revoke("k2")

    first = access.credentials("tower-hamlets", None, 2)
    rest = access.credentials("tower-hamlets", first.cursor, 2)

    assert [(each.id, each.revoked) for each in first.items] == [("k1", False), ("k2", True)]
    assert [each.id for each in rest.items] == ["k3"]
    assert access.integrations("tower-hamlets", None, 10).items == [LCS]


def test_the_secrets_of_a_webhook_are_asked_for_once_a_minute(doors, safe, seconds):
    assert doors.secrets(LCS) == (b"new", b"old")
    doors.secrets(LCS)
    assert safe.asked == 1

    seconds[0] += 60
    doors.secrets(LCS)
    assert safe.asked == 2


def test_no_client_is_made_before_a_secret_is_needed(tables):
    def never():
        raise AssertionError

    access.save_credential(credential())
    assert DynamoAccess(never).credential("k1")
