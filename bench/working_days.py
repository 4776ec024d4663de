"""Counting working days in England from 2015 to 2035: ours, others', and a table by day, which is the limit.

All of them count by the bank holidays that `holidays` knows, and are held to one answer before any is timed.
"""

import random
import subprocess
import sys
import tempfile
import time
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import accumulate, islice
from types import MappingProxyType

import holidays
import numpy as np
from workalendar.europe import UnitedKingdom

from bench.figures import Figure, interleaved, ratio, spread
from chalicelib.calendars import shipped_calendar
from chalicelib.core.clocks import Clocks
from chalicelib.core.dates import due_after
from chalicelib.core.editions import Editions, Learned, changed_days
from chalicelib.core.effects import Obligation
from chalicelib.core.london import closes_at
from chalicelib.core.patterns import After
from chalicelib.core.recounts import counted
from chalicelib.core.trace import Trace
from chalicelib.core.working_days import Calendar, Nation, add_working_days, working_days_between
from chalicelib.protocol_files import Shelf
from infra.package import Package

ONE_DAY = timedelta(days=1)
FIRST, LAST = date(2015, 1, 1), date(2035, 12, 31)
# workalendar 17 hasn't heard of the coronation: no span that is timed holds it.
UNKNOWN_TO_ONE = date(2023, 5, 8)
PEERS = ("numpy", "workalendar", "holidays")
REPEATS = 7
ROUNDS = 15
JOBS = 400
STARTS = 35

DEADLINES = 100_000
# The day of the state funeral, and the day on which it was proclaimed.
PROCLAIMED, LEARNED = date(2022, 9, 19), date(2022, 9, 10)

# What Python brings, imported first so that the clock runs for what is ours alone.
COLD = """import collections.abc, dataclasses, datetime, enum, functools, sys, time, types, typing
began = time.process_time()
import chalicelib.core.working_days
core = time.process_time()
from chalicelib.calendars import Nation, shipped_calendar
shipped_calendar(Nation.ENGLAND)
ended = time.process_time()
loaded = {name.partition(".")[0] for name in sys.modules}
print(ended - began, ended - core, len(loaded - sys.stdlib_module_names - {"__main__", "chalicelib"}))
"""

Span = tuple[date, date]
Job = tuple[date, int]
Deadline = tuple[date, After]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of counting: the day so many working days after another, and how many lie between two."""

    add: Callable[[date, int], date]
    between: Callable[[date, date], int]


class Disagreement(Exception):
    """Two ways of counting gave different answers: one of them is wrong, so their times say nothing."""


def figures(package: Package) -> Iterator[Figure]:
    """Compare the ways of counting, recalculate open deadlines, and load the calendar afresh."""
    ways, jobs = _ways(), list(_jobs())
    spans = [(start, ways["table"].add(start, count)) for start, count in jobs]
    yield from _compared("add working days", {name: _adding(way, jobs) for name, way in ways.items()})
    yield from _compared("count days between", {name: _counting(way, spans) for name, way in ways.items()})
    yield from _recalculated()
    yield from _cold(package)


def _ways() -> dict[str, Way]:
    known = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST.year, LAST.year + 1))
    closed = MappingProxyType({on: name for on, name in known.items() if on.weekday() < 5})
    every = [FIRST + timedelta(days=ahead) for ahead in range((LAST - FIRST).days + 1)]
    worked = [on for on in every if on.weekday() < 5 and on not in closed]
    return {
        "ours": Way(
            add=lambda start, count: add_working_days(start, count, closed),
            between=lambda start, end: working_days_between(start, end, closed),
        ),
        "table": _table(every, worked),
        "bisect": Way(
            add=lambda start, count: worked[bisect_right(worked, start) + count - 1],
            between=lambda start, end: bisect_right(worked, end) - bisect_right(worked, start),
        ),
        "numpy": _numpy(sorted(closed)),
        "workalendar": _workalendar(UnitedKingdom()),
        "holidays": Way(
            add=known.get_nth_working_day,
            # Both ends are counted there.
            between=lambda start, end: known.get_working_days_count(start + ONE_DAY, end),
        ),
    }


def _table(every: Sequence[date], worked: Sequence[date]) -> Way:
    """Look up how many working days there were by the end of each day."""
    at_work = set(worked)
    by_day = list(accumulate(on in at_work for on in every))
    first = FIRST.toordinal()
    return Way(
        add=lambda start, count: worked[by_day[start.toordinal() - first] + count - 1],
        between=lambda start, end: by_day[end.toordinal() - first] - by_day[start.toordinal() - first],
    )


def _numpy(closed: Sequence[date]) -> Way:
    calendar = np.busdaycalendar(holidays=np.array(closed, dtype="datetime64[D]"))
    offset = partial(np.busday_offset, roll="backward", busdaycal=calendar)
    count = partial(np.busday_count, busdaycal=calendar)
    return Way(
        add=lambda start, days: offset(start, days).item(),
        # The first day is counted there and the last is not.
        between=lambda start, end: int(count(start + ONE_DAY, end + ONE_DAY)),
    )


def _workalendar(calendar: UnitedKingdom) -> Way:
    return Way(add=calendar.add_working_days, between=calendar.get_working_days_delta)


def _jobs() -> Iterator[Job]:
    """Yield days and counts as protocols have them, from one working day to a month of them."""
    chance = random.Random(2026)
    days = (LAST - FIRST).days - 60
    made = 0
    while made < JOBS:
        start = FIRST + timedelta(days=chance.randrange(days))
        if not start <= UNKNOWN_TO_ONE <= start + timedelta(days=60):
            made += 1
            yield start, chance.choice((1, 2, 3, 3, 5, 5, 10, 10, 15, 20))


def _adding(way: Way, jobs: Sequence[Job]) -> Callable[[], list[object]]:
    return lambda: [way.add(start, count) for start, count in jobs]


def _counting(way: Way, spans: Sequence[Span]) -> Callable[[], list[object]]:
    return lambda: [way.between(start, end) for start, end in spans]


def _compared(what: str, tasks: Mapping[str, Callable[[], list[object]]]) -> Iterator[Figure]:
    expected = tasks["table"]()
    for name, task in tasks.items():
        if task() != expected:
            raise Disagreement(f"{what}: {name}")
    over = [interleaved(tasks, rounds=ROUNDS, clock=time.process_time) for _ in range(REPEATS)]
    yield spread(f"{what}: ours", [1e6 * each["ours"] / JOBS for each in over], "{:.2f} µs")
    for name in ("table", "bisect"):
        yield ratio(f"… against {name}", [(each["ours"], each[name]) for each in over])
    for name in PEERS:
        pairs = [(each[name], each["ours"]) for each in over]
        yield ratio(f"… {name} against ours", pairs, goal="more than 1 ×")


# --- a day is proclaimed --------------------------------------------------------------------


def _recalculated() -> Iterator[Figure]:
    after = shipped_calendar(Nation.ENGLAND)
    known_before = {on: why for on, why in after.closed.items() if on != PROCLAIMED}
    before = Calendar(nation=after.nation, closed=MappingProxyType(known_before), horizon=after.horizon)
    deadlines = [(_opened(on), due) for on, due in islice(_open(before), DEADLINES)]
    learned = Learned(
        at=closes_at(LEARNED - ONE_DAY),
        on=LEARNED,
        before=before,
        after=after,
        changed=changed_days(before, after),
    )
    editions = Editions(present=after, learned=(learned,))
    clocks = Clocks(calendar=after, day_zero="event")
    tasks = {"all": lambda: _moved(deadlines, clocks, editions)}
    taken = [interleaved(tasks, rounds=1, clock=time.process_time)["all"] for _ in range(REPEATS)]
    moving = _moved(deadlines, clocks, editions)
    what = f"recalculate {DEADLINES:,} open deadlines, of which {moving:,} move: CPU"
    yield spread(what, taken, "{:.2f} s", goal="1 s")


def _opened(on: date) -> Trace:
    """Return a fact of that day, as the engine keeps it."""
    return Trace(id="f-bench", kind="meeting_held", on=on, learned_at=closes_at(on - ONE_DAY))


def _open(calendar: Calendar) -> Iterator[Deadline]:
    """Yield deadlines as the protocols give them, opened in the eight weeks before and not yet due."""
    chance = random.Random(2022)
    shelf = Shelf()
    waits = [
        effect.due
        for name in shelf.ids()
        for clause in shelf.load(name).clauses
        for effect in clause.effects
        if isinstance(effect, Obligation) and isinstance(effect.due, After)
    ]
    while True:
        opened_on, due = LEARNED - timedelta(days=chance.randrange(56)), chance.choice(waits)
        if due_after(opened_on, due, "event", calendar).on >= LEARNED:
            yield opened_on, due


def _moved(deadlines: Sequence[tuple[Trace, After]], clocks: Clocks, editions: Editions) -> int:
    moved = 0
    for opened, due in deadlines:
        moved += bool(counted(opened, due, None, clocks, editions).moved)
    return moved


# --- a process that has just begun ----------------------------------------------------------


def _cold(package: Package) -> Iterator[Figure]:
    """Load the calendar in processes that see what ships, with its bytecode, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(package.archive) as packed:
            packed.extractall(folder)
        over = [_fresh(folder) for _ in range(STARTS)]
    whole, alone = ([1000 * each[number] for each in over] for number in (0, 1))
    yield spread("load the calendar in a fresh process: CPU", whole, "{:.2f} ms", goal="2 ms")
    yield spread("… where the core is loaded already", alone, "{:.2f} ms")
    yield Figure(
        what="… modules of others that it imports", value=f"{max(each[2] for each in over):.0f}", goal="0"
    )


def _fresh(folder: str) -> tuple[float, ...]:
    # Without site packages: whatever an installed .pth file imports is not ours.
    command = [sys.executable, "-S", "-c", COLD]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    return tuple(float(each) for each in said.split())
