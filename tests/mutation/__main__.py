"""Mutation: change one thing in a module, run the tests that run it, and see that one of them fails.

    python -m tests.mutation                               every mutant of every module
    python -m tests.mutation core.dates --sample 10        ten of them, the same for the same --seed
    python -m tests.mutation --within claims._still_meant  those in one function
    python -m tests.mutation --again build/mutation.jsonl  those that lived in the run written there

Which tests run a function is found by running all of the module's once. Each mutant has a process of its own,
and the source on disk is never touched. It ends with 1 where a mutant lived that `docs/mutation.md` doesn't
argue, or where fewer than ninety in a hundred died.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from tests.mutation.mutants import PROJECT, Mutant, mutants_of
from tests.mutation.trying import try_all
from tests.mutation.verdict import Verdict

CONFIGURATION = PROJECT / "tests" / "mutation" / "mutation.toml"
ARGUED = PROJECT / "docs" / "mutation.md"
RESULTS = PROJECT / "build" / "mutation.jsonl"
WANTED = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """What is mutated: all of a module or these functions of it, and the tests that are to hold it.

    `then` are slower ones, for what lives by the others.
    """

    name: str
    tests: tuple[str, ...]
    then: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def mutants(self) -> Sequence[Mutant]:
        found = mutants_of(self.name)
        return [each for each in found if not self.only or each.place.split(".", 1)[-1] in self.only]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one mutant."""

    module: str
    mutant: str
    verdict: str
    by: str


def configured() -> Sequence[Module]:
    """Return what the configuration names."""
    found = tomllib.loads(CONFIGURATION.read_text())["module"]
    return [Module(**{name: _kept(value) for name, value in each.items()}) for each in found]


def _kept(value: str | list[str]) -> Any:
    return tuple(value) if isinstance(value, list) else value


def argued() -> frozenset[str]:
    """Return the names of the mutants whose living is argued."""
    inside, found = False, set()
    for line in ARGUED.read_text().splitlines():
        if line.startswith("```"):
            inside = line == "```survivors"
        elif inside:
            found.add(line)
    return frozenset(found)


def tried(module: Module, mutants: Sequence[Mutant]) -> Iterator[Result]:
    """Try mutants of a module."""
    for mutant, verdict, by in try_all(module.name, mutants, module.tests, module.then):
        yield Result(module=module.name, mutant=mutant.name, verdict=verdict, by=by)
    print()


def said(results: Sequence[Result], known: frozenset[str]) -> bool:
    """Print the table and who lived; say whether that is good enough."""
    lived = [each for each in results if Verdict(each.verdict).is_bad]
    print(f"\n{'module':32}{'mutants':>9}{'killed':>8}{'lived':>7}{'%':>7}")
    for name in [*dict.fromkeys(each.module for each in results), ""]:
        of = [each for each in results if name in ("", each.module)]
        alive = sum(each.module == name or not name for each in lived)
        killed = len(of) - alive
        print(f"{name or 'all':32}{len(of):9}{killed:8}{alive:7}{100 * killed / len(of):7.1f}")
    new = [each for each in lived if each.mutant not in known]
    for each in new:
        print(f"lived: {each.mutant}" + (" (no test runs it)" if each.verdict is Verdict.UNTESTED else ""))
    for name in sorted(known & ({each.mutant for each in results} - {each.mutant for each in lived})):
        print(f"argued, and killed all the same: {name}")
    return not new and len(lived) <= (1 - WANTED) * len(results)


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", help="such as core.dates; without one, all")
    parser.add_argument("--within", nargs="+", help="only in these functions, such as claims._still_meant")
    parser.add_argument("--tests", nargs="+", help="only these tests, and not those configured")
    parser.add_argument("--sample", type=int, help="so many of each module's, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=Path, help="those that lived in an earlier run's results")
    parser.add_argument("--out", type=Path, default=RESULTS)
    wanted = parser.parse_args(arguments)
    modules = [each for each in configured() if not wanted.modules or _short(each.name) in wanted.modules]
    if wanted.tests:
        modules = [replace(each, tests=tuple(wanted.tests), then=()) for each in modules]
    lived = _lived(wanted.again) if wanted.again else None
    chosen = {module: [*_chosen(module, wanted, lived)] for module in modules}
    if not any(chosen.values()):
        parser.error("there is no such mutant")
    results: list[Result] = []
    wanted.out.parent.mkdir(exist_ok=True)
    with wanted.out.open("w") as out:
        for module, mutants in chosen.items():
            if mutants:
                print(f"{module.name}: {len(mutants)} mutants")
                found = [*tried(module, mutants)]
                out.writelines(json.dumps(asdict(each)) + "\n" for each in found)
                out.flush()
                results += found
    return 0 if said(results, argued()) else 1


def _chosen(module: Module, wanted: argparse.Namespace, lived: frozenset[str] | None) -> Iterator[Mutant]:
    mutants = [
        each
        for each in module.mutants()
        if (lived is None or each.name in lived)
        and (not wanted.within or any(f"{each.place}.".startswith(f"{place}.") for place in wanted.within))
    ]
    drawn = Random(wanted.seed).sample(range(len(mutants)), min(wanted.sample or len(mutants), len(mutants)))
    return (mutants[each] for each in sorted(drawn))


def _short(module: str) -> str:
    return module.removeprefix("chalicelib.")


def _lived(path: Path) -> frozenset[str]:
    results = [Result(**json.loads(line)) for line in path.read_text().splitlines()]
    return frozenset(each.mutant for each in results if Verdict(each.verdict).is_bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
