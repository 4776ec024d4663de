"""Riverbank Council on whichever engine the environment names: facts go from JSON to the tables."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from chalicelib import moves, parse, service, ticking, walks
from chalicelib.meaning import Vocabulary
from chalicelib.ports import RoleContact
from chalicelib.protocol_files import Shelf
from chalicelib.store import contacts
from chalicelib.store.access import DynamoAccess
from chalicelib.store.calendars import DynamoCalendars
from chalicelib.store.cases import DynamoCases
from chalicelib.store.contacts import DynamoContacts
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.visits import Incoming, Ports
from infra import riverbank
from tests.ledger import Ledger, kept
from tests.snapshots import snapshot
from tests.tables import make_tables

USUAL = riverbank.COUNCIL.protocols
SHELF = Shelf()
ALL_FIVE = tuple(SHELF.ids())
EARLIEST = datetime.min.replace(tzinfo=UTC)
TOPICS = {role: f"arn:aws:sns:eu-west-2:000000000000:{role}" for role in riverbank.TOPICS}


@dataclass
class Council:
    """A council that is told facts; `ledger` shows what each of them stored."""

    ports: Ports
    ledger: Ledger
    protocols: tuple[str, ...]
    vocabulary: Vocabulary
    _keys: "count[int]"
    _learned_at: datetime = EARLIEST

    def refer(self, on: date, child: str = "RB-1042", placement: str = "RB-P-77") -> str:
        """Open a case and return its id."""
        body = riverbank.REFERRAL | {"child_reference": child, "placement_id": placement}
        fact, incoming = self._received("referral_received", on, body)
        return str(json.loads(service.open_case(fact, incoming, self.ports).answer)["case_id"])

    def told(self, case_id: str, kind: str, on: date, **body: Any) -> str:
        """Record a fact and return its id."""
        fact, incoming = self._received(kind, on, body)
        return str(json.loads(service.record(case_id, fact, incoming, self.ports).answer)["fact_id"])

    def move(self, case_id: str, *to: str) -> None:
        """Move a case to other protocols."""
        asked = moves.ProtocolMove(to=to, because="The council follows other texts from now on.")
        moves.move(case_id, asked, self._incoming("{}", self._learned_at), self.ports)

    def tick(self, on: date) -> int:
        """Let it be nine in the morning, UTC."""
        return ticking.tick(_morning(on), self.ports, lambda: 60.0)

    def proclaim(self, *days: str) -> None:
        """Put a calendar in force on which these days are closed as well, and tell the cases of it."""
        self.ports.calendars.keep(snapshot(*days))
        walks.put_in_force(riverbank.ID, self._learned_at, self.ports)
        walked = walks.walk(riverbank.ID, self._learned_at, self.ports, lambda: 60.0)
        assert walked.told, "no case had to be told"

    def _received(self, kind: str, on: date, body: dict[str, Any]) -> tuple[Any, Incoming]:
        # Told the day after, and never before what was told last: a correction is the later word.
        now = self._learned_at = max(_morning(on) + timedelta(days=1), self._learned_at)
        raw = json.dumps({**body, "on": on.isoformat()})
        return parse.fact(kind, raw.encode(), now, self.vocabulary), self._incoming(raw, now)

    def _incoming(self, raw: str, now: datetime) -> Incoming:
        return Incoming(
            authority=riverbank.ID,
            subject="riverbank-cpt",
            key=f"api|riverbankcpt|{next(self._keys):036d}",
            body_hash="b" * 64,
            fact_json=raw,
            learned_at=now,
        )


@contextmanager
def council(protocols: tuple[str, ...] = USUAL) -> Iterator[Council]:
    """Open the council on empty tables, its topics, its people and its calendar known."""
    names = make_tables()
    contacts.save_authority(replace(riverbank.COUNCIL, protocols=protocols))
    for person in riverbank.people():
        contacts.save_person(person)
    for role in riverbank.roles(TOPICS):
        contacts.save_role(role)
    ports = Ports(
        cases=DynamoCases(),
        outbox=DynamoOutbox(),
        contacts=DynamoContacts(),
        access=DynamoAccess(),
        calendars=DynamoCalendars(),
        protocols=SHELF,
    )
    walks.put_in_force(riverbank.ID, EARLIEST, ports)
    words = Vocabulary.of(SHELF.load(each) for each in protocols)
    with kept(names) as ledger:
        yield Council(ports, ledger, protocols, words, count(1))


def everybody_listens_on_a_topic(opened: Council) -> None:
    """Have every role told by e-mail and by topic, whatever it is about: as much as there can be."""
    words = {role for each in ALL_FIVE for role in SHELF.load(each).roles}
    both = dict.fromkeys(("now", "today", "digest"), ("email", "topic"))
    for role in sorted(words):
        topic = f"arn:aws:sns:eu-west-2:000000000000:{role}"
        contacts.save_role(
            RoleContact(
                authority=riverbank.ID,
                role=role,
                email=f"{role}@riverbank.example",
                topic=topic,
                channels=both,
            )
        )


def person(role: str) -> dict[str, str]:
    """Whoever fills a role at Riverbank."""
    return {"person_id": riverbank.CAST[role]}


def _morning(on: date) -> datetime:
    return datetime.combine(on, time(9), UTC)
