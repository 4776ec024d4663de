"""The scenes in which one fact stores most, under whole protocols, and how many items at most.

Each is played at a council of two protocols, and at one that follows all five at once, where every
role listens on a topic as well: more than there will ever be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.builders import day
from tests.riverbank import ALL_FIVE, USUAL, Council, everybody_listens_on_a_topic, person

MONDAY = day("Mon 5 Oct 2026")
LATER = day("Thu 31 Dec 2026")
EVERY_REASON = (
    "at_risk",
    "child_behaviour",
    "standard_of_care",
    "pattern_of_indicators",
    "opposes_intended_move",
    "opposes_decision",
)
MEETINGS = ("placement_support", "further_placement_support", "planning", "stability", "disruption")


def _at(days: int) -> date:
    return MONDAY + timedelta(days=days)


def _convened(council: Council, case_id: str, number: int, meeting: str = "placement_support") -> None:
    """Called without a reason, and without most of those who should be asked."""
    council.told(
        case_id,
        "meeting_convened",
        _at(number),
        meeting=meeting,
        meeting_id=f"m-{number}",
        planned_for=_at(number + 1).isoformat(),
        invited=[person("iro"), person("social_worker")],
    )


def _held(
    council: Council, case_id: str, number: int, meeting: str = "placement_support", **body: Any
) -> str:
    """Chaired by the wrong manager, without the child, its recommendations not said."""
    return council.told(
        case_id,
        "meeting_held",
        _at(number + 1),
        **{
            "meeting": meeting,
            "meeting_id": f"m-{number}",
            "chair": person("team_manager"),
            "present": [person("team_manager"), person("social_worker")],
            "outcome": "not_viable",
            "reasons": ["standard_of_care", "child_behaviour"],
            **body,
        },
    )


def _ended(council: Council, case_id: str, number: int, placement: str = "RB-P-77", **body: str) -> str:
    body = {"placement_id": placement, "manner": "unplanned", **body}
    return council.told(case_id, "placement_ended", _at(number), **body)


def _enquiry(council: Council, case_id: str, kind: str, number: int) -> None:
    council.told(case_id, kind, _at(number), process="child_protection_enquiry", process_id="cp-1")


def a_meeting_without_anything_that_is_asked_of_it(council: Council) -> None:
    """Called and held with nobody told, nothing agreed and the wrong people there; its record is empty."""
    case_id = council.refer(MONDAY)
    council.told(
        case_id,
        "concern_raised",
        MONDAY,
        by=[{"role": "child"}, person("iro")],
        reasons=[*EVERY_REASON],
    )
    _convened(council, case_id, 1)
    _held(council, case_id, 1)
    council.told(case_id, "document_completed", _at(3), document="meeting_record", meeting_id="m-1")


def _with_everything_open(council: Council) -> str:
    """Every meeting, every freeze and a halt, and two breakdowns."""
    case_id = council.refer(MONDAY)
    reported = {"by": [{"role": "child"}, person("iro")], "reasons": [*EVERY_REASON]}
    council.told(case_id, "concern_raised", MONDAY, **reported)
    for number, meeting in enumerate(MEETINGS):
        _convened(council, case_id, number, meeting)
        _held(council, case_id, number, meeting)
        about = {"document": "meeting_record", "meeting_id": f"m-{number}"}
        council.told(case_id, "document_completed", _at(number + 1), **about)
    council.told(case_id, "decision_made", _at(7), decision="move", by=[person("social_worker")])
    for process in ("iro_challenge", "advocacy_referral"):
        council.told(case_id, "process_opened", _at(8), process=process, process_id=process)
    _enquiry(council, case_id, "process_opened", 8)
    _enquiry(council, case_id, "process_ended", 9)
    council.told(case_id, "details_recorded", _at(9), details={"entry": "unplanned"})
    _ended(council, case_id, 9)
    council.told(case_id, "placement_started", _at(9), placement_id="RB-P-78")
    _ended(council, case_id, 10, "RB-P-78")
    return case_id


def a_case_on_which_nobody_does_anything(council: Council) -> str:
    """Everything is open, and the clock's door opens after four weeks of silence."""
    case_id = _with_everything_open(council)
    for number in range(38, 41):
        council.tick(_at(number))
    return case_id


def days_proclaimed_and_called_off_while_everything_is_open(council: Council) -> None:
    """Deadlines move there and back, and each time all who hear of them are told."""
    _with_everything_open(council)
    for days in (("Fri 16 Oct 2026", "Mon 19 Oct 2026"), ()):
        council.proclaim(*days)
    council.tick(_at(12))


def a_case_that_is_taken_back(council: Council) -> None:
    """Everybody is replaced and hears of all that is owed; then it turns out that no meeting ever was."""
    case_id = a_case_on_which_nobody_does_anything(council)
    taken_over = {role: f"new.{role}" for role in ("iro", "social_worker", "team_manager")}
    council.told(case_id, "details_recorded", _at(41), allocations=taken_over)
    for fact in council.ports.cases.load(case_id).facts:
        if fact.kind in ("meeting_convened", "meeting_held"):
            council.told(case_id, "fact_withdrawn", _at(41), replaces=fact.id, because="Another child's.")
    council.tick(_at(42))


def a_breakdown_heard_in_five_other_cases(council: Council) -> None:
    """One ending in each of a child's six cases; the first is then dated out of the year and back."""
    cases = [council.refer(_at(number), placement=f"RB-P-{number}") for number in range(6)]
    endings = [_ended(council, each, 10 + number, f"RB-P-{number}") for number, each in enumerate(cases)]
    for moved_to in (-400, 9):
        _ended(council, cases[0], moved_to, "RB-P-0", replaces=endings[0])
    council.tick(_at(20))


def fifteen_meetings_that_nobody_answered(council: Council) -> None:
    """More than a placement ever had: all is overdue in one tick, then halted at once and resumed."""
    case_id = council.refer(MONDAY)
    for number in range(15):
        _convened(council, case_id, number)
        _held(council, case_id, number)
    council.tick(_at(45))
    _enquiry(council, case_id, "process_opened", 46)
    council.tick(_at(47))
    _enquiry(council, case_id, "process_ended", 48)
    for number in range(49, 52):
        council.tick(_at(number))


def a_case_that_leaves_all_but_one_protocol(council: Council) -> None:
    """Nothing was done, and then all that the others ask is taken back."""
    case_id = a_case_on_which_nobody_does_anything(council)
    council.move(case_id, council.protocols[0])
    council.tick(_at(42))


@dataclass(frozen=True)
class Scene:
    """What happens, at a council of which protocols, and how many items one fact of it stores."""

    play: Callable[[Council], object]
    protocols: tuple[str, ...]
    items: int

    def __str__(self) -> str:
        return f"{self.play.__name__} under {len(self.protocols)} protocols"

    def played(self, council: Council) -> None:
        """Play it, everybody listening on a topic where all the protocols are followed at once."""
        if self.protocols == ALL_FIVE:
            everybody_listens_on_a_topic(council)
        self.play(council)


SCENES = (
    Scene(a_meeting_without_anything_that_is_asked_of_it, USUAL, 46),
    Scene(a_meeting_without_anything_that_is_asked_of_it, ALL_FIVE, 67),
    Scene(a_case_that_is_taken_back, USUAL, 54),
    Scene(a_case_that_is_taken_back, ALL_FIVE, 91),
    Scene(a_breakdown_heard_in_five_other_cases, USUAL, 25),
    Scene(a_breakdown_heard_in_five_other_cases, ALL_FIVE, 31),
    Scene(fifteen_meetings_that_nobody_answered, USUAL, 82),
    Scene(fifteen_meetings_that_nobody_answered, ALL_FIVE, 90),
    Scene(days_proclaimed_and_called_off_while_everything_is_open, USUAL, 50),
    Scene(days_proclaimed_and_called_off_while_everything_is_open, ALL_FIVE, 86),
    Scene(a_case_that_leaves_all_but_one_protocol, ALL_FIVE, 93),
)
