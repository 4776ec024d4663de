"""What an example expects, against what came of it: a sentence for everything that is otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.core.answers import obstacles, safety_exception, ways_past
from chalicelib.core.case import Answer, Duty, Flag, Notice, Standing
from chalicelib.core.matching import View
from chalicelib.core.spoken import spoken_day
from chalicelib.core.trace import Trace

Expectation = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a case stands after an example, who was told, and the step that was proposed, if one was."""

    standing: Standing
    told: Sequence[Notice]
    proposed: Trace | None
    view: View

    def duties(self, clause: str) -> list[Duty]:
        """Return the duties of one clause."""
        return [duty for duty in self.standing.duties if duty.clause == clause]

    def flags(self, clause: str) -> list[Flag]:
        """Return the flags of one clause; where a step was proposed, those that it alone raised."""
        return [
            flag
            for flag in self.standing.flags
            if flag.clause == clause and (self.proposed is None or flag.fact_id == self.proposed.id)
        ]


def unmet(wanted: Expectation, outcome: Outcome) -> Iterator[str]:
    """Yield a sentence for everything that one expectation finds otherwise."""
    clause = str(wanted["clause"])
    if wanted.get("none"):
        found = len(outcome.duties(clause)) + len(outcome.flags(clause))
        if found:
            yield f"{clause}: expected nothing, found {found}"
        return
    if "answer" in wanted:
        yield from _unmet_answer(clause, wanted, outcome)
    elif wanted.keys() & DUTY_KEYS:
        yield from _unmet_duty(clause, wanted, outcome)
    if "told" in wanted:
        yield from _unmet_told(clause, wanted["told"], outcome)


def _unmet_duty(clause: str, wanted: Expectation, outcome: Outcome) -> Iterator[str]:
    duties = outcome.duties(clause)
    fitting = [duty for duty in duties if _fits(wanted, duty)]
    if not fitting:
        found = "; ".join(_described(duty) for duty in duties) or "no duty"
        yield f"{clause}: expected {_plain(wanted)}, found {found}"
    elif "count" in wanted and wanted["count"] != len(fitting):
        yield f"{clause}: expected {wanted['count']} such duties, found {len(fitting)}"


def _unmet_answer(clause: str, wanted: Expectation, outcome: Outcome) -> Iterator[str]:
    flags = outcome.flags(clause)
    answers = {str(flag.answer) for flag in flags} or {"none"}
    # A proposal that would be a breach is what is answered "refused".
    expected = str(Answer.BREACH) if wanted["answer"] == "refused" else str(wanted["answer"])
    if expected not in answers:
        yield f"{clause}: expected the answer {wanted['answer']}, found {', '.join(sorted(answers))}"
    missing = {part for flag in flags for part in flag.missing}
    for name in listed(wanted.get("missing", [])):
        if name not in missing:
            yield f"{clause}: expected {name} to be missing; missing: {sorted(missing)}"
    offered = set(_offered(clause, outcome))
    for name in listed(wanted.get("offers", [])):
        if name not in offered:
            yield f"{clause}: expected the exception {name} to be offered; offered: {sorted(offered)}"


def _offered(clause: str, outcome: Outcome) -> Iterator[str]:
    """Yield the exceptions that are open to the step proposed, or to what was recorded: by their tests."""
    view = outcome.view
    facts = [view.history.named(flag.fact_id) for flag in outcome.flags(clause)]
    for fact in [outcome.proposed] if outcome.proposed else facts:
        for way in (*ways_past(view, view.protocol.by_id[clause]), safety_exception(view)):
            if "does_not_apply" not in obstacles(view, fact, None, way):
                yield way.name


def _unmet_told(clause: str, wanted: object, outcome: Outcome) -> Iterator[str]:
    """Yield who was not told; nobody at all is expected by an empty list."""
    told = {notice.role for notice in outcome.told if notice.clause == clause}
    missing = set(listed(wanted)) - told
    if missing:
        yield f"{clause}: expected {', '.join(sorted(missing))} to be told; told: {sorted(told)}"
    if wanted == [] and told:
        yield f"{clause}: expected nobody to be told; told: {sorted(told)}"


def _fits(wanted: Expectation, duty: Duty) -> bool:
    return (
        ("state" not in wanted or wanted["state"] == str(duty.state))
        and ("due_on" not in wanted or spoken_day(str(wanted["due_on"])) == duty.due_on)
        and ("left" not in wanted or wanted["left"] == len(duty.left))
        and ("halted" not in wanted or wanted["halted"] == duty.halted)
        and ("owner" not in wanted or set(listed(wanted["owner"])) == set(duty.owner))
    )


DUTY_KEYS = frozenset({"state", "due_on", "left", "halted", "owner", "count"})


def listed(value: object) -> tuple[str, ...]:
    """Return one word or several as several."""
    return tuple(str(each) for each in value) if isinstance(value, list) else (str(value),)


def _plain(wanted: Expectation) -> str:
    return ", ".join(f"{k} {v}" for k, v in wanted.items() if k not in ("clause", "told"))


def _described(duty: Duty) -> str:
    due = f"{duty.due_on:%a} {duty.due_on.day} {duty.due_on:%b %Y}" if duty.due_on else "none"
    owner = ", ".join(duty.owner)
    return f"state {duty.state}, due_on {due}, left {len(duty.left)}, owner {owner}"
