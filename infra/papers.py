"""What the papers of the story say: whom a meeting asked, what its record holds, the plans made of it.

All invented. A record carries the parts that the council's protocols ask for, in nobody's words but ours.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from infra.riverbank import CAST

Json = Mapping[str, object]

CHILD, CARER, PARENT = ({"role": role} for role in ("child", "carer", "parent"))
SCORES = {"child": "6", "carer": "3"}


def person(role: str) -> Json:
    """Whoever plays a role."""
    return {"person_id": CAST[role]}


EVERYBODY = (
    person("iro"),
    CHILD,
    person("social_worker"),
    person("team_manager"),
    CARER,
    person("supervising_social_worker"),
    person("cpt_with_authority"),
)


def called(meeting_id: str, planned_for: date) -> Json:
    """A Placement Support Meeting: why it is called, who is asked to it, and why some are not."""
    return {
        "meeting": "placement_support",
        "meeting_id": meeting_id,
        "reasons": ["carer_difficulty"],
        "planned_for": planned_for.isoformat(),
        "chair": person("iro"),
        "invited": [*EVERYBODY, PARENT],
        "contents": {
            "why_not_childrens_rights_officer": "The child would rather have nobody else there.",
            "why_not_personal_adviser": "The child is not of that age.",
            "why_not_family": "Nobody else of the family is in touch.",
            "why_not_professional": "The school is asked in writing.",
        },
    }


def held(meeting: str, meeting_id: str, outcome: str, **contents: str) -> Json:
    """A meeting with everybody there, its recommendations said."""
    return {
        "meeting": meeting,
        "meeting_id": meeting_id,
        "chair": person("iro"),
        "present": [*EVERYBODY],
        "outcome": outcome,
        "contents": {"recommendations": "Respite from now on, and a mentor for the child.", **contents},
    }


def record(meeting_id: str, on: date) -> Json:
    """The record of a meeting on the whole form, with a number from everybody who was there."""
    action = {"what": "Find a mentor", "who": "social worker", "when": on.isoformat()}
    return {
        "document": "meeting_record",
        "meeting_id": meeting_id,
        "by": [person("social_worker")],
        "contents": {
            "child_name": "On the case system",
            "case_number": "On the case system",
            "carer": "On the case system",
            "carer_address": "On the case system",
            "placement_on": "2025-03-03",
            "legal_status": "Care order",
            "apologies": "None",
            "headlines": "Two moves before this one.",
            "working_well": "Meals together, and football.",
            "concerns": "Late nights, and school missed on Mondays.",
            "support_shown": "Both heard that everybody stands behind them.",
            "issues": "Late nights.",
            "feelings": "Each said how the last weeks felt.",
            "child_views": "Would like to stay, and to see friends at weekends.",
            "ways_on": "A mentor, and an agreed time to be home.",
            "needs": [{"whose": "the carer", "need": "rest", "plan_or_cannot_be_met": "respite"}],
            "actions": [{**action, "looked_at_again_on": on.isoformat()}],
            "open_outcome": "Staying and moving were both talked about.",
            "stability_scale": [*_scores(EVERYBODY)],
            "iro_comments": "The child's wishes come first.",
            "distributed_to": "Everybody who was there.",
        },
    }


def _scores(present: Sequence[Json]) -> Sequence[Json]:
    names = [str(each.get("person_id") or each["role"]) for each in present]
    return [{"who": name, "score": SCORES.get(name, "5"), "comment": "As said there."} for name in names]


def support_plan(meeting_id: str, by_then: date) -> Json:
    """The plan of help that a meeting recommended."""
    return {
        "document": "support_plan",
        "meeting_id": meeting_id,
        "by": [person("social_worker")],
        "contents": {
            "objectives": "Nights at home, and mornings at school.",
            "timescales": [{"what": "A mentor", "when": by_then.isoformat()}],
            "contingency": "A further meeting.",
            "room_for_planning_meeting": "A planning meeting can be called within two days.",
        },
    }


def move_plan() -> Json:
    """How a move is to be made."""
    return {
        "document": "move_plan",
        "by": [person("social_worker")],
        "contents": {
            "telling_the_child": "The social worker and the carer, at home, today.",
            "how_and_when": "By car, after school.",
            "who_takes_the_child": "The social worker.",
            "belongings": "Packed together with the child.",
            "continuity": "The carer rings on Sundays.",
        },
    }
