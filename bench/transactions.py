"""The most that one fact stores, in the scenes that tests/test_budgets.py holds to their figures."""

from collections.abc import Iterator

from bench.figures import Figure
from tests import heaviest
from tests.riverbank import council


def figures() -> Iterator[Figure]:
    """Play each scene on tables of its own, on the engine that the environment names."""
    for scene in heaviest.SCENES:
        with council(scene.protocols) as riverbank:
            scene.played(riverbank)
        largest = riverbank.ledger.largest
        yield Figure(what=f"items: {str(scene).replace('_', ' ')}", value=str(largest), goal="100")
