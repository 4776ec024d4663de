"""An invented case that goes on and on: ten facts a fortnight, of every sort that the protocol watches."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib.core.trace import Seat, Trace

# Monday 5 January 2026, nine o'clock.
BEGINS = datetime(2026, 1, 5, 9, tzinfo=UTC)
FIVE = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")


def of(facts: int) -> tuple[Trace, ...]:
    """Return so many facts: a referral, and what follows on it fortnight after fortnight."""
    return tuple(islice(_life(), facts))


def _life() -> Iterator[Trace]:
    yield _fact(
        "f-referral",
        "referral_received",
        BEGINS,
        allocations={"iro": "iro.okafor", "social_worker": "sw.brandt", "team_manager": "tm.ferreira"},
    )
    number = 0
    while True:
        yield from _fortnight(number, BEGINS + timedelta(weeks=2 * number))
        number += 1


def _fortnight(number: int, began: datetime) -> Iterator[Trace]:
    """A meeting that nobody is told of in time every third time, a move decided, and a challenge."""
    meeting = {"meeting_id": f"m-{number}"}
    outcome = "not_viable" if number % 3 else "continue_with_support"
    happened: tuple[tuple[str, dict[str, Any]], ...] = (
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
    for day, (kind, what) in enumerate(happened):
        yield _fact(f"f-{number}-{day}", kind, began + timedelta(days=day), **what)


def _step(step: str, **people: str) -> dict[str, Any]:
    return {"words": {"step": (step,)}, "people": {name: _seats(role) for name, role in people.items()}}


def _seats(*roles: str) -> tuple[Seat, ...]:
    return tuple(Seat(roles=(role,)) for role in roles)


def _fact(fact_id: str, kind: str, at: datetime, **what: Any) -> Trace:
    return Trace(id=fact_id, kind=kind, on=at.date(), at=at, learned_at=at, placement_id="RB-P-77", **what)
