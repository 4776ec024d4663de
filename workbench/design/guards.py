"""Guards that wait for themselves: what a step needs comes only after that step."""

from collections.abc import Iterator, Sequence

from chalicelib.core.effects import Guard
from chalicelib.core.patterns import Pattern
from workbench.design.logic import any_implied
from workbench.findings import Finding
from workbench.written import Placed, Written


def waits_for_itself(written: Written) -> Iterator[Finding]:
    """Yield every guard of which each need is barred until the guarded step has been done."""
    open_guards = [each for each in written.all_of(Guard) if each.effect.needs]
    waiting = open_guards
    while True:
        still = [each for each in waiting if not _may_be_supplied(each, waiting)]
        if len(still) == len(waiting):
            break
        waiting = still
    for placed in waiting:
        yield Finding(
            f"{placed.place}.needs",
            "nothing that is needed can come first: it is, or waits for, the very step that needs it",
        )


def _may_be_supplied(placed: Placed[Guard], waiting: Sequence[Placed[Guard]]) -> bool:
    return any(not _barred(need, waiting) for need in placed.effect.needs)


def _barred(need: Pattern, waiting: Sequence[Placed[Guard]]) -> bool:
    return any(any_implied(need, each.effect.before) for each in waiting)
