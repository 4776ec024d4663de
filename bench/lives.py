"""An invented case that goes on and on: ten facts a fortnight, of every sort that two protocols watch.

One fortnight is about placement support and a move, the next about planning and stability.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib.core.trace import TIME_REACHED, Seat, Trace

# Monday 5 January 2026, nine o'clock.
BEGINS = datetime(2026, 1, 5, 9, tzinfo=UTC)
FIVE = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")
FAMILY = ("child", "parent", "carer")

Happening = tuple[str, dict[str, Any]]


def of(facts: int) -> tuple[Trace, ...]:
    """Return so many facts: a referral, and what follows on it fortnight after fortnight."""
    return tuple(islice(_life(), facts))


def with_clock(life: tuple[Trace, ...]) -> tuple[Trace, ...]:
    """Return a life whose last fact is the clock's: every ladder has climbed as far as it goes by then."""
    now = max(fact.moment for fact in life)
    return (*life[:-1], _fact("f-clock", TIME_REACHED, now))


def _life() -> Iterator[Trace]:
    yield _fact(
        "f-referral",
        "referral_received",
        BEGINS,
        allocations={"iro": "iro.okafor", "social_worker": "sw.brandt", "team_manager": "tm.ferreira"},
        details={"legal_status": "section_20", "placement_type": "foster"},
    )
    number = 0
    while True:
        happened = _planning(number) if number % 2 else _support(number)
        for day, (kind, what) in enumerate(happened):
            yield _fact(f"f-{number}-{day}", kind, BEGINS + timedelta(weeks=2 * number, days=day), **what)
        number += 1


def _support(number: int) -> tuple[Happening, ...]:
    """A meeting that nobody is told of in time every third time, a move decided, and a challenge."""
    meeting = {"meeting_id": f"m-{number}"}
    outcome = "not_viable" if number % 3 else "continue_with_support"
    return (
        ("meeting_convened", {**meeting, "words": {"meeting": ("placement_support",)}}),
        ("step_done", {**meeting, **_step("meeting_notified", by="iro", to="gm_iro")}),
        ("step_done", {**meeting, **_step("meeting_notified", by="team_manager", to="gm_iro")}),
        ("step_done", {**meeting, **_step("meeting_logged", by="gm_iro")}),
        (
            "meeting_held",
            {
                **meeting,
                "words": {"meeting": ("placement_support",), "outcome": (outcome,)},
                "people": {"chair": _seats("iro"), "present": _seats("iro", "social_worker")},
            },
        ),
        (
            "document_sent",
            {**meeting, "words": {"document": ("meeting_record",)}, "people": {"to": _seats(*FIVE)}},
        ),
        ("decision_made", {"words": {"decision": ("move",)}, "people": {"by": _seats("team_manager")}}),
        ("step_done", _step("decision_told", by="team_manager", to="iro")),
        ("process_opened", {"process_id": f"p-{number}", "words": {"process": ("iro_challenge",)}}),
        ("process_ended", {"process_id": f"p-{number}", "words": {"process": ("iro_challenge",)}}),
    )


def _planning(number: int) -> tuple[Happening, ...]:
    """A planning meeting whose record lacks a part, then one about a placement at risk."""
    planned = (BEGINS + timedelta(weeks=2 * number, days=4)).date()
    meeting = {"meeting_id": f"m-{number}"}
    about = {"meeting": ("planning",)}
    stability = {"meeting_id": f"m-{number}-stability", "words": {"meeting": ("stability",)}}
    together = _seats("social_worker", *FAMILY)
    return (
        ("concern_raised", {"words": {"reasons": ("at_risk",)}, "people": {"by": _seats("iro")}}),
        (
            "meeting_convened",
            {
                **meeting,
                "words": about,
                "planned_for": planned,
                "filled": ("planned_for",),
                "people": {"by": _seats("social_worker"), "invited": together},
            },
        ),
        ("step_done", {**meeting, **_step("papers_gathered", by="social_worker"), "filled": ("papers",)}),
        (
            "step_done",
            {
                **meeting,
                "words": {"step": ("meeting_explained",)},
                "people": {"to": _seats(*FAMILY, "social_worker")},
            },
        ),
        (
            "meeting_held",
            {**meeting, "words": about, "people": {"chair": _seats("social_worker"), "present": together}},
        ),
        (
            "document_completed",
            {**meeting, "words": {"document": ("meeting_record",)}, "filled": ("fits_the_plan",)},
        ),
        ("meeting_convened", {**stability, "people": {"invited": together}}),
        ("meeting_held", {**stability, "people": {"chair": _seats("team_manager"), "present": together}}),
        ("step_done", _step("plan_change_proposed", by="social_worker")),
        ("step_done", _step("plan_change_discussed", by="social_worker", to="iro")),
    )


def _step(step: str, **people: str) -> dict[str, Any]:
    return {"words": {"step": (step,)}, "people": {name: _seats(role) for name, role in people.items()}}


def _seats(*roles: str) -> tuple[Seat, ...]:
    return tuple(Seat(roles=(role,)) for role in roles)


def _fact(fact_id: str, kind: str, at: datetime, **what: Any) -> Trace:
    return Trace(id=fact_id, kind=kind, on=at.date(), at=at, learned_at=at, placement_id="RB-P-77", **what)
