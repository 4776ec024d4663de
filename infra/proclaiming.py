"""The chapter of the story in which GOV.UK lists one more bank holiday, and then does not."""

from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.core.saying import said_day
from chalicelib.core.working_days import add_working_days
from infra.telling import Telling

OWING = ("team_manager", "social_worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proclaiming(Telling):
    """Tells it with the gazette, which stands in GOV.UK's place."""

    def proclaimed(self) -> None:
        """10. One day more: a deadline moves, and whoever owes it hears so once."""
        self.chapter("10. A bank holiday is proclaimed, and called off again")
        case_id = self._placed_yesterday()
        due_on = self._due_on(case_id)
        day = add_working_days(self.today, 2, self.closed)
        self.player.say(f"\n  GOV.UK lists one day more: {said_day(day)}.")
        self.gazette.proclaimed[day] = "Day of thanks"
        try:
            self._moves(case_id, add_working_days(due_on, 1, self.closed))
            self.player.say("       Asked once more: nothing is sent again.")
            self.player.ask_gov_uk()
            self.insist(not self.player.settle(case_id), "a move is told once")
        finally:
            self.player.say(f"\n  The day is called off: GOV.UK does not list {said_day(day)} any more.")
            del self.gazette.proclaimed[day]
            self.player.ask_gov_uk()
        self.insist_told(self.player.settle(case_id), "PP-06", *OWING)
        self.insist(self._due_on(case_id) == due_on, f"it is due on {said_day(due_on)} again")

    def _placed_yesterday(self) -> str:
        """Open a case of a child placed in an emergency, with seven working days that are not over."""
        yesterday = self.today - timedelta(days=1)
        case_id = self.open_case(yesterday)
        details = {"entry": "unplanned", "placement_type": "foster"}
        self.fact(case_id, "placement_started", yesterday, {"placement_id": "P-78", "details": details})
        self.player.settle(case_id, aloud=False)
        return case_id

    def _moves(self, case_id: str, later: date) -> None:
        self.player.ask_gov_uk()
        self.insist_told(self.player.settle(case_id), "PP-06", *OWING)
        self.insist(self._due_on(case_id) == later, f"it is due on {said_day(later)} now")

    def _due_on(self, case_id: str) -> date:
        return date.fromisoformat(self.player.duty(case_id, "PP-06")["due_on"])
