"""Why a step did not pass: what came near, who is missing, what stands in the way, and every way past."""

from chalicelib.core.explaining import explain_flag, explain_hold
from chalicelib.core.explaining.flags import explain_refusal
from chalicelib.core.history import History
from chalicelib.protocol_files import Shelf
from tests.builders import challenge, convened, ended, fact, held, move, person, referral, resolved, step
from tests.stories import WEXCOMBE, Story, rules

SHELF = Shelf()
PLANNING = SHELF.load("placement-planning-2026-01-01")
STABILITY = SHELF.load("havering-stability-2026-01-01")
WHOLE = SHELF.load("tower-hamlets-2026-01-01")


def explained(story: Story, clause: str, effect: str | None = None):
    (flag,) = (each for each in story.flags(clause) if effect in (None, each.effect))
    return explain_flag(flag, story.rules, History(story.case.facts))


def nearest(story: Story, clause: str, effect: str | None = None):
    return explained(story, clause, effect)["needs"][0]["nearest"]


# --- what was needed, and what came near ----------------------------------------------------


def test_a_flag_says_what_was_asked_for():
    story = Story().told(referral(), move("Wed 7 Oct 2026", by=["social_worker"]))

    by_clause = {flag.clause: explain_flag(flag, story.rules) for flag in story.case.standing.flags}
    assert str(by_clause["TH-25"]["reason"]).startswith(
        "First needed, about this placement: a Placement Support Meeting"
    )
    assert by_clause["TH-37"]["reason"] == "This is for the team manager: nobody in `by` fills that role."


def test_each_thing_needed_is_not_recorded_where_nothing_came_near():
    needs = explained(Story().told(referral(), move("Wed 7 Oct 2026")), "TH-25")["needs"]

    assert [each["nearest"] for each in needs] == [None, None]
    assert needs[0]["said"].startswith("Not recorded: a Placement Support Meeting")


def test_a_meeting_before_the_placement_began_came_near():
    began = fact("placement_started", "Mon 12 Oct 2026", placement_id="P-1")
    story = Story().told(held("Wed 7 Oct 2026"), began, move("Thu 15 Oct 2026", placement_id="P-1"))

    assert nearest(story, "TH-25")["on"] == "2026-10-07"
    assert nearest(story, "TH-25")["but"] == ["before the placement began on Monday 12 October 2026"]
    assert (
        "The nearest is a Placement Support Meeting held on Wednesday 7 October 2026, "
        "but before the placement began on Monday 12 October 2026."
    ) in explained(story, "TH-25")["sentences"]


def test_a_meeting_about_another_placement_came_near():
    other = held("Wed 7 Oct 2026", placement_id="P-2")
    story = Story().told(referral(placement_id="P-1"), other, move("Thu 15 Oct 2026", placement_id="P-1"))

    assert nearest(story, "TH-25")["but"] == ["about another placement"]


def test_a_meeting_of_another_kind_came_near():
    story = Story().told(held("Wed 7 Oct 2026", meeting="disruption"), move("Thu 15 Oct 2026"))

    assert nearest(story, "TH-25")["but"] == ["of another kind"]


def test_what_came_only_after_the_step_came_near():
    story = Story().told(move("Thu 15 Oct 2026"), held("Fri 16 Oct 2026"))

    assert nearest(story, "TH-25")["but"] == ["not before this step"]


def test_a_step_by_somebody_else_came_near():
    agreed = step("Wed 7 Oct 2026", "move_agreed_at_review", by=["social_worker"])
    by_review = explained(Story().told(agreed, move("Thu 15 Oct 2026")), "TH-25")["needs"][1]

    assert by_review["nearest"]["but"] == [
        "not by the Independent Reviewing Officer or the looked-after child review"
    ]


def test_of_several_the_one_with_the_fewest_obstacles_is_the_nearest_and_then_the_latest():
    story = Story().told(
        held("Mon 5 Oct 2026", "m-0", placement_id="P-2"),
        held("Tue 6 Oct 2026", "m-1", placement_id="P-2"),
        held("Wed 7 Oct 2026", "m-2", placement_id="P-2", meeting="disruption"),
        move("Thu 15 Oct 2026", placement_id="P-1"),
    )

    assert nearest(story, "TH-25")["on"] == "2026-10-06"


def test_a_meeting_older_than_the_notice_came_near():
    story = Story(rules(PLANNING)).told(
        held("Thu 1 Oct 2026", "s-1", meeting="stability"),
        fact("concern_raised", "Mon 5 Oct 2026", reasons=["notice_of_ending"]),
        step("Tue 6 Oct 2026", "notice_accepted"),
    )

    assert nearest(story, "PP-13", "meeting")["but"] == ["before a concern raised on Monday 5 October 2026"]


def test_what_is_not_to_be_done_at_all_needs_nothing():
    story = Story(rules(WEXCOMBE)).told(ended("Thu 1 Oct 2026"))

    assert explained(story, "WX-05")["needs"] == []
    assert (
        "The clause wants this not to happen; it passes for the child's safety."
        in explained(story, "WX-05")["sentences"]
    )


# --- who is there, what is missing ----------------------------------------------------------


def test_whoever_is_there_is_named_with_the_roles_they_hold():
    story = Story().told(referral(), move("Wed 7 Oct 2026", by=person("p-sw", "social_worker")))

    assert explained(story, "TH-37")["there"] == [{"who": "p-sw", "roles": ["social_worker"]}]
    assert "In `by`: p-sw." in explained(story, "TH-37")["sentences"]


def test_whoever_is_not_there_and_not_explained_is_asked_for_in_one_sentence():
    story = Story(rules(STABILITY)).told(convened("Thu 8 Oct 2026", meeting="stability"))

    assert explained(story, "HV-08")["sentences"][1] == (
        "Missing in `invited`: the child; the social worker; the carer, key worker or provider; the"
        " supervising social worker; the fostering team manager. Invited should be, or it should be said"
        " why not (in a part `why_not_…`): another professional; an advocate."
    )


def test_what_counts_only_from_a_day_says_which():
    story = Story(rules(WHOLE)).told(referral(), move("Wed 7 Oct 2026"))

    assert explained(story, "TH-25")["reason"].endswith(
        "It counts only from the latest day on which a placement started."
    )


def test_a_part_taken_before_is_named_with_its_day():
    chair = {"chair": person("p-iro", "iro"), "present": person("p-iro", "iro")}
    disruption = held("Mon 2 Mar 2026", "d-1", meeting="disruption", **chair)
    story = Story(rules(STABILITY)).told(referral("Mon 5 Jan 2026"), ended("Mon 12 Jan 2026"), disruption)

    told = explained(story, "HV-16")
    assert told["involved"] == [{"who": "p-iro", "way": "allocated", "on": "2026-01-05"}]
    assert "p-iro was allocated to it on Monday 5 January 2026." in told["sentences"]


def test_a_meeting_that_came_too_early_is_told_the_first_day_that_counts():
    early = held("Mon 2 Feb 2026", "d-1", meeting="disruption", chair="iro")
    story = Story(rules(STABILITY)).told(ended("Mon 12 Jan 2026"), early)

    assert explained(story, "HV-15")["earliest"] == "2026-02-23"


def test_the_parts_that_a_record_lacks_are_told_by_their_labels():
    record = fact("document_completed", "Thu 15 Oct 2026", document="support_plan", meeting_id="m-1")
    told = explained(Story(rules(WHOLE)).told(held("Wed 14 Oct 2026"), record), "TH-28")

    assert (told["check"], told["missing"]) == ("incomplete", ["objectives", "timescales", "contingency"])
    assert len(told["missing_said"]) == 3


# --- frozen ---------------------------------------------------------------------------------


def test_a_move_that_is_frozen_says_by_which_process_since_when_and_what_ends_it():
    story = Story().told(challenge("Thu 15 Oct 2026"), ended("Fri 16 Oct 2026"))
    told = explained(story, "TH-39")
    (freeze,) = told["frozen_by"]

    assert (freeze["process_id"], freeze["since"]) == ("ch-1", "2026-10-15")
    assert freeze["ends_when"] == "the IRO challenge ch-1 has ended"
    assert (
        "The IRO challenge ch-1 is open since Thursday 15 October 2026; this ends when it has ended."
        in told["sentences"]
    )


def test_a_freeze_explains_itself_while_it_lasts_and_when_it_is_over():
    lasting = Story().told(challenge("Thu 15 Oct 2026"))
    over = Story().told(challenge("Thu 15 Oct 2026"), resolved("Mon 19 Oct 2026"))

    def told(story: Story):
        (hold,) = story.case.standing.holds
        return explain_hold(hold, story.rules, History(story.case.facts))

    assert told(lasting)["bars"] == ["placement_ended", "placement_started"]
    assert told(lasting)["sentences"][0].startswith(
        "The move is frozen from Thursday 15 October 2026, when an IRO challenge was opened, by clause 5.15"
    )
    assert told(lasting)["sentences"][1] == (
        "This ends when the IRO challenge ch-1 has ended; the move is free once every freeze has ended."
    )
    assert told(over)["sentences"][1] == (
        "It ended on Monday 19 October 2026, when the IRO challenge ch-1 ended."
    )


def test_a_halt_says_how_the_clocks_go_on():
    opened = fact("process_opened", "Fri 22 May 2026", process="child_protection_enquiry", process_id="e-1")
    story = Story(rules(WHOLE)).told(opened)
    (halt,) = (each for each in story.case.standing.holds if each.sort == "halt")
    told = explain_hold(halt, story.rules, History(story.case.facts))

    assert (told["sort"], told["bars"]) == ("halt", [])
    assert {each["id"] for each in told["settings"]} >= {"after_halt"}
    assert told["sentences"][1].startswith("This ends when the child protection enquiry e-1 has ended")


# --- the ways past --------------------------------------------------------------------------


def test_every_exception_says_why_it_is_or_is_not_open():
    told = explained(Story().told(referral(), move("Wed 7 Oct 2026")), "TH-25")
    ways = {each["name"]: each for each in told["exceptions"]}

    assert ways.keys() == {"immediate_harm", "carer_ended_placement", "contract_ended", "safety"}
    assert (ways["immediate_harm"]["applies"], ways["immediate_harm"]["open"]) == (True, False)
    assert ways["contract_ended"]["clause"] == "TH-46"
    assert ways["contract_ended"]["not_open_because"] == [
        "it does not apply to this step",
        "it was not claimed",
    ]
    assert "the approval of the team manager" in ways["immediate_harm"]["asks"]


def test_an_exception_that_let_it_pass_is_named_with_its_approver():
    claimed = [{"name": "immediate_harm", "because": "x", "approver": "p-tm/team_manager"}]
    told = explained(Story().told(referral(), move("Wed 7 Oct 2026", exceptions=claimed)), "TH-25")

    (harm,) = (each for each in told["exceptions"] if each["name"] == "immediate_harm")
    assert (harm["open"], harm["not_open_because"]) == (True, [])
    assert (
        "Passed by the exception “immediate harm”, approved by p-tm: this is no breach." in told["sentences"]
    )


def test_a_step_that_is_only_meant_is_refused_and_not_called_a_breach():
    story = Story().told(referral(), move("Wed 7 Oct 2026"))
    told = explain_refusal(story.flag("TH-25"), story.rules, History(story.case.facts))

    assert told["sentences"][0] == "By clause 4.3 this does not pass as it stands."
    assert not any("breach" in each for each in told["sentences"])
