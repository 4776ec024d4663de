"""Why a duty is owed and when it is due: as data and as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from chalicelib.core.case import Duty, Flag, State
from chalicelib.core.dates import days_to
from chalicelib.core.effects import Clause, Freeze, Guard, Obligation, People, Record
from chalicelib.core.history import History
from chalicelib.core.patterns import After, AtOnce, By, On
from chalicelib.core.people import WHY_NOT
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.saying import HAPPENED, said_day, said_patterns

Explained = Mapping[str, object]


def explain_duty(duty: Duty, rules: Rules, history: History) -> Explained:
    """Return everything behind one duty: clause, opening fact, days counted, what is left."""
    protocol = rules.protocol(duty.protocol)
    clause = protocol.by_id[duty.clause]
    obligation = _obligation(clause, duty.effect)
    days = _days(duty, obligation, protocol, rules)
    return {
        "protocol": protocol.id,
        "clause": clause.id,
        "printed": clause.printed,
        "force": str(clause.force),
        "text": clause.text,
        "basis": _basis(obligation),
        "opened_by": duty.opened_by,
        "opened_on": duty.opened_on.isoformat(),
        "met_by": said_patterns(obligation.until, protocol),
        "days": days,
        "left": [_said_cell(cell, protocol) for cell in duty.left],
        "sentences": [_opening(duty, clause, history), *_sentences(duty, obligation, protocol, days)],
    }


def explain_flag(flag: Flag, rules: Rules) -> Explained:
    """Return what a flag is about: the clause, its words, and how it was answered."""
    protocol = rules.protocol(flag.protocol)
    clause = protocol.by_id[flag.clause]
    return {
        "protocol": protocol.id,
        "clause": clause.id,
        "printed": clause.printed,
        "force": str(clause.force),
        "text": clause.text,
        "check": flag.why,
        "reason": said_reason(flag, protocol),
    }


def said_reason(flag: Flag, protocol: Protocol) -> str:
    """Return what a tripped check asks for, as a sentence."""
    clause = protocol.by_id[flag.clause]
    match next(effect for effect in clause.effects if effect.name == flag.effect):
        case Guard(needs=()):
            return "This is not to be done at all."
        case Guard() as guard:
            return f"First needed, about this placement: {said_patterns(guard.needs, protocol)}."
        case People() as people:
            return " ".join(_said_people(people, flag.missing, protocol))
        case Record():
            return f"To be complete it must carry: {_said_missing(flag, protocol)}."
        case Obligation() as obligation if obligation.not_before:
            wait = obligation.not_before
            unit = wait.unit.replace("_", " ")
            return f"This comes too early: at least {wait.count} {unit} are to pass first."
        case Freeze() as freeze:
            return f"The move is frozen until every {protocol.words['process'][freeze.process]} has ended."
        case _:
            return clause.text


def _said_people(people: People, missing: Sequence[str], protocol: Protocol) -> Iterator[str]:
    """Yield what a field's people lack, as sentences; what else is missing was involved before."""
    lacking = set(missing)
    if people.one_of and lacking.issuperset(people.one_of):
        roles = " or ".join(protocol.roles[role].label for role in people.one_of)
        yield f"This is for the {roles}: nobody in `{people.field}` fills that role."
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


def _said_missing(flag: Flag, protocol: Protocol) -> str:
    roles, parts = protocol.roles, protocol.parts
    return ", ".join(
        roles[name].label
        if name in roles
        else (parts[name].label or name.replace("_", " "))
        if name in parts
        else name.replace("_", " ")
        for name in flag.missing
    )


def _obligation(clause: Clause, name: str) -> Obligation:
    for effect in clause.effects:
        if isinstance(effect, Obligation) and effect.name == name:
            return effect
    raise KeyError(f"{clause.id} has no obligation {name!r}")


def _basis(obligation: Obligation) -> str:
    return obligation.due.basis if isinstance(obligation.due, After) else obligation.basis


def _days(duty: Duty, obligation: Obligation, protocol: Protocol, rules: Rules) -> list[Mapping[str, object]]:
    """Return each day from the opening to the due day: counted or skipped, and why."""
    if not isinstance(obligation.due, After):
        return []
    day_zero = str(protocol.setting("day_zero", "event"))
    counted = days_to(duty.opened_on, obligation.due, day_zero, rules.calendar)
    return [{"on": day.on.isoformat(), "counted": day.counted, "why": day.why} for day in counted]


def _sentences(
    duty: Duty, obligation: Obligation, protocol: Protocol, days: list[Mapping[str, object]]
) -> Iterator[str]:
    opened = said_day(duty.opened_on)
    match obligation.due:
        case AtOnce():
            yield f"Due at once: on {opened}."
            yield from _ended(duty)
            return
        case After() as due:
            unit = due.unit.replace("_", " ")
            yield f"{due.count} {unit} after {opened}, which is not counted."
            yield from _skipped(days)
            if due.source:
                yield f"The figure is local policy ({due.source}); the text gives none."
        case By() as limit:
            yield f"Due no later than {said_patterns(limit.patterns, protocol)}."
        case On():
            yield "Due on the date that was planned."
        case None:
            yield "The text gives no time limit."
    if duty.due_on:
        provisional = ", provisionally" if duty.provisional else ""
        yield f"Due on {said_day(duty.due_on)}{provisional}."
    yield from _ended(duty)


def _ended(duty: Duty) -> Iterator[str]:
    if duty.note == "only_one_meeting":
        yield "Only one meeting was held, so there is one record to send."
    if duty.settled_on and duty.state is not State.OPEN:
        yield f"{str(duty.state).capitalize()} on {said_day(duty.settled_on)}."


def _opening(duty: Duty, clause: Clause, history: History) -> str:
    happened = HAPPENED[history.named(duty.opened_by).kind]
    return f"Opened on {said_day(duty.opened_on)}, when {happened}, by clause {clause.printed}."


def _skipped(days: list[Mapping[str, object]]) -> Iterator[str]:
    skipped = [_said_skipped(day) for day in days if not day["counted"]]
    if skipped:
        yield f"Not counted: {', '.join(skipped)}."


def _said_skipped(day: Mapping[str, object]) -> str:
    """Return a day and why it isn't counted; a day at the weekend says so by its name."""
    on, why = said_day(date.fromisoformat(str(day["on"]))), str(day["why"])
    return on if on.startswith(why) else f"{on} ({why})"


def _said_cell(cell: Mapping[str, str], protocol: Protocol) -> Mapping[str, str]:
    """Return a cell with its roles' labels beside their words."""
    roles = protocol.roles
    return {name: roles[word].label if word in roles else word for name, word in cell.items()}
