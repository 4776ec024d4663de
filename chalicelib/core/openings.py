"""One obligation opened by one fact, and which later facts are about the same thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.answers import flag_id_of, passes
from chalicelib.core.dates import due_after
from chalicelib.core.effects import Clause, Obligation
from chalicelib.core.history import could_precede, same_placement
from chalicelib.core.matching import ABOUT_MEETINGS, View
from chalicelib.core.patterns import Pattern, Patterns
from chalicelib.core.trace import Trace
from chalicelib.core.working_days import Calendar

MEETINGS = ("meeting_convened", "meeting_held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One obligation of one clause, opened by one fact."""

    view: View
    clause: Clause
    obligation: Obligation
    fact: Trace
    case_id: str
    duty_id: str

    def settling(self, pattern: Pattern) -> Iterator[Trace]:
        """Yield what follows and settles: neither incomplete nor too early, unless that is passed."""
        for fact in self.following((pattern,)):
            if fact.id in self.view.incomplete or not self.view.in_order(self.fact, fact):
                continue
            if not self.is_too_early(fact) or self._passes(fact):
                yield fact

    def is_too_early(self, fact: Trace) -> bool:
        """Say whether a fact came before the day from which it may meet this duty."""
        earliest = self.not_before_for(fact)
        return earliest is not None and fact.on < earliest

    def not_before_for(self, fact: Trace) -> date | None:
        """Return that day for one fact, by the calendar that was known when it was learned of."""
        return self._not_before(self.view.calendars.at(fact.learned_at))

    @property
    def not_before(self) -> date | None:
        """The day from which this duty may be met, none where that is at once."""
        return self._not_before(self.view.calendars.present)

    def _not_before(self, calendar: Calendar) -> date | None:
        """Count that day by a calendar, through halts: waiting so long needs no clock."""
        asked = self.obligation.not_before
        if asked is None:
            return None
        day_zero = str(self.view.protocol.setting("day_zero", "event"))
        return due_after(self.fact.on, asked, day_zero, calendar).on

    def _passes(self, fact: Trace) -> bool:
        flag_id = flag_id_of(self.case_id, self.clause.id, self.obligation.name, fact.id)
        return passes(self.view, self.clause, fact, flag_id)

    def following(self, patterns: Patterns) -> Iterator[Trace]:
        """Yield the facts after this opening that match and are about the same thing."""
        for fact in self.view.since(patterns, self.fact.on):
            if could_precede(self.fact, fact) and self.is_about_the_same(fact):
                yield fact

    def concerns(self, meeting: Trace) -> bool:
        """Say whether a meeting that was convened is the one that a duty of this opening waits for."""
        if self.fact.kind == "meeting_convened":
            return meeting.meeting_id == self.fact.meeting_id
        return could_precede(self.fact, meeting) and self.is_about_the_same(meeting)

    def is_about_the_same(self, fact: Trace) -> bool:
        """Apply the language's first convention: same placement, process, meeting, duty."""
        if fact.for_id and fact.for_id.startswith("o-") and fact.for_id != self.duty_id:
            return False
        if not same_placement(self.fact, fact):
            return False
        if self.fact.process_id and fact.process_id and self.fact.process_id != fact.process_id:
            return False
        return self._same_meeting(fact)

    def _same_meeting(self, fact: Trace) -> bool:
        if self.fact.kind not in MEETINGS:
            return True
        if fact.kind in MEETINGS:
            same = fact.meeting_id == self.fact.meeting_id
            return same if self.fact.kind == "meeting_convened" else not same
        if fact.kind in ABOUT_MEETINGS and not self._grid_names_meetings():
            return self.view.history.meeting_of(fact) == self.fact.meeting_id
        return True

    def _grid_names_meetings(self) -> bool:
        grids = (each for pattern in self.obligation.until for each in pattern.each)
        return any(name == "meeting" for name, _ in grids)
