"""What one more fact changes, and who hears of it: once, and again only when it is otherwise."""

from chalicelib.core.case import State
from chalicelib.core.decision import MOST_NOTICES, decide
from chalicelib.core.trace import NOTICE_UNDELIVERED, TIME_REACHED, Trace
from tests.builders import (
    FIVE,
    clock,
    convened,
    corrected,
    day,
    fact,
    held,
    moment,
    move,
    referral,
    sent,
    step,
    withdrawn,
)
from tests.stories import Story, rules

CONVENED = convened("Thu 8 Oct 2026", planned_for="Wed 14 Oct 2026")
FOUND = held("Fri 23 Oct 2026", outcome="not_viable")
SENT = sent("Mon 26 Oct 2026", "m-1")


def test_the_case_moves_on_by_one_version_and_remembers_what_it_told():
    story = Story().told(referral())

    assert story.case.version == 1
    assert {notice.id for notice in story.latest.notices} <= story.case.told
    assert story.latest.calendar_hash == rules().calendar_hash


def test_deciding_twice_comes_to_the_same():
    story = Story().told(referral(), CONVENED)

    assert decide(story.case, FOUND, rules()) == decide(story.case, FOUND, rules())


def test_each_line_of_the_decision_names_the_fact_that_caused_it():
    story = Story().told(CONVENED, held("Wed 14 Oct 2026"))

    assert {change.cause for change in story.latest.changes} == {"meeting_held@2026-10-14"}


def test_each_of_the_five_hears_once_that_a_record_is_owed():
    story = Story().told(FOUND)

    assert story.roles_told("TH-35") == list(FIVE)
    assert {each.due_on for each in story.latest.notices} == {day("Wed 28 Oct 2026")}


def test_what_is_owed_and_settled_at_once_is_told_to_nobody():
    assert Story().told(SENT, FOUND).roles_told("TH-35") == []


def test_progress_is_a_line_of_its_own():
    story = Story().told(FOUND, sent("Mon 26 Oct 2026", "m-1", to=["gm_iro"]))

    (line,) = (change for change in story.latest.changes if change.clause == "TH-35")
    assert (line.was, line.now) == ("5", "4")


def test_a_duty_that_was_met_is_open_again_when_that_is_withdrawn_and_all_hear():
    story = Story().told(FOUND, SENT)
    assert story.changes("TH-35") == ["met"]

    story.told(withdrawn(SENT, "Tue 27 Oct 2026 10:00"))
    assert story.changes("TH-35") == ["reopened"]
    assert story.roles_told("TH-35", "reopened") == list(FIVE)


def test_a_duty_that_is_open_for_the_first_time_after_a_correction_is_told_once():
    story = Story().told(SENT, FOUND)
    assert story.duty("TH-35").state is State.MET

    story.told(withdrawn(SENT, "Tue 27 Oct 2026 10:00"))
    assert story.roles_told("TH-35") == list(FIVE)
    assert len(story.latest.notices) == len({each.role for each in story.latest.notices})


def test_a_duty_whose_opening_is_withdrawn_is_taken_back():
    story = Story().told(FOUND, withdrawn(FOUND, "Mon 26 Oct 2026 10:00"))

    assert story.duties("TH-35") == []
    assert story.changes("TH-35") == ["withdrawn"]
    assert story.roles_told("TH-35", "withdrawn") == list(FIVE)


def test_word_that_something_is_over_is_not_cancelled_with_it():
    story = Story().told(FOUND, withdrawn(FOUND, "Mon 26 Oct 2026 10:00"))

    assert {each.cancelled_with for each in story.latest.notices} == {None}


def test_a_reminder_is_cancelled_with_its_duty():
    story = Story().told(FOUND)

    assert {each.cancelled_with for each in story.latest.notices} == {story.duty("TH-35").id}


def test_a_date_moved_there_and_back_is_told_each_time():
    story = Story().told(FOUND)
    later = corrected(FOUND, held("Mon 26 Oct 2026", outcome="not_viable"), "Mon 26 Oct 2026 10:00")
    back = corrected(FOUND, FOUND, "Mon 26 Oct 2026 11:00")

    assert len(story.told(later).roles_told("TH-35", "moved")) == 5
    assert len(story.told(back).roles_told("TH-35", "moved")) == 5


def test_a_miss_that_was_none_is_taken_back_and_another_is_told_again():
    meeting = held("Wed 14 Oct 2026")
    by_all = [
        step("Tue 13 Oct 2026", "meeting_notified", by=[by], to=["gm_iro"], meeting_id="m-1", id=by)
        for by in ("iro", "social_worker")
    ]
    story = Story().told(CONVENED, meeting, *by_all)
    assert story.changes("TH-18") == ["met"]
    assert story.roles_told("TH-18", "withdrawn") == ["gm_iro", "iro", "social_work_team"]

    again = Story().told(CONVENED, meeting, withdrawn(meeting, "Thu 15 Oct 2026 10:00"))
    assert again.changes("TH-18") == ["reopened"]
    again.told(held("Fri 16 Oct 2026"))
    assert again.roles_told("TH-18", "missed") == ["gm_iro", "iro", "social_work_team"]


def test_no_notice_says_a_word_about_the_child():
    story = Story().told(referral(placement_id="P-1"), CONVENED, move("Fri 9 Oct 2026"), FOUND)

    said = repr(story.heard)
    for secret in ("TH-1042", "P-1", "carer_difficulty", "p-iro"):
        assert secret not in said


# --- the clock ------------------------------------------------------------------------------


def test_of_the_moments_that_were_reached_one_is_kept():
    story = Story().told(FOUND, clock("Tue 27 Oct 2026 08:00"), clock("Tue 27 Oct 2026 08:05"))

    kept = [each for each in story.case.facts if each.kind == TIME_REACHED]
    assert [each.moment for each in kept] == [moment("Tue 27 Oct 2026 08:05")]


# --- tasks ----------------------------------------------------------------------------------


def undelivered(message="m-1"):
    return Trace(
        id=f"undelivered-{message}",
        kind=NOTICE_UNDELIVERED,
        on=day("Fri 9 Oct 2026"),
        learned_at=moment("Fri 9 Oct 2026 10:00"),
        for_id=message,
        words={"role": ("administrator",), "tell": ("gm_iro",), "why": ("no_contact",)},
    )


def test_a_notice_that_never_arrives_opens_a_task_until_somebody_was_told_another_way():
    story = Story().told(referral(), undelivered())
    (task,) = story.case.standing.tasks
    assert (task.role, task.tell, task.why, task.done_by) == ("administrator", "gm_iro", "no_contact", None)
    assert [change.what for change in story.latest.changes] == ["task_opened"]

    told = step("Mon 12 Oct 2026", "told_another_way", for_id=task.id)
    story.told(told)
    assert story.case.standing.tasks[0].done_by == told.id
    assert [change.what for change in story.latest.changes] == ["task_done"]


def test_another_step_or_another_task_leaves_a_task_open():
    story = Story().told(referral(), undelivered("m-1"), undelivered("m-2"))
    first, second = story.case.standing.tasks
    story.told(step("Mon 12 Oct 2026", "told_another_way", for_id=first.id))
    story.told(step("Mon 12 Oct 2026", "decision_told", for_id=second.id))

    assert [bool(task.done_by) for task in story.case.standing.tasks] == [True, False]


THIRTY = [
    held("Fri 23 Oct 2026", meeting_id=f"m-{number}", id=f"m-{number}", outcome="not_viable")
    for number in range(30)
]
MOMENTS = ("Mon 2 Nov 2026 08:00", "Mon 2 Nov 2026 08:05", "Mon 2 Nov 2026 08:10", "Mon 2 Nov 2026 08:15")


def test_what_one_tick_cannot_tell_stays_due_and_the_next_ones_tell_it_once():
    story = Story().told(*THIRTY)

    story.told(clock(MOMENTS[0]))
    left = [duty for duty in story.case.standing.duties if duty.next_action_at <= moment(MOMENTS[0])]

    assert len(story.latest.notices) == MOST_NOTICES
    assert len(left) == 30 - MOST_NOTICES
    for text in MOMENTS[1:]:
        story.told(clock(text))
    climbed = [notice for notice in story.heard if notice.occasion.startswith("rung|after_due")]
    assert len({notice.about for notice in climbed}) == 30
    assert len({notice.id for notice in climbed}) == len(climbed) == 30
    assert not [duty for duty in story.case.standing.duties if duty.next_action_at <= moment(MOMENTS[-1])]


def test_whoever_takes_over_a_role_hears_of_what_is_open():
    story = Story().told(referral(), CONVENED)
    story.told(fact("details_recorded", "Fri 9 Oct 2026", allocations={"iro": "new-officer"}))

    assert story.roles_told("TH-21", "allocated:") == ["iro"]
    assert story.roles_told("TH-18", "allocated:") == ["iro"]
    assert story.roles_told("TH-19") == []


def test_an_allocation_that_stays_as_it_was_is_told_to_nobody():
    story = Story().told(referral())
    same = story.case.facts[0].allocations["iro"]
    story.told(fact("details_recorded", "Fri 9 Oct 2026", allocations={"iro": same}))

    assert story.latest.notices == ()


def test_correcting_the_day_of_an_undated_duty_announces_it_to_nobody_again():
    story = Story().told(CONVENED)
    story.told(
        corrected(CONVENED, convened("Fri 9 Oct 2026", planned_for="Wed 14 Oct 2026"), "Fri 9 Oct 2026 12:00")
    )

    assert story.roles_told("TH-19") == []
