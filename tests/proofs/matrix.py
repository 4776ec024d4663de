"""The crash matrix: every AWS call of every operation, broken in every way, and then recovered from."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

from tests.proofs.breaking import Break
from tests.proofs.deeds import Operation
from tests.proofs.keeping import Kept, keep, put_back
from tests.proofs.portrait import Portrait, portrait, what_is_wrong
from tests.proofs.world import World

# A lease and an unknown outcome last for five minutes; what is asked again soon waits for one.
ROUNDS_AFTER_MINUTES = (1, 3, 3, 6, 7)
OFTEN = ("sweep", "settle", "tick")
TAKES = ("SESv2.SendEmail", "SNS.Publish")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One place to break an operation. `in_time` is whether SES's events come before a second try."""

    number: int
    call: str
    how: Break
    in_time: bool

    def __str__(self) -> str:
        return (
            f"call {self.number + 1} ({self.call}) {self.how}, events {'in time' if self.in_time else 'late'}"
        )


@dataclass(kw_only=True)
class Tally:
    """What came of some points."""

    points: int = 0
    wrong: list[str] = field(default_factory=list)
    mails_twice: int = 0
    notices_twice: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Take another's counts to one's own."""
        self.points += other.points
        self.wrong += other.wrong
        self.mails_twice += other.mails_twice
        self.notices_twice += other.notices_twice
        self.calls += other.calls

    def said(self) -> str:
        """Say it in one line."""
        return (
            f"{self.points} points, {len(self.wrong)} wrong, "
            f"{self.mails_twice} e-mails twice, {self.notices_twice} topic notices twice"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An operation at its beginning, with the calls that it makes and how it ends where nothing breaks."""

    operation: Operation
    begins: Kept
    calls: tuple[str, ...]
    ends: Portrait


def prepare(world: World, blank: Kept, operation: Operation) -> Prepared:
    """Bring an operation to its beginning, and see how it goes where nothing breaks."""
    put_back(world, blank)
    operation.begin(world)
    begins = keep(world)
    put_back(world, begins)
    _act(world, operation, None)
    calls = tuple(world.breaker.calls)
    assert calls, f"{operation.name} makes no call"
    recover(world, operation, in_time=True)
    wrong = [*_unanswered(world), *what_is_wrong(world), *world.replays(), *_twice(world)]
    assert not wrong, f"{operation.name}, where nothing breaks: {wrong}"
    return Prepared(operation=operation, begins=begins, calls=calls, ends=portrait(world))


def points(calls: tuple[str, ...]) -> Iterator[Point]:
    """Every call, broken in every way; where a letter is taken or marked, with and without events in time."""
    sends = next((number for number, call in enumerate(calls) if call in TAKES), len(calls))
    for number, call in enumerate(calls):
        for how in Break:
            for in_time in (True, False) if number >= sends else (True,):
                yield Point(number=number, call=call, how=how, in_time=in_time)


def break_at(world: World, prepared: Prepared, point: Point) -> Iterator[str]:
    """Break an operation at a point, recover, and say what is wrong."""
    put_back(world, prepared.begins)
    _act(world, prepared.operation, point)
    yield from (f"{each} was sent twice by one run" for each in _twice(world))
    recover(world, prepared.operation, in_time=point.in_time)
    yield from _unanswered(world)
    yield from what_is_wrong(world)
    yield from world.replays()
    yield from _differs(prepared.ends, portrait(world))


def try_all(world: World, prepared: Prepared, share: float, chance: Random) -> Tally:
    """Break an operation at every point, or at a share of them drawn by chance."""
    tally = Tally(calls=Counter(prepared.calls))
    for point in points(prepared.calls):
        if chance.random() >= share:
            continue
        tally.points += 1
        tally.wrong += [
            f"{prepared.operation.name}: {point}: {each}" for each in break_at(world, prepared, point)
        ]
        _count_twice(world, prepared, point, tally)
    return tally


def recover(world: World, operation: Operation, *, in_time: bool) -> None:
    """Let people, AWS and the callers do what they do by themselves, until nothing is left to do."""
    operation.then(world)
    for minutes in ROUNDS_AFTER_MINUTES:
        world.later(minutes=minutes)
        world.round(OFTEN, ses_tells=in_time)
    world.later(minutes=20)
    world.round(ses_tells=in_time)
    for _ in range(2):
        world.later(minutes=1)
        world.ses_tells()
        world.round(ses_tells=True)


def _act(world: World, operation: Operation, point: Point | None) -> None:
    world.breaker.arm(point.number, point.how) if point else world.breaker.arm()
    try:
        operation.act(world)
    finally:
        world.breaker.disarm()


def _unanswered(world: World) -> Iterator[str]:
    for request in world.outside.waiting:
        yield f"{request.key} is never answered"
    for command in world.outside.ordered:
        yield f"{command} never comes to its end"
    for request, why in world.outside.refused:
        yield f"{request.key} is refused: {why}"


def _twice(world: World) -> list[str]:
    return [message_id for message_id, copies in world.office.copies().items() if copies > 1]


def _count_twice(world: World, prepared: Prepared, point: Point, tally: Tally) -> None:
    """Count letters sent twice, which the design allows at one place alone."""
    taken_by = {each.message_id: each.channel for each in world.outside.posted}
    for message_id, copies in world.office.copies().items():
        if copies == 1:
            continue
        channel = taken_by[message_id]
        where = f"{prepared.operation.name}: {point}"
        if copies > 2 or (channel == "email" and point.in_time):
            tally.wrong.append(f"{where}: {message_id} was sent {copies} times")
        tally.mails_twice += channel == "email"
        tally.notices_twice += channel == "topic"


def _differs(expected: Portrait, found: Portrait) -> Iterator[str]:
    """Say where two worlds differ."""
    for part in fields(Portrait):
        yield from _unlike(part.name, getattr(expected, part.name), getattr(found, part.name))


def _unlike(where: str, expected: Any, found: Any) -> Iterator[str]:
    if expected == found:
        return
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            yield from _unlike(f"{where}.{key}", expected.get(key), found.get(key))
    elif isinstance(expected, list | tuple | frozenset) and isinstance(found, list | tuple | frozenset):
        gone, new = set(expected) - set(found), set(found) - set(expected)
        yield f"{where}: without {sorted(gone, key=str)[:2]}, with {sorted(new, key=str)[:2]}"
    else:
        yield f"{where}: {expected} became {found}"
