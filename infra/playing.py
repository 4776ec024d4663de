"""Play against a running stack: requests by HTTP, mail as it arrives, time as it is told.

Only what the world does is played by other means than HTTP. The schedule that says what time it is gets
switched off through EventBridge, and `tick` is invoked with moments that have passed; `calendar` is
invoked when GOV.UK is to have another list.
"""

import base64
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from chalicelib import signing
from chalicelib.core.saying import said_day
from infra import said
from infra.deploy import Stack
from infra.said import Json

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.1
UNDER_WAY = ("PENDING", "SENDING")
CREATED = 201


class NotAsTold(Exception):
    """The stack did not do what the story says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back: status, headers in small letters, and the JSON body."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A system that signs what it sends: the name in its address, and its secret."""

    name: str
    secret: str = field(repr=False)

    @property
    def key(self) -> bytes:
        """The bytes that sign, as Standard Webhooks writes them down after `whsec_`."""
        return base64.b64decode(self.secret.removeprefix("whsec_"))


@dataclass(kw_only=True)
class Player:
    """Somebody who talks to one stack with one token, and prints what happens.

    `topics` is the address of the queue that listens on the council's topics.
    """

    stack: Stack
    token: str = field(repr=False)
    integration: Integration
    mailbox: str
    topics: str
    say: Callable[[str], None] = print
    _seen: set[str] = field(default_factory=set)
    _explained: set[tuple[str, str]] = field(default_factory=set)

    # --- HTTP -------------------------------------------------------------------------------

    def get(self, path: str) -> Any:
        """Return what a reading door answers."""
        return self._call("GET", path, None, {"Authorization": f"Bearer {self.token}"}).body

    def post(self, path: str, body: Json, expect: int, key: str | None = None) -> Answered:
        """Send one request, print it and what came back, and insist on the status."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4()), "Authorization": f"Bearer {self.token}"}
        return self._sent(path, body, headers, expect)

    def note(self, path: str, body: Json) -> Answered:
        """Send one fact or referral and print no more than what happened and what followed."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Authorization": f"Bearer {self.token}"}
        answered = self._call("POST", path, body, {"Content-Type": "application/json", **headers})
        kind = path.rpartition("/")[2]
        answered = _expected(answered, CREATED, path)
        self.say(f"  +    {said.in_short(kind, body)} → {said.outcome(answered.body)}")
        return answered

    def ask(self, path: str, body: Json, expect: int) -> Any:
        """Send a question that stores nothing, print it, insist on the status and return the answer."""
        return self._sent(path, body, {"Authorization": f"Bearer {self.token}"}, expect, brief=False).body

    def signed(self, kind: str, case_id: str, data: Json, expect: int) -> Answered:
        """Send one fact as a signed webhook, print it and what came back, and insist on the status."""
        body = {"type": kind, "case_id": case_id, "data": data}
        raw = json.dumps(body).encode()
        headers = signing.sign(f"msg_{uuid.uuid4().hex}", datetime.now(UTC), raw, self.integration.key)
        return self._sent(f"/v1/webhooks/{self.integration.name}", body, headers, expect)

    def _sent(
        self, path: str, body: Json, headers: Mapping[str, str], expect: int, *, brief: bool = True
    ) -> Answered:
        self.say(f"\n  POST {path}")
        self.say(said.wrapped(json.dumps(body, ensure_ascii=False), "       ", "       "))
        answered = self._call("POST", path, body, {"Content-Type": "application/json", **headers})
        self.say(f"  ←    {answered.status} {said.outcome(answered.body) if brief else ''}".rstrip())
        return _expected(answered, expect, path)

    def _call(self, method: str, path: str, body: Json | None, headers: Mapping[str, str]) -> Answered:
        request = urllib.request.Request(
            f"{self.stack.address()}{path}",
            data=json.dumps(body).encode() if body is not None else None,
            headers=dict(headers),
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return _answered(response.status, response)
        except urllib.error.HTTPError as error:
            with error:
                return _answered(error.code, error)

    # --- mail -------------------------------------------------------------------------------

    def letters(self) -> list[Json]:
        """Return every letter in the mailbox, first sent first."""
        with urllib.request.urlopen(self.mailbox, timeout=PATIENCE_SECONDS) as response:
            accounts = json.load(response)["messages"]
        return sorted((each for one in accounts.values() for each in one), key=lambda each: each["Timestamp"])

    def mail_since(self) -> list[Json]:
        """Return the letters that have not been looked at before."""
        fresh = [each for each in self.letters() if each["MessageId"] not in self._seen]
        self._seen.update(each["MessageId"] for each in fresh)
        return fresh

    def settle(self, case_id: str, *, aloud: bool = True) -> list[Json]:
        """Wait until nothing about a case is under way, then print and return the new letters."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(each["state"] in UNDER_WAY for each in self.notices(case_id)):
            if time.monotonic() > deadline:
                raise NotAsTold(f"messages of case {case_id} are still under way")
            time.sleep(POLL_SECONDS)
        fresh = self.mail_since()
        about = [each for each in fresh if case_id in each["Subject"]]
        by_topic = [each for each in self.published() if case_id in each["Message"]]
        if aloud:
            for line in (*said.mail(about), *said.notices(by_topic)):
                self.say(line)
        return about

    def published(self) -> list[Json]:
        """Take every notice that the council's topics have passed on since the last look."""
        sqs = self.stack.clients("sqs")
        found: list[Json] = []
        while taken := sqs.receive_message(QueueUrl=self.topics, MaxNumberOfMessages=10).get("Messages"):
            for each in taken:
                found.append(json.loads(each["Body"]))
                sqs.delete_message(QueueUrl=self.topics, ReceiptHandle=each["ReceiptHandle"])
        return found

    def notices(self, case_id: str) -> list[Json]:
        """Return every notice about a case, page by page."""
        found: list[Json] = []
        cursor = ""
        while True:
            page = self.get(f"/v1/cases/{case_id}/notices?limit=100{cursor}")
            found += page["items"]
            if not page["next_cursor"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    # --- deadlines --------------------------------------------------------------------------

    def duty(self, case_id: str, clause: str, *, aloud: bool = True) -> Json:
        """Return a case's latest duty under a clause, and print how it is explained."""
        items = self.get(f"/v1/cases/{case_id}/obligations")["items"]
        found = [each for each in items if each["explanation"]["clause"] == clause]
        if not found:
            raise NotAsTold(f"case {case_id} has no duty under {clause}")
        duty: Json = found[-1]
        if aloud:
            self._tell(duty, clause)
        return duty

    def _tell(self, duty: Json, clause: str) -> None:
        """Print a duty as it stands, and of its explanation what was not printed before."""
        left = len(duty["explanation"]["left"])
        still = f", {left} still to do" if left else ""
        due = f"due {said_day(date.fromisoformat(duty['due_on']))}" if duty["due_on"] else "without a date"
        self.say(f"  ⚑    {clause} {duty['state']}, {due}{still}")
        for sentence in duty["explanation"]["sentences"]:
            if (duty["id"], sentence) not in self._explained:
                self._explained.add((duty["id"], sentence))
                self.say(said.wrapped(sentence))

    def list_said(self, title: str, items: Sequence[Json], most: int) -> None:
        """Print the first few of some things, each as it says itself."""
        self.say(f"  {title}:")
        for each in items[:most]:
            self.say(said.wrapped(each["said"], "       • "))
        if len(items) > most:
            self.say(f"       … and {len(items) - most} more")

    # --- time -------------------------------------------------------------------------------

    @contextmanager
    def clock_stopped(self) -> Iterator[None]:
        """Keep the tick schedule from saying what time it really is, until the block ends."""
        events = self.stack.clients("events")
        rule = self.stack.outputs()["TickRule"]
        events.disable_rule(Name=rule)
        try:
            yield
        finally:
            events.enable_rule(Name=rule)

    def tick(self, at: datetime, *, aloud: bool = True) -> None:
        """Tell the service that a moment has come: one that has passed."""
        if aloud:
            self.say(f"\n  ⏰   {at.astimezone(UTC):%A %-d %B %Y, %H:%M} UTC")
        self._run("TickFunction", at)

    def ask_gov_uk(self) -> None:
        """Have the list of bank holidays asked for now, as it is every half hour."""
        self._run("CalendarFunction", datetime.now(UTC))

    def _run(self, function: str, at: datetime) -> None:
        """Run one of the stack's scheduled functions, as its rule would at a moment."""
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "region": "eu-west-2",
            "resources": [],
            "detail": {},
        }
        answer = self.stack.clients("lambda").invoke(
            FunctionName=self.stack.outputs()[function], Payload=json.dumps(event).encode()
        )
        if answer.get("FunctionError"):
            raise NotAsTold(f"{function} failed: {answer['Payload'].read().decode()[:500]}")


def _answered(status: int, response: Any) -> Answered:
    raw = response.read()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answered(status=status, headers=headers, body=json.loads(raw) if raw else None)


def _expected(answered: Answered, status: int, path: str) -> Answered:
    if answered.status != status:
        raise NotAsTold(f"POST {path}: expected {status}, got {answered.status}: {answered.body}")
    return answered
