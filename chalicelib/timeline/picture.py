"""What a timeline shows of a walk: a row for each duty and each flag, ticks, dots and bands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from chalicelib.core.case import HALT, Answer, Duty, Flag, Hold, State
from chalicelib.core.london import day_of
from chalicelib.core.narrating import About, Narrator, is_news, occasion_sort, short_day, stood
from chalicelib.core.walking import Step, Walk
from chalicelib.core.working_days import SATURDAY
from chalicelib.timeline.axis import Axis

WITHDRAWN = "withdrawn"
WEEKEND = "weekend"
REMINDERS = ("rung-before_due",)
CHASERS = ("rung-after_due", "rung-open_for")
# How a notice is drawn, what matters most first.
SORTS = ("chaser", "reminder", "told")
ANSWERS = {
    str(Answer.BREACH): "breach",
    str(Answer.EXCEPTED): "exception used",
    str(Answer.SAFETY): "done for safety",
    str(Answer.EXCUSED): "excused",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """Somebody is told something: `sort` is told, reminder or chaser."""

    at: datetime
    sort: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One duty or one flag. `due_was` are dates that it had before it moved.

    `state` is a duty's state or a flag's answer, or says that it was withdrawn.
    """

    id: str
    protocol: str
    clause: str
    printed: str
    text: str
    who: str
    state: str
    said: str
    began: date
    is_flag: bool = False
    ended: date | None = None
    due: date | None = None
    due_was: tuple[date, ...] = ()
    provisional: bool = False
    late: bool = False
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One fact of the story, numbered in the order in which it was told.

    `replaced_by` is the number of the latest that corrected it or took it back.
    """

    number: int
    on: date
    told_on: date
    said: str
    particulars: str
    proposed: bool
    refused: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    replaced_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A freeze or a halt; `last` is none while it lasts."""

    sort: str
    protocol: str
    cited: str
    first: date
    last: date | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that a timeline shows, between two days."""

    titles: Mapping[str, str]
    first: date
    last: date
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    closed: Mapping[date, str]
    complete: bool

    @property
    def axis(self) -> Axis:
        """The days that are shown: all, unless nothing happens for long."""
        return Axis.of(self.first, self.last, self._busy())

    def _busy(self) -> Iterator[date]:
        for row in self.rows:
            yield from (on for on in (row.began, row.ended, row.due, *row.due_was) if on)
            yield from (day_of(dot.at) for dot in row.dots)
        yield from (tick.on for tick in self.ticks)
        yield from (on for band in self.bands for on in (band.first, band.last) if on)


def picture_of(walk: Walk) -> Picture:
    """Return what a timeline shows of a walk."""
    rules = walk.rules
    sketch = _Sketch(walk, Narrator(protocols=rules.protocols, calendar=rules.calendar))
    protocols = [protocol.id for protocol in rules.protocols]
    rows = sorted(
        [*sketch.duties(), *sketch.flags()],
        key=lambda row: (protocols.index(row.protocol), row.is_flag, row.began),
    )
    first = min([walk.began, *(row.began for row in rows)])
    return Picture(
        titles={protocol.id: protocol.title for protocol in rules.protocols},
        first=first,
        last=max(walk.until, first),
        rows=tuple(rows),
        ticks=tuple(sketch.ticks()),
        bands=tuple(sketch.band(hold) for hold in walk.case.standing.holds),
        closed=dict(_closed(walk, first)),
        complete=walk.complete,
    )


@dataclass(frozen=True)
class _Sketch:
    walk: Walk
    narrator: Narrator

    def duties(self) -> Iterator[Row]:
        """Yield a row for every duty, those taken back on the way too."""
        now = {duty.id: duty for duty in self.walk.case.standing.duties}
        was = {duty.id: duty for step, _ in self._taken for duty in step.before.duties}
        for duty in {**was, **now}.values():
            state = str(duty.state) if duty.id in now else WITHDRAWN
            protocol = self.narrator.protocol(duty)
            clause = protocol.by_id[duty.clause]
            late = state == State.OPEN and duty.due_on is not None and duty.due_on < self.walk.until
            yield Row(
                id=duty.id,
                protocol=protocol.id,
                clause=duty.clause,
                printed=clause.printed,
                text=clause.text,
                who=self.narrator.owners(duty),
                state=state,
                said=self._said(duty, state, late=late),
                began=duty.opened_on,
                ended=duty.settled_on if state != WITHDRAWN else self._gone_on(duty.id),
                due=duty.due_on,
                due_was=self._due_was(duty),
                provisional=duty.provisional,
                late=late,
                dots=tuple(self._dots(duty)),
            )

    def flags(self) -> Iterator[Row]:
        """Yield a row for every flag, those cleared on the way too."""
        now = {flag.id: flag for flag in self.walk.case.standing.flags}
        was = {flag.id: flag for step, _ in self._taken for flag in step.before.flags}
        for flag in {**was, **now}.values():
            protocol = self.narrator.protocol(flag)
            clause = protocol.by_id[flag.clause]
            state = str(flag.answer) if flag.id in now else WITHDRAWN
            yield Row(
                id=flag.id,
                protocol=protocol.id,
                clause=flag.clause,
                printed=clause.printed,
                text=clause.text,
                who=flag.exception.replace("_", " ") if flag.exception else "",
                state=state,
                said=f"{ANSWERS.get(state, state)} {self._day(flag.on)}",
                began=flag.on,
                is_flag=True,
                dots=tuple(self._dots(flag)),
            )

    def ticks(self) -> Iterator[Tick]:
        """Yield what was told, in order."""
        told = [step for step in self.walk.steps if step.told]
        replaced = {step.decision.fact.replaces: number for number, step in enumerate(told, start=1)}
        for number, step in enumerate(told, start=1):
            fact = step.decision.fact
            flags = step.refused or _flagged(step)
            yield Tick(
                number=number,
                on=fact.on,
                told_on=day_of(fact.learned_at),
                said=self.narrator.fact(fact),
                particulars=self.narrator.particulars(fact),
                proposed=step.told is not None and step.told.proposed,
                refused=tuple(dict.fromkeys(flag.clause for flag in step.refused)),
                flagged=tuple(dict.fromkeys(flag.clause for flag in flags)),
                replaced_by=replaced.get(fact.id),
            )

    def band(self, hold: Hold) -> Band:
        """Return a freeze or a halt."""
        what = "Clocks stopped" if hold.sort == HALT else "Frozen"
        return Band(
            sort=hold.sort,
            protocol=hold.protocol,
            first=hold.opened_on,
            last=hold.ended_on,
            said=f"{what}: {self.narrator.word('process', hold.process)}",
            cited=self.narrator.cited(hold),
        )

    @cached_property
    def _taken(self) -> tuple[tuple[Step, Mapping[str, About]], ...]:
        """Each step that was taken, with everything as it stood then."""
        steps = (step for step in self.walk.steps if not step.refused)
        return tuple((step, stood(step.before, step.decision.after.standing)) for step in steps)

    def _dots(self, about: Duty | Flag) -> Iterator[Dot]:
        """Yield a dot for each moment at which somebody hears of something."""
        for step, known in self._taken:
            heard = [notice for notice in step.decision.notices if notice.about == about.id]
            if heard:
                then = known.get(about.id, about)
                sorts = {_drawn(occasion_sort(notice.occasion)) for notice in heard}
                said = " ".join(self.narrator.notice(notice, then, step.at) for notice in heard)
                yield Dot(at=step.at, sort=next(sort for sort in SORTS if sort in sorts), said=said)

    def _said(self, duty: Duty, state: str, *, late: bool) -> str:
        """Return how a duty stands, as its label says it."""
        due = self._day(duty.due_on) if duty.due_on else ""
        ended = self._day(duty.settled_on) if duty.settled_on and state != WITHDRAWN else ""
        if state == State.OPEN:
            if duty.halted:
                return "clock stopped"
            if not due:
                return "open, no time limit"
            provisional = ", provisional" if duty.provisional else ""
            return f"overdue, was due {due}" if late else f"due {due}{provisional}"
        if state == State.MET and duty.settled_on and duty.due_on and duty.settled_on > duty.due_on:
            return f"met late {ended}, was due {due}"
        was = f", was due {due}" if due and state != State.MET and due != ended else ""
        return f"{state} {ended}".rstrip() + was

    def _day(self, on: date) -> str:
        """Return a day as `Mon 13 Apr`, with its year where that is not the last day's."""
        return f"{on:%a} {on.day} {on:%b}" if on.year == self.walk.until.year else short_day(on)

    def _due_was(self, duty: Duty) -> tuple[date, ...]:
        moved = [
            change.was
            for step, known in self._taken
            for change in step.decision.changes
            if change.about == duty.id and change.what == "moved" and is_news(change, known.get(duty.id))
        ]
        found = [date.fromisoformat(was) for was in moved if was]
        return tuple(each for each in dict.fromkeys(found) if each != duty.due_on)

    def _gone_on(self, duty_id: str) -> date | None:
        for step, _ in self._taken:
            if any(change.about == duty_id and change.what == WITHDRAWN for change in step.decision.changes):
                return day_of(step.at)
        return None


def _drawn(occasion: str) -> str:
    return "chaser" if occasion in CHASERS else "reminder" if occasion in REMINDERS else "told"


def _flagged(step: Step) -> tuple[Flag, ...]:
    flags = step.decision.after.standing.flags
    return tuple(each for each in flags if each.fact_id == step.decision.fact.id)


def _closed(walk: Walk, first: date) -> Iterator[tuple[date, str]]:
    """Yield the days on which nothing is counted."""
    for ahead in range((max(walk.until, first) - first).days + 1):
        on = first + timedelta(days=ahead)
        if on.weekday() >= SATURDAY:
            yield on, WEEKEND
        elif on in walk.rules.calendar.closed:
            yield on, walk.rules.calendar.closed[on]
