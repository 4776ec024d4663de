"""The journal as it is stored, under all five protocols: folding it gives the stored case again."""

import json

import pytest

from chalicelib.core.case import Case
from chalicelib.core.decision import decide
from chalicelib.core.trace import Trace
from chalicelib.store.mapping import value_of
from tests import heaviest
from tests.riverbank import ALL_FIVE, Council, council

pytestmark = pytest.mark.contract

# The other scenes are of facts that these tell as well.
TOLD = (
    heaviest.a_case_that_is_taken_back,
    heaviest.a_breakdown_heard_in_five_other_cases,
    heaviest.a_case_that_leaves_all_but_one_protocol,
    heaviest.days_proclaimed_and_called_off_while_everything_is_open,
)
SCENES = [each for each in heaviest.SCENES if each.protocols == ALL_FIVE and each.play in TOLD]


@pytest.fixture(autouse=True)
def engine(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb_local)


def entries(opened: Council, case_id: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    cursor = None
    while True:
        page = opened.ports.cases.journal(case_id, cursor, 20)
        found += [json.loads(row.entry_json) for row in page.items]
        cursor = page.cursor
        if cursor is None:
            return found


def fold(opened: Council, kept: Case) -> Case:
    """Decide again whatever the journal holds, on a case that begins as this one began."""
    found = entries(opened, kept.id)
    case = Case(
        id=kept.id,
        authority=kept.authority,
        child_reference=kept.child_reference,
        protocols=ALL_FIVE,
        calendar=str(found[0]["calendar_hash"]),
    )
    for entry in found:
        fact = value_of(Trace, json.dumps(entry["fact"]))
        decision = decide(case, fact, opened.ports.rulebook.for_case(case, fact))
        assert [each.id for each in decision.notices] == [each["id"] for each in entry["notices"]]
        case = decision.after
    return case


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_folding_the_stored_journal_gives_the_stored_case_memory_included(scene):
    with council(scene.protocols) as opened:
        scene.played(opened)
        rows = opened.ports.cases.cases("riverbank", None, 50).items

        assert rows
        for row in rows:
            kept = opened.ports.cases.load(row.case_id)
            assert fold(opened, kept) == kept
