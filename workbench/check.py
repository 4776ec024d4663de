"""`check FILE`: everything that is wrong with a protocol file, at once, each with its line."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from workbench.design.every import design_findings
from workbench.draft import Draft, Located, read_draft
from workbench.findings import Level
from workbench.subcommands import Subcommands


def add(subparsers: Subcommands) -> None:
    """Say what the command takes."""
    parser = subparsers.add_parser("check", help="everything that is wrong with a protocol file, with lines")
    parser.add_argument("file", type=Path, help="a protocol file, anywhere")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Report everything that is wrong; 1 where something makes the file unusable or untrue."""
    draft = read_draft(asked.file)
    found = findings(draft)
    for each in found:
        print(each.said())
    mistakes = sum(each.finding.level is Level.MISTAKE for each in found)
    print("\n".join(_summary(draft, mistakes, len(found) - mistakes)))
    return 1 if mistakes else 0


def findings(draft: Draft) -> Sequence[Located]:
    """Return everything that is wrong with a draft, by line; its design is looked at once it can be read."""
    written = draft.written()
    if written is None:
        return draft.mistakes
    found = [draft.located(each) for each in design_findings(written)]
    return sorted(dict.fromkeys(found), key=lambda each: each.line)


def _summary(draft: Draft, mistakes: int, warnings: int) -> list[str]:
    said = f"{draft.path}: {_counted(mistakes, 'mistake')}"
    if warnings:
        said += f", {_counted(warnings, 'warning')}"
    lines = [f"{said}."]
    if draft.protocol is None:
        lines.append("Its design and its examples are looked at once it can be read.")
    else:
        lines.append(
            f"{_counted(len(draft.protocol.clauses), 'clause')} read,"
            f" {_counted(len(draft.protocol.examples), 'example')} run."
        )
    lines.append(f"Its common words: {draft.words_said()}.")
    return lines


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
