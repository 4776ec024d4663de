"""A calendar as a picture: SVG with real text, no font or script of its own, for light and dark screens.

It is a group and not an image, so that a screen reader finds in it what stands there: the heading,
the sentences, and each day as an item of a list that can be gone through or skipped. An image is
read in one breath, and nobody can listen to a year of days like that.
"""

from chalicelib.calendar_picture.cells import HIGH, WIDE, draw_day, draw_other_day
from chalicelib.calendar_picture.key import draw_key, draw_lines, wrapped
from chalicelib.calendar_picture.months import Month, drawn_of, months_of, runs_of, said_left_out
from chalicelib.calendar_picture.paint import ROOT, filled, prepare
from chalicelib.calendar_picture.span import Span
from chalicelib.timeline.canvas import Canvas, Value

MARGIN, GAP = 22.0, 30.0
MONTH = WIDE * 7
TITLE, TITLE_LINE = 19.0, 25.0
# Above a month's weeks: its name and the weekdays.
HEAD = 50.0
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def draw(span: Span) -> str:
    """Return a span as SVG, as wide as two or three months and as high as it needs to be."""
    months = months_of(span)
    drawn = drawn_of(months)
    columns = _columns(len(drawn))
    width = 2 * MARGIN + columns * MONTH + (columns - 1) * GAP
    canvas = Canvas.of(**{"class": ROOT}, role="group", aria_label="Calendar")
    canvas.draw("title").text = span.title
    canvas.draw("desc").text = " ".join(span.description())
    prepare(canvas)
    paper = canvas.draw("rect", width=width, **filled("paper"))
    top = _head(canvas, span, width)
    end = _months(canvas, span, drawn, columns, top)
    if note := said_left_out(span, months):
        end = draw_lines(canvas, wrapped(note, width - 2 * MARGIN), (MARGIN, end))
    runs = runs_of(span, drawn)
    if len(drawn) == 1:
        # A month by itself leaves room beside it.
        beside = (MARGIN + MONTH + GAP, top + HEAD)
        end = max(end, draw_key(canvas, span, runs, beside, MONTH))
    else:
        end = draw_key(canvas, span, runs, (MARGIN, end + 4), width - 2 * MARGIN)
    paper.set("height", f"{end + MARGIN:.0f}")
    canvas.resize(width, end + MARGIN)
    return canvas.written()


def _columns(months: int) -> int:
    return 2 if months in (0, 1, 2, 4) else 3


def _head(canvas: Canvas, span: Span, width: float) -> float:
    """Write what is asked and the sentences, and return where the months begin."""
    look: dict[str, Value] = {"font_size": TITLE, "font_weight": "bold"}
    y = MARGIN
    for line in wrapped(span.title, width - 2 * MARGIN, TITLE * 1.08):
        canvas.text(line, MARGIN, y + TITLE * 0.8, **look, **filled("ink"))
        y += TITLE_LINE
    y = draw_lines(canvas, wrapped(" ".join(span.sentences), width - 2 * MARGIN), (MARGIN, y))
    return y + 16


def _months(canvas: Canvas, span: Span, months: tuple[Month, ...], columns: int, top: float) -> float:
    """Draw the months in rows, and return where they end."""
    with canvas.within("g", role="list", aria_label="Each day on the way"):
        for start in range(0, len(months), columns):
            row = months[start : start + columns]
            for number, month in enumerate(row):
                _month(canvas, span, month, (MARGIN + number * (MONTH + GAP), top))
            top += HEAD + HIGH * max(month.weeks for month in row) + 18
    return top


def _month(canvas: Canvas, span: Span, month: Month, at: tuple[float, float]) -> None:
    left, top = at
    with canvas.within("g", aria_hidden="true"):
        canvas.text(month.title, left + 2, top + 18, font_size=15, font_weight="bold", **filled("ink"))
        for column, name in enumerate(WEEKDAYS):
            middle: dict[str, Value] = {"text_anchor": "middle", "font_size": 11.5, **filled("soft")}
            canvas.text(name, left + (column + 0.5) * WIDE, top + 40, **middle)
        shown = set(span.shown)
        for on, row, column in month.places():
            if on not in shown:
                draw_other_day(canvas, on, (left + column * WIDE, top + HEAD + row * HIGH))
    for on, row, column in month.places():
        if on in shown:
            draw_day(canvas, span, on, (left + column * WIDE, top + HEAD + row * HIGH))
