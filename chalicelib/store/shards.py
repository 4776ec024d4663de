"""Spreading an index over several keys, so that no one key takes every write.

An item stays on the key that it was written with. Every key up to the configured count is read, so
the count can be raised at any time; before it is lowered the keys above must have run empty.
"""

from collections.abc import Sequence
from zlib import crc32


def key_of(name: str, text: str, count: int) -> str:
    """The key on which `text` belongs; the same text always on the same one."""
    return f"{name}#{crc32(text.encode()) % count}"


def keys(name: str, count: int) -> Sequence[str]:
    """Every key of an index spread over `count`."""
    return [f"{name}#{number}" for number in range(count)]
