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
from infra.archive import CannotPackage

PROJECT = Path(__file__).resolve().parent.parent
RESOURCES = PROJECT / "infra" / "resources.yaml"
CONFIG = PROJECT / ".chalice" / "config.json"
CHALICE = (sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())")
# Chalice prints this and exits 0.
LEFT_OUT = "Could not install dependencies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What `make package` made: a CloudFormation template and the zip it refers to."""

    template: Path
    archive: Path


def build(*, stage: str, out: Path) -> Package:
    """Package one stage into a folder, or raise CannotPackage.

    The folder is replaced. The zip is the same for every stage: stages differ in the template.
    """
    config = json.loads(CONFIG.read_text())
    refuse_another_python(wanted=config["python_version"], running=sys.version_info[:2])
    if stage not in config["stages"]:
        raise CannotPackage(
            f"There is no stage {stage}: .chalice/config.json has {', '.join(config['stages'])}."
        )
    _run_chalice(stage, out)
    package = Package(template=out / "sam.yaml", archive=out / "deployment.zip")
    archive.rebuild(package.archive)
    return package


def refuse_another_python(*, wanted: str, running: tuple[int, ...]) -> None:
    """Raise CannotPackage unless this Python is the one that will run on Lambda.

    Chalice writes the Python that runs it into the template, and picks wheels and bytecode for it.
    """
    here = ".".join(str(part) for part in running)
    if here != wanted:
        raise CannotPackage(
            f"What ships is packaged by Python {wanted} (.chalice/config.json) and this is {here}: "
            f"remove .venv and run make setup PYTHON=python{wanted}."
        )


def refuse_holes(*, status: int, printed: str) -> None:
    """Raise CannotPackage if Chalice failed, or left a dependency out and called that success."""
    if status or LEFT_OUT in printed:
        raise CannotPackage(f"Chalice could not package the service:\n{printed}")


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
    try:
        refuse_holes(status=ran.returncode, printed=ran.stdout)
    except CannotPackage:
        # Chalice keeps what it installed, hole and all, and would say nothing the second time.
        shutil.rmtree(PROJECT / ".chalice" / "deployments", ignore_errors=True)
        raise


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
