"""SES, SNS and Secrets Manager on loopback: what they took, and what SES tells of it afterwards."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode

from tests.proofs.engines import quickened

# What signs the webhooks, as Standard Webhooks writes it down.
SIGNS = "whsec_YSBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyBvciBzbw=="
# Of what SES says when an address takes no more mail.
REFUSALS = ("Bounce", "Complaint")
PUBLISHED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
    "<MessageId>{}</MessageId></PublishResult></PublishResponse>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One letter that a provider took: by which channel, tagged with which message, to whom."""

    channel: str
    message_id: str
    address: str
    reference: str


@dataclass
class PostOffice:
    """Everything that the providers took, in order."""

    posted: list[Posted] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def takes(self, path: str, headers: Mapping[str, str], body: bytes) -> str:
        """Take one request, and return what AWS would answer."""
        if "GetSecretValue" in (headers.get("X-Amz-Target") or ""):
            return json.dumps({"SecretString": json.dumps([SIGNS])})
        if path == "/v2/email/outbound-emails":
            letter = json.loads(body)
            (tag,) = letter["EmailTags"]
            (address,) = letter["Destination"]["ToAddresses"]
            assert tag["Name"] == "message_id", "every letter bears our id"
            return json.dumps({"MessageId": self._keep("email", tag["Value"], address)})
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        assert asked["Action"] == "Publish", f"nobody expects {asked['Action']} here"
        message_id = asked["MessageAttributes.entry.1.Value.StringValue"]
        return PUBLISHED.format(self._keep("topic", message_id, asked["TopicArn"]))

    def _keep(self, channel: str, message_id: str, address: str) -> str:
        with self._lock:
            reference = f"{channel}-{next(self._numbers)}"
            self.posted.append(
                Posted(channel=channel, message_id=message_id, address=address, reference=reference)
            )
        return reference

    def serve(self, client: Any) -> None:
        """Answer a client's calls in place of the network."""
        client.meta.events.register("before-call", self._answer)
        quickened(client)

    def _answer(self, params: Mapping[str, Any], **_: object) -> Any:
        sent = params["body"]
        body = urlencode(sent).encode() if isinstance(sent, dict) else sent
        told = self.takes(params["url_path"], params["headers"], body)
        reference = told.partition("<MessageId>")[2].partition("<")[0]
        return SimpleNamespace(status_code=200, headers={}), {
            "MessageId": reference
        } if reference else json.loads(told)

    def copies(self) -> Counter[str]:
        """Return how many letters each message made."""
        return Counter(each.message_id for each in self.posted)


def event_of(
    letter: Posted, kind: str, at: datetime, posted_at: datetime | None = None, **told: object
) -> str:
    """What SES tells of a letter that it took, at that moment or earlier, as SNS carries it."""
    stamp = at.isoformat()
    return json.dumps(
        {
            "eventType": kind,
            "mail": {
                "timestamp": (posted_at or at).isoformat(),
                "messageId": letter.reference,
                "destination": [letter.address],
                "tags": {"message_id": [letter.message_id]},
            },
            kind[0].lower() + kind[1:]: {"timestamp": stamp, **told},
        }
    )


def refusal_of(letter: Posted, kind: str, at: datetime) -> str:
    """What SES tells of a letter whose address takes no more mail, from now on and for good."""
    named = [{"emailAddress": letter.address}]
    told = {
        "Bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": named},
        "Complaint": {"complainedRecipients": named},
    }
    return event_of(letter, kind, at, **told[kind])


@contextmanager
def open_post_office() -> Iterator[tuple[PostOffice, str]]:
    """Open one on a free port of this machine; gives it and its address."""
    office = PostOffice()

    class Desk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = office.takes(self.path, self.headers, body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield office, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
