"""The occasion of a notice, read back from its name: which rung, moved to when, made so by what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.core.case import FREEZE, HALT, Duty, Flag, Hold, Notice, State
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.ladders import rungs_for
from chalicelib.core.protocol import Protocol, Rung
from chalicelib.core.saying import said_day
from chalicelib.core.tasks import CHASED, TASK, UNDELIVERED

RUNG, MOVED, BREACH = "rung", "moved", "breach"
FLAGS = ("flag", "safety", "excepted")

# What each occasion says; a freeze and a halt have words of their own.
SAID = {
    "missed": "it can no longer be done in time",
    "flagged": "a step was taken that the clause does not allow as it stood",
    "frozen": "the move is frozen",
    "halted": "the clocks stand still",
    "released": "this freeze has ended",
    "resumed": "this halt has ended",
    "withdrawn": "what they had been told no longer applies",
    "superseded": "the case was moved to other protocols, which ask this no more",
    "excused": "it was excused",
    "reopened": "it is open again",
    "allocated": "it is now theirs: somebody else had it before",
    "cleared": "the flag was cleared",
    UNDELIVERED: "a notice under this clause did not reach whom it was for",
    TASK: "a notice under this clause did not arrive, and somebody is to be told another way",
    CHASED: "a notice under this clause did not arrive, and nobody has recorded that somebody was told of it",
}
# What an occasion says of a thing as it stood then, where that is more than its own words.
SAID_OF = {
    ("withdrawn", "met"): "it was done in time after all",
    ("withdrawn", FREEZE): "this freeze never applied",
    ("withdrawn", HALT): "this halt never applied",
    ("excused", "excepted"): "an exception passes it after all",
    ("flagged", "safety"): "a step was taken for safety that the clause does not allow as it stood",
}
# What a flag, a freeze or a halt says once more when it returns.
RETURNING = ("flagged", "frozen", "halted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a notice's occasion says: its sort, and for a rung its place and how often it repeated."""

    sort: str
    cause: str | None = None
    moved_to: date | None = None
    rung: str = ""
    position: int = 0
    number: int = 0
    anchor: str = ""

    def said(self, *, due_on: date | None, kind: str, provisional: bool) -> str:
        """Return the occasion as it reads after "because"; `kind` is of `kind_of`."""
        due = f"due on {said_day(due_on)}{', provisionally' if provisional else ''}" if due_on else ""
        match self.sort:
            case "rung":
                return _said_rung(self.rung, due, kind)
            case "opened":
                return f"it became owed{', ' + due if due else ''}"
            case "moved":
                return f"its date moved to {said_day(self.moved_to)}" if self.moved_to else "its date moved"
        said = SAID_OF.get((self.sort, kind)) or SAID.get(self.sort, self.sort.replace("_", " "))
        return f"it stands again that {said}" if self.cause and self.sort in RETURNING else said


def _said_rung(rung: str, due: str, kind: str) -> str:
    flagged = kind in FLAGS
    begun = "was flagged" if flagged else "was missed" if kind == "missed" else "became owed"
    match rung:
        case "opened":
            return f"it {begun}{', ' + due if due else ''}"
        case "before_due":
            return f"it is {due or 'due soon'}"
        case "after_due":
            return f"it is overdue: it was {due or 'due'}"
        case _:
            waits = "nobody has excused it" if flagged or kind == "missed" else "is still open"
            return f"it {begun} and {waits}"


def kind_of(about: Duty | Flag | Hold | None) -> str:
    """Return what a notice is about as its occasion speaks of it: a state, an answer, a freeze or a halt."""
    match about:
        case Duty():
            return str(about.state)
        case Flag():
            answer = str(about.answer)
            return answer if answer in FLAGS else "flag"
        case Hold():
            return about.sort
    return "open"


def occasion_of(name: str) -> Occasion:
    """Read an occasion as a standing names it: `rung|after_due|2|0|2026-10-19`, `missed:f-…`."""
    if name.startswith((f"{RUNG}|", f"{CHASED}|")):
        sort, rung, position, number, anchor = name.split("|", 4)
        return Occasion(sort=sort, rung=rung, position=int(position), number=int(number), anchor=anchor)
    sort, _, cause = name.partition(":")
    if sort == MOVED:
        on, _, cause = cause.partition(":")
        return Occasion(sort=sort, cause=cause or None, moved_to=date.fromisoformat(on))
    return Occasion(sort=sort, cause=cause or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A rung of a ladder that a notice left at, and for the how many-th time.

    `serves` is the sort of thing that the ladder is for.
    """

    rung: Rung
    number: int
    serves: str

    @property
    def days(self) -> int:
        """How many working days before or after the due day it left."""
        first = self.rung.before_due_days or self.rung.after_due_days or 0
        return first + self.number * (self.rung.repeat_days or 0)

    def data(self) -> Explained:
        """Return it as data."""
        return {
            "opened": self.rung.opened,
            "before_due_days": self.rung.before_due_days,
            "after_due_days": self.days if self.rung.after_due_days is not None else None,
            "open_for_hours": self.rung.open_for_hours,
            "repeat_days": self.rung.repeat_days,
            "repeated": self.number,
            "tell": list(self.rung.tell),
            "urgency": str(self.rung.urgency),
        }

    def said(self) -> str:
        """Return which rung it is, as a sentence."""
        days = f"{self.days} working day{'' if self.days == 1 else 's'}"
        if self.rung.opened:
            return "The ladder says so when it opens."
        if self.rung.before_due_days is not None:
            return f"The ladder reminds {days} before the day it is due."
        if self.rung.after_due_days is not None:
            since = "the task was opened" if self.serves == TASK else "the day it was due"
            return f"The ladder tells {days} after {since}."
        again = f", and every {self.rung.repeat_days} working days until it is settled"
        hours = f"The ladder tells when it has been open for {self.rung.open_for_hours} hours"
        return f"{hours}{again if self.rung.repeat_days else ''}."

    def asked(self, role: str, *, owes: bool) -> str:
        """Return for what the rung names a role: `{}, who owes it`."""
        if role in self.rung.tell:
            return "{}"
        if self.serves == TASK:
            return "{}, who sees to it" if "owner" in self.rung.tell else "the manager of {}, who sees to it"
        if "owner_manager" in self.rung.tell and "owner" not in self.rung.tell:
            return "the manager of {}, who owes it"
        return "{}, who owes it" if owes else "{}, whom the clause protects"


def reached_by(
    occasion: Occasion, notice: Notice, about: Duty | Flag | Hold | None, protocol: Protocol
) -> Reached | None:
    """Return the rung that gave a notice, none where no ladder did or the file has no such rung."""
    if occasion.sort not in (RUNG, CHASED):
        return None
    for clause, sort in _ladders(occasion, notice, about):
        rungs = rungs_for(protocol, clause, sort)
        if occasion.position < len(rungs) and _is(rungs[occasion.position], occasion.rung):
            return Reached(rung=rungs[occasion.position], number=occasion.number, serves=sort)
    return None


def _ladders(
    occasion: Occasion, notice: Notice, about: Duty | Flag | Hold | None
) -> Iterator[tuple[str, str]]:
    """Yield the ladders that may have given a notice, the likeliest first."""
    if occasion.sort == CHASED:
        yield "", TASK
        return
    if isinstance(about, Flag):
        yield "", BREACH
        return
    if isinstance(about, Duty) and about.state is State.MISSED and occasion.anchor == str(about.settled_on):
        yield "", BREACH
    if isinstance(about, Duty) and about.at_once:
        yield notice.clause, "at_once"
    yield notice.clause, "dated" if notice.due_on else "undated"
    yield notice.clause, "at_once"
    yield "", BREACH


def _is(rung: Rung, sort: str) -> bool:
    match sort:
        case "opened":
            return rung.opened
        case "before_due":
            return rung.before_due_days is not None
        case "after_due":
            return rung.after_due_days is not None
        case _:
            return rung.open_for_hours is not None
