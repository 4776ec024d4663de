"""Whatever is told, in whatever order: all that follows explains itself, and what is next can be said."""

import json
from datetime import timedelta

from hypothesis import given, settings

from chalicelib.core.explaining import explain_duties, explain_flag, explain_hold, explain_notice
from chalicelib.core.explaining.flags import explain_refusal
from chalicelib.core.history import History
from chalicelib.core.outlook import outlook
from tests.core.test_any_order import DAWN, HISTORIES
from tests.stories import TOWER_HAMLETS, WEXCOMBE, Story, rules

OURS = rules(TOWER_HAMLETS, WEXCOMBE)


@settings(max_examples=25, deadline=None)
@given(HISTORIES)
def test_whatever_is_told_can_be_explained_and_written_down(told):
    story = Story(OURS).told(*told)
    case, history = story.case, History(story.case.facts)
    now = max((each.learned_at for each in case.facts), default=DAWN) + timedelta(days=3)
    standing = case.standing

    said = [
        *explain_duties(standing.duties, OURS, history),
        *(explain_flag(each, OURS, history) for each in standing.flags),
        *(explain_refusal(each, OURS, history) for each in standing.flags),
        *(explain_hold(each, OURS, history) for each in standing.holds),
        *(explain_notice(each, case, OURS) for each in story.heard),
    ]
    assert all(each["sentences"] for each in said)
    assert json.dumps(said)
    assert json.dumps(outlook(case, OURS, now))


@settings(max_examples=25, deadline=None)
@given(HISTORIES)
def test_the_days_that_are_told_lead_to_the_day_that_was_worked_out(told):
    case = Story(OURS).told(*told).case
    duties = case.standing.duties

    for duty, said in zip(duties, explain_duties(duties, OURS, History(case.facts)), strict=True):
        if said["days"] and duty.due_on:
            assert said["days"][-1]["on"] == duty.due_on.isoformat()
            if said["limit"]["unit"] == "working_days":
                assert sum(day["counted"] for day in said["days"]) == said["limit"]["count"]


@settings(max_examples=25, deadline=None)
@given(HISTORIES)
def test_every_notice_of_a_ladder_finds_its_rung(told):
    story = Story(OURS).told(*told)

    for notice in story.heard:
        said = explain_notice(notice, story.case, OURS)
        assert (said["rung"] is not None) == notice.occasion.startswith("rung|")
        assert said["role"] == notice.role
