"""What became of a mutant, and the line in which a run says so."""

import sys
from enum import StrEnum

from tests.mutation.mutants import Mutant


class Verdict(StrEnum):
    """What became of a mutant."""

    LIVED = "lived"
    UNTESTED = "untested"
    KILLED = "killed"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"

    @property
    def is_bad(self) -> bool:
        """Whether no test saw the change."""
        return self in (Verdict.LIVED, Verdict.UNTESTED)

    @property
    def sign(self) -> str:
        """One character for a line of many."""
        return {"lived": "L", "untested": "U", "killed": ".", "timed out": "t", "crashed": "c"}[self]


def tell(mutant: Mutant, verdict: Verdict) -> None:
    print(
        f"\n{verdict}: {mutant.name}" if verdict in (Verdict.LIVED, Verdict.UNTESTED) else verdict.sign,
        end="",
    )
    sys.stdout.flush()
