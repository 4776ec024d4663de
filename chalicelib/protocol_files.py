"""The shelf of protocol files: TOML → validated `Protocol`, loaded once per process."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from chalicelib.core.errors import NoProtocol, Problem, ProtocolInvalid
from chalicelib.core.protocol import Protocol
from chalicelib.protocol_reading.file import read_protocol, read_vocabulary
from chalicelib.protocol_reading.vocabulary import Vocabulary

SHIPPED = Path(__file__).parent / "protocols"
WORDS = "words"
# A file's worked examples: each up to the next table at the beginning of a line.
EXAMPLES = re.compile(r"^\[\[example\]\].*?(?=^\[(?!\[?example[\].])|\Z)", re.MULTILINE | re.DOTALL)


@dataclass
class Shelf:
    """The protocols in one folder, each read when it is first asked for."""

    folder: Path = SHIPPED
    _loaded: dict[str, Protocol] = field(default_factory=dict)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all files on the shelf."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.toml") if path.stem != WORDS))

    def load(self, protocol_id: str) -> Protocol:
        """Return a protocol by its id, without its examples: no case is decided by them.

        They are most of a file, and reading them would cost a cold start four times the rest.
        Raises NoProtocol where there is no such file, ProtocolInvalid where it cannot be used.
        """
        if protocol_id not in self._loaded:
            self._loaded[protocol_id] = self._read(protocol_id, EXAMPLES.sub("", self._text(protocol_id)))
        return self._loaded[protocol_id]

    def whole(self, protocol_id: str) -> Protocol:
        """Return a protocol with its examples. Raises as `load` does."""
        return self._read(protocol_id, self._text(protocol_id))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words common to all protocols, from `words.toml`. Raises ProtocolInvalid."""
        vocabulary, problems = read_vocabulary(
            self._toml(WORDS, (self.folder / f"{WORDS}.toml").read_text(encoding="utf-8"))
        )
        if problems:
            raise ProtocolInvalid(f"{WORDS}.toml", problems)
        return vocabulary

    def _read(self, protocol_id: str, text: str) -> Protocol:
        protocol, problems = read_protocol(self._toml(protocol_id, text), self.vocabulary)
        if protocol is not None and protocol.id != protocol_id:
            problems = [Problem("protocol.id", f"expected {protocol_id!r}, the file's name")]
        if protocol is None or problems:
            raise ProtocolInvalid(f"{protocol_id}.toml", problems)
        return protocol

    def _text(self, name: str) -> str:
        if name not in self.ids():
            raise NoProtocol(f"no protocol {name!r}")
        return (self.folder / f"{name}.toml").read_text(encoding="utf-8")

    def _toml(self, name: str, text: str) -> Mapping[str, object]:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ProtocolInvalid(f"{name}.toml", [Problem("file", str(error))]) from error
