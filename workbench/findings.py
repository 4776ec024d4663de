"""What is wrong with a file, and where: a mistake makes it unusable or untrue, a warning asks to look."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs: with a mistake the check fails, with a warning it does not."""

    MISTAKE = "mistake"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, at a place as the reader names it (`clause TH-35.obligation[0].until`)."""

    place: str
    said: str
    level: Level = Level.MISTAKE


def warning(place: str, said: str) -> Finding:
    """Return something to look at."""
    return Finding(place, said, Level.WARNING)
