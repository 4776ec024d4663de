"""How an opened obligation stands against its `until`: met, or which cells are left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from chalicelib.core.corrections import in_order
from chalicelib.core.history import could_precede, same_placement
from chalicelib.core.matching import seats_of
from chalicelib.core.missing import named
from chalicelib.core.openings import Opening
from chalicelib.core.patterns import Pattern
from chalicelib.core.trace import Trace

Cell = Mapping[str, str]
# Built-in words that stand for several people, each of whom is a cell of a grid.
GROUPS = ("attendees", "invited")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a duty stands against its `until`: the fact that met it, or the cells still left."""

    by: Trace | None
    left: tuple[Cell, ...] = ()
    note: str | None = None


def settlement_of(opening: Opening) -> Settlement:
    """Try each form of `until`; the earliest that is complete settles the duty."""
    met: list[Trace] = []
    left: tuple[Cell, ...] = ()
    note: str | None = None
    for pattern in opening.obligation.until:
        if not pattern.each:
            first = next(opening.settling(pattern), None)
            met.extend([first] if first else [])
            continue
        tried = _cover(opening, pattern)
        met.extend([tried.by] if tried.by else [])
        left, note = tried.left, tried.note
    if met:
        return Settlement(by=min(met, key=in_order), note=note)
    return Settlement(by=None, left=left, note=note)


def _cover(opening: Opening, pattern: Pattern) -> Settlement:
    """Cross off the grid's cells with the facts that follow, in order."""
    cells, note = _cells(opening, pattern)
    for fact in opening.settling(pattern):
        cells = [cell for cell in cells if not _covers(opening, fact, cell)]
        if not cells:
            return Settlement(by=fact, note=note)
    return Settlement(by=None, left=tuple(cells), note=note)


def _cells(opening: Opening, pattern: Pattern) -> tuple[list[Cell], str | None]:
    """Return the grid's cells, with `this` and `previous` put to the meetings they mean."""
    note: str | None = None
    columns: list[Sequence[str]] = []
    for name, words in pattern.each:
        if name == "meeting":
            meetings = _meetings(opening, words)
            if len(meetings) < len(words):
                # Silence 3: with one meeting only its record is sent and the duty says so, or it waits.
                note = "only_one_meeting"
                if opening.view.protocol.setting("only_one_meeting") == "wait_for_both":
                    note, meetings = "waits_for_both_meetings", [*meetings, "previous"]
            columns.append(meetings)
        else:
            columns.append(_people(opening, words))
    names = [name for name, _ in pattern.each]
    return [dict(zip(names, words, strict=True)) for words in product(*columns)], note


def _people(opening: Opening, words: Sequence[str]) -> list[str]:
    """Return words with a meeting's own roles put to whoever it names for them."""
    found: list[str] = []
    for word in words:
        if word in GROUPS:
            meeting = opening.view.history.meeting(opening.view.history.meeting_of(opening.fact))
            found += [named(seat) for seat in seats_of(meeting, word)]
        else:
            found.append(word)
    return list(dict.fromkeys(found))


def _meetings(opening: Opening, words: Sequence[str]) -> list[str]:
    """Return the ids of `this` meeting and of the `previous` one, where there was one."""
    found: list[str] = []
    this = opening.fact
    if "this" in words and this.meeting_id:
        found.append(this.meeting_id)
    if "previous" in words:
        began = opening.view.history.placement_began(this)
        earlier = [
            fact
            for fact in opening.view.history.of_kind("meeting_held")
            if fact.meeting_id != this.meeting_id
            and could_precede(fact, this)
            and fact.on >= began
            and same_placement(fact, this)
            and _same_sort(opening, fact)
        ]
        if earlier and earlier[-1].meeting_id:
            found.append(earlier[-1].meeting_id)
    return found


def _same_sort(opening: Opening, fact: Trace) -> bool:
    """Say whether a meeting is of a kind that this obligation could have been opened by."""
    meetings = {
        word
        for pattern in opening.obligation.when
        for test in pattern.tests
        if getattr(test, "field", None) == "meeting"
        for word in getattr(test, "words", ())
    }
    return not meetings or not meetings.isdisjoint(fact.words.get("meeting", ()))


def _covers(opening: Opening, fact: Trace, cell: Cell) -> bool:
    return all(
        opening.view.history.meeting_of(fact) == word
        if name == "meeting"
        else word in opening.view.values(name, fact)
        or any(seat.person_id == word for seat in fact.people.get(name, ()))
        for name, word in cell.items()
    )
