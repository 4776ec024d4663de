"""What the chapters of the story are made of: days, facts that happen on them, and what is insisted on."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from chalicelib.core.london import LONDON
from chalicelib.core.working_days import Nation, add_working_days, first_working_day
from chalicelib.protocol_files import Shelf
from infra.gazette import Gazette
from infra.papers import person
from infra.playing import NotAsTold, Player
from infra.riverbank import CAST, COUNCIL, ID, address
from infra.said import Json

ALLOCATED = ("iro", "social_worker", "team_manager", "supervising_social_worker")
WEEKS_AGO = timedelta(weeks=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One player, the list of bank holidays, and the day on which the story is told: London's `today`."""

    player: Player
    gazette: Gazette
    today: date

    # --- days -------------------------------------------------------------------------------

    @property
    def begins_on(self) -> date:
        """The first working day from four weeks ago."""
        return first_working_day(self.today - WEEKS_AGO, self.closed)

    @property
    def closed(self) -> Mapping[date, str]:
        """The days on which England does not work, with why."""
        return self.gazette.known[Nation.ENGLAND]

    def day(self, number: int) -> date:
        """Return the story's day: so many working days after it begins."""
        return add_working_days(self.begins_on, number, self.closed) if number else self.begins_on

    def morning_after(self, due_on: date, number: int) -> datetime:
        """Return a quarter past eight, so many working days after a due date."""
        return at(add_working_days(due_on, number, self.closed), time(8, 15))

    # --- what happens -----------------------------------------------------------------------

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
            "allocations": {role: CAST[role] for role in ALLOCATED},
        }

    def open_case(self, on: date, child: str | None = None, placement: str = "P-77") -> str:
        """Open a case with few words, its alert acknowledged at once, and return its id."""
        body = self.referral_body(at(on, time(9, 30)), child, placement)
        case_id = str(self.player.note("/v1/referrals", body).body["case_id"])
        self.step(case_id, "alert_acknowledged", on, by=[person("iro")])
        self.player.settle(case_id, aloud=False)
        return case_id

    def step(self, case_id: str, step: str, on: date, **body: object) -> None:
        """Record a step with few words."""
        self.note(case_id, "step_done", on, {"step": step, **body})

    def note(self, case_id: str, kind: str, on: date, body: Json) -> None:
        """Record a fact with few words."""
        self.player.note(f"/v1/cases/{case_id}/facts/{kind}", {"on": on.isoformat(), **body})

    def fact(self, case_id: str, kind: str, on: date, body: Json) -> Json:
        """Record a fact, print all of it, and return what was answered."""
        path = f"/v1/cases/{case_id}/facts/{kind}"
        answered: Json = self.player.post(path, {"on": on.isoformat(), **body}, expect=201).body
        return answered

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self.player.say(f"\n━━ {title}")

    # --- what is insisted on ----------------------------------------------------------------

    def insist(self, so: object, what: str) -> None:
        """Raise NotAsTold unless it is so."""
        if not so:
            raise NotAsTold(f"not so: {what}")

    def insist_met(self, case_id: str, *clauses: str) -> None:
        """Insist that the latest duty under each of these clauses is met."""
        for clause in clauses:
            state = self.player.duty(case_id, clause, aloud=False)["state"]
            self.insist(state == "met", f"{clause} is met")

    def insist_refused(self, body: Json, *clauses: str) -> None:
        """Insist that these clauses refuse a proposal, and no others."""
        named = tuple(each["clause"] for each in body["reasons"])
        self.insist(named == clauses, f"{', '.join(clauses)} refuse it, not {', '.join(named)}")

    def insist_told(self, letters: Sequence[Json], clause: str, *roles: str) -> None:
        """Insist that the letters about a clause went to everybody in these roles, and to nobody else."""
        cited = f"{_cited(clause)} ".lower()
        told = {to for each in letters if cited in each["BodyText"].lower() for to in each["To"]}
        wanted = {_address(role) for role in roles}
        self.insist(told == wanted, f"{sorted(wanted)} were told under {clause}; it was {sorted(told)}")


def at(on: date, moment: time) -> datetime:
    """Return a time of day in London as an aware UTC moment."""
    return datetime.combine(on, moment, LONDON).astimezone(UTC)


def _cited(clause: str) -> str:
    """Return how letters name a clause of the council's protocols."""
    for protocol in map(Shelf().load, COUNCIL.protocols):
        if clause in protocol.by_id:
            return protocol.cited(protocol.by_id[clause])
    raise NotAsTold(f"no protocol of the council has a clause {clause}")


def _address(role: str) -> str:
    return address(CAST.get(role, role))
