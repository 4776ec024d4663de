"""How places of a file are called: `clause TH-35.obligation[0].until`, `clause TH-35 (2)`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Naming:
    """How an entry of a section is called, and by which of its keys."""

    shape: str
    key: str


NAMED: Mapping[str, Naming] = {
    "clause": Naming("clause {}", "id"),
    "setting": Naming("setting {}", "id"),
    "example": Naming("example {!r}", "name"),
}
# What may follow a place where a longer one goes on.
ENDS = (".", "[", " ")


def entry_place(section: str, name: object, seen: Counter[str]) -> str:
    """Return how an entry of a section is called; `seen` counts the names that came before it."""
    seen[str(name)] += 1
    times = seen[str(name)]
    return NAMED[section].shape.format(name) + (f" ({times})" if times > 1 else "")


def within(place: str, outer: str) -> bool:
    """Say whether a place is another one, or lies in it."""
    return place == outer or place.startswith(tuple(f"{outer}{end}" for end in ENDS))
