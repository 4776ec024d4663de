"""One line of the table, and how several runs become one figure."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Task = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured, what came out with its spread, and what it should be at most."""

    what: str
    value: str
    spread: str = ""
    goal: str = ""


def interleaved(
    tasks: Mapping[str, Task], *, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Run tasks in turn and return each one's median in seconds.

    In turn, because a machine that slows down for a while then slows all of them down.
    """
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            began = clock()
            task()
            taken[name].append(clock() - began)
    return {name: statistics.median(each) for name, each in taken.items()}


def ratio(what: str, over: Sequence[tuple[float, float]], *, goal: str = "") -> Figure:
    """Return a figure from one pair of medians for each repeat: the first divided by the second."""
    return spread(what, [one / other for one, other in over], "{:.2f} ×", goal=goal)


def spread(what: str, values: Sequence[float], form: str, *, goal: str = "") -> Figure:
    """Return the median of several values with the least and the greatest of them."""
    low, high = form.format(min(values)), form.format(max(values))
    return Figure(
        what=what, value=form.format(statistics.median(values)), spread=f"{low} to {high}", goal=goal
    )


def table(figures: Sequence[Figure]) -> str:
    """Return figures as the text of one Markdown table."""
    rows = [("what", "figure", "spread", "goal")]
    rows += [(each.what, each.value, each.spread, each.goal) for each in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
