"""A copy that is no one moment, brought to agree with its cases: by value, without a table."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chalicelib.core.case import Child, Standing, State
from chalicelib.ports import MessageState
from chalicelib.store import case_items, messages
from chalicelib.store.items import CaseItem
from chalicelib.store.mapping import value_of
from infra.hearing import heard
from infra.mending import Report, mended_cases
from infra.operating import CannotOperate
from infra.outbox_mending import mended_outbox
from tests import cases as made
from tests.messages import message

OPEN = made.duty(id="d-open")
MET = made.duty(id="d-met", state=State.MET, next_action_at=None)
CASE = made.case(standing=Standing(duties=(OPEN, MET)), facts=(made.trace(allocations={"iro": "ada"}),))


def items_of(case=CASE, **changes):
    """All that stands in the partition of a case of one version, in the order in which it is read."""
    entry = made.commit(case).entries[0]
    found = [
        case_items.case_item(case),
        case_items.journal_item(entry),
        *case_items.obligation_items(case, Standing(), due_shards=1),
        case_items.row_item(entry),
        *case_items.task_items(case, Standing()),
    ]
    plain = [item.serialize() for item in found]
    return [{**item, **changes.get(item["sk"]["S"], {})} for item in plain]


def child_of(*cases, **changes):
    known = Child(authority=made.AUTHORITY, reference=CASE.child_reference, version=3)
    parts = heard([item for each in cases for item in items_of(each)], made.MORNING).children
    (mine,) = parts.values()
    wanted = replace(known, cases=tuple(part.cases[0] for part in mine), involved=mine[0].involved, **changes)
    return case_items.child_item(wanted).serialize()


def mended(items, outbox=()):
    """Return the items as they are mended, by their keys, and the report."""
    told, report = heard(items, made.MORNING), Report()
    found = [*mended_cases(items, told, report), *mended_outbox(outbox, told, report)]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in found}, report


def mends(report: Report) -> Mapping[str, int]:
    return {what: times for what, times in report.mended.items() if times}


WHOLE = [*items_of(), child_of(CASE)]


def tombstone(duty_id, **said):
    return messages.tombstone_item(duty_id, **said).serialize()


def test_what_agrees_with_its_case_stays_as_it_is():
    seats = messages.seats_item(CASE.id, {"iro": "ada"}).serialize()
    outbox = [seats, tombstone("d-met", in_force=True), tombstone("d-open", in_force=False)]

    found, report = mended(WHOLE, outbox)

    assert mends(report) == {"notices that the outbox never had: `reconcile` makes them tasks": 1}
    assert list(found.values()) == [*WHOLE, *outbox]


@pytest.mark.parametrize(
    ("duty_id", "stands", "wanted"),
    [
        # Settled by a fact that the copy's case has not: its reminders would be cancelled, and it is open.
        ("d-open", {"in_force": True}, {"in_force": False, "due_on": "2026-05-27"}),
        ("d-open", {"in_force": False, "due_on": "2026-05-29"}, {"in_force": False, "due_on": "2026-05-27"}),
        ("d-met", {"in_force": False}, {"in_force": True}),
    ],
)
def test_a_tombstone_says_what_its_duty_does(duty_id, stands, wanted):
    found, report = mended(WHOLE, [tombstone(duty_id, **stands)])

    assert found[f"TOMB#{duty_id}", "TOMB"] == tombstone(duty_id, **wanted)
    assert mends(report)["tombstones, worked out anew"] == 1


def test_a_tombstone_of_what_no_case_knows_is_taken_back_and_of_what_was_withdrawn_is_not():
    """Withdrawn is what a journal speaks of though its case has it no more."""
    entry = made.commit(CASE).entries[0]
    withdrawn = entry.decision.changes[0].about

    found, _ = mended(WHOLE, [tombstone("d-later", in_force=True), tombstone(withdrawn, in_force=True)])

    assert ("TOMB#d-later", "TOMB") not in found
    assert (f"TOMB#{withdrawn}", "TOMB") in found


def test_what_waits_for_a_settled_duty_has_its_tombstone_put():
    item = messages.new_item(message(cancelled_with="d-met"), queues=1).serialize()

    found, report = mended(WHOLE, [item])

    assert found["TOMB#d-met", "TOMB"] == tombstone("d-met", in_force=True)
    assert mends(report)["a settled duty's tombstone that was not there"] == 1


def test_who_is_in_a_role_is_as_the_case_has_it():
    found, _ = mended(WHOLE, [messages.seats_item(CASE.id, {"iro": "ben"}).serialize()])

    assert found[f"SEATS#{CASE.id}", "SEATS"] == messages.seats_item(CASE.id, {"iro": "ada"}).serialize()


def test_a_message_of_a_fact_that_no_case_has_stays_and_is_counted():
    item = messages.new_item(message(state=MessageState.PENDING, notice_id="n-later"), queues=1).serialize()

    found, report = mended(WHOLE, [item])

    assert found["MSG#m-1", "MSG"] == item
    assert mends(report)["messages of facts that no case has: they stay as they are"] == 1


def test_an_entry_ahead_of_its_case_is_taken_back_and_named():
    later = replace(CASE, version=2)
    ahead = case_items.journal_item(made.commit(later).entries[0]).serialize()

    found, report = mended([*WHOLE[:2], ahead, *WHOLE[2:]])

    assert ("CASE#PC-2041", "J#000002") not in found
    assert ("CASE#PC-2041", "J#000001") in found
    (line,) = report.lost
    assert line.split("\t")[0] == CASE.id


def test_an_entry_that_a_journal_lacks_is_named():
    lacking = [item for item in WHOLE if item["sk"]["S"] != "J#000001"]

    assert mended(lacking)[1].gaps == [f"{CASE.id}\t1"]


def test_a_case_that_was_opened_while_the_copy_was_made_is_taken_back_whole():
    found, report = mended([item for item in WHOLE if item["sk"]["S"] != "CASE"])

    assert [key for key in found if key[0] == "CASE#PC-2041"] == []
    assert len(report.lost) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_a_receipt_stays_where_its_fact_is_in_its_case(kept):
    fact_id = CASE.facts[0].id if kept else "f-later"
    answer = f'{{"case_id": "{CASE.id}", "fact_id": "{fact_id}"}}'
    receipt = case_items.receipt_item(replace(made.receipt(), answer=answer)).serialize()

    found, _ = mended([*WHOLE, receipt])

    assert (receipt["pk"]["S"], "RECEIPT") in found or not kept
    assert (receipt["pk"]["S"], "RECEIPT") not in found or kept


def test_lines_of_duties_are_worked_out_anew_where_they_are_ahead():
    ahead = {"OB#d-open": {"body": {"S": '{"protocol":"p","clause":"TH-35","state":"met"}'}}}
    late = case_items.obligation_items(
        replace(CASE, standing=Standing(duties=(made.duty(id="d-later"),))), Standing(), due_shards=1
    )
    items = [*items_of(**ahead), *(item.serialize() for item in late), child_of(CASE)]

    found, _ = mended(items)

    known = {item["sk"]["S"]: item for item in WHOLE}
    assert found["CASE#PC-2041", "OB#d-open"] == known["OB#d-open"]
    # What only a later fact opened is on no list of what is due.
    assert not found["CASE#PC-2041", "OB#d-later"].keys() & {"due_shard", "next_action_at"}


def test_a_case_line_is_worked_out_anew_and_keeps_its_place():
    items = items_of(ROW={"body": {"S": "{}"}})

    found, _ = mended([*items, child_of(CASE)])

    assert found["CASE#PC-2041", "ROW"] == next(item for item in WHOLE if item["sk"]["S"] == "ROW")


def test_what_the_cases_of_a_child_share_is_worked_out_anew():
    ahead = child_of(CASE, endings=made.full_case().facts[0].endings)

    found, report = mended([*items_of(), ahead])

    kept = value_of(Child, CaseItem.from_raw_data(dict(found[child_of(CASE)["pk"]["S"], "CHILD"])).body)
    assert (kept.cases, kept.endings, kept.version) == ((CASE.id,), (), 3)
    assert mends(report)["what the cases of a child share, worked out anew"] == 1


def test_a_partition_in_two_pieces_is_refused_rather_than_half_of_it_taken_back():
    other = items_of(made.case(id="PC-1"))

    with pytest.raises(CannotOperate):
        heard([*WHOLE[:2], *other, *WHOLE[2:]], made.MORNING)
