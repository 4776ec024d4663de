"""A table of words: those of `words.toml`, or the `[words]` of one file."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.core.protocol import RoleWord
from chalicelib.protocol_reading.reader import Reader, Table, meant
from chalicelib.protocol_reading.vocabulary import WORD_FIELDS, Vocabulary

KINDS = ("roles", "details", "of_placement", *sorted(WORD_FIELDS))


def read_words(reader: Reader, at: str, value: object) -> Vocabulary:
    """Return the reader's words with those of one table on top."""
    table = reader.table(at, value)
    reader.keys(at, table, [], KINDS)
    own = Vocabulary(
        roles={
            name: _role(reader, f"{at}.roles.{name}", word)
            for name, word in reader.table(f"{at}.roles", meant(table, "roles", KINDS)).items()
        },
        words={name: _labels(reader, f"{at}.{name}", meant(table, name, KINDS)) for name in WORD_FIELDS},
        details={
            name: _labels(reader, f"{at}.details.{name}", words)
            for name, words in reader.table(f"{at}.details", meant(table, "details", KINDS)).items()
        },
    )
    both = reader.vocabulary.with_(own)
    if "of_placement" in table:
        named = reader.all_known(f"{at}.of_placement", table["of_placement"], both.details)
        both = replace(both, of_placement=both.of_placement | set(named))
    _check_groups(reader, at, both, own)
    return both


def _role(reader: Reader, at: str, value: object) -> RoleWord:
    table: Table = reader.table(at, value)
    reader.keys(at, table, ["label"], ["members", "outside", "means", "unclear", "until_named"])
    members = table.get("members", [])
    return RoleWord(
        label=reader.text(f"{at}.label", table.get("label")),
        members=tuple(members) if isinstance(members, list) else (members,),
        outside=reader.yes_or_no(f"{at}.outside", table.get("outside", False)),
        **{
            name: reader.text(f"{at}.{name}", table[name])
            for name in ("means", "unclear", "until_named")
            if name in table
        },
    )


def _labels(reader: Reader, at: str, value: object) -> Mapping[str, str]:
    return {word: reader.text(f"{at}.{word}", label) for word, label in reader.table(at, value).items()}


def _check_groups(reader: Reader, at: str, both: Vocabulary, own: Vocabulary) -> None:
    """Refuse a member that is no role, and a group within a group: nobody would look there."""
    alone = [name for name, word in both.roles.items() if not word.members]
    for name, word in own.roles.items():
        for member in word.members:
            reader.known(f"{at}.roles.{name}.members", member, alone)
        for key in ("means", "until_named"):
            if (other := getattr(word, key)) is not None:
                reader.known(f"{at}.roles.{name}.{key}", other, both.roles)
