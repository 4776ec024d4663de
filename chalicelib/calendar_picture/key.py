"""What stands beside a calendar: the signs that it uses, and why weekdays were left out."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from chalicelib.calendar_picture.cells import HIGH, WIDE, draw_box, draw_end, draw_mark, draw_sign
from chalicelib.calendar_picture.paint import filled
from chalicelib.calendar_picture.span import Run, Span
from chalicelib.core.working_days import CLOSED, COUNTED, HALT, WEEKEND
from chalicelib.timeline.canvas import PER_CHARACTER, Canvas, Value

LINE = 19.0
TEXT = 13.0
SHRUNK = 0.72
ENTRY = HIGH * SHRUNK + 7
SIGN = WIDE * SHRUNK + 11
COLUMN = 310.0
SAID = {
    COUNTED: "counted, with its number",
    WEEKEND: "weekend, not counted",
    CLOSED: "not counted: see its letter",
    HALT: "the clock stood still",
}
# What stands in the sample of a sign.
SAMPLES = {COUNTED: "1", CLOSED: "a"}


def draw_key(canvas: Canvas, span: Span, runs: Sequence[Run], at: tuple[float, float], width: float) -> float:
    """Draw the signs and the reasons from a place downwards, and return where they end."""
    x, y = at
    entries = list(_signs(span))
    columns = max(int(width // COLUMN), 1)
    down = -(-len(entries) // columns)
    with canvas.within("g", aria_hidden="true"):
        for number, (sort, said) in enumerate(entries):
            column, row = divmod(number, down)
            _draw_entry(canvas, span, sort, said, (x + column * width / columns, y + row * ENTRY))
    y += down * ENTRY
    if runs:
        heading: dict[str, Value] = {"font_size": TEXT, "font_weight": "bold", **filled("ink")}
        canvas.text("Not counted besides weekends", x, y + 22, **heading)
        y += 32
        with canvas.within("g", role="list"):
            for run in runs:
                y = _draw_run(canvas, run, (x, y), width)
    return y


def draw_lines(canvas: Canvas, lines: Sequence[str], at: tuple[float, float], **look: Value) -> float:
    """Write lines of text under one another, and return where they end."""
    x, y = at
    for line in lines:
        canvas.text(line, x, y + TEXT, **{"font_size": TEXT, **filled("ink"), **look})
        y += LINE
    return y


def wrapped(said: str, width: float, size: float = TEXT) -> list[str]:
    """Return a text as the lines that have room in a width."""
    return wrap(said, int(width / (size * PER_CHARACTER)))


def _signs(span: Span) -> Iterator[tuple[str, str]]:
    """Yield the signs that the picture uses, and no others."""
    if span.event:
        yield "event", "the day it happened"
    if span.counted_from:
        yield "from", "counted from, not itself counted"
    used = {span.sort(day.on) for day in span.days}
    yield from ((sort, said) for sort, said in SAID.items() if sort in used)
    if span.last and span.ends == "due":
        yield "due", "due, and may still move" if span.provisional else "due"
    elif span.last:
        yield "to", "the last day asked about"


def _draw_entry(canvas: Canvas, span: Span, sort: str, said: str, at: tuple[float, float]) -> None:
    x, y = at
    with canvas.within("g", transform=f"translate({x:.1f} {y:.1f}) scale({SHRUNK})"):
        draw_box(canvas, sort if sort in SAID else "", (0, 0))
        draw_sign(canvas, sort, SAMPLES.get(sort, ""), (0, 0))
        if sort in ("event", "from"):
            draw_mark(canvas, sort, (0, 0))
        elif sort in ("due", "to"):
            draw_end(canvas, sort, (0, 0), provisional=span.provisional)
    canvas.text(said, x + SIGN, y + HIGH * SHRUNK / 2 + 4.5, font_size=TEXT, **filled("ink"))


def _draw_run(canvas: Canvas, run: Run, at: tuple[float, float], width: float) -> float:
    x, y = at
    with canvas.within("g", role="listitem"):
        with canvas.within("g", aria_hidden="true"):
            draw_sign(canvas, run.sort, run.letter, (x + 11 - WIDE / 2, y + LINE / 2 - HIGH / 2))
        return draw_lines(canvas, wrapped(run.said, width - SIGN), (x + SIGN, y)) + 3
