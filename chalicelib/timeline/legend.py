"""What stands under the picture: the signs that it uses, the facts by their numbers, and notes."""

from collections.abc import Iterator
from textwrap import wrap

from chalicelib.core.narrating import short_day
from chalicelib.timeline.canvas import PER_CHARACTER, Canvas, fitted, width_of
from chalicelib.timeline.picture import WEEKEND, Picture, Tick
from chalicelib.timeline.rows import (
    BAR,
    INK,
    PAINTS,
    RED,
    SOFT,
    draw_bar,
    draw_dot,
    draw_due,
    draw_late,
    draw_sign,
)

WIDTH = 960.0
LINE = 18.0
MOST_FACTS = 100
# In more than a year or so nobody asks for each of them.
MOST_HOLIDAYS = 12
SAID = {
    "open": "open",
    "met": "met",
    "missed": "missed",
    "lapsed": "lapsed",
    "excused": "excused",
    "withdrawn": "taken back",
    "breach": "breach",
    "safety": "done for safety",
    "excepted": "exception used",
}
DOTS = {"told": "told", "reminder": "reminded", "chaser": "chased or escalated"}


def draw_legend(canvas: Canvas, picture: Picture, top: float, *, hidden: int) -> float:
    """Draw everything under the rows, and return how high the picture is with it."""
    top = _signs(canvas, picture, top)
    if hidden > 0:
        canvas.text(f"And {hidden} more rows, in the text alone.", 20, top + 12, font_size=12, fill=INK)
        top += LINE
    top += 8
    for tick in picture.ticks[:MOST_FACTS]:
        _fact(canvas, tick, top)
        top += LINE
    for note in _notes(picture):
        for line in wrap(note, int(WIDTH / (11 * PER_CHARACTER))):
            canvas.text(line, 20, top + 16, font_size=11, fill=SOFT)
            top += LINE - 2
    return top + 16


def _signs(canvas: Canvas, picture: Picture, top: float) -> float:
    """Explain the signs that the picture uses, and no others, in as many lines as they need."""
    x, y = 20.0, top
    for sort, said in _used(picture):
        width = 34 + width_of(said, 11) + 14
        if x + width > WIDTH + 20:
            x, y = 20.0, y + LINE + 4
        _sign(canvas, sort, x, y)
        canvas.text(said, x + 34, y + 10, font_size=11, fill=INK)
        x += width
    return y + LINE + 4


def _used(picture: Picture) -> Iterator[tuple[str, str]]:
    states = {row.state for row in picture.rows}
    yield from ((state, said) for state, said in SAID.items() if state in states)
    if any(row.late for row in picture.rows):
        yield "late", "overdue"
    if any(row.due for row in picture.rows):
        yield "due", "due date"
    if any(row.provisional for row in picture.rows):
        yield "provisional", "may still move"
    sorts = {dot.sort for row in picture.rows for dot in row.dots}
    yield from ((sort, said) for sort, said in DOTS.items() if sort in sorts)


def _sign(canvas: Canvas, sort: str, x: float, y: float) -> None:
    if sort in DOTS:
        draw_dot(canvas, sort, x + 24, y + 6)
    elif sort == "late":
        draw_late(canvas, (x, y, 28))
    elif sort in ("due", "provisional"):
        draw_due(canvas, x + 24, y, provisional=sort == "provisional")
    elif sort in ("breach", "excepted", "safety"):
        draw_sign(canvas, sort, x + 20, y + 6)
    else:
        draw_bar(canvas, sort, (x, y, 24 if PAINTS[sort].sign else 28))
        draw_sign(canvas, sort, x + 24, y + BAR / 2)


def _fact(canvas: Canvas, tick: Tick, top: float) -> None:
    more = f" ({tick.particulars})" if tick.particulars else ""
    said = f"{'Proposed: ' if tick.proposed else ''}{tick.said}{more}"
    verdict = _verdict(tick)
    room = WIDTH - 160 - width_of(verdict, 12)
    y = top + 12
    with canvas.within("g"):
        canvas.title(f"{tick.number}. {short_day(tick.on)}: {said}.")
        canvas.text(str(tick.number), 40, y, text_anchor="end", font_weight="bold", fill=INK, font_size=12)
        canvas.text(short_day(tick.on), 50, y, fill=INK, font_size=12)
        canvas.text(fitted(said, room, 12), 170, y, fill=INK, font_size=12)
        if verdict:
            canvas.text(verdict, WIDTH + 12, y, text_anchor="end", fill=RED, font_size=12)


def _verdict(tick: Tick) -> str:
    if tick.refused:
        return f"refused under {', '.join(tick.refused)}"
    if tick.replaced_by:
        return f"corrected by {tick.replaced_by}"
    told = f"told {short_day(tick.told_on)}" if tick.told_on != tick.on else ""
    flagged = f"flagged under {', '.join(tick.flagged)}" if tick.flagged else ""
    return "; ".join(each for each in ("accepted" if tick.proposed else "", told, flagged) if each)


def _notes(picture: Picture) -> Iterator[str]:
    if len(picture.ticks) > MOST_FACTS:
        yield f"And {len(picture.ticks) - MOST_FACTS} more facts, in the text alone."
    shown = set(picture.axis.days())
    closed = [(on, why) for on, why in picture.closed.items() if on in shown and why != WEEKEND]
    holidays = [f"{short_day(on)} {why}" for on, why in closed]
    if holidays and len(holidays) <= MOST_HOLIDAYS:
        yield f"Not counted besides weekends: {'; '.join(holidays)}."
    if not picture.complete:
        yield "More is due than one rehearsal walks through: later reminders are not shown."
