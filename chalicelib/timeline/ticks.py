"""The facts of a story along the top of its picture, by their numbers."""

from collections.abc import Iterable

from chalicelib.core.narrating import short_day
from chalicelib.timeline.canvas import Canvas, Value, width_of
from chalicelib.timeline.picture import Tick
from chalicelib.timeline.rows import INK, NINE, RED, SOFT
from chalicelib.timeline.scale import Scale

MARKER = 18.0


def draw_guides(canvas: Canvas, ticks: Iterable[Tick], scale: Scale, reach: tuple[float, float]) -> None:
    """Draw a line down the rows on each day on which something happened."""
    look: dict[str, Value] = {"stroke": SOFT, "stroke_width": 0.8, "stroke_dasharray": "2 3"}
    for on in dict.fromkeys(tick.on for tick in ticks):
        x = scale.at(on, NINE)
        canvas.draw("line", x1=x, x2=x, y1=reach[0], y2=reach[1], **look)


def draw_ticks(canvas: Canvas, ticks: Iterable[Tick], scale: Scale, y: float) -> None:
    """Draw the facts' numbers; those that would lie on one another share a mark."""
    for group, x in _together(ticks, scale):
        said = _numbers(group)
        width = _width(group)
        refused = all(tick.refused for tick in group)
        edge = RED if refused else INK
        with canvas.within("g"):
            canvas.title(" ".join(_sentence(tick) for tick in group))
            look: dict[str, Value] = {"rx": 3, "stroke": edge, "stroke_width": 1.4}
            look["fill"] = "#ffffff" if refused else INK
            canvas.draw("rect", x=x - width / 2, y=y - 9, width=width, height=MARKER, **look)
            look = {"font_size": 11, "font_weight": "bold", "text_anchor": "middle"}
            canvas.text(said, x, y + 4, fill=RED if refused else "#ffffff", **look)
            if refused:
                canvas.draw("line", x1=x - width / 2, x2=x + width / 2, y1=y + 9, y2=y - 9, stroke=RED)


def _together(ticks: Iterable[Tick], scale: Scale) -> list[tuple[list[Tick], float]]:
    """Return the facts in order of their days, those whose marks would touch in one group."""
    ordered = sorted(ticks, key=lambda each: (each.on, each.number))
    groups = [([tick], scale.at(tick.on, NINE)) for tick in ordered]
    position = 1
    while position < len(groups):
        (before, left), (after, right) = groups[position - 1], groups[position]
        if right - left >= (_width(before) + _width(after)) / 2 + 3:
            position += 1
        else:
            # The mark stands at the first day of those it is for, and is wider now: look back again.
            groups[position - 1 : position + 1] = [([*before, *after], left)]
            position = max(position - 1, 1)
    return groups


def _width(ticks: list[Tick]) -> float:
    return max(width_of(_numbers(ticks), 11) + 8, MARKER)


def _numbers(ticks: list[Tick]) -> str:
    numbers = sorted(tick.number for tick in ticks)
    if len(numbers) > 2:
        return f"{numbers[0]}–{numbers[-1]}"
    return ", ".join(str(number) for number in numbers)


def _sentence(tick: Tick) -> str:
    return f"{tick.number}. {short_day(tick.on)}: {tick.said}."
