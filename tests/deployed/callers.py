"""Callers who tell of cases, and send again under the same key until they are answered.

What each of them tells is drawn by the seed and the number of the case. Every case has people of its own,
so that their letters may bounce without anybody else's being held back.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from threading import Event, Lock
from typing import Any

from chalicelib import signing
from chalicelib.ports import Person
from chalicelib.store import contacts
from infra import papers, riverbank
from infra.papers import person
from infra.playing import Integration
from tests.deployed.deployed import Service

CREATED = 201
OUT_OF_ORDER = 500
PATIENCE_SECONDS = 1800
# Longer than the gateway waits: where requests queue, sending them again makes the queue longer.
ANSWER_SECONDS = 120
FEWEST, MOST = 5, 9
# Two cases of one child hear of each other.
CASES_OF_A_CHILD = 2
PEOPLE = {"iro": "gm.lindqvist", "social_worker": "tm.ferreira", "team_manager": "gm.adeyemi"}
PROCESSES = ("iro_challenge", "advocacy_referral", "child_protection_enquiry")
OUTCOMES = ("viable", "not_viable", "further_meeting_needed")
HARM = {"name": "immediate_harm", "because": "An incident.", "approver": riverbank.CAST["team_manager"]}
NO_DAY = {"name": "reason", "because": "There is no day left."}
DECIDED = {"decision": "move", "by": [person("team_manager")], "exceptions": [HARM, NO_DAY]}

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request, under a key of its own."""

    path: str
    body: Json
    key: str
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The first answer that a request got, how often it had to be sent, and whether it was a receipt."""

    sent: Sent
    status: int
    text: str
    times: int
    replayed: bool

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@dataclass(slots=True, kw_only=True)
class Callers:
    """Somebody who sends, and remembers every answer."""

    service: Service
    integration: Integration
    seed: int
    today: date
    over: Event
    answered: list[Answered] = field(default_factory=list)
    refused: list[Answered] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _address: str = field(init=False)
    _cases: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._address = self.service.stack.address()

    # --- a case -----------------------------------------------------------------------------

    def tell(self) -> None:
        """Tell of one case after the other until it is over; the last one to its end."""
        while not self.over.is_set():
            with self._lock:
                self._cases += 1
                number = self._cases
            self._tell_of(number)

    def _tell_of(self, number: int) -> None:
        chance = Random(f"case {self.seed} {number}")
        began_on = self.today - timedelta(days=chance.randrange(28))
        opened = self.ask(_referral(self.seed, number, began_on))
        facts: list[str] = [opened.body["fact_id"]]
        for place in range(chance.randint(FEWEST, MOST)):
            on = min(self.today, began_on + timedelta(days=place // 2))
            sent = _something(chance, opened.body["case_id"], on, facts)
            answer = self.ask(sent)
            if answer.status == CREATED:
                facts.append(answer.body["fact_id"])
            if chance.random() < 0.15:
                # Once more, though it was answered.
                self._see_the_same(answer)
            self.over.wait(chance.uniform(0, 0.4))

    # --- asking -----------------------------------------------------------------------------

    def ask(self, sent: Sent) -> Answered:
        """Send a request again and again until it is answered, whatever becomes of who answers."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        times = 0
        while time.monotonic() < give_up:
            times += 1
            answer = self._try(sent, times)
            if answer is not None:
                with self._lock:
                    (self.answered if answer.status < 300 else self.refused).append(answer)
                return answer
            time.sleep(0.1)
        raise AssertionError(f"{sent.key} was never answered")

    def replayed_otherwise(self) -> list[str]:
        """Send everything that was answered once more; say what ever got another answer than its first."""
        for each in self.answered:
            self._see_the_same(each)
        return self.wrong

    def _see_the_same(self, first: Answered) -> None:
        if first.status >= 300:
            return
        while (again := self._try(first.sent, 1)) is None:
            time.sleep(0.1)
        if (again.status, again.text) != (first.status, first.text):
            self.wrong.append(f"{first.sent.key} is answered {again.status} and not as at first")

    def _try(self, sent: Sent, times: int) -> Answered | None:
        """Send a request once; none where nobody answered, or we are to come again."""
        raw = json.dumps(sent.body).encode()
        headers = {"Content-Type": "application/json", **self._credentials(sent, raw)}
        request = urllib.request.Request(self._address + sent.path, data=raw, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                replayed = answer.headers.get("Idempotency-Replayed") == "true"
                text = answer.read().decode()
                return Answered(sent=sent, status=answer.status, text=text, times=times, replayed=replayed)
        except urllib.error.HTTPError as refused:
            with refused:
                text = refused.read().decode()
            if refused.code >= OUT_OF_ORDER or refused.code == 429 or "problem:busy" in text:
                return None
            return Answered(sent=sent, status=refused.code, text=text, times=times, replayed=False)
        except OSError:
            return None

    def _credentials(self, sent: Sent, raw: bytes) -> Mapping[str, str]:
        if sent.signed:
            return signing.sign(sent.key, datetime.now(UTC), raw, self.integration.key)
        return {"Authorization": f"Bearer {self.service.seeded.token}", "Idempotency-Key": sent.key}


# --- what is told ---------------------------------------------------------------------------


def _referral(seed: int, number: int, on: date) -> Sent:
    allocations = {role: each.id for role, each in _people(seed, number).items()}
    body = {
        **riverbank.REFERRAL,
        "on": on.isoformat(),
        "child_reference": f"RB-{seed}-{number // CASES_OF_A_CHILD}",
        "placement_id": f"RB-P-{number}",
        "allocations": allocations,
    }
    return Sent(path="/v1/referrals", body=body, key=f"kills {seed} {number}")


def _people(seed: int, number: int) -> Mapping[str, Person]:
    """Return the people of one case, whom contacts know from now on."""
    named = {
        role: Person(
            authority=riverbank.ID,
            id=f"{role.replace('_', '-')}.case{seed}-{number}",
            email=riverbank.address(f"{role.replace('_', '-')}.case{seed}-{number}"),
            manager=manager,
        )
        for role, manager in PEOPLE.items()
    }
    for each in named.values():
        contacts.save_person(each)
    return named


def _something(chance: Random, case_id: str, on: date, facts: list[str]) -> Sent:
    """Something about a case: mostly a fact, now and then a proposal or a webhook."""
    kind, body = chance.choice([*_menu(chance, on, facts)])()
    told = {"on": on.isoformat(), **body}
    key = f"{kind} {case_id} {len(facts)} {chance.getrandbits(32):08x}"
    if kind == "step_done" and chance.random() < 0.6:
        webhook = {"type": kind, "case_id": case_id, "data": told}
        return Sent(path=WEBHOOK, body=webhook, key=f"msg_{key.replace(' ', '_')}", signed=True)
    door = "proposals" if kind == "decision_made" and chance.random() < 0.6 else "facts"
    return Sent(path=f"/v1/cases/{case_id}/{door}/{kind}", body=told, key=key)


def _menu(chance: Random, on: date, facts: list[str]) -> Iterator[Callable[[], tuple[str, Json]]]:
    meeting = f"psm-{chance.randrange(2)}"
    psm = {"meeting": "placement_support", "meeting_id": meeting}
    process = chance.choice(PROCESSES)
    about = {"process": process, "process_id": f"{process}-1"}
    outcome = chance.choice(OUTCOMES)
    withdrawn = {"replaces": chance.choice(facts), "because": "It was not so."}
    somebody = {"allocations": {"social_worker": chance.choice(("sw.brandt", "pm.sorensen"))}}
    ended = {"placement_id": "RB-P-77", "manner": "unplanned"}
    yield lambda: ("meeting_convened", {**papers.called(meeting, on)})
    yield lambda: ("meeting_convened", psm)
    yield lambda: ("meeting_held", papers.held("placement_support", meeting, outcome))
    yield lambda: ("step_done", {"step": "alert_acknowledged", "by": [person("iro")]})
    yield lambda: ("process_opened", about)
    yield lambda: ("process_ended", about)
    yield lambda: ("details_recorded", somebody)
    yield lambda: ("document_completed", papers.record(meeting, on))
    yield lambda: ("decision_made", DECIDED)
    yield lambda: ("placement_ended", ended)
    yield lambda: ("concern_raised", {"by": [person("social_worker")], "reasons": ["at_risk"]})
    yield lambda: ("fact_withdrawn", withdrawn)


WEBHOOK_NAME = "case-system"
WEBHOOK = f"/v1/webhooks/{WEBHOOK_NAME}"
