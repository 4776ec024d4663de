"""A council's doors in this process, on DynamoDB Local, knocked at as Lambda knocks."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from app import app
from chalicelib import credentials, walks, wiring
from chalicelib.ports import Credential
from chalicelib.protocol_files import Shelf
from chalicelib.store import access, contacts
from chalicelib.store.access import DynamoAccess
from chalicelib.store.calendars import DynamoCalendars
from chalicelib.store.cases import DynamoCases
from chalicelib.store.contacts import DynamoContacts
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.visits import Ports
from infra import riverbank
from tests.tables import make_tables

TOKEN_ID = "bench"
CREATED = 201


class Refused(Exception):
    """A door did not answer 201."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Referrals under one token; each is for a child and under a key of its own."""

    ports: Ports
    token: str
    tables: dict[str, str]
    _number: "count[int]" = field(default_factory=lambda: count(1))

    def event(self) -> dict[str, Any]:
        """Return the next referral as API Gateway hands it to Lambda."""
        number = next(self._number)
        body = {
            **riverbank.REFERRAL,
            "on": f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}",
            "child_reference": f"RB-{number:06d}",
        }
        return request(body, token=self.token, key=f"bench-{number:06d}")

    def refer(self) -> None:
        """Knock with the next referral."""
        knock(self.event())


def request(body: dict[str, Any], *, token: str, key: str) -> dict[str, Any]:
    """Return a referral as API Gateway hands it to Lambda."""
    return {
        "requestContext": {"httpMethod": "POST", "resourcePath": "/v1/referrals", "requestId": key},
        "headers": {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "idempotency-key": key,
        },
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": False,
        "body": json.dumps(body),
    }


def knock(event: dict[str, Any]) -> None:
    """Call the API as Lambda does. Raises Refused."""
    answered = app(event, None)
    if answered["statusCode"] != CREATED:
        raise Refused(answered["body"])


@contextmanager
def opened(endpoint: str) -> Iterator[Doors]:
    """Open the doors of Riverbank Council on empty tables."""
    with at_home(endpoint):
        tables = make_tables()
        _introduce()
        ports = Ports(
            cases=DynamoCases(),
            outbox=DynamoOutbox(),
            contacts=DynamoContacts(),
            access=DynamoAccess(),
            calendars=DynamoCalendars(),
            protocols=Shelf(),
        )
        walks.put_in_force(riverbank.ID, datetime.now(UTC), ports)
        with wiring.using(wiring.Rooms(ports=ports, channels=dict)):
            yield Doors(ports=ports, token=_token(), tables=tables)


def _introduce() -> None:
    contacts.save_authority(riverbank.COUNCIL)
    for person in riverbank.people():
        contacts.save_person(person)
    for role in riverbank.roles({}):
        contacts.save_role(role)


@contextmanager
def at_home(endpoint: str) -> Iterator[None]:
    """Point every client of this process and its children at DynamoDB Local, until the block ends."""
    before = dict(os.environ)
    os.environ.pop("AWS_PROFILE", None)
    os.environ.update(
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID="bench",
        AWS_SECRET_ACCESS_KEY="bench",
        AWS_DEFAULT_REGION="eu-west-2",
        AWS_EC2_METADATA_DISABLED="true",
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _token() -> str:
    token, secret_hash = credentials.new_token(TOKEN_ID)
    access.save_credential(
        Credential(
            id=TOKEN_ID,
            authority=riverbank.ID,
            subject="bench",
            scopes=frozenset(credentials.Scope),
            secret_hash=secret_hash,
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
    )
    return token
