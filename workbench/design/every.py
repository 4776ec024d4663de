"""Every check of a file's design, in the order in which their findings are worth reading."""

from collections.abc import Callable, Iterable, Iterator

from workbench.design import (
    chairs,
    duties,
    examples,
    exceptions,
    facts,
    guards,
    near_misses,
    parts,
    processes,
    roles,
    silences,
    unused,
)
from workbench.findings import Finding
from workbench.written import Written

Check = Callable[[Written], Iterable[Finding]]

EVERY: tuple[Check, ...] = (
    facts.nothing_produces,
    duties.nothing_meets,
    roles.nobody_holds,
    roles.nobody_is_known,
    guards.waits_for_itself,
    exceptions.nothing_to_pass,
    processes.nothing_releases,
    chairs.asked_two_ways,
    chairs.asked_no_way,
    parts.typed_two_ways,
    duties.at_once_without_ladder,
    silences.unanswered,
    examples.without_example,
    near_misses.exceptions_not_shown,
    near_misses.only_not_missed,
    near_misses.not_before_not_missed,
    near_misses.within_not_missed,
    unused.unused_settings,
    unused.unused_words,
    examples.come_out_otherwise,
)


def design_findings(written: Written) -> Iterator[Finding]:
    """Yield everything that is wrong with a file's design."""
    for check in EVERY:
        yield from check(written)
