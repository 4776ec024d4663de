"""Why a duty is owed and when it is due: as data and as sentences."""

from collections.abc import Iterator, Mapping
from datetime import date

from chalicelib.core.case import Duty, Flag, State
from chalicelib.core.dates import days_to
from chalicelib.core.decision import Rules
from chalicelib.core.effects import Clause, Freeze, Guard, Obligation, People
from chalicelib.core.history import History
from chalicelib.core.patterns import After, AtOnce, By, On
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import HAPPENED, said_day, said_patterns

Explained = Mapping[str, object]


def explain_duty(duty: Duty, rules: Rules, history: History) -> Explained:
    """Return everything behind one duty: clause, opening fact, days counted, what is left."""
    protocol = next(each for each in rules.protocols if each.id == duty.protocol)
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
    protocol = next(each for each in rules.protocols if each.id == flag.protocol)
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
            roles = " or ".join(protocol.roles[role].label for role in people.one_of)
            return f"This is for the {roles}: nobody in `{people.field}` fills that role."
        case Freeze() as freeze:
            return f"The move is frozen until every {protocol.words['process'][freeze.process]} has ended."
        case _:
            return clause.text


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
