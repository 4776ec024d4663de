"""What happened, what followed and who heard of it, in plain words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.core.case import HALT, Answer, Change, Duty, Flag, Hold, Notice
from chalicelib.core.explaining import said_reason
from chalicelib.core.london import LONDON
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import HAPPENED
from chalicelib.core.trace import Seat, Trace
from chalicelib.core.working_days import Calendar, working_days_between

# The field that says what sort of meeting, document or step a fact is about.
WHAT = ("meeting", "document", "step", "decision", "process", "manner")
WHO = ("by", "to", "chair", "present", "invited", "signed_by")

CHANGED = {
    "covered": "part of it is done",
    "met": "met",
    "missed": "missed: it can no longer be done in time",
    "lapsed": "lapsed, unmet and no longer owed",
    "excused": "excused",
    "withdrawn": "withdrawn: it never applied",
    "reopened": "open again",
    "cleared": "the flag is cleared",
    "released": "the freeze has ended",
    "resumed": "the clocks run again",
    "halted": "the clocks stand still",
}
ANSWERED = {
    Answer.BREACH: "a breach",
    Answer.EXCEPTED: "passed by an exception",
    Answer.SAFETY: "done for safety",
    Answer.EXCUSED: "excused",
}
OCCASIONS = {
    "rung-before_due": "a reminder",
    "missed": "it can no longer be done in time",
    "frozen": "the move is frozen",
    "released": "the freeze has ended",
    "withdrawn": "what they were told no longer applies",
    "cleared": "the flag is cleared",
    "reopened": "it is open again",
    "excused": "it is excused",
    "allocated": "they have taken over",
    "moved": "its date has moved",
}


# What is told because a clause says whom to tell, or whose it is.
SPOKEN = ("opened", "missed", "flagged", "frozen", "released", "halted", "resumed")


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
        return happened[:1].upper() + happened[1:] + (f": {', '.join(about)}" if about else "")

    def particulars(self, fact: Trace) -> str:
        """Return what else a fact says: its outcome, reasons, plans and people."""
        return "; ".join(self._particulars(fact))

    def _particulars(self, fact: Trace) -> Iterator[str]:
        for name in ("outcome", "reasons"):
            if words := fact.words.get(name):
                yield f"{name}: {', '.join(self.word(name, word) for word in words)}"
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
        roles = ", ".join(self.role(role) for role in seat.roles)
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

    def cited(self, about: Duty | Flag | Hold) -> str:
        """Return our own id of the clause that something stands under, and how it is cited."""
        protocol = self.protocol(about)
        return f"{about.clause}, {protocol.cited(protocol.by_id[about.clause])}"

    def change(self, change: Change, about: Duty | Flag | Hold | None) -> str:
        """Return one change as a sentence."""
        if about is None:
            return f"{change.what.replace('_', ' ').capitalize()}."
        said = f"{self.cited(about)}: {self._changed(change, about)}"
        return said if said.endswith(".") else f"{said}."

    def _changed(self, change: Change, about: Duty | Flag | Hold) -> str:
        match about:
            case Duty() if change.what == "opened":
                return f"owed by {self.owners(about)}, {self.due(about)}"
            case Duty() if change.what == "moved":
                was = short_day(date.fromisoformat(change.was)) if change.was else "without a date"
                return f"now {self.due(about)}; it was {was}"
            case Duty() if change.what == "covered":
                return f"part of it is done, {change.now} of {change.was} left"
            case Flag() if change.what in ("flagged", "answered"):
                return self.answer(about)
            case Hold() if change.what == about.begun:
                bars = "the clocks stand still" if about.sort == HALT else "the move is frozen"
                return f"{bars} while this is open: {self.word('process', about.process)}"
        return CHANGED.get(change.what, change.what.replace("_", " "))

    def answer(self, flag: Flag) -> str:
        """Return how a tripped clause was answered and, of a breach, what it asks for."""
        said = ANSWERED[flag.answer]
        if flag.answer is Answer.EXCEPTED and flag.exception:
            said = f"{said} ({flag.exception.replace('_', ' ')})"
        return f"{said}: {said_reason(flag, self.protocol(flag))}"

    def owners(self, duty: Duty) -> str:
        """Return who owes a duty: any of them."""
        return " or ".join(self._owner(duty, role) for role in duty.owner)

    def _owner(self, duty: Duty, role: str) -> str:
        person = duty.named.get(role)
        return f"{self.role(role)} ({person})" if person else self.role(role)

    def due(self, duty: Duty) -> str:
        """Return when a duty is due: `due on Mon 13 Apr 2026`."""
        if duty.halted:
            return "its clock stands still"
        if duty.at_once:
            return "due at once"
        if duty.due_on is None:
            return "without a time limit"
        return f"due on {short_day(duty.due_on)}{', provisionally' if duty.provisional else ''}"

    # --- who hears ----------------------------------------------------------------------

    def hearer(self, notice: Notice) -> str:
        """Return who is told: the role, or its manager."""
        label = self.role(notice.role)
        named = f"{label} ({notice.person_id})" if notice.person_id else label
        return f"manager of {named}" if notice.via_manager else named

    def notice(self, notice: Notice, about: Duty | Flag | Hold | None, at: datetime) -> str:
        """Return who is told and why, as a sentence."""
        hearer, said = self.hearer(notice), self.why(notice, about, at)
        cited = f" ({self.cited(about)})" if about else ""
        return f"{hearer[:1].upper()}{hearer[1:]}: {said}{cited}."

    def why(self, notice: Notice, about: Duty | Flag | Hold | None, at: datetime) -> str:
        """Return why somebody is told."""
        sort, due = occasion_sort(notice.occasion), notice.due_on
        match about:
            case Duty() if sort == "opened":
                return f"this is owed by {self.owners(about)}, {self.due(about)}"
            case Duty() if sort == "rung-opened":
                return f"it is theirs to see to, {self.due(about)}"
            case Duty() | Flag() if sort == "rung-open_for":
                return f"still waiting since {short_moment(about.opened_at)}"
            case Duty() if sort == "rung-after_due" and due:
                late = working_days_between(due, at.astimezone(LONDON).date(), self.calendar.closed)
                return f"overdue by {_counted(late, 'working day')}, it was due on {short_day(due)}"
            case Duty() if sort in ("rung-before_due", "moved") and due:
                return f"{OCCASIONS[sort]}, due on {short_day(due)}"
            case Flag() if sort == "flagged":
                return (
                    f"something {ANSWERED[about.answer]} was recorded"
                    if about.answer is Answer.SAFETY
                    else f"{ANSWERED[about.answer]} was recorded"
                )
            case Hold() if about.sort == HALT:
                return CHANGED["halted" if sort == "halted" else "resumed"]
        return OCCASIONS.get(sort, sort.replace("_", " "))

    def protocol(self, about: Duty | Flag | Hold) -> Protocol:
        """Return the protocol that something stands under."""
        return next(each for each in self.protocols if each.id == about.protocol)


def basis(notice: Notice) -> str:
    """Return what a notice rests on: a clause, a ladder of the authority's own, or what it retells."""
    sort = occasion_sort(notice.occasion)
    return "ladder" if sort.startswith("rung") else "clause" if sort in SPOKEN else "retelling"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
