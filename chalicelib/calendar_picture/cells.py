"""One day of a calendar picture: its date, what it counts for, and whether something is due."""

from datetime import date

from chalicelib.calendar_picture.paint import HATCHED, STRIPED, filled, lined
from chalicelib.calendar_picture.span import Span
from chalicelib.core.working_days import CLOSED, COUNTED, HALT, WEEKEND
from chalicelib.timeline.canvas import Canvas, Value

WIDE, HIGH = 44.0, 50.0
# The strip at the foot of the last day.
STRIP = 14.0
BOLD: dict[str, Value] = {"font_weight": "bold", "text_anchor": "middle"}
HATCHES = {CLOSED: HATCHED, HALT: STRIPED}


def draw_day(canvas: Canvas, span: Span, on: date, at: tuple[float, float]) -> None:
    """Draw a day that is on the way: an item of the list that a screen reader goes through."""
    x, y = at
    said, marks = span.said(on), span.marks(on)
    with canvas.within("g", role="listitem"):
        # Read in the place of the signs: real text, since screen readers pass over names of list items.
        canvas.text(said, x + 2, y + HIGH / 2, font_size=8, fill="none")
        with canvas.within("g", aria_hidden="true"):
            canvas.title(said)
            draw_box(canvas, span.sort(on), at)
            canvas.text(str(on.day), x + 6, y + 14, font_size=11, **filled("ink"))
            # Above the strip at the foot there is less room.
            lower = 1 if span.ends in marks else 6
            begins = [mark for mark in marks if mark != span.ends]
            if begins:
                draw_mark(canvas, begins[-1], (x, y + lower))
            else:
                sign = str(span.numbers.get(on) or span.letters.get(on, ""))
                draw_sign(canvas, span.sort(on), sign, (x, y + lower))
            if span.ends in marks:
                draw_end(canvas, span.ends, at, provisional=span.provisional)


def draw_other_day(canvas: Canvas, on: date, at: tuple[float, float]) -> None:
    """Write the date of a day that is not on the way."""
    canvas.text(str(on.day), at[0] + 6, at[1] + 14, font_size=11, **filled("faint"))


def draw_box(canvas: Canvas, sort: str, at: tuple[float, float]) -> None:
    """Draw the ground of a day: blue, grey, hatched or striped by what it counts for, or only framed."""
    box: dict[str, Value] = {
        "x": at[0] + 1.5,
        "y": at[1] + 1.5,
        "width": WIDE - 3,
        "height": HIGH - 3,
        "rx": 3,
    }
    if sort in HATCHES:
        canvas.draw("rect", **box, fill=f"url(#{HATCHES[sort]})")
    else:
        canvas.draw("rect", **box, **(filled(sort) if sort else lined("soft")))


def draw_sign(canvas: Canvas, sort: str, said: str, at: tuple[float, float]) -> None:
    """Draw in the middle of a box what its day counts for: a number, a dash, a letter or two bars."""
    x, y = at[0] + WIDE / 2, at[1] + HIGH / 2
    if sort == COUNTED:
        canvas.text(said, x, y + 6, font_size=17 if len(said) < 4 else 13, **BOLD, **filled("number"))
    elif sort == WEEKEND:
        canvas.draw("path", d=f"M{x - 5:.1f} {y:.1f} h10", **lined("soft", 1.6))
    elif sort == CLOSED:
        canvas.draw("circle", cx=x, cy=y, r=9, **filled("paper"))
        canvas.text(said, x, y + 4, font_size=12, **BOLD, **filled("ink"))
    elif sort == HALT:
        bars = f"M{x - 3.5:.1f} {y - 6:.1f} v12 M{x + 3.5:.1f} {y - 6:.1f} v12"
        canvas.draw("path", d=bars, **lined("ink", 2.6))


def draw_mark(canvas: Canvas, mark: str, at: tuple[float, float]) -> None:
    """Write in the middle of a box how its day is called: `from` or `event`."""
    canvas.text(mark, at[0] + WIDE / 2, at[1] + HIGH / 2 + 4, font_size=11.5, **BOLD, **filled("ink"))


def draw_end(canvas: Canvas, mark: str, at: tuple[float, float], *, provisional: bool) -> None:
    """Draw the frame of the last day with its name, `due` or `to`; broken where it may still move."""
    dashes: dict[str, Value] = {"stroke_dasharray": "5 3"} if provisional else {}
    x, y = at
    foot = y + HIGH - STRIP
    box: dict[str, Value] = {"x": x + 1, "y": y + 1, "width": WIDE - 2, "height": HIGH - 2, "rx": 4}
    canvas.draw("rect", **box, **lined("ink", 3.0), **dashes)
    canvas.draw("rect", x=x + 4, y=foot, width=WIDE - 8, height=STRIP - 3, **filled("ink"))
    canvas.text(mark, x + WIDE / 2, foot + 8.5, font_size=10.5, **BOLD, **filled("paper"))
