"""Ladders: reminders and escalation, always local policy."""

from collections.abc import Iterable

from chalicelib.core.protocol import Ladder, Rung, Urgency
from chalicelib.protocol_reading.reader import Reader, Table

SORTS = ("dated", "at_once", "undated", "breach", "task")
MOMENTS = ("at", "before_due", "after_due", "open_for")
# Whoever owns a duty, and their manager: looked up for each duty, so in a rung alone.
OWNERS = ("owner", "owner_manager")


def read_ladders(reader: Reader, value: object, clauses: Iterable[str]) -> tuple[Ladder, ...]:
    """Return the sound ladders of a file; `clauses` are the ids that a ladder may serve."""
    served = (*SORTS, *clauses)
    read = [(place, _ladder(reader, place, table, served)) for place, table in reader.tables("ladder", value)]
    seen: set[str] = set()
    for place, ladder in read:
        for sort in ladder.serves:
            if sort in seen:
                reader.wrong(f"{place}.for", f"two ladders are for {sort!r}")
            seen.add(sort)
    return tuple(ladder for place, ladder in read if reader.sound(place))


def _ladder(reader: Reader, at: str, table: Table, served: Iterable[str]) -> Ladder:
    reader.keys(at, table, ["for", "basis", "rungs"], [])
    reader.known(f"{at}.basis", table.get("basis"), ["local_policy"])
    rungs = table.get("rungs")
    if not rungs:
        reader.wrong(f"{at}.rungs", "at least one rung is expected")
    return Ladder(
        serves=reader.all_known(f"{at}.for", table.get("for", []), served),
        rungs=tuple(_rung(reader, place, each) for place, each in reader.tables(f"{at}.rungs", rungs or [])),
    )


def _rung(reader: Reader, at: str, table: Table) -> Rung:
    reader.keys(at, table, ["tell"], [*MOMENTS, "urgency", "repeat"])
    if sum(moment in table for moment in MOMENTS) != 1:
        reader.wrong(at, f"expected exactly one of {', '.join(MOMENTS)}")
    if "at" in table:
        reader.known(f"{at}.at", table["at"], ["opened"])
    urgency = reader.known(f"{at}.urgency", table.get("urgency", Urgency.TODAY), Urgency)
    return Rung(
        tell=reader.all_known(f"{at}.tell", table.get("tell", []), (*OWNERS, *reader.vocabulary.roles)),
        urgency=Urgency(urgency) if urgency in list(Urgency) else Urgency.TODAY,
        opened="at" in table,
        before_due_days=_of_unit(reader, at, table, ("before_due", "working_days")),
        after_due_days=_of_unit(reader, at, table, ("after_due", "working_days")),
        open_for_hours=_of_unit(reader, at, table, ("open_for", "hours")),
        repeat_days=_of_unit(reader, at, table, ("repeat", "working_days")),
    )


def _of_unit(reader: Reader, at: str, table: Table, named: tuple[str, str]) -> int | None:
    """Return the number in `{ working_days = 3 }`, where the key is there."""
    key, unit = named
    if key not in table:
        return None
    value = table[key]
    if not isinstance(value, dict) or set(value) != {unit}:
        reader.wrong(f"{at}.{key}", f"expected {{ {unit} = … }}")
        return None
    return reader.number(f"{at}.{key}.{unit}", value[unit])
