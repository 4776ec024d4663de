"""The bench: a pytest session that runs its tests on one mutant after another."""

import gc
import importlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass

import coverage
import pytest

from infra import dynamodb_local as engine
from tests.mutation.changing import replace
from tests.mutation.children import Stopped, allow, in_child, was_late
from tests.mutation.mutants import Mutant, path_of
from tests.mutation.verdict import Verdict, tell
from tests.proofs.small_tables import small_tables

OURS = {"app", "bench", "chalicelib", "infra", "tests", "workbench", "conftest"}
# What a test may take, of its own time and on the clock: several times what it took before.
PATIENCE = 8
OWN_SECONDS = 3
CLOCK_SECONDS = 30
# An engine that has made so many tables is slow to make more.
MOST_ON_ONE_ENGINE = 300
# Nobody reads what an assertion says, and what takes pytest longest is left out.
LEFT_OUT = ("cacheprovider", "unraisableexception", "threadexception", "hypothesispytest")
OPTIONS = ("-q", "-x", "-s", "--assert=plain", *(f"-pno:{each}" for each in LEFT_OUT))


@dataclass(frozen=True, slots=True)
class Ran:
    """One test: how long it took, and which lines of the module it ran."""

    seconds: float
    lines: frozenset[int]


class Engine:
    """DynamoDB Local for one mutant after another, begun anew now and then."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._open = ExitStack()
        self._address = ""
        self._used = 0
        self._needed = any(each.startswith("tests/contract/") for each in tests)
        # In a child the fixture that starts one gets this one's address.
        self._start = engine.running

    def next(self) -> None:
        """Have one ready for the next mutant."""
        if self._needed and self._used % MOST_ON_ONE_ENGINE == 0:
            self.close()
            self._address = self._open.enter_context(self._start())
            engine.running = lambda: nullcontext(self._address)
        self._used += 1

    def close(self) -> None:
        """Stop it."""
        self._open.close()


class Bench:
    """A pytest plugin that tries mutants in place of running the tests once."""

    def __init__(self, module: str, mutants: Sequence[Mutant], tests: Sequence[str]) -> None:
        self.module = module
        self.mutants = mutants
        self.engine = Engine(tests)
        self.found: list[tuple[str, str, str]] = []
        self.seconds: Counter[str] = Counter()
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {each.nodeid: each for each in session.items}
        try:
            self.engine.next()
            small_tables()
            tests = self._looked(items)
            gc.freeze()
            kills: Counter[str] = Counter()
            for mutant in self.mutants:
                chosen = _running(mutant, tests, kills)
                verdict, by = self._tried(mutant, chosen, items) if chosen else (Verdict.UNTESTED, "")
                kills[by] += 1
                self.found.append((mutant.name, verdict, by))
                tell(mutant, verdict)
            verdict, by = self._tried(None, tests, items)
            if verdict is not Verdict.LIVED:
                raise SystemExit(f"The tests of {self.module} fail by themselves: {verdict} {by}")
        finally:
            self.engine.close()
        return True

    def _looked(self, items: Mapping[str, pytest.Item]) -> Mapping[str, Ran]:
        """Run every test on the module as it is, and return what each did."""
        path = str(path_of(self.module))
        traced = coverage.Coverage(data_file=None, config_file=False, include=[path])
        # Tests that run nothing of it are no trouble: its mutants are untested then.
        traced.set_option("run:disable_warnings", ["no-data-collected", "module-not-imported"])

        def run() -> object:
            traced.start()
            self._run(items.values(), {}, lambda item: traced.switch_context(item.nodeid))
            traced.stop()
            return {
                "failed": self.failed,
                "seconds": self.seconds,
                "lines": traced.get_data().contexts_by_lineno(path),
                "modules": list(sys.modules),
            }

        answer = in_child(run, quiet=True)
        if answer["failed"]:
            raise SystemExit(f"The tests of {self.module} fail by themselves: {answer['failed']}")
        import_all(each for each in answer["modules"] if each.partition(".")[0] not in OURS)
        ran: dict[str, set[int]] = {name: set() for name in items}
        for line, names in answer["lines"].items():
            for name in names:
                if name in ran:
                    ran[name].add(int(line))
        return {name: Ran(answer["seconds"][name], frozenset(lines)) for name, lines in ran.items()}

    def _tried(
        self, mutant: Mutant | None, tests: Mapping[str, Ran], items: Mapping[str, pytest.Item]
    ) -> tuple[Verdict, str]:
        self.engine.next()

        def run() -> object:
            if mutant is not None and (error := replace(mutant)):
                return error
            self._run([items[each] for each in tests], tests)
            return self.failed

        try:
            by = in_child(run, quiet=True)
        except Stopped as stopped:
            return (Verdict.TIMED_OUT if was_late(stopped) else Verdict.CRASHED), str(stopped)
        return (Verdict.KILLED if by else Verdict.LIVED), by

    def _run(
        self,
        items: Iterable[pytest.Item],
        known: Mapping[str, Ran],
        before: Callable[[pytest.Item], object] = bool,
    ) -> None:
        wanted = list(items)
        for item, following in zip(wanted, [*wanted[1:], None], strict=True):
            before(item)
            if item.nodeid in known:
                most = PATIENCE * known[item.nodeid].seconds
                allow(OWN_SECONDS + most, CLOCK_SECONDS + most)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return


def import_all(modules: Iterable[str]) -> None:
    """Import them here, so that no child need."""
    for each in modules:
        # Some are made by what imports them, and are there only then.
        with suppress(Exception):
            importlib.import_module(each)


def _running(mutant: Mutant, tests: Mapping[str, Ran], kills: Mapping[str, int]) -> Mapping[str, Ran]:
    """Return the tests that run what is mutated: those that killed most first, and then the quickest."""
    lines = frozenset(range(mutant.span[0], mutant.span[1] + 1)) if mutant.span else None
    chosen = {name: ran for name, ran in tests.items() if lines is None or lines & ran.lines}
    return dict(sorted(chosen.items(), key=lambda each: (-kills.get(each[0], 0), each[1].seconds)))
