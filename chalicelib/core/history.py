"""The facts of one case that count, in order, and what can be asked of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cached_property

from chalicelib.core.corrections import counted, in_order
from chalicelib.core.london import LONDON
from chalicelib.core.trace import (
    CHILD_HISTORY_CHANGED,
    TIME_REACHED,
    YEAR_DAY,
    Involvement,
    Seat,
    Trace,
)

OPENS_AT = time(8)
STARTED = "placement_started"
# The field that says what sort of its kind a fact is, which nearly every pattern tests.
SORT_OF = {
    "meeting_convened": "meeting",
    "meeting_held": "meeting",
    "document_completed": "document",
    "document_sent": "document",
    "step_done": "step",
    "decision_made": "decision",
    "process_opened": "process",
    "process_ended": "process",
}


def could_precede(first: Trace, second: Trace) -> bool:
    """Say whether `first` may be read as coming before `second`.

    By day; on one day by time where both give one. Two facts of one day without times are read
    in the order that satisfies the protocol, and two of one kind by their ids, so that of two
    endings on one day exactly one is the later.
    """
    if first.id == second.id:
        return False
    if first.on != second.on:
        return first.on < second.on
    if first.at and second.at and first.at != second.at:
        return first.at < second.at
    return first.kind != second.kind or first.id < second.id


def surely_precedes(first: Trace, second: Trace) -> bool:
    """Say whether `first` came before `second` however their day is read."""
    return first.id != second.id and not could_precede(second, first)


def year_day(on: date) -> Trace:
    """Return a day of the year on which a duty opens by itself, as a fact."""
    at = opens_at(on)
    return Trace(id=f"{YEAR_DAY}@{on.isoformat()}", kind=YEAR_DAY, on=on, learned_at=at, at=at)


def opens_at(on: date) -> datetime:
    """Return the moment at which a duty of each year opens: eight in the morning, in UTC."""
    return datetime.combine(on, OPENS_AT, LONDON).astimezone(UTC)


class History:
    """The counted facts of one case, indexed for the engine."""

    def __init__(self, facts: Iterable[Trace]) -> None:
        told = tuple(facts)
        self.facts = counted(told)
        # The latest moment at which we learned of anything.
        self.heard = max((fact.learned_at for fact in told), default=None)
        by_kind: dict[str, list[Trace]] = {}
        for fact in self.facts:
            by_kind.setdefault(fact.kind, []).append(fact)
        self._by_kind = {kind: tuple(found) for kind, found in by_kind.items()}
        self._by_id = {fact.id: fact for fact in self.facts}
        self._sorts: dict[str, Mapping[str, tuple[Trace, ...]]] = {}
        self._allocations: dict[date, Mapping[str, str]] = {}
        self._meetings: dict[str, Trace | None] = {}
        self._details: dict[str, tuple[Trace, ...]] = {}
        self._starts: dict[str, Trace | None] = {}

    def of_kind(self, kind: str) -> tuple[Trace, ...]:
        """Return the facts of one kind, in order."""
        return self._by_kind.get(kind, ())

    def of_sort(self, kind: str, words: Collection[str]) -> tuple[Trace, ...]:
        """Return the facts of a kind that say one of these words of what sort they are, in order."""
        if kind not in self._sorts:
            self._sorts[kind] = self._sorted(kind)
        sorts = self._sorts[kind]
        if len(words) == 1:
            return sorts.get(next(iter(words)), ())
        found = {fact.id: fact for word in words for fact in sorts.get(word, ())}
        return tuple(sorted(found.values(), key=in_order))

    def _sorted(self, kind: str) -> Mapping[str, tuple[Trace, ...]]:
        found: dict[str, list[Trace]] = {}
        for fact in self.of_kind(kind):
            for word in dict.fromkeys(fact.words.get(SORT_OF[kind], ())):
                found.setdefault(word, []).append(fact)
        return {word: tuple(facts) for word, facts in found.items()}

    def named(self, fact_id: str) -> Trace:
        """Return the counted fact with this id; KeyError where it does not count."""
        kind, _, day = fact_id.partition("@")
        if kind == YEAR_DAY:
            return year_day(date.fromisoformat(day))
        return self._by_id[fact_id]

    @cached_property
    def now(self) -> datetime | None:
        """The latest moment that the clock's door recorded; none before the first."""
        return max((fact.moment for fact in self.of_kind(TIME_REACHED)), default=None)

    @cached_property
    def elsewhere(self) -> tuple[Trace, ...]:
        """Endings of the child's placements in other cases, read as facts."""
        latest = self._last_told
        if latest is None:
            return ()
        return tuple(
            Trace(
                id=ending.fact_id,
                kind="placement_ended",
                on=ending.on,
                learned_at=latest.learned_at,
                words=ending.words,
                placement_id=ending.placement_id,
            )
            for ending in latest.endings
        )

    @property
    def involved_elsewhere(self) -> tuple[Involvement, ...]:
        """Who had a part in the child's other cases."""
        return self._last_told.involved if self._last_told else ()

    @cached_property
    def _last_told(self) -> Trace | None:
        """What we last heard of the child's other cases.

        What they held when this one was opened stands until one of them changes: from then on the
        service records each change here.
        """
        changed = self.of_kind(CHILD_HISTORY_CHANGED)
        opened = [fact for fact in self.facts if fact.endings or fact.involved]
        return max(changed or opened, key=lambda fact: (fact.learned_at, fact.id), default=None)

    def start_of_placement(self, fact: Trace) -> Trace | None:
        """Return how the placement that something is about began, where that was told.

        A move decided and carried out on one day was decided about the placement that it ended.
        """
        if fact.kind == STARTED:
            return fact
        if fact.id not in self._starts:
            own = [
                start
                for start in self.of_kind(STARTED)
                if same_placement(start, fact)
                and (could_precede(start, fact) if fact.placement_id else surely_precedes(start, fact))
            ]
            self._starts[fact.id] = own[-1] if own else None
        return self._starts[fact.id]

    def telling(self, name: str) -> tuple[Trace, ...]:
        """Return the facts that say a detail, in order."""
        if name not in self._details:
            self._details[name] = tuple(fact for fact in self.facts if name in fact.details)
        return self._details[name]

    def allocations(self, on: date) -> Mapping[str, str]:
        """Return role → person as the case stood on that day.

        Before the first allocation the first one is used: a meeting held before the referral
        reached us was held by the people whom the referral names.
        """
        if on not in self._allocations:
            stood: dict[str, str] = {}
            first: dict[str, str] = {}
            for fact in self._allocating:
                if fact.on <= on:
                    stood.update(fact.allocations)
                for role, person in fact.allocations.items():
                    first.setdefault(role, person)
            self._allocations[on] = {**first, **stood}
        return self._allocations[on]

    @cached_property
    def _allocating(self) -> tuple[Trace, ...]:
        return tuple(fact for fact in self.facts if fact.allocations)

    def roles_of(self, seat: Seat, on: date) -> frozenset[str]:
        """Return the roles somebody fills on that day: on the case, then in the authority.

        A role that the case allocates is filled by that person alone. A seat without a person is
        taken as named; the doors let that through only for those who cannot be looked up.
        """
        if seat.person_id is None:
            return frozenset(seat.roles)
        allocated = self.allocations(on)
        on_case = {role for role, person in allocated.items() if person == seat.person_id}
        return frozenset(on_case | {role for role in seat.roles if role not in allocated})

    def placement_began(self, fact: Trace) -> date:
        """Return the day before which nothing serves `fact`: the start of the present placement.

        A move decided and carried out on one day was decided about the placement that it ended. What
        a start itself needs may have been done since the placement before it began.
        """
        starts = [
            start.on
            for start in self.of_kind(STARTED)
            if surely_precedes(start, fact) and (fact.kind == STARTED or same_placement(start, fact))
        ]
        return max(starts, default=date.min)

    def meeting_of(self, fact: Trace) -> str | None:
        """Return the meeting that a fact is about: the one it names, else the latest before it.

        That is one about its own placement, where both name one.
        """
        if fact.meeting_id:
            return fact.meeting_id
        before = (
            meeting
            for meeting in self._meetings_back
            if could_precede(meeting, fact) and same_placement(meeting, fact)
        )
        latest = next(before, None)
        return latest.meeting_id if latest else None

    @cached_property
    def _meetings_back(self) -> tuple[Trace, ...]:
        """Meetings as convened and as held, the latest first."""
        both = (*self.of_kind("meeting_convened"), *self.of_kind("meeting_held"))
        return tuple(sorted(both, key=lambda meeting: (meeting.on, meeting.moment), reverse=True))

    def meeting(self, meeting_id: str | None) -> Trace | None:
        """Return what is known of a meeting: how it was held, and what only convening it said.

        Who was invited, and for which reasons, is not forgotten when the meeting has been held.
        """
        if meeting_id is None:
            return None
        if meeting_id not in self._meetings:
            held, convened = (
                self._last_about(kind, meeting_id) for kind in ("meeting_held", "meeting_convened")
            )
            self._meetings[meeting_id] = _as_convened_and_held(convened, held)
        return self._meetings[meeting_id]

    def _last_about(self, kind: str, meeting_id: str) -> Trace | None:
        about = (fact for fact in reversed(self.of_kind(kind)) if fact.meeting_id == meeting_id)
        return next(about, None)


def _as_convened_and_held(convened: Trace | None, held: Trace | None) -> Trace | None:
    if convened is None or held is None:
        return held or convened
    return replace(
        held,
        # Not the id of either: what is read of both is no field of one.
        id=f"{convened.id}+{held.id}",
        words={**convened.words, **held.words},
        people={**convened.people, **held.people},
    )


def same_placement(one: Trace, other: Trace) -> bool:
    """Say whether two facts may be about one placement: both name it alike, or one names none."""
    return one.placement_id is None or other.placement_id is None or one.placement_id == other.placement_id
