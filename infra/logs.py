"""What the functions of a stage logged: `python -m infra.logs --stage local`, here as on AWS.

`make run` follows it too, and prints what went wrong as it happens.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from infra.deploy import Clients, clients

FUNCTIONS = ("api", "dispatch", "sweep", "tick", "settle", "calendar", "reconcile", "delivery")
# What is written late still has the moment it was logged, so each look overlaps the one before.
OVERLAP_MS = 60_000
# Lambda's own lines around each run.
FRAME = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
WRONG = ("WARNING", "ERROR", "CRITICAL", "Traceback", "Task timed out", "Unable to import", "errorMessage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that a function logged."""

    at_ms: int
    function: str
    text: str

    @property
    def is_wrong(self) -> bool:
        """Whether somebody ought to look at it."""
        return any(word in self.text for word in WRONG)


@dataclass(slots=True, kw_only=True)
class Logs:
    """The logs of one stage, read from a moment on; what was read once is not read again."""

    stage: str
    clients: Clients
    since_ms: int
    _seen: set[tuple[str, int, str]] = field(default_factory=set)

    def fresh(self) -> list[Line]:
        """Return the lines logged since the last call, oldest first."""
        lines = [line for function in FUNCTIONS for line in self._of(function)]
        if lines:
            self.since_ms = max(self.since_ms, max(line.at_ms for line in lines) - OVERLAP_MS)
        return sorted(lines, key=lambda line: line.at_ms)

    def _of(self, function: str) -> Iterator[Line]:
        logs = self.clients("logs")
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/holdfast-{self.stage}-{function}", startTime=self.since_ms
        )
        for page in pages:
            for event in page["events"]:
                at_ms, text = event["timestamp"], event["message"].rstrip()
                # The emulator gives events no id.
                known = (event["logStreamName"], at_ms, text)
                if known not in self._seen and not text.startswith(FRAME):
                    self._seen.add(known)
                    yield Line(at_ms=at_ms, function=function, text=text)


def show(line: Line) -> str:
    """Write one line for a person."""
    at = time.strftime("%H:%M:%S", time.localtime(line.at_ms / 1000))
    return f"{at} {line.function}: {line.text}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was logged in the last minutes."""
    parser = argparse.ArgumentParser(prog="infra.logs", description="What the functions logged.")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--endpoint", default=os.environ.get("AWS_ENDPOINT_URL"))
    parser.add_argument("--minutes", type=int, default=10)
    chosen = parser.parse_args(arguments)
    since_ms = int((time.time() - 60 * chosen.minutes) * 1000)
    for line in Logs(stage=chosen.stage, clients=clients(chosen.endpoint), since_ms=since_ms).fresh():
        print(show(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
