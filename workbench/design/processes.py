"""Freezes and halts that nothing releases: the move would stay barred, or the clocks stand, for ever."""

from collections.abc import Iterator

from chalicelib.core.effects import Freeze, Guard, Halt, Obligation
from chalicelib.core.patterns import Is, Pattern
from workbench.design.logic import any_implied, compatible
from workbench.findings import Finding
from workbench.written import Written

ENDS = "process_ended"


def nothing_releases(written: Written) -> Iterator[Finding]:
    """Yield every freeze or halt whose process nobody is asked to end and no example ends."""
    for placed in written.effects:
        if not isinstance(placed.effect, Freeze | Halt):
            continue
        process = placed.effect.process
        end = Pattern(fact=ENDS, tests=(Is(field="process", words=frozenset({process})),))
        if _barred(end, written):
            yield Finding(f"{placed.place}.while", f"nobody may end {process!r}: a guard bars that for ever")
        elif not (_owed(end, written) or _shown(process, written) or _hidden(process, written)):
            yield Finding(
                f"{placed.place}.while",
                f"nothing here ends {process!r}. Give somebody a duty that its end meets, or an example in"
                " which it ends",
            )


def _owed(end: Pattern, written: Written) -> bool:
    """Say whether a duty is met when the process ends."""
    return any(
        isinstance(placed.of.effect, Obligation)
        and placed.key in ("until", "lapses")
        and compatible(end, placed.pattern)
        for placed in written.patterns
    )


def _hidden(process: str, written: Written) -> bool:
    """Say whether what could not be read may end it."""
    return written.unread.may_say(process) or written.unread.examples_say(process)


def _shown(process: str, written: Written) -> bool:
    return any(
        fact.get("fact") == ENDS and process in (fact.get("process"), *_listed(fact.get("process")))
        for example in written.examples
        for fact in (*example.given, *([example.propose] if example.propose else []))
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _barred(end: Pattern, written: Written) -> bool:
    return any(
        not placed.effect.needs
        and any_implied(end, placed.effect.before)
        and placed.clause.id not in written.protocol.exceptions_to
        and not written.unread.may_say(placed.clause.id)
        for placed in written.all_of(Guard)
    )
