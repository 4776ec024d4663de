"""Until when on its last day something is due: London's midnight, or a time that the authority chose."""

from dataclasses import replace
from datetime import time

import pytest

from chalicelib.core.case import State
from chalicelib.core.explaining import explain_duty
from chalicelib.core.history import History
from chalicelib.core.outlook import outlook
from chalicelib.core.protocol import Setting
from chalicelib.protocol_files import Shelf
from tests.builders import day, held, moment, referral, sent
from tests.core.test_calendar_changes import closing
from tests.stories import Story, rules

TOWER_HAMLETS = Shelf().load("tower-hamlets-2026-01-01")
# Three working days for the record: by Wednesday 7 October.
FOUND = held("Fri 2 Oct 2026", outcome="not_viable")
FIVE = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")


def due_by(chosen):
    """Tower Hamlets, had it chosen until when on the last day."""
    setting = Setting(id="due_by", silence=4, value=chosen, why="")
    return replace(TOWER_HAMLETS, settings={**TOWER_HAMLETS.settings, "due_by": setting})


def story(chosen="17:00", *facts):
    return Story(rules(due_by(chosen))).told(referral("Thu 1 Oct 2026"), FOUND, *facts)


def record(at=None, on="Wed 7 Oct 2026"):
    made = sent(on, id="sent", meeting_id="m-1", to=list(FIVE))
    return replace(made, at=moment(f"{on} {at}") if at else None)


def test_what_is_due_says_until_when_and_at_which_moment():
    told = story()
    explained = explain_duty(told.duty("TH-35"), told.rules, History(told.case.facts))

    assert told.duty("TH-35").due_by == time(17)
    assert explained["due_at"] == "2026-10-07T16:00:00+00:00"
    assert explained["due_by"] == "17:00"
    assert "Due on Wednesday 7 October 2026 by 17:00." in explained["sentences"]


def test_without_a_cut_off_it_is_due_until_london_s_midnight():
    told = story("end_of_day")
    explained = explain_duty(told.duty("TH-35"), told.rules, History(told.case.facts))

    assert told.duty("TH-35").due_by is None
    assert explained["due_at"] == "2026-10-07T23:00:00+00:00"
    assert "Due on Wednesday 7 October 2026." in explained["sentences"]


@pytest.mark.parametrize(("at", "late"), [("16:59", False), ("17:00", True), ("18:30", True), (None, False)])
def test_what_is_met_after_the_cut_off_is_met_late(at, late):
    duty = story("17:00", record(at)).duty("TH-35")

    assert duty.state is State.MET
    assert duty.late is late


@pytest.mark.parametrize(("on", "late"), [("Wed 7 Oct 2026", False), ("Thu 8 Oct 2026", True)])
def test_what_is_met_after_its_last_day_is_met_late(on, late):
    assert story("end_of_day", record("23:30", on)).duty("TH-35").late is late


@pytest.mark.parametrize(
    ("chosen", "now", "urgency"),
    [
        ("17:00", "Wed 7 Oct 2026 16:59", "dated"),
        ("17:00", "Wed 7 Oct 2026 17:00", "overdue"),
        ("end_of_day", "Wed 7 Oct 2026 23:59", "dated"),
        ("end_of_day", "Thu 8 Oct 2026 00:00", "overdue"),
    ],
)
def test_it_is_overdue_from_that_moment(chosen, now, urgency):
    told = story(chosen)
    owed = outlook(told.case, told.rules, moment(now))["owed"]

    assert [each["urgency"] for each in owed if each["id"] == told.duty("TH-35").id] == [urgency]


def test_a_notice_carries_until_when():
    told = story()

    about = [each for each in told.heard if each.clause == "TH-35"]
    assert about
    assert {each.due_by for each in about} == {time(17)}


@pytest.mark.parametrize(
    ("learned", "due_on"),
    [("Wed 7 Oct 2026 16:59", "Thu 8 Oct 2026"), ("Wed 7 Oct 2026 17:00", "Wed 7 Oct 2026")],
)
def test_a_proclaimed_day_moves_only_what_has_not_run_out_by_then(learned, due_on):
    told = story().counted_by(closing(day("Tue 6 Oct 2026")), moment(learned))

    assert told.duty("TH-35").due_on == day(due_on)


@pytest.mark.parametrize(
    ("withdrawn", "due_on"),
    [("Wed 7 Oct 2026 16:59", "Wed 7 Oct 2026"), ("Wed 7 Oct 2026 17:00", "Thu 8 Oct 2026")],
)
def test_nobody_is_late_for_a_day_that_was_called_off_after_the_cut_off(withdrawn, due_on):
    told = story().counted_by(closing(day("Tue 6 Oct 2026")), moment("Mon 5 Oct 2026 09:00"))
    told.counted_by(rules().calendar, moment(withdrawn))

    assert told.duty("TH-35").due_on == day(due_on)


def test_what_is_due_at_once_has_no_cut_off():
    told = Story(rules(due_by("09:00"))).told(referral("Thu 1 Oct 2026"))

    at_once = [duty for duty in told.case.standing.duties if duty.at_once]
    assert at_once
    assert {duty.due_by for duty in at_once} == {None}
