"""The service and a small model of it, side by side: told the same, and held against each other each step.

`HOLDFAST_MODEL` is how many sequences of `STEPS` steps there are at least. They are drawn a few at a time,
each time from the next seed; `HOLDFAST_MODEL_SEED` is the first.
"""

import os
import time
from itertools import count

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proofs.figures import say
from tests.proofs.model_beside import Tally
from tests.proofs.model_service import opened
from tests.proofs.model_steps import SideBySide

SEQUENCES = int(os.environ.get("HOLDFAST_MODEL", "20"))
FIRST = int(os.environ.get("HOLDFAST_MODEL_SEED", "1"))
STEPS = 50
AT_A_TIME = 50


def test_whatever_happens_the_service_is_what_its_model_says() -> None:
    tally, began = Tally(), time.monotonic()
    with opened() as service:
        for drawn_from in count(FIRST):
            # Some are shorter, where Hypothesis begins from one that it told before.
            left = SEQUENCES - tally.lengths[STEPS]
            if left <= 0:
                break
            drawn = seed(drawn_from)(lambda: SideBySide(service, tally))
            run_state_machine_as_test(drawn, settings=told(min(left, AT_A_TIME)))

    said(tally, time.monotonic() - began)
    assert tally.sums["letters"], "nobody was told anything"


def told(sequences: int) -> settings:
    """So many sequences, whatever they take."""
    return settings(
        max_examples=sequences,
        # The first referral is a step of its own.
        stateful_step_count=STEPS + 1,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def said(tally: Tally, seconds: float) -> None:
    """Say what there was of everything."""
    whole, sequences = tally.lengths[STEPS], tally.lengths.total()
    say(
        f"{whole} sequences of {STEPS} steps and {sequences - whole} shorter ones in {seconds:.0f} s: "
        f"{tally.steps.total()} steps, each like the model; {_listed(tally.sums)}; "
        f"{tally.given_up} given up, where more was due at once than the model knows of"
    )
    for what, counted in (("steps", tally.steps), ("answers", tally.answers), ("messages", tally.states)):
        say(f"  {what}: {_listed(counted)}")


def _listed(counted: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
