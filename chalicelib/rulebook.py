"""Which rules a case is decided under: protocols from the shelf, and the council's calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from chalicelib.calendars import shipped_calendar
from chalicelib.core.case import Case
from chalicelib.core.eras import moved_from
from chalicelib.core.errors import NotFound, Problem, ProtocolInvalid
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.trace import PROTOCOL_MOVED, Trace
from chalicelib.family import ask_who_was_involved
from chalicelib.ports import Access, Authority
from chalicelib.protocol_files import Shelf

# A protocol's id ends with the day from which it is in force: "-2026-01-01".
DAY_LENGTH = len("-2026-01-01")

Versions = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass
class Rulebook:
    """Rules by authority and protocol ids, put together once per process."""

    shelf: Shelf
    access: Access
    _made: dict[tuple[str, Versions, tuple[date, ...]], Rules] = field(default_factory=dict)

    def for_case(self, case: Case, fact: Trace | None = None) -> Rules:
        """Return the rules for a case, or for one more fact about it, which may move it to others.

        Raises NotFound, and ProtocolInvalid where its protocols don't go together.
        """
        if fact is None or fact.kind != PROTOCOL_MOVED:
            return self.under(case.authority, case.protocols, moved_from(case.facts))
        return self.under(case.authority, fact.words["to"], moved_from((*case.facts, fact)))

    def under(self, authority_id: str, protocol_ids: tuple[str, ...], former: tuple[str, ...] = ()) -> Rules:
        """Return the rules that these protocols make for an authority. Raises as `for_case` does."""
        authority = self.authority(authority_id)
        key = (authority_id, (protocol_ids, former), tuple(sorted(authority.closure_days)))
        if key not in self._made:
            protocols = tuple(self.shelf.load(each) for each in protocol_ids)
            _refuse_two_nations(protocols)
            calendar = shipped_calendar(protocols[0].nation, authority.closure_days)
            self._made[key] = Rules(
                protocols=protocols,
                former=tuple(self.shelf.load(each) for each in former),
                calendar=calendar,
                calendar_hash=calendar.hash,
            )
        return self._made[key]

    def in_force(self, authority_id: str, on: date) -> tuple[str, ...]:
        """Return the ids of the protocols that a case opened on that day starts under.

        Of several versions of one protocol the latest in force counts, and one that yields to
        another in force is left out. Raises NotFound where the authority has none in force.
        """
        chosen = self.authority(authority_id).protocols
        found = _not_yielding([self.shelf.load(each) for each in self._latest(chosen, on)])
        if not found:
            raise NotFound(f"no protocol of {authority_id} is in force")
        return found

    def _latest(self, chosen: Iterable[str], on: date) -> Sequence[str]:
        loaded = (self.shelf.load(each) for each in chosen)
        ids = sorted(each.id for each in loaded if each.in_force_from <= on)
        return [list(versions)[-1] for _, versions in groupby(ids, key=lambda each: each[:-DAY_LENGTH])]

    def asks_who_was_involved(self, authority_id: str) -> bool:
        """Say whether any protocol that an authority chose asks who had a part in a child's cases."""
        return ask_who_was_involved(self.shelf.load(each) for each in self.authority(authority_id).protocols)

    def authority(self, authority_id: str) -> Authority:
        """Return an authority. Raises NotFound."""
        authority = self.access.authority(authority_id)
        if authority is None:
            raise NotFound("no such authority")
        return authority


def _not_yielding(protocols: Sequence[Protocol]) -> tuple[str, ...]:
    """Return the ids of the protocols that yield to no other here (silence 1)."""
    names = {each.id[:-DAY_LENGTH] for each in protocols}
    return tuple(each.id for each in protocols if names.isdisjoint(_yields_to(each)))


def _yields_to(protocol: Protocol) -> tuple[str, ...]:
    named = protocol.setting("alongside", "each_applies")
    return tuple(str(each) for each in named) if isinstance(named, list | tuple) else ()


def _refuse_two_nations(protocols: Sequence[Protocol]) -> None:
    """Raise ProtocolInvalid where one case would be counted by two nations' bank holidays."""
    if len({each.nation for each in protocols}) > 1:
        problem = Problem("protocol.nation", "one nation for all protocols of one authority")
        raise ProtocolInvalid(", ".join(each.id for each in protocols), [problem])
