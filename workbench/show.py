"""`show FILE [CLAUSE]`: a protocol, or one clause of it, as its signatories would read it."""

import argparse
import sys
from pathlib import Path

from workbench.draft import read_usable
from workbench.rendering import rendered, rendered_clause
from workbench.subcommands import Subcommands
from workbench.text import clause_text, protocol_text


def add(subparsers: Subcommands) -> None:
    """Say what the command takes."""
    parser = subparsers.add_parser("show", help="a protocol file in plain sentences, or one clause of it")
    parser.add_argument("file", type=Path, help="a protocol file, anywhere")
    parser.add_argument("clause", nargs="?", help="a clause, by its id or its printed number")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print it; 1 where the file cannot be used or has no such clause."""
    protocol = read_usable(asked.file)
    if protocol is None:
        return 1
    if asked.clause is None:
        print(protocol_text(rendered(protocol)))
        return 0
    found = [each for each in protocol.clauses if asked.clause in (each.id, each.printed)]
    if not found:
        known = ", ".join(f"{each.id} ({each.printed})" for each in protocol.clauses)
        print(f"{asked.file} has no clause {asked.clause}. It has {known}.", file=sys.stderr)
        return 1
    print("\n\n".join(clause_text(rendered_clause(each, protocol)) for each in found))
    return 0
