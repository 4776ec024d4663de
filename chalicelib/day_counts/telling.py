"""An answer as data, in sentences, and as what is to be drawn."""

from collections.abc import Iterator, Mapping

from chalicelib.calendar_picture.span import ASKED, DUE, Span
from chalicelib.core.saying import said_day
from chalicelib.day_counts.answer import Answer
from chalicelib.day_counts.counted_by import CountedBy
from chalicelib.day_counts.question import EVENT, FIRST_WORKING_DAY

Told = Mapping[str, object]


def told(found: Answer) -> Told:
    """Return an answer as values that can be written as JSON."""
    asked, counted_from, span = found.question, found.counted_from, drawn(found)
    why = EVENT if counted_from == asked.start else FIRST_WORKING_DAY
    return {
        "from": asked.start.isoformat(),
        "count": found.count,
        "unit": str(asked.unit),
        "day_zero": asked.day_zero,
        "counted_from": {"on": counted_from.isoformat(), "why": why},
        **_end(found),
        "provisional": found.provisional,
        "calendar": _calendar(found.by),
        "days": [day.data() for day in found.days],
        "sentences": [*span.description()],
    }


def drawn(found: Answer) -> Span:
    """Return what is to be drawn of an answer."""
    asked = found.question
    return Span(
        title=_title(found),
        sentences=tuple(_sentences(found)),
        event=asked.start if found.counted_from != asked.start else None,
        counted_from=found.counted_from,
        days=found.days,
        last=found.end,
        ends=DUE if found.due_at else ASKED,
        provisional=found.provisional,
    )


def _end(found: Answer) -> Told:
    if found.due_at is None:
        return {"until": found.end.isoformat()}
    return {"due_on": found.end.isoformat(), "due_at": found.due_at.isoformat()}


def _calendar(by: CountedBy) -> Told:
    return {
        "nation": str(by.calendar.nation),
        "authority": by.authority,
        "hash": by.calendar.hash,
        "since": by.since.isoformat() if by.since else None,
        "source": by.source,
        "known_from": by.known[0].isoformat(),
        "known_until": by.known[1].isoformat(),
        "published_until": by.calendar.horizon.isoformat(),
    }


# --- in words -------------------------------------------------------------------------------


def _title(found: Answer) -> str:
    if found.due_at is None:
        return f"{_said_count(found)} to {said_day(found.end)}"
    cut_off = found.question.cut_off
    close = f"{cut_off:%H:%M} on" if cut_off else "the end of"
    return f"Due by {close} {said_day(found.end)}"


def _sentences(found: Answer) -> Iterator[str]:
    """Yield how the days are counted, less those that are not."""
    yield _said_way(found)
    if found.said_clamp:
        yield found.said_clamp
    if found.provisional:
        published = said_day(found.by.calendar.horizon)
        yield f"This is provisional: bank holidays are published until {published}."


def _said_way(found: Answer) -> str:
    """Return from where to where is counted, or that the end is not past the day counted from."""
    back, start, end = found.question.goes_back, _said_start(found), said_day(found.end)
    if not back and found.end == found.counted_from:
        return f"That is the day counted from, which is not counted: {start}."
    if not back and found.end < found.counted_from:
        return f"Days are counted from {start}, and that is after {end}."
    until = "" if found.due_at else f", {'down' if back else 'up'} to and including {end}"
    return f"{_said_count(found)} {'before' if back else 'after'} {start}, which is not counted{until}."


def _said_start(found: Answer) -> str:
    start = said_day(found.question.start)
    if found.counted_from == found.question.start:
        return start
    return f"{said_day(found.counted_from)}, the first working day from {start}"


def _said_count(found: Answer) -> str:
    count, unit = abs(found.count), found.question.unit.replace("_", " ")
    if not count:
        return f"No {unit}"
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}"
