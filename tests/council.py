"""An invented council with its rooms in memory, asked through the corridor without a door."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib import service
from chalicelib.core.case import Case, Duty, Flag
from chalicelib.core.facts import (
    DecisionMade,
    Exemption,
    Fact,
    FactWithdrawn,
    MeetingConvened,
    MeetingHeld,
    Party,
    PlacementEnded,
    ReferralReceived,
    StepDone,
)
from chalicelib.ports import Authority, Message, Person, RoleContact
from chalicelib.protocol_files import Shelf
from chalicelib.ticking import tick
from chalicelib.visits import Accepted, Incoming, Ports
from tests.builders import ALLOCATED, day, moment
from tests.doubles import MemoryAccess, MemoryCalendars, MemoryCases, MemoryContacts
from tests.part import PartShelf

TOWN = "tower-hamlets"
ELSEWHERE = "another-council"
PROTOCOL = "tower-hamlets-2026-01-01"
MORNING = moment("Thu 15 Oct 2026 09:12")


def people() -> list[Person]:
    roles = {"p-iro": (), "p-sw": (), "p-tm": (), "p-gm": ("gm_iro",), "p-other": ("team_manager",)}
    return [
        Person(authority=TOWN, id=name, email=f"{name}@council.example", roles=held)
        for name, held in roles.items()
    ]


def seats(*names: str) -> tuple[Party, ...]:
    return tuple(Party(person_id=name) for name in names)  # type: ignore[arg-type]


@dataclass
class Council:
    """The corridor and what it stored; each request has a key of its own unless one is given."""

    contacts: MemoryContacts = field(default_factory=lambda: MemoryContacts(people=people()))
    cases: MemoryCases = field(default_factory=MemoryCases)
    waits: list[float] = field(default_factory=list)
    asked: int = 0
    protocols: tuple[str, ...] = (PROTOCOL,)
    shelf: Shelf = field(default_factory=PartShelf)

    def __post_init__(self) -> None:
        authorities = [Authority(id=name, name=name, protocols=self.protocols) for name in (TOWN, ELSEWHERE)]
        self.ports = Ports(
            cases=self.cases,
            outbox=self.cases.outbox,
            contacts=self.contacts,
            access=MemoryAccess(authorities=authorities),
            calendars=MemoryCalendars(),
            protocols=self.shelf,
            pause=self.waits.append,
        )

    def incoming(self, **changes: Any) -> Incoming:
        """What a door knows: by default of Tower Hamlets' placements team, under a fresh key."""
        self.asked += 1
        sent: Mapping[str, Any] = {
            "authority": TOWN,
            "subject": "placements team",
            "key": f"api|cpt|{self.asked}",
            "body_hash": "a" * 64,
            "fact_json": "{}",
            "learned_at": MORNING,
            **changes,
        }
        return Incoming(**sent)

    def open(self, reference: str = "TH-1042", **changes: Any) -> str:
        """Open a case by a referral and return its id."""
        return self.answer(self.open_with(referral(reference), **changes))["case_id"]  # type: ignore[no-any-return]

    def open_with(self, fact: ReferralReceived, **changes: Any) -> Accepted:
        return service.open_case(fact, self.incoming(**changes), self.ports)

    def record(self, case_id: str, fact: Fact, **changes: Any) -> Accepted:
        return service.record(case_id, fact, self.incoming(**changes), self.ports)

    def propose(self, case_id: str, fact: Fact, **changes: Any) -> Accepted:
        return service.propose(case_id, fact, self.incoming(**changes), self.ports)

    @staticmethod
    def answer(accepted: Accepted) -> Any:
        return json.loads(accepted.answer)

    def case(self, case_id: str) -> Case:
        return self.cases.load(case_id)

    def duties(self, case_id: str, clause: str) -> list[Duty]:
        return [duty for duty in self.case(case_id).standing.duties if duty.clause == clause]

    def flags(self, case_id: str, clause: str) -> list[Flag]:
        return [flag for flag in self.case(case_id).standing.flags if flag.clause == clause]

    def messages(self, clause: str) -> list[Message]:
        return [each for each in self.cases.outbox.messages.values() if each.clause == clause]

    def snapshot(self) -> object:
        """Everything that is stored, to be compared with itself later."""
        outbox = self.cases.outbox
        return (
            dict(self.cases.by_id),
            dict(self.cases.children),
            dict(self.cases.receipts),
            dict(self.cases.log),
            {name: len(kept) for name, kept in self.cases.entries.items()},
            dict(outbox.messages),
            set(outbox.tombstones),
        )

    def tick(self, at: datetime) -> int:
        return tick(at, self.ports, lambda: 300.0)


# --- facts, as the doors hand them on -------------------------------------------------------


def referral(reference: str = "TH-1042", on: str = "Tue 6 Oct 2026", **changes: Any) -> ReferralReceived:
    sent: Mapping[str, Any] = {
        "on": day(on),
        "authority": TOWN,
        "child_reference": reference,
        "placement_id": "P-1",
        "placement_type": "foster",
        "legal_status": "care_order",
        "change": "unplanned",
        "reasons": ("carer_difficulty",),
        "allocations": ALLOCATED,
        **changes,
    }
    return ReferralReceived(**sent)


def convened(on: str = "Thu 8 Oct 2026", **changes: Any) -> MeetingConvened:
    sent: Mapping[str, Any] = {"meeting": "placement_support", "meeting_id": "m-1", **changes}
    return MeetingConvened(on=day(on), **sent)


def held(on: str = "Wed 14 Oct 2026", **changes: Any) -> MeetingHeld:
    sent: Mapping[str, Any] = {
        "meeting": "placement_support",
        "meeting_id": "m-1",
        "chair": Party(person_id="p-iro"),  # type: ignore[arg-type]
        "present": seats("p-iro", "p-sw"),
        "outcome": "continue_with_support",
        **changes,
    }
    return MeetingHeld(on=day(on), **sent)


def move(on: str = "Thu 15 Oct 2026", by: str = "p-tm", **changes: Any) -> DecisionMade:
    return DecisionMade(on=day(on), decision="move", by=seats(by), **changes)


def ended(on: str, **changes: Any) -> PlacementEnded:
    sent: Mapping[str, Any] = {"placement_id": "P-1", "manner": "unplanned", **changes}
    return PlacementEnded(on=day(on), **sent)


def step(on: str, word: str, **changes: Any) -> StepDone:
    return StepDone(on=day(on), step=word, **changes)


def withdrawal(fact_id: str, on: str = "Thu 15 Oct 2026") -> FactWithdrawn:
    return FactWithdrawn(on=day(on), replaces=fact_id, because="It was another child.")  # type: ignore[arg-type]


def exemption(name: str, approver: str | None = "p-tm", **changes: Any) -> tuple[Exemption, ...]:
    return (Exemption(name=name, because="An incident.", approver=approver, **changes),)  # type: ignore[arg-type]


def role_contact(role: str, **changes: Any) -> RoleContact:
    return RoleContact(authority=TOWN, role=role, **changes)
