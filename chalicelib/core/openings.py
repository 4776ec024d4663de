"""One obligation opened by one fact, and which later facts are about the same thing."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.core.effects import Clause, Obligation
from chalicelib.core.history import could_precede, same_placement
from chalicelib.core.matching import View
from chalicelib.core.patterns import Patterns
from chalicelib.core.trace import Trace

MEETINGS = ("meeting_convened", "meeting_held")
ABOUT_MEETINGS = ("document_completed", "document_sent", "step_done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One obligation of one clause, opened by one fact."""

    view: View
    clause: Clause
    obligation: Obligation
    fact: Trace
    duty_id: str

    def following(self, patterns: Patterns) -> Iterator[Trace]:
        """Yield the facts after this opening that match and are about the same thing."""
        for fact in self.view.found(patterns):
            if could_precede(self.fact, fact) and self._linked(fact):
                yield fact

    def _linked(self, fact: Trace) -> bool:
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
