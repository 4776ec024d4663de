"""What a request may store: far from the hundred items of a transaction, at a cost that is known.

A change that raises a figure fails here until the figure is raised on purpose. `make bench` prints
the largest, docs/figures.md repeats it.
"""

from collections.abc import Iterator

import pytest

from tests import heaviest
from tests.builders import day
from tests.ledger import Transaction
from tests.riverbank import Council, council, person

FIVE = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")


@pytest.fixture
def riverbank() -> Iterator[Council]:
    with council() as opened:
        yield opened


def costs_at_most(made: Transaction, *, items: int, write_units: int) -> bool:
    return made.items <= items and made.write_units <= write_units


def test_a_referral_costs_eleven_items_and_36_write_units(riverbank):
    riverbank.refer(day("Mon 5 Oct 2026"))

    assert costs_at_most(riverbank.ledger.latest, items=11, write_units=36)


def test_a_meeting_costs_twelve_items_and_41_write_units(riverbank):
    case_id = riverbank.refer(day("Mon 5 Oct 2026"))

    riverbank.told(
        case_id, "meeting_convened", day("Tue 6 Oct 2026"), meeting="placement_support", meeting_id="m-1"
    )

    assert costs_at_most(riverbank.ledger.latest, items=12, write_units=41)


def test_settling_a_deadline_costs_six_items_and_15_write_units(riverbank):
    case_id = riverbank.refer(day("Mon 5 Oct 2026"))
    meeting = {"meeting": "placement_support", "meeting_id": "m-1", "outcome": "not_viable"}
    seats = {"chair": person("iro"), "present": [person("iro")]}
    riverbank.told(case_id, "meeting_held", day("Wed 7 Oct 2026"), **meeting, **seats)

    riverbank.told(
        case_id,
        "document_sent",
        day("Thu 8 Oct 2026"),
        document="meeting_record",
        meeting_id="m-1",
        to=[{"role": role} for role in FIVE],
    )

    assert costs_at_most(riverbank.ledger.latest, items=6, write_units=15)


@pytest.mark.parametrize(
    ("scene", "items"), heaviest.SCENES.items(), ids=[scene.__name__ for scene in heaviest.SCENES]
)
def test_what_stores_most_stays_well_below_the_hundred_items_of_a_transaction(riverbank, scene, items):
    scene(riverbank)

    assert riverbank.ledger.largest <= items
