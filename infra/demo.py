"""`make demo`: play the story against the stack that `make run` started, by HTTP alone."""

import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.clock import today
from chalicelib.credentials import Scope
from infra import emulator, riverbank, run
from infra.deploy import Stack, clients
from infra.gazette import in_place_of_gov_uk
from infra.package import PROJECT
from infra.playing import Integration, NotAsTold, Player
from infra.seeding import QUEUE
from infra.story import Teller

ANSWERS_WITHIN_SECONDS = 5


class CannotPlay(Exception):
    """There is nothing to play against; says what to do."""


def main() -> int:
    """Play the whole story; 1 with a sentence where it cannot be played or comes out otherwise."""
    try:
        endpoint = _endpoint()
        with admitted(endpoint, run.STAGE) as player, in_place_of_gov_uk(player.stack) as gazette:
            Teller(player=player, today=today(), gazette=gazette).whole()
    except (CannotPlay, NotAsTold, run.BadPort) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped in the middle of the story; the clock goes on.", file=sys.stderr)
        return 130
    print("\nThe story came out as it is told.")
    return 0


def _endpoint() -> str:
    port = run.port_in(os.environ.get("HOLDFAST_PORT", ""))
    endpoint = f"http://127.0.0.1:{port}"
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=ANSWERS_WITHIN_SECONDS):
            return endpoint
    except OSError:
        raise CannotPlay(
            f"Nothing answers on port {port}: start it with `make run` in another terminal."
        ) from None


@contextmanager
def admitted(endpoint: str, stage: str) -> Iterator[Player]:
    """Let a player in with a token and a webhook of their own, taken back at the end."""
    stack = Stack(stage=stage, clients=clients(endpoint), endpoint=endpoint)
    scopes = [word for scope in Scope for word in ("--scope", scope)]
    name = f"demo-{secrets.token_hex(4)}"
    token = _operate(
        endpoint, stage, "token", "issue", riverbank.ID, "--subject", name, "--days", "1", *scopes
    )
    secret = _operate(endpoint, stage, "webhook", "add", riverbank.ID, name, *scopes)
    try:
        yield Player(
            stack=stack,
            token=token,
            integration=Integration(name=name, secret=secret),
            mailbox=f"{endpoint}/_ministack/ses/messages",
            topics=stack.clients("sqs").get_queue_url(QueueName=QUEUE.format(stage=stage))["QueueUrl"],
        )
    finally:
        _operate(endpoint, stage, "webhook", "remove", name)
        _operate(endpoint, stage, "token", "revoke", token.split("_")[1])


def _operate(endpoint: str, stage: str, *words: str) -> str:
    """Give the operator's command, as an operator would, and return what it wrote down."""
    made_up = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
    there = {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": emulator.REGION}
    ran = subprocess.run(
        [sys.executable, "-m", "infra.operate", "--stage", stage, *words],
        cwd=PROJECT,
        env={**os.environ, **made_up, **there},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise CannotPlay(ran.stderr.strip())
    return ran.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
