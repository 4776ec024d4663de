"""The package of a stage as the sources are now, built again only when they have changed."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.package import PROJECT, Package, build

INPUTS = (
    "app.py",
    "requirements.txt",
    ".chalice/config.json",
    "infra/archive.py",
    "infra/package.py",
    "infra/resources.yaml",
)


def current(*, stage: str, say: Callable[[str], None]) -> Package:
    """Return the stage's package under build/, making it if anything that goes into it has changed.

    Raises CannotPackage.
    """
    out = PROJECT / "build" / stage
    package = Package(template=out / "sam.yaml", archive=out / "deployment.zip")
    stamp, wanted = out / "sources.sha256", _digest()
    whole = package.template.exists() and package.archive.exists()
    if whole and stamp.exists() and stamp.read_text() == wanted:
        return package
    say("Packaging what ships …")
    package = build(stage=stage, out=out)
    stamp.write_text(wanted)
    return package


def _digest() -> str:
    """Sum up everything that a package is made from."""
    summed = hashlib.sha256()
    for path in sorted(_sources()):
        summed.update(f"{path.relative_to(PROJECT)}\0".encode())
        summed.update(hashlib.sha256(path.read_bytes()).digest())
    return summed.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (PROJECT / name for name in INPUTS)
    for path in (PROJECT / "chalicelib").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
