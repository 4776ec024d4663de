"""Settings that nothing reads, and words of the file's own that nothing says."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.protocol_reading.settings import READ_BY_THE_ENGINE
from workbench.findings import Finding, warning
from workbench.unread import texts
from workbench.written import Written

# Decided where it is used, on role words and in ladders; their settings say why.
ELSEWHERE = ("means", "ladder")


def unused_settings(written: Written) -> Iterator[Finding]:
    """Yield every setting that no clause refers to and the engine doesn't read."""
    said = set(texts(written.raw))
    for table in written.tables("setting"):
        name = str(table.get("id"))
        read = name in READ_BY_THE_ENGINE or name in ELSEWHERE or written.unread.meant(name)
        read = read or written.unread.at(f"setting {name}")
        if "not_here" not in table and not read and f"${name}" not in said:
            yield warning(f"setting {name}", f"nothing uses this setting: no clause says {'$' + name!r}")


def unused_words(written: Written) -> Iterator[Finding]:
    """Yield every word of the file's own that stands nowhere else in it."""
    own = _tables(written.raw.get("words"))
    said = set(texts({name: each for name, each in written.raw.items() if name != "words"}))
    roles = _tables(own.get("roles"))
    while (
        counted := {m for role, word in roles.items() if role in said for m in _behind(_tables(word))} - said
    ):
        said |= counted
    for section, words in own.items():
        if section == "details":
            for detail, values in _tables(words).items():
                yield from _unused(f"words.details.{detail}", values, said, written)
        else:
            yield from _unused(f"words.{section}", words, said, written)


def _tables(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _unused(place: str, words: object, said: set[str], written: Written) -> Iterator[Finding]:
    for word in _tables(words):
        if word not in said and not written.unread.meant(word):
            yield warning(f"{place}.{word}", f"no clause and no example uses the word {word!r}")


def _behind(word: Mapping[str, Any]) -> Iterator[str]:
    """Yield the roles that serve as another: its members, and the post that fills it."""
    members = word.get("members", [])
    yield from members if isinstance(members, list) else [members]
    yield from (word[key] for key in ("means", "until_named") if key in word)
