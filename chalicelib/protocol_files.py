"""The shelf of protocol files: TOML → validated `Protocol`, loaded once per process."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from chalicelib.core.errors import NotFound, Problem, ProtocolInvalid
from chalicelib.core.protocol import Protocol, RoleWord
from chalicelib.protocol_reading import Vocabulary, read_protocol

SHIPPED = Path(__file__).parent / "protocols"
WORDS = "words"


@dataclass
class Shelf:
    """The protocols in one folder, each read when it is first asked for."""

    folder: Path = SHIPPED
    _loaded: dict[str, Protocol] = field(default_factory=dict)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all files on the shelf."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.toml") if path.stem != WORDS))

    def load(self, protocol_id: str) -> Protocol:
        """Return a protocol by its id.

        Raises NotFound where there is no such file, ProtocolInvalid where it cannot be used.
        """
        if protocol_id not in self._loaded:
            if protocol_id not in self.ids():
                raise NotFound(f"no protocol {protocol_id!r}")
            self._loaded[protocol_id] = self._read(protocol_id)
        return self._loaded[protocol_id]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words common to all protocols, from `words.toml`."""
        return _vocabulary(self._toml(WORDS), None)

    def _read(self, protocol_id: str) -> Protocol:
        raw = self._toml(protocol_id)
        vocabulary = _vocabulary(raw.get("words", {}), self.vocabulary)
        protocol, problems = read_protocol(raw, vocabulary)
        if protocol is not None and protocol.id != protocol_id:
            problems = [Problem("protocol.id", f"expected {protocol_id!r}, the file's name")]
        if protocol is None or problems:
            raise ProtocolInvalid(f"{protocol_id}.toml", problems)
        return protocol

    def _toml(self, name: str) -> Mapping[str, object]:
        path = self.folder / f"{name}.toml"
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ProtocolInvalid(path.name, [Problem("file", str(error))]) from error


def _vocabulary(raw: object, common: Vocabulary | None) -> Vocabulary:
    """Return the words declared in one table, on top of the common ones."""
    tables = dict(raw) if isinstance(raw, Mapping) else {}
    roles = dict(common.roles) if common else {}
    for name, word in tables.pop("roles", {}).items():
        roles[name] = RoleWord(
            label=word["label"],
            members=tuple(word.get("members", ())),
            outside=bool(word.get("outside", False)),
        )
    details = dict(common.details) if common else {}
    details.update(tables.pop("details", {}))
    words = dict(common.words) if common else {}
    for name, table in tables.items():
        words[name] = {**words.get(name, {}), **table}
    return Vocabulary(roles=roles, words=words, details=details)
