"""A copy of a stage's tables in a folder: a file for each table, and a manifest that is written last.

Each file holds an item a line, as DynamoDB types it, in JSON and packed by gzip. Children are in it: only
its owner may read it. Without its manifest a folder is no copy.
"""

import gzip
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, BinaryIO

from infra.operating import CannotOperate

# What another format is called is for whoever reads it to know; this one reads its own alone.
FORMAT = 1
MANIFEST = "manifest.json"
# In the order in which they are read: what tells comes before what is told, and by which days.
TABLES = ("cases", "outbox", "calendars", "contacts", "access")
KEYS = {name: {"authority" if name == "contacts" else "pk", "sk"} for name in TABLES}
OWNER_ONLY = 0o600
MODULUS = 1 << 256

Item = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Tally:
    """How many items, and a sum over them that is the same in whatever order they come."""

    items: int = 0
    total: int = 0

    def add(self, item: Item) -> None:
        """Count one item more."""
        self.items += 1
        self.total = (self.total + int.from_bytes(sha256(line_of(item)).digest())) % MODULUS

    @property
    def content(self) -> str:
        """The sum as text."""
        return f"{self.total:064x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What the manifest says of one table: its items and their sum, and the file's own hash."""

    table: str
    file: str
    items: int
    content: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a copy is of, and from when until when it was made."""

    stage: str
    began_at: str
    ended_at: str
    tables: Mapping[str, Part]
    format: int = FORMAT
    sha256: str = ""

    def hashed(self) -> str:
        """Return a hash of all that it says besides, so that no moment and no name is changed unseen."""
        plain = {**asdict(self), "sha256": ""}
        return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Copy:
    """A folder that holds a whole copy."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """A name for what is in it, the same for the same items."""
        parts = self.manifest.tables
        return sha256("".join(parts[each].content for each in TABLES).encode()).hexdigest()

    def items(self, table: str) -> Iterator[Item]:
        """Yield a table's items in the order of the file. Raises CannotOperate where it is not whole."""
        part, tally = self.manifest.tables[table], Tally()
        try:
            with gzip.open(self.folder / part.file) as lines:
                for line in lines:
                    item = item_of(line)
                    _see_keys(table, item)
                    tally.add(item)
                    yield item
        except (OSError, EOFError, ValueError) as error:
            raise _not_whole(part.file, "cannot be read to its end") from error
        if (tally.items, tally.content) != (part.items, part.content):
            raise _not_whole(part.file, "holds other items than its manifest says")


def open_copy(folder: Path) -> Copy:
    """Open a copy, once every file of it is as its manifest says. Raises CannotOperate."""
    manifest = _manifest(folder)
    for part in manifest.tables.values():
        try:
            with (folder / part.file).open("rb") as file:
                found = file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise _not_whole(part.file, "is missing") from None
        except OSError:
            raise _not_whole(part.file, "cannot be read") from None
        if found != part.sha256:
            raise _not_whole(part.file, "is not the file that was exported")
    return Copy(folder, manifest)


def _manifest(folder: Path) -> Manifest:
    try:
        plain = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        raise CannotOperate(
            f"{folder} is no copy: it has no {MANIFEST}, so its export never ended."
        ) from None
    except (OSError, ValueError):
        raise CannotOperate(f"{folder / MANIFEST} cannot be read: nothing was restored.") from None
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise CannotOperate(f"{folder} is of another format than {FORMAT}: use the release that exported it.")
    manifest = _said_by(plain)
    if manifest is None:
        raise CannotOperate(f"{folder / MANIFEST} does not say what it should: nothing was restored.")
    return manifest


def _said_by(plain: Mapping[str, Any]) -> Manifest | None:
    """Return a manifest as it was written; none where it was changed since, or names what is another's."""
    try:
        tables = {name: Part(**plain["tables"][name]) for name in TABLES}
        manifest = Manifest(**{**plain, "tables": tables})
        own = all(_is_of(name, part) for name, part in tables.items())
    except (AttributeError, KeyError, TypeError):
        return None
    return manifest if own and manifest.sha256 == manifest.hashed() else None


def _is_of(name: str, part: Part) -> bool:
    return part.file == file_of(name) and part.table.endswith(name)


def file_of(name: str) -> str:
    """Return what the file of a table is called."""
    return f"{name}.jsonl.gz"


def _see_keys(table: str, item: Item) -> None:
    if not KEYS[table] <= item.keys():
        raise ValueError(table)


def _not_whole(file: str, why: str) -> CannotOperate:
    return CannotOperate(f"{file} {why}: nothing can be restored from this copy.")


# --- writing --------------------------------------------------------------------------------


@dataclass(slots=True)
class Writing:
    """A folder into which a copy is being written; `end` makes it one."""

    folder: Path
    parts: dict[str, Part] = field(default_factory=dict)

    def begin(self) -> None:
        """Make the folder, for its owner alone. Raises CannotOperate where there is something in it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            empty = not any(self.folder.iterdir())
        except OSError as error:
            why = f"{self.folder} cannot be made or read ({error.strerror}): name a new folder."
            raise CannotOperate(why) from None
        if not empty:
            raise CannotOperate(f"{self.folder} is not empty: name a new folder.")

    def write(self, name: str, table: str, items: Iterable[Item]) -> Part:
        """Write one table's items down."""
        file, tally = file_of(name), Tally()
        with own_file(self.folder / file) as raw:
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as out:
                for item in items:
                    tally.add(item)
                    out.write(line_of(item) + b"\n")
            _down_to_disk(raw)
        with (self.folder / file).open("rb") as written:
            digest = file_digest(written, "sha256").hexdigest()
        self.parts[name] = Part(
            table=table, file=file, items=tally.items, content=tally.content, sha256=digest
        )
        return self.parts[name]

    def end(self, stage: str, began_at: str, ended_at: str) -> Manifest:
        """Write the manifest, in one move: from now on it is a copy."""
        plain = Manifest(stage=stage, began_at=began_at, ended_at=ended_at, tables=self.parts)
        manifest = replace(plain, sha256=plain.hashed())
        unnamed = self.folder / f"{MANIFEST}.part"
        with own_file(unnamed) as out:
            out.write(json.dumps(asdict(manifest), indent=2).encode())
            _down_to_disk(out)
        unnamed.rename(self.folder / MANIFEST)
        return manifest


def own_file(path: Path) -> BinaryIO:
    """Open a new file that only its owner may read. Raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb")


def _down_to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


# --- an item as a line ----------------------------------------------------------------------


def line_of(item: Item) -> bytes:
    """Write an item down, always in the same way."""
    plain = {name: _plain(value) for name, value in item.items()}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def item_of(line: bytes) -> Item:
    """Read what `line_of` wrote."""
    return {name: _typed(value) for name, value in json.loads(line).items()}


def _plain(value: Mapping[str, Any]) -> Mapping[str, Any]:
    ((kind, held),) = value.items()
    match kind:
        case "B":
            return {kind: b64encode(bytes(held)).decode()}
        case "BS":
            return {kind: sorted(b64encode(bytes(each)).decode() for each in held)}
        case "SS" | "NS":
            return {kind: sorted(held)}
        case "M":
            return {kind: {name: _plain(each) for name, each in held.items()}}
        case "L":
            return {kind: [_plain(each) for each in held]}
    return {kind: held}


def _typed(value: Mapping[str, Any]) -> Mapping[str, Any]:
    ((kind, held),) = value.items()
    match kind:
        case "B":
            return {kind: b64decode(held)}
        case "BS":
            return {kind: [b64decode(each) for each in held]}
        case "M":
            return {kind: {name: _typed(each) for name, each in held.items()}}
        case "L":
            return {kind: [_typed(each) for each in held]}
    return {kind: held}
