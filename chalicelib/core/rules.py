"""What a case is decided under."""

from dataclasses import dataclass

from chalicelib.core.protocol import Protocol
from chalicelib.core.working_days import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The protocols pinned to a case, those it was moved from, and its council's calendar.

    `calendar_hash` is the calendar's own, worked out once for all decisions under it.
    """

    protocols: tuple[Protocol, ...]
    calendar: Calendar
    calendar_hash: str
    former: tuple[Protocol, ...] = ()

    def protocol(self, protocol_id: str) -> Protocol:
        """Return one of the protocols, present or former, by its id. Raises KeyError."""
        for each in (*self.protocols, *self.former):
            if each.id == protocol_id:
                return each
        raise KeyError(protocol_id)
