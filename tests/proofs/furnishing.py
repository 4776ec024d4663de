"""Riverbank Council on empty tables: its people, who may knock, and what signs a webhook."""

from base64 import b64decode
from datetime import UTC, datetime

from chalicelib import credentials
from chalicelib.credentials import Scope
from chalicelib.ports import Credential, Integration
from chalicelib.store import access, contacts
from infra import riverbank
from tests.proofs.post_office import SIGNS
from tests.riverbank import TOPICS

WEBHOOK = "case-system"
KEY = b64decode(SIGNS.removeprefix("whsec_"))
FOREVER = datetime(2099, 1, 1, tzinfo=UTC)


def furnished() -> str:
    """Put the council into the tables, and return the token with which it is asked for everything."""
    contacts.save_authority(riverbank.COUNCIL)
    for person in riverbank.people():
        contacts.save_person(person)
    for role in riverbank.roles(TOPICS):
        contacts.save_role(role)
    token, secret_hash = credentials.new_token("cpt")
    access.save_credential(
        Credential(
            id="cpt",
            authority=riverbank.ID,
            subject="cpt of riverbank",
            scopes=frozenset(Scope),
            secret_hash=secret_hash,
            expires_at=FOREVER,
        )
    )
    webhook = Integration(name=WEBHOOK, authority=riverbank.ID, secret=WEBHOOK, scopes=frozenset(Scope))
    access.save_integration(webhook)
    return token
