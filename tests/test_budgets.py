"""What a request may store: below the hundred items of a transaction, at a cost that is known.

Under whole protocols, on AWS's own engine. A change that raises a figure fails here until the figure
is raised on purpose. `make bench` prints the largest, docs/figures.md repeats them.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.core.errors import TooMuch
from chalicelib.store.transaction import LIMIT
from infra import papers
from tests import heaviest
from tests.builders import day
from tests.ledger import Transaction
from tests.riverbank import Council, council

pytestmark = pytest.mark.contract

FIVE = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")


@pytest.fixture(autouse=True)
def engine(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb_local)


@pytest.fixture
def riverbank() -> Iterator[Council]:
    with council() as opened:
        yield opened


def costs_at_most(made: Transaction, *, items: int, write_units: int) -> bool:
    return made.items <= items and made.write_units <= write_units


def test_a_referral_costs_twelve_items_and_38_write_units(riverbank):
    riverbank.refer(day("Mon 5 Oct 2026"))

    assert costs_at_most(riverbank.ledger.latest, items=12, write_units=38)


def test_a_meeting_that_is_called_as_it_should_be_costs_20_items_and_74_write_units(riverbank):
    case_id = riverbank.refer(day("Mon 5 Oct 2026"))

    asked = papers.called("m-1", day("Mon 12 Oct 2026"))
    riverbank.told(case_id, "meeting_convened", day("Tue 6 Oct 2026"), **asked)

    assert costs_at_most(riverbank.ledger.latest, items=20, write_units=74)


def test_settling_a_deadline_costs_six_items_and_15_write_units(riverbank):
    case_id = riverbank.refer(day("Mon 5 Oct 2026"))
    found = papers.held("placement_support", "m-1", "not_viable")
    riverbank.told(case_id, "meeting_held", day("Wed 7 Oct 2026"), **found)

    record = {"document": "meeting_record", "meeting_id": "m-1", "to": [{"role": role} for role in FIVE]}
    riverbank.told(case_id, "document_sent", day("Thu 8 Oct 2026"), **record)

    assert costs_at_most(riverbank.ledger.latest, items=6, write_units=15)


@pytest.mark.parametrize("scene", heaviest.SCENES, ids=str)
def test_what_stores_most_stays_below_the_hundred_items_of_a_transaction(scene):
    with council(scene.protocols) as opened:
        scene.played(opened)

        assert opened.ledger.largest <= scene.items < LIMIT
        assert_nothing_waits_for_long(opened)


def assert_nothing_waits_for_long(opened: Council) -> None:
    """Three ticks later everything is stored and said that one transaction had no room for."""
    for number in (1, 2, 3):
        opened.tick(heaviest.LATER + timedelta(days=number))
    for row in opened.ports.cases.cases("riverbank", None, 50).items:
        case = opened.ports.cases.load(row.case_id)
        assert (case.waiting, case.standing.behind) == ((), ())


def test_an_ending_heard_in_46_other_cases_is_refused_whole(riverbank):
    cases = [riverbank.refer(day("Mon 5 Oct 2026"), placement=f"RB-P-{number}") for number in range(47)]
    before = len(riverbank.ledger.transactions)

    with pytest.raises(TooMuch):
        riverbank.told(
            cases[0],
            "placement_ended",
            day("Tue 6 Oct 2026"),
            placement_id="RB-P-0",
            manner="unplanned",
        )

    assert len(riverbank.ledger.transactions) == before
    assert all(len(riverbank.ports.cases.load(each).facts) == 1 for each in cases)
