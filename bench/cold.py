"""A process that has just begun, on the zip that ships as Lambda unpacks it."""

import base64
import json
import os
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench import trips
from bench.doors import Doors
from bench.figures import Figure, ratio, spread
from infra.package import Package

# What a process runs, and what makes the text that it is given.
Script = tuple[str, Callable[[], object] | None]
REPEATS = 7
ROUNDS = 5
PEER = Path(__file__).with_name("peer.py").read_text()
HERE = "import sys; sys.path.insert(0, sys.argv[1])\n"
NOTHING = HERE
OURS = f"{HERE}import app"
THEIRS = f"""{HERE}from chalice.app import Chalice
from pynamodb.models import Model
from pydantic import TypeAdapter
"""
REFER = f"""{HERE}import json
from app import app
answered = app(json.load(sys.stdin), None)
assert answered["statusCode"] == 201, answered
"""


def figures(at: Doors, package: Package, folder: Path) -> Iterator[Figure]:
    """Compare whole processes in turns, with bare Python taken off."""
    with zipfile.ZipFile(package.archive) as packed:
        packed.extractall(folder)
    scripts: dict[str, Script] = {"nothing": (NOTHING, None), "ours": (OURS, None), "theirs": (THEIRS, None)}
    over = [_repeat(folder, scripts, {}) for _ in range(REPEATS)]
    yield ratio("importing app.py against chalice, pynamodb, pydantic", _net(over), goal="1.25 ×")
    yield spread("… importing app.py, bare Python taken off", _ms(over), "{:.0f} ms")
    over = [_first_commit(at, folder) for _ in range(REPEATS)]
    yield ratio("first commit of a process against a bare peer's", _net(over), goal="1.1 ×")
    yield spread("… first commit, bare Python taken off", _ms(over), "{:.0f} ms")


def _net(over: list[dict[str, float]]) -> list[tuple[float, float]]:
    return [(each["ours"] - each["nothing"], each["theirs"] - each["nothing"]) for each in over]


def _ms(over: list[dict[str, float]]) -> list[float]:
    return [1000 * (each["ours"] - each["nothing"]) for each in over]


def _first_commit(at: Doors, folder: Path) -> dict[str, float]:
    """Compare a referral, and a peer that stores the same items from a route of its own."""
    with trips.captured(trips.WRITE) as writes:
        at.refer()
    copies = trips.copies(writes[0])
    scripts: dict[str, Script] = {
        "nothing": (NOTHING, None),
        "ours": (REFER, at.event),
        "theirs": (HERE + PEER, lambda: {"event": at.event(), "write": next(copies)}),
    }
    return _repeat(folder, scripts, _environment(at))


def _repeat(folder: Path, scripts: Mapping[str, Script], environment: Mapping[str, str]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in scripts}
    for _ in range(ROUNDS):
        for name, (script, given) in scripts.items():
            told = json.dumps(given(), default=_as_text) if given else ""
            taken[name].append(_process(script, folder, told, environment))
    return {name: statistics.median(each) for name, each in taken.items()}


def _as_text(data: object) -> str:
    """Write the bytes of a packed attribute as JSON can hold them."""
    if not isinstance(data, bytes):
        raise TypeError(f"expected bytes, got {type(data)}")
    return base64.b64encode(data).decode()


def _process(script: str, folder: Path, told: str, environment: Mapping[str, str]) -> float:
    """Run a process that sees the unpacked zip and nothing else that is installed."""
    began = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", script, str(folder)],
        input=told,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - began
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    return took


def _environment(at: Doors) -> dict[str, str]:
    """Return what CloudFormation tells a function, for the tables of this run."""
    return {
        "STAGE": "bench",
        **{f"{name.upper()}_TABLE": table for name, table in at.tables.items()},
        "SENDER_ADDRESS": "holdfast@notices.example",
        "CONFIGURATION_SET": "bench",
        "LINK_BASE": "https://holdfast.example",
        "BANK_HOLIDAYS_URL": "https://gov.example/bank-holidays.json",
        "SECRETS_PREFIX": "holdfast/bench",
    }
