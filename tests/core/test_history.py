"""Which facts count, in what order they may be read, and what was so on a day."""

from dataclasses import replace

import pytest

from chalicelib.core import details
from chalicelib.core.corrections import counted
from chalicelib.core.history import History, could_precede
from tests.builders import convened, corrected, day, ended, fact, held, move, person, referral, withdrawn

MONDAY = "Mon 12 Oct 2026"
TUESDAY = "Tue 13 Oct 2026"


def test_an_earlier_day_comes_first_whatever_the_times_say():
    assert could_precede(held(MONDAY, at="16:00"), move(TUESDAY, at="09:00"))
    assert not could_precede(move(TUESDAY), held(MONDAY))


def test_two_times_decide_a_day():
    assert could_precede(held(MONDAY, at="10:00"), move(MONDAY, at="11:00"))
    assert not could_precede(move(MONDAY, at="11:00"), held(MONDAY, at="10:00"))


@pytest.mark.parametrize("at", [{}, {"at": "16:00"}])
def test_with_fewer_than_two_times_a_day_is_read_either_way(at):
    meeting, decision = held(MONDAY, **at), move(MONDAY)

    assert could_precede(meeting, decision)
    assert could_precede(decision, meeting)


def test_two_of_a_kind_on_a_day_go_by_id_so_that_one_is_the_later():
    first, second = ended(MONDAY, id="a"), ended(MONDAY, id="b")

    assert could_precede(first, second)
    assert not could_precede(second, first)


def test_nothing_comes_before_itself():
    assert not could_precede(move(MONDAY), move(MONDAY))


def test_a_correction_takes_the_place_the_id_and_the_first_hearing_of_what_it_corrects():
    wrong = held(MONDAY)
    right = corrected(wrong, held(TUESDAY), "Wed 14 Oct 2026 15:00")

    (only,) = counted([right, wrong])

    assert (only.id, only.on, only.learned_at) == (wrong.id, day(TUESDAY), wrong.learned_at)


def test_of_several_corrections_the_one_learned_last_stands_however_they_arrive():
    wrong = held(MONDAY)
    second = corrected(wrong, held("Wed 14 Oct 2026"), "Wed 14 Oct 2026 15:00")
    third = replace(corrected(second, held(TUESDAY), "Thu 15 Oct 2026 15:00"), id="third", replaces=second.id)

    for arrived in ([wrong, second, third], [third, wrong, second], [second, third, wrong]):
        (only,) = counted(arrived)
        assert (only.id, only.on) == (wrong.id, day(TUESDAY))


def test_a_withdrawal_removes_a_fact_and_its_corrections():
    wrong = held(MONDAY)
    second = corrected(wrong, held(TUESDAY), "Wed 14 Oct 2026 15:00")

    assert counted([wrong, second, withdrawn(wrong, "Thu 15 Oct 2026 15:00")]) == ()
    assert counted([wrong, second, withdrawn(second, "Thu 15 Oct 2026 15:00")]) == ()


@pytest.mark.parametrize("learned", ["Mon 12 Oct 2026 09:00", "Mon 12 Oct 2026 08:59"])
@pytest.mark.parametrize("name", ["a", "z"])
def test_nothing_stands_against_what_corrects_it_whatever_two_clocks_said(learned, name):
    wrong = held(MONDAY, id="m")
    right = replace(corrected(wrong, held(TUESDAY), learned), id=name)

    assert [each.on for each in counted([wrong, right])] == [day(TUESDAY)]
    assert counted([wrong, replace(withdrawn(wrong, learned), id=name)]) == ()


def test_corrections_that_go_round_in_a_ring_are_no_trouble():
    first, second = held(MONDAY, id="a", replaces="b"), held(TUESDAY, id="b", replaces="a")

    assert {each.id for each in counted([first, second])} == {"a", "b"}


def test_a_detail_is_what_was_recorded_by_that_day_and_unknown_before():
    history = History(
        [
            fact("details_recorded", MONDAY, details={"legal_status": "section_20"}),
            fact("details_recorded", "Wed 14 Oct 2026", details={"legal_status": "care_order"}),
        ]
    )

    assert details.of_case(history, "legal_status", held("Sun 11 Oct 2026")) == "unknown"
    assert details.of_case(history, "legal_status", held(TUESDAY)) == "section_20"
    assert details.of_case(history, "legal_status", held("Wed 14 Oct 2026")) == "care_order"


def test_a_detail_that_was_recorded_later_on_the_same_day_came_after():
    early, late = held(TUESDAY, id="m-1", at="09:00"), held(TUESDAY, id="m-2", at="16:00")
    told = fact("details_recorded", TUESDAY, at="12:00", details={"legal_status": "care_order"})
    history = History([early, told, late])

    assert details.of_case(history, "legal_status", early) == "unknown"
    assert details.of_case(history, "legal_status", late) == "care_order"


def test_what_was_said_of_one_placement_says_nothing_of_the_next():
    first = fact("placement_started", MONDAY, placement_id="P-1", details={"placement_type": "residential"})
    told = fact("details_recorded", TUESDAY, details={"provider": "external"})
    second = fact("placement_started", "Thu 15 Oct 2026", placement_id="P-2", id="second")
    after = fact("details_recorded", "Fri 16 Oct 2026", id="after", details={"provider": "own"})
    history = History([first, told, second, after])

    def stood(name, about):
        return details.of_placement(history, name, about)

    assert stood("placement_type", held("Wed 14 Oct 2026")) == "residential"
    assert stood("provider", held("Wed 14 Oct 2026")) == "external"
    assert stood("placement_type", second) == "unknown"
    assert (
        stood("provider", held("Thu 15 Oct 2026", id="of the second", placement_id="P-2", at="18:00"))
        == "unknown"
    )
    assert stood("provider", held("Mon 19 Oct 2026")) == "own"
    assert stood("provider", held("Mon 19 Oct 2026", id="of the first", placement_id="P-1")) == "external"


def test_a_placement_that_began_on_the_day_another_ended_does_not_speak_for_it():
    first = fact("placement_started", MONDAY, placement_id="P-1", details={"permanence": "permanent"})
    over = ended("Wed 14 Oct 2026", placement_id="P-1")
    second = fact(
        "placement_started",
        "Wed 14 Oct 2026",
        id="second",
        placement_id="P-2",
        details={"permanence": "temporary"},
    )
    history = History([first, over, second])

    assert details.of_placement(history, "permanence", over) == "permanent"
    assert details.of_placement(history, "permanence", second) == "temporary"


def test_whoever_the_case_allocates_holds_a_role_and_nobody_else_does():
    history = History([referral(MONDAY, allocations={"team_manager": "p-tm"})])
    (allocated,) = person("p-tm")
    (rival,) = person("p-other", "team_manager", "gm_iro")

    assert history.roles_of(allocated, day(TUESDAY)) == {"team_manager"}
    assert history.roles_of(rival, day(TUESDAY)) == {"gm_iro"}


def test_an_allocation_holds_from_its_day_on():
    history = History(
        [
            referral(MONDAY, allocations={"iro": "p-first"}),
            fact("details_recorded", "Wed 14 Oct 2026", allocations={"iro": "p-second"}),
        ]
    )

    assert history.allocations(day(TUESDAY)) == {"iro": "p-first"}
    assert history.allocations(day("Wed 14 Oct 2026")) == {"iro": "p-second"}


def test_a_fact_older_than_the_referral_is_judged_by_the_people_whom_the_referral_names():
    history = History([referral(TUESDAY, allocations={"iro": "p-iro"})])

    assert history.allocations(day(MONDAY)) == {"iro": "p-iro"}


def test_the_present_placement_began_with_its_last_start_that_surely_came_before():
    first = fact("placement_started", "Mon 5 Oct 2026", placement_id="P-1")
    second = fact("placement_started", MONDAY, placement_id="P-2")
    history = History([first, second])

    assert history.placement_began(move(TUESDAY)) == day(MONDAY)
    assert history.placement_began(move(TUESDAY, placement_id="P-1")) == day("Mon 5 Oct 2026")
    # On the day of the start the decision may have come first, so the day is read that way.
    assert history.placement_began(move(MONDAY)) == day("Mon 5 Oct 2026")


def test_a_fact_that_names_no_meeting_is_about_the_latest_before_it():
    history = History([convened(MONDAY, "m-1"), convened("Wed 14 Oct 2026", "m-2")])

    assert history.meeting_of(fact("step_done", TUESDAY, step="meeting_logged")) == "m-1"
    assert history.meeting_of(fact("step_done", "Thu 15 Oct 2026", step="meeting_logged")) == "m-2"
    assert history.meeting_of(fact("step_done", "Fri 9 Oct 2026", step="meeting_logged")) is None
