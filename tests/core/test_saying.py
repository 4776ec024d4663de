"""Patterns read as phrases: what happened, to whom, with what outcome, in which kind of case."""

import pytest

from chalicelib.core.labels import listed, said_role
from chalicelib.core.patterns import Case, Earlier, Has, Is, Not, Only, Pattern, Test
from chalicelib.core.saying import said_events, said_patterns, said_test
from chalicelib.protocol_files import Shelf

PROTOCOL = Shelf().load("tower-hamlets-2026-01-01")


def words(field: str, *chosen: str) -> Is:
    return Is(field=field, words=frozenset(chosen))


def case(detail: str, *chosen: str) -> Case:
    return Case(detail=detail, words=frozenset(chosen))


CONTRACT = Only(field="reasons", words=frozenset({"contract_ended"}))
SUPPORT = words("meeting", "placement_support")

SAID: list[tuple[str, tuple[Test, ...], str]] = [
    ("meeting_held", (), "a meeting is held"),
    ("meeting_held", (SUPPORT,), "a Placement Support Meeting is held"),
    (
        "meeting_held",
        (words("meeting", "further_placement_support", "placement_support"),),
        "a Placement Support Meeting or further Placement Support Meeting is held",
    ),
    (
        "meeting_held",
        (SUPPORT, words("chair", "iro"), words("outcome", "viable")),
        (
            "a Placement Support Meeting is held, chaired by the Independent Reviewing Officer,"
            " with the outcome “the placement is viable”"
        ),
    ),
    (
        "meeting_held",
        (SUPPORT, case("legal_status", "section_20"), Not(tests=(words("present", "parent"),))),
        (
            "a Placement Support Meeting is held (legal status: accommodated, section 20),"
            " without a parent present"
        ),
    ),
    (
        "placement_started",
        (case("entry", "unplanned", "unknown"), Not(tests=(case("placement_type", "residential"),))),
        (
            "a placement starts (entry: unplanned entry or not recorded; placement type: not residential"
            " placement)"
        ),
    ),
    (
        "placement_ended",
        (words("manner", "unplanned"), Not(tests=(CONTRACT,))),
        "a placement ends unplanned, unless the only reason is “a contract with the provider ended”",
    ),
    (
        "decision_made",
        (words("decision", "move"), words("by", "team_manager", "iro")),
        "the decision “move the child” is made by the Independent Reviewing Officer or the team manager",
    ),
    (
        "step_done",
        (words("step", "decision_told"), words("to", "iro"), words("by", "team_manager")),
        "“told of the decision” is done by the team manager with the Independent Reviewing Officer",
    ),
    (
        "document_sent",
        (words("document", "support_plan"), words("to", "child"), SUPPORT),
        "the support plan is sent to the child, about a Placement Support Meeting",
    ),
    (
        "meeting_convened",
        (SUPPORT, Has(fields=("planned_for",)), Not(tests=(Has(fields=("chair",)),))),
        "a Placement Support Meeting is convened, with a planned date, without a chair",
    ),
    (
        "concern_raised",
        (words("by", "child"), words("reasons", "child_unsettled", "absence")),
        (
            "a concern is raised by the child, with one of the reasons “the child is unsettled” or"
            " “absence from the placement”"
        ),
    ),
    (
        "concern_raised",
        (Not(tests=(words("reasons", "absence"), words("by", "carer"))),),
        "a concern is raised, without the reason “absence from the placement” and by anybody but the carer",
    ),
    (
        "placement_ended",
        (Earlier(patterns=(Pattern(fact="concern_raised"),), at_least=2, within_months=6, inclusive=False),),
        (
            "a placement ends, after a concern raised, at least 2 times, no more than 6 months before"
            " (that day not included)"
        ),
    ),
    ("process_opened", (words("process", "iro_challenge"),), "an IRO challenge is opened"),
    ("fact_withdrawn", (), "a report is withdrawn"),
]


@pytest.mark.parametrize(("fact", "tests", "expected"), SAID, ids=[each[2][:60] for each in SAID])
def test_a_pattern_is_said_in_plain_words(fact, tests, expected):
    assert said_events((Pattern(fact=fact, tests=tests),), PROTOCOL) == expected


def test_a_grid_names_every_cell_that_is_to_be_covered():
    both = (("to", ("iro", "social_worker")), ("meeting", ("this", "previous")))
    record = Pattern(fact="document_sent", tests=(words("document", "meeting_record"),), each=both)
    papers = Pattern(fact="document_sent", each=(("document", ("meeting_record", "support_plan")),))

    assert said_patterns((record,), PROTOCOL) == (
        "the record of the meeting sent to each of the Independent Reviewing Officer and the social worker,"
        " for this meeting and the one before"
    )
    assert (
        said_events((papers,), PROTOCOL) == "each of the record of the meeting and the support plan is sent"
    )


def test_any_of_several_patterns_serves():
    held, done = Pattern(fact="meeting_held"), Pattern(fact="step_done")

    assert said_patterns((held, done), PROTOCOL) == "a meeting held, or a step done"


def test_a_test_is_said_alone():
    assert said_test(CONTRACT, PROTOCOL) == "where the only reason is “a contract with the provider ended”"
    assert said_test(case("entry", "planned"), PROTOCOL) == "(entry: planned entry)"
    assert said_test(words("signed_by", "child"), PROTOCOL) == "signed by the child"


def test_names_with_commas_are_kept_apart_in_a_list():
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"], "and") == "A, B and C"
    assert listed(["the Group Manager, IRO service", "B"]) == "the Group Manager, IRO service; or B"


def test_a_role_is_said_with_its_article():
    assert said_role("team_manager", PROTOCOL) == "the team manager"
    assert said_role("parent", PROTOCOL) == "a parent"
