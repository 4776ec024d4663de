"""`pages [--check]`: the readable page of every protocol that ships, and the table of all their rules."""

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chalicelib.core.errors import ProtocolInvalid
from chalicelib.core.protocol import Protocol
from chalicelib.protocol_files import Shelf
from workbench.coverage import coverage
from workbench.markdown import document, table
from workbench.page import Page
from workbench.subcommands import Subcommands
from workbench.written import Written

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "protocols"


def add(subparsers: Subcommands) -> None:
    """Say what the command takes."""
    parser = subparsers.add_parser("pages", help="write the page of every protocol that ships, or compare it")
    parser.add_argument("--check", action="store_true", help="write nothing; say which pages have drifted")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they stand, else docs/protocols")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Write the pages, or with --check compare them; 1 where one has drifted."""
    try:
        pages = written(Shelf())
    except ProtocolInvalid as error:
        print(error, file=sys.stderr)
        return 1
    drifted = [*_drifted(asked.folder, pages)]
    if asked.check:
        for name in drifted:
            print(f"{name} is not what `make pages` would write.", file=sys.stderr)
        return 1 if drifted else 0
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name in drifted:
        if name in pages:
            (asked.folder / name).write_text(pages[name], encoding="utf-8")
        else:
            (asked.folder / name).unlink()
    print(f"{len(pages)} pages, {len(drifted)} of them changed.")
    return 0


def written(shelf: Shelf) -> Mapping[str, str]:
    """Return every generated document by its file's name."""
    files = [_written(name, shelf) for name in shelf.ids()]
    protocols = [each.protocol for each in files]
    pages = {f"{each.protocol.id}.md": Page(each).text for each in files}
    return {"README.md": _index(protocols), "coverage.md": coverage(protocols), **pages}


def _written(name: str, shelf: Shelf) -> Written:
    text = (shelf.folder / f"{name}.toml").read_text(encoding="utf-8")
    return Written(shelf.whole(name), tomllib.loads(text))


def _drifted(folder: Path, pages: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of pages that are otherwise, not there, or no longer written."""
    there = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
    yield from (name for name in {**pages, **there} if pages.get(name) != there.get(name))


def _index(protocols: Sequence[Protocol]) -> str:
    rows = [
        [
            f"[{each.title}]({each.id}.md)",
            each.source,
            each.version or "–",
            f"{each.in_force_from.day} {each.in_force_from:%B %Y}",
            str(len(each.clauses)),
            str(len(each.examples)),
        ]
        for each in protocols
    ]
    return document(
        "# Protocols",
        "Each page says what one protocol file says, clause by clause, for those who sign it. The file is"
        " what the service reads; the page is written from it, and a test compares them.",
        table(["Protocol", "Source", "Version", "In force from", "Clauses#", "Examples#"], rows),
        "[Every rule, and what shows it](coverage.md). To add an authority, see"
        " [add-an-authority.md](../add-an-authority.md).",
    )
