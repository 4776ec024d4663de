"""The line on which a place of a file stands: `clause TH-35.obligation[0].until.each.to` → 412.

The reader names places as a person would; here each of them finds its line.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chalicelib.protocol_reading.places import ENDS, NAMED, entry_place
from workbench.positions import Path, positions


@dataclass(frozen=True, slots=True)
class Lines:
    """The line of every known place.

    `uses` says at which places a setting stands in for what would be written there.
    """

    known: Mapping[str, int] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)

    def of(self, place: str) -> int:
        """Return the line of a place, or of the longest beginning of it that is known."""
        return self.known.get(self._nearest(place), 1)

    def setting_of(self, place: str) -> tuple[str, int] | None:
        """Return the setting whose value stands at a place, and its line; none where none does."""
        name = self.uses.get(self._nearest(place))
        value = f"setting {name}.value"
        return (name, self.of(value)) if name and value in self.known else None

    def _nearest(self, place: str) -> str:
        while place and place not in self.known:
            place = place[: max(place.rfind(end) for end in ENDS) + 1][:-1]
        return place


def lines_of(text: str, raw: Mapping[str, object], root: str = "file") -> Lines:
    """Return where every place of a file stands; `root` is how the reader calls its whole."""
    at = positions(text)
    known: dict[str, int] = {}
    uses: dict[str, str] = {}
    for name, value in raw.items():
        for place, path, here in _places(name, value, root):
            if path in at:
                known.setdefault(place, at[path])
            if isinstance(here, str) and here.startswith("$"):
                uses[place] = here[1:]
    return Lines(known, uses)


Place = tuple[str, Path, object]


def _places(name: str, value: object, root: str) -> Iterator[Place]:
    """Yield every place under one section as the reader names it, its path in the file and its value."""
    yield f"{root}.{name}", (name,), value
    if root != "file":
        yield from _within(f"{root}.{name}", value, (name,))
    elif name not in NAMED:
        yield from _within(name, value, (name,))
    else:
        seen: Counter[str] = Counter()
        for number, each in enumerate(value if isinstance(value, list) else [value]):
            path: Path = (name, number) if isinstance(value, list) else (name,)
            called = f"{name}[{number}]" if isinstance(value, list) else name
            if isinstance(each, Mapping):
                called = entry_place(name, each.get(NAMED[name].key, called), seen)
            yield name, path, each
            yield from _within(called, each, path)


def _within(place: str, value: object, path: Path) -> Iterator[Place]:
    """Yield a place and all below it. One table may stand for a list of one: `until` is `until[0]`."""
    yield place, path, value
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _within(f"{place}.{key}", each, (*path, str(key)))
            if isinstance(each, Mapping):
                yield from _within(f"{place}.{key}[0]", each, (*path, str(key)))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _within(f"{place}[{number}]", each, (*path, number))
