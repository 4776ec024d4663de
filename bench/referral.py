"""A whole referral, warm, against the bare transaction that it ends in."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from botocore.session import get_session
from typing_extensions import override

from bench import doors, trips
from bench.doors import Doors
from bench.figures import Figure, Task, interleaved, ratio, spread
from chalicelib import wiring
from chalicelib.core.case import Standing
from chalicelib.core.decision import decide
from chalicelib.ports import Commit
from chalicelib.store import items
from chalicelib.store.cases import DynamoCases
from chalicelib.store.transaction import write

REPEATS = 7
ROUNDS = 60


def figures(at: Doors) -> Iterator[Figure]:
    """Compare on the same DynamoDB Local, in turns, in one run."""
    at.refer()
    with trips.counted() as sent, trips.captured(trips.WRITE) as writes, trips.captured(trips.READ) as reads:
        at.refer()
    yield Figure(what="round trips of a warm referral", value=", ".join(sent), goal="one read, one write")
    yield Figure(what="items in its transaction", value=str(len(writes[0]["TransactItems"])))
    over = [_repeat(at, writes[0], reads[0]) for _ in range(REPEATS)]
    yield ratio(
        "referral against its bare TransactWriteItems",
        [(each["whole"], each["write"]) for each in over],
        goal="1.15 ×",
    )
    yield ratio(
        "referral against its bare read and write",
        [(each["whole"], each["read"] + each["write"]) for each in over],
    )
    for name in ("whole", "read", "write"):
        yield spread(f"… {name}, wall", [1000 * each[name] for each in over], "{:.1f} ms")


def _repeat(at: Doors, written: dict[str, Any], read: dict[str, Any]) -> dict[str, float]:
    """Take turns: a referral, the bare read, and the bare write of the same items under other keys."""
    client = get_session().create_client("dynamodb", config=items.connection().client.meta.config)
    copies = trips.copies(written)
    events = [at.event() for _ in range(ROUNDS + 1)]
    transactions = [next(copies) for _ in range(ROUNDS + 1)]
    tasks: dict[str, Task] = {
        "whole": lambda: doors.knock(events.pop()),
        "read": lambda: client.batch_get_item(**read),
        "write": lambda: client.transact_write_items(**transactions.pop()),
    }
    interleaved(tasks, rounds=1)
    return interleaved(tasks, rounds=ROUNDS)


def own_cpu(at: Doors) -> Iterator[Figure]:
    """What remains of a referral's CPU when botocore answers at once, and where it goes."""
    with trips.saved():
        over = [_cpu(at) for _ in range(REPEATS)]
    yield spread("CPU of a referral without botocore", [each["whole"] for each in over], "{:.0f} µs")
    yield spread("… the engine's", [each["engine"] for each in over], "{:.0f} µs")
    theirs = [each["pynamodb read"] + each["pynamodb write"] for each in over]
    yield spread("… PynamoDB's, items apart", theirs, "{:.0f} µs")
    rest = [each["whole"] - each["engine"] - their for each, their in zip(over, theirs, strict=True)]
    yield spread("… our own: doors, corridor, items", rest, "{:.0f} µs", goal="100 µs")


def _cpu(at: Doors) -> dict[str, float]:
    rounds = 5 * ROUNDS
    events = [at.event() for _ in range(rounds)]
    cases = DynamoCases()
    commit = _commit_of(at)
    made = commit.entries[0].decision
    fresh = replace(made.after, version=0, facts=(), standing=Standing(), told=frozenset())
    rules = at.ports.rulebook.for_case(fresh)
    puts = [*cases._cases(commit), *cases._outbox(commit)]
    tasks: dict[str, Task] = {
        "whole": lambda: doors.knock(events.pop()),
        "engine": lambda: decide(fresh, made.fact, rules),
        "pynamodb read": lambda: cases.load_with_child(fresh.id, fresh.authority, fresh.child_reference),
        "pynamodb write": lambda: write(puts),
    }
    medians = interleaved(tasks, rounds=rounds, clock=time.process_time)
    return {name: 1_000_000 * seconds for name, seconds in medians.items()}


def _commit_of(at: Doors) -> Commit:
    """Return what the corridor hands to the store for one referral."""
    kept: list[Commit] = []

    class Keeping(DynamoCases):
        @override
        def commit(self, commit: Commit) -> None:
            kept.append(commit)

    with wiring.using(wiring.Rooms(ports=replace(at.ports, cases=Keeping()), channels=dict)):
        at.refer()
    return kept[0]
