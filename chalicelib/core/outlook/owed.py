"""What is owed on a case: by whom, by when, and what would meet it; the most urgent first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.core.case import Case, Duty, State
from chalicelib.core.effects import Force
from chalicelib.core.explaining.deadlines import said_limit
from chalicelib.core.explaining.duties import Owed, view_of
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.explaining.owners import said_owner
from chalicelib.core.history import History
from chalicelib.core.labels import listed
from chalicelib.core.london import closes_at, day_of
from chalicelib.core.patterns import By
from chalicelib.core.rules import Rules
from chalicelib.core.saying import said_by, said_day
from chalicelib.core.working_days import working_days_between

URGENCIES = ("overdue", "at_once", "dated", "undated", "halted")
# Further back than this nobody counts working days.
LONG_AGO = timedelta(days=3650)
TAKEN_OVER = (
    "protocol",
    "title",
    "version",
    "clause",
    "printed",
    "cited",
    "force",
    "text",
    "basis",
    "opened_by",
    "opened_on",
    "owed_by",
    "due_on",
    "provisional",
    "not_before",
    "met_by",
    "left",
    "nearest",
    "halted_since",
    "days_left",
    "resumes_when",
)


def owed(case: Case, rules: Rules, now: datetime) -> list[Explained]:
    """Return every open duty of every protocol, in the order in which they press."""
    history = History(case.facts)
    views = {each.id: view_of(each.id, rules, history) for each in rules.protocols}
    pressing = [
        Pressing(owed=Owed(duty=duty, view=views[duty.protocol]), now=now)
        for duty in case.standing.duties
        if duty.state is State.OPEN
    ]
    return [each.data() for each in sorted(pressing, key=lambda each: each.order)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """One open duty at one moment."""

    owed: Owed
    now: datetime

    @property
    def duty(self) -> Duty:
        """The duty itself."""
        return self.owed.duty

    @property
    def today(self) -> date:
        """London's day."""
        return day_of(self.now)

    @property
    def urgency(self) -> str:
        """How it presses: a prompt that the text says *may* is never overdue, nor what has no date."""
        duty = self.duty
        if duty.due_on and self._is_over(duty.due_on) and self.owed.clause.force is not Force.MAY:
            return "overdue"
        if duty.halted:
            return "halted"
        if duty.at_once:
            return "at_once"
        return "dated" if duty.due_on else "undated"

    def _is_over(self, due_on: date) -> bool:
        return closes_at(due_on, self.duty.due_by) <= self.now

    @property
    def order(self) -> tuple[int, date, str, str]:
        """What decides which of two presses more."""
        duty = self.duty
        return URGENCIES.index(self.urgency), duty.due_on or duty.opened_on, duty.clause, duty.id

    def data(self) -> Explained:
        """Return it with everything that somebody who is to do it asks."""
        explained: Mapping[str, object] = self.owed.data()
        return {
            "id": self.duty.id,
            "urgency": self.urgency,
            **{name: explained[name] for name in TAKEN_OVER},
            "overdue_working_days": self._late,
            "open_minutes": int((self.now - self.duty.opened_at).total_seconds() // 60),
            # Where nobody said at what time it happened, they run from when we learned of it.
            "open_minutes_from": "learned" if self.owed.fact.at is None else "happened",
            "said": f"{self._said_when()}: {explained['met_by']}; owed by {self._said_owners()}, "
            f"by {explained['cited']} ({explained['title']}).",
        }

    @property
    def _late(self) -> int | None:
        due_on = self.duty.due_on
        if due_on is None or self.urgency != "overdue" or self.today - due_on > LONG_AGO:
            return None
        return working_days_between(due_on, self.today, self.owed.deadline.clocks.counting.closed)

    def _said_when(self) -> str:
        duty = self.duty
        match self.urgency:
            case "overdue":
                late = self._late
                days = f" ({late} working day{'' if late == 1 else 's'} ago)" if late else ""
                return f"Overdue: it was due on {self._said_due()}{days}"
            case "halted":
                return "Owed, while its clock stands still"
            case "at_once":
                return "Owed at once"
            case "dated":
                provisional = ", provisionally" if duty.provisional else ""
                return f"Due on {self._said_due()}{provisional}"
            case _:
                return f"Owed since {said_day(duty.opened_on)}, {self._said_undated()}"

    def _said_due(self) -> str:
        return f"{said_day(self.duty.due_on or self.duty.opened_on)}{said_by(self.duty.due_by)}"

    def _said_undated(self) -> str:
        match self.owed.obligation.due:
            case By() as limit:
                return f"due {said_limit(limit, self.owed.view.protocol)}"
            case None:
                return "without a time limit"
            case _:
                return "without a date"

    def _said_owners(self) -> str:
        return listed([said_owner(each, self.owed.view) for each in self.owed.owners])
