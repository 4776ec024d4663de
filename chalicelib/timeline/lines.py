"""The timeline as lines of text: one for each duty and flag, one column for a day or for several."""

from collections.abc import Iterator
from datetime import date

from chalicelib.core.case import HALT
from chalicelib.core.narrating import short_day
from chalicelib.timeline.axis import GAP
from chalicelib.timeline.picture import Band, Picture, Row

NAME, CHART = 26, 56
SIGNS = {"met": "✓", "missed": "✗", "lapsed": "–", "excused": "=", "withdrawn": "/", "open": ">"}
FLAGS = {"breach": "!", "safety": "!", "excepted": "◇", "excused": "=", "withdrawn": "/"}
DOTS = {"told": "○", "reminder": "●", "chaser": "▲"}


def summary(picture: Picture) -> tuple[str, ...]:
    """Return what a timeline comes to: a sentence on the whole, then one for each row."""
    duties = [row for row in picture.rows if not row.is_flag]
    states = [row.state for row in duties]
    counts = ", ".join(f"{states.count(state)} {state}" for state in SIGNS if state in states)
    flags = len(picture.rows) - len(duties)
    of = f" ({counts})" if counts else ""
    whole = (
        f"{short_day(picture.first)} to {short_day(picture.last)}: {_counted(len(picture.ticks), 'fact')}, "
        f"{_counted(len(duties), 'duty', 'duties')}{of}, {_counted(flags, 'flag')}."
    )
    return (whole, *(f"{row.clause} ({row.printed}), {row.who}: {row.said}." for row in picture.rows))


def lines(picture: Picture) -> tuple[str, ...]:
    """Return a timeline as lines that stand under one another in a terminal, and its facts."""
    return (*chart(picture), "", *_facts(picture))


def chart(picture: Picture) -> tuple[str, ...]:
    """Return the timeline alone, with what its signs mean."""
    return tuple(line.rstrip() for line in _Sheet(picture).lines())


def _facts(picture: Picture) -> Iterator[str]:
    for tick in picture.ticks:
        more = f" ({tick.particulars})" if tick.particulars else ""
        refused = f"; refused under {', '.join(tick.refused)}" if tick.refused else ""
        proposed = "proposed: " if tick.proposed else ""
        corrected = f"; corrected by {tick.replaced_by}" if tick.replaced_by else ""
        yield f"{tick.number:>3}  {short_day(tick.on)}  {proposed}{tick.said}{more}{refused}{corrected}"


def _counted(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


class _Sheet:
    """A picture's days as columns, each of one day or of several."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.axis = picture.axis
        self.per = -(-self.axis.length // CHART)
        self.columns = -(-self.axis.length // self.per)

    def lines(self) -> Iterator[str]:
        picture = self.picture
        yield from self._axis()
        yield self._line("What happened", self._facts())
        for band in picture.bands:
            yield self._line("", self._band(band), f"{band.said}, {band.cited}")
        for row in picture.rows:
            chart = self._flag(row) if row.is_flag else self._duty(row)
            said = f"{row.said} · {row.printed}"
            yield self._line(f"{row.clause} {row.who}", self._with_dots(row, chart), said)
        yield from self._notes()

    def _line(self, name: str, chart: list[str], said: str = "") -> str:
        short = name if len(name) < NAME else f"{name[: NAME - 2]}…"
        return f"{short:<{NAME}}{''.join(chart)} {said}"

    def _axis(self) -> Iterator[str]:
        months, mondays = self._blank(), self._blank()
        starts = {first for first, _ in self.axis.spans}
        for place in self.axis.gaps():
            middle = int(place + GAP / 2) // self.per
            months[middle] = mondays[middle] = "⋮"
        for on in self.axis.days():
            if on in starts or on.day == 1:
                said = f"{on:%b %Y}" if on in starts or on.month == 1 else f"{on:%b}"
                self._write(months, self._column(on), said)
            if on.weekday() == 0 and self.per == 1:
                self._write(mondays, self._column(on), str(on.day))
        yield self._line("", months)
        yield self._line("" if self.per == 1 else f"(a column is {self.per} days)", mondays)

    def _write(self, chart: list[str], column: int, said: str) -> None:
        """Write a label, where it neither touches the one before nor runs over the edge."""
        free = all(each == " " for each in chart[max(column - 1, 0) : column + len(said)])
        if free and column + len(said) <= len(chart):
            chart[column : column + len(said)] = said

    def _facts(self) -> list[str]:
        chart = self._blank()
        for tick in self.picture.ticks:
            column, said = self._column(tick.on), str(tick.number)
            room = chart[column : column + len(said)]
            if len(room) == len(said) and all(each == " " for each in room):
                chart[column : column + len(said)] = said
            else:
                chart[column] = "+"
        return chart

    def _band(self, band: Band) -> list[str]:
        chart = self._blank()
        last = self._column(band.last) if band.last else self.columns - 1
        for column in range(self._column(band.first), last + 1):
            chart[column] = "≡" if band.sort == HALT else "░"
        return chart

    def _flag(self, row: Row) -> list[str]:
        chart = self._blank()
        chart[self._column(row.began)] = FLAGS[row.state]
        return chart

    def _duty(self, row: Row) -> list[str]:
        chart = self._blank()
        start = self._column(row.began)
        due = self._column(row.due) if row.due else None
        end = self._column(row.ended) if row.ended else self.columns - 1 if due is None else due
        for column in range(start, max(end, start) + 1):
            chart[column] = "─"
        if row.ended and due is not None:
            chart[end + 1 : due] = ["·"] * len(chart[end + 1 : due])
        if row.late and due is not None:
            chart[due + 1 :] = ["▒"] * len(chart[due + 1 :])
        chart[start] = "├"
        if due is not None and (row.due or date.max) <= self.picture.last:
            chart[due] = "┤" if due > start else "│"
        if row.ended or due is None:
            chart[max(end, start)] = SIGNS[row.state]
        return chart

    def _with_dots(self, row: Row, chart: list[str]) -> list[str]:
        """Mark who was told on the line itself, but never over a sign, a beginning or a due date."""
        for dot in row.dots:
            column = self._column(dot.at.date())
            if chart[column] in " ─▒·":
                chart[column] = DOTS[dot.sort]
        return chart

    def _notes(self) -> Iterator[str]:
        yield ""
        yield "✓ met  ✗ missed  – lapsed  = excused  / taken back  ┤ due  ▒ overdue  ! breach  ◇ exception"
        yield "○ told  ● reminded  ▲ chased or escalated  ░ frozen  ≡ clocks stopped"

    def _blank(self) -> list[str]:
        return [" "] * self.columns

    def _column(self, on: date) -> int:
        column = int(self.axis.place(on)) // self.per
        return min(max(column, 0), self.columns - 1)
