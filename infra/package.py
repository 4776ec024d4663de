"""Build what ships for one stage: `python -m infra.package --stage production --out build/production`.

Chalice makes the template and the zip; this refuses what Chalice lets pass, and adds bytecode.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra import archive

PROJECT = Path(__file__).resolve().parent.parent
RESOURCES = PROJECT / "infra" / "resources.yaml"
CONFIG = PROJECT / ".chalice" / "config.json"
CHALICE = (sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())")
# Chalice prints this and exits 0.
LEFT_OUT = "Could not install dependencies"


class CannotPackage(Exception):
    """The package would not run; says what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What `make package` made: a CloudFormation template and the zip it refers to."""

    template: Path
    archive: Path


def build(*, stage: str, out: Path) -> Package:
    """Package one stage into a folder, or raise CannotPackage.

    The folder is replaced. The zip is the same for every stage: stages differ in the template.
    """
    _refuse_another_python()
    _refuse_unknown_stage(stage)
    _run_chalice(stage, out)
    package = Package(template=out / "sam.yaml", archive=out / "deployment.zip")
    archive.rebuild(package.archive)
    if bare := archive.contents(package.archive).bare:
        raise CannotPackage(f"modules without bytecode: {', '.join(bare)}")
    return package


def _refuse_another_python() -> None:
    wanted = json.loads(CONFIG.read_text())["python_version"]
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if running != wanted:
        raise CannotPackage(
            f"What ships is packaged by Python {wanted} (.chalice/config.json) and this is {running}: "
            f"remove .venv and run make setup PYTHON=python{wanted}."
        )


def _refuse_unknown_stage(stage: str) -> None:
    stages = json.loads(CONFIG.read_text())["stages"]
    if stage not in stages:
        raise CannotPackage(f"There is no stage {stage}; .chalice/config.json names {', '.join(stages)}.")


def _run_chalice(stage: str, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [*CHALICE, "package", "--stage", stage, "--template-format", "yaml"]
    if RESOURCES.exists():
        command += ["--merge-template", str(RESOURCES)]
    ran = subprocess.run(
        [*command, str(out.resolve())],
        cwd=PROJECT,
        env={"AWS_DEFAULT_REGION": "eu-west-2", **os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ran.returncode or LEFT_OUT in ran.stdout:
        # Chalice keeps what it installed, hole and all, and would say nothing the second time.
        shutil.rmtree(PROJECT / ".chalice" / "deployments", ignore_errors=True)
        raise CannotPackage(f"Chalice could not package the service:\n{ran.stdout}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, and print what came of it."""
    parser = argparse.ArgumentParser(prog="infra.package", description="Build what ships for one stage.")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--out", required=True, type=Path)
    chosen = parser.parse_args(arguments)
    try:
        package = build(stage=chosen.stage, out=chosen.out)
    except CannotPackage as error:
        print(error, file=sys.stderr)
        return 1
    inside = archive.contents(package.archive)
    print(
        f"{package.archive}: {inside.size / 2**20:.1f} MiB, {len(inside.modules)} modules, "
        f"{len(inside.bare)} of them lacking bytecode"
    )
    print(f"{package.template}: the template for stage {chosen.stage}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
