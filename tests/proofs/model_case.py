"""What Oakhaven's three clauses ask of a case, in plain Python: how it stands, and who is told what.

It shares no line with the engine. What counts is worked out anew from all that was told, day by day on a
wall calendar; what is said follows from how the case stood before and stands now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tests.proofs.model_ladder import (
    ADMINISTRATOR,
    ALERT,
    AT_ONCE,
    GUARD,
    HEARERS,
    IRO,
    RECORD,
    TASK,
    Key,
    Thing,
    To,
    leavings,
)
from tests.proofs.slow_ladder import worked_after

WITHDRAWN = "fact_withdrawn"
# More rungs than this are left for another tick: the model does not follow there.
MOST_AT_ONCE = 24


class TooMuch(Exception):
    """More is due at once than the model knows about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that somebody told us: `at` is when, `on` the day on which it was so."""

    id: str
    kind: str
    on: date
    at: datetime
    replaces: str = ""
    meeting: str = ""
    outcome: str = ""
    who: str = ""
    harm: bool = False
    task: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What somebody is told of one thing on one occasion."""

    about: Key
    occasion: str
    to: To
    urgency: str
    due: date | None = None
    dies_with: Key | None = None
    person: str | None = None
    of_manager: bool = False

    @property
    def known_as(self) -> tuple[Key, str, To]:
        """What it is said once under."""
        return self.about, self.occasion, self.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A message that did not arrive, as its case heard of it: who else can be told, and how."""

    task: Key
    on: date
    at: datetime
    role: str
    person: str | None
    via_manager: bool
    is_alert: bool
    beside: tuple[str, ...]


@dataclass(kw_only=True)
class Case:
    """One case: all that was told of it, and all that was said because of it."""

    id: str
    told: list[Told] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    clock: datetime | None = None
    version: int = 0
    things: dict[Key, Thing] = field(default_factory=dict)
    said: set[tuple[Key, str, To]] = field(default_factory=set)
    gone: set[Key] = field(default_factory=set)

    # --- what happens -------------------------------------------------------------------------

    def hears(self, told: Told) -> list[Notice]:
        """Take one more thing; return what is said because of it."""
        before = self.allocations()
        self.told.append(told)
        after = self.allocations()
        newcomers = {role for role, person in after.items() if before.get(role, person) != person}
        return self._turns(told.id, newcomers)

    def loses(self, lost: Lost) -> list[Notice]:
        """Hear that a message did not arrive."""
        self.lost.append(lost)
        return self._turns("", set())

    def wakes(self, now: datetime) -> list[Notice]:
        """Hear that a moment has come at which something was due."""
        self.clock = now
        return self._turns("", set())

    def would_breach(self, told: Told) -> bool:
        """Whether something that somebody means to do would break a clause."""
        tried = Case(id=self.id, told=[*self.told, told])._stands()
        return any(thing.about == (GUARD, told.id) and thing.state == "breach" for thing in tried.values())

    def is_due(self, now: datetime) -> bool:
        """Whether the tick has something to do here."""
        moments = [self.next_action(each) for each in self.things.values()]
        return any(at is not None and at <= now for at in moments)

    def _turns(self, cause: str, newcomers: set[str]) -> list[Notice]:
        before, self.things = self.things, self._stands()
        self.version += 1
        owed = self._called_for()
        heard = {(each.about, each.to) for each in owed}
        again = [
            each for each in self._retold(before, cause, newcomers) if (each.about, each.to) not in heard
        ]
        self.gone |= before.keys() - self.things.keys()
        self.said |= {each.known_as for each in (*owed, *again)}
        return [*owed, *again]

    # --- how it stands ------------------------------------------------------------------------

    def counted(self) -> list[Told]:
        """Return what counts by now: of each thing what was told of it last, unless that took it back."""
        known = {each.id: each for each in self.told}
        last: dict[str, Told] = {}
        for each in self.told:
            target = known.get(each.replaces)
            if each.kind == WITHDRAWN and (target is None or target.kind == WITHDRAWN):
                continue
            if not self._taken_back(each):
                last[self._root(each, known)] = each
        counted = [
            replace(each, id=root, at=known[root].at) for root, each in last.items() if each.kind != WITHDRAWN
        ]
        return sorted(counted, key=lambda each: (each.on, each.at, each.id))

    def _taken_back(self, withdrawal: Told) -> bool:
        if withdrawal.kind != WITHDRAWN:
            return False
        later = (each for each in self.told if each.kind == WITHDRAWN and each.replaces == withdrawal.id)
        return any(not self._taken_back(each) for each in later)

    @staticmethod
    def _root(told: Told, known: Mapping[str, Told]) -> str:
        while told.replaces:
            told = known[told.replaces]
        return told.id

    def allocations(self) -> dict[str, str]:
        """Return who is in which role by now."""
        seated: dict[str, str] = {}
        for each in self.counted():
            if each.kind == "referral_received":
                seated |= {"iro": "p-iro", "team_manager": "p-tm", "social_worker": each.who}
            elif each.kind == "details_recorded":
                seated["social_worker"] = each.who
        return seated

    def _stands(self) -> dict[Key, Thing]:
        counted, seated = self.counted(), self.allocations()
        found = [thing for each in counted if (thing := _thing(each, counted, seated))]
        done = {each.task for each in counted if each.kind == "step_done"}
        found += [
            Thing(
                about=each.task,
                state="done" if each.task in done else "open",
                on=each.on,
                at=each.at,
                due=each.on,
                silent=each.is_alert,
            )
            for each in self.lost
        ]
        return {thing.about: thing for thing in found}

    # --- what is said -------------------------------------------------------------------------

    def _called_for(self) -> list[Notice]:
        """Return what has to be said by now and was not; of the rungs that passed together the last."""
        owed: list[Notice] = []
        for thing in self.things.values():
            if not thing.open or thing.silent:
                continue
            owed += [each for each in self._at_once(thing) if each.known_as not in self.said]
            fresh = []
            for _, notices in sorted(self._passed(thing), key=lambda step: step[0]):
                if unsaid := [each for each in notices if each.known_as not in self.said]:
                    fresh.append(unsaid)
            for unsaid in fresh:
                self.said |= {each.known_as for each in unsaid}
            owed += fresh[-1] if fresh else []
        if len(owed) > MOST_AT_ONCE:
            raise TooMuch
        return owed

    def _at_once(self, thing: Thing) -> Iterator[Notice]:
        if thing.sort != TASK:
            occasion = "flagged" if thing.sort == GUARD else "opened"
            for to in AT_ONCE[thing.sort]:
                yield _notice(thing, occasion, to, "now")
            return
        (lost,) = [each for each in self.lost if each.task == thing.about]
        for way in lost.beside:
            made = _notice(thing, "undelivered:own", (lost.role, way), "now")
            yield replace(made, person=lost.person, of_manager=lost.via_manager)
        yield _notice(thing, "task:own", ADMINISTRATOR, "now")

    def _passed(self, thing: Thing) -> Iterator[tuple[datetime, list[Notice]]]:
        for at, occasion, rung in leavings(thing, self.clock):
            if rung[0] == "opened" or (self.clock is not None and at <= self.clock):
                yield at, [_notice(thing, occasion, to, rung[4]) for to in rung[3]]

    def next_action(self, thing: Thing) -> datetime | None:
        """Return when the next rung of something leaves; none where none will."""
        if not thing.open or thing.silent:
            return None
        ahead = [
            at
            for at, _, rung in leavings(thing, self.clock)
            if rung[0] != "opened" and (self.clock is None or at > self.clock)
        ]
        return min(ahead, default=None)

    def _retold(self, before: Mapping[Key, Thing], cause: str, newcomers: set[str]) -> Iterator[Notice]:
        """Yield what takes back or renews what was said earlier."""
        for about, old in before.items():
            new = self.things.get(about)
            if old.sort == GUARD:
                flagged = (about, "flagged", IRO) in self.said
                if new is None and flagged:
                    yield _notice(old, f"cleared:{cause}", IRO, "today")
                elif new and old.open and not new.open and flagged:
                    yield _notice(old, f"excused:{cause}", IRO, "today")
            elif new is None and old.open:
                yield from _each(old, f"withdrawn:{cause}")
        for about, new in self.things.items():
            old = before.get(about)
            was_open = old is not None and old.open
            known = old is not None or about in self.gone
            if not new.open:
                continue
            if not was_open and known:
                yield from self._again(new, cause)
            elif old is not None and new.sort in (ALERT, RECORD) and new.due != old.due:
                yield from _each(new, f"moved:{new.due}:{cause}")
            elif old is not None and new.sort in (ALERT, RECORD):
                hearers = HEARERS[new.sort]
                yield from (
                    _notice(new, f"allocated:{cause}", to, "today") for to in hearers if to[0] in newcomers
                )

    def _again(self, thing: Thing, cause: str) -> Iterator[Notice]:
        if thing.sort == GUARD:
            if (thing.about, "flagged", IRO) in self.said:
                yield _notice(thing, f"flagged:{cause}", IRO, "today")
        elif thing.sort != TASK:
            yield from _each(thing, f"reopened:{cause}")
        elif not thing.silent:
            yield _notice(thing, f"task:{cause}", ADMINISTRATOR, "now")


def _thing(told: Told, counted: list[Told], seated: Mapping[str, str]) -> Thing | None:
    """Return what a clause makes of something that was told, given all that counts."""
    if told.kind == "referral_received":
        met = any(each.kind == "step_done" and each.who == "p-iro" and each.on >= told.on for each in counted)
        state = "met" if met else "open"
        return Thing(about=(ALERT, told.id), state=state, on=told.on, at=told.at, due=told.on)
    if told.kind == "meeting_held" and told.outcome == "not_viable":
        sent = (each for each in counted if each.kind == "document_sent" and each.meeting == told.meeting)
        state = "met" if any(each.on >= told.on for each in sent) else "open"
        due = worked_after(told.on, 3)
        return Thing(about=(RECORD, told.id), state=state, on=told.on, at=told.at, due=due)
    if told.kind == "decision_made":
        if any(each.kind == "meeting_held" and each.on <= told.on for each in counted):
            return None
        excepted = told.harm and seated.get("team_manager") == "p-tm"
        state = "excepted" if excepted else "breach"
        return Thing(about=(GUARD, told.id), state=state, on=told.on, at=told.at)
    return None


def _notice(thing: Thing, occasion: str, to: To, urgency: str) -> Notice:
    said_again = ":" in occasion and thing.sort != TASK
    dies_with = None if said_again or thing.sort == GUARD else thing.about
    due = None if thing.sort in (GUARD, TASK) else thing.due
    return Notice(about=thing.about, occasion=occasion, to=to, urgency=urgency, due=due, dies_with=dies_with)


def _each(thing: Thing, occasion: str) -> Iterator[Notice]:
    for to in HEARERS[thing.sort]:
        yield _notice(thing, occasion, to, "today")
