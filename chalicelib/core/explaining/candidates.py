"""What comes nearest to what was asked for, and why it does not serve."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.core.checks import latest_since
from chalicelib.core.effects import Guard, Record
from chalicelib.core.explaining.facts import Explained, about_fact, said_fact
from chalicelib.core.history import could_precede, same_placement
from chalicelib.core.labels import listed, said_part
from chalicelib.core.matching import View
from chalicelib.core.missing import missing_parts
from chalicelib.core.openings import Opening
from chalicelib.core.patterns import Is, Not, Pattern
from chalicelib.core.saying import KINDS, said_day, said_patterns, said_test
from chalicelib.core.trace import Trace

# Further than this from what was asked, a fact is something else.
MOST_OBSTACLES = 2
# Of these another sort is still near; another step or document is simply another.
MEETINGS = ("meeting_convened", "meeting_held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A fact that nearly serves, and everything that keeps it from serving."""

    fact: Trace
    but: tuple[str, ...]

    def data(self, view: View) -> Explained:
        """Return it as data."""
        return {**about_fact(self.fact, view.protocol), "but": list(self.but)}

    def said(self, view: View) -> str:
        """Return it as a phrase: `a planning meeting held on Monday 5 October 2026, but of another kind`."""
        return f"{said_fact(self.fact, view.protocol)}, but {listed(self.but, 'and')}"


def needs_of(guard: Guard, step: Trace, view: View) -> list[Explained]:
    """Return each thing that a guard needs one of, with what comes nearest to it."""
    return [_need(pattern, guard, step, view) for pattern in guard.needs]


def _need(pattern: Pattern, guard: Guard, step: Trace, view: View) -> Explained:
    asked = said_patterns((pattern,), view.protocol)
    found = nearest(pattern, view, lambda fact: _before(guard, fact, step, view))
    if found is None:
        return {"asked": asked, "nearest": None, "said": f"Not recorded: {asked}."}
    return {"asked": asked, "nearest": found.data(view), "said": f"The nearest is {found.said(view)}."}


def nearest_to(opening: Opening) -> Candidate | None:
    """Return what came nearest to meeting a duty that stands open, none where nothing came near."""
    view = opening.view
    found = [
        nearest(pattern, view, lambda fact: _after(opening, fact)) for pattern in opening.obligation.until
    ]
    return _best([each for each in found if each is not None])


def nearest(pattern: Pattern, view: View, obstacles: Callable[[Trace], Iterator[str]]) -> Candidate | None:
    """Return the fact of a pattern's kind that has the fewest obstacles; of several the latest."""
    found = []
    for fact in view.history.of_kind(pattern.fact):
        but = (*_unfit(pattern, fact, view), *obstacles(fact))
        if 0 < len(but) <= MOST_OBSTACLES and not _is_something_else(pattern, fact, view):
            found.append(Candidate(fact=fact, but=but))
    return _best(found)


def _best(found: Sequence[Candidate]) -> Candidate | None:
    return min(found, key=lambda each: (len(each.but), -each.fact.on.toordinal(), each.fact.id), default=None)


def _is_something_else(pattern: Pattern, fact: Trace, view: View) -> bool:
    if fact.kind in MEETINGS:
        return False
    main = KINDS[pattern.fact].main
    asked = [test for test in pattern.tests if isinstance(test, Is) and test.field == main]
    return not all(view.holds(test, fact) for test in asked)


def _unfit(pattern: Pattern, fact: Trace, view: View) -> Iterator[str]:
    """Yield every test of a pattern that a fact of its kind does not pass."""
    main = KINDS[pattern.fact].main
    for test in pattern.tests:
        if view.holds(test, fact):
            continue
        match test:
            case Is(field=field) if field == main:
                yield "of another kind"
            case Not(tests=inner):
                yield from (said_test(each, view.protocol) for each in inner if view.holds(each, fact))
            case _:
                yield f"not {said_test(test, view.protocol)}"


def _before(guard: Guard, fact: Trace, step: Trace, view: View) -> Iterator[str]:
    """Yield why a fact does not count as having come before a step."""
    began = view.history.placement_began(step)
    since = latest_since(view, guard, step)
    if fact.id == step.id or not could_precede(fact, step):
        yield "not before this step"
    elif not view.in_order(fact, step):
        yield "on the same day, and no times say which came first"
    if fact.on < began:
        yield f"before the placement began on {said_day(began)}"
    elif since is not None and since.id != fact.id and not view.in_order(since, fact):
        yield f"before {said_fact(since, view.protocol)}"
    if not same_placement(fact, step):
        yield "about another placement"


def _after(opening: Opening, fact: Trace) -> Iterator[str]:
    """Yield why a fact does not count as meeting a duty that another opened."""
    if not could_precede(opening.fact, fact):
        yield "before this was owed"
        return
    if not opening.view.in_order(opening.fact, fact):
        yield "on the same day, and no times say which came first"
    if not opening.is_about_the_same(fact):
        yield _about_another(opening, fact)
    if fact.id in opening.view.incomplete:
        yield f"recorded incomplete: it lacks {listed(_lacking(opening.view, fact), 'and')}"
    earliest = opening.not_before_for(fact)
    if earliest and opening.is_too_early(fact):
        yield f"before {said_day(earliest)}, the first day on which it counts"


def _about_another(opening: Opening, fact: Trace) -> str:
    if not same_placement(opening.fact, fact):
        return "about another placement"
    if fact.for_id and fact.for_id != opening.duty_id:
        return "for another duty"
    if opening.fact.process_id and fact.process_id and opening.fact.process_id != fact.process_id:
        return "about another process"
    if fact.meeting_id == opening.fact.meeting_id:
        return "that is the meeting it follows from"
    return "about another meeting"


def _lacking(view: View, fact: Trace) -> list[str]:
    records = (
        effect for clause in view.protocol.clauses for effect in clause.effects if isinstance(effect, Record)
    )
    asked = (record for record in records if view.any_of(record.of, fact))
    lacking = (name for record in asked for name in missing_parts(view, record, fact))
    return [said_part(name, view.protocol) for name in dict.fromkeys(lacking)]
