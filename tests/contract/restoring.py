"""A council whose tables are lost: its corridor, its post, its log, and whoever restores it."""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from typing_extensions import override

from chalicelib import own_facts, service
from chalicelib.core.facts import Fact, ReferralReceived
from chalicelib.dispatch import Sender, sweep
from chalicelib.entrypoints.receipts import record_event
from chalicelib.ports import Message, MessageState
from chalicelib.settle import settle_all
from chalicelib.store import items
from chalicelib.ticking import tick
from chalicelib.visits import Accepted
from chalicelib.wiring import JsonLines
from infra import backup
from infra.operating import Desk
from tests.builders import moment
from tests.contract.town import Town, new_town
from tests.doubles import MemoryChannel
from tests.part import PartShelf
from tests.tables import TABLES, make_tables

EVENTS = Path(__file__).parent.parent / "events"


class Logbook(logging.Handler):
    """What the functions log, as CloudWatch gives it out again."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[int, str]] = []
        self.now = moment("Thu 15 Oct 2026 09:00")

    @override
    def emit(self, record: logging.LogRecord) -> None:
        record.created = self.now.timestamp()
        self.lines.append((int(record.created * 1000), JsonLines().format(record)))

    def get_paginator(self, _: str) -> "Logbook":
        return self

    def paginate(self, *, logGroupName: str, startTime: int, endTime: int) -> Iterator[Any]:  # noqa: N803
        told = self.lines if logGroupName.endswith("-dispatch") else []
        yield {"events": [{"message": f"{text}\n"} for at, text in told if startTime <= at < endTime]}


class PostOffice(MemoryChannel):
    """Reaches whoever it is to reach: a person, or a role's mailbox."""

    @override
    def address(self, message: Message, contacts: object, on: object) -> str:
        return f"{message.person_id or message.role}@council.example"


@dataclass
class Place:
    """One council through its days: at a stage whose tables may be lost; its post office is not."""

    stage: str
    logbook: Logbook
    channel: PostOffice = field(default_factory=PostOffice)
    said: list[str] = field(default_factory=list)
    town: Town = field(init=False)

    def __post_init__(self) -> None:
        make_tables(self.stage)
        self.town = new_town()

    def move(self, stage: str) -> None:
        """Go on at another stage, whose tables are new."""
        self.stage = stage
        make_tables(stage)
        self.settle_in()

    def settle_in(self) -> None:
        """Begin a process at this stage."""
        items.bind(**{name: f"holdfast-{self.stage}-{name}" for name in TABLES})
        self.town = Town(ports=self.desk.ports())

    @property
    def desk(self) -> Desk:
        return Desk(
            stage=self.stage,
            clients=lambda name: self.logbook if name == "logs" else boto3.client(name),
            now=self.logbook.now,
            say=self.said.append,
            shelf=PartShelf(),
        )

    def table(self, name: str) -> str:
        return f"holdfast-{self.stage}-{name}"

    def at(self, text: str) -> "Place":
        self.logbook.now = moment(text)
        return self

    # --- what the functions do ----------------------------------------------------------------

    def receives(self, key: str, fact: Fact, about: str | None = None) -> Accepted:
        """Take a request; what it is about is the key of the referral that opened the case."""
        incoming = self.town.incoming(key, at=self.logbook.now)
        if isinstance(fact, ReferralReceived) and about is None:
            return service.open_case(fact, incoming, self.town.ports)
        return service.record(self.case_of(about or ""), fact, incoming, self.town.ports)

    def case_of(self, key: str) -> str:
        return self.town.incoming(key).case_id

    def ticks(self) -> None:
        tick(self.logbook.now, self.town.ports, lambda: 300.0)

    def settles(self) -> None:
        ports, now = self.town.ports, self.logbook.now
        settle_all(
            outbox=ports.outbox,
            record=lambda message: own_facts.undelivered(message, now, ports),
            now=now,
            seconds_left=lambda: 300.0,
        )

    def sends(self) -> None:
        sweep(self.sender())

    def sender(self) -> Sender:
        return Sender(
            outbox=self.town.ports.outbox,
            contacts=self.town.ports.contacts,
            channels={"email": self.channel},
            link_base="https://holdfast.example.org",
            now=lambda: self.logbook.now,
            chance=lambda: 0.5,
            seconds_left=lambda: 300.0,
            workers=1,
        )

    def comes_back(self, message_id: str) -> None:
        """SES tells that a letter bounced."""
        (told,) = json.loads((EVENTS / "ses_bounce.json").read_text())["Records"]
        event = json.loads(told["Sns"]["Message"])
        event["mail"]["tags"]["message_id"] = [message_id]
        event["mail"]["timestamp"] = event["bounce"]["timestamp"] = self.logbook.now.isoformat()
        event["bounce"]["bouncedRecipients"] = []
        record_event(json.dumps(event), self.town.ports.outbox)

    # --- what was told ------------------------------------------------------------------------

    @property
    def letters(self) -> Counter[str]:
        """How often each message left, at whichever stage."""
        return Counter(letter.message_id for letter in self.channel.letters)

    def states(self, key: str) -> Mapping[str, MessageState]:
        return {each.id: each.state for each in self.town.messages(self.case_of(key))}

    # --- what an operator does ----------------------------------------------------------------

    def does(self, words: str) -> Sequence[str]:
        """Give a command that succeeds; return the lines it wrote."""
        assert self._run(words) == 0
        return self.said

    def is_refused(self, words: str) -> bool:
        return self._run(words) == 1 and not self.said

    def _run(self, words: str) -> int:
        self.said.clear()
        done = backup.main(["--stage", self.stage, *words.split()], sit=self._sit)
        self.town = Town(ports=self.desk.ports())
        return done

    def _sit(self, stage: str, _region: str | None) -> Desk:
        desk = self.desk
        assert desk.stage == stage
        desk.bind()
        return desk


@contextmanager
def place(stage: str) -> Iterator[Place]:
    """A council with nothing in it."""
    logbook, log = Logbook(), logging.getLogger("chalicelib")
    before = log.level
    log.addHandler(logbook)
    log.setLevel(logging.INFO)
    try:
        yield Place(stage, logbook)
    finally:
        log.removeHandler(logbook)
        log.setLevel(before)
