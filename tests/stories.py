"""A case told fact by fact, and what may be asked of it: the core alone, nothing stored or sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from chalicelib.calendars import shipped_calendar
from chalicelib.core.case import Case, Decision, Duty, Flag, Notice, Standing
from chalicelib.core.clocks import Clocks
from chalicelib.core.decision import decide
from chalicelib.core.london import day_of
from chalicelib.core.protocol import Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.standing import stand
from chalicelib.core.trace import CALENDAR_CHANGED, Trace
from chalicelib.core.working_days import Calendar, Nation
from chalicelib.protocol_files import Shelf
from tests.part import PartShelf

CALENDAR = shipped_calendar(Nation.ENGLAND)
CLOCKS = Clocks(calendar=CALENDAR, day_zero="event")
TOWER_HAMLETS = PartShelf().load("tower-hamlets-2026-01-01")
# An invented authority, whose clauses use the forms that no shipped file uses yet.
WEXCOMBE = Shelf(Path(__file__).parent / "shelf").load("wexcombe-2026-01-01")


def rules(*protocols: Protocol) -> Rules:
    return Rules(protocols=protocols or (TOWER_HAMLETS,), calendar=CALENDAR, calendar_hash=CALENDAR.hash)


def standing_of(facts: Iterable[Trace], *protocols: Protocol) -> Standing:
    return stand(facts, rules(*protocols), "PC-1").standing


@dataclass
class Story:
    """One case: `told` tells it facts in order of arrival; the answers are as it stands after them."""

    rules: Rules = field(default_factory=rules)
    decisions: list[Decision] = field(default_factory=list)
    case: Case = field(
        default_factory=lambda: Case(
            id="PC-1", authority="tower-hamlets", child_reference="TH-1042", protocols=(TOWER_HAMLETS.id,)
        )
    )

    def told(self, *facts: Trace) -> "Story":
        for each in facts:
            self.decisions.append(decide(self.case, each, self.rules))
            self.case = self.decisions[-1].after
        return self

    def counted_by(self, calendar: Calendar, learned: datetime) -> "Story":
        """Tell the case at a moment of another calendar, as the service does it."""
        was = self.rules
        self.rules = replace(
            was,
            calendar=calendar,
            calendar_hash=calendar.hash,
            former_calendars={**was.former_calendars, was.calendar_hash: was.calendar},
        )
        changed = Trace(
            id=f"calendar@{learned.isoformat()}",
            kind=CALENDAR_CHANGED,
            on=day_of(learned),
            learned_at=learned,
            words={"from": (was.calendar_hash,), "to": (calendar.hash,)},
        )
        return self.told(changed)

    @property
    def heard(self) -> list[Notice]:
        """Every notice there was, first to last."""
        return [notice for decision in self.decisions for notice in decision.notices]

    @property
    def latest(self) -> Decision:
        return self.decisions[-1]

    def roles_told(self, clause: str, occasion: str = "") -> list[str]:
        """Who the latest fact makes hear of a clause, on occasions that begin so."""
        return [
            notice.role
            for notice in self.latest.notices
            if notice.clause == clause and notice.occasion.startswith(occasion)
        ]

    def changes(self, clause: str) -> list[str]:
        """What the latest fact changed about a clause."""
        return [change.what for change in self.latest.changes if change.clause == clause]

    def duties(self, clause: str) -> list[Duty]:
        return [duty for duty in self.case.standing.duties if duty.clause == clause]

    def duty(self, clause: str) -> Duty:
        (found,) = self.duties(clause)
        return found

    def flags(self, clause: str) -> list[Flag]:
        return [flag for flag in self.case.standing.flags if flag.clause == clause]

    def flag(self, clause: str) -> Flag:
        (found,) = self.flags(clause)
        return found
