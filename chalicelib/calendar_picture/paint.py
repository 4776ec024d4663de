"""The colours of a calendar picture, by day and by night, and the signs that go with them."""

from collections.abc import Mapping

from chalicelib.timeline.canvas import Canvas, Value

ROOT = "holdfast-days"
HATCHED = "holdfast-days-closed"
STRIPED = "holdfast-days-stopped"

# By name, on white paper and where whoever looks prefers it dark. No text has less than 4.5 to 1.
PAINTS: Mapping[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#15181b"),
    "ink": ("#0b0c0c", "#f3f2f1"),
    "soft": ("#505a5f", "#b1b8bd"),
    "faint": ("#70777c", "#7f888e"),
    "rule": ("#c6cbcf", "#454c52"),
    "counted": ("#d5e6f5", "#123a5e"),
    "number": ("#0b3f70", "#d6eaff"),
    "weekend": ("#eceeef", "#262b30"),
    "closed": ("#f3e6d3", "#3d3020"),
    "hatch": ("#d9b98a", "#6b5230"),
    "stopped": ("#e7e1f1", "#30284a"),
    "stripe": ("#b9a9d6", "#5d4f8a"),
}


def filled(name: str) -> dict[str, Value]:
    """Return what fills an element with a colour: an attribute, which the night's style goes above."""
    return {"class": f"hf-{name}", "fill": PAINTS[name][0]}


def lined(name: str, width: float = 1.0, fill: str = "none") -> dict[str, Value]:
    """Return what draws an element's edge in a colour."""
    return {"class": f"hs-{name}", "fill": fill, "stroke": PAINTS[name][0], "stroke_width": width}


def prepare(canvas: Canvas) -> None:
    """Define the night's colours and the two hatchings, which say without colour what is left out."""
    canvas.draw("style").text = _night()
    with canvas.within("defs"):
        with canvas.within("pattern", id=HATCHED, width=7, height=7, patternUnits="userSpaceOnUse"):
            canvas.draw("rect", width=7, height=7, **filled("closed"))
            canvas.draw("path", d="M0 7 L7 0 M-1 1 L1 -1 M6 8 L8 6", **lined("hatch"))
        with canvas.within("pattern", id=STRIPED, width=6, height=6, patternUnits="userSpaceOnUse"):
            canvas.draw("rect", width=6, height=6, **filled("stopped"))
            canvas.draw("path", d="M0 3 H6", **lined("stripe"))


def _night() -> str:
    rules = [
        f".{ROOT} .hf-{name}{{fill:{night}}}.{ROOT} .hs-{name}{{stroke:{night}}}"
        for name, (_, night) in PAINTS.items()
    ]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
