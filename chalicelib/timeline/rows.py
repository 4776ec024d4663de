"""One row of the picture: a bar from when a duty opened to when it was due or ended, and who heard."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chalicelib.timeline.canvas import Canvas, Value, fitted, width_of
from chalicelib.timeline.picture import Dot, Row
from chalicelib.timeline.scale import Scale

HEIGHT = 38.0
GUTTER = 288.0
TEXT, SMALL = 11.0, 10.5
BAR = 12.0
LEAST = 8.0
INK, SOFT, RULE = "#0b0c0c", "#505a5f", "#e3e5e6"
BLUE, GREEN, RED, PURPLE, ORANGE = "#1d70b8", "#00703c", "#b3231a", "#4c2c92", "#b1590b"
# A fact without a time is told at nine in the morning, and stands there.
NINE = 9 / 24
LATE = "holdfast-late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """How a state looks: its bar, and the sign at its end, so that colour never says it alone."""

    fill: str
    stroke: str
    sign: str = ""
    dashed: bool = False


PAINTS: Mapping[str, Paint] = {
    "open": Paint(fill="#cfe2f2", stroke=BLUE),
    "met": Paint(fill="#b7dcc6", stroke=GREEN, sign="M-3.4 0.2 L-1 2.8 L3.6 -2.6"),
    "missed": Paint(fill="#f4cfcb", stroke=RED, sign="M-2.8 -2.8 L2.8 2.8 M2.8 -2.8 L-2.8 2.8"),
    "lapsed": Paint(fill="#e3e5e6", stroke=SOFT, sign="M-3 0 L3 0"),
    "excused": Paint(fill="#d9d2ea", stroke=PURPLE, sign="M-3 -1.6 L3 -1.6 M-3 1.6 L3 1.6"),
    "withdrawn": Paint(fill="#ffffff", stroke=SOFT, sign="M-2.8 2.8 L2.8 -2.8", dashed=True),
    "breach": Paint(fill=RED, stroke=RED),
    "safety": Paint(fill=ORANGE, stroke=ORANGE),
    "excepted": Paint(fill=PURPLE, stroke=PURPLE),
}
DOTS = {"told": "#ffffff", "reminder": BLUE, "chaser": RED}


def draw_row(canvas: Canvas, row: Row, scale: Scale, top: float) -> None:
    """Draw one row with its label, from `top` downwards."""
    with canvas.within("g"):
        canvas.title(f"{row.clause} ({row.printed}): {row.said}. {row.text}")
        _label(canvas, row, top)
        ends = _flag(canvas, row, scale, top) if row.is_flag else _bar(canvas, row, scale, top)
        _said(canvas, row, scale, ends, top + 16)
        for dot, x in _apart(row.dots, scale):
            draw_dot(canvas, dot.sort, x, top + 29, dot.said)
    canvas.draw("line", x1=20, x2=scale.right, y1=top + HEIGHT, y2=top + HEIGHT, stroke=RULE)


def draw_dot(canvas: Canvas, sort: str, x: float, y: float, said: str = "") -> None:
    """Draw that somebody was told: a ring, a disc for a reminder, a triangle for a chaser."""
    with canvas.within("g", transform=f"translate({x:.1f} {y:.1f})"):
        if said:
            canvas.title(said)
        if sort == "chaser":
            canvas.draw(
                "path", d="M0 -4.4 L4.2 3.2 L-4.2 3.2 Z", fill=DOTS[sort], stroke="#ffffff", stroke_width=0.8
            )
        else:
            edge = INK if sort == "told" else "#ffffff"
            canvas.draw("circle", r=3.4, fill=DOTS[sort], stroke=edge, stroke_width=1.2)


def draw_sign(canvas: Canvas, state: str, x: float, y: float) -> None:
    """Draw the sign at the end of a bar, none for what is open; for a flag its triangle or diamond."""
    paint = PAINTS[state]
    with canvas.within("g", transform=f"translate({x:.1f} {y:.1f})"):
        if state in ("breach", "safety"):
            canvas.draw("path", d="M0 -8 L8 6 L-8 6 Z", fill=paint.fill)
            canvas.draw("path", d="M0 -3.4 V1.2 M0 3.2 V4.4", stroke="#ffffff", stroke_width=2, fill="none")
        elif state == "excepted":
            canvas.draw("path", d="M0 -7.5 L7.5 0 L0 7.5 L-7.5 0 Z", fill=paint.fill)
            canvas.draw(
                "path", d="M-2.6 0.2 L-0.6 2.2 L2.8 -2", stroke="#ffffff", stroke_width=1.6, fill="none"
            )
        elif paint.sign:
            disc = "#ffffff" if paint.dashed else paint.stroke
            canvas.draw("circle", r=7, fill=disc, stroke=paint.stroke, stroke_width=1.2)
            line = paint.stroke if paint.dashed else "#ffffff"
            canvas.draw(
                "path", d=paint.sign, fill="none", stroke=line, stroke_width=1.8, stroke_linecap="round"
            )


def draw_bar(canvas: Canvas, state: str, box: tuple[float, float, float]) -> None:
    """Draw the body of a bar: `box` is its left, its top and its width."""
    x, y, width = box
    paint = PAINTS[state]
    dashes: dict[str, Value] = {"stroke_dasharray": "3 2"} if paint.dashed else {}
    canvas.draw(
        "rect", x=x, y=y, width=width, height=BAR, rx=2, fill=paint.fill, stroke=paint.stroke, **dashes
    )


def draw_late(canvas: Canvas, box: tuple[float, float, float]) -> None:
    """Draw the time for which something is overdue, hatched."""
    x, y, width = box
    canvas.draw("rect", x=x, y=y, width=width, height=BAR, fill=f"url(#{LATE})", stroke=RED)


def draw_due(canvas: Canvas, x: float, y: float, *, provisional: bool) -> None:
    """Draw a due date as a flag on its pole, which is broken where the date may still move."""
    dashes: dict[str, Value] = {"stroke_dasharray": "3 2"} if provisional else {}
    canvas.draw("line", x1=x, x2=x, y1=y - 5, y2=y + BAR + 3, stroke=INK, stroke_width=2, **dashes)
    canvas.draw("path", d=f"M{x:.1f} {y - 5:.1f} h-6 l2 2.5 l-2 2.5 h6 z", fill=INK)


def _apart(dots: Iterable[Dot], scale: Scale) -> Iterator[tuple[Dot, float]]:
    """Yield the dots with their places, less those that would lie on one of their own sort."""
    latest: dict[str, float] = {}
    for dot in dots:
        x = scale.of(dot.at)
        if x - latest.get(dot.sort, -LEAST) >= LEAST / 2:
            latest[dot.sort] = x
            yield dot, x


def _label(canvas: Canvas, row: Row, top: float) -> None:
    canvas.text(row.clause, 20, top + 15, font_size=12, font_weight="bold", fill=INK)
    x = 20 + width_of(row.clause, 12) + 10
    canvas.text(fitted(row.who, GUTTER - x, TEXT), x, top + 15, font_size=TEXT, fill=INK)
    said = fitted(f"{row.printed}: {row.text}", GUTTER - 20, SMALL)
    canvas.text(said, 20, top + 30, font_size=SMALL, fill=SOFT)


def _bar(canvas: Canvas, row: Row, scale: Scale, top: float) -> tuple[float, float]:
    """Draw a duty's bar, and return between which places nothing else has room."""
    left, y = scale.at(row.began, NINE), top + 6
    seen = row.due is not None and row.due <= scale.last
    due = scale.at(row.due, 1.0) if row.due else scale.right
    end = max(scale.at(row.ended, NINE) if row.ended else due, left + LEAST)
    middle = y + BAR / 2
    dotted: dict[str, Value] = {"stroke": SOFT, "stroke_dasharray": "1 3"}
    for was in (each for each in row.due_was if each <= scale.last):
        x = scale.at(was, 1.0)
        canvas.draw("line", x1=x, x2=x, y1=y - 3, y2=y + BAR + 3, **dotted)
    if row.ended and seen and due > end:
        canvas.draw("line", x1=end, x2=due, y1=middle, y2=middle, **dotted)
    draw_bar(canvas, row.state, (left, y, end - left))
    if row.late:
        draw_late(canvas, (end, y, max(scale.right - end, 1.0)))
    if seen:
        draw_due(canvas, due, y, provisional=row.provisional)
    if row.ended is None and (row.late or not seen):
        canvas.draw("path", d=f"M{scale.right:.1f} {y - 2:.1f} l7 8 l-7 8 z", fill=RED if row.late else BLUE)
    draw_sign(canvas, row.state, end, middle)
    return left, max(end + (9 if row.ended else 3), due + 3 if seen else 0, scale.right if row.late else 0)


def _flag(canvas: Canvas, row: Row, scale: Scale, top: float) -> tuple[float, float]:
    x = scale.at(row.began, NINE)
    draw_sign(canvas, row.state, x, top + 13)
    return x - 10, x + 10


def _said(canvas: Canvas, row: Row, scale: Scale, taken: tuple[float, float], y: float) -> None:
    """Write how it stands: after the bar, or before it, or on top of it at the edge."""
    left, right = taken
    width = width_of(row.said, TEXT)
    # Lines and hatching end short of the letters; on a bar its own colour does that.
    x, anchor, halo = right + 5, "start", "#ffffff"
    if x + width > scale.right:
        x, anchor = left - 6, "end"
    if anchor == "end" and x - width < scale.left:
        x, halo = scale.right - 8, PAINTS[row.state].fill
        if row.late:
            halo = "#ffffff"
            canvas.draw("rect", x=x - width - 2, y=y - 9, width=width + 5, height=BAR - 2, fill=halo)
    weight = "bold" if row.late or row.state in ("missed", "breach") else "normal"
    look: dict[str, Value] = {"font_size": TEXT, "font_weight": weight, "text_anchor": anchor}
    look |= {"paint_order": "stroke", "stroke": halo, "stroke_width": 3, "stroke_linejoin": "round"}
    canvas.text(row.said, x, y, fill=INK, **look)
