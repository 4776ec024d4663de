"""What was read before, so that not every request reads it again."""

from collections import OrderedDict
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
            self.forget(key)
        else:
            self.keep(key, value)
        return value

    def keep(self, key: str, value: Value) -> None:
        """Remember what is so from now on, in place of what was known."""
        self._found[key] = (self._monotonic(), value)

    def forget(self, key: str) -> None:
        """Find it anew when it is asked for next."""
        self._found.pop(key, None)


class LongMemory(Generic[Value]):
    """Remembers for good what never changes: the `most` that were asked for last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[str, Value] = OrderedDict()

    def get(self, key: str, find: Callable[[], Value | None]) -> Value | None:
        """Return what is remembered under `key`, or find it now; never that it was not there."""
        value = self._found.get(key)
        if value is None:
            value = find()
        if value is not None:
            self.keep(key, value)
        return value

    def keep(self, key: str, value: Value) -> None:
        """Remember something, and let go of what was not asked for longest."""
        self._found[key] = value
        self._found.move_to_end(key)
        if len(self._found) > self._most:
            self._found.popitem(last=False)
