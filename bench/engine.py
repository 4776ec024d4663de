"""How long the engine takes to stand a case again, with few facts and with many."""

import time
from collections.abc import Iterator
from dataclasses import replace

from bench import lives
from bench.figures import Figure, interleaved, spread
from chalicelib.calendars import shipped_calendar
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.standing import stand
from chalicelib.protocol_files import Shelf
from infra import riverbank

REPEATS = 7
ROUNDS = 20
GOALS = {40: "1.5 ms", 200: "8 ms"}


def figures() -> Iterator[Figure]:
    """Stand cases under Tower Hamlets' protocol, and under two of its length."""
    protocol = Shelf().load(riverbank.COUNCIL.protocols[0])
    twin = replace(protocol, id=f"twin-of-{protocol.id}")
    for facts in (40, 200):
        yield _stood(facts, (protocol,), "")
        yield _stood(facts, (protocol, twin), GOALS[facts])


def _stood(facts: int, protocols: tuple[Protocol, ...], goal: str) -> Figure:
    life = lives.of(facts)
    calendar = shipped_calendar(protocols[0].nation)
    rules = Rules(protocols=protocols, calendar=calendar, calendar_hash=calendar.hash)
    task = {"stand": lambda: stand(life, rules, "c-bench")}
    medians = [
        1000 * interleaved(task, rounds=ROUNDS, clock=time.process_time)["stand"] for _ in range(REPEATS)
    ]
    under = "one protocol" if len(protocols) == 1 else "two protocols"
    return spread(f"standing {facts} facts again under {under}", medians, "{:.2f} ms", goal=goal)
