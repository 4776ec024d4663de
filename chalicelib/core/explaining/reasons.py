"""What a tripped check asks for, in sentences."""

from collections.abc import Iterator, Sequence

from chalicelib.core.case import Flag
from chalicelib.core.effects import Clause, Effect, Freeze, Guard, Obligation, People, Record
from chalicelib.core.explaining.deadlines import said_count
from chalicelib.core.explaining.facts import who
from chalicelib.core.labels import label_of, said_part, said_roles
from chalicelib.core.people import WHY_NOT
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import said_patterns

# A part that is to be there for each of several people is missing `stability_scale for iro.okafor`.
FOR = " for "


def said_reason(flag: Flag, protocol: Protocol) -> str:
    """Return what a tripped check asks for, as a sentence."""
    clause = protocol.by_id[flag.clause]
    match tripped_by(flag, clause):
        case Guard(needs=()):
            return "This is not to be done at all."
        case Guard() as guard:
            since = f" No older than {said_patterns(guard.since, protocol)}." if guard.since else ""
            return f"First needed, about this placement: {said_patterns(guard.needs, protocol)}.{since}"
        case People() as people:
            return " ".join(_said_people(people, flag.missing, protocol))
        case Record():
            return f"To be complete it must carry: {', '.join(said_missing(flag.missing, protocol))}."
        case Obligation(not_before=wait) if wait:
            return f"This comes too early: at least {said_count(wait)} are to pass first."
        case Freeze() as freeze:
            return (
                f"The move is frozen until every {label_of('process', freeze.process, protocol)} has ended."
            )
        case _:
            return clause.text


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
    absent = [protocol.roles[role].label for role in people.all_of if role in lacking]
    if absent:
        yield f"Missing in `{people.field}`: {', '.join(absent)}."
    for role in people.if_appropriate:
        if role in lacking:
            label = protocol.roles[role].label
            yield f"Neither is there in `{people.field}` nor, as `{WHY_NOT}{role}`, why not: {label}."
    asked = {*people.one_of, *people.all_of, *people.if_appropriate}
    involved = [name for name in missing if name not in asked]
    if involved:
        yield f"Had a part in the case before: {', '.join(involved)}."
