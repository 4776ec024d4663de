"""What is wrong with the parts of a record: a word that is no choice, a date that is none, rows.

A part that no protocol names is nobody's to check and is kept as it came.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from chalicelib.core.effects import Part
from chalicelib.core.errors import Problem
from chalicelib.core.facts import Row

MEETING_ON = "{meeting_on}"

Said = str | tuple[Row, ...]


def problems_in_contents(
    contents: Mapping[str, Said], parts: Mapping[str, Part], roles: Mapping[str, object]
) -> Iterator[Problem]:
    """Yield everything that is wrong with the declared parts of a fact; blanks are left unsaid."""
    for name, said in contents.items():
        part = parts.get(name)
        if part is not None:
            yield from _of_part(f"contents.{name}", part, said, roles)


def _of_part(at: str, part: Part, said: Said, roles: Mapping[str, object]) -> Iterator[Problem]:
    if part.rows:
        if isinstance(said, str):
            yield Problem(at, f"rows, each with {_columns(part)}")
        else:
            for position, row in enumerate(said):
                yield from _of_row(f"{at}[{position}]", part, row, roles)
    elif not isinstance(said, str):
        yield Problem(at, "a text")
    else:
        yield from _of_text(at, part, said, roles)


def _of_row(at: str, part: Part, row: Row, roles: Mapping[str, object]) -> Iterator[Problem]:
    columns = {column.name: column for column in part.rows}
    if not row.keys() <= columns.keys():
        yield Problem(at, f"no other columns than {_columns(part)}")
    for name, column in columns.items():
        if name in row:
            yield from _of_text(f"{at}.{name}", column, row[name], roles)
        elif not column.optional:
            yield Problem(f"{at}.{name}", "a value: it is required")


def _of_text(at: str, part: Part, said: str, roles: Mapping[str, object]) -> Iterator[Problem]:
    if not said.strip():
        return
    if part.choose and said not in part.choose:
        yield Problem(at, f"one of {', '.join(part.choose)}")
    if part.fixed and not _is_worded(said, part.fixed):
        yield Problem(at, f"the wording that the protocol fixes: {part.fixed}")
    if part.type == "date" and not _is_date(said):
        yield Problem(at, "a day there is, as in 2026-05-22")
    if part.type == "role" and said not in roles:
        yield Problem(at, "a declared role")


def _columns(part: Part) -> str:
    return ", ".join(column.name for column in part.rows)


def _is_worded(said: str, fixed: str) -> bool:
    """Say whether a text is the fixed wording, with the meeting's day written in some way."""
    wording = re.escape(" ".join(fixed.split())).replace(re.escape(MEETING_ON), r"\S.*")
    return re.fullmatch(wording, " ".join(said.split())) is not None


def _is_date(said: str) -> bool:
    try:
        return date.fromisoformat(said).isoformat() == said
    except ValueError:
        return False
