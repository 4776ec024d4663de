"""Exceptions to clauses that have nothing to pass."""

from collections.abc import Iterator

from workbench.findings import Finding
from workbench.written import Written, has_check


def nothing_to_pass(written: Written) -> Iterator[Finding]:
    """Yield every exception to a clause without a check: no guard, people, record, freeze, earliest date."""
    for clause in written.protocol.clauses:
        for way, place in written.ways(clause):
            for target in way.to:
                passed = written.protocol.by_id.get(target)
                if (
                    passed is None
                    or written.unread.at(f"clause {target}")
                    or "clause" in written.unread.astray
                ):
                    continue
                if not any(has_check(effect) for effect in (*passed.effects, *passed.set_aside)):
                    yield Finding(
                        f"{place}.to",
                        f"{target} has nothing that an exception could pass: no guard, people, record,"
                        " freeze or `not_before`. Who may excuse a duty is a setting",
                    )
