"""What a clause does, in sentences: its checks on steps, people and records, its freezes and halts."""

from collections.abc import Iterator

from chalicelib.core.effects import (
    Effect,
    Freeze,
    Guard,
    Halt,
    Obligation,
    Part,
    People,
    Record,
    Resume,
    Uninvolved,
    WayPast,
)
from chalicelib.core.labels import label_of, listed, said_part, said_role, said_roles, with_article
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import said_events, said_test
from workbench.said import Said, sentence
from workbench.said_duties import said_obligation

# How one person in a field, and how several, are asked for.
ONE = {
    "by": "it is done by {}",
    "to": "it goes to {}",
    "chair": "the chair is {}",
    "present": "{} is present",
    "invited": "{} is invited",
    "signed_by": "it is signed by {}",
}
ALL = {
    "by": "it is done by all of {}",
    "to": "it goes to all of {}",
    "chair": "the chair is all of {}",
    "present": "{} are present",
    "invited": "{} are invited",
    "signed_by": "it is signed by all of {}",
}
WAYS = {
    "allocated": "was allocated to it",
    "chair": "chaired a meeting",
    "present": "was at a meeting",
    "by": "acted in it",
}
# What stands in a fixed wording for the day of the meeting, and how it reads.
MEETING_ON = ("{meeting_on}", "[the day of the meeting]")
TYPES = {"date": "a date", "role": "a role"}


def said_effect(effect: Effect, protocol: Protocol) -> tuple[Said, ...]:
    """Return what one effect says, sentence by sentence."""
    return (*_said(effect, protocol), *_shared(effect, protocol))


def _said(effect: Effect, protocol: Protocol) -> Iterator[Said]:
    match effect:
        case Obligation():
            yield from said_obligation(effect, protocol)
        case Guard():
            yield from _guard(effect, protocol)
        case People():
            yield from _people(effect, protocol)
        case Freeze():
            process = with_article(label_of("process", effect.process, protocol))
            yield Said(
                "while", sentence(f"while {process} is open the child's move is barred, unless for safety")
            )
        case Halt():
            yield from _halt(effect, protocol)
        case Record():
            yield Said("of", sentence(f"when {said_events(effect.of, protocol)}, it carries:"))
            yield from (Said(f"part {part.name}", f"– {_part(part, protocol)}") for part in effect.contains)


def _guard(guard: Guard, protocol: Protocol) -> Iterator[Said]:
    before = said_events(guard.before, protocol)
    if not guard.needs:
        yield Said("before", sentence(f"not at all, unless excepted: {before}"))
        return
    yield Said("before", sentence(f"before {before}, this is needed about the same placement:"))
    for number, need in enumerate(guard.needs):
        either = "" if number == 0 else "or "
        yield Said(f"need {number + 1}", f"– {either}{said_events((need,), protocol)}")
    if guard.since:
        since = said_events(guard.since, protocol)
        yield Said("since", sentence(f"it counts only from the latest day on which {since}"))


def _people(people: People, protocol: Protocol) -> Iterator[Said]:
    field = people.field
    yield Said("of", sentence(f"when {said_events(people.of, protocol)}:"))
    if people.one_of:
        yield Said("one_of", f"– {ONE[field].format(said_roles(people.one_of, protocol))}")
    if people.all_of:
        shape = ALL if len(people.all_of) > 1 else ONE
        yield Said("all_of", f"– {shape[field].format(said_roles(people.all_of, protocol, 'and'))}")
    for role in people.if_appropriate:
        said = ONE[field].format(said_role(role, protocol))
        yield Said(f"if appropriate {role}", f"– {said}, or it is written down why not")
    if people.uninvolved:
        yield Said("uninvolved", f"– {_uninvolved(people.uninvolved)}")


def _uninvolved(asked: Uninvolved) -> str:
    where = "any of the child's cases" if asked.across_child else "this case"
    return f"nobody who before, in {where}, {listed([WAYS[way] for way in asked.ways])}"


def _halt(halt: Halt, protocol: Protocol) -> Iterator[Said]:
    process = with_article(label_of("process", halt.process, protocol))
    yield Said("while", sentence(f"while {process} is open the clocks of this protocol stand still"))
    kept = "the days that were left are kept" if halt.resume is Resume.KEEP_REMAINING else "they start again"
    yield Said("resume", sentence(f"when it ends, {kept}"))


def _part(part: Part, protocol: Protocol) -> str:
    said = said_part(part.name, protocol) if part.label is None else part.label
    if part.rows:
        said += f": rows of {listed([_part(column, protocol) for column in part.rows], 'and')}"
    if part.for_each:
        said += f", one for {said_role(part.for_each, protocol)}"
    if part.choose:
        said += f" (one of: {listed([label_of(part.name, word, protocol) for word in part.choose])})"
    if part.type in TYPES:
        said += f" ({TYPES[part.type]})"
    if part.fixed:
        said += f", worded “{part.fixed.replace(*MEETING_ON)}”"
    return f"{said}, if there is any" if part.optional else said


def _shared(effect: Effect, protocol: Protocol) -> Iterator[Said]:
    if effect.tell and not isinstance(effect, Obligation):
        spoken = "it begins and ends" if isinstance(effect, Freeze | Halt) else "it is not kept"
        yield Said("tell", sentence(f"told when {spoken}: {said_roles(effect.tell, protocol, 'and')}"))
    if effect.basis == "local_policy":
        yield Said("basis", "This is local policy; the text does not say it.")


def said_way(way: WayPast, protocol: Protocol) -> tuple[Said, ...]:
    """Return what a way past other clauses says."""
    return tuple(_way(way, protocol))


def _way(way: WayPast, protocol: Protocol) -> Iterator[Said]:
    clauses = listed([f"{protocol.by_id[target].printed} [{target}]" for target in way.to], "and")
    yield Said("to", sentence(f"it passes {clauses}, with a reason in words"))
    if way.when:
        tests = ", ".join(said_test(test, protocol) for test in way.when)
        yield Said("for", sentence(f"it is for a step {tests}"))
    if way.approver:
        yield Said("approver", sentence(f"approved by {said_roles(way.approver, protocol)}"))
    if way.confirm:
        yield Said("confirm", f"Confirmed: “{way.confirm}”")
