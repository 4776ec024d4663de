"""What would be refused now and why: every guard and freeze tried against today."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.core.case import FREEZE, Answer, Case, Flag, Hold
from chalicelib.core.checks import needed_came_before
from chalicelib.core.effects import Clause, Freeze, Guard
from chalicelib.core.explaining import explain_refusal
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.history import History
from chalicelib.core.holds import MOVES, bars
from chalicelib.core.matching import View
from chalicelib.core.outlook.steps import Step, steps
from chalicelib.core.rules import Rules


def refused(case: Case, rules: Rules, now: datetime) -> list[Explained]:
    """Return every step that a guard or a freeze would not let pass, with all of its reasons."""
    found = []
    for step in steps(case, rules, now):
        history = History((*case.facts, step.fact))
        views = [rules.view(each, history) for each in rules.protocols]
        tripped = [flag for view in views for flag in _tripped(step, view, case.standing.holds)]
        if tripped:
            found.append(_refusal(step, [_reason(flag, rules, history) for flag in tripped]))
    return found


def _reason(flag: Flag, rules: Rules, history: History) -> Explained:
    """Return why the step does not pass; there is no fact of it to be named."""
    told = explain_refusal(flag, rules, history)
    return {name: value for name, value in told.items() if name != "fact"}


def _refusal(step: Step, reasons: list[Explained]) -> Explained:
    cited = " and ".join(dict.fromkeys(f"{each['cited']} ({each['title']})" for each in reasons))
    does = "would be refused" if step.may_be_proposed else "would be flagged"
    return {
        "step": step.data(),
        "answer": "refused" if step.may_be_proposed else "flagged",
        "reasons": reasons,
        "said": f"If {step.said} now, it {does} by {cited}.",
    }


def _tripped(step: Step, view: View, holds: tuple[Hold, ...]) -> Iterator[Flag]:
    """Yield a flag for every guard and freeze of one protocol that the step would trip."""
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            match effect:
                case Guard() as guard if view.any_of(guard.before, step.fact):
                    if not needed_came_before(view, guard, step.fact):
                        why = "needed_first" if guard.needs else "not_to_be_done"
                        yield _flag(step, clause, guard, why, view)
                case Freeze() as freeze if step.fact.kind in MOVES:
                    if any(bars(each, view, step.fact) for each in _own(holds, clause, freeze, view)):
                        yield _flag(step, clause, freeze, "frozen", view)
                case _:
                    pass


def _own(holds: tuple[Hold, ...], clause: Clause, freeze: Freeze, view: View) -> Iterator[Hold]:
    for hold in holds:
        ours = (hold.protocol, hold.clause, hold.effect) == (view.protocol.id, clause.id, freeze.name)
        if ours and hold.sort == FREEZE:
            yield hold


def _flag(step: Step, clause: Clause, effect: Guard | Freeze, why: str, view: View) -> Flag:
    """Return the flag that a step would raise: it has no id, since nobody has raised it."""
    return Flag(
        id="",
        protocol=view.protocol.id,
        clause=clause.id,
        effect=effect.name,
        fact_id=step.fact.id,
        on=step.fact.on,
        opened_at=step.fact.moment,
        answer=Answer.BREACH,
        why=why,
        tell=effect.tell,
    )
