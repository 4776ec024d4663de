"""A drawing surface: SVG elements by what they are, written with the standard library alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, tostring

NAMESPACE = "http://www.w3.org/2000/svg"
# What every machine has: nothing is fetched for a picture.
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
# By the widest of the fonts that may be found: a text that fits by this fits in all of them.
PER_CHARACTER = 0.57
ELLIPSIS = "…"

Value = str | float | int


@dataclass(slots=True)
class Canvas:
    """Draws into `at`, which starts as the picture itself."""

    root: Element
    at: Element = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.root

    @classmethod
    def of(cls, **attributes: Value) -> "Canvas":
        """Return an empty picture, to be sized when it is known how high it is."""
        return cls(Element("svg", _attributes({"xmlns": NAMESPACE, "font_family": FONT, **attributes})))

    def resize(self, width: float, height: float) -> None:
        """Give the picture its size. It scales to the width that a page gives it."""
        size = {
            "viewBox": f"0 0 {width:.0f} {height:.0f}",
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
        }
        self.root.attrib.update(size)

    def draw(self, tag: str, **attributes: Value) -> Element:
        """Add one element; `stroke_width` is written `stroke-width`."""
        return SubElement(self.at, tag, _attributes(attributes))

    def text(self, said: str, x: float, y: float, **attributes: Value) -> None:
        """Write a text: real text, for screen readers and for search."""
        self.draw("text", x=x, y=y, **attributes).text = said

    def title(self, said: str) -> None:
        """Say what the present group is, to whoever points at it or cannot see it."""
        self.draw("title").text = said

    @contextmanager
    def within(self, tag: str, **attributes: Value) -> Iterator[None]:
        """Draw inside an element (`g`, `defs`, `pattern`) until the block ends."""
        outside = self.at
        self.at = self.draw(tag, **attributes)
        try:
            yield
        finally:
            self.at = outside

    def written(self) -> str:
        """Return the picture as SVG, whatever stands in its texts and attributes."""
        for each in self.root.iter():
            each.text = each.text and _printable(each.text)
            each.attrib.update({name: _printable(value) for name, value in each.attrib.items()})
        return tostring(self.root, encoding="unicode")


def fitted(said: str, width: float, size: float) -> str:
    """Return as much of a text as has room in a width."""
    most = max(int(width / (size * PER_CHARACTER)), 1)
    return said if len(said) <= most else said[: most - 1].rstrip(" ,.;:") + ELLIPSIS


def width_of(said: str, size: float) -> float:
    """Return how wide a text is at most."""
    return len(said) * size * PER_CHARACTER


def _attributes(named: dict[str, Value]) -> dict[str, str]:
    return {_named(name): _written(value) for name, value in named.items()}


def _named(name: str) -> str:
    # SVG writes most names with hyphens and a few with capitals; those are given as they are.
    return name if any(letter.isupper() for letter in name) else name.replace("_", "-")


def _written(value: Value) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def _printable(said: str) -> str:
    """Leave out what XML may not hold: control characters and halves of pairs. A line's end is a space."""
    return "".join(each if each.isprintable() else " " * each.isspace() for each in said)
