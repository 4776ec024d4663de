"""One protocol file's tables → a `Protocol`, or every mistake in it at once."""

from datetime import date, datetime
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.core.protocol import Protocol
from chalicelib.core.working_days import Nation
from chalicelib.protocol_reading.clauses import read_clauses
from chalicelib.protocol_reading.examples import read_examples
from chalicelib.protocol_reading.ladders import read_ladders
from chalicelib.protocol_reading.reader import Reader, Table, meant
from chalicelib.protocol_reading.settings import read_settings, sound_settings
from chalicelib.protocol_reading.vocabulary import Vocabulary
from chalicelib.protocol_reading.words import read_words

REQUIRED = ("protocol", "clause")
SECTIONS = (*REQUIRED, "setting", "ladder", "example", "words")


def read_vocabulary(raw: Table) -> tuple[Vocabulary, list[Problem]]:
    """Return the words common to all protocols, and every mistake in their file."""
    reader = Reader()
    return read_words(reader, "words", raw), reader.problems


def read_protocol(raw: Table, common: Vocabulary) -> tuple[Protocol | None, list[Problem]]:
    """Return the protocol that a file's tables make, or none, and every mistake in them."""
    protocol, problems = read_sound(raw, common)
    return (None if problems else protocol), problems


def read_sound(raw: Table, common: Vocabulary) -> tuple[Protocol, list[Problem]]:
    """Return what is sound in a file, and every mistake in it.

    What has a mistake is left out: an effect or an exception of a clause, a ladder, an example, a
    setting's value. Nobody may work by such a protocol while there are mistakes.
    """
    reader = Reader(common)
    reader.keys("file", raw, REQUIRED, SECTIONS)
    reader.vocabulary = read_words(reader, "words", meant(raw, "words", SECTIONS))
    settings = read_settings(reader, raw.get("setting", []))
    reader.settings = {name: setting.value for name, setting in settings.items()}
    clauses = read_clauses(reader, raw.get("clause", []))
    ids = sorted(reader.clauses)
    ladders = read_ladders(reader, raw.get("ladder", []), ids)
    examples = read_examples(reader, raw.get("example", []), ids)
    vocabulary = reader.vocabulary
    protocol = Protocol(
        **_head(reader, raw.get("protocol", {})),
        clauses=clauses,
        ladders=ladders,
        settings=sound_settings(reader, settings),
        roles=vocabulary.roles,
        words={**vocabulary.words, **vocabulary.details},
        of_placement=vocabulary.of_placement,
        examples=examples,
    )
    return protocol, reader.problems


def _head(reader: Reader, value: object) -> dict[str, Any]:
    """Return what a file says of itself."""
    table = reader.table("protocol", value)
    reader.keys("protocol", table, ["id", "title", "source", "in_force_from", "nation"], ["version"])
    name = reader.text("protocol.id", table.get("id"))
    begins = table.get("in_force_from")
    if not isinstance(begins, date) or isinstance(begins, datetime):
        reader.wrong("protocol.in_force_from", "a date is expected")
    elif not name.endswith(f"-{begins.isoformat()}"):
        # Versions of one protocol are told apart by this, and the latest in force is found by it.
        reader.wrong(
            "protocol.id", f"expected to end with -{begins.isoformat()}, the day it is in force from"
        )
    nation = reader.known("protocol.nation", table.get("nation"), Nation)
    return {
        "id": name,
        "title": reader.text("protocol.title", table.get("title")),
        "source": reader.text("protocol.source", table.get("source")),
        "version": reader.text("protocol.version", table["version"]) if "version" in table else None,
        "in_force_from": begins,
        "nation": Nation(nation) if nation in list(Nation) else Nation.ENGLAND,
    }
