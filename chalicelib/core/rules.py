"""What a case is decided under."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.core.editions import Editions
from chalicelib.core.history import History
from chalicelib.core.matching import View
from chalicelib.core.protocol import Protocol
from chalicelib.core.working_days import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The protocols pinned to a case, those it was moved from, and its council's calendar.

    `calendar_hash` is the calendar's own, worked out once for all decisions under it.
    `former_calendars` are those that the case was counted by before, by hash.
    """

    protocols: tuple[Protocol, ...]
    calendar: Calendar
    calendar_hash: str
    former: tuple[Protocol, ...] = ()
    former_calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def protocol(self, protocol_id: str) -> Protocol:
        """Return one of the protocols, present or former, by its id. Raises KeyError."""
        for each in (*self.protocols, *self.former):
            if each.id == protocol_id:
                return each
        raise KeyError(protocol_id)

    def view(self, protocol: Protocol, history: History) -> View:
        """Return a case's history as one of the protocols reads it."""
        return View(protocol, history, Editions.of(history, self.calendar, self.former_calendars))
