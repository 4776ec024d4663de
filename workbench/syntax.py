"""Everything in a text that isn't TOML, at once.

`tomllib` stops at the first mistake. Here each table is read on its own, and after a mistake
reading goes on at the next line that begins with a key.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

KEY = re.compile(r"""[\w"'.\- ]+=""")
HEADER = re.compile(r"\[\[?\s*[\w\"'.\- ]+\]")
PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
# What only shows when the tables are read together.
BETWEEN_TABLES = ("Cannot declare", "Cannot mutate", "Cannot redefine", "Cannot overwrite")

SAID = (
    ("Invalid value", "a value is expected here: a text in quotation marks, a number, a date, a list"),
    ("Expected '='", "an equals sign is expected after a key"),
    ("Expected newline", "nothing more is expected on this line: is a quotation mark or a comma missing?"),
    ("Expected ']", "the heading isn't closed: [name] opens a table, [[name]] one more of a list"),
    ("Unclosed array", "a comma or a closing ] is expected in this list"),
    ("Unclosed inline table", "a comma or a closing } is expected in this table"),
    ("Duplicate inline table key", "the same key is given twice in one table"),
    ("Cannot overwrite", "the same key is given twice in one table"),
    ("Cannot declare", "this table is opened a second time"),
    ("Cannot mutate", "this table is written elsewhere as a value and cannot be added to"),
    ("Cannot redefine", "this table is opened a second time"),
    ("Invalid date", "there is no such day or time"),
    ("Unterminated string", "the quotation marks are never closed"),
    ("Illegal character", "the quotation marks are not closed on this line"),
    ("Unescaped '\\'", r"write \\ for a backslash in a text"),
    ("Invalid initial character", "a key is expected here"),
    ("Invalid statement", "a key, or a heading in brackets, is expected here"),
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in the TOML, on a line of the file."""

    line: int
    said: str


def syntax_mistakes(text: str) -> tuple[Mistake, ...]:
    """Return every mistake in the TOML of a text, by line; none where it can be read."""
    whole = _failure(text, 0)
    if whole is None:
        return ()
    lines = text.splitlines()
    found = [each for first, table in _tables(lines) for each in _in_table(table, first)]
    if not found or whole.reason.startswith(BETWEEN_TABLES):
        found.append(Mistake(whole.line or len(lines), _plainly(whole.reason)))
    by_line = {each.line: each for each in reversed(found)}
    return tuple(by_line[line] for line in sorted(by_line))


@dataclass(frozen=True, slots=True)
class _Failure:
    """Where reading stopped; no line at the end of what was read."""

    line: int | None
    column: int
    reason: str


def _failure(text: str, before: int) -> _Failure | None:
    """Say where reading a piece stops; `before` lines of the file stand before it."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = PLACE.search(str(error))
        reason = PLACE.sub("", str(error))
        if place is None or place["line"] is None:
            return _Failure(None, 0, reason)
        return _Failure(before + int(place["line"]), int(place["column"]), reason)
    return None


def _tables(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each table's lines with the number of lines before them."""
    first = 0
    for number, line in enumerate(lines):
        if HEADER.match(line) and number > first:
            yield first, [*lines[first:number]]
            first = number
    yield first, [*lines[first:]]


def _in_table(lines: list[str], before: int) -> Iterator[Mistake]:
    """Yield the mistakes of one table, going on after each at the next line that begins with a key."""
    while lines:
        failure = _failure("\n".join(lines) + "\n", before)
        if failure is None:
            return
        at, mistake = _mistake(lines, before, failure)
        yield mistake
        after = at - before
        while after < len(lines) and not KEY.match(lines[after]):
            after += 1
        lines, before = lines[after:], before + after


def _mistake(lines: Sequence[str], before: int, failure: _Failure) -> tuple[int, Mistake]:
    """Return the line after which to go on, and the mistake where its writer would look for it."""
    stopped = failure.line if failure.line is not None else before + len(lines)
    here = lines[stopped - before - 1] if stopped - before <= len(lines) else ""
    opened = [number for number in range(before + 1, stopped) if KEY.match(lines[number - before - 1])]
    never_closed = failure.line is None or (failure.column == 1 and KEY.match(here))
    if opened and never_closed:
        what = "the list, table or text that begins here is never closed"
        # The line on which reading stopped is a key of its own, and is still to be read.
        return (stopped - 1 if failure.line is not None else stopped), Mistake(opened[-1], what)
    return stopped, Mistake(stopped, _plainly(failure.reason))


def _plainly(reason: str) -> str:
    return next((said for start, said in SAID if reason.startswith(start)), reason)
