"""Lambda's worker processes in the emulator, and somebody who ends them in the middle of their work.

A seed draws when, and which of those at work it is. Who is at work then, and at which line, is up to the
machine: the same seed makes the same plan, and no two runs die at the same moments.
"""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.deployed.deployed import Service

# How likely each function is to be the next to die, where all are at work.
CHANCES = {
    "api": 6,
    "dispatch": 5,
    "tick": 4,
    "sweep": 3,
    "settle": 3,
    "delivery": 3,
    "calendar": 2,
    "reconcile": 2,
}
# One death in so many comes at any moment, whatever the process does; the others while it is at work.
BLINDLY = 10
# So many are of a function that has done nothing since it died before.
AGAIN = 4
SHORTEST_SECONDS, LONGEST_SECONDS = 0.001, 0.2
LONGEST_PAUSE_SECONDS = 1.5
LOOK_SECONDS = 0.005
SEARCH_SECONDS = 0.1
PATIENCE_SECONDS = 10.0
# What the emulator says of an invocation whose process is gone, and of one that it could not even start.
DIED = "Worker process died"
NEVER_STARTED = re.compile(r"Warm worker execution error for \S+-(\w+): Worker process exited immediately")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A death that is planned: after what pause, of whom of those at work, after how much more work."""

    pause_seconds: float
    whom: float
    after_seconds: float
    blindly: bool
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """A process that was ended: of which function, and when."""

    function: str
    at: float


def strikes(seed: int) -> Iterator[Strike]:
    """Plan deaths without end."""
    chance = Random(f"kills {seed}")
    while True:
        yield Strike(
            pause_seconds=chance.uniform(0, LONGEST_PAUSE_SECONDS),
            whom=chance.random(),
            after_seconds=SHORTEST_SECONDS * (LONGEST_SECONDS / SHORTEST_SECONDS) ** chance.random(),
            blindly=chance.randrange(BLINDLY) == 0,
            again=chance.randrange(AGAIN) == 0,
        )


@dataclass(slots=True, kw_only=True)
class Workers:
    """The worker processes of one stack, one for each function."""

    service: Service
    kills: list[Kill] = field(default_factory=list)
    _pids: dict[str, int] = field(default_factory=dict)
    _searched_at: float = 0
    # Who has not come to the end of anything since they died.
    _dead: set[str] = field(default_factory=set)
    _connected: set[int] = field(default_factory=set)

    def carry_out(self, strike: Strike) -> bool:
        """End one process as it is planned; say whether it was still there."""
        self._look_on(strike.pause_seconds)
        if strike.blindly:
            self._search()
            return bool(self._pids) and self._end(self._one_of({*self._pids}, strike))
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not (found := self._at_work() - (set() if strike.again else self._dead)):
            if time.monotonic() > give_up:
                return False
            time.sleep(LOOK_SECONDS)
        function = self._one_of(found, strike)
        time.sleep(strike.after_seconds)
        return function in self._at_work() and self._end(function)

    def _look_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._at_work()
            time.sleep(LOOK_SECONDS)

    def idle(self) -> bool:
        """Say whether no process of any function is at work."""
        return not self._at_work()

    def _one_of(self, functions: set[str], strike: Strike) -> str:
        """Choose one: likelier the likelier it is to die, and the less often it has."""
        killed = Counter(each.function for each in self.kills)
        among = sorted(functions)
        weights = [CHANCES[each] / (1 + killed[each]) for each in among]
        return Random(strike.whom).choices(among, weights)[0]

    def _end(self, function: str) -> bool:
        self._dead.add(function)
        with suppress(ProcessLookupError):
            os.kill(self._pids.pop(function), signal.SIGKILL)
            self.kills.append(Kill(function=function, at=time.time()))
            return True
        return False

    def _at_work(self) -> set[str]:
        """Return who has an invocation in hand and has begun to talk to AWS in its life.

        Between invocations a process waits for the next one at its pipe; while it starts, it has no
        connection yet.
        """
        if len(self._pids) < len(CHANCES) and time.monotonic() > self._searched_at + SEARCH_SECONDS:
            self._search()
        found = set()
        for function, pid in list(self._pids.items()):
            try:
                if not self._is_connected(pid):
                    continue
                waits = Path(f"/proc/{pid}/wchan").read_text().endswith("pipe_read")
            except OSError:
                # It is gone, or is just opening or closing something.
                if not Path(f"/proc/{pid}/exe").exists():
                    del self._pids[function]
                continue
            if waits:
                self._dead.discard(function)
            else:
                found.add(function)
        return found

    def _is_connected(self, pid: int) -> bool:
        if pid not in self._connected and any(map(_is_socket, Path(f"/proc/{pid}/fd").iterdir())):
            self._connected.add(pid)
        return pid in self._connected

    def _search(self) -> None:
        self._searched_at = time.monotonic()
        ours = f"{self.service.emulator.home}/tmp/ministack-lambda-holdfast-{self.service.stack.stage}-"
        self._pids = {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                _, found, rest = (process / "cmdline").read_text().partition(ours)
                if found:
                    self._pids[rest.partition("-")[0]] = int(process.name)


def _is_socket(descriptor: Path) -> bool:
    return str(descriptor.readlink()).startswith("socket:")


def never_started(log: Path, beyond: int) -> Counter[str]:
    """Return of which functions an invocation died with a process that was still starting.

    Read from the emulator's own log, beyond so many bytes.
    """
    with log.open("rb") as opened:
        opened.seek(beyond)
        return Counter(NEVER_STARTED.findall(opened.read().decode(errors="replace")))
