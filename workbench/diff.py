"""`diff OLD NEW`: what is otherwise in a new version of a protocol, clause by clause, in sentences."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from chalicelib.core.protocol import Protocol
from workbench.comparing import Comparison, Difference, Line, compare
from workbench.draft import read_usable
from workbench.rendering import rendered_clause
from workbench.subcommands import Subcommands
from workbench.text import clause_text, wrapped

FOR_OPEN_CASES = "What it would mean for open cases is shown by `move`, case by case, before it is done."
NEW, GONE, CHANGED = "New", "Gone", "Changed"


def add(subparsers: Subcommands) -> None:
    """Say what the command takes."""
    parser = subparsers.add_parser("diff", help="what is otherwise in a new version, in sentences")
    parser.add_argument("old", type=Path, help="a protocol file")
    parser.add_argument("new", type=Path, help="its new version")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print it; 1 where one of the files cannot be used."""
    old, new = read_usable(asked.old), read_usable(asked.new)
    if old is None or new is None:
        return 1
    print("\n".join(_said(old, new, compare(old, new))))
    return 0


def _said(old: Protocol, new: Protocol, found: Comparison) -> Iterator[str]:
    yield f"{old.id} → {new.id}"
    yield from _changed(found.head)
    yield from _clauses(old, new, found.clauses)
    yield from _section("Settings", found.settings)
    yield from _section("Reminders", found.ladders)
    yield from _section("Words", found.words)
    if found.examples:
        yield ""
        yield f"Examples: {_counted(found.examples)}"
    says = (found.clauses, found.settings, found.ladders, found.words)
    yield ""
    yield FOR_OPEN_CASES if any(says) else "Nothing that the protocol says is otherwise."


def _clauses(old: Protocol, new: Protocol, differences: Sequence[Difference]) -> Iterator[str]:
    """Yield clauses that came or went whole, and of the others what reads otherwise."""
    yield from _title("Clauses", differences)
    for difference in differences:
        sort = _sort(difference)
        protocol = old if sort == GONE else new
        clause = protocol.by_id[difference.what]
        yield ""
        if sort == CHANGED:
            yield f"Changed: {clause.printed}  [{clause.id}]"
            yield from _changed(difference.lines)
        else:
            yield f"{sort}: {clause_text(rendered_clause(clause, protocol))}"


def _section(title: str, differences: Sequence[Difference]) -> Iterator[str]:
    yield from _title(title, differences)
    for difference in differences:
        yield ""
        yield f"{_sort(difference)}: {difference.what.replace('_', ' ')}"
        yield from _changed(difference.lines)


def _title(title: str, differences: Sequence[Difference]) -> Iterator[str]:
    if differences:
        yield ""
        yield f"{title.upper()}: {_tally(differences)}"


def _sort(difference: Difference) -> str:
    if all(line.was is None for line in difference.lines):
        return NEW
    return GONE if all(line.now is None for line in difference.lines) else CHANGED


def _tally(differences: Sequence[Difference]) -> str:
    sorts = [_sort(each) for each in differences]
    said = (f"{sorts.count(sort)} {sort.lower()}" for sort in (NEW, GONE, CHANGED) if sort in sorts)
    return ", ".join(said)


def _counted(lines: Sequence[Line]) -> str:
    new = sum(line.was is None for line in lines)
    gone = sum(line.now is None for line in lines)
    return f"{new} new, {gone} gone, {len(lines) - new - gone} changed"


def _changed(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        if line.was and line.now:
            yield f"  {line.about}"
            yield from wrapped(f"was: {line.was}", 4)
            yield from wrapped(f"now: {line.now}", 4)
        elif line.now:
            yield from wrapped(f"+ {line.about}: {line.now}", 2)
        elif line.was:
            yield from wrapped(f"– {line.about}: {line.was}", 2)
