"""The words that a story may be written in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from chalicelib.core.protocol import Protocol
from chalicelib.protocol_reading.vocabulary import WORD_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Roles, words by the field or the detail that holds them, and the parts of records."""

    roles: Collection[str]
    words: Mapping[str, Collection[str]]
    parts: Collection[str]

    @classmethod
    def of(cls, protocols: Iterable[Protocol]) -> Self:
        """Join the words of the protocols under which a story is rehearsed."""
        roles: set[str] = set()
        words: dict[str, set[str]] = {}
        parts: set[str] = set()
        for protocol in protocols:
            roles.update(protocol.roles)
            parts.update(protocol.parts)
            for name, declared in protocol.words.items():
                words.setdefault(name, set()).update(declared)
        return cls(roles=roles, words=words, parts=parts)

    def of_field(self, name: str) -> Collection[str]:
        """Return the words that a field may hold."""
        return self.words.get(name, ())

    @property
    def details(self) -> Collection[str]:
        """The names of the details of a case."""
        return self.words.keys() - WORD_FIELDS
