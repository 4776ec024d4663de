"""The timeline as a picture: SVG with real text, no font or script of its own, readable in one colour."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from chalicelib.core.case import HALT
from chalicelib.core.narrating import short_day
from chalicelib.timeline.canvas import Canvas, Value, fitted, width_of
from chalicelib.timeline.legend import draw_legend
from chalicelib.timeline.lines import summary
from chalicelib.timeline.picture import WEEKEND, Band, Picture, Row
from chalicelib.timeline.rows import BLUE, GUTTER, HEIGHT, INK, LATE, ORANGE, RED, SOFT, draw_row
from chalicelib.timeline.scale import Scale
from chalicelib.timeline.ticks import draw_guides, draw_ticks

WIDTH, LEFT, RIGHT = 1000.0, GUTTER + 14, 972.0
HEAD, AXIS, LANE, HEADING, BAND = 60.0, 40.0, 32.0, 30.0, 20.0
# More rows than anybody looks at in one picture; all of them are in the text.
MOST_ROWS = 90
# What a bold text of twelve is taken for when it is measured.
BAND_TEXT = 13.5
FROZEN, HALTED = "holdfast-frozen", "holdfast-halted"
CLOSED, HOLIDAY, LINE = "#f3f4f5", "#dcdfe2", "#c6cbcf"


def draw(picture: Picture) -> str:
    """Return a timeline as SVG, 1000 units wide and as high as it needs to be."""
    layout = _Layout(picture, Scale(axis=picture.axis, left=LEFT, right=RIGHT))
    canvas = Canvas.of(role="img", aria_labelledby="holdfast-title holdfast-description")
    _head(canvas, picture)
    _patterns(canvas)
    background = canvas.draw("rect", width=WIDTH, fill="#ffffff")
    _text_head(canvas, picture)
    _closed(canvas, layout)
    _axis(canvas, layout)
    _gaps(canvas, layout)
    _bands(canvas, layout)
    draw_guides(canvas, picture.ticks, layout.scale, (HEAD + AXIS, layout.rows_end))
    for heading, rows, top in layout.groups():
        if heading:
            canvas.text(heading, 20, top + 20, font_size=13, font_weight="bold", fill=INK)
        for number, row in enumerate(rows):
            draw_row(canvas, row, layout.scale, top + (HEADING if heading else 0) + HEIGHT * number)
    draw_ticks(canvas, picture.ticks, layout.scale, HEAD + AXIS + LANE / 2)
    height = draw_legend(canvas, picture, layout.rows_end + 18, hidden=len(picture.rows) - MOST_ROWS)
    background.set("height", f"{height:.0f}")
    canvas.resize(WIDTH, height)
    return canvas.written()


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where everything stands from top to bottom."""

    picture: Picture
    scale: Scale

    @property
    def bands_top(self) -> float:
        return HEAD + AXIS + LANE

    @property
    def rows_top(self) -> float:
        return self.bands_top + BAND * len(self.picture.bands) + 4

    @property
    def rows_end(self) -> float:
        ends = [top + self._height(heading, rows) for heading, rows, top in self.groups()]
        return max(ends, default=self.rows_top + 10)

    def groups(self) -> Iterator[tuple[str, tuple[Row, ...], float]]:
        """Yield each protocol's heading, where there are several, its rows and their top."""
        top = self.rows_top
        for protocol, found in groupby(self.picture.rows[:MOST_ROWS], key=lambda row: row.protocol):
            rows = tuple(found)
            heading = self.picture.titles[protocol] if len(self.picture.titles) > 1 else ""
            yield heading, rows, top
            top += self._height(heading, rows)

    def reach(self, band: Band) -> tuple[float, float]:
        """Return from where to where a band is shaded: a halt stops its own protocol's clocks alone."""
        own = [
            (top, top + self._height(heading, rows))
            for heading, rows, top in self.groups()
            if band.sort != HALT or rows[0].protocol == band.protocol
        ]
        return own[0][0] if own else self.rows_top, own[-1][1] if own else self.rows_top

    def _height(self, heading: str, rows: tuple[Row, ...]) -> float:
        return HEIGHT * len(rows) + (HEADING if heading else 0)


def _head(canvas: Canvas, picture: Picture) -> None:
    canvas.draw("title", id="holdfast-title").text = _title(picture)
    canvas.draw("desc", id="holdfast-description").text = " ".join(summary(picture))


def _title(picture: Picture) -> str:
    return f"Rehearsal: {', '.join(picture.titles.values())}"


def _text_head(canvas: Canvas, picture: Picture) -> None:
    canvas.text(fitted(_title(picture), WIDTH - 40, 17), 20, 28, font_size=18, font_weight="bold", fill=INK)
    canvas.text(summary(picture)[0], 20, 48, font_size=12.5, fill=SOFT)


def _patterns(canvas: Canvas) -> None:
    """Define the hatching of what is overdue, frozen and halted: three directions, three colours."""
    with canvas.within("defs"):
        for name, colour, path in (
            (LATE, RED, "M0 8 L8 0 M-1 1 L1 -1 M7 9 L9 7"),
            (FROZEN, BLUE, "M0 0 L8 8 M-1 7 L1 9 M7 -1 L9 1"),
            (HALTED, ORANGE, "M0 4 H8"),
        ):
            with canvas.within("pattern", id=name, width=8, height=8, patternUnits="userSpaceOnUse"):
                canvas.draw("path", d=path, stroke=colour, stroke_width=1.6 if name == LATE else 0.7)


def _closed(canvas: Canvas, layout: _Layout) -> None:
    """Shade the days on which nothing is counted, unless they are too narrow to be seen."""
    scale, top = layout.scale, HEAD + 20
    shown = set(scale.axis.days())
    for on, why in layout.picture.closed.items():
        if on not in shown:
            continue
        if scale.day >= 2 or (scale.day >= 1 and why != WEEKEND):
            with canvas.within("g"):
                canvas.title(
                    f"{short_day(on)}, not counted: {on:%A}" if why == WEEKEND else f"{short_day(on)}: {why}"
                )
                fill = CLOSED if why == WEEKEND else HOLIDAY
                canvas.draw(
                    "rect", x=scale.at(on), y=top, width=scale.day, height=layout.rows_end - top, fill=fill
                )


def _axis(canvas: Canvas, layout: _Layout) -> None:
    scale, top = layout.scale, HEAD + AXIS
    free = scale.left
    for on, said in scale.bands():
        x, width = scale.at(on), width_of(said, BAND_TEXT)
        canvas.draw("line", x1=x, x2=x, y1=HEAD, y2=layout.rows_end, stroke=LINE)
        if x >= free and x + 4 + width < WIDTH:
            canvas.text(said, x + 4, HEAD + 13, font_size=12, font_weight="bold", fill=INK)
            free = x + 4 + width
    for on, said in scale.labels():
        x = scale.at(on)
        canvas.draw("line", x1=x, x2=x, y1=HEAD + 20, y2=layout.rows_end, stroke=LINE, stroke_width=0.5)
        if x + 3 + width_of(said, 11) < WIDTH - 8:
            canvas.text(said, x + 3, top - 7, font_size=11, fill=SOFT)
    canvas.draw("line", x1=20, x2=scale.right, y1=top, y2=top, stroke=INK)
    canvas.text("What happened", 20, top + 20, font_size=12, font_weight="bold", fill=INK)


def _gaps(canvas: Canvas, layout: _Layout) -> None:
    """Draw a jagged edge on either side of days that are left out."""
    start, end = HEAD + AXIS, layout.rows_end
    jags = " ".join(["l4 4 l-4 4"] * int((end - start) / 8))
    look: dict[str, Value] = {"fill": "none", "stroke": SOFT, "stroke_width": 0.8}
    for left, right in layout.scale.gaps():
        middle = (left + right) / 2
        with canvas.within("g"):
            canvas.title("Nothing happens here for a while: these days are left out")
            for x in (middle - 6, middle + 2):
                canvas.draw("path", d=f"M{x:.1f} {start:.1f} {jags}", **look)


def _bands(canvas: Canvas, layout: _Layout) -> None:
    """Shade each freeze and halt down the rows, with its name in a lane of its own."""
    scale = layout.scale
    for number, band in enumerate(layout.picture.bands):
        top = layout.bands_top + BAND * number
        left, right = scale.at(band.first), scale.at(band.last, 1.0) if band.last else scale.right
        fill, colour = (HALTED, ORANGE) if band.sort == HALT else (FROZEN, BLUE)
        with canvas.within("g"):
            canvas.title(f"{band.said}, {band.cited}, from {short_day(band.first)}{_until(band)}")
            start, end = layout.reach(band)
            box: dict[str, Value] = {"x": left, "width": max(right - left, 3.0)}
            canvas.draw("rect", **box, y=start, height=end - start, fill=f"url(#{fill})", opacity=0.28)
            canvas.draw("rect", **box, y=top + 2, height=BAND - 6, fill=f"url(#{fill})", stroke=colour)
            canvas.text(fitted(band.said, GUTTER - 20, 11), 20, top + 13, font_size=11, fill=INK)


def _until(band: Band) -> str:
    return f" to {short_day(band.last)}" if band.last else " and still open"
