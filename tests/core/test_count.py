"""Two breakdowns within twelve months, over all of a child's cases (TH-42)."""

from dataclasses import replace

import pytest

from chalicelib.core.case import State
from chalicelib.core.trace import CHILD_HISTORY_CHANGED, Ending, Trace
from tests.builders import clock, corrected, day, ended, held, moment, referral, withdrawn
from tests.stories import Story

LATER = ended("Thu 22 Oct 2026", "P-1")


def ending(on, fact_id="elsewhere", **words):
    return Ending(case_id="PC-0", fact_id=fact_id, on=day(on), words={"manner": ("unplanned",), **words})


def changed(learned, *endings):
    """What the service records when an ending changed in another case of the child."""
    at = moment(learned)
    return Trace(
        id=f"history@{learned}", kind=CHILD_HISTORY_CHANGED, on=at.date(), learned_at=at, endings=endings
    )


def owed(*facts):
    return Story().told(*facts).duties("TH-42")


@pytest.mark.parametrize(
    ("first", "how_many"),
    [("Wed 22 Oct 2025", 1), ("Thu 23 Oct 2025", 1), ("Tue 21 Oct 2025", 0), ("Wed 21 Oct 2026", 1)],
)
def test_twelve_months_count_to_the_day_with_the_limit_included(first, how_many):
    assert len(owed(ended(first, "P-0", id="first"), LATER)) == how_many
    assert len(owed(referral(endings=(ending(first),)), LATER)) == how_many


def test_a_year_from_the_last_day_of_february_ends_on_the_last_day_of_february():
    leap = ended("Thu 29 Feb 2024", "P-0")

    assert len(owed(leap, ended("Fri 28 Feb 2025", "P-1"))) == 1
    assert len(owed(leap, ended("Sat 1 Mar 2025", "P-1"))) == 0


def test_the_duty_is_the_later_endings_whatever_was_learned_first():
    earlier = ended("Mon 5 Jan 2026", "P-0", id="first")

    for arrived in ((earlier, LATER), (LATER, earlier)):
        assert Story().told(*arrived).duty("TH-42").opened_by == LATER.id


def test_two_endings_on_one_day_make_exactly_one_duty():
    assert len(owed(ended("Thu 22 Oct 2026", "P-0", id="a"), ended("Thu 22 Oct 2026", "P-1", id="b"))) == 1


@pytest.mark.parametrize(("own", "other"), [("a", "b"), ("b", "a")])
def test_two_endings_on_one_day_in_two_cases_make_exactly_one_duty(own, other):
    here = Story().told(
        referral(endings=(ending("Thu 22 Oct 2026", other),)), ended("Thu 22 Oct 2026", id=own)
    )
    there = Story().told(
        referral(endings=(ending("Thu 22 Oct 2026", own),)), ended("Thu 22 Oct 2026", id=other)
    )

    assert len(here.duties("TH-42")) + len(there.duties("TH-42")) == 1


def test_a_planned_ending_is_no_breakdown():
    assert owed(ended("Mon 5 Jan 2026", "P-0", manner="planned", id="first"), LATER) == []
    assert owed(referral(endings=(ending("Mon 5 Jan 2026", manner=("planned",)),)), LATER) == []


def test_an_ending_for_the_contract_alone_is_no_breakdown_in_either_place():
    contract = ("contract_ended",)
    assert owed(referral(endings=(ending("Mon 5 Jan 2026", reasons=contract),)), LATER) == []
    assert (
        len(owed(referral(endings=(ending("Mon 5 Jan 2026", reasons=(*contract, "absence")),)), LATER)) == 1
    )
    first = ended("Mon 5 Jan 2026", "P-0", id="first")
    assert owed(first, ended("Thu 22 Oct 2026", "P-1", reasons=[*contract])) == []


def test_a_third_breakdown_makes_a_second_duty():
    endings = [ended(on, f"P-{on}") for on in ("Mon 5 Jan 2026", "Fri 5 Jun 2026", "Thu 22 Oct 2026")]

    assert len(owed(*endings)) == 2


def test_an_ending_in_another_case_that_is_learned_of_later_counts():
    story = Story().told(referral(), LATER)
    assert story.duties("TH-42") == []

    story.told(changed("Fri 23 Oct 2026 10:00", ending("Mon 5 Jan 2026")))
    assert story.changes("TH-42") == ["opened"]
    assert story.roles_told("TH-42") == ["iro", "social_worker", "team_manager"]


def test_of_what_was_learned_of_other_cases_only_the_latest_stands():
    story = Story().told(
        referral(endings=(ending("Mon 5 Jan 2026"),)), LATER, changed("Fri 23 Oct 2026 10:00")
    )

    assert story.changes("TH-42") == ["withdrawn"]
    assert len([each for each in story.case.facts if each.kind == CHILD_HISTORY_CHANGED]) == 1
    story.told(changed("Mon 26 Oct 2026 10:00", ending("Mon 5 Jan 2026")))
    assert len([each for each in story.case.facts if each.kind == CHILD_HISTORY_CHANGED]) == 1


def test_a_date_corrected_out_of_the_window_undoes_the_duty_and_says_so():
    first = ended("Mon 5 Jan 2026", "P-0", id="first")
    story = Story().told(first, LATER)
    story.told(corrected(first, ended("Sun 5 Oct 2025", "P-0"), "Fri 23 Oct 2026 10:00"))

    assert story.changes("TH-42") == ["withdrawn"]
    assert story.roles_told("TH-42", "withdrawn") == ["iro", "social_worker", "team_manager"]


def test_a_duty_that_comes_back_after_it_was_undone_is_told_again():
    first = ended("Mon 5 Jan 2026", "P-0", id="first")
    story = Story().told(first, LATER, withdrawn(first, "Fri 23 Oct 2026 10:00"))
    assert story.duties("TH-42") == []

    story.told(corrected(first, first, "Mon 26 Oct 2026 10:00"))
    assert story.changes("TH-42") == ["reopened"]
    assert story.roles_told("TH-42", "reopened") == ["iro", "social_worker", "team_manager"]
    ids = [notice.id for notice in story.heard]
    assert len(ids) == len(set(ids))


def test_a_duty_met_before_it_was_undone_is_taken_back_without_a_word():
    first = ended("Mon 5 Jan 2026", "P-0", id="first")
    story = Story().told(first, LATER, held("Mon 26 Oct 2026", "d-1", meeting="disruption"))
    assert story.duty("TH-42").state is State.MET

    story.told(withdrawn(first, "Tue 27 Oct 2026 10:00"))
    assert story.roles_told("TH-42") == []


def test_a_disruption_meeting_before_the_second_breakdown_does_not_meet_it():
    first = ended("Mon 5 Jan 2026", "P-0", id="first")
    early = held("Mon 19 Oct 2026", "d-1", meeting="disruption")

    assert Story().told(first, early, LATER).duty("TH-42").state is State.OPEN


def test_without_a_limit_it_is_never_overdue_and_still_prompted():
    first = ended("Mon 5 Jan 2026", "P-0", id="first")
    story = Story().told(first, LATER, clock("Fri 30 Oct 2026 08:00"))

    assert story.duty("TH-42").due_on is None
    assert story.roles_told("TH-42") == ["iro", "social_worker", "team_manager"]


def test_one_placement_breaks_down_once_however_often_it_is_told():
    again = ended("Fri 23 Oct 2026", "P-1", id="again")

    assert owed(LATER, again) == []
    assert owed(referral(endings=(replace(ending("Thu 22 Oct 2026"), placement_id="P-1"),)), again) == []
    assert len(owed(referral(endings=(replace(ending("Thu 22 Oct 2026"), placement_id="P-0"),)), again)) == 1
