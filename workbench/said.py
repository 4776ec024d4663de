"""One thing that a protocol says, as a sentence, under the key by which another version can be compared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence. `key` names what it is about (`due`, `part child_views`) and never changes."""

    key: str
    sentence: str


ENDS = (".", "?", "!", "…", ":")


def sentence(text: str) -> str:
    """Return a text as a sentence: it begins with a capital and ends with a stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(ENDS) else '.'}"
