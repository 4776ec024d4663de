"""The parts of a record: what a fact must carry before it is complete."""

from collections.abc import Iterator

from chalicelib.core.effects import Part
from chalicelib.protocol_reading.reader import Reader, Table

TYPES = ("text", "date", "role")
ATTENDEES = "attendees"
WHO = "who"
OPTIONS = ("label", "type", "choose", "rows", "for_each", "fixed", "optional")


def part_names(clauses: object) -> Iterator[str]:
    """Yield the names of the parts of all records in a file's clauses, as far as they can be read."""
    for clause in clauses if isinstance(clauses, list) else []:
        records = clause.get("record", []) if isinstance(clause, dict) else []
        for record in records if isinstance(records, list) else [records]:
            parts = record.get("contains", []) if isinstance(record, dict) else []
            for part in parts if isinstance(parts, list) else []:
                yield str(part.get("part")) if isinstance(part, dict) else str(part)


def read_parts(reader: Reader, at: str, value: object) -> tuple[Part, ...]:
    """Return the parts in a list, each a name or a table that says more."""
    if not isinstance(value, list) or not value:
        reader.wrong(at, "a list of parts is expected, with at least one")
        return ()
    parts = tuple(_part(reader, f"{at}[{position}]", each) for position, each in enumerate(value))
    names = [part.name for part in parts]
    for name in sorted({each for each in names if names.count(each) > 1}):
        reader.wrong(at, f"the part {name!r} is named twice")
    return parts


def _part(reader: Reader, at: str, value: object) -> Part:
    if isinstance(value, str):
        return Part(name=reader.text(at, value))
    table = reader.table(at, value)
    reader.keys(at, table, ["part"], OPTIONS)
    _check_forms(reader, at, table)
    return Part(
        name=reader.text(f"{at}.part", table.get("part")),
        label=reader.text(f"{at}.label", table["label"]) if "label" in table else None,
        type=reader.known(f"{at}.type", table.get("type", "text"), TYPES),
        choose=_choices(reader, f"{at}.choose", table["choose"]) if "choose" in table else (),
        rows=read_parts(reader, f"{at}.rows", table["rows"]) if "rows" in table else (),
        for_each=reader.known(f"{at}.for_each", table["for_each"], [ATTENDEES])
        if "for_each" in table
        else None,
        fixed=reader.text(f"{at}.fixed", table["fixed"]) if "fixed" in table else None,
        optional=reader.yes_or_no(f"{at}.optional", table.get("optional", False)),
    )


def _check_forms(reader: Reader, at: str, table: Table) -> None:
    forms = [each for each in ("type", "choose", "rows", "fixed") if each in table]
    if len(forms) > 1:
        reader.wrong(at, f"expected one of {' and '.join(forms)}, not both")
    columns = table["rows"] if isinstance(table.get("rows"), list) else []
    named = [each.get("part") if isinstance(each, dict) else each for each in columns]
    if "for_each" in table and WHO not in named:
        reader.wrong(f"{at}.for_each", f"rows for each of the {ATTENDEES} need a column {WHO!r}")


def _choices(reader: Reader, at: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) < 2:
        reader.wrong(at, "a list of at least two words is expected")
        return ()
    return tuple(reader.text(f"{at}[{position}]", each) for position, each in enumerate(value))
