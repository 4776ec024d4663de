"""The story that Holdfast is for, from a referral to an overdue e-mail, in six chapters.

It begins four weeks ago, so that every deadline in it has come and gone by now. Each chapter
insists on what it tells: a chapter that comes out otherwise raises `NotAsTold`.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from chalicelib.calendars import shipped_calendar
from chalicelib.core.london import LONDON
from chalicelib.core.working_days import Nation, add_working_days, first_working_day
from infra.playing import Json, NotAsTold, Player
from infra.riverbank import CAST, ID, address

FIVE = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")
WEEKS_AGO = timedelta(weeks=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Tells the story to one player; `today` is London's date."""

    player: Player
    today: date

    # --- days -------------------------------------------------------------------------------

    @property
    def begins_on(self) -> date:
        """The first working day from four weeks ago."""
        return first_working_day(self.today - WEEKS_AGO, self._closed)

    @property
    def _closed(self) -> Mapping[date, str]:
        return shipped_calendar(Nation.ENGLAND).closed

    def day(self, number: int) -> date:
        """Return the story's day: so many working days after it begins."""
        return add_working_days(self.begins_on, number, self._closed) if number else self.begins_on

    def morning_after(self, due_on: date, number: int) -> datetime:
        """Return a quarter past eight, so many working days after a due date."""
        return at(add_working_days(due_on, number, self._closed), time(8, 15))

    # --- the six chapters -------------------------------------------------------------------

    def whole(self) -> None:
        """Tell all of it, in order."""
        with self.player.clock_stopped():
            self.player.mail_since()
            self.player.published()
            case_id = self.referral()
            self.meeting(case_id)
            self.not_viable(case_id)
            self.sent(case_id)
            self.guards()
            self.breakdowns()

    def referral(self) -> str:
        """1. A referral arrives; the reviewing officer is told, and chased until they answer."""
        self._chapter("1. A referral arrives")
        opened = self.player.post(
            "/v1/referrals", self.referral_body(at=at(self.begins_on, time(9, 12))), expect=201
        )
        case_id = str(opened.body["case_id"])
        self._insist_told(self.player.settle(case_id), "iro")
        self.player.duty(case_id, "TH-21")
        self.player.tick(at(self.begins_on, time(11, 20)))
        self._insist_told(self.player.settle(case_id), "iro")
        self.player.say("\n  The officer answers in the case system, which sends a signed webhook.")
        acknowledged = {
            "on": self.begins_on.isoformat(),
            "at": at(self.begins_on, time(12, 5)).isoformat(),
            "step": "alert_acknowledged",
            "by": [_person("iro")],
        }
        self.player.signed("step_done", case_id, acknowledged, expect=201)
        self._insist(self.player.duty(case_id, "TH-21")["state"] == "met", "the alert is acknowledged")
        return case_id

    def meeting(self, case_id: str) -> None:
        """2. A meeting is convened; two people each have to tell the Group Manager."""
        self._chapter("2. A Placement Support Meeting is convened")
        self._fact(
            case_id,
            "meeting_convened",
            self.day(1),
            {
                "meeting": "placement_support",
                "meeting_id": "psm-1",
                "planned_for": self.day(4).isoformat(),
                "invited": [_person("iro"), _person("social_worker"), {"role": "child"}],
            },
        )
        self._insist_told(self.player.settle(case_id), "gm_iro")
        for role, left in (("iro", 1), ("team_manager", 0)):
            self._fact(
                case_id,
                "step_done",
                self.day(2),
                {
                    "step": "meeting_notified",
                    "meeting_id": "psm-1",
                    "by": [_person(role)],
                    "to": [{"role": "gm_iro"}],
                },
            )
            duty = self.player.duty(case_id, "TH-18")
            self._insist(len(duty["explanation"]["left"]) == left, f"{left} cells of TH-18 are left")
        self._fact(
            case_id,
            "step_done",
            self.day(2),
            {"step": "meeting_logged", "meeting_id": "psm-1", "by": [_person("gm_iro")]},
        )
        log = self.player.get("/v1/meetings")["items"]
        self._insist(any(each["case_id"] == case_id for each in log), "the meeting is in the log")
        self.player.settle(case_id)

    def not_viable(self, case_id: str) -> None:
        """3. A further meeting finds the placement not viable; nobody sends the records."""
        self._chapter("3. A further meeting finds the placement no longer viable")
        self._held(case_id, "placement_support", "psm-1", self.day(4), "further_meeting_needed")
        self._fact(
            case_id,
            "meeting_convened",
            self.day(5),
            {
                "meeting": "further_placement_support",
                "meeting_id": "psm-2",
                "planned_for": self.day(7).isoformat(),
            },
        )
        self.player.settle(case_id)
        self._held(case_id, "further_placement_support", "psm-2", self.day(7), "not_viable")
        self._insist_told(self.player.settle(case_id), *FIVE)
        due_on = date.fromisoformat(self.player.duty(case_id, "TH-35")["due_on"])
        rungs: Sequence[tuple[datetime, tuple[str, ...]]] = (
            (at(add_working_days(self.day(7), 2, self._closed), time(8, 15)), ("social_worker",)),
            (self.morning_after(due_on, 1), ("social_worker", "team_manager")),
            (self.morning_after(due_on, 3), ("gm_social_work",)),
            (self.morning_after(due_on, 5), ("service_manager",)),
        )
        for moment, roles in rungs:
            self.player.tick(moment)
            self._insist_told(self.player.settle(case_id), *roles)
            self.player.say("       The same moment once more: nothing is sent again.")
            self.player.tick(moment, aloud=False)
            self._insist(not self._about(self.player.settle(case_id), "TH-35"), "a rung fires once")

    def sent(self, case_id: str) -> None:
        """4. The records are sent: the deadline settles and nothing more is chased."""
        self._chapter("4. The records are sent")
        for meeting_id, left in (("psm-2", 5), ("psm-1", 0)):
            self._fact(
                case_id,
                "document_sent",
                self.day(16),
                {
                    "document": "meeting_record",
                    "meeting_id": meeting_id,
                    "to": [{"role": role} for role in FIVE],
                },
            )
            owed = len(self.player.duty(case_id, "TH-35")["explanation"]["left"])
            self._insist(owed == left, f"{left} records are left to send")
        settled = self.player.duty(case_id, "TH-35")
        self._insist(settled["next_action_at"] is None, "nothing more is chased")
        self.player.settle(case_id)

    def guards(self) -> None:
        """5. Moves: proposed, excepted, recorded, decided by the wrong person, challenged."""
        self._chapter("5. A move with no meeting held")
        case_id = self._open(self.day(9))
        decision = {"decision": "move", "by": [_person("team_manager")], "on": self.day(10).isoformat()}
        path = f"/v1/cases/{case_id}/proposals/decision_made"
        refused = self.player.post(path, decision, expect=409)
        self._insist([each["clause"] for each in refused.body["reasons"]] == ["TH-25"], "TH-25 refuses it")
        claim = {
            "name": "immediate_harm",
            "because": "An incident last night.",
            "approver": CAST["team_manager"],
        }
        self.player.post(path, {**decision, "exceptions": [claim]}, expect=201)
        self._insist_told(self.player.settle(case_id), "iro")
        self._wrong_person()
        self._challenge(case_id)

    def _wrong_person(self) -> None:
        self._chapter("   … recorded as done, by somebody whose decision it isn't")
        case_id = self._open(self.day(9))
        self._fact(
            case_id, "decision_made", self.day(10), {"decision": "move", "by": [_person("social_worker")]}
        )
        self._insist_told(self.player.settle(case_id), "iro", "gm_iro")
        flags = self.player.get(f"/v1/cases/{case_id}")["flags"]
        breached = {each["explanation"]["clause"] for each in flags if each["answer"] == "breach"}
        self._insist(breached == {"TH-25", "TH-37"}, f"TH-25 and TH-37 are flagged, not {breached}")

    def _challenge(self, case_id: str) -> None:
        self._chapter("   … and challenged: the move is frozen")
        self._fact(
            case_id, "process_opened", self.day(11), {"process": "iro_challenge", "process_id": "ch-1"}
        )
        self.player.settle(case_id)
        self.player.duty(case_id, "TH-39")
        ending = {"on": self.day(12).isoformat(), "placement_id": "P-77", "manner": "planned"}
        self.player.post(f"/v1/cases/{case_id}/proposals/placement_ended", ending, expect=409)
        self._fact(case_id, "process_ended", self.day(12), {"process": "iro_challenge", "process_id": "ch-1"})
        self.player.post(f"/v1/cases/{case_id}/proposals/placement_ended", ending, expect=201)
        self.player.settle(case_id)

    def breakdowns(self) -> None:
        """6. Two breakdowns in two cases of one child oblige a Disruption Meeting."""
        self._chapter("6. Two breakdowns for one child within twelve months, in two cases")
        child = f"RB-{uuid.uuid4().int % 1_000_000:06d}"
        first = self._open(self.day(0), child, placement="P-76")
        second = self._open(self.day(8), child, placement="P-77")
        breakdown = {"placement_id": "P-76", "manner": "unplanned"}
        wrong = self._fact(first, "placement_ended", self.begins_on - timedelta(days=200), breakdown)
        self._fact(second, "placement_ended", self.day(10), {**breakdown, "placement_id": "P-77"})
        self._insist_told(self.player.settle(second), "iro", "social_worker", "team_manager")
        self._insist(self.player.duty(second, "TH-42")["state"] == "open", "a Disruption Meeting is owed")
        self.player.say("\n  The first date was wrong: it was more than a year before.")
        right = {**breakdown, "replaces": wrong["fact_id"]}
        self._fact(first, "placement_ended", self.day(10) - timedelta(days=380), right)
        items = self.player.get(f"/v1/cases/{second}/obligations")["items"]
        owed = [each for each in items if each["explanation"]["clause"] == "TH-42"]
        self._insist(not owed, "the Disruption Meeting is no longer owed")
        self.player.settle(second)

    # --- what chapters are made of ----------------------------------------------------------

    def referral_body(self, at: datetime, child: str | None = None, placement: str = "P-77") -> Json:
        """Return a referral for a child of the invented council."""
        return {
            "on": at.astimezone(LONDON).date().isoformat(),
            "at": at.isoformat(),
            "authority": ID,
            "child_reference": child or f"RB-{uuid.uuid4().int % 1_000_000:06d}",
            "placement_id": placement,
            "placement_type": "foster",
            "legal_status": "care_order",
            "change": "unplanned",
            "reasons": ["carer_difficulty"],
            "allocations": {role: CAST[role] for role in ("iro", "social_worker", "team_manager")},
        }

    def _open(self, on: date, child: str | None = None, placement: str = "P-77") -> str:
        body = self.referral_body(at(on, time(9, 30)), child, placement)
        case_id = str(self.player.post("/v1/referrals", body, expect=201).body["case_id"])
        self.player.settle(case_id)
        return case_id

    def _held(self, case_id: str, meeting: str, meeting_id: str, on: date, outcome: str) -> None:
        self._fact(
            case_id,
            "meeting_held",
            on,
            {
                "meeting": meeting,
                "meeting_id": meeting_id,
                "chair": _person("iro"),
                "outcome": outcome,
                "present": [_person("iro"), _person("social_worker"), {"role": "child"}],
            },
        )

    def _fact(self, case_id: str, kind: str, on: date, body: Json) -> Json:
        path = f"/v1/cases/{case_id}/facts/{kind}"
        answered: Json = self.player.post(path, {"on": on.isoformat(), **body}, expect=201).body
        return answered

    def _chapter(self, title: str) -> None:
        self.player.say(f"\n━━ {title}")

    def _insist(self, so: object, what: str) -> None:
        if not so:
            raise NotAsTold(f"not so: {what}")

    def _about(self, letters: Sequence[Json], clause: str) -> list[Json]:
        printed = {"TH-35": "5.14"}[clause]
        return [each for each in letters if printed in each["BodyText"]]

    def _insist_told(self, letters: Sequence[Json], *roles: str) -> None:
        """Insist that everybody in these roles got a letter."""
        told = {address for letter in letters for address in letter["To"]}
        missing = [role for role in roles if not told & {_address(role)}]
        self._insist(not missing, f"{', '.join(missing)} got a letter; letters went to {sorted(told)}")


def at(on: date, moment: time) -> datetime:
    """Return a time of day in London as an aware UTC moment."""
    return datetime.combine(on, moment, LONDON).astimezone(UTC)


def _person(role: str) -> Json:
    return {"person_id": CAST[role]}


def _address(role: str) -> str:
    return address(CAST[role])
