"""Which part somebody had in a case before, where whoever does a thing is to have had none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.effects import People
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.history import could_precede
from chalicelib.core.matching import View
from chalicelib.core.missing import named
from chalicelib.core.saying import said_day
from chalicelib.core.trace import Trace

WAYS = {
    "allocated": "was allocated to it",
    "chair": "chaired a meeting",
    "present": "was at a meeting",
    "by": "acted in it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part that somebody took: how, and on which day first."""

    who: str
    way: str
    on: date

    def data(self) -> Explained:
        """Return it as data."""
        return {"who": self.who, "way": self.way, "on": self.on.isoformat()}

    def said(self) -> str:
        """Return it as a sentence."""
        return f"{self.who} {WAYS.get(self.way, self.way)} on {said_day(self.on)}."


def parts_taken(people: People, fact: Trace, view: View) -> tuple[Part, ...]:
    """Return what those in a field had to do with the case before; each way once, the first time."""
    if people.uninvolved is None:
        return ()
    there = {name for seat in fact.people.get(people.field, ()) for name in (named(seat), *seat.roles)}
    ways = people.uninvolved.ways
    found: dict[tuple[str, str], Part] = {}
    for part in (*_here(fact, view), *(_elsewhere(fact, view) if people.uninvolved.across_child else ())):
        if part.way in ways and part.who in there:
            found.setdefault((part.who, part.way), part)
    return tuple(found.values())


def _here(fact: Trace, view: View) -> Iterator[Part]:
    for other in view.history.facts:
        if not could_precede(other, fact):
            continue
        for person in other.allocations.values():
            yield Part(who=person, way="allocated", on=other.on)
        # To convene or chair this very meeting is no part taken before it.
        if fact.meeting_id is None or other.meeting_id != fact.meeting_id:
            for way, seats in other.people.items():
                yield from (Part(who=named(seat), way=way, on=other.on) for seat in seats)


def _elsewhere(fact: Trace, view: View) -> Iterator[Part]:
    """Yield parts taken in the child's other cases, which are not named."""
    for each in view.history.involved_elsewhere:
        if each.on <= fact.on:
            yield Part(who=each.person_id, way=each.way, on=each.on)
