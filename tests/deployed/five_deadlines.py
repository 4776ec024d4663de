"""Five open deadlines around a day that is to be proclaimed, told to the service by HTTP.

Whatever day it is: they are counted from today by the list as it stands, and the day to be proclaimed is the
second working day from now.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from chalicelib.calendars import shipped_calendar
from chalicelib.core import working_days
from chalicelib.core.working_days import Nation
from infra.riverbank import address
from tests.deployed.deployed import Service

# What is told of the children, and nothing that any letter may say.
CHILDS = ("RB-", "section_20", "foster", "unplanned", "at_risk", "carer_difficulty", "challenge")

CLOSED = shipped_calendar(Nation.ENGLAND).closed
add = partial(working_days.add_working_days, closed=CLOSED)
subtract = partial(working_days.subtract_working_days, closed=CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One open deadline: when it is due, when once the day is proclaimed, and who hears that it moves."""

    case_id: str
    clause: str
    due_on: date
    then_due_on: date
    people: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether the proclaimed day is one of those that it counts."""
        return self.due_on != self.then_due_on

    def called_off(self) -> "Deadline":
        """Return it as it moves back once the day is withdrawn."""
        return replace(self, due_on=self.then_due_on, then_due_on=self.due_on)

    @property
    def addresses(self) -> list[str]:
        """Where those who hear of it read their mail."""
        return [address(each) for each in self.people]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caseload:
    """Somebody who opens a case for each deadline, `today`."""

    service: Service
    today: date

    @property
    def proclaimed(self) -> date:
        """The day to be proclaimed."""
        return add(self.today, 2)

    def five(self) -> Iterator[Deadline]:
        """Open them: three that count the day, by three clauses of two protocols, and two that do not."""
        yield self.placed_in_residential_care()
        yield self.at_risk()
        yield self.challenged()
        yield self.over_by_then()
        yield self.on_a_day_that_was_agreed()

    def placed_in_residential_care(self) -> Deadline:
        """Three working days for a planning meeting, owed by the home."""
        people = {"home_manager": "fm.novak", "key_worker": "ssw.halloran"}
        case_id = self._case("RB-7001", self.today, people)
        self._placed(case_id, self.today, "residential")
        return self._moving(case_id, "PP-05", 3, people)

    def at_risk(self, child: str = "RB-7002") -> Deadline:
        """Five working days for a stability meeting, owed by two managers."""
        people = {"team_manager": "tm.ferreira", "practice_manager": "pm.sorensen"}
        case_id = self._case(child, self.today, people)
        said_by = [{"person_id": "sw.brandt"}]
        self.service.record(case_id, "concern_raised", self.today, by=said_by, reasons=["at_risk"])
        return self._moving(case_id, "PP-09", 5, people)

    def challenged(self) -> Deadline:
        """Twenty working days for a challenge to end, owed by a team manager."""
        people = {"team_manager": "po.eriksen"}
        case_id = self._case("RB-7003", self.today, people)
        challenge = {"process": "iro_challenge", "process_id": "challenge-1"}
        self.service.record(case_id, "process_opened", self.today, **challenge)
        return self._moving(case_id, "TH-39", 20, people)

    def over_by_then(self) -> Deadline:
        """Seven working days that end on the eve: the proclaimed day comes too late for them."""
        eve = add(self.today, 1)
        began_on = subtract(eve, 7)
        case_id = self._case("RB-7004", began_on, {"team_manager": "tm.ferreira"})
        self._placed(case_id, began_on, "foster")
        return Deadline(case_id=case_id, clause="PP-06", due_on=eve, then_due_on=eve)

    def on_a_day_that_was_agreed(self) -> Deadline:
        """A meeting on a day after the proclaimed one, which people agreed on and nobody counted."""
        agreed = add(self.today, 5)
        case_id = self._case("RB-7005", self.today, {"home_manager": "fm.novak"})
        meeting = {"meeting_id": "m-1", "by": [{"person_id": "fm.novak"}]}
        planned = {"meeting": "planning", "placement_id": "RB-P-77", "planned_for": agreed.isoformat()}
        self.service.record(case_id, "meeting_convened", self.today, **meeting, **planned)
        # What else is due by that day is done.
        papers = {"papers": [{"paper": "The care plan", "how": "obtained"}]}
        self._done(case_id, "papers_gathered", **meeting, contents=papers)
        everybody = [{"role": role} for role in ("child", "parent", "invited")]
        self._done(case_id, "meeting_explained", **meeting, to=everybody)
        return Deadline(case_id=case_id, clause="PP-08", due_on=agreed, then_due_on=agreed)

    def goes_on(self, deadline: Deadline) -> None:
        """Record something more on its case."""
        self._done(deadline.case_id, "advocate_or_visitor_considered", by=[{"person_id": "sw.brandt"}])

    def _moving(self, case_id: str, clause: str, count: int, people: dict[str, str]) -> Deadline:
        return Deadline(
            case_id=case_id,
            clause=clause,
            due_on=add(self.today, count),
            then_due_on=add(self.today, count + 1),
            people=tuple(people.values()),
        )

    def _case(self, child: str, on: date, people: dict[str, str]) -> str:
        """Open a case whose alert is acknowledged at once, so that nothing else on it has a date."""
        allocated = {"iro": "iro.okafor", "social_worker": "sw.brandt", **people}
        case_id: str = self.service.refer(child, on=on, allocations=allocated).body["case_id"]
        self._done(case_id, "alert_acknowledged", on, by=[{"person_id": "iro.okafor"}])
        return case_id

    def _placed(self, case_id: str, on: date, placement_type: str) -> None:
        details = {"entry": "unplanned", "placement_type": placement_type}
        self.service.record(case_id, "placement_started", on, placement_id="RB-P-77", details=details)

    def _done(self, case_id: str, step: str, on: date | None = None, **body: object) -> None:
        self.service.record(case_id, "step_done", on or self.today, step=step, **body)
