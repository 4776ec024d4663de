"""What is committed is read back as it was written, and found where it should be."""

import base64
import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.core.case import Standing, State
from chalicelib.core.errors import AlreadyReceived, CaseChanged, InvalidInput, NotFound, ServiceError
from chalicelib.core.trace import Ending
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import CaseItem, OutboxItem
from tests import cases as made
from tests.builders import day
from tests.messages import message

LATER = made.MORNING + timedelta(hours=1)


@pytest.fixture
def cases(tables):
    return DynamoCases()


def items_of(case_id):
    return {item.sk: item for item in CaseItem.query(f"CASE#{case_id}")}


def follow(cases, lister, limit):
    """Every page of a list, by its cursors."""
    pages, cursor = [], None
    while True:
        page = lister(made.AUTHORITY, cursor, limit)
        pages.append(list(page.items))
        cursor = page.cursor
        if cursor is None:
            return pages


def test_a_case_is_read_back_as_it_was_written(cases):
    cases.commit(made.commit(made.full_case()))

    assert cases.load("PC-2041") == made.full_case()


def test_the_same_case_is_always_the_same_text(cases):
    cases.commit(made.commit(made.full_case()))

    assert json.loads(zlib.decompress(items_of("PC-2041")["CASE"].packed))["told"] == ["n-1", "n-2", "n-3"]


def test_a_case_that_nobody_opened_is_not_found(cases):
    with pytest.raises(NotFound):
        cases.load("PC-2041")


def test_a_child_is_read_back_as_it_was_written(cases):
    ending = Ending(
        case_id="PC-2041", fact_id="f-1", on=day("Thu 21 May 2026"), words={"manner": ("planned",)}
    )
    cases.commit(made.commit(child=made.child(endings=(ending,))))

    assert cases.child(made.AUTHORITY, "TH-1042") == made.child(endings=(ending,))


def test_a_child_of_whom_nothing_is_known_is_at_version_nought(cases):
    assert cases.child(made.AUTHORITY, "TH-1042") == made.child(version=0, cases=())


def test_a_case_and_its_child_come_together(cases):
    cases.commit(made.commit(child=made.child()))

    assert cases.load_with_child("PC-2041", made.AUTHORITY, "TH-1042") == (made.case(), made.child())


def test_neither_a_case_nor_a_child_is_an_answer_too(cases):
    assert cases.load_with_child("PC-2041", made.AUTHORITY, "TH-1042") == (
        None,
        made.child(version=0, cases=()),
    )


def test_a_receipt_is_read_back_as_it_was_written(cases):
    cases.commit(made.commit(receipt=made.receipt()))

    assert cases.receipt(made.AUTHORITY, "api|cpt|k-1") == made.receipt()


def test_a_receipt_belongs_to_its_authority(cases):
    cases.commit(made.commit(receipt=made.receipt()))

    assert cases.receipt("hackney", "api|cpt|k-1") is None


def test_a_second_copy_of_a_request_changes_nothing(cases):
    cases.commit(made.commit(receipt=made.receipt()))

    with pytest.raises(AlreadyReceived):
        cases.commit(made.commit(receipt=made.receipt(), messages=[message()]))

    assert OutboxItem.count("MSG#m-1") == 0


def test_a_case_that_moved_on_is_not_overwritten(cases):
    cases.commit(made.commit())
    cases.commit(made.commit(made.case(version=2)))

    with pytest.raises(CaseChanged):
        cases.commit(made.commit(made.case(version=2, told=frozenset({"n-1"}))))

    assert cases.load("PC-2041") == made.case(version=2)


def test_a_child_that_moved_on_stops_the_whole_commit(cases):
    cases.commit(made.commit(child=made.child()))

    with pytest.raises(CaseChanged):
        cases.commit(made.commit(made.case(version=2), child=made.child()))

    assert cases.load("PC-2041").version == 1


def test_two_cases_are_stored_together_or_not_at_all(cases):
    other = made.case(id="PC-2042")
    cases.commit(made.commit(other))

    with pytest.raises(CaseChanged):
        cases.commit(made.commit(entries=(made.entry(made.case()), made.entry(other))))

    with pytest.raises(NotFound):
        cases.load("PC-2041")


def test_a_message_that_was_said_before_is_neither_said_again_nor_an_obstacle(cases):
    cases.commit(made.commit(messages=[message()]))
    OutboxItem("MSG#m-1", "MSG").update([OutboxItem.state.set("SENT")])

    cases.commit(made.commit(made.case(id="PC-2042"), messages=[message(), message(id="m-2")]))

    assert cases.load("PC-2042")
    assert OutboxItem.get("MSG#m-1", "MSG").state == "SENT"
    assert OutboxItem.get("MSG#m-2", "MSG").state == "PENDING"


def test_more_than_a_transaction_holds_is_refused_with_the_number(cases):
    messages = [message(id=f"m-{number}") for number in range(98)]

    with pytest.raises(ServiceError, match="101 items"):
        cases.commit(made.commit(messages=messages))

    with pytest.raises(NotFound):
        cases.load("PC-2041")


def test_a_settled_duty_leaves_a_tombstone_and_a_reopened_one_takes_it_out_of_force(cases):
    cases.commit(made.commit(settled=["d-1"]))
    assert OutboxItem.get("TOMB#d-1", "TOMB").in_force is True

    cases.commit(made.commit(made.case(version=2), reopened=["d-1"]))
    assert OutboxItem.get("TOMB#d-1", "TOMB").in_force is False


# --- what is due ----------------------------------------------------------------------------


def test_a_case_is_due_when_its_moment_has_come(cases):
    cases.commit(made.commit(made.case(standing=made.standing(made.duty(next_action_at=LATER)))))

    assert cases.due(LATER - timedelta(microseconds=1), 10) == []
    assert cases.due(LATER, 10) == ["PC-2041"]


def test_a_flag_can_be_what_is_due(cases):
    cases.commit(made.commit(made.case(standing=made.standing(made.flag(next_action_at=LATER)))))

    assert cases.due(LATER, 10) == ["PC-2041"]


def test_a_record_on_which_nothing_is_owed_yet_is_due_when_it_wakes_and_no_more_after(cases):
    asleep = made.case(standing=replace(made.standing(), wakes_at=LATER))
    cases.commit(made.commit(asleep))

    assert cases.due(LATER - timedelta(microseconds=1), 10) == []
    assert cases.due(LATER, 10) == ["PC-2041"]

    awake = replace(
        asleep, version=2, standing=replace(asleep.standing, wakes_at=LATER + timedelta(days=183))
    )
    cases.commit(made.commit(awake, before=asleep.standing))
    assert cases.due(LATER + timedelta(days=1), 10) == []


def test_a_case_with_several_duties_is_due_once(cases):
    duties = [made.duty(id=f"d-{number}", next_action_at=LATER) for number in range(5)]
    cases.commit(made.commit(made.case(standing=made.standing(*duties))))

    assert cases.due(LATER, 2) == ["PC-2041"]


@pytest.mark.parametrize("shards", [1, 3])
def test_the_oldest_come_first_whatever_their_shard(tables, shards):
    cases = DynamoCases(due_shards=shards)
    for number in (3, 1, 2, 4):
        at = LATER + timedelta(minutes=number)
        duties = made.standing(made.duty(next_action_at=at))
        cases.commit(made.commit(made.case(id=f"PC-{number}", standing=duties)))

    assert cases.due(LATER + timedelta(hours=1), 3) == ["PC-1", "PC-2", "PC-3"]


def test_more_shards_find_what_fewer_wrote(tables):
    after = made.case(standing=made.standing(made.duty(next_action_at=LATER)))
    DynamoCases(due_shards=1).commit(made.commit(after))

    assert DynamoCases(due_shards=8).due(LATER, 10) == ["PC-2041"]


def test_acting_on_a_duty_moves_it_to_its_next_action(cases):
    before = made.standing(made.duty(next_action_at=LATER))
    after = made.standing(made.duty(next_action_at=LATER + timedelta(days=1)))
    cases.commit(made.commit(made.case(standing=before)))

    cases.commit(made.commit(made.case(version=2, standing=after), before))

    assert cases.due(LATER, 10) == []
    assert cases.due(LATER + timedelta(days=1), 10) == ["PC-2041"]


@pytest.mark.parametrize(
    "after",
    [
        made.standing(made.duty(state=State.MET, next_action_at=None)),
        Standing(),
    ],
    ids=["settled", "withdrawn"],
)
def test_what_has_been_dealt_with_leaves_the_index(cases, after):
    before = made.standing(made.duty(next_action_at=LATER))
    cases.commit(made.commit(made.case(standing=before)))

    cases.commit(made.commit(made.case(version=2, standing=after), before))

    assert cases.due(LATER, 10) == []
    item = items_of("PC-2041")["OB#d-1"]
    assert (item.due_shard, item.next_action_at) == (None, None)


def test_only_what_changed_is_written_again(cases):
    before = made.standing(made.duty(), made.duty(id="d-2"), made.flag(), made.task())
    cases.commit(made.commit(made.case(standing=before)))
    for name in ("OB#d-1", "OB#g-1", "T#t-1"):
        CaseItem("CASE#PC-2041", name, body="left alone").save()
    after = made.standing(made.duty(), made.duty(id="d-2", state=State.MET), made.flag(), made.task())

    cases.commit(made.commit(made.case(version=2, standing=after), before))

    found = items_of("PC-2041")
    assert [found[name].body for name in ("OB#d-1", "OB#g-1", "T#t-1")] == ["left alone"] * 3
    assert json.loads(found["OB#d-2"].body)["state"] == "met"


# --- lists ----------------------------------------------------------------------------------


def test_cases_are_listed_with_the_latest_change_first(cases):
    for number in range(5):
        entry = made.entry(made.case(id=f"PC-{number}"), learned_at=made.MORNING + timedelta(minutes=number))
        cases.commit(made.commit(entries=(entry,)))

    pages = follow(cases, cases.cases, 2)

    assert [[row.case_id for row in page] for page in pages] == [["PC-4", "PC-3"], ["PC-2", "PC-1"], ["PC-0"]]


def test_a_row_sums_its_case_up(cases):
    cases.commit(made.commit(made.full_case()))

    (row,) = cases.cases(made.AUTHORITY, None, 10).items

    assert (row.open_duties, row.next_due_on, row.flags) == (1, day("Wed 27 May 2026"), 1)
    assert (row.frozen, row.closed, row.updated_at) == (True, False, made.MORNING)


def test_a_row_says_over_which_days_the_open_deadlines_stretch(cases):
    late, early = day("Fri 29 May 2026"), day("Mon 18 May 2026")
    duties = [
        made.duty(),
        made.duty(id="d-2", opened_on=day("Tue 19 May 2026"), due_on=late),
        made.duty(id="d-3", opened_on=early, due_on=early, at_once=True),
        made.duty(id="d-4", opened_on=early, due_on=None),
        made.duty(id="d-5", opened_on=early, due_on=day("Fri 5 Jun 2026"), state=State.MET),
    ]
    cases.commit(made.commit(made.case(standing=made.standing(*duties))))

    (row,) = cases.cases(made.AUTHORITY, None, 10).items
    assert (row.open_since, row.open_until) == (day("Tue 19 May 2026"), late)


def test_a_case_without_an_open_deadline_stretches_over_no_days(cases):
    cases.commit(made.commit(made.case(standing=made.standing(made.duty(due_on=None)))))

    (row,) = cases.cases(made.AUTHORITY, None, 10).items
    assert (row.open_since, row.open_until) == (None, None)


def test_cases_are_listed_with_the_oldest_change_first_too(cases):
    for number in (2, 0, 1):
        entry = made.entry(made.case(id=f"PC-{number}"), learned_at=LATER + timedelta(minutes=number))
        cases.commit(made.commit(entries=[entry]))

    pages = follow(cases, cases.oldest_first, 2)

    assert [[row.case_id for row in page] for page in pages] == [["PC-0", "PC-1"], ["PC-2"]]


def test_a_case_is_closed_until_the_closing_is_withdrawn(cases):
    closing = made.trace(id="f-2", kind="case_closed")
    withdrawal = made.trace(id="f-3", kind="fact_withdrawn", replaces="f-2")
    cases.commit(made.commit(made.case(facts=(made.trace(), closing))))
    assert cases.cases(made.AUTHORITY, None, 10).items[0].closed

    cases.commit(made.commit(made.case(version=2, facts=(made.trace(), closing, withdrawal))))
    assert not cases.cases(made.AUTHORITY, None, 10).items[0].closed


def test_a_full_last_page_has_no_cursor(cases):
    for number in range(2):
        cases.commit(made.commit(made.case(id=f"PC-{number}")))

    assert cases.cases(made.AUTHORITY, None, 2).cursor is None


def test_meetings_are_listed_by_the_day_they_were_held_or_planned_for(cases):
    rows = [
        made.meeting("m-1", held_on=day("Mon 1 Jun 2026")),
        made.meeting("m-2"),
        made.meeting("m-3", planned_for=day("Fri 29 May 2026")),
    ]
    cases.commit(made.commit(meetings=rows))

    assert follow(cases, cases.meetings, 2) == [[rows[0], rows[2]], [rows[1]]]
    assert cases.meeting("PC-2041", "m-1") == rows[0]
    assert cases.meeting("PC-2041", "m-4") is None


def test_a_task_is_listed_until_it_is_done(cases):
    older = made.task(id="t-2", opened_on=day("Wed 20 May 2026"))
    before = made.standing(made.task(), older)
    cases.commit(made.commit(made.case(standing=before)))
    assert [row.task_id for row in cases.tasks(made.AUTHORITY, None, 10).items] == ["t-2", "t-1"]

    after = made.standing(replace(made.task(), done_by="f-1"))
    cases.commit(made.commit(made.case(version=2, standing=after), before))
    assert cases.tasks(made.AUTHORITY, None, 10).items == []


def test_the_journal_keeps_every_entry_whole_and_in_order(cases):
    cases.commit(made.commit())
    for version in range(2, 13):
        cases.commit(made.commit(made.case(version=version)))

    first = cases.journal("PC-2041", None, 10)
    rest = cases.journal("PC-2041", first.cursor, 10)

    assert [row.sequence for row in (*first.items, *rest.items)] == list(range(1, 13))
    assert rest.cursor is None
    row = first.items[0]
    kept = json.loads(row.entry_json)
    assert (row.recorded_by, row.learned_at) == ("cpt-system", made.MORNING)
    assert kept["sent"] == {"kind": "referral_received", "because": "Zoë asked – “today”"}
    assert kept["fact"]["id"] == "f-1"
    assert (kept["protocols"], kept["calendar_hash"]) == (["tower-hamlets-2026-04-01"], "c" * 64)
    assert [kept[name][0]["clause"] for name in ("changes", "notices")] == ["TH-35", "TH-35"]


def test_a_cursor_leads_no_further_than_its_own_list(cases):
    for authority in (made.AUTHORITY, "hackney"):
        for number in range(3):
            cases.commit(made.commit(made.case(id=f"{authority}-{number}", authority=authority)))
    theirs = cases.cases("hackney", None, 1).cursor

    with pytest.raises(InvalidInput) as refused:
        cases.cases(made.AUTHORITY, theirs, 10)

    assert [problem.field for problem in refused.value.problems] == ["cursor"]


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


OWN = {"list_key": "CASES#tower-hamlets", "list_sort": "x", "pk": "y", "sk": "z"}


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "W10=",
        encoded("["),
        encoded(OWN | {"pk": 1}),
        encoded(OWN | {"pk": "\ud800"}),
        encoded(OWN | {"more": "x"}),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
    ],
)
def test_a_cursor_that_we_never_gave_is_refused(cases, cursor):
    with pytest.raises(InvalidInput):
        cases.cases(made.AUTHORITY, cursor, 10)


def test_a_moment_is_the_same_moment_in_whatever_zone_it_came(cases):
    summer = datetime(2026, 5, 21, 9, 12, 0, 5, tzinfo=ZoneInfo("Europe/London"))
    cases.commit(made.commit(made.case(standing=made.standing(made.duty(next_action_at=summer)))))

    item = items_of("PC-2041")["OB#d-1"]
    assert item.next_action_at == "2026-05-21T08:12:00.000005Z#2#2026-05-27"
    (read,) = cases.load("PC-2041").standing.duties
    assert read.next_action_at == summer.astimezone(UTC)


def test_a_moment_without_a_zone_is_not_stored(cases):
    naive = datetime(2026, 5, 21, 9, 12)  # noqa: DTZ001  what must not happen

    with pytest.raises(ValueError, match="time zone"):
        cases.commit(made.commit(made.case(standing=made.standing(made.duty(next_action_at=naive)))))
