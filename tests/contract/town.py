"""A council over tables on DynamoDB Local: its corridor, without doors and with a clock that may run out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib import service
from chalicelib.core.facts import Fact
from chalicelib.ports import Authority, JournalRow, Message
from chalicelib.store import contacts
from chalicelib.store.access import DynamoAccess
from chalicelib.store.calendars import DynamoCalendars
from chalicelib.store.cases import DynamoCases
from chalicelib.store.contacts import DynamoContacts
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.visits import Accepted, Incoming, Ports
from tests.builders import moment
from tests.council import MORNING, PROTOCOL, TOWN, people, referral
from tests.part import PartShelf

LATER = moment("Thu 15 Oct 2026 12:00")  # the alert of quarter past nine has been open for two hours


@dataclass
class Town:
    """The corridor over DynamoDB, with a clock that may run out."""

    ports: Ports
    seconds: float = 60.0

    def incoming(self, key: str, body: str = "a", at: datetime = MORNING) -> Incoming:
        return Incoming(
            authority=TOWN,
            subject="CPT",
            key=f"api|CPT|{key}",
            body_hash=body * 64,
            fact_json="{}",
            learned_at=at,
            seconds_left=lambda: self.seconds,
        )

    def open(self, key: str, reference: str = "TH-1042", at: datetime = MORNING) -> str:
        accepted = service.open_case(referral(reference), self.incoming(key, at=at), self.ports)
        return str(json.loads(accepted.answer)["case_id"])

    def record(self, case_id: str, fact: Fact, key: str) -> Accepted:
        return service.record(case_id, fact, self.incoming(key), self.ports)

    def journal(self, case_id: str) -> Sequence[JournalRow]:
        return self.ports.cases.journal(case_id, None, 1000).items

    def messages(self, case_id: str) -> Sequence[Message]:
        return self.ports.outbox.of_case(case_id, None, 1000).items

    def facts_told(self, case_id: str) -> list[str]:
        return [json.loads(row.entry_json)["fact"]["id"] for row in self.journal(case_id)]


def new_town() -> Town:
    """A town over the tables that the store is bound to, with its people in them."""
    contacts.save_authority(Authority(id=TOWN, name=TOWN, protocols=(PROTOCOL,)))
    for person in people():
        contacts.save_person(person)
    return Town(
        ports=Ports(
            cases=DynamoCases(),
            outbox=DynamoOutbox(),
            contacts=DynamoContacts(),
            access=DynamoAccess(),
            calendars=DynamoCalendars(),
            protocols=PartShelf(),
        )
    )
