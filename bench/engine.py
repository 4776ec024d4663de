"""How long the engine takes to stand a case again, with few facts and with many."""

import time
from collections.abc import Iterator

from bench import lives
from bench.figures import Figure, interleaved, spread
from chalicelib.calendars import shipped_calendar
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.standing import stand
from chalicelib.core.trace import Trace
from chalicelib.protocol_files import Shelf
from infra import riverbank

REPEATS = 7
ROUNDS = 20
GOALS = {40: "1.5 ms", 200: "8 ms"}
PLANNING = "placement-planning-2026-01-01"


def figures() -> Iterator[Figure]:
    """Stand cases under Tower Hamlets' protocol, then under the chapter on planning meetings as well."""
    shelf = Shelf()
    council = shelf.load(riverbank.COUNCIL.protocols[0])
    both = (council, shelf.load(PLANNING))
    for facts in (40, 200):
        life = lives.of(facts)
        yield _stood(f"standing {facts} facts again under one protocol", life, (council,))
        yield _stood(f"standing {facts} facts again under two protocols", life, both, goal=GOALS[facts])
        climbed = lives.with_clock(life)
        yield _stood(f"standing {facts} facts again under two protocols, every ladder climbed", climbed, both)


def _stood(what: str, life: tuple[Trace, ...], protocols: tuple[Protocol, ...], goal: str = "") -> Figure:
    calendar = shipped_calendar(protocols[0].nation)
    rules = Rules(protocols=protocols, calendar=calendar, calendar_hash=calendar.hash)
    task = {"stand": lambda: stand(life, rules, "c-bench")}
    medians = [
        1000 * interleaved(task, rounds=ROUNDS, clock=time.process_time)["stand"] for _ in range(REPEATS)
    ]
    return spread(what, medians, "{:.2f} ms", goal=goal)
