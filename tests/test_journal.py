"""The journal as it is stored: folding it gives the stored case again, memory included."""

import json

import pytest

from chalicelib.core.case import Case
from chalicelib.core.decision import decide
from chalicelib.core.trace import Trace
from chalicelib.store.mapping import value_of
from tests import heaviest
from tests.riverbank import Council, council


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
    rules = opened.ports.rulebook.for_case(kept)
    case = Case(
        id=kept.id,
        authority=kept.authority,
        child_reference=kept.child_reference,
        protocols=kept.protocols,
    )
    for entry in entries(opened, kept.id):
        case = decide(case, value_of(Trace, json.dumps(entry["fact"])), rules).after
    return case


@pytest.mark.parametrize("scene", heaviest.SCENES, ids=lambda scene: scene.__name__)
def test_folding_the_stored_journal_gives_the_stored_case(scene):
    with council() as opened:
        scene(opened)
        rows = opened.ports.cases.cases("riverbank", None, 50).items

        assert rows
        for row in rows:
            kept = opened.ports.cases.load(row.case_id)
            assert fold(opened, kept) == kept
