"""Lists come in pages."""

import typing
from collections.abc import Sequence
from dataclasses import dataclass

Row = typing.TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(typing.Generic[Row]):
    """One page of a list, and the opaque cursor of the next where there is one."""

    items: Sequence[Row]
    cursor: str | None = None
