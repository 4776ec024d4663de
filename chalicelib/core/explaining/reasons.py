"""What a tripped check asks for, in sentences."""

from collections.abc import Iterator, Sequence

from chalicelib.core.case import Flag
from chalicelib.core.effects import Clause, Effect, Force, Freeze, Guard, Obligation, People, Record
from chalicelib.core.explaining.deadlines import said_count
from chalicelib.core.explaining.facts import who
from chalicelib.core.labels import label_of, listed, said_part, said_role, said_roles, strung
from chalicelib.core.people import WHY_NOT
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import said_past, said_patterns

# A part that is to be there for each of several people is missing `stability_scale for iro.okafor`.
FOR = " for "
# A field of people, as it reads where somebody should be in it.
SHOULD = {
    "by": "It should be done by",
    "to": "It should go to",
    "chair": "It should be chaired by",
    "present": "Present should be",
    "invited": "Invited should be",
    "signed_by": "It should be signed by",
}


def said_reason(flag: Flag, protocol: Protocol) -> str:
    """Return what a tripped check asks for, as a sentence."""
    clause = protocol.by_id[flag.clause]
    match tripped_by(flag, clause):
        case Guard(needs=()):
            ways = listed([*_ways_past(clause, protocol), "for the child's safety"])
            return f"The clause wants this not to happen; it passes {ways}."
        case Guard() as guard:
            asked = said_patterns(guard.needs, protocol)
            return f"First needed, about this placement: {asked}.{_said_since(guard, protocol)}"
        case People() as people:
            return " ".join(_said_people(people, flag.missing, protocol))
        case Record():
            return f"To be complete it must carry: {strung(said_missing(flag.missing, protocol))}."
        case Obligation(not_before=wait) if wait:
            return f"This comes too early: at least {said_count(wait)} are to pass first."
        case Freeze() as freeze:
            return (
                f"The move is frozen until every {label_of('process', freeze.process, protocol)} has ended."
            )
        case _:
            return clause.text


def _ways_past(clause: Clause, protocol: Protocol) -> list[str]:
    named = [way.name for _, way in protocol.exceptions_to.get(clause.id, ())]
    if named or clause.force is Force.MUST:
        return [f"by the exception “{name.replace('_', ' ')}”" for name in named]
    # What only advises passes on a reason alone.
    return ["on a reason given"]


def _said_since(guard: Guard, protocol: Protocol) -> str:
    if not guard.since:
        return ""
    return f" It counts only from the latest day on which {said_past(guard.since, protocol)}."


def tripped_by(flag: Flag, clause: Clause) -> Effect:
    """Return the effect of a clause that a flag is about."""
    return next(effect for effect in clause.effects if effect.name == flag.effect)


def said_missing(missing: Sequence[str], protocol: Protocol) -> list[str]:
    """Return parts of a record as they read in a sentence, each with whom it is missing for."""
    return [_said_part(name, protocol) for name in missing]


def _said_part(name: str, protocol: Protocol) -> str:
    part, _, whom = name.partition(FOR)
    if part in protocol.roles and part not in protocol.parts:
        return protocol.roles[part].label
    said = said_part(part, protocol)
    return f"{said} for {who(whom, protocol)}" if whom else said


def _said_people(people: People, missing: Sequence[str], protocol: Protocol) -> Iterator[str]:
    """Yield what a field's people lack, as sentences; what else is missing was involved before."""
    lacking = set(missing)
    if people.one_of and lacking.issuperset(people.one_of):
        roles = said_roles(people.one_of, protocol)
        yield f"This is for {roles}: nobody in `{people.field}` fills that role."
    absent = [said_role(role, protocol) for role in people.all_of if role in lacking]
    if absent:
        yield f"Missing in `{people.field}`: {strung(absent)}."
    unsaid = [said_role(role, protocol) for role in people.if_appropriate if role in lacking]
    if unsaid:
        why_not = f"or it should be said why not (in a part `{WHY_NOT}…`)"
        yield f"{SHOULD[people.field]}, {why_not}: {'; '.join(unsaid)}."
    asked = {*people.one_of, *people.all_of, *people.if_appropriate}
    involved = [name for name in missing if name not in asked]
    if involved:
        yield f"Had a part in the case before: {strung(involved)}."
