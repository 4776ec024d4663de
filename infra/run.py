"""`make run`: the whole service on this machine, in the emulator, until Ctrl-C.

The same package and the same CloudFormation as on AWS. What was recorded yesterday is there today.
"""

import hashlib
import json
import os
import signal
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from infra import emulator, gazette, logs, packaged, seeding, welcome
from infra.archive import CannotPackage
from infra.deploy import CannotDeploy, Stack, clients
from infra.package import PROJECT

STAGE = "local"
PORT = 4577
SENDER = "holdfast@notices.example"
LOOK_SECONDS = 2
WAKE_SECONDS = 30


class BadPort(Exception):
    """HOLDFAST_PORT is no port."""


TROUBLES = (
    BadPort,
    emulator.CannotStart,
    CannotPackage,
    CannotDeploy,
    seeding.CannotSeed,
    BotoCoreError,
    ClientError,
)


def main() -> int:
    """Run until asked to stop; whatever stands in the way is said in a sentence."""
    # Said outright: what a script starts in the background would inherit Ctrl-C as ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _run(port_in(os.environ.get("HOLDFAST_PORT", "")))
    except KeyboardInterrupt:
        _say("Stopped. Everything is kept for the next run.")
    except TROUBLES as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _run(port: int) -> None:
    began = time.monotonic()
    _say("Starting the AWS emulator …")
    with emulator.running(port=port, home=_home(), say=_say) as running:
        package = packaged.current(stage=STAGE, say=_say)
        stack = Stack(stage=STAGE, clients=clients(running.endpoint), endpoint=running.endpoint)
        _say("Deploying with CloudFormation …")
        stack.deploy(package, {"SenderAddress": SENDER})
        token = _token(stack, running.home / "token")
        # A demonstration that was killed leaves the clock stopped, and GOV.UK's list looked for at its own.
        stack.clients("events").enable_rule(Name=stack.outputs()["TickRule"])
        gazette.lead_back(stack)
        _wake(stack)
        print(welcome.text(stack, token, running), flush=True)
        _say(f"Ready after {time.monotonic() - began:.0f} s. Ctrl-C stops it and keeps everything.")
        _follow(logs.Logs(stage=STAGE, clients=stack.clients, since_ms=int(time.time() * 1000)))


def _token(stack: Stack, kept: Path) -> str:
    """Return yesterday's token while it opens the door; otherwise seed, and keep the new one."""
    token = kept.read_text() if kept.exists() else ""
    if token and _opens(stack, token):
        return token
    _say("Seeding an invented council …")
    token = seeding.seed(stack).token
    kept.touch(mode=0o600)
    kept.write_text(token)
    return token


def _opens(stack: Stack, token: str) -> bool:
    asked = urllib.request.Request(
        f"{stack.address()}/v1/cases?limit=1", headers={"Authorization": f"Bearer {token}"}
    )
    with suppress(OSError), urllib.request.urlopen(asked, timeout=WAKE_SECONDS):
        return True
    return False


def _wake(stack: Stack) -> None:
    """Have both functions of the first e-mail started, so that it doesn't wait for that."""
    stack.clients("lambda").invoke(
        FunctionName=f"holdfast-{stack.stage}-dispatch", Payload=json.dumps({"Records": []})
    )
    with suppress(OSError), urllib.request.urlopen(f"{stack.address()}/healthz", timeout=WAKE_SECONDS):
        return
    _say(f"The API does not answer as it should; what it logged: python -m infra.logs --stage {stack.stage}")


def _follow(watched: logs.Logs) -> None:
    """Print what goes wrong in a function as it happens, until asked to stop."""
    while True:
        time.sleep(LOOK_SECONDS)
        for line in watched.fresh():
            if line.is_wrong:
                print(logs.show(line), flush=True)


def _home() -> Path:
    """Return this checkout's own folder for what the emulator remembers, outside the checkout."""
    states = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return states / "holdfast" / hashlib.sha256(str(PROJECT).encode()).hexdigest()[:12]


def port_in(text: str) -> int:
    """Return the port that a text names, ours where it names none. Raises BadPort."""
    if not text:
        return PORT
    if not (text.isdecimal() and 1024 <= int(text) <= 65535):
        raise BadPort(f"HOLDFAST_PORT should be a number from 1024 to 65535, and is {text!r}.")
    return int(text)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
