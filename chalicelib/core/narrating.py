"""What happened, what followed and who heard of it, in plain words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.core.case import Answer, Change, Duty, Flag, Hold, Notice, Standing, State
from chalicelib.core.explaining import said_reason
from chalicelib.core.explaining.deadlines import said_limit
from chalicelib.core.explaining.duties import obligation_of
from chalicelib.core.explaining.grounds import ground_of
from chalicelib.core.explaining.occasions import occasion_of
from chalicelib.core.labels import listed, strung
from chalicelib.core.london import LONDON, day_of
from chalicelib.core.patterns import By
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import HAPPENED, said_by
from chalicelib.core.trace import Seat, Trace
from chalicelib.core.working_days import Calendar, working_days_between

# The field that says what sort of meeting, document or step a fact is about.
WHAT = ("meeting", "document", "step", "decision", "process", "manner")
WHO = ("by", "to", "chair", "present", "invited", "signed_by")

CHANGED = {
    "covered": "part of it is done",
    "confirmed": "its date is provisional no more",
    "met": "met",
    "missed": "missed: it can no longer be done in time",
    "lapsed": "lapsed, unmet and no longer owed",
    "excused": "excused",
    "withdrawn": "withdrawn: it never applied",
    "reopened": "open again",
    "cleared": "the flag is cleared",
    "released": "this freeze has ended, and the move is free once no other is open",
    "resumed": "this halt has ended, and the clocks run again once no other is open",
}
ANSWERED = {
    Answer.BREACH: "a breach",
    Answer.EXCEPTED: "passed by an exception",
    Answer.SAFETY: "done for safety",
    Answer.EXCUSED: "excused",
}
# What is said where nothing more is known of what a notice is about.
OCCASIONS = {
    "opened": "it became owed",
    "rung-opened": "it is theirs to see to",
    "rung-before_due": "a reminder",
    "rung-after_due": "it is overdue",
    "rung-open_for": "it is still waiting",
    "missed": "it can no longer be done in time",
    "flagged": "a breach was recorded",
    "frozen": "the move is frozen",
    "halted": "the clocks stand still",
    "released": CHANGED["released"],
    "resumed": CHANGED["resumed"],
    "withdrawn": "what they were told no longer applies",
    "superseded": "the case was moved to other protocols, which ask this no more",
    "cleared": "the flag is cleared",
    "reopened": "it is open again",
    "excused": "it is excused",
    "allocated": "they have taken over",
    "moved": "its date has moved",
    "undelivered": "a notice did not reach whom it was for",
    "task": "a notice did not arrive, and somebody has to be told another way",
    "chased": "a notice did not arrive, and nobody has recorded that somebody was told another way",
}
# What is no news of a duty that is settled.
OF_OPEN_DUTIES = ("halted", "resumed", "moved", "confirmed", "covered")

About = Duty | Flag | Hold


def short_day(on: date) -> str:
    """Return a date as a line has room for it: `Mon 13 Apr 2026`."""
    return f"{on:%a} {on.day} {on:%b %Y}"


def short_moment(at: datetime) -> str:
    """Return a moment as London's clocks show it: `Mon 13 Apr 2026 08:00`."""
    local = at.astimezone(LONDON)
    return f"{short_day(local.date())} {local:%H:%M}"


def occasion_sort(occasion: str) -> str:
    """Return what sort of occasion a notice is for: `missed`, `rung-after_due`."""
    parts = re.split(r"[|:]", occasion)
    return "-".join(parts[:2]) if parts[0] == "rung" else parts[0]


def stood(before: Standing, after: Standing) -> Mapping[str, About]:
    """Return everything that stands after a step by its id, and as it stood before what no longer does."""
    found: list[About] = []
    for standing in (before, after):
        found += (*standing.duties, *standing.flags, *standing.holds)
    return {each.id: each for each in found}


def is_news(change: Change, about: About | None) -> bool:
    """Say whether a change is worth telling: the clock of a duty that is settled is not."""
    settled = isinstance(about, Duty) and about.state is not State.OPEN
    return not (settled and change.what in OF_OPEN_DUTIES)


def basis(notice: Notice, about: About | None) -> str:
    """Return what a notice rests on: a clause, a ladder, or a way of this service's own."""
    return ground_of(occasion_of(notice.occasion), notice.role, about.tell if about else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrator:
    """Puts things in the words of the protocols that they stand under."""

    protocols: Sequence[Protocol]
    calendar: Calendar

    # --- facts --------------------------------------------------------------------------

    def fact(self, fact: Trace) -> str:
        """Return a fact as a clause without a full stop: `A meeting was held: planning meeting`."""
        happened = HAPPENED.get(fact.kind, fact.kind.replace("_", " "))
        about = [self.word(name, word) for name in WHAT for word in fact.words.get(name, ())]
        return happened[:1].upper() + happened[1:] + (f": {strung(about)}" if about else "")

    def particulars(self, fact: Trace) -> str:
        """Return what else a fact says: its outcome, reasons, plans and people."""
        return "; ".join(self._particulars(fact))

    def _particulars(self, fact: Trace) -> Iterator[str]:
        for name in ("outcome", "reasons"):
            if words := fact.words.get(name):
                yield f"{name}: {strung([self.word(name, word) for word in words])}"
        if fact.planned_for:
            yield f"planned for {short_day(fact.planned_for)}"
        for name in WHO:
            if seats := fact.people.get(name):
                yield f"{name.replace('_', ' ')}: {' / '.join(self._seat(seat) for seat in seats)}"
        for name, word in fact.details.items():
            yield f"{name.replace('_', ' ')}: {self.word(name, word)}"
        if fact.replaces:
            yield f"in place of {fact.replaces}"

    def _seat(self, seat: Seat) -> str:
        roles = strung([self.role(role) for role in seat.roles])
        return f"{seat.person_id} ({roles})" if seat.person_id else roles

    def word(self, name: str, word: str) -> str:
        """Return the label of a word in a field."""
        labels = (each.words.get(name, {}).get(word) for each in self.protocols)
        return next((label for label in labels if label), word.replace("_", " "))

    def role(self, role: str) -> str:
        """Return how a role is called."""
        known = (each.roles[role].label for each in self.protocols if role in each.roles)
        return next(known, role.replace("_", " "))

    # --- what followed ------------------------------------------------------------------

    def cited(self, about: About) -> str:
        """Return our own id of the clause that something stands under, and how it is cited."""
        protocol = self.protocol(about)
        return f"{about.clause}, {protocol.cited(protocol.by_id[about.clause])}"

    def change(self, change: Change, about: About | None) -> str:
        """Return one change as a sentence; `about` is as it stood then."""
        if about is None:
            return f"{change.what.replace('_', ' ').capitalize()}."
        said = f"{self.cited(about)}: {self._changed(change, about)}"
        return said if said.endswith(".") else f"{said}."

    def _changed(self, change: Change, about: About) -> str:
        match about:
            case Duty():
                return self._changed_duty(change, about)
            case Flag() if change.what in ("flagged", "answered"):
                return self.answer(about)
            case Hold() if change.what == about.begun:
                return f"{OCCASIONS[about.begun]} while this is open: {self.word('process', about.process)}"
            case Hold() if change.what == "withdrawn":
                return _never_applied(about)
        return CHANGED.get(change.what, change.what.replace("_", " "))

    def _changed_duty(self, change: Change, duty: Duty) -> str:
        match change.what:
            case "opened":
                return f"owed by {self.owners(duty)}, {self.due(duty)}"
            case "reopened":
                return f"open again, {self.due(duty)}"
            case "moved":
                was = short_day(date.fromisoformat(change.was)) if change.was else "without a date"
                said = f"now {self.due(duty)}; it was {was}"
                return f"{said}. {change.because}" if change.because else said
            case "halted":
                return "its clock stands still"
            case "resumed":
                return f"its clock runs again, {self.due(duty)}"
            case "covered":
                return f"part of it is done, {change.now} of {change.was} left"
            case "met" if duty.due_on and duty.late:
                return f"met late: it was due on {short_day(duty.due_on)}{said_by(duty.due_by)}"
        return CHANGED.get(change.what, change.what.replace("_", " "))

    def answer(self, flag: Flag) -> str:
        """Return how a tripped clause was answered and, of a breach, what it asks for."""
        said = ANSWERED[flag.answer]
        if flag.answer is Answer.EXCEPTED and flag.exception:
            said = f"{said} ({flag.exception.replace('_', ' ')})"
        return f"{said}: {said_reason(flag, self.protocol(flag))}"

    def owners(self, duty: Duty) -> str:
        """Return who owes a duty: any of them."""
        return listed([self._owner(duty, role) for role in duty.owner])

    def _owner(self, duty: Duty, role: str) -> str:
        person = duty.named.get(role)
        return f"{self.role(role)} ({person})" if person else self.role(role)

    def due(self, duty: Duty) -> str:
        """Return when a duty is due: `due on Mon 13 Apr 2026`."""
        if duty.halted and duty.state is State.OPEN:
            return "its clock stands still"
        if duty.at_once:
            return "due at once"
        if duty.due_on is None:
            return self._undated(duty)
        provisional = ", provisionally" if duty.provisional else ""
        return f"due on {short_day(duty.due_on)}{said_by(duty.due_by)}{provisional}"

    def _undated(self, duty: Duty) -> str:
        """Return by when a duty is due whose day is not known, or not known any more."""
        protocol = self.protocol(duty)
        match obligation_of(duty, protocol).due:
            case By() as limit:
                return f"due {said_limit(limit, protocol)}"
            case None:
                return "without a time limit"
            case _:
                return "without a date"

    # --- who hears ----------------------------------------------------------------------

    def hearer(self, notice: Notice) -> str:
        """Return who is told: the role, or its manager or deputy."""
        label = self.role(notice.role)
        named = f"{label} ({notice.person_id})" if notice.person_id else label
        named = f"manager of {named}" if notice.of_manager else named
        return named if notice.route == "self" else f"{notice.route} of {named}"

    def notice(self, notice: Notice, about: About | None, at: datetime) -> str:
        """Return who is told and why, as a sentence; `about` is as it stood then."""
        hearer, said = self.hearer(notice), self.why(notice, about, at)
        cited = f" ({self.cited(about)})" if about else ""
        return f"{hearer[:1].upper()}{hearer[1:]}: {said}{cited}."

    def why(self, notice: Notice, about: About | None, at: datetime) -> str:
        """Return why somebody is told; `about` is as it stood then."""
        sort = occasion_sort(notice.occasion)
        said: str | None = None
        match about:
            case Duty():
                said = self._why_of_duty(sort, notice, about, at)
            case Flag():
                said = _why_of_flag(sort, notice, about)
            case Hold():
                said = _why_of_hold(sort, notice, about)
        return said or OCCASIONS.get(sort, sort.replace("_", " "))

    def _why_of_duty(self, sort: str, notice: Notice, duty: Duty, at: datetime) -> str | None:
        due, by = notice.due_on, said_by(notice.due_by)
        match sort:
            case "rung-opened" | "rung-open_for" if duty.state is State.MISSED and duty.settled_on:
                return f"it was missed on {short_day(duty.settled_on)} and nobody has excused it"
            case "rung-opened" if notice.role in duty.owner and not notice.via_manager:
                return f"it is theirs to see to, {self.due(duty)}"
            case "opened" | "rung-opened":
                return f"this is owed by {self.owners(duty)}, {self.due(duty)}"
            case "rung-open_for":
                return f"still waiting since {short_moment(duty.opened_at)}"
            case "rung-after_due" if due:
                late = working_days_between(due, day_of(at), self.calendar.closed)
                return f"overdue by {_counted(late, 'working day')}, it was due on {short_day(due)}{by}"
            case "rung-before_due" | "moved" if due:
                provisional = ", provisionally" if notice.provisional else ""
                return f"{OCCASIONS[sort]}, due on {short_day(due)}{by}{provisional}"
            case "reopened":
                return f"it is open again, {self.due(duty)}"
            case "withdrawn" if duty.state is State.MET:
                return "it was done in time after all"
        return None

    def protocol(self, about: About) -> Protocol:
        """Return the protocol that something stands under."""
        return next(each for each in self.protocols if each.id == about.protocol)


def _why_of_flag(sort: str, notice: Notice, flag: Flag) -> str | None:
    something = "something done for safety" if flag.answer is Answer.SAFETY else "a breach"
    match sort:
        case "flagged" if occasion_of(notice.occasion).cause:
            return f"{something} stands again"
        case "flagged":
            return f"{something} was recorded"
        case "rung-opened" | "rung-before_due" | "rung-after_due" | "rung-open_for":
            return f"{something} was recorded on {short_moment(flag.opened_at)} and nobody has excused it"
        case "excused" if flag.answer is Answer.EXCEPTED:
            return "an exception passes it after all"
    return None


def _why_of_hold(sort: str, notice: Notice, hold: Hold) -> str | None:
    if sort == hold.begun and occasion_of(notice.occasion).cause:
        return f"{OCCASIONS[sort]} again"
    return _never_applied(hold) if sort == "withdrawn" else None


def _never_applied(hold: Hold) -> str:
    return f"withdrawn: this {hold.sort} never applied"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
