"""The most that one fact stores, in the scenes that tests/test_budgets.py holds to their figures."""

from collections.abc import Iterator

from bench.figures import Figure
from tests import heaviest
from tests.riverbank import council


def figures() -> Iterator[Figure]:
    """Play each scene on tables in this process's memory."""
    for scene in heaviest.SCENES:
        with council() as riverbank:
            scene(riverbank)
            largest = max(riverbank.ledger.transactions, key=lambda each: each.items)
        name = scene.__name__.replace("_", " ")
        yield Figure(what=f"items: {name}", value=str(largest.items), goal="100")
