"""The runbook, read as a machine can: its chapters, and every command in them as it stands."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

RUNBOOK = Path(__file__).parent.parent / "docs" / "runbook.md"
# Words in capitals that a reader fills in, but for what AWS and HTTP call so.
BLANK = re.compile(r"\b[A-Z][A-Z_]+\b")
NO_BLANK = frozenset({"AWS_DEFAULT_REGION"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One line of a fenced block, with its blanks, and where it stands."""

    chapter: str
    block: int
    text: str

    @property
    def blanks(self) -> frozenset[str]:
        """The words that have to be filled in."""
        return frozenset(BLANK.findall(self.text)) - NO_BLANK

    def filled(self, words: Mapping[str, str]) -> str:
        """Return the command as it would be typed; every blank has its word, and every word its blank."""
        assert self.blanks == words.keys(), f"{self.text!r} needs {sorted(self.blanks)}, got {sorted(words)}"
        return BLANK.sub(lambda found: words.get(found[0], found[0]), self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One chapter: its title, its text, the part it stands in, and its commands."""

    part: str
    title: str
    text: str
    commands: tuple[Command, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return every chapter, whatever its depth."""
    found, part = [], ""
    read = re.findall(r"^(##+) (.+)\n((?:(?!^##+ ).*\n)*)", RUNBOOK.read_text(), re.MULTILINE)
    for depth, title, text in read:
        part = title if depth == "##" else part
        found.append(Chapter(part=part, title=title, text=text, commands=tuple(_commands(title, text))))
    return tuple(found)


def commands() -> tuple[Command, ...]:
    """Return every command in the order of the book."""
    return tuple(command for chapter in chapters() for command in chapter.commands)


def begins() -> tuple[Command, ...]:
    """Return the commands of the first block, which every other one needs."""
    first = commands()[0]
    return tuple(each for each in commands() if (each.chapter, each.block) == (first.chapter, first.block))


def _commands(title: str, text: str) -> Iterator[Command]:
    fences = re.findall(r"^```(.*)\n((?:(?!^```).*\n)*)^```$", text, re.MULTILINE)
    for number, (language, block) in enumerate(fences):
        assert language == "sh", f"{title}: a fenced block that is no command cannot be run: {block!r}"
        for line in block.splitlines():
            assert not line.endswith("\\"), f"{title}: one command a line, {line!r}"
            yield Command(chapter=title, block=number, text=line)


# --- how each is played ---------------------------------------------------------------------

# A scene sets the stage, yields what the blanks are, is sent what the command wrote, and insists on what
# has to be so afterwards.
Scene = Callable[[Any], Iterator[Any]]


@dataclass(frozen=True, slots=True)
class Scenes:
    """The scenes of one tier, each under the command that it plays."""

    known: dict[str, Scene] = field(default_factory=dict)

    def of(self, *texts: str) -> Callable[[Scene], Scene]:
        """Say which commands, written exactly as in the runbook, a scene plays."""

        def add(scene: Scene) -> Scene:
            for text in texts:
                assert text not in self.known, f"two scenes for {text!r}"
                self.known[text] = scene
            return scene

        return add

    def play(self, command: Command, stage: Any, run: Callable[[str], list[str]]) -> None:
        """Run one command as it is written, between a look before and a look after."""
        scene = self.known[command.text](stage)
        said = run(command.filled(next(scene)))
        try:
            scene.send(said)
        except StopIteration:
            return
        raise AssertionError(f"the scene of {command.text!r} goes on after its command")


LOCAL, DEPLOYED = Scenes(), Scenes()
