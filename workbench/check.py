"""`check FILE`: everything that is wrong with a protocol file, at once, each with its line."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.design.every import design_findings
from workbench.draft import Draft, Located, read_draft
from workbench.findings import Level
from workbench.runnable import runnable
from workbench.subcommands import Subcommands
from workbench.written import Written


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
    """Return everything that is wrong with a draft, by line; its design as far as it can be read."""
    written = draft.written()
    if written is None:
        return draft.mistakes
    beside = [each for each in draft.mistakes if each.path != draft.path]
    here = [each for each in draft.mistakes if each.path == draft.path]
    found = [*here, *(draft.located(each) for each in design_findings(written))]
    return [*beside, *sorted(dict.fromkeys(found), key=lambda each: each.line)]


def _summary(draft: Draft, mistakes: int, warnings: int) -> list[str]:
    said = f"{draft.path}: {_counted(mistakes, 'mistake')}"
    if warnings:
        said += f", {_counted(warnings, 'warning')}"
    lines = [f"{said}."]
    written = draft.written()
    if written is None:
        lines.append("All else is looked at once this is TOML.")
    else:
        lines.extend(_judged(written))
    lines.append(f"Its common words: {draft.words_said()}.")
    return lines


def _judged(written: Written) -> Iterator[str]:
    """Yield how much was read and run, and what could not be judged for the mistakes."""
    run = len(list(runnable(written)))
    whole = len({each.id for each in written.protocol.clauses} - {*written.unread.clauses})
    yield f"{_counted(whole, 'clause')} read, {_counted(run, 'example')} run."
    left = [*written.unread.clauses]
    if not_run := len(written.examples) - run:
        left.append(_counted(not_run, "example"))
    if left:
        yield f"Not judged, or not wholly, until the mistakes are mended: {', '.join(left)}."


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
