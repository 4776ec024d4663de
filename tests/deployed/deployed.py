"""The whole service as a caller meets it: by HTTP, with a mailbox to look into."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from chalicelib.clock import today
from infra import riverbank
from infra.deploy import Stack
from infra.emulator import Emulator
from infra.seeding import Seeded

Found = TypeVar("Found")
EVENTS = Path(__file__).parent.parent / "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One deployed stack, seeded."""

    stack: Stack
    emulator: Emulator
    seeded: Seeded = field(repr=False)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for something, with the seeded token."""
        return self._ask(urllib.request.Request(self.stack.address() + path), headers)

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """Send JSON, or bytes that are JSON already, with the seeded token."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = urllib.request.Request(self.stack.address() + path, data=raw)
        return self._ask(sent, {"Content-Type": "application/json", **(headers or {})})

    def refer(
        self, child: str, *, on: date | None = None, key: str | None = None, **changes: object
    ) -> Answer:
        """Post a placement-change referral for one child, dated today in London unless `on` says when."""
        day = (on or today()).isoformat()
        body = {**riverbank.REFERRAL, "on": day, "child_reference": child, **changes}
        return self.post("/v1/referrals", body, {"Idempotency-Key": key or uuid.uuid4().hex})

    def record(self, case_id: str, kind: str, on: date, **body: object) -> Any:
        """Post something that has happened on a case, and return what followed."""
        path = f"/v1/cases/{case_id}/facts/{kind}"
        answer = self.post(path, {"on": on.isoformat(), **body}, {"Idempotency-Key": uuid.uuid4().hex})
        assert answer.status == 201, answer.body
        return answer.body

    def sent(self, case_id: str) -> None:
        """Wait until nothing about a case is on its way to anybody."""

        def quiet() -> bool:
            notices = self.get(f"/v1/cases/{case_id}/notices?limit=100").body["items"]
            return not {each["state"] for each in notices} & {"PENDING", "SENDING"}

        eventually(quiet, seconds=60)

    def operate(self, *words: str) -> str:
        """Give the operator's command and return what it wrote down."""
        ran = subprocess.run(
            [sys.executable, "-m", "infra.operate", "--stage", self.stack.stage, *words],
            env={**os.environ, "AWS_ENDPOINT_URL": self.emulator.endpoint},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def invoke(self, function: str, event: object, *, fails: bool = False) -> object:
        """Run one function by hand, with the event that AWS would send, and fail if it fails.

        Where it is to fail, by which an alarm rises, fail if it does not.
        """
        ran = self.stack.clients("lambda").invoke(
            FunctionName=f"holdfast-{self.stack.stage}-{function}", Payload=json.dumps(event)
        )
        answer = json.load(ran["Payload"])
        assert ("FunctionError" in ran) == fails, answer
        return answer

    def run_on_schedule(self, function: str, *, fails: bool = False) -> None:
        """Run a scheduled function now, as its rule would."""
        event = json.loads((EVENTS / "schedule.json").read_text())
        self.invoke(function, {**event, "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}, fails=fails)

    def kill(self, function: str) -> None:
        """End the process in which a function runs, whatever it is doing."""
        worker = f"{self.emulator.home}/tmp/ministack-lambda-holdfast-{self.stack.stage}-{function}-"
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(FileNotFoundError, ProcessLookupError):
                if worker in (process / "cmdline").read_text():
                    os.kill(int(process.name), signal.SIGKILL)

    def _ask(self, request: urllib.request.Request, headers: Mapping[str, str] | None) -> Answer:
        for name, value in {"Authorization": f"Bearer {self.seeded.token}", **(headers or {})}.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return _read(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return _read(refused)

    def mail_about(self, case_id: str, *, to: str = "") -> list[dict[str, Any]]:
        """Return every e-mail about one case, first sent first, all or those to one mailbox."""
        wanted = [message for message in self.mail() if case_id in message["Subject"] + message["BodyText"]]
        return [message for message in wanted if to in message["To"][0]]

    def mail(self) -> list[dict[str, Any]]:
        """Return every e-mail sent since the emulator started, first sent first."""
        with urllib.request.urlopen(self.emulator.mailbox, timeout=10) as answer:
            boxes = json.load(answer)["messages"]
        return [message for box in boxes.values() for message in box]

    def notices(self) -> list[dict[str, Any]]:
        """Return every notice that the authority's topics passed on, with the topic it came by."""
        with urllib.request.urlopen(self.emulator.queues, timeout=10) as answer:
            found = json.load(answer)["messages"]
        name = self.seeded.queue.rpartition("/")[2]
        return [
            json.loads(message["Body"])
            for account in found.values()
            for region in account.values()
            for url, messages in region.items()
            if url.endswith(f"/{name}")
            for message in messages
        ]


def eventually(look: Callable[[], Found], *, seconds: float = 20) -> Found:
    """Look again and again until something is there, or fail with what was there last."""
    give_up = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < give_up, f"still {found!r} after {seconds} s"
        time.sleep(0.05)
    return found


def _read(answer: Any) -> Answer:
    raw = answer.read()
    return Answer(status=answer.status, headers=dict(answer.headers), body=json.loads(raw) if raw else None)
