"""Duties that nothing can meet, or not in time, and duties owed at once that nobody chases."""

from collections.abc import Iterator

from chalicelib.core.effects import Guard, Obligation
from chalicelib.core.patterns import After, AtOnce, Pattern, Unit
from workbench.design.logic import any_implied, impossible
from workbench.findings import Finding
from workbench.written import Written

# How many days at least, and at most, one of a unit is.
DAYS = {Unit.WORKING_DAYS: (1, 2), Unit.DAYS: (1, 1), Unit.WEEKS: (7, 7), Unit.MONTHS: (28, 31)}


def nothing_meets(written: Written) -> Iterator[Finding]:
    """Yield every duty that cannot be met, or only when it is too late."""
    for placed in written.all_of(Obligation):
        effect = placed.effect
        if all(impossible(each) or _never_done(each, written) for each in effect.until):
            yield Finding(f"{placed.place}.until", "nothing can ever meet this duty")
        if isinstance(effect.due, AtOnce) and effect.not_before:
            yield Finding(
                f"{placed.place}.not_before", "the duty is due at once, and may not be met yet then"
            )
        if isinstance(effect.due, After) and effect.not_before:
            earliest = effect.not_before.count * DAYS[effect.not_before.unit][0]
            if earliest > effect.due.count * DAYS[effect.due.unit][1]:
                yield Finding(
                    f"{placed.place}.not_before", "the duty may first be met when it is long overdue"
                )


def at_once_without_ladder(written: Written) -> Iterator[Finding]:
    """Yield every duty owed at once for which nobody is reminded, unless a ladder could not be read."""
    if written.unread.at("ladder"):
        return
    served = {each for ladder in written.protocol.ladders for each in ladder.serves}
    for placed in written.all_of(Obligation):
        if isinstance(placed.effect.due, AtOnce) and served.isdisjoint({"at_once", placed.clause.id}):
            yield Finding(
                f"{placed.place}.due",
                "it is owed at once, and no ladder chases it: write one for `at_once` or for this clause",
            )


def _never_done(pattern: Pattern, written: Written) -> bool:
    """Say whether such a fact is never to happen: a guard without needs bars it, and nothing passes that."""
    ways = written.protocol.exceptions_to
    return any(
        not placed.effect.needs
        and placed.clause.id not in ways
        and not written.unread.may_say(placed.clause.id)
        and any_implied(pattern, placed.effect.before)
        for placed in written.all_of(Guard)
    )
