"""Why somebody was told something: the clause, the occasion, and how a role became a person."""

from dataclasses import replace

import pytest

from chalicelib.core.case import Notice
from chalicelib.core.explaining import explain_notice
from chalicelib.protocol_files import Shelf
from tests.builders import (
    challenge,
    clock,
    convened,
    corrected,
    fact,
    held,
    move,
    person,
    referral,
    resolved,
    withdrawn,
)
from tests.stories import Story, rules

NOT_VIABLE = held("Wed 14 Oct 2026", outcome="not_viable")
EARLIER = held("Tue 13 Oct 2026", outcome="not_viable")
HELD_LATER = "a Placement Support Meeting was held (Wednesday 14 October 2026)"
HELD_EARLIER = "a Placement Support Meeting was held (Tuesday 13 October 2026)"


def the_notice(story: Story, clause: str, occasion: str, role: str | None = None) -> Notice:
    found = [
        each
        for each in story.heard
        if each.clause == clause and each.occasion.startswith(occasion) and role in (None, each.role)
    ]
    assert found, sorted({(each.clause, each.occasion, each.role) for each in story.heard})
    return found[-1]


def explained(story: Story, clause: str, occasion: str, role: str | None = None):
    return explain_notice(the_notice(story, clause, occasion, role), story.case, story.rules)


def because(story: Story, clause: str, occasion: str) -> str:
    """The occasion in words."""
    (said,) = (
        each for each in explained(story, clause, occasion)["sentences"] if each.startswith("Told because")
    )
    return said.removeprefix("Told because ")


def test_a_notice_cites_its_clause_in_its_own_words():
    told = explained(Story().told(referral()), "TH-21", "opened")

    assert (told["clause"], told["cited"], told["basis"]) == ("TH-21", "clause 5.5 (first)", "clause")
    assert told["sentences"][0].startswith("Clause 5.5 (first): Whenever")


@pytest.mark.parametrize(
    ("facts", "clause", "occasion", "said"),
    [
        ([referral()], "TH-21", "opened", "it became owed, due on Tuesday 6 October 2026."),
        (
            [NOT_VIABLE, clock("Wed 21 Oct 2026 08:00")],
            "TH-35",
            "rung|after_due",
            "it is overdue: it was due on Monday 19 October 2026.",
        ),
        (
            [NOT_VIABLE, clock("Fri 16 Oct 2026 08:00")],
            "TH-35",
            "rung|before_due",
            "it is due on Monday 19 October 2026.",
        ),
        (
            [convened("Thu 8 Oct 2026"), held("Wed 14 Oct 2026")],
            "TH-18",
            "missed",
            f"it can no longer be done in time: {HELD_LATER}.",
        ),
        (
            [referral(), move("Wed 7 Oct 2026")],
            "TH-25",
            "flagged",
            "a step was taken that the clause does not allow as it stood.",
        ),
        ([challenge("Thu 15 Oct 2026")], "TH-39", "frozen", "the move is frozen."),
        (
            [challenge("Thu 15 Oct 2026"), resolved("Mon 19 Oct 2026")],
            "TH-39",
            "released",
            "this freeze has ended: a process ended (Monday 19 October 2026).",
        ),
        (
            [
                NOT_VIABLE,
                corrected(NOT_VIABLE, held("Tue 13 Oct 2026", outcome="not_viable"), "Thu 15 Oct 2026 10:00"),
            ],
            "TH-35",
            "moved",
            f"its date moved to Friday 16 October 2026, after a correction: {HELD_EARLIER}.",
        ),
        (
            [NOT_VIABLE, withdrawn(NOT_VIABLE, "Thu 15 Oct 2026 10:00")],
            "TH-35",
            "withdrawn",
            "what they had been told no longer applies: a report was withdrawn (Wednesday 14 October 2026).",
        ),
    ],
)
def test_the_occasion_is_told_in_words(facts, clause, occasion, said):
    assert because(Story().told(*facts), clause, occasion) == said


def test_a_rung_says_how_many_working_days_and_that_it_is_local_policy():
    story = Story().told(NOT_VIABLE, clock("Thu 22 Oct 2026 08:00"))
    told = explained(story, "TH-35", "rung|after_due")

    assert (told["basis"], told["rung"]["after_due_days"]) == ("local_policy", 3)
    assert told["sentences"][2] == (
        "The ladder tells 3 working days after the day it was due. "
        "This is local policy: no text provides reminders."
    )


def test_a_rung_that_repeats_counts_on():
    story = Story().told(NOT_VIABLE, clock("Mon 9 Nov 2026 08:00"))

    assert explained(story, "TH-35", "rung|after_due")["rung"]["after_due_days"] == 15


def test_a_missed_duty_is_chased_by_the_ladder_for_breaches():
    story = Story().told(convened("Thu 8 Oct 2026"), held("Wed 14 Oct 2026"), clock("Mon 19 Oct 2026 09:00"))

    assert because(story, "TH-18", "rung|open_for") == "it was missed and nobody has excused it."
    assert explained(story, "TH-18", "rung|open_for")["rung"]["open_for_hours"] == 72


def test_a_member_of_a_group_was_told_as_the_role_that_the_ladder_names():
    story = Story().told(referral(), NOT_VIABLE)
    made = the_notice(story, "TH-35", "opened", "social_worker")
    to_team = the_notice(Story().told(convened("Thu 8 Oct 2026")), "TH-18", "rung|opened", "social_work_team")
    sent = replace(to_team, role="social_worker", person_id="p-sw")

    told = explain_notice(sent, Story().told(convened("Thu 8 Oct 2026")).case, story.rules)
    assert (told["role"], told["told_as"], told["person_id"]) == ("social_work_team", "social_worker", "p-sw")
    assert told["sentences"][-1] == (
        "The ladder names the social work team, who owes it. "
        "Of its members the case allocates the social worker, p-sw."
    )
    assert explain_notice(made, story.case, story.rules)["role"] == "social_worker"


def test_the_manager_of_whoever_owes_it_is_told_as_that():
    story = Story().told(NOT_VIABLE, clock("Tue 20 Oct 2026 08:00"))
    (made,) = (each for each in story.heard if each.via_manager)
    told = explain_notice(replace(made, role="social_worker", person_id="p-sw"), story.case, story.rules)

    assert told["via_manager"] is True
    assert told["sentences"][-1].endswith("p-sw; it went to their manager, looked up when it was sent.")


def test_a_chair_is_whoever_the_meeting_names():
    chapter = Shelf().load("placement-support-chapter-2025-07-10")
    named = {"chair": person("p-7", "team_manager"), "present": person("p-7", "team_manager")}
    story = Story(rules(chapter)).told(referral(), held("Wed 14 Oct 2026", **named))

    assert "The meeting names p-7 for that." in explained(story, "PC-17", "rung|opened")["sentences"][-1]


def test_what_was_told_of_something_that_is_gone_is_still_explained():
    story = Story().told(NOT_VIABLE, withdrawn(NOT_VIABLE, "Thu 15 Oct 2026 10:00"))
    told = explained(story, "TH-35", "opened")

    assert told["still_stands"] is False
    assert told["sentences"][1] == "Told because it became owed, due on Monday 19 October 2026."


def test_no_detail_of_the_child_is_in_any_explanation():
    telling = {"reasons": ["child_behaviour"], "details": {"legal_status": "remand"}}
    opened = fact("concern_raised", "Wed 7 Oct 2026", **telling)
    story = Story(rules(Shelf().load("tower-hamlets-2026-01-01"))).told(referral(**telling), opened)

    said = str([explain_notice(each, story.case, story.rules) for each in story.heard])
    assert story.heard
    assert "on remand" not in said
    assert "TH-1042" not in said


def test_the_process_that_stopped_the_clocks_is_not_named():
    opened = {"process": "child_protection_enquiry", "process_id": "e-1"}
    story = Story(rules(Shelf().load("tower-hamlets-2026-01-01"))).told(
        referral(),
        fact("process_opened", "Thu 8 Oct 2026", **opened),
        fact("process_ended", "Mon 12 Oct 2026", **opened),
    )

    said = explained(story, "TH-44", "resumed")["sentences"]
    assert said[1] == "Told because this halt has ended: a process ended (Monday 12 October 2026)."
    assert not any("enquiry" in each for each in said[1:])
