"""What a fact lacks: parts of a record, people who are to be there."""

from collections.abc import Iterator

from chalicelib.core.effects import Part, People, Record, Uninvolved
from chalicelib.core.history import could_precede
from chalicelib.core.matching import View, seats_of
from chalicelib.core.people import WHY_NOT
from chalicelib.core.trace import Seat, Trace


def missing_parts(view: View, record: Record, fact: Trace) -> tuple[str, ...]:
    """Return the names of the parts that a fact does not carry; of rows, for whom there is none."""
    return tuple(name for part in record.contains for name in _lacking(view, part, fact))


def _lacking(view: View, part: Part, fact: Trace) -> Iterator[str]:
    if part.name not in fact.filled:
        if not part.optional:
            yield part.name
    elif part.choose and part.name in fact.words:
        if set(fact.words[part.name]).isdisjoint(part.choose):
            yield part.name
    elif part.for_each:
        meeting = view.history.meeting(view.history.meeting_of(fact))
        about = fact.rows.get(part.name, ())
        for seat in seats_of(meeting, part.for_each):
            if seat.person_id not in about and set(seat.roles).isdisjoint(about):
                yield f"{part.name} for {named(seat)}"


def named(seat: Seat) -> str:
    """Return the person in a seat, or failing that the first of the roles."""
    return seat.person_id or next(iter(seat.roles), "somebody")


def missing_people(view: View, people: People, fact: Trace) -> tuple[str, ...]:
    """Return the roles that nobody in the field fills; and who was involved, where nobody may be."""
    there = view.values(people.field, fact)
    missing: list[str] = []
    if people.uninvolved is not None:
        # Whoever chairs from outside the case holds the post, and is not the one allocated to it.
        there |= _posts(view, fact.people.get(people.field, ()))
        missing += _involved(view, people.uninvolved, people.field, fact)
    if people.one_of and there.isdisjoint(people.one_of):
        missing += people.one_of
    missing += [role for role in people.all_of if role not in there]
    missing += [
        role for role in people.if_appropriate if role not in there and f"{WHY_NOT}{role}" not in fact.filled
    ]
    return tuple(missing)


def _posts(view: View, seats: tuple[Seat, ...]) -> frozenset[str]:
    serving = view.protocol.serving
    return frozenset(name for seat in seats for role in seat.roles for name in serving.get(role, (role,)))


def _involved(view: View, asked: Uninvolved, field: str, fact: Trace) -> Iterator[str]:
    """Yield whoever in the field had a part before, in one of the ways that are asked about."""
    before = set(_parts_taken(view, asked, fact))
    for seat in fact.people.get(field, ()):
        names = {seat.person_id} if seat.person_id else set(seat.roles)
        if not names.isdisjoint(before):
            yield named(seat)


def _parts_taken(view: View, asked: Uninvolved, fact: Trace) -> Iterator[str]:
    """Yield everybody involved before: persons, and roles where no person was named."""
    for other in view.history.facts:
        if not could_precede(other, fact):
            continue
        if "allocated" in asked.ways:
            yield from other.allocations.values()
        # To convene or chair this very meeting is no part taken before it.
        if fact.meeting_id is not None and other.meeting_id == fact.meeting_id:
            continue
        for way in asked.ways:
            for seat in other.people.get(way, ()):
                yield from (seat.person_id,) if seat.person_id else seat.roles
    if asked.across_child:
        for each in view.history.involved_elsewhere:
            if each.way in asked.ways and each.on <= fact.on:
                yield each.person_id
