"""What a standing calls for being told: to whom, on which occasion."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.core.case import Answer, Duty, Flag, Hold, Notice, State
from chalicelib.core.identity import identify
from chalicelib.core.ladders import Climb, Step
from chalicelib.core.protocol import Protocol, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Notices that the standing calls for on one occasion.

    Of the rungs that have passed for one duty only the highest is sent: `rank` orders them, and
    is none for what is always sent. `only_if_told` is the notice without which this one would
    make no sense to whoever gets it.
    """

    about: str
    notices: tuple[Notice, ...]
    rank: int | None = None
    only_if_told: str | None = None


def duty_calls(protocol: Protocol, duty: Duty, climbed: Climb) -> Iterator[Call]:
    if duty.state is State.MISSED:
        # By the fact that made it so: a duty that is missed again by another is told again.
        yield _call(duty, f"missed:{duty.settled_by}", hearers(protocol, duty))
    elif duty.state is State.OPEN:
        yield _call(duty, "opened", _roles(duty.tell))
    for rank, step in enumerate(climbed.passed):
        yield Call(about=duty.id, notices=_step_notices(protocol, duty, step), rank=rank)


def flag_calls(protocol: Protocol, flag: Flag, climbed: Climb) -> Iterator[Call]:
    if flag.answer not in (Answer.BREACH, Answer.SAFETY):
        return
    yield _call(flag, "flagged", hearers(protocol, flag))
    for rank, step in enumerate(climbed.passed):
        yield Call(about=flag.id, notices=_step_notices(protocol, flag, step), rank=rank)


def hold_calls(hold: Hold) -> Iterator[Call]:
    for role in _roles(hold.tell):
        begun = notice(hold, hold.begun, role, Urgency.NOW)
        if hold.ended_by is None:
            yield Call(about=hold.id, notices=(begun,))
        else:
            over = notice(hold, f"{hold.over}:{hold.ended_by}", role, Urgency.NOW)
            yield Call(about=hold.id, notices=(over,), only_if_told=begun.id)


def hearers(protocol: Protocol, about: Duty | Flag | Hold) -> tuple[str, ...]:
    """Return the roles that hear of something beside its ladder.

    The clause's own and the owners, each once: an owner is left out whom a named role reaches.
    """
    match about:
        case Duty():
            owners = (role for role in about.owner if not _told_already(protocol, about, role))
            return _roles((*about.tell, *owners))
        case Flag(answer=Answer.SAFETY):
            extra = protocol.setting("safety_tell", ())
            return _roles((*about.tell, *(extra if isinstance(extra, list | tuple) else ())))
        case _:
            return _roles(about.tell)


def _call(about: Duty | Flag, occasion: str, roles: Iterable[str]) -> Call:
    return Call(about=about.id, notices=tuple(notice(about, occasion, role, Urgency.NOW) for role in roles))


def _step_notices(protocol: Protocol, about: Duty | Flag, step: Step) -> tuple[Notice, ...]:
    """Return one step's notices: to roles as named, to owners, or to the owners' managers."""
    owner = about.owner if isinstance(about, Duty) else about.tell
    notices: dict[tuple[str, bool], Notice] = {}
    for word in step.rung.tell:
        via_manager = word == "owner_manager"
        for role in owner if word in ("owner", "owner_manager") else (word,):
            if step.rung.opened and _told_already(protocol, about, role):
                continue
            made = notice(about, step.occasion, role, step.rung.urgency, via_manager=via_manager)
            notices.setdefault((role, via_manager), made)
    return tuple(notices.values())


def _told_already(protocol: Protocol, about: Duty | Flag, role: str) -> bool:
    """Say whether `tell` reaches a role at opening anyway, so that nobody is told twice."""
    return not set(protocol.members(role)).isdisjoint(about.tell)


def notice(
    about: Duty | Flag | Hold, occasion: str, role: str, urgency: Urgency, *, via_manager: bool = False
) -> Notice:
    """Return what one role is told of something on one occasion; its id is theirs together."""
    duty = about if isinstance(about, Duty) else None
    route = "manager" if via_manager else "self"
    return Notice(
        id=identify("n", about.id, occasion, role, route),
        about=about.id,
        protocol=about.protocol,
        clause=about.clause,
        occasion=occasion,
        role=role,
        urgency=str(urgency),
        via_manager=via_manager,
        due_on=duty.due_on if duty else None,
        due_by=duty.due_by if duty else None,
        provisional=duty.provisional if duty else False,
        cancelled_with=about.id if duty and duty.state is State.OPEN else None,
        person_id=duty.named.get(role) if duty else None,
    )


def _roles(named: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(named))
