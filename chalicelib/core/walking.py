"""Walk a story through time: each fact when it is told, and each moment at which something is due.

Nothing is stored. The clock goes from one `next_action_at` to the next, so reminders and
escalations leave when they really would.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from chalicelib.core.case import Answer, Case, Decision, Flag, Standing, State
from chalicelib.core.decision import decide
from chalicelib.core.errors import TooMuch
from chalicelib.core.london import LONDON, day_of
from chalicelib.core.rules import Rules
from chalicelib.core.trace import TIME_REACHED, Trace

# How often the schedule looks in a real case: what one decision could not hold, the next one tells.
TICK = timedelta(minutes=5)
AFTER_THE_STORY = timedelta(days=14)
AFTER_A_DEADLINE = timedelta(days=7)
LONGEST_WAIT = timedelta(days=366)
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How far a walk may go: somebody waits for it, and a weekly reminder for years is no news.

    A decision costs what it looks at: the facts, duties and flags of the case.
    """

    moments: int = 400
    on_moments: int = 14_000
    on_facts: int = 36_000


USUAL = Effort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One fact of a story, heard at its `learned_at`. A proposal that a clause refuses is not taken."""

    fact: Trace
    proposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One moment of a walk and the decision made then; `told` is none where only the clock moved.

    `refused` are the breaches for which a proposal was not taken: then the decision is what would
    have followed.
    """

    at: datetime
    before: Standing
    decision: Decision
    told: Told | None = None
    refused: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A story that was walked: its steps in order of time, and the case as it stands on `until`.

    Not `complete` where the clock had to stop before: then later reminders are missing.
    """

    rules: Rules
    case: Case
    steps: tuple[Step, ...]
    began: date
    until: date
    complete: bool

    @property
    def facts(self) -> tuple[Told, ...]:
        """What was told, in order; a refused proposal too."""
        return tuple(step.told for step in self.steps if step.told)


def walk(story: Iterable[Told], rules: Rules, until: date | None = None, effort: Effort = USUAL) -> Walk:
    """Tell a story to a case that begins empty, and let the clock run to the end of `until`.

    Without `until` it runs until a week after the last deadline, and two after the last fact.
    Raises TooMuch where telling the facts alone takes more than the effort allows.
    """
    walker = _Walker(case=_empty(rules), rules=rules, effort=effort)
    told = sorted(story, key=lambda each: each.fact.learned_at)
    for each in told:
        walker.let_pass(each.fact.learned_at)
        walker.hear(each)
    days = [day_of(each.fact.learned_at) for each in told]
    last = until or _sensible_end(walker.case, max(days, default=date.min))
    walker.let_pass(_end_of(last))
    began = min((each.fact.on for each in told), default=last)
    return Walk(
        rules=rules,
        case=walker.case,
        steps=tuple(walker.steps),
        began=began,
        until=last,
        complete=walker.complete,
    )


def _empty(rules: Rules) -> Case:
    protocols = tuple(protocol.id for protocol in rules.protocols)
    # The one id, so that the same story makes the same ids each time it is walked.
    return Case(id="rehearsal", authority="rehearsal", child_reference="X-0", protocols=protocols)


def _sensible_end(case: Case, last: date) -> date:
    owed = [duty.due_on for duty in case.standing.duties if duty.due_on and duty.state is State.OPEN]
    if last == date.min:
        return last
    wanted = max([last + AFTER_THE_STORY, *(due + AFTER_A_DEADLINE for due in owed)])
    return min(wanted, last + LONGEST_WAIT)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), LONDON).astimezone(UTC)


@dataclass(slots=True, kw_only=True)
class _Walker:
    case: Case
    rules: Rules
    effort: Effort
    steps: list[Step] = field(default_factory=list)
    now: datetime = EVER
    ticked: datetime = EVER
    moments: int = 0
    on_moments: int = 0
    on_facts: int = 0
    complete: bool = True

    def hear(self, told: Told) -> None:
        """Decide one fact. A proposal is tried, and taken unless a clause refuses it."""
        self.on_facts += _cost(self.case)
        if self.on_facts > self.effort.on_facts:
            raise TooMuch("more follows from these facts than one walk works out")
        decision = decide(self.case, told.fact, self.rules)
        refused = _breaches(decision) if told.proposed else ()
        self.now = max(self.now, told.fact.learned_at)
        self.steps.append(
            Step(at=self.now, before=self.case.standing, decision=decision, told=told, refused=refused)
        )
        if not refused:
            self.case = decision.after

    def let_pass(self, until: datetime) -> None:
        """Let the clock strike each moment at which something is due, up to `until`."""
        while (due := _next_moment(self.case.standing)) is not None:
            at = max(due, self.now)
            if at <= self.ticked:
                at = self.ticked + TICK
            if at > until:
                return
            if self.moments == self.effort.moments or self.on_moments > self.effort.on_moments:
                self.complete = False
                return
            self._strike(at)

    def _strike(self, at: datetime) -> None:
        self.moments += 1
        self.on_moments += _cost(self.case)
        self.now = self.ticked = at
        on = day_of(at)
        # No fact of a story can be called so: a name has no spaces.
        tick = Trace(id=f"clock {at.isoformat()}", kind=TIME_REACHED, on=on, learned_at=at, at=at)
        decision = decide(self.case, tick, self.rules)
        if decision.changes or decision.notices:
            self.steps.append(Step(at=at, before=self.case.standing, decision=decision))
        self.case = decision.after


def _cost(case: Case) -> int:
    return len(case.facts) + len(case.standing.duties) + len(case.standing.flags)


def _next_moment(standing: Standing) -> datetime | None:
    moments = [standing.wakes_at]
    moments += [duty.next_action_at for duty in standing.duties]
    moments += [flag.next_action_at for flag in standing.flags]
    return min((each for each in moments if each is not None), default=None)


def _breaches(decision: Decision) -> tuple[Flag, ...]:
    flags = decision.after.standing.flags
    return tuple(each for each in flags if each.fact_id == decision.fact.id and each.answer is Answer.BREACH)
