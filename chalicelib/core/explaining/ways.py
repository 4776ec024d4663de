"""The ways past a clause, and why each is open to a step or isn't."""

from collections.abc import Iterator, Sequence

from chalicelib.core.answers import REASON, SAFETY, obstacles, safety_exception, ways_past
from chalicelib.core.case import Answer, Flag
from chalicelib.core.effects import Clause, WayPast
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.labels import said_roles
from chalicelib.core.matching import View
from chalicelib.core.saying import said_test
from chalicelib.core.trace import Claim, Trace

OBSTACLES = {
    "does_not_apply": "it does not apply to this step",
    "not_claimed": "it was not claimed",
    "no_reason": "no reason was given",
    "no_approver": "no approver was named",
    "approver_does_not_hold_the_role": "the approver named does not hold the role it asks for",
    "not_confirmed": "its sentence was not confirmed",
}


def explain_ways(clause: Clause, fact: Trace, view: View) -> list[Explained]:
    """Return every exception to a clause, the one for safety last, with its obstacles."""
    granting = {way.name: each.id for each, way in view.protocol.exceptions_to.get(clause.id, ())}
    ways = (*ways_past(view, clause), safety_exception(view))
    return [{**_way(way, fact, view), "clause": granting.get(way.name)} for way in ways]


def _way(way: WayPast, fact: Trace, view: View) -> Explained:
    claim = next((each for each in fact.claims if each.name == way.name), None)
    found = obstacles(view, fact, claim, way)
    return {
        "name": way.name,
        "applies": "does_not_apply" not in found,
        "open": not found,
        "approver": list(way.approver),
        "confirm": way.confirm,
        "when": _said_when(way, view),
        "asks": list(_asks(way, view)),
        "not_open_because": [OBSTACLES[each] for each in _sorted(found)],
        "said": _said_way(way, view),
    }


def _said_way(way: WayPast, view: View) -> str:
    """Return what one exception is for and takes, as a sentence."""
    names = {SAFETY: "Safety passes everything and is always flagged", REASON: "A reason passes it"}
    name = names.get(way.name, f"The exception “{way.name.replace('_', ' ')}” passes it")
    when = f" {said}" if (said := _said_when(way, view)) else ""
    asked = [each for each in _asks(way, view) if way.name != REASON]
    takes = f": it takes {' and '.join(asked)}" if asked else ""
    return f"{name}{when}{takes}."


def _said_when(way: WayPast, view: View) -> str | None:
    return ", ".join(said_test(test, view.protocol) for test in way.when) or None


def _asks(way: WayPast, view: View) -> Iterator[str]:
    """Yield what claiming it takes."""
    yield "a reason in words"
    if way.approver:
        yield f"the approval of {_said_approvers(way, view)}"
    if way.confirm:
        yield f"somebody who confirms: “{way.confirm.rstrip('.')}”"


def _said_approvers(way: WayPast, view: View) -> str:
    if len(way.approver) == len(view.protocol.roles):
        return "somebody who holds a post"
    return said_roles(way.approver, view.protocol)


def _sorted(found: Sequence[str]) -> Iterator[str]:
    return (each for each in OBSTACLES if each in found)


def said_answer(flag: Flag, fact: Trace) -> str:
    """Return how a tripped check was answered."""
    claim: Claim | None = next((each for each in fact.claims if each.name == flag.exception), None)
    approver = claim.approver.person_id if claim and claim.approver else None
    approved = f", approved by {approver}" if approver else ""
    match flag.answer:
        case Answer.BREACH:
            return "No exception that is open was claimed: this is a breach."
        case Answer.EXCEPTED:
            name = (flag.exception or "").replace("_", " ")
            return f"Passed by the exception “{name}”{approved}: this is no breach."
        case Answer.SAFETY:
            return f"It was done for safety{approved}, which passes every clause and is always flagged."
        case Answer.EXCUSED:
            return "It was excused afterwards."
