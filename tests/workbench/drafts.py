"""A draft in which nothing is wrong, and what becomes of it when one thing is."""

from collections.abc import Sequence
from pathlib import Path

from workbench.check import findings
from workbench.draft import Located, read_draft

GOOD = (Path(__file__).parent / "mapleford-2026-01-01.toml").read_text(encoding="utf-8")


def draft(folder: Path, *changes: tuple[str, str], text: str = GOOD) -> Path:
    """Write the good draft, changed: each first text is in it once, and the second takes its place."""
    for was, now in changes:
        assert text.count(was) == 1, f"{text.count(was)} times in the draft: {was}"
        text = text.replace(was, now)
    path = folder / "draft.toml"
    path.write_text(text, encoding="utf-8")
    return path


def found(path: Path) -> Sequence[Located]:
    """Everything that the check finds in a file."""
    return findings(read_draft(path))


def said(path: Path) -> list[str]:
    """What the check says of a file, each with the text of the line it points at."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{lines[each.line - 1].strip()} | {each.finding.said}" for each in found(path)]
