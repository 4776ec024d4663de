"""A clause that a fact tripped: what it asked for, what came near, and every way past it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from chalicelib.core.case import FREEZE, Answer, Flag, Hold
from chalicelib.core.effects import Effect, Freeze, Guard, Obligation, People
from chalicelib.core.explaining.candidates import needs_of
from chalicelib.core.explaining.clauses import about_clause, said_settings, settings_used
from chalicelib.core.explaining.facts import Explained, about_fact, said_event, who
from chalicelib.core.explaining.holds import about_hold, said_process
from chalicelib.core.explaining.involvement import Part, parts_taken
from chalicelib.core.explaining.reasons import said_missing, said_reason, tripped_by
from chalicelib.core.explaining.ways import explain_ways, said_answer
from chalicelib.core.history import History
from chalicelib.core.holds import bars, holds
from chalicelib.core.labels import listed
from chalicelib.core.lifetimes import openings
from chalicelib.core.matching import View
from chalicelib.core.missing import named
from chalicelib.core.rules import Rules
from chalicelib.core.saying import said_day
from chalicelib.core.trace import Trace


def explain_flag(flag: Flag, rules: Rules, history: History | None = None) -> Explained:
    """Return what a flag is about: the clause, what it asks for, and how it was answered.

    With the case's history also what came near, who or what is missing, and every way past it.
    """
    told = _asked(flag, rules)
    return told if history is None else {**told, **_tripped(flag, rules, history).data()}


def explain_refusal(flag: Flag, rules: Rules, history: History) -> Explained:
    """Return why a step that is only meant does not pass a clause, and what would let it pass."""
    tripped = _tripped(flag, rules, history)
    return {**_asked(flag, rules), **tripped.data(), "sentences": list(tripped.refusing())}


def _asked(flag: Flag, rules: Rules) -> Explained:
    protocol = rules.protocol(flag.protocol)
    clause = protocol.by_id[flag.clause]
    return {
        **about_clause(clause, protocol),
        "basis": tripped_by(flag, clause).basis,
        "check": flag.why,
        "missing": list(flag.missing),
        "missing_said": said_missing(flag.missing, protocol),
        "reason": said_reason(flag, protocol),
        "settings": settings_used(clause.settings_of(flag.effect), protocol),
    }


def _tripped(flag: Flag, rules: Rules, history: History) -> "_Tripped":
    return _Tripped(flag=flag, view=rules.view(rules.protocol(flag.protocol), history))


@dataclass(frozen=True, kw_only=True)
class _Tripped:
    """A flag put back to the fact that raised it."""

    flag: Flag
    view: View

    @cached_property
    def fact(self) -> Trace:
        return self.view.history.named(self.flag.fact_id)

    @cached_property
    def effect(self) -> Effect:
        return tripped_by(self.flag, self.view.protocol.by_id[self.flag.clause])

    def data(self) -> Explained:
        protocol = self.view.protocol
        return {
            "fact": about_fact(self.fact, protocol),
            "needs": self.needs,
            "there": self._there(),
            "involved": [part.data() for part in self.involved],
            "frozen_by": [about_hold(hold, protocol) for hold in self.freezing],
            "earliest": self._earliest(),
            "exceptions": self.ways,
            "sentences": list(self._sentences()),
        }

    @cached_property
    def needs(self) -> list[Explained]:
        return needs_of(self.effect, self.fact, self.view) if isinstance(self.effect, Guard) else []

    @cached_property
    def involved(self) -> tuple[Part, ...]:
        """What those who are there had to do with the case before, where they are to have had nothing."""
        return parts_taken(self.effect, self.fact, self.view) if isinstance(self.effect, People) else ()

    @cached_property
    def ways(self) -> list[Explained]:
        return explain_ways(self.view.protocol.by_id[self.flag.clause], self.fact, self.view)

    @cached_property
    def freezing(self) -> tuple[Hold, ...]:
        """The freezes by this clause that were in force."""
        if not isinstance(self.effect, Freeze):
            return ()
        return tuple(
            hold
            # Their ids are not asked for, so no case is named.
            for hold in holds(self.view, "")
            if hold.sort == FREEZE
            and (hold.clause, hold.effect) == (self.flag.clause, self.flag.effect)
            and bars(hold, self.view, self.fact)
        )

    def _there(self) -> list[Explained]:
        """Return whoever is in the field that people are asked of, with the roles they hold."""
        if not isinstance(self.effect, People):
            return []
        seats = self.fact.people.get(self.effect.field, ())
        history, on = self.view.history, self.fact.on
        return [{"who": named(seat), "roles": sorted(history.roles_of(seat, on))} for seat in seats]

    def _earliest(self) -> str | None:
        """Return the first day on which it would not have come too early."""
        effect, clause = self.effect, self.view.protocol.by_id[self.flag.clause]
        if not isinstance(effect, Obligation):
            return None
        days = [
            earliest
            for opening in openings(self.view, clause, effect, "")
            if (earliest := opening.not_before_for(self.fact)) and opening.is_too_early(self.fact)
        ]
        return max(days).isoformat() if days else None

    def _sentences(self) -> Iterator[str]:
        """Yield what happened, what was asked for, and how that was answered."""
        happened = said_event(self.fact, self.view.protocol)
        happened = f"{happened[:1].upper()}{happened[1:]} on {said_day(self.fact.on)}"
        yield f"{happened}: this trips {self._cited}."
        yield from self._said_asked()
        yield said_answer(self.flag, self.fact)
        if self.flag.answer is Answer.BREACH:
            yield from (str(way["said"]) for way in self.ways)
        yield from self._said_settings()

    def refusing(self) -> Iterator[str]:
        """Yield the same of a step that has not been taken."""
        yield f"By {self._cited} this does not pass as it stands."
        yield from self._said_asked()
        yield from (str(way["said"]) for way in self.ways)
        yield from self._said_settings()

    @property
    def _cited(self) -> str:
        return self.view.protocol.cited(self.view.protocol.by_id[self.flag.clause])

    def _said_settings(self) -> Iterator[str]:
        clause = self.view.protocol.by_id[self.flag.clause]
        yield from said_settings(clause.settings_of(self.flag.effect), self.view.protocol)

    def _said_asked(self) -> Iterator[str]:
        protocol = self.view.protocol
        yield said_reason(self.flag, protocol)
        yield from (str(need["said"]) for need in self.needs)
        yield from (part.said() for part in self.involved)
        yield from self._said_there()
        for hold in self.freezing:
            process = said_process(hold, protocol)
            since = f"{process[:1].upper()}{process[1:]} is open since {said_day(hold.opened_on)}"
            yield f"{since}; this ends when it has ended."

    def _said_there(self) -> Iterator[str]:
        if isinstance(self.effect, People):
            protocol = self.view.protocol
            seats = self.fact.people.get(self.effect.field, ())
            there = [who(named(seat), protocol) for seat in seats]
            yield f"In `{self.effect.field}`: {listed(there, 'and') or 'nobody'}."
