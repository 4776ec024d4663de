"""Rehearsals: a story told to the engine and to nobody else, and walked to the day on which it is judged."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from chalicelib import retold
from chalicelib.calendars import shipped_calendar
from chalicelib.core.case import Duty, State
from chalicelib.core.errors import InvalidInput, TooMuch
from chalicelib.core.protocol import Example, Protocol
from chalicelib.core.rehearsal import run
from chalicelib.core.rules import Rules
from chalicelib.core.walking import Effort, Step, Walk, walk
from chalicelib.protocol_files import Shelf
from chalicelib.stories.story import Story, read_story
from chalicelib.stories.words import Words
from tests.builders import day
from tests.council import PROTOCOL
from tests.part import PartShelf

SHIPPED = Shelf()
WHOLE = [SHIPPED.whole(name) for name in SHIPPED.ids()]
PART = PartShelf().load(PROTOCOL)

NOT_VIABLE = {
    "on": "Fri 23 Oct 2026",
    "fact": "meeting_held",
    "meeting": "placement_support",
    "meeting_id": "m-1",
    "chair": "iro",
    "present": ["iro"],
    "outcome": "not_viable",
}
MOVE = {"on": "Wed 7 Oct 2026", "fact": "decision_made", "decision": "move", "by": ["team_manager"]}
REFERRAL = {"on": "Tue 6 Oct 2026", "fact": "referral_received", "reasons": ["carer_difficulty"]}


def rules(*protocols: Protocol) -> Rules:
    chosen = protocols or (PART,)
    calendar = shipped_calendar(chosen[0].nation)
    return Rules(protocols=chosen, calendar=calendar, calendar_hash=calendar.hash)


def story(*facts: Mapping[str, object], **more: object) -> Story:
    return read_story({"facts": list(facts), **more}, Words.of([PART]))


def walked(*facts: Mapping[str, object], **more: object) -> Walk:
    told = story(*facts, **more)
    return walk(told.told, rules(), told.until)


def leavings(walk: Walk, clause: str) -> list[tuple[str, set[str]]]:
    """When somebody was told under a clause, and in which roles."""
    found = []
    for step in walk.steps:
        roles = {notice.role for notice in step.decision.notices if notice.clause == clause}
        if roles and not step.refused:
            found.append((f"{step.at:%a} {step.at.day} {step.at:%b %H:%M}", roles))
    return found


def steps_of(walk: Walk, kind: str) -> list[Step]:
    return [step for step in walk.steps if step.decision.fact.kind == kind]


def wrong(*facts: object, **more: object) -> dict[str, str]:
    """What is wrong with a story, by its field."""
    with pytest.raises(InvalidInput) as caught:
        read_story({"facts": list(facts), **more}, Words.of([PART]))
    return {each.field: each.expected for each in caught.value.problems}


# --- the walk -------------------------------------------------------------------------------


def test_reminders_and_escalations_leave_when_they_really_would() -> None:
    assert leavings(walked(NOT_VIABLE, until="Thu 5 Nov 2026"), "TH-35") == [
        ("Fri 23 Oct 08:00", {"gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker"}),
        ("Tue 27 Oct 08:00", {"social_work_team"}),
        ("Thu 29 Oct 08:00", {"social_work_team"}),
        ("Mon 2 Nov 08:00", {"gm_social_work"}),
        ("Wed 4 Nov 08:00", {"service_manager"}),
    ]


def test_the_clock_runs_to_the_end_of_the_day_asked_for_and_no_further() -> None:
    through = walked(NOT_VIABLE, until="Mon 2 Nov 2026")
    before = walked(NOT_VIABLE, until="Sun 1 Nov 2026")

    assert len(leavings(through, "TH-35")) == len(leavings(before, "TH-35")) + 1
    assert through.until == day("Mon 2 Nov 2026")


def test_without_a_day_the_clock_runs_until_a_week_after_the_last_deadline() -> None:
    assert walked(NOT_VIABLE).until == day("Fri 6 Nov 2026")
    assert walked(REFERRAL).until == day("Tue 20 Oct 2026")
    challenge = {"on": "Fri 16 Oct 2026", "fact": "process_opened", "process": "iro_challenge"}
    assert walked({**challenge, "process_id": "ch-1"}).until == day("Fri 20 Nov 2026")


def test_a_proposal_that_is_refused_leaves_nothing_behind() -> None:
    refused = walked(REFERRAL, propose=MOVE)
    without = walked(REFERRAL, until=refused.until.isoformat())

    (step,) = steps_of(refused, "decision_made")
    assert {flag.clause for flag in step.refused} == {"TH-25"}
    assert refused.case.standing == without.case.standing


def test_a_proposal_that_passes_is_taken_for_the_fact() -> None:
    accepted = walked({**NOT_VIABLE, "on": "Tue 6 Oct 2026"}, propose=MOVE)

    (step,) = steps_of(accepted, "decision_made")
    assert step.refused == ()
    assert "TH-38" in {duty.clause for duty in accepted.case.standing.duties}


def test_what_has_happened_is_taken_whatever_it_trips() -> None:
    assert {flag.clause for flag in walked(REFERRAL, MOVE).case.standing.flags} == {"TH-25"}


def test_facts_are_heard_in_order_of_time_however_they_are_listed() -> None:
    one = walked(NOT_VIABLE, REFERRAL)

    assert [step.decision.fact.kind for step in one.steps if step.told] == [
        "referral_received",
        "meeting_held",
    ]


def test_a_fact_may_be_told_late() -> None:
    late = walked({**NOT_VIABLE, "told_on": "Fri 30 Oct 2026"})

    (duty,) = late.case.standing.duties
    assert duty.due_on == day("Wed 28 Oct 2026")
    assert leavings(late, "TH-35")[0][0] == "Fri 30 Oct 09:00"


def test_what_was_due_before_a_fact_was_told_is_due_when_it_is_told() -> None:
    late = walked({**NOT_VIABLE, "told_on": "Thu 5 Nov 2026"})

    moments = [step.at for step in late.steps]
    assert moments == sorted(moments)
    assert [when for when, _ in leavings(late, "TH-35")][:2] == ["Thu 5 Nov 09:00", "Thu 5 Nov 09:00"]


def test_a_flag_is_chased_by_the_clock_as_a_duty_is() -> None:
    flagged = {**NOT_VIABLE, "chair": "team_manager", "outcome": "viable"}

    assert len(leavings(walked(flagged, until="Mon 9 Nov 2026"), "TH-20")) > 1


def test_what_one_decision_cannot_hold_leaves_five_minutes_later() -> None:
    meetings = [{**NOT_VIABLE, "meeting_id": f"m-{number}"} for number in range(13)]

    overdue = [when for when, _ in leavings(walked(*meetings, until="Thu 29 Oct 2026"), "TH-35")][-2:]

    assert overdue == ["Thu 29 Oct 08:00", "Thu 29 Oct 08:05"]


def test_a_correction_is_heard_after_what_it_corrects() -> None:
    earlier = {**NOT_VIABLE, "on": "Wed 21 Oct 2026", "replaces": "f0"}
    corrected = walked(NOT_VIABLE, earlier)

    (duty,) = corrected.case.standing.duties
    assert duty.due_on == day("Mon 26 Oct 2026")
    assert [change.what for change in corrected.steps[1].decision.changes] == ["moved"]


def test_the_same_story_makes_the_same_ids_each_time() -> None:
    assert retold.retell(walked(NOT_VIABLE)) == retold.retell(walked(NOT_VIABLE))


def test_a_walk_stops_its_clock_rather_than_go_on_for_ever_and_says_so() -> None:
    told = story(NOT_VIABLE, until="2030-01-01").told

    short = walk(told, rules(), day("Tue 1 Jan 2030"), Effort(moments=5))

    assert not short.complete
    assert len([step for step in short.steps if step.told is None]) == 5


def test_a_story_from_which_too_much_follows_is_not_walked() -> None:
    told = story(*[{**NOT_VIABLE, "meeting_id": f"m-{number}"} for number in range(30)]).told

    with pytest.raises(TooMuch):
        walk(told, rules(), None, Effort(on_facts=100))


def test_a_duty_of_each_year_opens_on_its_day() -> None:
    tower_hamlets = SHIPPED.load(PROTOCOL)
    told = read_story(
        {"facts": [{"on": "Mon 1 Mar 2027", "fact": "record_opened"}], "until": "2027-06-01"},
        Words.of([tower_hamlets]),
    )

    yearly = walk(told.told, rules(tower_hamlets), told.until)

    assert day("Wed 31 Mar 2027") in {duty.opened_on for duty in yearly.case.standing.duties}


@pytest.mark.parametrize("protocol", WHOLE, ids=lambda protocol: protocol.id)
def test_every_example_can_be_rehearsed_and_comes_out_as_when_it_is_run(protocol: Protocol) -> None:
    otherwise = [example.name for example in protocol.examples if not as_when_run(example, protocol)]

    assert protocol.examples
    assert otherwise == []


def as_when_run(example: Example, protocol: Protocol) -> bool:
    facts = [*example.given, *([example.propose] if example.propose else [])]
    until = example.today or max(day(str(fact["on"])) for fact in facts).isoformat()
    table = {"facts": list(example.given), "propose": example.propose, "until": until}
    told = read_story(table, Words.of([protocol]))
    end = walk(told.told, rules(protocol), told.until)
    ran = run(example, protocol, shipped_calendar(protocol.nation)).decision
    if ran is None or any(step.refused for step in end.steps):
        return True
    return stood(end.case.standing.duties) == stood(ran.after.standing.duties)


def stood(duties: Sequence[Duty]) -> list[tuple[str, State, date | None, int]]:
    """How duties stand, apart from their ids: those of an example name another case."""
    return sorted(((duty.clause, duty.state, duty.due_on, len(duty.left)) for duty in duties), key=str)


# --- what is told back ----------------------------------------------------------------------


def test_every_step_says_what_followed_and_who_heard_of_it_and_why() -> None:
    told: Any = retold.retell(walked(NOT_VIABLE, until="Thu 29 Oct 2026"))

    first, reminder, overdue = told["steps"]
    assert first["fact"]["sentence"] == "A meeting was held: Placement Support Meeting."
    assert [change["sentence"] for change in first["changes"]] == [
        "TH-35, clause 5.14: owed by social work team, due on Wed 28 Oct 2026."
    ]
    assert {notice["basis"] for notice in first["notices"]} == {"clause"}
    assert reminder["fact"] is None
    assert [notice["sentence"] for notice in reminder["notices"]] == [
        "Social work team: a reminder, due on Wed 28 Oct 2026 (TH-35, clause 5.14)."
    ]
    assert {notice["basis"] for notice in overdue["notices"]} == {"ladder"}
    why = "overdue by 1 working day, it was due on Wed 28 Oct 2026 (TH-35, clause 5.14)."
    assert [notice["sentence"] for notice in overdue["notices"]] == [
        f"Social work team: {why}",
        f"Manager of social work team: {why}",
    ]


def test_a_refusal_gives_every_reason_and_what_would_let_it_pass() -> None:
    told: Any = retold.retell(walked(REFERRAL, propose=MOVE))

    (step,) = [each for each in told["steps"] if each["answer"] == "refused"]
    (reason,) = step["refused_because"]
    assert reason["clause"] == "TH-25"
    assert {"immediate_harm", "safety"} <= {way["name"] for way in reason["exceptions"]}
    assert (step["changes"], step["notices"]) == ([], [])


def test_the_end_holds_each_duty_explained_and_each_flag_with_its_exceptions() -> None:
    told: Any = retold.retell(walked(REFERRAL, MOVE))

    assert all(duty["explanation"]["sentences"] for duty in told["duties"])
    (flag,) = told["flags"]
    assert flag["answer"] == "breach"
    assert "immediate_harm" in {way["name"] for way in flag["explanation"]["exceptions"]}


def test_a_flag_on_a_corrected_fact_asks_what_the_correction_needs() -> None:
    wrong_day = {**MOVE, "on": "Thu 8 Oct 2026", "replaces": "f2"}
    withdrawn = {"on": "Wed 7 Oct 2026", "fact": "fact_withdrawn", "replaces": "f2"}
    restored = {**wrong_day, "told_on": "Fri 9 Oct 2026"}

    told: Any = retold.retell(walked(REFERRAL, withdrawn, {**MOVE, "told_on": "Thu 8 Oct 2026"}, restored))

    (flag,) = told["flags"]
    assert (flag["on"], flag["explanation"]["clause"]) == ("2026-10-08", "TH-25")


def test_a_freeze_is_told_with_what_opened_it_and_when_it_ended() -> None:
    opened = {"on": "Fri 16 Oct 2026", "fact": "process_opened", "process": "iro_challenge"}
    ended = {**opened, "on": "Thu 22 Oct 2026", "fact": "process_ended"}
    told: Any = retold.retell(walked({**opened, "process_id": "ch-1"}, {**ended, "process_id": "ch-1"}))

    (hold,) = told["holds"]
    assert (hold["sort"], hold["opened_on"], hold["ended_on"]) == ("freeze", "2026-10-16", "2026-10-22")
    said = [change["sentence"] for step in told["steps"] for change in step["changes"]]
    over = "this freeze has ended, and the move is free once no other is open."
    assert f"TH-39, clause 5.15 (third sentence): {over}" in said


# --- mistakes in a story --------------------------------------------------------------------


def test_every_mistake_in_a_story_is_found_at_once() -> None:
    mistakes = wrong(
        {"on": "Wed 6 Oct 2026", "fact": "referral_received", "reasons": ["because"]},
        {"on": "2026-10-07", "fact": "step_done", "step": "dance", "by": ["mother"], "at": "25:00"},
        {"on": "2026-02-30", "fact": "meeting_held", "meeting_id": "m 1", "Sam": "x", "chair": 7},
        "a meeting",
        {"fact": "step_done"},
        {"on": "2026-10-08"},
        {"on": "2026-10-08", "fact": "a_party", "step": "dance", "outcome": "well"},
        propose={"on": "2026-10-08", "fact": "meeting_held"},
        until="soon",
    )

    assert set(mistakes) == {
        "facts[0].on",
        "facts[0].reasons[0]",
        "facts[1].step",
        "facts[1].by[0]",
        "facts[1].at",
        "facts[2].on",
        "facts[2].meeting_id",
        "facts[2].?",
        "facts[2].chair",
        "facts[3]",
        "facts[4].on",
        "facts[5].fact",
        "facts[6].fact",
        "facts[6].step",
        "facts[6].outcome",
        "propose.fact",
        "until",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("details", "foster"),
        ("details.legal_status", {"legal_status": "none_of_these"}),
        ("details.colour", {"colour": "blue"}),
        ("contents.poem", {"poem": "text"}),
        ("contents", ["text"]),
        ("exceptions", [{"name": "Not so"}]),
        ("exceptions", [{"name": "reason", "because": 7, "approver": "nobody", "confirmed": "yes"}]),
        ("exceptions", ["reason"]),
        ("because", 4),
        ("placement_id", "x" * 65),
        ("reasons", []),
        ("reasons", [["child_behaviour"]]),
        ("id", {"a": 1}),
        ("told_on", "2026-10-07"),
        ("replaces", "f7"),
        ("replaces", "f0"),
        ("planned_for", "2026-10-09"),
    ],
)
def test_a_field_of_the_wrong_shape_is_named(field: str, value: object) -> None:
    mistakes = wrong({"on": "2026-10-08", "fact": "meeting_held", field.split(".", maxsplit=1)[0]: value})

    assert all(each.startswith(f"facts[0].{field}") for each in mistakes)


def test_a_row_of_a_part_has_columns_and_texts() -> None:
    tower_hamlets = SHIPPED.load(PROTOCOL)
    part = next(name for name, part in tower_hamlets.parts.items() if part.rows)
    fact = {"on": "2026-10-08", "fact": "document_completed", "document": "meeting_record"}

    with pytest.raises(InvalidInput) as caught:
        read_story(
            {"facts": [{**fact, "contents": {part: ["x", {"who": {}}, {"Who am I": "x"}]}}]},
            Words.of([tower_hamlets]),
        )

    fields = [each.field for each in caught.value.problems]
    assert fields == [f"facts[0].contents.{part}[{number}]" for number in range(3)]


def test_two_facts_of_one_name_are_refused() -> None:
    assert set(wrong({**REFERRAL, "id": "f1"}, REFERRAL)) == {"facts[1].id"}


def test_a_story_lasts_five_years_at_most_and_ends_after_its_last_fact() -> None:
    assert set(wrong({**REFERRAL, "on": "2020-01-01"}, REFERRAL)) == {"facts"}
    assert set(wrong(REFERRAL, until="2026-10-05")) == {"until"}
    assert set(wrong(REFERRAL, until="2031-11-01")) == {"until"}
    assert story(REFERRAL, until="2026-10-06").until == day("Tue 6 Oct 2026")


def test_a_story_has_a_fact_and_two_hundred_at_most() -> None:
    assert set(wrong()) == {"facts"}
    assert set(wrong(*[REFERRAL] * 201)) == {"facts"}
    assert len(story(propose=MOVE).told) == 1


def test_no_mistake_repeats_what_was_told() -> None:
    name = "Samira Okonkwo"
    mistakes = wrong(
        {"on": name, "fact": name, name: name, "by": name, "step": name, "details": {name: name}},
        {"on": "2026-10-08", "fact": "step_done", "contents": {name: name}, "exceptions": [{"name": name}]},
        {"on": "2026-10-08", "fact": "step_done", "allocations": {name: name}, "id": name, "replaces": name},
        name,
        until=name,
        propose={"on": "2026-10-08", "fact": name},
    )

    assert "Samira" not in str(mistakes)


def test_a_proposal_corrects_nothing() -> None:
    assert set(wrong(REFERRAL, propose={**MOVE, "replaces": "f0"})) == {"propose.replaces"}


def test_days_may_be_written_for_people_and_for_machines() -> None:
    spoken, written = story(REFERRAL), story({**REFERRAL, "on": "2026-10-06"})

    assert spoken == written
