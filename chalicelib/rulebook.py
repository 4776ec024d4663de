"""Which rules a case is decided under: protocols from the shelf, and an edition of the council's calendar."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import groupby

from chalicelib.calendars import shipped_calendar
from chalicelib.core.case import Case
from chalicelib.core.eras import moved_from
from chalicelib.core.errors import NotFound, Problem, ProtocolInvalid
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.trace import CALENDAR_CHANGED, PROTOCOL_MOVED, Trace
from chalicelib.core.working_days import Nation
from chalicelib.family import ask_who_was_involved
from chalicelib.ports import Access, Authority, Calendars, Edition
from chalicelib.protocol_files import Shelf

log = logging.getLogger(__name__)

# A protocol's id ends with the day from which it is in force: "-2026-01-01".
DAY_LENGTH = len("-2026-01-01")

# From when on a calendar is in force that was never put in force: the one we ship with.
ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What a case is decided under, by ids: protocols present and former, calendars present and former."""

    protocols: tuple[str, ...]
    former: tuple[str, ...] = ()
    calendar: str | None = None
    former_calendars: tuple[str, ...] = ()

    @classmethod
    def by(cls, case: Case, fact: Trace | None) -> "Pinned":
        """Return what a case is decided under, or one more fact about it, which may move it to others."""
        facts = case.facts if fact is None else (*case.facts, fact)
        moved = fact is not None and fact.kind == PROTOCOL_MOVED
        counted_anew = fact is not None and fact.kind == CALENDAR_CHANGED
        return cls(
            protocols=fact.words["to"] if fact and moved else case.protocols,
            former=moved_from(facts),
            calendar=fact.words["to"][0] if fact and counted_anew else case.calendar,
            former_calendars=tuple(
                dict.fromkeys(each.words["from"][0] for each in facts if each.kind == CALENDAR_CHANGED)
            ),
        )


@dataclass
class Rulebook:
    """Rules by authority and what a case has pinned, put together once per process."""

    shelf: Shelf
    access: Access
    calendars: Calendars
    _made: dict[tuple[str, Pinned], Rules] = field(default_factory=dict)
    _shipped: dict[tuple[str, Nation, tuple[tuple[date, str], ...]], Edition] = field(default_factory=dict)

    def for_case(self, case: Case, fact: Trace | None = None) -> Rules:
        """Return the rules for a case, or for one more fact about it, which may move it to others.

        Raises NotFound where there is no such authority, NoProtocol where this release lacks a file
        of it, and ProtocolInvalid where its protocols don't go together.
        """
        return self._rules(case.authority, Pinned.by(case, fact))

    def under(self, authority_id: str, protocol_ids: tuple[str, ...]) -> Rules:
        """Return the rules that these protocols make for an authority today. Raises as `for_case` does."""
        in_force = self.calendar_in_force(authority_id).hash
        return self._rules(authority_id, Pinned(protocols=protocol_ids, calendar=in_force))

    def _rules(self, authority_id: str, pinned: Pinned) -> Rules:
        present = self.edition(authority_id, pinned.calendar)
        pinned = replace(pinned, calendar=present.hash)
        key = (authority_id, pinned)
        if key not in self._made:
            protocols = tuple(self.shelf.load(each) for each in pinned.protocols)
            _refuse_two_nations(protocols)
            former = (self.edition(authority_id, each) for each in pinned.former_calendars)
            self._made[key] = Rules(
                protocols=protocols,
                former=tuple(self.shelf.load(each) for each in pinned.former),
                calendar=present.calendar,
                calendar_hash=present.hash,
                former_calendars={each.hash: each.calendar for each in former},
            )
        return self._made[key]

    def edition(self, authority_id: str, edition_hash: str | None) -> Edition:
        """Return an authority's calendar by its hash; without one the one we ship with. Raises NotFound.

        A case that was stored before cases kept a calendar has no hash. One that nobody knows any more
        is read as the one in force, and the log says so: a case must be decided all the same.
        """
        in_force = self.calendar_in_force(authority_id)
        if edition_hash == in_force.hash:
            return in_force
        shipped = self.shipped(authority_id)
        if edition_hash in (None, shipped.hash):
            return shipped
        found = self.calendars.edition(authority_id, edition_hash)
        if found is None:
            log.error("calendar not known", extra={"authority": authority_id, "calendar": edition_hash})
        return found or in_force

    def calendar_in_force(self, authority_id: str) -> Edition:
        """Return the calendar that an authority counts by now: what is stored, else what we ship with.

        Raises NotFound.
        """
        return self.calendars.in_force(authority_id) or self.shipped(authority_id)

    def calendar_in_force_now(self, authority_id: str) -> Edition:
        """Return what `calendar_in_force` does, though it was put in force a moment ago. Raises NotFound."""
        return self.calendars.in_force_now(authority_id) or self.shipped(authority_id)

    def shipped(self, authority_id: str) -> Edition:
        """Return the calendar that we ship with, and the authority's closure days on top. Raises NotFound."""
        authority = self.authority(authority_id)
        nation = self.nation(authority)
        key = (authority_id, nation, tuple(sorted(authority.closure_days.items())))
        if key not in self._shipped:
            calendar = shipped_calendar(nation, authority.closure_days)
            self._shipped[key] = Edition(
                authority=authority_id, calendar=calendar, hash=calendar.hash, since=ALWAYS
            )
        return self._shipped[key]

    def nation(self, authority: Authority) -> Nation:
        """Return the nation whose bank holidays an authority's protocols name."""
        return self.shelf.load(authority.protocols[-1]).nation

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
        return _known(self.access.authority(authority_id))

    def authority_now(self, authority_id: str) -> Authority:
        """Return an authority as it is stored this moment. Raises NotFound."""
        return _known(self.access.authority_now(authority_id))


def _known(authority: Authority | None) -> Authority:
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
