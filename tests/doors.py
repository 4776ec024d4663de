"""A council's front of house with its rooms in memory: what the tests of the doors knock at.

The authority, its people and its children are invented.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import credentials, signing, wiring
from chalicelib.credentials import Scope
from chalicelib.ports import Authority, Credential, Integration, Person, RoleContact
from chalicelib.visits import Ports
from tests.doubles import MemoryAccess, MemoryCalendars, MemoryCases, MemoryContacts
from tests.part import PartShelf

# Friday 22 May 2026, 10:12 in London.
MORNING = datetime(2026, 5, 22, 9, 12, tzinfo=UTC)
COUNCIL = "tower-hamlets"
ELSEWHERE = "another-council"
PROTOCOL = "tower-hamlets-2026-01-01"
SECRET = b"a secret of thirty-two bytes or so"
OLDER_SECRET = b"the secret that is being replaced."
EVERYTHING = frozenset(Scope)


def referral(**changes: object) -> dict[str, Any]:
    """A referral as CPT's system sends it; a change to None leaves the field out."""
    sent = {
        "on": "2026-05-22",
        "authority": COUNCIL,
        "child_reference": "TH-1042",
        "placement_id": "PL-77",
        "placement_type": "foster",
        "legal_status": "care_order",
        "change": "unplanned",
        "reasons": ["carer_gave_notice"],
        "allocations": {"iro": "p-iro", "social_worker": "p-sw", "team_manager": "p-tm"},
        **changes,
    }
    return {name: value for name, value in sent.items() if value is not None}


def meeting_held(**changes: object) -> dict[str, Any]:
    """A meeting as it is recorded; a change to None leaves the field out."""
    sent = {
        "on": "2026-05-22",
        "meeting": "placement_support",
        "meeting_id": "m-1",
        "placement_id": "PL-77",
        "chair": {"person_id": "p-tm"},
        "present": [{"person_id": "p-iro"}, {"role": "carer"}],
        "outcome": "viable",
        **changes,
    }
    return {name: value for name, value in sent.items() if value is not None}


@dataclass
class Doors:
    """The doors, what is behind them, and a token for each way of being known."""

    client: Client
    ports: Ports
    cases: MemoryCases
    access: MemoryAccess
    tokens: dict[str, str] = field(default_factory=dict)
    moment: datetime = MORNING

    def know(
        self,
        name: str,
        *,
        authority: str = COUNCIL,
        scopes: frozenset[str] = EVERYTHING,
        expires_at: datetime = MORNING + timedelta(days=30),
        revoked: bool = False,
    ) -> str:
        """Give out a token, and return it."""
        token, secret_hash = credentials.new_token(name)
        self.access.credentials[name] = Credential(
            id=name,
            authority=authority,
            subject=f"{name} of {authority}",
            scopes=scopes,
            secret_hash=secret_hash,
            expires_at=expires_at,
            revoked=revoked,
        )
        self.tokens[name] = token
        return token

    def get(self, path: str, *, token: str | None = None) -> HTTPResponse:
        """Ask for something with a token, CPT's if no other is given."""
        bearer = f"Bearer {token or self.tokens['cpt']}"
        return self.client.http.get(path, headers={"Authorization": bearer})

    def post(
        self,
        path: str,
        body: Mapping[str, object] | bytes,
        *,
        key: str | None = "key-1",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """Send something with a token, CPT's if no other is given, under an idempotency key."""
        sent = {
            "Authorization": f"Bearer {token or self.tokens['cpt']}",
            "Content-Type": "application/json",
            **({"Idempotency-Key": key} if key is not None else {}),
            **(headers or {}),
        }
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.http.post(path, headers=sent, body=raw)

    def open_case(self, **changes: object) -> str:
        """Open a case and return its id."""
        answer = self.post("/v1/referrals", referral(**changes), key=f"open {changes}")
        assert answer.status_code == 201, answer.body
        return str(answer.json_body["case_id"])

    def send_signed(
        self,
        body: Mapping[str, object] | bytes,
        *,
        message_id: str = "msg_1",
        secret: bytes = SECRET,
        at: datetime = MORNING,
        integration: str = "case-system",
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """Send a signed webhook; `headers` replace those of the signature."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = signing.sign(message_id, at, raw, secret)
        sent = {"Content-Type": "application/json", **signed, **(headers or {})}
        return self.client.http.post(f"/v1/webhooks/{integration}", headers=sent, body=raw)

    def nothing_is_stored(self) -> bool:
        """Whether no case, child, receipt or message was written."""
        kept = (self.cases.by_id, self.cases.children, self.cases.receipts, self.cases.outbox.messages)
        return not any(kept)


@contextmanager
def front_of_house() -> Iterator[Doors]:
    """Open the doors of a council on Friday 22 May 2026, in the morning."""
    cases = MemoryCases()
    integration = Integration(
        name="case-system", authority=COUNCIL, secret="case-system", scopes=frozenset({Scope.FACTS_WRITE})
    )
    access = MemoryAccess(
        integrations={"case-system": (integration, (SECRET, OLDER_SECRET))},
        authorities=[
            Authority(id=COUNCIL, name="An invented council", protocols=(PROTOCOL,)),
            Authority(id=ELSEWHERE, name="Another invented council", protocols=(PROTOCOL,)),
        ],
    )
    ports = Ports(
        cases=cases,
        outbox=cases.outbox,
        contacts=_contacts(),
        access=access,
        calendars=MemoryCalendars(),
        protocols=PartShelf(),
        pause=lambda _seconds: None,
    )
    with Client(app) as client:
        doors = Doors(client=client, ports=ports, cases=cases, access=access)
        doors.know("cpt")
        rooms = wiring.Rooms(ports=ports, channels=dict, now=lambda: doors.moment)
        with wiring.using(rooms):
            yield doors


def _contacts() -> MemoryContacts:
    people = {"p-iro": "iro", "p-sw": "social_worker", "p-tm": "team_manager"}
    return MemoryContacts(
        people=[
            Person(authority=COUNCIL, id=person_id, email=f"{person_id}@council.example", roles=(role,))
            for person_id, role in people.items()
        ],
        roles=[RoleContact(authority=COUNCIL, role="cpt", email="cpt@council.example")],
    )
