"""A document's own steps: files that it has you write, commands with what they print, requests with answers.

The word after a block's language says what is to be done with it:

    toml FILE            write the file
    toml FILE SECTION    add it under the comment `# --- SECTION ---`
    diff FILE            replace these lines by those
    console              run what follows `$ `, and compare what is printed
    http                 a request, to be sent; or, where it begins with HTTP/1.1, what comes back, shortened

In an output a line `…` stands for any number of lines, and `…` within a line for any more of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^```(?P<info>\S[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^# --- (\w+) ---$", re.MULTILINE)
MORE = "…"


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, the words after that, what it holds, and its line."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a console, and what the document says that it prints."""

    words: str
    printed: str


def blocks(document: str) -> Iterator[Block]:
    """Yield every fenced block in order."""
    for found in FENCE.finditer(document):
        language, *words = found["info"].split()
        yield Block(language, tuple(words), found["text"], document.count("\n", 0, found.start()) + 1)


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a console with their outputs."""
    for each in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        words, _, printed = each.partition("\n")
        yield Command(words, printed)


def write(block: Block, folder: Path) -> None:
    """Write a file, or add to one of its sections."""
    path = folder / block.words[0]
    if len(block.words) == 1:
        path.write_text(block.text, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    heading = next(each for each in HEADING.finditer(text) if each[1] == block.words[1])
    after = HEADING.search(text, heading.end())
    end = after.start() if after else len(text)
    section = f"{text[:end].rstrip()}\n\n{block.text}"
    path.write_text(f"{section}\n{text[end:]}" if after else section, encoding="utf-8")


def mend(block: Block, folder: Path) -> None:
    """Replace the lines with a minus by those with a plus. Raises ValueError where they aren't there once."""
    lines = block.text.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in "- ")
    new = "".join(line[1:] for line in lines if line[0] in "+ ")
    path = folder / block.words[0]
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"line {block.line}: {text.count(old)} places to mend in {path.name}, not one")
    path.write_text(text.replace(old, new), encoding="utf-8")


def prints_as_shown(shown: str, printed: str) -> bool:
    """Say whether an output is the one shown, but for what is left out."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == MORE else re.escape(line).replace(MORE, ".*")
        for line in shown.splitlines(keepends=True)
    )
    return re.fullmatch(pattern, printed) is not None


def answers_as_shown(shown: Any, answered: Any) -> bool:
    """Say whether an answer has everything that is shown of it: of objects what is named, lists whole.

    An entry `…` of a list stands for any number of entries.
    """
    if isinstance(shown, Mapping):
        return isinstance(answered, Mapping) and all(
            name in answered and answers_as_shown(value, answered[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(answered, list) and _entries_as_shown(shown, answered)
    return bool(shown == answered)


def _entries_as_shown(shown: Sequence[Any], answered: Sequence[Any]) -> bool:
    if not shown:
        return not answered
    if shown[0] == MORE:
        return any(_entries_as_shown(shown[1:], answered[at:]) for at in range(len(answered) + 1))
    return (
        bool(answered)
        and answers_as_shown(shown[0], answered[0])
        and _entries_as_shown(shown[1:], answered[1:])
    )


@dataclass(frozen=True, slots=True)
class Spoken:
    """A request (`POST /v1/referrals`) or an answer (`HTTP/1.1 201`), and its body."""

    first: str
    second: str
    body: str

    @property
    def is_answer(self) -> bool:
        return self.first.startswith("HTTP/")


def spoken(block: Block) -> Spoken:
    """Return what a block of HTTP says: its first line, and what comes after an empty one."""
    line, _, body = block.text.partition("\n")
    first, second = line.split()
    return Spoken(first, second, body.strip())
