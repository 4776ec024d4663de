"""Trying mutants: what the tests make of a module in which one thing is changed.

pytest collects a module's tests once. Each mutant is tried in a child of that session, in which the code of
the one function is replaced where it stands, or the value of a constant wherever it was imported. A default
that is made on importing is tried in a child of a process that has imported nothing of ours.
"""

import gc
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import HealthCheck, settings

from tests.mutation.bench import OPTIONS, Bench
from tests.mutation.changing import Mutated
from tests.mutation.children import Stopped, allow, in_child, was_late
from tests.mutation.mutants import Mutant
from tests.mutation.verdict import Verdict, tell

FRESH_SECONDS = 300
Tried = tuple[Mutant, Verdict, str]


def try_all(
    module: str, mutants: Sequence[Mutant], tests: Sequence[str], then: Sequence[str] = ()
) -> Iterator[Tried]:
    """Try each mutant of a module; those that live, if any, by the slower tests as well.

    At the end the module is tried as it is: its own tests let it live.
    """
    found = {mutant.name: (mutant, verdict, by) for mutant, verdict, by in _try_all(module, mutants, tests)}
    lived = [mutant for mutant, verdict, _ in found.values() if verdict.is_bad]
    if then and lived:
        print(f"\n{module}: those that lived, by the slower tests")
        found |= {each[0].name: each for each in _try_all(module, lived, then)}
    yield from found.values()


def _try_all(module: str, mutants: Sequence[Mutant], tests: Sequence[str]) -> Iterator[Tried]:
    swapped = [each for each in mutants if each.function or each.is_constant]
    fresh = [each for each in mutants if each not in swapped]
    known = {each.name: each for each in mutants}
    if swapped:
        for name, verdict, by in in_child(lambda: _in_session(module, tests, swapped)):
            yield known[name], Verdict(verdict), by
    for mutant in fresh:
        verdict, by = _fresh(mutant, tests)
        tell(mutant, verdict)
        yield mutant, verdict, by


def _in_session(module: str, tests: Sequence[str], mutants: Sequence[Mutant]) -> object:
    bench = Bench(module, mutants, tests)
    _prepare()
    code = pytest.main([*OPTIONS, *tests], plugins=[bench])
    # 5: it says that it ran no test, for it was not it that did.
    if code not in (0, 5) or len(bench.found) != len(mutants):
        raise SystemExit(f"pytest ended with {code} over {module}.")
    return bench.found


def _fresh(mutant: Mutant, tests: Sequence[str]) -> tuple[Verdict, str]:
    bench = Failing()

    def run() -> object:
        allow(FRESH_SECONDS, 2 * FRESH_SECONDS)
        sys.meta_path.insert(0, Mutated(mutant))
        _prepare()
        try:
            importlib.import_module(mutant.module)
        except Exception as error:  # noqa: BLE001 (whatever a mutant does)
            return 1, f"import: {type(error).__name__}"
        return int(pytest.main([*OPTIONS, *tests], plugins=[bench])), bench.failed

    try:
        code, by = in_child(run, quiet=True)
    except Stopped as stopped:
        return (Verdict.TIMED_OUT if was_late(stopped) else Verdict.CRASHED), str(stopped)
    if code not in (0, 1, 2):
        raise SystemExit(f"pytest ended with {code} on {mutant.name}")
    # 2 is a test file that cannot be imported any more.
    return (Verdict.KILLED if code else Verdict.LIVED), by


class Failing:
    """A pytest plugin that knows which test failed first."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def _prepare() -> None:
    os.environ["HOLDFAST_STORE"] = "small"
    settings.register_profile(
        "mutation", database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    settings.load_profile("mutation")
    _read_once()
    gc.disable()


def _read_once() -> None:
    """Let botocore read each of its descriptions of AWS once: for each client it would read them again."""
    read, known = JSONFileLoader.load_file, {}

    def load_file(loader: JSONFileLoader, path: str) -> Any:
        if path not in known:
            known[path] = read(loader, path)
        return known[path]

    JSONFileLoader.load_file = load_file
