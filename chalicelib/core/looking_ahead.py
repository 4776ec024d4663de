"""Convening looks ahead: a planned chair or day is tried against what will be asked of the meeting."""

from dataclasses import replace

from chalicelib.core.case import Answer, Case, Decision, Flag
from chalicelib.core.decision import decide
from chalicelib.core.effects import People
from chalicelib.core.rules import Rules
from chalicelib.core.trace import Trace


def ahead_of(convened: Trace, after: Case, rules: Rules) -> tuple[Decision, tuple[Flag, ...]] | None:
    """Return the meeting as it would be decided if held as planned, and what it would then trip.

    `after` is the case once the meeting has been convened. None for what convenes no meeting.
    """
    if convened.kind != "meeting_convened":
        return None
    held = _as_held(convened)
    decision = decide(after, held, rules)
    tripped = (flag for flag in decision.after.standing.flags if flag.fact_id == held.id)
    return decision, tuple(
        flag for flag in tripped if flag.answer is Answer.BREACH and _is_settled_by(flag, convened, rules)
    )


def _as_held(convened: Trace) -> Trace:
    """Return the meeting as it would be held if all went as it is planned."""
    people = convened.people
    return replace(
        convened,
        id=f"{convened.id}|held",
        kind="meeting_held",
        on=convened.planned_for or convened.on,
        at=None,
        planned_for=None,
        people={"chair": people.get("chair", ()), "present": people.get("invited", ())},
    )


def _is_settled_by(flag: Flag, convened: Trace, rules: Rules) -> bool:
    """Say whether convening already settles what a flag is about: who chairs, or on which day."""
    if flag.why == "too_early":
        return convened.planned_for is not None
    clause = rules.protocol(flag.protocol).by_id[flag.clause]
    effect = next(each for each in clause.effects if each.name == flag.effect)
    return isinstance(effect, People) and effect.field == "chair" and "chair" in convened.people
