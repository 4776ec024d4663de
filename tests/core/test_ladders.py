"""Reminders and escalation: which rung leaves when, and that each is heard once."""

from datetime import UTC, datetime

import pytest

from chalicelib.core.ladders import Clock, climb
from chalicelib.core.protocol import Rung
from tests.builders import clock, convened, corrected, day, held, moment, move, referral, withdrawn
from tests.stories import CLOCKS, WEXCOMBE, Story, rules

OWNER = ("owner",)
FOUND = held("Fri 23 Oct 2026", outcome="not_viable")  # due on Wednesday 28 October


def hour(text: str) -> datetime:
    return moment(text).astimezone(UTC)


def dated(due: str, opened: str = "Thu 1 Jan 2026 12:00") -> Clock:
    return Clock(opened_at=moment(opened), opened_on=day(opened[:-6]), due_on=day(due))


# --- moments --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "leaves"),
    [
        ("Thu 26 Mar 2026", datetime(2026, 3, 27, 8, tzinfo=UTC)),  # the Friday before clocks go forward
        ("Fri 27 Mar 2026", datetime(2026, 3, 30, 7, tzinfo=UTC)),  # the Monday after
        ("Thu 22 Oct 2026", datetime(2026, 10, 23, 7, tzinfo=UTC)),  # the Friday before clocks go back
        ("Fri 23 Oct 2026", datetime(2026, 10, 26, 8, tzinfo=UTC)),  # the Monday after
    ],
)
def test_a_rung_leaves_at_eight_in_london_on_both_sides_of_a_clock_change(due, leaves):
    rung = Rung(tell=OWNER, after_due_days=1)

    assert climb([rung], dated(due), CLOCKS, None).next_at == leaves


def test_a_reminder_goes_one_working_day_before_over_a_bank_holiday():
    rung = Rung(tell=OWNER, before_due_days=1)

    assert climb([rung], dated("Tue 26 May 2026"), CLOCKS, None).next_at == hour("Fri 22 May 2026 08:00")


def test_a_reminder_from_before_the_duty_was_opened_is_left_out():
    rung = Rung(tell=OWNER, before_due_days=1)

    for opened in ("Fri 22 May 2026 07:00", "Mon 25 May 2026 12:00"):
        assert climb([rung], dated("Tue 26 May 2026", opened), CLOCKS, None).next_at is None


def test_a_rung_repeats_on_working_mornings():
    rung = Rung(tell=OWNER, after_due_days=1, repeat_days=1)
    climbed = climb([rung], dated("Thu 21 May 2026"), CLOCKS, hour("Tue 26 May 2026 09:00"))

    assert [each.at for each in climbed.passed] == [
        hour("Fri 22 May 2026 08:00"),
        hour("Tue 26 May 2026 08:00"),
    ]
    assert climbed.next_at == hour("Wed 27 May 2026 08:00")


def test_at_once_a_rung_leaves_at_any_hour():
    rung = Rung(tell=OWNER, open_for_hours=2)
    clock_ = Clock(
        opened_at=hour("Sat 23 May 2026 21:30"),
        opened_on=day("Sat 23 May 2026"),
        due_on=day("Sat 23 May 2026"),
        at_once=True,
    )

    assert climb([rung], clock_, CLOCKS, None).next_at == hour("Sat 23 May 2026 23:30")


def test_what_is_not_at_once_waits_for_eight_on_a_working_day():
    rung = Rung(tell=OWNER, open_for_hours=2)

    for opened, leaves in [
        ("Sat 23 May 2026 21:30", "Tue 26 May 2026 08:00"),
        ("Thu 21 May 2026 06:01", "Fri 22 May 2026 08:00"),
        ("Thu 21 May 2026 06:00", "Thu 21 May 2026 08:00"),
    ]:
        clock_ = Clock(opened_at=hour(opened), opened_on=day(opened[:-6]))
        assert climb([rung], clock_, CLOCKS, None).next_at == hour(leaves), opened


# --- what is heard --------------------------------------------------------------------------


def test_the_owner_is_reminded_before_and_chased_after():
    story = Story().told(FOUND)

    story.told(clock("Tue 27 Oct 2026 08:00"))
    assert story.roles_told("TH-35") == ["social_work_team"]
    story.told(clock("Thu 29 Oct 2026 08:00"))
    assert [(each.role, each.via_manager) for each in story.latest.notices] == [
        ("social_work_team", False),
        ("social_work_team", True),
    ]
    story.told(clock("Mon 2 Nov 2026 08:00"))
    assert story.roles_told("TH-35") == ["gm_social_work"]


def test_a_minute_before_eight_nothing_is_heard():
    assert Story().told(FOUND, clock("Tue 27 Oct 2026 07:59")).latest.notices == ()


def test_a_second_tick_of_one_moment_or_a_later_one_says_nothing_again():
    story = Story().told(FOUND, clock("Tue 27 Oct 2026 08:00"))
    again = clock("Tue 27 Oct 2026 08:00")

    assert story.told(again).latest.notices == ()
    assert story.told(clock("Tue 27 Oct 2026 08:05")).latest.notices == ()


def test_a_tick_from_the_past_changes_nothing():
    story = Story().told(FOUND, clock("Thu 29 Oct 2026 08:00"))
    standing = story.case.standing

    story.told(clock("Tue 27 Oct 2026 08:00"))
    assert story.latest.notices == ()
    assert story.case.standing == standing


def test_after_skipped_ticks_only_the_highest_rung_is_sent_and_the_others_are_remembered():
    story = Story().told(FOUND, clock("Mon 2 Nov 2026 08:00"))

    assert story.roles_told("TH-35") == ["gm_social_work"]
    assert len(story.latest.passed_over) == 3  # the reminder, the owner and the owner's manager
    assert set(story.latest.passed_over) <= story.case.told
    assert story.told(clock("Mon 2 Nov 2026 12:00")).latest.notices == ()


def test_a_duty_that_is_settled_is_chased_no_more():
    convening = convened("Thu 8 Oct 2026", planned_for="Wed 14 Oct 2026")
    story = Story(rules(WEXCOMBE)).told(convening, held("Wed 14 Oct 2026"), clock("Fri 16 Oct 2026 08:00"))

    assert story.latest.notices == ()


def test_a_moved_deadline_is_told_once_and_chased_again_when_it_is_late_again():
    story = Story().told(FOUND, clock("Thu 29 Oct 2026 08:00"))
    late = [each.id for each in story.latest.notices]
    story.told(corrected(FOUND, held("Thu 29 Oct 2026", outcome="not_viable"), "Thu 29 Oct 2026 10:00"))
    # The five, and the owner, who is a team whose member is already among them.
    assert sorted(story.roles_told("TH-35", "moved")) == sorted(story.duty("TH-35").tell)
    assert {each.due_on for each in story.latest.notices} == {day("Tue 3 Nov 2026")}

    story.told(clock("Wed 4 Nov 2026 08:00"))
    again = [each.id for each in story.latest.notices]
    assert len(again) == len(late)
    assert set(again).isdisjoint(late)


def test_a_date_that_is_corrected_without_moving_the_deadline_announces_nothing():
    saturday = held("Sat 24 Oct 2026", outcome="not_viable")
    story = Story().told(saturday)
    story.told(corrected(saturday, held("Sun 25 Oct 2026", outcome="not_viable"), "Mon 26 Oct 2026 10:00"))

    assert story.latest.notices == ()


def test_an_alert_has_a_ladder_of_its_own_and_climbs_by_the_hour():
    story = Story().told(referral("Sat 10 Oct 2026", at="20:00"))
    assert story.roles_told("TH-21") == ["iro", "cpt", "gm_iro"]
    assert story.duty("TH-21").next_action_at == moment("Sat 10 Oct 2026 22:00")

    story.told(clock("Sat 10 Oct 2026 22:00"))
    assert story.roles_told("TH-21") == ["iro", "cpt"]
    story.told(clock("Sun 11 Oct 2026 00:00"))
    assert [(each.role, each.via_manager) for each in story.latest.notices] == [("iro", False), ("cpt", True)]


def test_a_flag_climbs_until_it_is_excused():
    story = Story().told(referral("Tue 6 Oct 2026"), move("Wed 7 Oct 2026"))
    story.told(clock("Mon 12 Oct 2026 08:00"))
    assert "gm_iro" in story.roles_told("TH-25", "rung")

    flag = story.flag("TH-25")
    assert flag.next_action_at == moment("Mon 19 Oct 2026 08:00")


def test_a_missed_duty_climbs_as_a_breach():
    convening = convened("Thu 8 Oct 2026", planned_for="Wed 14 Oct 2026")
    story = Story().told(convening, held("Wed 14 Oct 2026"))
    assert story.roles_told("TH-18") == ["gm_iro", "iro", "social_work_team"]

    story.told(clock("Mon 19 Oct 2026 08:00"))
    assert story.roles_told("TH-18") == ["gm_iro"]


def test_nothing_is_heard_of_what_was_over_before_we_learned_of_it():
    convening = convened("Thu 8 Oct 2026", planned_for="Wed 14 Oct 2026")
    story = Story().told(held("Wed 14 Oct 2026"), withdrawn(held("Wed 14 Oct 2026"), "Thu 15 Oct 2026 10:00"))

    assert story.told(convening).roles_told("TH-18") == ["gm_iro", "iro", "social_work_team"]
