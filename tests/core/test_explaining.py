"""Why something is owed and when: the same as data and as sentences."""

from chalicelib.core.explaining import explain_duty, explain_flag
from chalicelib.core.history import History
from tests.builders import convened, fact, held, move, referral, sent
from tests.stories import Story

FOUND = held("Sat 23 May 2026", outcome="not_viable")


def explained(story: Story, clause: str):
    return explain_duty(story.duty(clause), story.rules, History(story.case.facts))


def test_every_day_to_a_deadline_is_counted_or_skipped_with_the_reason():
    days = explained(Story().told(FOUND), "TH-35")["days"]

    assert [(day["on"], day["counted"], day["why"]) for day in days] == [
        ("2026-05-24", False, "Sunday"),
        ("2026-05-25", False, "Spring bank holiday"),
        ("2026-05-26", True, "working day 1"),
        ("2026-05-27", True, "working day 2"),
        ("2026-05-28", True, "working day 3"),
    ]


def test_a_deadline_reads_as_sentences():
    sentences = explained(Story().told(FOUND), "TH-35")["sentences"]

    assert sentences[:6] == [
        "Opened on Saturday 23 May 2026, when a Placement Support Meeting was held, by clause 5.14.",
        "Asked for and found: with the outcome “the placement is not viable”.",
        "Owed by the social work team.",
        "3 working days after Saturday 23 May 2026, which is not counted.",
        "Not counted: Sunday 24 May 2026, Monday 25 May 2026 (Spring bank holiday).",
        "Due on Thursday 28 May 2026.",
    ]
    assert sentences[6].startswith("Met by the record of the meeting sent to each of")
    assert sentences[-1] == "Only one meeting was held, so there is one record to send."


def test_what_is_left_is_named_by_role_and_meeting():
    earlier = held("Mon 18 May 2026", "m-0", outcome="further_meeting_needed")
    half = sent("Tue 26 May 2026", "m-1")
    left = explained(Story().told(earlier, FOUND, half), "TH-35")["left"]

    assert {cell["meeting"] for cell in left} == {"m-0"}
    assert {"to": "Group Manager, IRO service", "meeting": "m-0"} in left


def test_a_figure_that_the_text_does_not_give_says_where_it_is_from():
    opened = {"process": "iro_challenge", "process_id": "ch-1"}
    story = Story().told(referral(), fact("process_opened", "Fri 16 Oct 2026", **opened))

    assert explained(story, "TH-39")["basis"] == "local_policy"
    assert (
        "The figure is local policy (IRO Handbook, paragraph 6.2); the text gives none."
        in explained(story, "TH-39")["sentences"]
    )


def test_a_duty_without_a_limit_says_so_and_one_before_a_meeting_names_it():
    story = Story().told(convened("Thu 8 Oct 2026"))

    assert "The text gives no time limit." in explained(story, "TH-19")["sentences"]
    assert "Due no later than a Placement Support Meeting held." in explained(story, "TH-18")["sentences"]


def test_a_flag_says_what_was_asked_for():
    story = Story().told(referral(), move("Wed 7 Oct 2026", by=["social_worker"]))

    by_clause = {flag.clause: explain_flag(flag, story.rules) for flag in story.case.standing.flags}
    assert str(by_clause["TH-25"]["reason"]).startswith(
        "First needed, about this placement: a Placement Support Meeting"
    )
    assert by_clause["TH-37"]["reason"] == "This is for the team manager: nobody in `by` fills that role."
