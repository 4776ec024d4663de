"""What was read a moment ago, so that not every request reads it again."""

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

SECONDS = 60


class Memory(Generic[Value]):
    """Remembers what was found for at most a minute, and never that something was not there.

    `monotonic` is a clock that counts seconds and is never set back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._found: dict[str, tuple[float, Value]] = {}

    def get(self, key: str, find: Callable[[], Value | None]) -> Value | None:
        """Return what is remembered under `key`, or find it now."""
        now = self._monotonic()
        if key in self._found and now - self._found[key][0] < SECONDS:
            return self._found[key][1]
        value = find()
        if value is None:
            self._found.pop(key, None)
        else:
            self._found[key] = (now, value)
        return value
