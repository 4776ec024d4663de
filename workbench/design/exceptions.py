"""Exceptions to clauses that have nothing to pass."""

from collections.abc import Iterator

from chalicelib.core.effects import Clause, Freeze, Guard, Obligation, People, Record
from workbench.findings import Finding
from workbench.written import Written


def nothing_to_pass(written: Written) -> Iterator[Finding]:
    """Yield every exception to a clause without a check: no guard, people, record, freeze, earliest date."""
    for clause in written.protocol.clauses:
        for number, way in enumerate(clause.exceptions):
            for target in way.to:
                if not _checks(written.protocol.by_id[target]):
                    yield Finding(
                        f"clause {clause.id}.exception[{number}].to",
                        f"{target} has nothing that an exception could pass: no guard, people, record,"
                        " freeze or `not_before`. Who may excuse a duty is a setting",
                    )


def _checks(clause: Clause) -> bool:
    return any(
        isinstance(effect, Guard | People | Record | Freeze)
        or (isinstance(effect, Obligation) and effect.not_before is not None)
        for effect in (*clause.effects, *clause.set_aside)
    )
