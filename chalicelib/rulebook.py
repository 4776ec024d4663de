"""Which rules a case is decided under: protocols from the shelf, and the council's calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from chalicelib.calendars import shipped_calendar
from chalicelib.core.decision import Rules
from chalicelib.core.errors import NotFound
from chalicelib.core.protocol import Protocol
from chalicelib.ports import Access, Authority
from chalicelib.protocol_files import Shelf

# A protocol's id ends with the day from which it is in force: "-2026-01-01".
DAY_LENGTH = len("-2026-01-01")


@dataclass
class Rulebook:
    """Rules by authority and protocol ids, put together once per process."""

    shelf: Shelf
    access: Access
    _made: dict[tuple[str, tuple[str, ...], tuple[date, ...]], Rules] = field(default_factory=dict)

    def for_case(self, authority_id: str, protocol_ids: tuple[str, ...]) -> Rules:
        """Return the rules for a case pinned to these protocols. Raises NotFound."""
        authority = self.authority(authority_id)
        key = (authority_id, protocol_ids, tuple(sorted(authority.closure_days)))
        if key not in self._made:
            protocols = tuple(self.shelf.load(each) for each in protocol_ids)
            calendar = shipped_calendar(protocols[0].nation, authority.closure_days)
            self._made[key] = Rules(protocols=protocols, calendar=calendar, calendar_hash=calendar.hash)
        return self._made[key]

    def in_force(self, authority_id: str, on: date) -> tuple[str, ...]:
        """Return the ids of the protocols that a case opened on that day starts under.

        Of several versions of one protocol the latest in force counts. Raises NotFound where
        the authority has none in force.
        """
        chosen = self.authority(authority_id).protocols
        found = tuple(_latest((self.shelf.load(each) for each in chosen), on))
        if not found:
            raise NotFound(f"no protocol of {authority_id} is in force")
        return found

    def authority(self, authority_id: str) -> Authority:
        """Return an authority. Raises NotFound."""
        authority = self.access.authority(authority_id)
        if authority is None:
            raise NotFound("no such authority")
        return authority


def _latest(protocols: Iterable[Protocol], on: date) -> Sequence[str]:
    ids = sorted(each.id for each in protocols if each.in_force_from <= on)
    return [list(versions)[-1] for _, versions in groupby(ids, key=lambda each: each[:-DAY_LENGTH])]
