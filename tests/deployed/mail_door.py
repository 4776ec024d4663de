"""The way to SES: what leaves by it, from whom, and what SES tells of it afterwards.

It hands every letter on to the emulator's SES and its answer back, each after a moment, as a network
would. The emulator shows no tags and publishes no events of its own: the tag is read here, and the
events are put on SES's topic, soon after the letter or, for every other letter, only when asked to.
"""

import json
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Lock, Thread
from typing import Any

from tests.deployed.deployed import Service
from tests.deployed.recording import MARK
from tests.proofs.post_office import Posted, event_of

SENDERS = ("dispatch", "sweep")
DIRECTED = "AWS_ENDPOINT_URL_SESV2"
# There and back.
LONGEST_WAY_SECONDS = 0.12
BOUNCES_IN = 20
TOLD_LATE_IN = 2
# Who may bounce: the people of these cases, whom no other test writes to.
MAY_BOUNCE = ".case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One letter that SES took: tagged with which message, sent by which function, when."""

    message_id: str
    address: str
    reference: str
    function: str
    at: float

    @property
    def posted(self) -> Posted:
        return Posted(
            channel="email", message_id=self.message_id, address=self.address, reference=self.reference
        )


@dataclass(slots=True, kw_only=True)
class MailDoor:
    """Everything that left, in order."""

    service: Service
    seed: int
    taken: list[Taken] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _sns: Any = field(init=False)
    _topic: str = field(init=False)

    def __post_init__(self) -> None:
        self._sns = self.service.stack.clients("sns")
        self._topic = self.service.stack.outputs()["DeliveryTopic"]

    def hand_on(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Hand one request on to SES, note the letter if it was taken, and return the answer."""
        asked = json.loads(body)
        (tag,) = asked["EmailTags"]
        (address,) = asked["Destination"]["ToAddresses"]
        chance = Random(f"way {self.seed} {tag['Value']}")
        time.sleep(chance.uniform(0, LONGEST_WAY_SECONDS))
        sent = urllib.request.Request(self.service.emulator.endpoint + path, data=body, headers=dict(headers))
        with urllib.request.urlopen(sent, timeout=30) as answer:
            status, told = answer.status, answer.read()
        letter = Taken(
            message_id=tag["Value"],
            address=address,
            reference=json.loads(told)["MessageId"],
            function=_function(headers["User-Agent"]),
            at=time.time(),
        )
        with self._lock:
            self.taken.append(letter)
        time.sleep(chance.uniform(0, LONGEST_WAY_SECONDS))
        return status, told

    def letters(self) -> list[Taken]:
        """Return every letter so far."""
        with self._lock:
            return list(self.taken)

    def told_late(self, letter: Taken) -> bool:
        """Say whether SES is to tell of a letter only once every lease has run out."""
        return Random(f"late {self.seed} {letter.message_id}").randrange(TOLD_LATE_IN) == 0

    def tell(self, letter: Taken, *, again: bool = False) -> None:
        """Publish on SES's topic what became of a letter: in any order, and again the end alone."""
        kinds = [self._end(letter)] if again else ["Send", self._end(letter)]
        Random(f"order {self.seed} {letter.message_id}").shuffle(kinds)
        for kind in kinds:
            self._sns.publish(
                TopicArn=self._topic,
                Subject="Amazon SES Email Event Notification",
                MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
                Message=event_of(letter.posted, kind, datetime.now(UTC), **_particulars(kind, letter)),
            )

    def _end(self, letter: Taken) -> str:
        """A message bounces or arrives, however many letters it made."""
        bounces = Random(f"bounce {self.seed} {letter.message_id}").randrange(BOUNCES_IN) == 0
        return "Bounce" if bounces and MAY_BOUNCE in letter.address else "Delivery"


def _particulars(kind: str, letter: Taken) -> dict[str, Any]:
    if kind != "Bounce":
        return {}
    returned = [{"emailAddress": letter.address}]
    return {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": returned}


def _function(user_agent: str) -> str:
    """Read which function sent it (see recording.py)."""
    (mark,) = [word.removeprefix("app/") for word in user_agent.split() if word.startswith("app/")]
    return mark.lower()


@contextmanager
def mail_door(service: Service, seed: int) -> Iterator[MailDoor]:
    """Have everything that leaves by e-mail go this way until the block ends."""
    door = MailDoor(service=service, seed=seed)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, told = door.hand_on(self.path, self.headers, body)
            # Whoever asked may be dead by now.
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        with _directed(service, f"http://127.0.0.1:{server.server_port}"):
            yield door
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _directed(service: Service, address: str) -> Iterator[None]:
    """Have those who send look for SES at this address, until the block ends."""
    functions = service.stack.clients("lambda")
    known: dict[str, Mapping[str, str]] = {}
    for each in SENDERS:
        name = f"holdfast-{service.stack.stage}-{each}"
        known[name] = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        assert MARK in known[name], "a letter has to say which function sent it"
    try:
        for name, variables in known.items():
            functions.update_function_configuration(
                FunctionName=name, Environment={"Variables": {**variables, DIRECTED: address}}
            )
        yield
    finally:
        for name, variables in known.items():
            functions.update_function_configuration(
                FunctionName=name, Environment={"Variables": dict(variables)}
            )
