"""Values that tests are written in."""

from dataclasses import replace
from datetime import UTC, datetime, time

from chalicelib.core.london import LONDON
from chalicelib.core.rehearsal import example_fact
from chalicelib.core.spoken import spoken_day as day
from chalicelib.core.trace import FACT_WITHDRAWN, TIME_REACHED, Seat, Trace

# --- facts, as the engine keeps them --------------------------------------------------------

FIVE = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")
ALLOCATED = {"iro": "p-iro", "social_worker": "p-sw", "team_manager": "p-tm"}


def fact(kind: str, on: str, **fields: object) -> Trace:
    """A fact as an example writes it, learned at nine on its day unless `learned` says otherwise.

    `allocations`, `endings`, `learned` and lists of `Seat` are taken as they are. Without an `id`
    a fact is called after its kind and day.
    """
    own = {name: fields.pop(name) for name in ("allocations", "endings") if name in fields}
    seated = {name: fields.pop(name) for name, value in [*fields.items()] if _is_seated(value)}
    learned = fields.pop("learned", None)
    name = str(fields.pop("id", f"{kind}@{day(on).isoformat()}"))
    made = example_fact(name, {"fact": kind, "on": on, **fields})
    people = {**made.people, **seated}
    known = {"learned_at": moment(str(learned))} if learned else {}
    return replace(made, people=people, **own, **known)  # type: ignore[arg-type]


def _is_seated(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Seat)


def moment(text: str) -> datetime:
    """Read 'Thu 2 Apr 2026 09:12', London's time, as a moment in UTC."""
    on, _, clock = text.rpartition(" ")
    return datetime.combine(day(on), time.fromisoformat(clock), LONDON).astimezone(UTC)


def person(person_id: str, *roles: str) -> tuple[Seat, ...]:
    """Somebody with the roles that they hold in the authority."""
    return (Seat(person_id=person_id, roles=roles),)


def referral(on: str = "Tue 6 Oct 2026", **fields: object) -> Trace:
    """A referral that names who is allocated."""
    return fact(
        "referral_received", on, **{"reasons": ["carer_difficulty"], "allocations": ALLOCATED, **fields}
    )


def convened(on: str, meeting_id: str = "m-1", **fields: object) -> Trace:
    """A Placement Support Meeting that was called."""
    return fact(
        "meeting_convened", on, **{"meeting": "placement_support", "meeting_id": meeting_id, **fields}
    )


def held(on: str, meeting_id: str = "m-1", **fields: object) -> Trace:
    """A Placement Support Meeting that took place, with the reviewing officer in the chair."""
    sent = {
        "meeting": "placement_support",
        "meeting_id": meeting_id,
        "chair": "iro",
        "present": ["iro", "social_worker"],
        "outcome": "continue_with_support",
    }
    return fact("meeting_held", on, **{**sent, **fields})


def move(on: str, **fields: object) -> Trace:
    """The decision to move the child, by the team manager."""
    return fact("decision_made", on, **{"decision": "move", "by": ["team_manager"], **fields})


def ended(on: str, placement_id: str = "P-1", **fields: object) -> Trace:
    """A placement that broke down."""
    return fact("placement_ended", on, **{"placement_id": placement_id, "manner": "unplanned", **fields})


def sent(on: str, meeting_id: str | None = None, **fields: object) -> Trace:
    """The record of a meeting, sent to all five who are to have it."""
    about = {"meeting_id": meeting_id} if meeting_id else {}
    return fact("document_sent", on, **{"document": "meeting_record", "to": [*FIVE], **about, **fields})


def step(on: str, word: str, **fields: object) -> Trace:
    """A step that was done."""
    return fact("step_done", on, **{"id": f"{word}@{day(on).isoformat()}", "step": word, **fields})


def challenge(on: str, process_id: str = "ch-1", **fields: object) -> Trace:
    """The reviewing officer challenges a decision."""
    return fact("process_opened", on, **{"process": "iro_challenge", "process_id": process_id, **fields})


def resolved(on: str, process_id: str = "ch-1", **fields: object) -> Trace:
    """A challenge came to its end."""
    return fact("process_ended", on, **{"process": "iro_challenge", "process_id": process_id, **fields})


def corrected(wrong: Trace, right: Trace, learned: str) -> Trace:
    """What a fact really was, learned later."""
    return replace(right, id=f"{wrong.id}+{learned}", replaces=wrong.id, learned_at=moment(learned))


def withdrawn(wrong: Trace, learned: str) -> Trace:
    """It did not happen: what a fact said is taken back."""
    at = moment(learned)
    return Trace(
        id=f"{wrong.id}-{learned}", kind=FACT_WITHDRAWN, on=wrong.on, learned_at=at, replaces=wrong.id
    )


def clock(text: str) -> Trace:
    """The clock's door says that a moment has come."""
    at = moment(text)
    return Trace(id=f"clock@{at.isoformat()}", kind=TIME_REACHED, on=day(text[:-6]), learned_at=at, at=at)
