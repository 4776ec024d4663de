"""Decisions too big to be stored: one transaction holds a hundred items, or nothing is stored at all."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time

from chalicelib.core.case import Case, Decision, Standing, State
from chalicelib.core.decision import decide
from chalicelib.core.london import LONDON
from chalicelib.core.protocol import Example, Protocol
from chalicelib.core.rehearsal import Ran, example_fact
from chalicelib.core.rules import Rules
from chalicelib.core.spoken import spoken_day
from chalicelib.core.trace import TIME_REACHED, Trace
from chalicelib.core.working_days import Calendar
from workbench.findings import Finding

# TransactWriteItems takes no more (chalicelib/store/transaction.py, LIMIT).
LIMIT = 100
# The case, its journal entry and its line in the list; what the child's cases share; the receipt; the
# meeting's line in the log.
ALWAYS = 6
# By e-mail and by topic.
PER_NOTICE = 2
# A duty that is opened, met and withdrawn: its own item, and what tells its reminders that it ended.
PER_THING = 4
MORNING = time(9)


def at_most(ran: Ran) -> int:
    """Return how many items no decision of an example can exceed, from all that came of it."""
    if ran.decision is None:
        return 0
    stored = len(_stored(ran.decision.after.standing))
    return ALWAYS + PER_THING * stored + PER_NOTICE * len(ran.notices)


def too_big(example: Example, protocol: Protocol, calendar: Calendar) -> Iterator[Finding]:
    """Yield the fact of an example of which the decision would not fit one transaction."""
    sizes = [items(before.standing, decision) for before, decision in _decisions(example, protocol, calendar)]
    largest = max(sizes)
    if largest > LIMIT:
        number = sizes.index(largest)
        place = f"given[{number}]" if number < len(example.given) else "propose"
        yield Finding(
            f"example {example.name!r}.{place}",
            f"what follows from this one fact would store {largest} items, and one transaction holds"
            f" {LIMIT}: it would never be stored",
        )


def items(before: Standing, decision: Decision) -> int:
    """Return how many items storing a decision puts, with every notice sent in both ways."""
    after = decision.after.standing
    was, now = _stored(before), _stored(after)
    changed = sum(was.get(name) != now.get(name) for name in {*was, *now})
    open_before = {duty.id for duty in before.duties if duty.state is State.OPEN}
    open_after = {duty.id for duty in after.duties if duty.state is State.OPEN}
    return ALWAYS + changed + len(open_before ^ open_after) + PER_NOTICE * len(decision.notices)


def _stored(standing: Standing) -> Mapping[str, object]:
    """Return what of a standing is an item of its own."""
    duties = {duty.id: duty for duty in standing.duties}
    return {**duties, **{flag.id: flag for flag in standing.flags}, **{t.id: t for t in standing.tasks}}


def _decisions(example: Example, protocol: Protocol, calendar: Calendar) -> Iterator[tuple[Case, Decision]]:
    """Decide on the facts of an example, one after the other, and yield the case before each."""
    rules = Rules(protocols=(protocol,), calendar=calendar, calendar_hash="")
    case = Case(id="example", authority="example", child_reference="X-0", protocols=(protocol.id,))
    for fact in _traces(example):
        decision = decide(case, fact, rules)
        yield case, decision
        case = decision.after


def _traces(example: Example) -> Iterator[Trace]:
    for number, raw in enumerate((*example.given, *([example.propose] if example.propose else []))):
        yield example_fact(f"f{number}", raw)
    if example.today:
        at = datetime.combine(spoken_day(str(example.today)), MORNING, LONDON).astimezone(UTC)
        yield Trace(id="now", kind=TIME_REACHED, on=at.date(), learned_at=at, at=at)
