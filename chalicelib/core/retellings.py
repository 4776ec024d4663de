"""What people must hear because what they were told is no longer so, or is so again.

The fact that did it is part of the occasion, so that a date moved there and back is told each time.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.core.calls import hearers, notice
from chalicelib.core.case import Answer, Duty, Flag, Hold, Notice, Standing, State
from chalicelib.core.protocol import Protocol, Urgency
from chalicelib.core.recounts import Because
from chalicelib.core.rules import Rules
from chalicelib.core.tasks import seen_to_again

BREACHES = (Answer.BREACH, Answer.SAFETY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A case before and after one fact, and what had been told by then.

    `taken_over` are the roles that somebody else fills from now on. `moved` says that the fact moved
    the case to other protocols, and `because` how the calendar moved a deadline.
    """

    before: Standing
    after: Standing
    told: frozenset[str]
    cause: str
    rules: Rules
    because: Because
    taken_over: frozenset[str] = frozenset()
    moved: bool = False

    @property
    def gone(self) -> str:
        """The word for what applies no more: taken back by a correction, or left by moving the case."""
        return "superseded" if self.moved else "withdrawn"

    def hearers(self, about: Duty | Flag | Hold) -> tuple[str, ...]:
        """Return the roles that hear of something."""
        return hearers(self.protocol(about), about)

    def protocol(self, about: Duty | Flag | Hold) -> Protocol:
        """Return the protocol that something stands under."""
        return self.rules.protocol(about.protocol)

    def newcomers(self, duty: Duty) -> tuple[str, ...]:
        """Return the roles of those who hear of a duty now because they took over from somebody."""
        protocol = self.protocol(duty)
        heard = {member for role in self.hearers(duty) for member in protocol.members(role)}
        return tuple(sorted(self.taken_over & heard))

    def were_told(self, about: Flag | Hold, occasion: str) -> tuple[str, ...]:
        """Return those of them who were told of an occasion."""
        roles = self.hearers(about)
        return tuple(role for role in roles if notice(about, occasion, role, Urgency.NOW).id in self.told)


def taken_back(before: Standing, after: Standing) -> set[str]:
    """Return the ids of what stood before and no longer does. The case remembers them.

    So what returns is known from what is new, whose notices have not been told yet.
    """
    return _ids(before) - _ids(after)


def _ids(standing: Standing) -> set[str]:
    stood: tuple[Duty | Flag | Hold, ...] = (*standing.duties, *standing.flags, *standing.holds)
    return {each.id for each in stood}


def retellings(turn: Turn, owed: Collection[Notice]) -> Iterator[Notice]:
    """Yield the notices that take back or renew earlier ones.

    What is told anew anyway, being `owed`, is not renewed to the same role as well.
    """
    hearing = {(each.about, each.role) for each in owed}
    for made in (*_of_duties(turn), *_of_flags(turn), *_of_holds(turn), *_of_tasks(turn)):
        if (made.about, made.role) not in hearing:
            yield made


def _of_duties(turn: Turn) -> Iterator[Notice]:
    was = {duty.id: duty for duty in turn.before.duties}
    now = {duty.id: duty for duty in turn.after.duties}
    for old in turn.before.duties:
        new = now.get(old.id)
        gone = new is None and old.state in (State.OPEN, State.MISSED)
        in_time = new is not None and old.state is State.MISSED and new.state is State.MET
        if gone or in_time:
            yield from _each(old, f"{turn.gone}:{turn.cause}", turn.hearers(old))
        if new is not None and new.state is State.EXCUSED and old.state is not State.EXCUSED:
            yield from _each(new, f"excused:{turn.cause}", turn.hearers(old))
    for new in turn.after.duties:
        if new.state is not State.OPEN:
            continue
        old_one = was.get(new.id)
        if old_one is None:
            if new.id in turn.told:
                yield from _each(new, f"reopened:{turn.cause}", turn.hearers(new))
        elif old_one.state is not State.OPEN:
            yield from _each(new, f"reopened:{turn.cause}", turn.hearers(new))
        elif new.due_on and new.due_on != old_one.due_on:
            yield from _moved(old_one, new, turn)
        else:
            yield from _each(new, f"allocated:{turn.cause}", turn.newcomers(new))


def _moved(old: Duty, new: Duty, turn: Turn) -> Iterator[Notice]:
    """Yield what those who hear of a deadline are told of its new date."""
    for each in _each(new, f"moved:{new.due_on}:{turn.cause}", turn.hearers(new)):
        yield replace(each, was_due_on=old.due_on, because=turn.because(old, new))


def _of_flags(turn: Turn) -> Iterator[Notice]:
    was = {flag.id: flag for flag in turn.before.flags}
    now = {flag.id: flag for flag in turn.after.flags}
    for flag in turn.before.flags:
        new = now.get(flag.id)
        if new is None:
            yield from _each(flag, f"cleared:{turn.cause}", turn.were_told(flag, "flagged"))
        elif flag.answer in BREACHES and new.answer not in BREACHES:
            yield from _each(flag, f"excused:{turn.cause}", turn.were_told(flag, "flagged"))
    for flag in turn.after.flags:
        old = was.get(flag.id)
        returned = flag.id in turn.told if old is None else old.answer not in BREACHES
        if returned and flag.answer in BREACHES:
            yield from _each(flag, f"flagged:{turn.cause}", turn.were_told(flag, "flagged"))


def _of_holds(turn: Turn) -> Iterator[Notice]:
    was = {hold.id: hold for hold in turn.before.holds}
    now = {hold.id for hold in turn.after.holds}
    for hold in turn.before.holds:
        if hold.id not in now:
            yield from _each(hold, f"{turn.gone}:{turn.cause}", turn.were_told(hold, hold.begun))
    for hold in turn.after.holds:
        old = was.get(hold.id)
        returned = old is None and hold.id in turn.told
        if hold.ended_by is None and (returned or (old is not None and old.ended_by)):
            yield from _each(hold, f"{hold.begun}:{turn.cause}", turn.were_told(hold, hold.begun))


def _of_tasks(turn: Turn) -> Iterator[Notice]:
    """Yield that a task is open again, whose step was taken back: what was said of it may be cancelled."""
    done = {task.id for task in turn.before.tasks if task.done_by}
    for task in turn.after.tasks:
        if task.id in done:
            yield from seen_to_again(task, turn.cause, turn.rules)


def _each(about: Duty | Flag | Hold, occasion: str, roles: Sequence[str]) -> Iterator[Notice]:
    for role in roles:
        made = notice(about, occasion, role, Urgency.TODAY)
        # These say that something is over or otherwise: settling the duty doesn't unsay them.
        yield replace(made, cancelled_with=None)
