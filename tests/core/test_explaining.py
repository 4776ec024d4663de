"""Why something is owed and when: the same as data and as sentences."""

from dataclasses import replace

import pytest

from chalicelib.calendars import shipped_calendar
from chalicelib.core.explaining import explain_duty
from chalicelib.core.history import History
from chalicelib.core.trace import Trace
from chalicelib.core.working_days import Nation
from chalicelib.protocol_files import Shelf
from tests.builders import clock, convened, day, ended, fact, held, person, referral, resolved, sent, step
from tests.stories import WEXCOMBE, Story, rules

SHELF = Shelf()
WHOLE = SHELF.load("tower-hamlets-2026-01-01")
FOUND = held("Sat 23 May 2026", outcome="not_viable")
OPENED = {"process": "iro_challenge", "process_id": "ch-1"}


def whole() -> Story:
    """A story under the whole protocol of Tower Hamlets."""
    return Story(rules(WHOLE))


def enquiry(kind: str, on: str) -> Trace:
    return fact(kind, on, process="child_protection_enquiry", process_id="e-1")


def explained(story: Story, clause: str):
    return explain_duty(story.duty(clause), story.rules, History(story.case.facts))


# --- where it is written --------------------------------------------------------------------


def test_a_duty_names_its_file_and_its_clause():
    told = explained(Story().told(FOUND), "TH-35")

    assert (told["protocol"], told["title"]) == (
        "tower-hamlets-2026-01-01",
        "Placement Support Meeting Protocol",
    )
    assert (told["clause"], told["printed"], told["cited"]) == ("TH-35", "5.14", "clause 5.14")
    assert (told["force"], told["basis"]) == ("must", "clause")


def test_a_file_that_is_cited_by_paragraph_says_which_version_is_meant():
    guidance = SHELF.load("placement-support-guidance-2023-02-01")
    story = Story(rules(guidance)).told(convened("Thu 8 Oct 2026"))

    assert explained(story, "IG-12")["version"] == "Version 1, February 2023"
    assert "Version 1, February 2023" in explained(story, "IG-12")["sentences"][0]


def test_the_settings_that_stand_in_a_clause_are_told_with_their_reasons():
    story = Story().told(referral(), fact("process_opened", "Fri 16 Oct 2026", **OPENED))
    settings = {each["id"]: each for each in explained(story, "TH-39")["settings"]}

    assert (settings["dispute_days"]["silence"], settings["dispute_days"]["value"]) == (9, 20)
    assert settings.keys() == {"dispute_days", "day_zero", "due_by"}


def test_a_setting_that_another_leads_to_is_told_too():
    story = Story().told(ended("Mon 1 Jun 2026"), ended("Thu 1 Oct 2026", "P-2"))

    assert {each["id"] for each in explained(story, "TH-42")["settings"]} == {
        "second_breakdown",
        "breakdown",
        "breakdown_manner",
        "no_breakdown_reasons",
    }


def test_a_figure_that_the_text_does_not_give_says_where_it_is_from():
    story = Story().told(referral(), fact("process_opened", "Fri 16 Oct 2026", **OPENED))
    told = explained(story, "TH-39")

    assert told["basis"] == "local_policy"
    assert told["limit"]["source"] == "IRO Handbook, paragraph 6.2"
    assert (
        "The figure is local policy (IRO Handbook, paragraph 6.2); the text gives none." in told["sentences"]
    )


# --- what opened it -------------------------------------------------------------------------


def test_every_test_is_told_with_what_was_found():
    tests = explained(Story().told(FOUND), "TH-35")["tests"]

    assert [(each["of"], each["asked"], each["found"], each["holds"]) for each in tests] == [
        ("meeting", ["further_placement_support", "placement_support"], ["placement_support"], True),
        ("outcome", ["not_viable"], ["not_viable"], True),
    ]


def test_a_detail_of_the_case_is_told_as_it_stood():
    story = Story(rules(WEXCOMBE)).told(fact("placement_started", "Mon 5 Oct 2026", placement_id="P-1"))
    told = explained(story, "WX-01")

    assert [(each["test"], each["of"], each["found"]) for each in told["tests"]] == [
        ("case", "entry", ["unknown"])
    ]
    assert "Asked for and found: entry: unplanned entry or not recorded (not recorded)." in told["sentences"]


def test_what_had_to_come_before_is_named_by_its_days():
    told = explained(Story().told(ended("Mon 1 Jun 2026"), ended("Thu 1 Oct 2026", "P-2")), "TH-42")
    (earlier,) = (each for each in told["tests"] if each["test"] == "earlier")

    assert [each["on"] for each in earlier["found"]] == ["2026-06-01"]


def test_a_duty_of_each_year_says_that_its_day_came():
    story = whole().told(fact("record_opened", "Mon 5 Jan 2026"), clock("Wed 1 Apr 2026 09:00"))
    told = explain_duty(story.duties("TH-45")[0], story.rules, History(story.case.facts))

    assert (told["opened"]["kind"], told["opened"]["on"], told["tests"]) == ("year_day", "2026-03-31", [])
    assert told["sentences"][0].startswith(
        "Opened on Tuesday 31 March 2026, when that day of the year came, by clause 5.3"
    )


# --- who owes it ----------------------------------------------------------------------------


def test_whoever_owes_it_is_named_with_the_rule_by_which_it_is_theirs():
    story = Story().told(referral(), held("Wed 14 Oct 2026", outcome="not_viable"))
    (owner,) = explained(story, "TH-35")["owed_by"]

    assert (owner["role"], owner["acts_as"], owner["person_id"], owner["how"]) == (
        "social_work_team",
        "social_worker",
        "p-sw",
        "member",
    )
    assert "Owed by the social work team (p-sw as social worker)." in explained(story, "TH-35")["sentences"]


def test_a_role_that_the_case_does_not_allocate_is_whoever_holds_the_post():
    (owner,) = explained(Story().told(convened("Thu 8 Oct 2026")), "TH-19")["owed_by"]

    assert (owner["role"], owner["person_id"], owner["how"]) == ("gm_iro", None, "not_allocated")


def test_a_chairs_duty_is_the_managers_until_a_meeting_names_one():
    planning = SHELF.load("placement-planning-2026-01-01")
    story = Story(rules(planning)).told(referral(), convened("Thu 8 Oct 2026", meeting="planning"))
    (owner,) = explained(story, "PP-17")["owed_by"]

    assert (owner["role"], owner["person_id"], owner["how"]) == ("team_manager", "p-tm", "until_named")
    assert (
        "No meeting has named who is to do it: until then it is for the team manager."
        in (explained(story, "PP-17")["sentences"])
    )


def test_a_chairs_duty_is_the_chairs_once_a_meeting_names_one():
    chapter = SHELF.load("placement-support-chapter-2025-07-10")
    named = {"chair": person("p-7", "team_manager"), "present": person("p-7", "team_manager")}
    story = Story(rules(chapter)).told(referral(), held("Wed 14 Oct 2026", **named))
    (owner,) = explained(story, "PC-17")["owed_by"]

    assert (owner["role"], owner["person_id"], owner["how"]) == ("chair", "p-7", "named_by_meeting")


# --- the days -------------------------------------------------------------------------------


def test_every_day_to_a_deadline_is_counted_or_skipped_with_the_reason():
    told = explained(Story().told(FOUND), "TH-35")

    assert told["anchor"] == {"on": "2026-05-23", "why": "opened"}
    assert [(day["on"], day["counted"], day["why"]) for day in told["days"]] == [
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


def test_a_clock_that_stands_still_says_since_when_by_what_and_how_much_is_left():
    story = whole().told(
        held("Wed 20 May 2026", outcome="not_viable"), enquiry("process_opened", "Fri 22 May 2026")
    )
    told = explained(story, "TH-35")

    assert (told["due_on"], told["halted_since"], told["days_left"]) == (None, "2026-05-22", 2)
    assert told["resumes_when"] == ["the child protection enquiry e-1 has ended"]
    assert [day["on"] for day in told["days"]] == ["2026-05-21"]
    assert "2 working days are left when it runs again." in told["sentences"]


def test_days_on_which_a_halt_stood_are_told_as_such_over_a_bank_holiday():
    story = whole().told(
        held("Wed 20 May 2026", outcome="not_viable"),
        enquiry("process_opened", "Fri 22 May 2026"),
        enquiry("process_ended", "Wed 27 May 2026"),
    )
    told = explained(story, "TH-35")

    assert [(day["on"][8:], day["why"]) for day in told["days"]] == [
        ("21", "working day 1"),
        ("22", "halted"),
        ("23", "Saturday"),
        ("24", "Sunday"),
        ("25", "halted"),
        ("26", "halted"),
        ("27", "halted"),
        ("28", "working day 2"),
        ("29", "working day 3"),
    ]
    assert [day["sort"] for day in told["days"][:4]] == ["counted", "halt", "weekend", "weekend"]
    assert told["halts"] == [{"from": "2026-05-22", "to": "2026-05-27"}]
    assert (
        "The clock stood still from Friday 22 May 2026 to Wednesday 27 May 2026, both days included."
        in told["sentences"]
    )


def test_a_date_that_hangs_on_a_plan_says_so():
    story = Story().told(convened("Thu 8 Oct 2026", planned_for="Wed 14 Oct 2026"))

    assert explained(story, "TH-18")["provisional"] is True
    assert (
        "Due on Wednesday 14 October 2026, provisionally: it is the day planned for that."
        in explained(story, "TH-18")["sentences"]
    )


def test_a_duty_without_a_limit_says_so_and_one_before_a_meeting_names_it():
    story = Story().told(convened("Thu 8 Oct 2026"))

    assert explained(story, "TH-19")["limit"]["form"] == "none"
    assert "The text gives no time limit." in explained(story, "TH-19")["sentences"]
    assert "Due before a Placement Support Meeting is held." in explained(story, "TH-18")["sentences"]


@pytest.mark.parametrize(
    ("effect", "said", "days", "last"),
    [
        ("weeks", "2 weeks", 14, "day 14, week 2"),
        ("months", "3 months", 92, "day 92, month 3"),
        ("days", "10 days", 10, "day 10"),
    ],
)
def test_days_weeks_and_months_name_their_unit_and_count_every_day(effect, said, days, last):
    story = Story(rules(WEXCOMBE)).told(ended("Thu 1 Oct 2026"))
    (duty,) = (each for each in story.duties("WX-04") if each.effect == effect)
    told = explain_duty(duty, story.rules, History(story.case.facts))

    assert f"{said} after Thursday 1 October 2026, which is not counted." in told["sentences"]
    assert not [each for each in told["sentences"] if each.startswith("Not counted")]
    assert all(each["counted"] for each in told["days"])
    assert len(told["days"]) == days
    assert told["days"][-1] == {"on": told["due_on"], "counted": True, "why": last, "sort": "counted"}


def test_a_month_that_lacks_the_day_says_that_its_last_is_taken():
    story = Story(rules(WEXCOMBE)).told(ended("Sun 30 Nov 2025"))
    (duty,) = (each for each in story.duties("WX-04") if each.effect == "months")
    sentences = explain_duty(duty, story.rules, History(story.case.facts))["sentences"]

    begins = sentences.index("3 months after Sunday 30 November 2025, which is not counted.")
    assert sentences[begins + 1] == "February 2026 has no day 30, so its last day is taken."
    assert "Due on Saturday 28 February 2026." in sentences


def test_a_month_that_has_the_day_says_nothing_of_it():
    story = Story(rules(WEXCOMBE)).told(ended("Thu 1 Oct 2026"))

    for duty in story.duties("WX-04"):
        told = explain_duty(duty, story.rules, History(story.case.facts))
        assert "so its last day is taken" not in " ".join(told["sentences"])


def test_a_closure_is_named_whatever_it_is_called():
    called = {
        day("Tue 26 May 2026"): "Tuesday",
        day("Wed 27 May 2026"): "halted",
        day("Thu 28 May 2026"): "day zero",
    }
    ours = replace(rules(), calendar=shipped_calendar(Nation.ENGLAND, called))
    told = explained(Story(ours).told(held("Fri 22 May 2026", outcome="not_viable")), "TH-35")

    assert (
        "Not counted: Saturday 23 May 2026, Sunday 24 May 2026, Monday 25 May 2026 (Spring bank holiday), "
        "Tuesday 26 May 2026 (Tuesday), Wednesday 27 May 2026 (halted), Thursday 28 May 2026 (day zero), "
        "Saturday 30 May 2026, Sunday 31 May 2026." in told["sentences"]
    )
    assert [each["sort"] for each in told["days"][3:6]] == ["closed"] * 3


def test_the_first_day_on_which_it_may_be_met_is_told():
    story = Story(rules(SHELF.load("havering-stability-2026-01-01"))).told(ended("Mon 12 Jan 2026"))

    assert explained(story, "HV-15")["not_before"] == "2026-02-23"
    assert (
        "Not before Monday 23 February 2026: 6 weeks are to pass first."
        in (explained(story, "HV-15")["sentences"])
    )


# --- what would meet it ---------------------------------------------------------------------


def test_what_is_left_is_named_by_role_and_meeting():
    earlier = held("Mon 18 May 2026", "m-0", outcome="further_meeting_needed")
    half = sent("Tue 26 May 2026", "m-1")
    left = explained(Story().told(earlier, FOUND, half), "TH-35")["left"]

    assert {cell["meeting"] for cell in left} == {"m-0"}
    assert {"to": "Group Manager, IRO service", "meeting": "m-0"} in left


def test_what_comes_nearest_to_meeting_it_is_named_with_what_it_lacks():
    story = Story().told(referral(), step("Wed 7 Oct 2026", "alert_acknowledged", by=["social_worker"]))
    nearest = explained(story, "TH-21")["nearest"]

    assert nearest["id"] == "alert_acknowledged@2026-10-07"
    assert nearest["but"] == ["not by the Independent Reviewing Officer"]


def test_a_record_that_is_incomplete_comes_near_and_meets_nothing():
    record = fact("document_completed", "Thu 15 Oct 2026", document="support_plan", meeting_id="m-1")
    (but,) = explained(whole().told(held("Wed 14 Oct 2026"), record), "TH-28")["nearest"]["but"]

    assert but.startswith("recorded incomplete: it lacks")


def test_a_settled_duty_says_by_what_and_when():
    story = Story().told(fact("process_opened", "Fri 16 Oct 2026", **OPENED), resolved("Mon 19 Oct 2026"))
    told = explained(story, "TH-39")

    assert (told["settled"]["on"], told["nearest"]) == ("2026-10-19", None)
    assert "Met on Monday 19 October 2026, when an IRO challenge ended." in told["sentences"]
