"""One protocol file as it lies on the bench: what it says, with which common words, and what is wrong."""

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.core.protocol import Protocol
from chalicelib.protocol_files import SHIPPED, WORDS
from chalicelib.protocol_reading.file import read_sound, read_vocabulary
from chalicelib.protocol_reading.vocabulary import Vocabulary
from workbench.findings import Finding, Level
from workbench.lines import Lines, lines_of
from workbench.syntax import syntax_mistakes
from workbench.written import Written


class CannotRead(Exception):
    """There is no such file, or it isn't text."""


@dataclass(frozen=True, slots=True)
class Located:
    """A finding and the line of the file on which it stands."""

    path: Path
    line: int
    finding: Finding

    def said(self) -> str:
        """Return the finding as one line: where, what, and what was expected."""
        about = f"{self.finding.place}: " if self.finding.place else ""
        weight = "warning: " if self.finding.level is Level.WARNING else ""
        return f"{self.path}:{self.line}: {weight}{about}{self.finding.said}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A protocol file and its common words.

    `protocol` is none where it cannot be used, `sound` what can be read of it; none where that is no TOML.
    """

    path: Path
    words: Path
    mistakes: tuple[Located, ...]
    lines: Lines
    raw: Mapping[str, Any]
    protocol: Protocol | None = None
    sound: Protocol | None = None
    problems: tuple[Problem, ...] = ()

    def words_said(self) -> str:
        """Return which common words the file was read with."""
        beside = self.words.parent == self.path.parent
        return f"{self.words}, which stands beside it" if beside else f"the {self.words.name} that ships"

    def written(self) -> Written | None:
        """Return what a check of the design looks at, none where nothing of the file can be read."""
        return Written(self.sound, self.raw, self.problems) if self.sound else None

    def located(self, finding: Finding) -> Located:
        """Return a finding with its line."""
        return _located(self.path, self.lines, finding)


@dataclass(frozen=True, slots=True)
class _Text:
    """One file as far as it could be read: its tables, or what keeps it from having any."""

    path: Path
    raw: Mapping[str, Any]
    lines: Lines
    mistakes: tuple[Located, ...] = ()


def read_draft(path: Path) -> Draft:
    """Read a file at any path, with the words beside it or else those that ship. Raises CannotRead."""
    words = _words_beside(path)
    common = _common(words)
    text = _text(path, "file")
    if text.mistakes or common.text.mistakes:
        return Draft(path, words, (*common.text.mistakes, *text.mistakes), text.lines, text.raw)
    sound, problems = read_sound(text.raw, common.vocabulary)
    if path.parent == words.parent and sound.id != path.stem and not _within_id(problems):
        # On a shelf a protocol is found by its file's name.
        problems = [*problems, Problem("protocol.id", f"expected {path.stem!r}, the file's name")]
    mistakes = (*_all_located(common.text, common.problems), *_all_located(text, problems))
    every = (*common.problems, *problems)
    return Draft(path, words, mistakes, text.lines, text.raw, None if every else sound, sound, every)


def _within_id(problems: Sequence[Problem]) -> bool:
    return any(each.field == "protocol.id" for each in problems)


def _words_beside(path: Path) -> Path:
    beside = path.parent / f"{WORDS}.toml"
    return beside if beside.is_file() and beside != path else SHIPPED / f"{WORDS}.toml"


@dataclass(frozen=True, slots=True)
class _Common:
    """The common words, and what is wrong with their file."""

    text: _Text
    vocabulary: Vocabulary
    problems: tuple[Problem, ...]


def _common(path: Path) -> _Common:
    text = _text(path, WORDS)
    vocabulary, problems = read_vocabulary(text.raw)
    return _Common(text, vocabulary, tuple(problems))


def _text(path: Path, root: str) -> _Text:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CannotRead(f"{path}: this is not a text in UTF-8") from error
    mistakes = tuple(Located(path, each.line, Finding("", each.said)) for each in syntax_mistakes(text))
    if mistakes:
        return _Text(path, {}, Lines(), mistakes)
    raw = tomllib.loads(text)
    return _Text(path, raw, lines_of(text, raw, root))


def _all_located(text: _Text, problems: Sequence[Problem]) -> Iterator[Located]:
    """Yield the reader's problems by line."""
    found = [_located(text.path, text.lines, Finding(each.field, each.expected)) for each in problems]
    yield from sorted(found, key=lambda each: each.line)


def _located(path: Path, lines: Lines, finding: Finding) -> Located:
    """Return a finding with its line; where a setting stands there, with the setting's as well."""
    setting = lines.setting_of(finding.place)
    if setting is not None:
        name, line = setting
        finding = replace(finding, said=f"{finding.said} (from the setting {name!r}, line {line})")
    return Located(path, lines.of(finding.place), finding)


def read_usable(path: Path) -> Protocol | None:
    """Return the protocol in a file; none, and what is wrong with it printed, where it cannot be used."""
    draft = read_draft(path)
    if draft.protocol is None:
        for each in draft.mistakes:
            print(each.said(), file=sys.stderr)
        print(f"{path} cannot be used as it is.", file=sys.stderr)
    return draft.protocol
