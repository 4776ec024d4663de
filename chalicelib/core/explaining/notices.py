"""Why somebody was told something: the clause, the occasion, and how the role became a person.

A notice holds no word about the child, and neither does its explanation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from chalicelib.core.case import Case, Duty, Flag, Hold, Notice
from chalicelib.core.effects import Effect
from chalicelib.core.explaining import grounds
from chalicelib.core.explaining.clauses import about_clause
from chalicelib.core.explaining.facts import Explained, said_event, said_plainly
from chalicelib.core.explaining.grounds import CLAUSE, ground_of
from chalicelib.core.explaining.occasions import (
    BREACH,
    Occasion,
    Reached,
    kind_of,
    occasion_of,
    reached_by,
)
from chalicelib.core.identity import identify
from chalicelib.core.labels import said_role
from chalicelib.core.matching import BUILT_IN
from chalicelib.core.openings import MEETINGS
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.saying import said_day
from chalicelib.core.tasks import ALERTS
from chalicelib.core.trace import FACT_WITHDRAWN, NOTICE_UNDELIVERED, Trace

About = Duty | Flag | Hold


def explain_notice(notice: Notice, case: Case, rules: Rules, then: About | None = None) -> Explained:
    """Return why a notice was given. `notice.role` may be the member of a group who was told.

    `then` is what it is about as it stood when it was given, where that is known: a case knows only
    how it stands now.
    """
    standing = case.standing
    stood: tuple[About, ...] = (*standing.duties, *standing.flags, *standing.holds)
    now = next((each for each in stood if each.id == notice.about), None)
    to_do = any(each.id == notice.about and not each.done_by for each in standing.tasks)
    return _Told(
        notice=notice,
        about=then or now,
        still_stands=now is not None or to_do,
        protocol=rules.protocol(notice.protocol),
        facts=case.facts,
    ).data()


@dataclass(frozen=True, kw_only=True)
class _Told:
    """A notice, put back to what it is about; that is none where it was taken back since."""

    notice: Notice
    about: About | None
    still_stands: bool
    protocol: Protocol
    facts: tuple[Trace, ...]

    @cached_property
    def occasion(self) -> Occasion:
        return occasion_of(self.notice.occasion)

    @cached_property
    def reached(self) -> Reached | None:
        """The rung that was reached, where a ladder gave the notice."""
        return reached_by(self.occasion, self.notice, self.about, self.protocol)

    @cached_property
    def role(self) -> str:
        """The role as the clause or the ladder names it, of which the one told is a member.

        A notice's id is made of that role, so the one that makes the same id is the one meant.
        """
        notice = self.notice
        for role in sorted(self.protocol.serving.get(notice.role, {notice.role})):
            if identify("n", notice.about, notice.occasion, role, notice.route) == notice.id:
                return role
        return notice.role

    def data(self) -> Explained:
        clause = self.protocol.by_id[self.notice.clause]
        cause = self.occasion.cause
        return {
            **about_clause(clause, self.protocol),
            "basis": self._basis,
            "occasion": self.occasion.sort,
            "cause": cause,
            "rung": self.reached.data() if self.reached else None,
            "was_due_on": self.notice.was_due_on.isoformat() if self.notice.was_due_on else None,
            "because": self.notice.because,
            "about": self.notice.about,
            "still_stands": self.still_stands,
            "role": self.role,
            "told_as": self.notice.role,
            "person_id": self.notice.person_id,
            "via_manager": self.notice.via_manager,
            "via_deputy": self.notice.via_deputy,
            "of_manager": self.notice.of_manager,
            "sentences": list(self._sentences()),
        }

    def _sentences(self) -> Iterator[str]:
        clause = self.protocol.by_id[self.notice.clause]
        cited = self.protocol.cited(clause)
        yield f"{cited[:1].upper()}{cited[1:]}: {clause.text}"
        yield f"Told because {self._said_occasion()}."
        if self.notice.because:
            yield self.notice.because
        if self.reached:
            yield f"{self.reached.said()} This is local policy: no text provides reminders."
        yield f"{self._said_role()} {self._said_person()}"

    # --- the occasion -------------------------------------------------------------------

    def _said_occasion(self) -> str:
        notice = self.notice
        # A duty that the ladder for breaches chases was missed, however it stands now.
        kind = "missed" if self._is_missed else kind_of(self.about)
        if kind == "missed" and self.reached and not self._is_missed:
            kind = "open"
        said = self.occasion.said(due_on=notice.due_on, kind=kind, provisional=notice.provisional)
        return f"{said}{self._said_cause()}"

    @property
    def _is_missed(self) -> bool:
        """Whether the ladder for breaches chases a duty."""
        return bool(self.reached and self.reached.serves == BREACH and not isinstance(self.about, Flag))

    def _said_cause(self) -> str:
        """Return which fact made it so, and on which day."""
        fact = next((each for each in self.facts if each.id == self.occasion.cause), None)
        # What did not arrive, and why, is said in a sentence of its own.
        if fact is None or fact.kind == NOTICE_UNDELIVERED:
            return ""
        # Which process it was, or which step, is the case's own affair: the notice says no more either.
        happened = said_event(fact, self.protocol) if fact.kind in MEETINGS else said_plainly(fact)
        told = f"{happened} ({said_day(fact.on)})"
        if fact.kind == FACT_WITHDRAWN or not fact.replaces:
            return f": {told}"
        return f", after a correction: {told}"

    # --- the role and the person --------------------------------------------------------

    @property
    def _ground(self) -> str:
        return ground_of(self.occasion, self.role, self._tell)

    @property
    def _basis(self) -> str:
        clauses = self._ground == CLAUSE and any(effect.basis == CLAUSE for effect in self._effects)
        return "clause" if clauses else "local_policy"

    def _said_role(self) -> str:
        role = said_role(self.role, self.protocol)
        if self.reached:
            asked = self.reached.asked(self.role, owes=self._owes)
            return f"The ladder names {asked.format(role)}."
        if self.occasion.sort in ALERTS:
            return _said_alert(self.notice, role)
        match self._ground:
            case grounds.CLAUSE if self.role in self._tell:
                return f"The clause has {role} told."
            case grounds.OWNER if self._owes:
                return f"It is owed by {role}; whoever owes a thing hears that it was missed, asked or not."
            case grounds.SAFETY_TELL:
                return f"This authority has {role} told of whatever is done for safety (safety_tell)."
            case grounds.RETELLING if self.role in self._tell:
                return f"The clause has {role} told of it; that it is otherwise now, this service adds."
            case grounds.RETELLING if self._owes:
                return f"It is owed by {role}; that it is otherwise now, this service adds."
        return f"It goes to {role}."

    def _said_person(self) -> str:
        notice = self.notice
        told = said_role(notice.role, self.protocol)
        if notice.role in BUILT_IN and notice.person_id:
            found = f"The meeting names {notice.person_id} for that"
        elif notice.person_id and notice.role != self.role:
            found = f"Of its members the case allocates {told}, {notice.person_id}"
        elif notice.person_id:
            found = f"The case allocates {notice.person_id} to it"
        else:
            found = "The case allocates nobody to it, so the authority's own contact for it is told"
        via = {"manager": "their manager", "deputy": "their deputy"}.get(notice.route)
        via = f"the {notice.route} of their manager" if notice.of_manager else via
        return f"{found}; it went to {via}, looked up when it was sent." if via else f"{found}."

    @property
    def _owes(self) -> bool:
        return isinstance(self.about, Duty) and self.role in self.about.owner

    @cached_property
    def _effects(self) -> tuple[Effect, ...]:
        """The effect that the notice is about; every effect of its clause where that is not known."""
        about, effects = self.about, self.protocol.by_id[self.notice.clause].effects
        return tuple(each for each in effects if about is None or each.name == about.effect)

    @property
    def _tell(self) -> tuple[str, ...]:
        return self.about.tell if self.about else tuple(role for each in self._effects for role in each.tell)


def _said_alert(notice: Notice, role: str) -> str:
    """Return for what somebody hears that another could not be told: no clause asks for it."""
    if notice.route == "self":
        return f"No text asks for this: the service has whoever keeps the contacts see to it, {role}."
    whom = f"the manager of {role}" if notice.of_manager else role
    return f"No text asks for this: the service tells the {notice.route} of {whom}, who was not reached."
