"""Checks on a step: guards, who is to act, what a record carries, freezes, days too early."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.core.answers import answer_to, excuse_for, flag_id_of
from chalicelib.core.case import FREEZE, Answer, Flag, Hold
from chalicelib.core.effects import Clause, Freeze, Guard, Obligation, People, Record
from chalicelib.core.history import could_precede, same_placement, surely_precedes
from chalicelib.core.holds import MOVES, bars
from chalicelib.core.lifetimes import openings
from chalicelib.core.matching import View
from chalicelib.core.missing import missing_parts, missing_people
from chalicelib.core.trace import Trace

Check = Guard | People | Record | Freeze | Obligation


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """One check that a fact did not pass, and what it lacks."""

    clause: Clause
    effect: Check
    fact: Trace
    why: str
    missing: tuple[str, ...] = ()


def record_flags(view: View, case_id: str) -> tuple[Flag, ...]:
    """Return a flag for every record that lacks parts; what no exception passes is incomplete."""
    found = tuple(_flag(view, tripped, case_id) for tripped in _incomplete(view))
    view.incomplete.update(flag.fact_id for flag in found if flag.answer is Answer.BREACH)
    return found


def flags(view: View, standing_holds: Sequence[Hold], case_id: str) -> Iterator[Flag]:
    """Yield a flag for every other check that the facts tripped, with how it was answered."""
    for tripped in (*_asked(view, standing_holds), *_too_early(view, case_id)):
        yield _flag(view, tripped, case_id)


def _flag(view: View, tripped: Tripped, case_id: str) -> Flag:
    clause, effect, fact = tripped.clause, tripped.effect, tripped.fact
    flag_id = flag_id_of(case_id, clause.id, effect.name, fact.id)
    answer, exception = answer_to(view, clause, fact)
    if answer in (Answer.BREACH, Answer.SAFETY) and excuse_for(flag_id, clause, view):
        answer = Answer.EXCUSED
    return Flag(
        id=flag_id,
        protocol=view.protocol.id,
        clause=clause.id,
        effect=effect.name,
        fact_id=fact.id,
        on=fact.on,
        opened_at=fact.moment,
        answer=answer,
        why=tripped.why,
        exception=exception,
        missing=tripped.missing,
        tell=effect.tell,
    )


def _incomplete(view: View) -> Iterator[Tripped]:
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            if isinstance(effect, Record):
                for fact in view.found(effect.of):
                    if missing := missing_parts(view, effect, fact):
                        yield Tripped(
                            clause=clause, effect=effect, fact=fact, why="incomplete", missing=missing
                        )


def _asked(view: View, standing_holds: Sequence[Hold]) -> Iterator[Tripped]:
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            match effect:
                case Guard():
                    yield from _unguarded(view, clause, effect)
                case People():
                    yield from _wrong_people(view, clause, effect)
                case Freeze():
                    yield from _frozen(view, clause, effect, standing_holds)
                case _:
                    pass


def _unguarded(view: View, clause: Clause, guard: Guard) -> Iterator[Tripped]:
    why = "needed_first" if guard.needs else "not_to_be_done"
    for fact in view.found(guard.before):
        if not needed_came_before(view, guard, fact):
            yield Tripped(clause=clause, effect=guard, fact=fact, why=why)


def _wrong_people(view: View, clause: Clause, people: People) -> Iterator[Tripped]:
    for fact in view.found(people.of):
        if missing := missing_people(view, people, fact):
            why = "not_the_right_person"
            yield Tripped(clause=clause, effect=people, fact=fact, why=why, missing=missing)


def _frozen(view: View, clause: Clause, freeze: Freeze, standing_holds: Sequence[Hold]) -> Iterator[Tripped]:
    own = [
        hold
        for hold in standing_holds
        if hold.sort == FREEZE and (hold.clause, hold.effect) == (clause.id, freeze.name)
    ]
    for kind in MOVES:
        for move in view.history.of_kind(kind):
            if any(bars(hold, view, move) for hold in own):
                yield Tripped(clause=clause, effect=freeze, fact=move, why="frozen")


def needed_came_before(view: View, guard: Guard, fact: Trace) -> bool:
    """Look back, to the start of the present placement or the latest `since`, for what is needed."""
    began = view.history.placement_began(fact)
    since = latest_since(view, guard, fact)
    return any(
        view.in_order(needed, fact)
        and needed.on >= began
        and same_placement(needed, fact)
        and (since is None or view.in_order(since, needed))
        for needed in view.found(guard.needs)
    )


def latest_since(view: View, guard: Guard, fact: Trace) -> Trace | None:
    """Return the latest fact since which alone something counts, none where there was none."""
    before = [
        each for each in view.found(guard.since) if _came_first(each, fact) and same_placement(each, fact)
    ]
    return before[-1] if before else None


def _came_first(since: Trace, fact: Trace) -> bool:
    """Say whether something came before a step.

    A move decided and carried out on one day was decided about the placement that it ended. All
    else of the step's own day is read as coming first, unless times say otherwise.
    """
    if since.kind == "placement_started":
        return surely_precedes(since, fact)
    return could_precede(since, fact)


def _too_early(view: View, case_id: str) -> Iterator[Tripped]:
    """Yield every fact that came before the day from which it may meet a duty."""
    seen: set[tuple[str, str, str]] = set()
    for clause in view.protocol.clauses:
        for effect in clause.effects:
            if not isinstance(effect, Obligation) or effect.not_before is None:
                continue
            for opening in openings(view, clause, effect, case_id):
                for fact in opening.following(effect.until):
                    key = (clause.id, effect.name, fact.id)
                    if opening.is_too_early(fact) and key not in seen:
                        seen.add(key)
                        yield Tripped(clause=clause, effect=effect, fact=fact, why="too_early")
