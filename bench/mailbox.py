"""From a referral accepted to its e-mail in the mailbox, on the stack that `make run` started."""

import os
import statistics
import time
import urllib.request
import uuid
from collections.abc import Iterator

from bench.figures import Figure
from chalicelib.clock import today
from infra import demo, riverbank, run
from infra.playing import Player

REFERRALS = 20
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.02


class Lost(Exception):
    """An e-mail did not come."""


def figures() -> Iterator[Figure]:
    """Send referrals one after another; where nothing runs, say so in a line of the table."""
    port = run.port_in(os.environ.get("HOLDFAST_PORT", ""))
    endpoint = f"http://127.0.0.1:{port}"
    what = f"referral accepted to e-mail in the mailbox, of {REFERRALS}"
    if not _answers(endpoint):
        yield Figure(what=what, value="nothing runs: `make run` first", goal="3 s")
        return
    with demo.admitted(endpoint, run.STAGE) as player:
        player.say = lambda _: None
        _wait(player)  # the first referral finds functions that have not been started
        took = [_wait(player) for _ in range(REFERRALS)]
    yield Figure(
        what=what,
        value=f"{statistics.median(took):.2f} s",
        spread=f"worst {max(took):.2f} s",
        goal="3 s",
    )


def _wait(player: Player) -> float:
    """Return the seconds from the answer to the first e-mail about its case."""
    child = f"RB-{uuid.uuid4().int % 1_000_000:06d}"
    body = {**riverbank.REFERRAL, "child_reference": child, "on": today().isoformat()}
    case_id = player.post("/v1/referrals", body, expect=201).body["case_id"]
    began = time.monotonic()
    while not any(case_id in letter["Subject"] for letter in player.letters()):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise Lost(f"no e-mail about {case_id} within {PATIENCE_SECONDS} s")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5):
            return True
    except OSError:
        return False
