"""Why a duty is owed, by whom, by when, and what would meet it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from chalicelib.core.case import HALT, Duty, Hold, State
from chalicelib.core.checks import record_flags
from chalicelib.core.clocks import Clocks
from chalicelib.core.effects import Clause, Obligation
from chalicelib.core.explaining.candidates import Candidate, nearest_to
from chalicelib.core.explaining.clauses import about_clause, said_settings, settings_used
from chalicelib.core.explaining.deadlines import Deadline
from chalicelib.core.explaining.facts import Explained, about_fact, said_event
from chalicelib.core.explaining.findings import findings, said_findings
from chalicelib.core.explaining.owners import Owner, about_owner, owners_of, said_owners
from chalicelib.core.history import History
from chalicelib.core.holds import clocks, holds
from chalicelib.core.labels import label_of, listed, said_role
from chalicelib.core.matching import View
from chalicelib.core.openings import Opening
from chalicelib.core.patterns import After, Pattern
from chalicelib.core.protocol import Protocol
from chalicelib.core.recounts import Moved, counted
from chalicelib.core.rules import Rules
from chalicelib.core.saying import PEOPLE, said_day, said_patterns
from chalicelib.core.trace import Trace

NOTES = {
    "only_one_meeting": "Only one meeting was held, so there is one record to send.",
    "waits_for_both_meetings": "Only one meeting was held: it waits for the record of both.",
}


def explain_duty(duty: Duty, rules: Rules, history: History) -> Explained:
    """Return everything behind one duty: clause, opening fact, days counted, what is left."""
    return Owed(duty=duty, view=view_of(duty.protocol, rules, history)).data()


def explain_duties(duties: Iterable[Duty], rules: Rules, history: History) -> Iterator[Explained]:
    """Yield the same of several duties; the case is read once for each protocol."""
    views: dict[str, View] = {}
    for duty in duties:
        if duty.protocol not in views:
            views[duty.protocol] = view_of(duty.protocol, rules, history)
        yield Owed(duty=duty, view=views[duty.protocol]).data()


def view_of(protocol_id: str, rules: Rules, history: History) -> View:
    """Return a case's history as one protocol reads it, which knows what lacks parts."""
    view = rules.view(rules.protocol(protocol_id), history)
    # No flag's id is asked for, so the case is not named.
    record_flags(view, "")
    return view


def obligation_of(duty: Duty, protocol: Protocol) -> Obligation:
    """Return the effect by which a duty is owed."""
    for effect in protocol.by_id[duty.clause].effects:
        if isinstance(effect, Obligation) and effect.name == duty.effect:
            return effect
    raise KeyError(f"{duty.clause} has no obligation {duty.effect!r}")


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One duty, put back to the clause and the fact from which it follows; `view` is of `view_of`."""

    duty: Duty
    view: View

    @cached_property
    def clause(self) -> Clause:
        """The clause by which it is owed."""
        return self.view.protocol.by_id[self.duty.clause]

    @cached_property
    def obligation(self) -> Obligation:
        """The effect by which it is owed."""
        return obligation_of(self.duty, self.view.protocol)

    @cached_property
    def fact(self) -> Trace:
        """The fact that opened it."""
        return self.view.history.named(self.duty.opened_by)

    @cached_property
    def opening(self) -> Opening:
        """Its opening; the case is not named, since no other duty's id is asked for."""
        return Opening(
            view=self.view,
            clause=self.clause,
            obligation=self.obligation,
            fact=self.fact,
            case_id="",
            duty_id=self.duty.id,
        )

    @cached_property
    def pattern(self) -> Pattern | None:
        """The form of `when` that the opening fact matches; none for a day of each year."""
        return next((each for each in self.obligation.when if self.view.matches(each, self.fact)), None)

    @cached_property
    def deadline(self) -> Deadline:
        """Its date, and how that was reached."""
        own_holds = tuple(holds(self.view, ""))
        own_clocks, moved = self._counted(own_holds)
        return Deadline(
            duty=self.duty,
            obligation=self.obligation,
            clocks=own_clocks,
            moved=moved,
            protocol=self.view.protocol,
            stopping=[hold for hold in own_holds if hold.sort == HALT and hold.ended_by is None],
            earliest_on=self._earliest_on,
        )

    @property
    def _earliest_on(self) -> date | None:
        """The first day on which it may be met, or might when what settled it was learned of."""
        settled = self._settled
        return self.opening.not_before_for(settled) if settled else self.opening.not_before

    def _counted(self, own_holds: Iterable[Hold]) -> tuple[Clocks, tuple[Moved, ...]]:
        """Return the clocks by which its date stands, and how the calendar moved it."""
        own_clocks, settled = clocks(self.view, own_holds), self._settled
        if settled:
            own_clocks = own_clocks.until(settled.on)
        due = self.obligation.due
        if not isinstance(due, After):
            return own_clocks, ()
        stands = counted(self.fact, due, settled, own_clocks, self.view.calendars)
        return stands.clocks, stands.moved

    @cached_property
    def nearest(self) -> Candidate | None:
        """What came nearest to meeting it, while it stands open or where it was missed."""
        return nearest_to(self.opening) if self.duty.state in (State.OPEN, State.MISSED) else None

    # --- data ---------------------------------------------------------------------------

    def data(self) -> Explained:
        """Return everything behind the duty."""
        protocol, obligation = self.view.protocol, self.obligation
        return {
            **about_clause(self.clause, protocol),
            "basis": self._basis,
            "opened_by": self.duty.opened_by,
            "opened_on": self.duty.opened_on.isoformat(),
            "opened": about_fact(self.fact, protocol),
            "tests": findings(self.pattern, self.fact, self.view) if self.pattern else [],
            "owed_by": [about_owner(each, self.view) for each in self.owners],
            **self.deadline.data(),
            "met_by": said_patterns(obligation.until, protocol),
            "lapses": said_patterns(obligation.lapses, protocol) or None,
            "joins": obligation.joins,
            "left": [self._cell(cell) for cell in self.duty.left],
            "nearest": self.nearest.data(self.view) if self.nearest else None,
            "settled": about_fact(self._settled, protocol) if self._settled else None,
            "settings": settings_used((*self._settings, *self._engine_settings()), protocol),
            "sentences": list(self.sentences()),
        }

    @property
    def _basis(self) -> str:
        due = self.obligation.due
        return due.basis if isinstance(due, After) and due.basis != "clause" else self.obligation.basis

    @cached_property
    def owners(self) -> tuple[Owner, ...]:
        """Who owes it: any of them."""
        return owners_of(self.duty, self.obligation, self.view)

    @cached_property
    def _settled(self) -> Trace | None:
        return self.view.history.named(self.duty.settled_by) if self.duty.settled_by else None

    @property
    def _settings(self) -> tuple[str, ...]:
        return self.clause.settings_of(self.duty.effect)

    def _engine_settings(self) -> Iterator[str]:
        """Yield the settings that the engine read for this duty without the clause naming them."""
        due = self.obligation.due
        if isinstance(due, After) and due.unit.counts_working_days:
            yield "day_zero"
        if due is not None:
            yield "due_by"
        if self.duty.note in NOTES:
            yield "only_one_meeting"

    def _cell(self, cell: Mapping[str, str]) -> Mapping[str, str]:
        """Return a cell with its words' labels in their place; people and meetings keep their ids."""
        words, roles = self.view.protocol.words, self.view.protocol.roles
        return {
            name: label_of(name, word, self.view.protocol)
            if word in roles or word in words.get(name, {})
            else word
            for name, word in cell.items()
        }

    # --- sentences ----------------------------------------------------------------------

    def sentences(self) -> Iterator[str]:
        """Yield the same as sentences that can be shown to people."""
        protocol = self.view.protocol
        happened = said_event(self.fact, protocol)
        cited = protocol.cited(self.clause)
        yield f"Opened on {said_day(self.duty.opened_on)}, when {happened}, by {cited}."
        if self.pattern and (found := said_findings(self.pattern, self.fact, self.view)):
            yield f"Asked for and found: {found}."
        if self.obligation.basis == "local_policy":
            yield "This is local policy; the text does not ask for it."
        yield from said_owners(self.owners, self.view)
        yield from self.deadline.sentences()
        yield from self._said_end()
        if self.duty.note in NOTES:
            yield NOTES[self.duty.note]
        yield from said_settings(self._settings, protocol)

    def _said_end(self) -> Iterator[str]:
        protocol, duty = self.view.protocol, self.duty
        if self._settled:
            happened = said_event(self._settled, protocol)
            yield f"{str(duty.state).capitalize()} on {said_day(self._settled.on)}, when {happened}."
        else:
            yield f"Met by {said_patterns(self.obligation.until, protocol)}."
            if duty.left:
                yield f"Still to be covered: {listed([self._said_cell(cell) for cell in duty.left], 'and')}."
            if self.obligation.lapses:
                yield f"No longer owed after {said_patterns(self.obligation.lapses, protocol)}."
            if self.obligation.joins:
                yield "What else would open it while it is open joins it."
        if self.nearest:
            yield f"Near, without meeting it: {self.nearest.said(self.view)}."

    def _said_cell(self, cell: Mapping[str, str]) -> str:
        return " ".join(self._said_column(name, word) for name, word in cell.items())

    def _said_column(self, name: str, word: str) -> str:
        protocol = self.view.protocol
        if name in PEOPLE:
            return PEOPLE[name][0].format(said_role(word, protocol) if word in protocol.roles else word)
        return f"(meeting {word})" if name == "meeting" else f"“{label_of(name, word, protocol)}”"
