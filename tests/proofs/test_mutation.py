"""A part of the mutation of `docs/mutation.md`: the functions on which most rests, by their quickest tests.

The whole is `python -m tests.mutation`, and a part of `make prove`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.__main__ import argued, configured
from tests.mutation.mutants import PROJECT, mutants_of

DATES = "tests/core/test_dates.py"
CLAIM = "tests/store/test_pointless.py"


def mutation(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.mutation", *arguments, "--out", str(out / "results.jsonl")]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("modules", "within", "tests"),
    [
        (["core.dates"], ["dates.add_months", "dates.due_after", "dates._after", "dates._later"], DATES),
        (["store.claims"], ["claims._still_meant"], CLAIM),
    ],
    ids=["the day on which something is due", "whether a message is still meant"],
)
def test_no_mutant_of_it_lives(tmp_path: Path, modules: list[str], within: list[str], tests: str) -> None:
    ran = mutation(tmp_path, *modules, "--within", *within, "--tests", tests)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (tmp_path / "results.jsonl").read_text().count('"killed"') >= 8


def test_a_mutant_that_no_test_sees_lives_and_is_told(tmp_path: Path) -> None:
    # The clocks count by these dates, and never say what becomes of a day that a month lacks.
    clocks = "tests/core/test_clocks.py"
    ran = mutation(tmp_path, "core.dates", "--within", "dates.said_clamp", "--tests", clocks)

    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "untested: dates.said_clamp" in ran.stdout


def test_what_is_argued_is_still_there() -> None:
    names = {each.name for module in configured() for each in mutants_of(module.name)}

    assert argued()
    assert argued() - names == set()
