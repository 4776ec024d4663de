"""The service that is held against the model: its own doors, rooms and clients, tables in this process."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ReadTimeoutError
from chalice.test import Client

from app import app
from chalicelib import credentials, operations, wiring
from chalicelib.core.errors import LeftUndone, NotNow
from chalicelib.credentials import Scope
from chalicelib.entrypoints import clock, receipts
from chalicelib.operations import Order
from chalicelib.ports import Authority, Credential, Person, RoleContact
from chalicelib.protocol_files import Shelf
from chalicelib.store import access, contacts, items
from chalicelib.visits import Accepted, Ports
from tests.proofs.breaking import Died
from tests.proofs.conftest import stage
from tests.proofs.model_looking import Looker
from tests.proofs.model_town import MAILBOXES, PEOPLE
from tests.proofs.outside import Context, carried, inserted, scheduled
from tests.proofs.post_office import Posted, PostOffice, event_of
from tests.proofs.small_dynamo import SmallDynamo

OAKHAVEN, PROTOCOL = "oakhaven", "oakhaven-2026-01-01"
SHELF = Shelf(Path(__file__).parent / "model_shelf")
NAMES = {each: f"model-{each}" for each in ("cases", "outbox", "contacts", "access", "calendars")}
FOREVER = datetime(2099, 1, 1, tzinfo=UTC)
NOWHERE = "https://aws.example"
BY_MAIL = {"busy": ("TooManyRequestsException", 429), "never": ("MessageRejected", 400)}
BY_TOPIC = {"busy": ("Throttling", 429), "never": ("NotFound", 404)}


@dataclass
class MoodyOffice(PostOffice):
    """A post office that does with a letter what its mood says."""

    mood: str = "takes"
    overtakes: Callable[[Posted], None] | None = None

    def _answer(self, params: Mapping[str, Any], **more: object) -> Any:
        if self.mood == "dies":
            raise Died
        if self.mood == "unheard":
            raise ReadTimeoutError(endpoint_url=NOWHERE)
        by_mail = params["url_path"] == "/v2/email/outbound-emails"
        refusals = BY_MAIL if by_mail else BY_TOPIC
        if self.mood in refusals:
            return _refusal(*refusals[self.mood])
        told = super()._answer(params, **more)
        if self.mood == "lost":
            raise ReadTimeoutError(endpoint_url=NOWHERE)
        if self.mood == "dies_after":
            raise Died
        if self.mood == "overtaken" and by_mail and self.overtakes:
            # Several threads post at once, so it isn't just the last one.
            (posted,) = [each for each in self.posted if each.reference == told[1]["MessageId"]]
            self.overtakes(posted)
        return told


def _refusal(code: str, status: int) -> Any:
    told = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return SimpleNamespace(status_code=status, headers={}), told


class Service:
    """One stage. What it is asked comes in by its own doors, an operator's orders by theirs."""

    def __init__(self, office: MoodyOffice, engine: SmallDynamo) -> None:
        self.office, self.engine, self.now = office, engine, FOREVER
        self.ports = replace(wiring._ports(wiring.settings()), protocols=SHELF, pause=lambda _: None)
        self._channels = dict(wiring._channels())
        engine.serve(items.connection().client)
        for channel in self._channels.values():
            office.serve(channel._client.get())  # type: ignore[attr-defined]
        office.overtakes = lambda letter: self.hears(letter, "Delivery", self.now, self.now)
        self._token = _furnished()
        self._blank = {name: dict(kept) for name, kept in engine.tables.items()}

    def begin(self, now: datetime) -> Looker:
        """Be as new, at a moment; return whoever looks on from then."""
        self.engine.tables = {name: dict(kept) for name, kept in self._blank.items()}
        self.office.posted.clear()
        self.office.mood, self.now = "takes", now
        self.restart()
        return Looker(self.engine, self.ports.cases.load)

    def restart(self) -> None:
        """Begin a new process: whatever the last one remembered is gone."""
        rooms = {each.name: getattr(self.ports, each.name) for each in fields(self.ports) if each.init}
        for name, room in rooms.items():
            if type(room).__module__.startswith("chalicelib.store") and not is_dataclass(room):
                rooms[name] = type(room)()
        self.ports = Ports(**rooms)
        # By chance it is always half of what it may be, so that a model can follow.
        self._rooms = wiring.Rooms(
            ports=self.ports, channels=lambda: self._channels, now=lambda: self.now, chance=lambda: 0.5
        )

    # --- doors --------------------------------------------------------------------------------

    def ask(self, path: str, body: Mapping[str, Any], key: str, if_match: int | None = None) -> Any:
        """Send a request, and return its answer."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": key,
            **({} if if_match is None else {"If-Match": f'"{if_match}"'}),
        }
        with wiring.using(self._rooms), Client(app) as client:
            return client.http.post(path, headers=headers, body=json.dumps(body).encode())

    def lists(self, path: str) -> list[Any]:
        """Return a list, page by page, to its end."""
        found: list[Any] = []
        cursor = ""
        with wiring.using(self._rooms), Client(app) as client:
            while True:
                headers = {"Authorization": f"Bearer {self._token}"}
                page = client.http.get(f"{path}?limit=7{cursor}", headers=headers).json_body
                found += page["items"]
                if page["next_cursor"] is None:
                    return found
                cursor = f"&cursor={page['next_cursor']}"

    def delivers(self, message_id: str, mood: str) -> None:
        """Let the stream bring one message."""
        event = {"Records": [inserted(message_id)]}
        self._with_provider(mood, lambda: clock.dispatch(event, Context()))

    def sweeps(self, mood: str) -> bool:
        """Sweep the outbox; say whether an alarm rings."""
        rings: list[bool] = []
        self._with_provider(mood, lambda: rings.append(self.fires("sweep")))
        return rings == [True]

    def _with_provider(self, mood: str, deed: Callable[[], Any]) -> None:
        self.office.mood = mood
        try:
            with wiring.using(self._rooms):
                deed()
        except Died:
            self.restart()
        finally:
            self.office.mood = "takes"

    def fires(self, name: str) -> bool:
        """Let a schedule fire; say whether an alarm rings."""
        with wiring.using(self._rooms):
            try:
                getattr(clock, name)(scheduled(self.now), Context())
            except LeftUndone:
                return True
        return False

    def hears(self, letter: Posted, kind: str, at: datetime, posted_at: datetime, **told: object) -> None:
        """Let SES tell of a letter."""
        event = event_of(letter, kind, at, posted_at, **told)
        with wiring.using(self._rooms):
            receipts.delivery({"Records": [carried(event)]}, Context())

    # --- what operators do by command ---------------------------------------------------------

    def pauses(self, *, on: bool) -> bool:
        """Pause sending, or let it go on; say whether that was done."""
        return self._ordered(operations.pause if on else operations.resume)

    def lifts(self, address: str) -> bool:
        """Let an address be written to again; say whether that was done."""
        return self._ordered(lambda order, ports: operations.lift(address, order, ports))

    def _ordered(self, act: Callable[[Order, Ports], Accepted]) -> bool:
        try:
            act(Order(by="ann", why="She was asked to.", at=self.now), self.ports)
        except NotNow:
            return False
        return True


def _furnished() -> str:
    """Put Oakhaven into the tables, and return the token with which it is asked for everything."""
    contacts.save_authority(Authority(id=OAKHAVEN, name="Oakhaven", protocols=(PROTOCOL,)))
    for name in PEOPLE:
        contacts.save_person(person(name, f"{name}@oakhaven.example"))
    for role, (topic, manager) in MAILBOXES.items():
        contacts.save_role(
            RoleContact(
                authority=OAKHAVEN,
                role=role,
                email=f"{role}@oakhaven.example",
                topic=topic,
                manager=manager,
                channels={"now": ("email", "topic")} if topic else {},
            )
        )
    token, secret_hash = credentials.new_token("team")
    access.save_credential(
        Credential(
            id="team",
            authority=OAKHAVEN,
            subject="team of oakhaven",
            scopes=frozenset(Scope),
            secret_hash=secret_hash,
            expires_at=FOREVER,
        )
    )
    return token


def person(name: str, email: str) -> Person:
    """Somebody of Oakhaven, reached at an address."""
    manager, deputy = PEOPLE[name]
    return Person(authority=OAKHAVEN, id=name, email=email, manager=manager, deputy=deputy)


@contextmanager
def opened() -> Iterator[Service]:
    """Open a stage whose tables and providers are in this process."""
    with stage(NAMES):
        yield Service(MoodyOffice(), SmallDynamo(NAMES))
