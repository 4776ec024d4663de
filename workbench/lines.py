"""The line on which a place of a file stands: `clause TH-35.obligation[0].until.each.to` → 412.

The reader names places as a person would; here each of them finds its line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.positions import Path, positions

# How the reader names an entry of these lists.
NAMED = {"clause": ("clause {}", "id"), "setting": ("setting {}", "id"), "example": ("example {!r}", "name")}
ENDS = (".", "[", " ")
AGAIN = "used twice"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of every known place, several where two entries have one name.

    `uses` says at which places a setting stands in for what would be written there.
    """

    known: Mapping[str, Sequence[int]] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)

    def of(self, place: str, said: str = "") -> int:
        """Return the line of a place, or of the longest beginning of it that is known.

        Of two entries with one name the second is the mistake, where that is what is said.
        """
        lines = self.known.get(self._nearest(place), (1,))
        return lines[-1] if AGAIN in said else lines[0]

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
    known: dict[str, list[int]] = {}
    uses: dict[str, str] = {}
    for name, value in raw.items():
        for place, path, here in _places(name, value, root):
            if path in at and at[path] not in known.setdefault(place, []):
                known[place].append(at[path])
            if isinstance(here, str) and here.startswith("$"):
                uses[place] = here[1:]
    return Lines({place: lines for place, lines in known.items() if lines}, uses)


Place = tuple[str, Path, object]


def _places(name: str, value: object, root: str) -> Iterator[Place]:
    """Yield every place under one section as the reader names it, its path in the file and its value."""
    yield f"{root}.{name}", (name,), value
    if root != "file":
        yield from _within(f"{root}.{name}", value, (name,))
    elif name not in NAMED:
        yield from _within(name, value, (name,))
    else:
        for number, each in enumerate(value if isinstance(value, list) else [value]):
            path: Path = (name, number) if isinstance(value, list) else (name,)
            called = _called(name, each, f"{name}[{number}]" if isinstance(value, list) else name)
            yield name, path, each
            yield from _within(called, each, path)
            if isinstance(each, Mapping):
                yield from _ways(called, each.get("exception", []), (*path, "exception"))


def _called(section: str, entry: object, place: str) -> str:
    shape, key = NAMED[section]
    return shape.format(entry.get(key, place) if isinstance(entry, Mapping) else place)


def _ways(clause: str, value: object, path: Path) -> Iterator[Place]:
    """Yield the places of a clause's exceptions, which the reader also calls by their names."""
    for number, each in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(each, Mapping) and "name" in each:
            way = (*path, number) if isinstance(value, list) else path
            yield from _within(f"{clause}.exception {each['name']}", each, way)


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
