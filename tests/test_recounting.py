"""A case whose calendar has changed is brought to it before anything else is decided there."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib import own_facts, reading, service, ticking
from chalicelib.core.case import Change
from chalicelib.core.errors import CaseChanged, StaleVersion
from chalicelib.core.trace import CALENDAR_CHANGED
from chalicelib.ports import Edition
from chalicelib.recounting import recounted
from chalicelib.walks import put_in_force
from tests.builders import day, moment
from tests.council import TOWN, Council, convened, ended, held
from tests.remembering import another_process
from tests.snapshots import FRIDAY, LATER, LATER_STILL, NOON, due, snapshot

MONDAY, TUESDAY = day("Mon 19 Oct 2026"), day("Tue 20 Oct 2026")


@pytest.fixture
def council() -> Council:
    return Council()


def owing(council: Council) -> str:
    """A case with a record due on Monday 19 October."""
    case_id = council.open()
    council.record(case_id, held(outcome="not_viable"))
    return case_id


def proclaim(council: Council, *days: str, at: datetime = NOON) -> Edition:
    council.ports.calendars.keep(snapshot(*days))
    return put_in_force(TOWN, at, council.ports)


def moved(council: Council, case_id: str) -> list[Change]:
    entries = council.cases.entries[case_id]
    return [change for entry in entries for change in entry.decision.changes if change.what == "moved"]


def told(council: Council, case_id: str) -> list[str]:
    """The ids of what was said of deadlines that moved, each as often as it was said."""
    notices = [notice for entry in council.cases.entries[case_id] for notice in entry.decision.notices]
    return [notice.id for notice in notices if notice.was_due_on]


def test_a_case_is_opened_under_the_calendar_in_force(council):
    edition = proclaim(council, FRIDAY)

    assert council.case(council.open()).calendar == edition.hash


def test_a_case_keeps_its_calendar_until_something_is_decided_on_it(council):
    case_id = owing(council)
    proclaim(council, FRIDAY)

    assert due(council, case_id) == MONDAY
    shown = reading.obligations(TOWN, case_id, council.ports)["items"]
    (record,) = [each for each in shown if each["explanation"]["clause"] == "TH-35"]
    assert record["due_on"] == MONDAY.isoformat()
    assert "2026-10-16" in [each["on"] for each in record["explanation"]["days"] if each["counted"]]


def test_the_next_fact_finds_it_on_the_calendar_in_force(council):
    case_id = owing(council)
    edition = proclaim(council, FRIDAY)
    council.record(case_id, convened(), learned_at=LATER)

    *_, recount, fact = council.cases.entries[case_id]
    assert (recount.decision.fact.kind, fact.decision.fact.kind) == (CALENDAR_CHANGED, "meeting_convened")
    assert recount.recorded_by == "holdfast"
    assert council.case(case_id).calendar == edition.hash
    assert due(council, case_id) == TUESDAY
    (change,) = moved(council, case_id)
    assert (change.was, change.now) == ("2026-10-19", "2026-10-20")
    assert change.because == "Friday 16 October 2026 is not counted any more: Day of thanks."
    assert change.cause == recount.decision.fact.id


def test_a_tick_finds_it_there_too(council):
    case_id = owing(council)
    proclaim(council, FRIDAY)
    council.tick(moment("Fri 16 Oct 2026 08:00"))

    assert due(council, case_id) == TUESDAY
    reminders = [each for each in council.messages("TH-35") if "before_due" in each.occasion]
    assert reminders == []


def test_it_is_told_once_however_much_is_recorded_after(council):
    case_id = owing(council)
    proclaim(council, FRIDAY)
    for at in (LATER, LATER_STILL):
        council.record(case_id, convened(), learned_at=at)
    recounted(council.case(case_id), LATER_STILL, council.ports)

    said = told(council, case_id)
    assert said
    assert len(said) == len(set(said))
    assert len(moved(council, case_id)) == 1


def test_there_and_back_and_there_again_is_told_each_time(council):
    case_id = owing(council)
    for number, days in enumerate([(FRIDAY,), (), (FRIDAY,)]):
        at = moment(f"Thu 15 Oct 2026 1{number + 2}:00")
        proclaim(council, *days, at=at)
        recounted(council.case(case_id), at, council.ports)

    assert [each.now for each in moved(council, case_id)] == ["2026-10-20", "2026-10-19", "2026-10-20"]
    said = told(council, case_id)
    assert len(set(said)) == len(said)
    assert due(council, case_id) == TUESDAY


def test_a_case_that_nobody_wrote_to_since_the_last_release_takes_the_calendar_in_force(council):
    case_id = owing(council)
    council.cases.by_id[case_id] = replace(council.case(case_id), calendar=None)
    edition = proclaim(council, FRIDAY)

    assert recounted(council.case(case_id), LATER, council.ports).calendar == edition.hash
    assert due(council, case_id) == TUESDAY


def test_what_came_before_is_answered_as_before_and_recounts_nothing(council):
    case_id = owing(council)
    first = council.record(case_id, convened(), key="api|cpt|once")
    proclaim(council, FRIDAY)
    again = council.record(case_id, convened(), key="api|cpt|once", learned_at=LATER)

    assert (again.answer, again.replayed) == (first.answer, True)
    assert moved(council, case_id) == []


def test_whoever_goes_by_an_older_version_is_refused_before_anything_is_recounted(council):
    case_id = owing(council)
    proclaim(council, FRIDAY)

    with pytest.raises(StaleVersion):
        council.record(case_id, convened(), if_match=1)
    assert moved(council, case_id) == []
    council.record(case_id, convened(), if_match=council.case(case_id).version, learned_at=LATER)
    assert len(moved(council, case_id)) == 1


def test_a_rival_that_comes_between_is_decided_after(council):
    case_id = owing(council)
    proclaim(council, FRIDAY)
    council.cases.before_commit.append(lambda: council.record(case_id, convened(), learned_at=LATER))

    council.record(case_id, convened("Fri 9 Oct 2026", meeting_id="m-9"), learned_at=LATER)

    kinds = [entry.decision.fact.kind for entry in council.cases.entries[case_id]]
    assert kinds.count(CALENDAR_CHANGED) == 1
    assert kinds.count("meeting_convened") == 2


def test_a_recount_of_a_case_that_moved_on_says_so(council):
    case_id = owing(council)
    stale = council.case(case_id)
    council.record(case_id, convened(), learned_at=NOON)
    proclaim(council, FRIDAY)

    with pytest.raises(CaseChanged):
        recounted(stale, LATER, council.ports)


def test_a_process_that_remembers_the_calendar_before_takes_no_case_back_to_it(council):
    case_id = owing(council)
    proclaim(council)
    other = another_process(council.ports)
    edition = proclaim(council, FRIDAY, at=LATER)
    recounted(council.case(case_id), LATER, council.ports)

    service.record(case_id, convened(), council.incoming(learned_at=LATER_STILL), other)
    ticking.tick(moment("Fri 16 Oct 2026 08:00"), other, lambda: 300.0)

    assert council.case(case_id).calendar == edition.hash
    assert due(council, case_id) == TUESDAY
    assert len(moved(council, case_id)) == 1


def test_a_case_that_is_behind_such_a_process_too_is_brought_to_the_calendar_in_force(council):
    case_id = owing(council)
    proclaim(council, FRIDAY)
    other = another_process(council.ports)
    edition = proclaim(council, FRIDAY, "Thu 15 Oct 2026", at=LATER)

    service.record(case_id, convened(), council.incoming(learned_at=LATER_STILL), other)

    assert council.case(case_id).calendar == edition.hash
    assert len(moved(council, case_id)) == 1


def test_what_was_recorded_while_a_run_went_on_is_moved_like_the_rest(council):
    case_id = council.open()
    council.record(case_id, held(outcome="not_viable"), learned_at=LATER_STILL)
    proclaim(council, FRIDAY)

    recounted(council.case(case_id), LATER, council.ports)

    assert due(council, case_id) == TUESDAY
    shown = reading.obligations(TOWN, case_id, council.ports)["items"]
    (record,) = [each for each in shown if each["explanation"]["clause"] == "TH-35"]
    assert [each["now"] for each in record["explanation"]["moved"]] == [TUESDAY.isoformat()]


def test_the_record_of_a_failed_notice_finds_it_there_too(council):
    case_id = owing(council)
    proclaim(council, FRIDAY)
    message = council.messages("TH-35")[0]
    own_facts.undelivered(message, LATER, council.ports)

    assert due(council, case_id) == TUESDAY


def test_a_calendar_that_nobody_knows_any_more_is_logged_and_stops_nothing(council, caplog):
    case_id = owing(council)
    proclaim(council, FRIDAY)
    recounted(council.case(case_id), LATER, council.ports)
    proclaim(council, at=LATER_STILL)
    lost = council.case(case_id).calendar
    del council.ports.calendars.editions[TOWN, lost]

    council.record(case_id, convened(), learned_at=LATER_STILL)

    assert "calendar not known" in caplog.text
    assert json.loads(council.cases.journal(case_id, None, 50).items[-1].entry_json)


def test_the_child_s_other_cases_are_brought_to_it_before_they_hear_of_an_ending(council):
    first, other = owing(council), council.open()
    edition = proclaim(council, FRIDAY)
    assert council.case(first).child_reference == council.case(other).child_reference

    council.record(other, ended("Wed 14 Oct 2026"), learned_at=LATER)

    kinds = [entry.decision.fact.kind for entry in council.cases.entries[first]]
    assert kinds[-2:] == [CALENDAR_CHANGED, "child_history_changed"]
    assert council.case(first).calendar == council.case(other).calendar == edition.hash
    assert due(council, first) == TUESDAY
