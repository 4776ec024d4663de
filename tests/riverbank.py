"""Riverbank Council with its rooms in moto: facts go the whole way from JSON to the tables."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from moto import mock_aws

from chalicelib import own_facts, parse, service
from chalicelib.meaning import Vocabulary
from chalicelib.store import contacts
from chalicelib.store.access import DynamoAccess
from chalicelib.store.cases import DynamoCases
from chalicelib.store.contacts import DynamoContacts
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.visits import Incoming, Ports
from infra import riverbank
from tests.ledger import Ledger, kept
from tests.part import PartShelf
from tests.tables import make_tables

EARLIEST = datetime.min.replace(tzinfo=UTC)
TOPICS = {role: f"arn:aws:sns:eu-west-2:000000000000:{role}" for role in riverbank.TOPICS}


@dataclass
class Council:
    """A council that is told facts; `ledger` shows what each of them stored."""

    ports: Ports
    ledger: Ledger
    vocabulary: Vocabulary
    _keys: "count[int]"
    _learned_at: datetime = EARLIEST

    def refer(self, on: date, child: str = "RB-1042") -> str:
        """Open a case and return its id."""
        fact, incoming = self._received(
            "referral_received", on, riverbank.REFERRAL | {"child_reference": child}
        )
        return str(json.loads(service.open_case(fact, incoming, self.ports).answer)["case_id"])

    def told(self, case_id: str, kind: str, on: date, **body: Any) -> str:
        """Record a fact and return its id."""
        fact, incoming = self._received(kind, on, body)
        return str(json.loads(service.record(case_id, fact, incoming, self.ports).answer)["fact_id"])

    def tick(self, on: date) -> int:
        """Let it be nine in the morning, UTC."""
        return own_facts.tick(_morning(on), self.ports, lambda: 60.0)

    def _received(self, kind: str, on: date, body: dict[str, Any]) -> tuple[Any, Incoming]:
        # Told the day after, and never before what was told last: a correction is the later word.
        now = self._learned_at = max(_morning(on) + timedelta(days=1), self._learned_at)
        raw = json.dumps({**body, "on": on.isoformat()})
        incoming = Incoming(
            authority=riverbank.ID,
            subject="riverbank-cpt",
            key=f"api|riverbankcpt|{next(self._keys):036d}",
            body_hash="b" * 64,
            fact_json=raw,
            learned_at=now,
        )
        return parse.fact(kind, raw.encode(), now, self.vocabulary), incoming


@contextmanager
def council() -> Iterator[Council]:
    """Open the council on empty tables, its topics and its people known."""
    with mock_aws():
        names = make_tables()
        contacts.save_authority(riverbank.COUNCIL)
        for person in riverbank.people():
            contacts.save_person(person)
        for role in riverbank.roles(TOPICS):
            contacts.save_role(role)
        ports = Ports(
            cases=DynamoCases(),
            outbox=DynamoOutbox(),
            contacts=DynamoContacts(),
            access=DynamoAccess(),
            protocols=PartShelf(),
        )
        words = Vocabulary.of(ports.protocols.load(each) for each in riverbank.COUNCIL.protocols)
        with kept(names) as ledger:
            yield Council(ports=ports, ledger=ledger, vocabulary=words, _keys=count(1))


def person(role: str) -> dict[str, str]:
    """Whoever fills a role at Riverbank."""
    return {"person_id": riverbank.CAST[role]}


def _morning(on: date) -> datetime:
    return datetime.combine(on, time(9), UTC)
