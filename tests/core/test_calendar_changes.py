"""A day proclaimed, withdrawn or closed: which deadlines move, who hears of it, and what keeps its date."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from chalicelib.core.case import State
from chalicelib.core.decision import decide
from chalicelib.core.explaining import explain_duty, explain_notice
from chalicelib.core.history import History
from chalicelib.core.standing import stand
from chalicelib.protocol_files import Shelf
from tests.builders import clock, day, fact, held, moment, referral, sent
from tests.stories import CALENDAR, Story, rules

TOWER_HAMLETS = Shelf().load("tower-hamlets-2026-01-01")
OURS = rules(TOWER_HAMLETS)
TUESDAY = day("Tue 6 Oct 2026")
PROCLAIMED = "National Day of Thanks"
# Three working days for the record: by Wednesday 7 October, and with the Tuesday closed by Thursday 8.
FOUND = held("Fri 2 Oct 2026", outcome="not_viable")


def closing(*days, calendar=CALENDAR):
    """The calendar with days more on which nobody works."""
    return replace(calendar, closed=MappingProxyType({**calendar.closed, **dict.fromkeys(days, PROCLAIMED)}))


def story(*facts):
    return Story(OURS).told(referral("Thu 1 Oct 2026"), *facts)


def proclaimed(*facts, learned="Mon 5 Oct 2026 10:00"):
    return story(*facts).counted_by(closing(TUESDAY), moment(learned))


def test_a_proclaimed_day_moves_the_deadline_that_spans_it():
    told = proclaimed(FOUND)

    assert told.duty("TH-35").due_on == day("Thu 8 Oct 2026")
    (moved,) = [each for each in told.latest.changes if each.clause == "TH-35"]
    assert (moved.what, moved.was, moved.now) == ("moved", "2026-10-07", "2026-10-08")
    assert moved.because == f"Tuesday 6 October 2026 is not counted any more: {PROCLAIMED}."


def test_those_who_hear_of_it_are_told_the_new_date_and_the_old_one_once():
    told = proclaimed(FOUND)

    moved = [each for each in told.latest.notices if each.clause == "TH-35"]
    assert moved
    assert len({each.role for each in moved}) == len(moved)
    assert {each.was_due_on for each in moved} == {day("Wed 7 Oct 2026")}
    assert {each.due_on for each in moved} == {day("Thu 8 Oct 2026")}
    assert all(each.because and PROCLAIMED in each.because for each in moved)
    assert set(told.roles_told("TH-35", "moved:")) == {each.role for each in moved}


def test_the_notice_explains_itself_by_the_day_that_did_it():
    told = proclaimed(FOUND)
    notice = next(each for each in told.latest.notices if each.clause == "TH-35")
    explained = explain_notice(notice, told.case, told.rules)

    assert explained["was_due_on"] == "2026-10-07"
    said = "the calendar that days are counted by changed (Monday 5 October 2026)"
    assert explained["sentences"][1:3] == [
        f"Told because its date moved to Thursday 8 October 2026: {said}.",
        f"Tuesday 6 October 2026 is not counted any more: {PROCLAIMED}.",
    ]


def test_telling_a_case_of_the_same_calendar_again_says_nothing():
    told = proclaimed(FOUND).counted_by(closing(TUESDAY), moment("Mon 5 Oct 2026 11:00"))

    assert told.latest.changes == ()
    assert told.latest.notices == ()


def test_a_withdrawn_day_moves_it_back_and_says_which():
    told = proclaimed(FOUND).counted_by(CALENDAR, moment("Mon 5 Oct 2026 15:00"))

    assert told.duty("TH-35").due_on == day("Wed 7 Oct 2026")
    (moved,) = [each for each in told.latest.changes if each.clause == "TH-35"]
    assert moved.because == f"Tuesday 6 October 2026 is counted again, which was: {PROCLAIMED}."
    assert told.roles_told("TH-35", "moved:")


def test_a_day_that_moves_there_and_back_is_told_each_time():
    told = proclaimed(FOUND).counted_by(CALENDAR, moment("Mon 5 Oct 2026 15:00"))
    told.counted_by(closing(TUESDAY), moment("Mon 5 Oct 2026 16:00"))

    assert told.duty("TH-35").due_on == day("Thu 8 Oct 2026")
    assert told.roles_told("TH-35", "moved:")


def test_a_deadline_that_does_not_span_the_day_stays():
    told = story(FOUND).counted_by(closing(day("Thu 8 Oct 2026")), moment("Mon 5 Oct 2026 10:00"))

    assert told.duty("TH-35").due_on == day("Wed 7 Oct 2026")
    assert told.changes("TH-35") == []
    assert told.roles_told("TH-35") == []


RECORD = [
    sent("Mon 5 Oct 2026", id=f"sent-{meeting}", meeting_id=meeting, to=list(roles))
    for meeting, roles in {
        "m-1": ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker"),
    }.items()
]


def test_a_deadline_already_met_keeps_its_date():
    told = proclaimed(FOUND, *RECORD, learned="Mon 5 Oct 2026 17:00")

    duty = told.duty("TH-35")
    assert duty.state is State.MET
    assert duty.due_on == day("Wed 7 Oct 2026")
    assert told.changes("TH-35") == []


def test_a_deadline_already_overdue_keeps_its_date():
    told = proclaimed(FOUND, learned="Thu 8 Oct 2026 10:00")

    assert told.duty("TH-35").due_on == day("Wed 7 Oct 2026")
    assert told.changes("TH-35") == []


def test_on_its_last_day_a_deadline_still_moves():
    told = proclaimed(FOUND, learned="Wed 7 Oct 2026 16:00")

    assert told.duty("TH-35").due_on == day("Thu 8 Oct 2026")


def test_nobody_is_late_for_a_day_that_was_called_off_too_late():
    told = proclaimed(FOUND).counted_by(CALENDAR, moment("Thu 8 Oct 2026 10:00"))

    assert told.duty("TH-35").due_on == day("Thu 8 Oct 2026")
    assert told.changes("TH-35") == []


def test_what_opens_later_is_counted_by_the_new_calendar_alone():
    told = proclaimed().told(replace(FOUND, learned_at=moment("Mon 5 Oct 2026 12:00")))

    assert told.duty("TH-35").due_on == day("Thu 8 Oct 2026")
    assert told.changes("TH-35") == ["opened"]


def test_a_record_heard_of_late_that_came_before_the_change_met_the_old_date():
    told = proclaimed(FOUND, learned="Tue 6 Oct 2026 09:00").told(*RECORD)

    duty = told.duty("TH-35")
    assert duty.state is State.MET
    assert duty.due_on == day("Wed 7 Oct 2026")


def test_a_reminder_goes_by_the_new_date():
    told = proclaimed(FOUND, learned="Mon 5 Oct 2026 10:00").told(clock("Wed 7 Oct 2026 08:00"))
    assert any("before_due" in each.occasion for each in told.latest.notices if each.clause == "TH-35")

    plain = story(FOUND).told(clock("Tue 6 Oct 2026 08:00"))
    assert any("before_due" in each.occasion for each in plain.latest.notices if each.clause == "TH-35")


def test_the_order_in_which_a_case_learned_means_nothing_to_how_it_stands():
    told = proclaimed(FOUND).told(fact("case_closed", "Fri 9 Oct 2026"))
    backwards = stand(reversed(told.case.facts), told.rules, told.case.id).standing

    assert backwards == told.case.standing


def test_the_explanation_counts_each_day_and_says_what_moved_it():
    told = proclaimed(FOUND)
    explained = explain_duty(told.duty("TH-35"), told.rules, History(told.case.facts))

    assert [(each["on"], each["counted"]) for each in explained["days"]][-4:] == [
        ("2026-10-05", True),
        ("2026-10-06", False),
        ("2026-10-07", True),
        ("2026-10-08", True),
    ]
    assert explained["moved"] == [
        {
            "learned_on": "2026-10-05",
            "was": "2026-10-07",
            "now": "2026-10-08",
            "because": f"Tuesday 6 October 2026 is not counted any more: {PROCLAIMED}.",
        }
    ]
    said = "It was due on Wednesday 7 October 2026 until Monday 5 October 2026, when the calendar changed."
    assert any(each.startswith(said) for each in explained["sentences"])


def test_the_explanation_of_what_was_met_counts_by_the_calendar_of_its_day():
    told = proclaimed(FOUND, *RECORD, learned="Mon 5 Oct 2026 17:00")
    explained = explain_duty(told.duty("TH-35"), told.rules, History(told.case.facts))

    assert explained["due_on"] == "2026-10-07"
    assert ("2026-10-06", True) in [(each["on"], each["counted"]) for each in explained["days"]]
    assert explained["moved"] == []


def test_a_date_is_provisional_until_its_year_is_published():
    soon = replace(CALENDAR, horizon=day("Tue 6 Oct 2026"))
    ours = replace(OURS, calendar=soon, calendar_hash=soon.hash)
    told = Story(ours).told(referral("Thu 1 Oct 2026"), FOUND)
    assert told.duty("TH-35").provisional

    told.counted_by(CALENDAR, moment("Mon 5 Oct 2026 10:00"))

    assert not told.duty("TH-35").provisional
    assert told.duty("TH-35").due_on == day("Wed 7 Oct 2026")
    assert told.roles_told("TH-35") == []


def test_the_journal_says_which_deadlines_are_provisional_no_more():
    soon = replace(CALENDAR, horizon=day("Tue 6 Oct 2026"))
    ours = replace(OURS, calendar=soon, calendar_hash=soon.hash)
    told = Story(ours).told(referral("Thu 1 Oct 2026"), FOUND)

    told.counted_by(CALENDAR, moment("Mon 5 Oct 2026 10:00"))

    assert "confirmed" in told.changes("TH-35")


def test_a_calendar_that_nobody_knows_any_more_moves_nothing():
    told = proclaimed(FOUND)
    lost = replace(told.rules, former_calendars={})

    assert stand(told.case.facts, lost, told.case.id).standing.duties


@pytest.mark.parametrize("learned", ["Fri 2 Oct 2026 18:00", "Wed 7 Oct 2026 23:59"])
def test_deciding_again_makes_the_same_decision(learned):
    before = story(FOUND)
    case = before.case
    told = before.counted_by(closing(TUESDAY), moment(learned))

    assert decide(case, told.latest.fact, told.rules) == told.latest


# --- halts ----------------------------------------------------------------------------------


def enquiry(kind, on):
    return fact(kind, on, process="child_protection_enquiry", process_id="cp-1")


def test_what_had_no_date_while_its_clock_stood_still_did_not_move():
    told = story(FOUND, enquiry("process_opened", "Mon 5 Oct 2026"))
    assert told.duty("TH-35").due_on is None

    told.counted_by(closing(TUESDAY, day("Fri 9 Oct 2026")), moment("Tue 6 Oct 2026 10:00"))
    assert told.latest.changes == ()
    told.told(enquiry("process_ended", "Thu 8 Oct 2026"))

    # Monday to Thursday were halted and Friday is closed: three days are left from Monday on.
    assert told.duty("TH-35").due_on == day("Wed 14 Oct 2026")
    explained = explain_duty(told.duty("TH-35"), told.rules, History(told.case.facts))
    assert explained["moved"] == []
    assert any("Friday 9 October 2026" in each for each in explained["sentences"])


def test_what_moved_before_its_clock_stood_still_is_told_as_it_was():
    told = proclaimed(FOUND, learned="Mon 5 Oct 2026 10:00")
    told.told(enquiry("process_opened", "Wed 7 Oct 2026"), enquiry("process_ended", "Fri 9 Oct 2026"))

    explained = explain_duty(told.duty("TH-35"), told.rules, History(told.case.facts))
    assert [(each["was"], each["now"]) for each in explained["moved"]] == [("2026-10-07", "2026-10-08")]
    assert told.duty("TH-35").due_on == day("Tue 13 Oct 2026")


def test_nobody_is_reminded_of_a_new_date_in_the_breath_that_tells_it():
    told = story(FOUND, clock("Wed 7 Oct 2026 09:00"))
    told.counted_by(closing(TUESDAY), moment("Wed 7 Oct 2026 10:00"))

    assert told.roles_told("TH-35", "moved:")
    assert told.roles_told("TH-35", "rung") == []
    told.told(clock("Wed 7 Oct 2026 11:00"))
    assert told.roles_told("TH-35", "rung") == []
    told.told(clock("Fri 9 Oct 2026 08:00"))
    assert told.roles_told("TH-35", "rung|after_due")
