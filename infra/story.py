"""The story that Holdfast is for, from a referral to a proclaimed day, in ten chapters.

It begins four weeks ago, so that every deadline but the last has come and gone by now. Each chapter
insists on what it tells: a chapter that comes out otherwise raises `NotAsTold`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chalicelib.core.working_days import add_working_days
from infra import papers
from infra.papers import CHILD, person
from infra.proclaiming import Proclaiming
from infra.riverbank import CAST, COUNCIL, PLANNING, SUPPORT
from infra.said import Json
from infra.telling import at

FIVE = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")
HALTED_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller(Proclaiming):
    """Tells the story to one player."""

    # --- the ten chapters -------------------------------------------------------------------

    def whole(self) -> None:
        """Tell all of it, in order."""
        with self.player.clock_stopped():
            self.player.mail_since()
            self.player.published()
            case_id = self.referral()
            self.meeting(case_id)
            self.not_viable(case_id)
            self.sent(case_id)
            moving = self.guards()
            self.challenge(moving)
            second = self.breakdowns()
            self.two_protocols(second)
            self.rehearsal()
            self.proclaimed()

    def referral(self) -> str:
        """1. A referral arrives; the reviewing officer is told, and chased until they answer."""
        self.chapter("1. A referral arrives")
        opened = self.player.post(
            "/v1/referrals", self.referral_body(at=at(self.begins_on, time(9, 12))), expect=201
        )
        case_id = str(opened.body["case_id"])
        self.insist_told(self.player.settle(case_id), "TH-21", "iro", "cpt", "gm_iro")
        self.player.duty(case_id, "TH-21")
        self.player.tick(at(self.begins_on, time(11, 20)))
        self.insist_told(self.player.settle(case_id), "TH-21", "iro", "cpt")
        self.player.say("\n  The officer answers in the case system, which sends a signed webhook.")
        acknowledged = {
            "on": self.begins_on.isoformat(),
            "at": at(self.begins_on, time(12, 5)).isoformat(),
            "step": "alert_acknowledged",
            "by": [person("iro")],
        }
        self.player.signed("step_done", case_id, acknowledged, expect=201)
        self.insist_met(case_id, "TH-21")
        return case_id

    def meeting(self, case_id: str) -> None:
        """2. A meeting is called as the protocol asks, and two people each tell the Group Manager."""
        self.chapter("2. A Placement Support Meeting is called")
        self.player.say("\n  At first without a reason, and without the child.")
        asked = papers.called("psm-1", self.day(4))
        hasty = {key: asked[key] for key in ("meeting", "meeting_id", "planned_for")}
        hasty |= {"on": self.day(1).isoformat(), "invited": [person("iro"), person("social_worker")]}
        path = f"/v1/cases/{case_id}/proposals/meeting_convened"
        self.insist_refused(self.player.post(path, hasty, expect=409).body, "TH-04", "TH-17")
        self.player.say("\n  Then with everybody who is to be asked, and why some are not.")
        self.player.post(path, {**asked, "on": self.day(1).isoformat()}, expect=201)
        letters = self.player.settle(case_id)
        self.insist_told(letters, "TH-18", "gm_iro", "iro", "social_worker")
        self.insist_told(letters, "TH-12", "social_worker")
        for role, left in (("iro", 1), ("team_manager", 0)):
            notified = {"meeting_id": "psm-1", "by": [person(role)], "to": [{"role": "gm_iro"}]}
            self.step(case_id, "meeting_notified", self.day(2), **notified)
            duty = self.player.duty(case_id, "TH-18", aloud=bool(left))
            self.insist(len(duty["explanation"]["left"]) == left, f"{left} cells of TH-18 are left")
        self._prepared(case_id)
        log = self.player.get("/v1/meetings")["items"]
        self.insist(any(each["case_id"] == case_id for each in log), "the meeting is in the log")
        self.player.settle(case_id)

    def _prepared(self, case_id: str) -> None:
        """Do what else is asked before the meeting: the log, the agenda, the parent's part in it."""
        about = {"meeting_id": "psm-1"}
        self.step(case_id, "meeting_logged", self.day(2), by=[person("gm_iro")], **about)
        shaped = [CHILD, papers.CARER, person("social_worker")]
        self.step(
            case_id, "agenda_shaped_with", self.day(2), by=[person("social_worker")], to=shaped, **about
        )
        for role in ("iro", "team_manager"):
            self.step(case_id, "agenda_agreed", self.day(3), by=[person(role)], **about)
            why = "In the light of the care plan the parent comes to the second half."
            self.step(case_id, "parent_role_evaluated", self.day(3), by=[person(role)], because=why, **about)
        self.insist_met(case_id, "TH-12", "TH-13", "TH-18", "TH-19", "TH-24")

    def not_viable(self, case_id: str) -> None:
        """3. A further meeting finds the placement not viable; nobody sends the records."""
        self.chapter("3. A further meeting finds the placement no longer viable")
        held = papers.held("placement_support", "psm-1", "further_meeting_needed")
        self.fact(case_id, "meeting_held", self.day(4), held)
        self.player.settle(case_id)
        self.player.say("\n  Its record is proposed with one part of all that it is to show.")
        record = papers.record("psm-1", self.day(6))
        empty = {**record, "contents": {"working_well": "Meals together."}, "on": self.day(5).isoformat()}
        path = f"/v1/cases/{case_id}/proposals/document_completed"
        self.insist_refused(self.player.post(path, empty, expect=409).body, "TH-10", "TH-27")
        self.player.say("\n  Then it is complete, and so is the plan.")
        self.note(case_id, "document_completed", self.day(5), record)
        self.note(case_id, "document_completed", self.day(5), papers.support_plan("psm-1", self.day(6)))
        further = {"meeting": "further_placement_support", "meeting_id": "psm-2"}
        planned = {**further, "planned_for": self.day(7).isoformat()}
        self.note(case_id, "meeting_convened", self.day(5), planned)
        self.step(case_id, "meeting_logged", self.day(5), by=[person("gm_iro")], meeting_id="psm-2")
        self.player.settle(case_id)
        reviewed = "Respite came too late, and the mentor did not come at all."
        body = papers.held("further_placement_support", "psm-2", "not_viable", plans_reviewed=reviewed)
        self.fact(case_id, "meeting_held", self.day(7), body)
        self.insist_told(self.player.settle(case_id), "TH-35", *FIVE)
        self.note(case_id, "document_completed", self.day(7), papers.record("psm-2", self.day(9)))
        self._nobody_sends_them(case_id)

    def _nobody_sends_them(self, case_id: str) -> None:
        due_on = date.fromisoformat(self.player.duty(case_id, "TH-35")["due_on"])
        rungs: Sequence[tuple[datetime, tuple[str, ...]]] = (
            (at(add_working_days(self.day(7), 2, self.closed), time(8, 15)), ("social_worker",)),
            (self.morning_after(due_on, 1), ("social_worker", "team_manager")),
            (self.morning_after(due_on, 3), ("gm_social_work",)),
            (self.morning_after(due_on, 5), ("service_manager",)),
        )
        for moment, roles in rungs:
            self.player.tick(moment)
            self.insist_told(self.player.settle(case_id), "TH-35", *roles)
            self.player.say("       The same moment once more: nothing is sent again.")
            self.player.tick(moment, aloud=False)
            self.insist(not self.player.settle(case_id), "a rung fires once")

    def sent(self, case_id: str) -> None:
        """4. The records are sent: the deadline settles and nothing more is chased."""
        self.chapter("4. The records are sent")
        for meeting_id, left in (("psm-2", 5), ("psm-1", 0)):
            record = {"document": "meeting_record", "meeting_id": meeting_id}
            to = {"to": [{"role": role} for role in FIVE]}
            self.fact(case_id, "document_sent", self.day(16), {**record, **to})
            owed = self.player.duty(case_id, "TH-35", aloud=False)["explanation"]["left"]
            self.insist(len(owed) == left, f"{left} records are left to send")
        self.insist(self.player.duty(case_id, "TH-35")["next_action_at"] is None, "nothing more is chased")
        self.player.settle(case_id)

    def guards(self) -> str:
        """5. Moves: proposed, excepted, recorded, decided by the wrong person."""
        self.chapter("5. A move with no meeting held")
        case_id = self.open_case(self.day(9))
        decision = {"decision": "move", "by": [person("team_manager")], "on": self.day(10).isoformat()}
        path = f"/v1/cases/{case_id}/proposals/decision_made"
        self.insist_refused(self.player.post(path, decision, expect=409).body, "TH-25", "TH-36")
        harm = {
            "name": "immediate_harm",
            "because": "An incident last night.",
            "approver": CAST["team_manager"],
        }
        reason = {"name": "reason", "because": "There is no day left for a planning meeting."}
        self.player.post(path, {**decision, "exceptions": [harm, reason]}, expect=201)
        letters = self.player.settle(case_id)
        self.insist_told(letters, "TH-38", "iro", "team_manager")
        self.insist_told(letters, "TH-25")
        self._wrong_person()
        return case_id

    def _wrong_person(self) -> None:
        self.chapter("   … recorded as done, by somebody whose decision it isn't")
        case_id = self.open_case(self.day(9))
        done = {"decision": "move", "by": [person("social_worker")]}
        self.fact(case_id, "decision_made", self.day(10), done)
        letters = self.player.settle(case_id)
        for clause in ("TH-25", "TH-37"):
            self.insist_told(letters, clause, "iro", "gm_iro")
        flags = self.player.get(f"/v1/cases/{case_id}")["flags"]
        breached = {each["explanation"]["clause"] for each in flags if each["answer"] == "breach"}
        self.insist(breached == {"TH-25", "TH-36", "TH-37"}, f"three clauses are flagged, not {breached}")

    def challenge(self, case_id: str) -> None:
        """6. The move is frozen twice over, and meanwhile every clock stands still for three days."""
        self.chapter("6. The move is challenged, and frozen")
        told = {"by": [person("team_manager")], "to": [person("iro")]}
        self.step(case_id, "decision_told", self.day(10), **told)
        heard = {"by": [person("social_worker")], "to": [CHILD]}
        self.step(case_id, "child_views_sought", self.day(10), **heard)
        self.note(case_id, "document_completed", self.day(10), papers.move_plan())
        self.player.settle(case_id)
        self._process(case_id, "process_opened", "iro_challenge", self.day(11))
        self.insist_told(self.player.settle(case_id), "TH-39", "team_manager", "iro", "gm_iro")
        due_on = self.player.duty(case_id, "TH-39")["due_on"]
        self._halted(case_id, date.fromisoformat(due_on))
        self.player.say("\n  The child has an advocate too: a second freeze beside the first.")
        self._process(case_id, "process_opened", "advocacy_referral", self.day(14))
        self.insist_told(self.player.settle(case_id), "TH-40", "team_manager", "iro")
        self._frozen(case_id, self.day(15), "TH-39", "TH-40")
        self._process(case_id, "process_ended", "iro_challenge", self.day(15))
        self._frozen(case_id, self.day(15), "TH-40")
        self._process(case_id, "process_ended", "advocacy_referral", self.day(16))
        path = f"/v1/cases/{case_id}/proposals/placement_ended"
        self.player.post(path, self._ending(self.day(16)), expect=201)
        self.player.settle(case_id)

    def _halted(self, case_id: str, due_on: date) -> None:
        self.player.say(
            "\n  An enquiry under child protection: every clock stands still, and the freeze stays."
        )
        self._process(case_id, "process_opened", "child_protection_enquiry", self.day(12))
        self.insist_told(self.player.settle(case_id), "TH-44", "iro", "team_manager")
        self.insist(self.player.duty(case_id, "TH-39")["due_on"] is None, "a halted duty has no date")
        self._process(case_id, "process_ended", "child_protection_enquiry", self.day(14))
        self.player.settle(case_id)
        later = self.player.duty(case_id, "TH-39")["due_on"]
        wanted = add_working_days(due_on, HALTED_DAYS, self.closed).isoformat()
        self.insist(later == wanted, f"all that was left of twenty days is left still, until {wanted}")

    def _frozen(self, case_id: str, on: date, *clauses: str) -> None:
        path = f"/v1/cases/{case_id}/proposals/placement_ended"
        self.insist_refused(self.player.post(path, self._ending(on), expect=409).body, *clauses)

    def _ending(self, on: date) -> Json:
        return {"on": on.isoformat(), "placement_id": "P-77", "manner": "planned"}

    def _process(self, case_id: str, kind: str, process: str, on: date) -> None:
        self.fact(case_id, kind, on, {"process": process, "process_id": f"{process}-1"})

    def breakdowns(self) -> str:
        """7. Two breakdowns in two cases of one child oblige a Disruption Meeting."""
        self.chapter("7. Two breakdowns for one child within twelve months, in two cases")
        child = f"RB-{uuid.uuid4().int % 1_000_000:06d}"
        first = self.open_case(self.day(0), child, placement="P-76")
        second = self.open_case(self.day(8), child, placement="P-77")
        long_ago = self.day(10) - timedelta(days=380)
        for case_id, on in ((first, long_ago), (second, self.day(9))):
            heard = {"by": [person("social_worker")], "to": [CHILD]}
            self.step(case_id, "child_views_sought", on, **heard)
        urgent = {"name": "urgent_welfare", "because": "The carer could not keep the child another night."}
        breakdown = {"placement_id": "P-76", "manner": "unplanned", "exceptions": [urgent]}
        wrong = self.fact(first, "placement_ended", self.begins_on - timedelta(days=200), breakdown)
        self.fact(second, "placement_ended", self.day(10), {**breakdown, "placement_id": "P-77"})
        owing = ("iro", "social_worker", "team_manager")
        self.insist_told(self.player.settle(second), "TH-42", *owing)
        self.insist(self.player.duty(second, "TH-42")["state"] == "open", "a Disruption Meeting is owed")
        self.player.say("\n  The first date was wrong: it was more than a year before.")
        self.fact(first, "placement_ended", long_ago, {**breakdown, "replaces": wrong["fact_id"]})
        items = self.player.get(f"/v1/cases/{second}/obligations")["items"]
        owed = [each for each in items if each["explanation"]["clause"] in ("TH-42", "TH-43")]
        self.insist(not owed, "the Disruption Meeting is no longer owed")
        self.insist_told(self.player.settle(second), "TH-42", *owing)
        return second

    def two_protocols(self, case_id: str) -> None:
        """8. The child is placed in an emergency: both of the council's protocols ask for something."""
        self.chapter("8. An emergency placement: each case follows two protocols, and both ask for something")
        placed = {"placement_id": "P-78", "details": {"entry": "unplanned", "placement_type": "foster"}}
        opened = self.fact(case_id, "placement_started", self.day(10), placed)["changes"]
        clauses = {each["clause"] for each in opened if each["what"] == "opened"}
        both = {"TH-47", "PP-06", "PP-07", "PP-08"}
        self.insist(clauses == both, f"{both} are owed, not {clauses}")
        self.insist_told(self.player.settle(case_id), "TH-47", "iro")
        self.player.duty(case_id, "PP-06")
        ahead = self.player.get(f"/v1/cases/{case_id}/next")
        self.player.say(f"\n  GET /v1/cases/{case_id}/next")
        self.player.list_said("owed", ahead["owed"], most=6)
        self.player.list_said("refused", ahead["refused"], most=3)
        protocols = {each["protocol"] for each in ahead["owed"]}
        self.insist(protocols == set(COUNCIL.protocols), "both protocols are owed something")

    def rehearsal(self) -> None:
        """9. What would follow? The same engine on a story that is never stored."""
        self.chapter("9. A rehearsal: a child placed on the Friday before a bank holiday")
        details = {"entry": "unplanned", "placement_type": "foster"}
        placed = {"on": "Fri 22 May 2026", "fact": "placement_started", "placement_id": "P-1"}
        story = {"facts": [{**placed, "details": details}], "also": [SUPPORT], "until": "2026-06-04"}
        told = self.player.ask(f"/v1/protocols/{PLANNING}/rehearsals", story, expect=200)
        for line in told["timeline"]:
            self.player.say(f"       {line}")
        due = {each["clause"]: each["due_on"] for each in told["duties"]}
        self.insist(due["PP-06"] == "2026-06-03", "seven working days pass over the bank holiday")
