"""What ships: its size, and whether every module in it is compiled."""

from collections.abc import Iterator

from bench.figures import Figure
from infra import archive
from infra.package import Package


def figures(package: Package) -> Iterator[Figure]:
    """Look into the zip."""
    inside = archive.contents(package.archive)
    yield Figure(what="the zip that ships", value=f"{inside.size / 2**20:.1f} MiB", goal="7 MiB")
    yield Figure(
        what=f"modules without bytecode, of {len(inside.modules)}", value=str(len(inside.bare)), goal="0"
    )
