"""The part of Tower Hamlets' protocol under which most tests of the corridor tell their stories.

Eleven clauses of every sort, so that a story says what it means and no more; the whole protocols
are tried by their own examples, by `tests/core/test_five_protocols.py` and on the deployed stack.
"""

from dataclasses import dataclass, replace

from typing_extensions import override

from chalicelib.core.protocol import Protocol
from chalicelib.protocol_files import Shelf

WHOLE = "tower-hamlets-2026-01-01"
CLAUSES = frozenset(f"TH-{number}" for number in (18, 19, 20, 21, 25, 35, 37, 38, 39, 42, 46))


@dataclass
class PartShelf(Shelf):
    """The shipped shelf, on which Tower Hamlets' protocol has those clauses alone."""

    @override
    def load(self, protocol_id: str) -> Protocol:
        whole = super().load(protocol_id)
        if protocol_id != WHOLE:
            return whole
        return replace(whole, clauses=tuple(each for each in whole.clauses if each.id in CLAUSES))
