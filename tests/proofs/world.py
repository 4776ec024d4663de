"""One stage of the service and the AWS around it: what knocks at its doors, and knocks again.

The doors are the real ones (`app`, and the functions that Lambda calls), behind them the real rooms
and channels by `wiring`; tables are DynamoDB Local's, SES and SNS the post office's. What AWS and the
callers would do again, the world does: a request until it is answered 2xx, a record of the stream and
an event of SNS until it is taken, and the schedules for ever.
"""

import json
import typing
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import calendar_watch, credentials, signing, wiring
from chalicelib.core.errors import LeftUndone
from chalicelib.credentials import Scope
from chalicelib.dispatch import sweep
from chalicelib.entrypoints import clock, receipts
from chalicelib.ports import Credential, Integration, Message, Snapshot
from chalicelib.store import access, contacts, items
from chalicelib.store.access import DynamoAccess
from chalicelib.store.items import OutboxItem
from chalicelib.store.messages import MESSAGE, message_of
from chalicelib.visits import Ports
from infra import riverbank
from tests.proofs.breaking import Died
from tests.proofs.post_office import SIGNS, Posted, PostOffice, event_of
from tests.riverbank import TOPICS
from tests.snapshots import says, snapshot

# Friday 22 May 2026, 10:12 in London.
MORNING = datetime(2026, 5, 22, 9, 12, tzinfo=UTC)
WEBHOOK = "case-system"
KEY = b64decode(SIGNS.removeprefix("whsec_"))
ALL_SCOPES = frozenset(Scope)
SCHEDULES = ("sweep", "settle", "tick", "calendar")
FOREVER = datetime(2099, 1, 1, tzinfo=UTC)


class Context:
    """What Lambda says of a run: a minute is left."""

    aws_request_id = "run"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller sends, and sends again under the same key until it is answered 2xx."""

    path: str
    body: Mapping[str, Any]
    key: str
    signed: bool = False


@dataclass
class Outside:
    """What is not ours: the moment, who still waits for an answer, and what AWS has yet to hand over."""

    now: datetime = MORNING
    skew: timedelta = timedelta()
    waiting: list[Request] = field(default_factory=list)
    answered: list[tuple[Request, int, str]] = field(default_factory=list)
    refused: list[tuple[Request, str]] = field(default_factory=list)
    streamed: set[str] = field(default_factory=set)
    events: list[str] = field(default_factory=list)
    told_of: int = 0
    posted: list[Posted] = field(default_factory=list)
    published: Snapshot | None = None

    def copy(self) -> "Outside":
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return Outside(**{name: _copied(value) for name, value in kept.items()})


def _copied(value: Any) -> Any:
    return type(value)(value) if isinstance(value, list | set) else value


class Faults(typing.Protocol):
    """What goes wrong, on whichever client it watches, while it is armed."""

    armed: bool

    def watch(self, client: Any) -> Any:
        """Follow every call of this client from now on."""


class Engine(typing.Protocol):
    """Where the tables are."""

    names: Mapping[str, str]
    in_process: bool

    def serve(self, client: Any) -> None:
        """Answer a client's calls, where no server does."""


@dataclass(frozen=True, slots=True)
class Served:
    """Tables that a server keeps."""

    names: Mapping[str, str]
    in_process: bool = False

    def serve(self, client: Any) -> None:
        """The network does."""


class World:
    """A council on empty tables. Every AWS client of the service is watched by what goes wrong."""

    def __init__(self, office: PostOffice, engine: Engine, faults: Faults) -> None:
        self.office, self.breaker, self.outside = office, faults, Outside(posted=office.posted)
        self.names = engine.names
        self._ports = replace(wiring._ports(wiring.settings()), pause=lambda _: None)
        self._channels = dict(wiring._channels())
        letters = [channel._client.get() for channel in self._channels.values()]  # type: ignore[attr-defined]
        self._secrets = access.secrets_client()
        engine.serve(items.connection().client)
        for client in (*letters, self._secrets):
            if engine.in_process:
                office.serve(client)
        for client in (items.connection().client, *letters, self._secrets):
            faults.watch(client)
        self.token = self._furnish(riverbank.COUNCIL.protocols)
        self.restart()

    def _furnish(self, protocols: tuple[str, ...]) -> str:
        contacts.save_authority(replace(riverbank.COUNCIL, protocols=protocols))
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
                scopes=ALL_SCOPES,
                secret_hash=secret_hash,
                expires_at=FOREVER,
            )
        )
        access.save_integration(
            Integration(name=WEBHOOK, authority=riverbank.ID, secret=WEBHOOK, scopes=ALL_SCOPES)
        )
        return token

    # --- processes ----------------------------------------------------------------------------

    def restart(self) -> None:
        """Begin a new process: whatever the last one remembered is gone."""
        rooms = {each.name: getattr(self._ports, each.name) for each in fields(self._ports) if each.init}
        for name, room in rooms.items():
            if isinstance(room, DynamoAccess):
                rooms[name] = DynamoAccess(lambda: self._secrets)
            elif type(room).__module__.startswith("chalicelib.store") and not is_dataclass(room):
                rooms[name] = type(room)()
        self._ports = Ports(**rooms)
        self.rooms = wiring.Rooms(
            ports=self._ports,
            channels=lambda: self._channels,
            now=lambda: self.outside.now + self.outside.skew,
        )

    def run(self, deed: Callable[[], None]) -> bool:
        """Let a process do something; say whether it came to its end, or died and was followed by another."""
        try:
            with wiring.using(self.rooms):
                deed()
        except Died:
            self.restart()
            return False
        return True

    # --- knocking -----------------------------------------------------------------------------

    def ask(self, request: Request) -> None:
        """Send a request; it waits to be sent again unless it is answered 2xx, or refused for good."""
        self.later(seconds=20)
        self.outside.waiting.append(request)
        self.knock()

    def knock(self) -> None:
        """Send everything that waits for an answer."""
        for request in list(self.outside.waiting):
            answers: list[HTTPResponse] = []
            self.run(lambda request=request, answers=answers: answers.append(self._send(request)))
            if not answers or answers[0].status_code >= 500 or b"problem:busy" in answers[0].body:
                continue
            (answer,) = answers
            self.outside.waiting.remove(request)
            if answer.status_code < 300:
                self.outside.answered.append((request, answer.status_code, answer.body.decode()))
            else:
                self.outside.refused.append((request, answer.body.decode()))

    def _send(self, request: Request) -> HTTPResponse:
        raw = json.dumps(request.body).encode()
        headers = {"Content-Type": "application/json"}
        if request.signed:
            headers |= signing.sign(request.key, self.outside.now, raw, KEY)
        else:
            headers |= {"Authorization": f"Bearer {self.token}", "Idempotency-Key": request.key}
        with Client(app) as client:
            return client.http.post(request.path, headers=headers, body=raw)

    def stream(self) -> None:
        """Hand over every message that the stream still has, each by itself."""
        for message_id in sorted(self.inserted() - self.outside.streamed):
            self.bring(message_id)

    def bring(self, *message_ids: str) -> None:
        """Hand over one batch of the stream, which has it no more once it was taken."""
        records = [_inserted(each) for each in message_ids]
        if self.run(lambda: clock.dispatch({"Records": records}, Context())):
            self.outside.streamed.update(message_ids)

    def inserted(self) -> set[str]:
        """Return the ids of all messages that were ever put in."""
        return {item.pk.removeprefix("MSG#") for item in self.quietly(OutboxItem.scan) if item.sk == MESSAGE}

    def schedule(self, name: str) -> None:
        """Let a schedule fire."""
        event = {
            "version": "0",
            "id": "1",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": self.outside.now.isoformat(),
            "region": "eu-west-2",
            "resources": [],
            "detail": {},
        }

        def fire() -> None:
            try:
                if name == "calendar":
                    self._watch()
                elif name == "sweep":
                    # One letter after the other, so that what happens is the same each time.
                    sweep(replace(clock._sender(Context()), workers=1))
                else:
                    getattr(clock, name)(event, Context())
            except Exception as error:
                # An invocation that fails rings an alarm, and the next one comes by itself.
                if not self.breaker.armed and not isinstance(error, LeftUndone):
                    raise

        self.run(fire)

    def _watch(self) -> None:
        calendar_watch.watch(
            now=self.outside.now,
            ports=wiring.ports(),
            address="https://gov.example",
            seconds_left=lambda: 60.0,
            learn=says(self.outside.published or snapshot()),
        )

    def tell_events(self) -> None:
        """Hand over SES's events; one that is not taken stays."""
        for told in list(self.outside.events):
            if self.hear(told):
                self.outside.events.remove(told)

    def hear(self, told: str) -> bool:
        """Hand over one event of SES; say whether it was taken."""
        taken: list[bool] = []

        def hears() -> None:
            try:
                receipts.delivery({"Records": [{"Sns": _carried(told)}]}, Context())
                taken.append(True)
            except Exception:
                if not self.breaker.armed:
                    raise

        return self.run(hears) and bool(taken)

    def ses_tells(self) -> None:
        """Let SES tell of every letter that it took since it last told."""
        for letter in self.outside.posted[self.outside.told_of :]:
            if letter.channel == "email":
                self.outside.events += [
                    event_of(letter, kind, self.outside.now) for kind in ("Send", "Delivery")
                ]
        self.outside.told_of = len(self.outside.posted)
        self.tell_events()

    def all_told(self) -> None:
        """Let the stream bring everything, and SES tell of it."""
        self.stream()
        self.ses_tells()

    def later(self, **ahead: float) -> None:
        """Let time pass."""
        self.outside.now += timedelta(**ahead)

    def round(self, *, ses_tells: bool) -> None:
        """Everything that AWS and the callers do by themselves, once."""
        self.knock()
        self.stream()
        if ses_tells:
            self.ses_tells()
        self.tell_events()
        for name in SCHEDULES:
            self.schedule(name)

    # --- looking ------------------------------------------------------------------------------

    def quietly(self, look: Callable[[], Any]) -> list[Any]:
        """Look at a table without the breaker's noticing."""
        was, self.breaker.armed = self.breaker.armed, False
        try:
            return list(look())
        finally:
            self.breaker.armed = was

    def messages(self) -> list[Message]:
        """Return every message there is."""
        found = [message_of(item) for item in self.quietly(OutboxItem.scan) if item.sk == MESSAGE]
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def case_ids(self) -> list[str]:
        """Return the ids of the cases, first opened first."""
        answers = [json.loads(answer)["case_id"] for _, _, answer in self.outside.answered]
        return list(dict.fromkeys(answers))

    def fact_id(self, position: int) -> str:
        """Return the id of a fact that was answered."""
        return str(json.loads(self.outside.answered[position][2])["fact_id"])

    def replays(self) -> list[str]:
        """Send everything that was answered once more; say what gets another answer than its first."""
        wrong = []
        for request, status, text in self.outside.answered:
            answers: list[HTTPResponse] = []
            self.run(lambda request=request, answers=answers: answers.append(self._send(request)))
            (answer,) = answers
            if (answer.status_code, answer.body.decode()) != (status, text):
                wrong.append(f"{request.key} is answered {answer.status_code} and not as at first")
        return wrong


def _inserted(message_id: str) -> Mapping[str, Any]:
    keys = {"pk": {"S": f"MSG#{message_id}"}, "sk": {"S": MESSAGE}}
    return {
        "eventID": message_id,
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-2",
        "eventVersion": "1.1",
        "eventSourceARN": clock.OUTBOX_STREAM,
        "dynamodb": {"Keys": keys, "SequenceNumber": "1", "StreamViewType": "KEYS_ONLY"},
    }


def _carried(told: str) -> Mapping[str, Any]:
    return {"Message": told, "Subject": "", "MessageAttributes": {}}
