"""The scenes of Tower Hamlets' protocol in which one fact stores most, and how many items at most."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from tests.builders import day
from tests.riverbank import Council, person

MONDAY = day("Mon 5 Oct 2026")


def _at(days: int) -> date:
    return MONDAY + timedelta(days=days)


def _convened(council: Council, case_id: str, number: int, meeting: str = "placement_support") -> None:
    council.told(
        case_id,
        "meeting_convened",
        _at(number),
        meeting=meeting,
        meeting_id=f"m-{number}",
        planned_for=_at(number + 1).isoformat(),
        invited=[person("iro"), person("social_worker"), {"role": "child"}],
    )


def _held(
    council: Council, case_id: str, number: int, outcome: str, meeting: str = "placement_support"
) -> None:
    """Chaired by a manager, so that the chair is flagged too."""
    council.told(
        case_id,
        "meeting_held",
        _at(number + 1),
        meeting=meeting,
        meeting_id=f"m-{number}",
        chair=person("team_manager"),
        present=[person("team_manager"), person("social_worker"), {"role": "child"}],
        outcome=outcome,
    )


def _ended(council: Council, case_id: str, number: int, **body: str) -> str:
    body = {"placement_id": "RB-P-77", "manner": "unplanned", **body}
    return council.told(case_id, "placement_ended", _at(number), **body)


def a_meeting_that_ends_a_placement(council: Council) -> None:
    """Nobody was told of three meetings, and the last, with the wrong chair, finds it not viable."""
    case_id = council.refer(MONDAY)
    for number in (1, 3, 5):
        _convened(council, case_id, number)
    _held(council, case_id, 5, "not_viable")


def a_case_on_which_nobody_does_anything(council: Council) -> str:
    """Every duty and every flag of the protocol at once, and a tick after four weeks of silence."""
    case_id = council.refer(MONDAY)
    for number in (1, 3):
        _convened(council, case_id, number)
        _held(council, case_id, number, "not_viable")
    council.told(case_id, "decision_made", _at(7), decision="move", by=[person("social_worker")])
    council.told(case_id, "process_opened", _at(8), process="iro_challenge", process_id="ch-1")
    for number, placement in ((9, "RB-P-77"), (10, "RB-P-78")):
        _ended(council, case_id, number, placement_id=placement)
    council.tick(_at(38))
    return case_id


def meetings_that_never_were(council: Council) -> None:
    """All that followed from two meetings goes with them, and decisions that hung on them trip."""
    case_id = a_case_on_which_nobody_does_anything(council)
    for fact in council.ports.cases.load(case_id).facts:
        if fact.kind == "meeting_held":
            council.told(case_id, "fact_withdrawn", _at(40), replaces=fact.id, because="Another child's.")


def a_breakdown_heard_in_five_other_cases(council: Council) -> None:
    """An ending in one of a child's six cases, then its date corrected out of the year and back."""
    cases = [council.refer(_at(number)) for number in range(6)]
    endings = [_ended(council, case_id, 10 + number) for number, case_id in enumerate(cases)]
    for moved_to in (-400, 10):
        _ended(council, cases[0], moved_to, replaces=endings[0])


def thirty_meetings_that_nobody_answered(council: Council) -> None:
    """More than a placement ever had: the records of thirty meetings are overdue in one tick."""
    case_id = council.refer(MONDAY)
    for number in range(30):
        _convened(council, case_id, number)
        _held(council, case_id, number, "not_viable")
    council.tick(_at(45))


SCENES: Mapping[Callable[[Council], object], int] = {
    a_meeting_that_ends_a_placement: 22,
    a_case_on_which_nobody_does_anything: 36,
    meetings_that_never_were: 36,
    a_breakdown_heard_in_five_other_cases: 15,
    thirty_meetings_that_nobody_answered: 51,
}
