"""A story made up by a seed, told through a storm, and what must hold once it has passed.

Requests come and come again, the stream and SES tell late, twice and out of order, schedules are
skipped and doubled, clocks are wrong by a minute, hours go by; meanwhile calls fail in every way.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from chalicelib.core.london import day_of
from chalicelib.store.mapping import moment
from infra import papers, riverbank
from tests.proofs.deeds import ACKNOWLEDGED, PROCLAIMED, signed
from tests.proofs.letters import Letters
from tests.proofs.operations import DECIDED
from tests.proofs.outside import Outside, Request
from tests.proofs.portrait import all_cases, what_is_wrong
from tests.proofs.weather import Weather
from tests.proofs.world import SCHEDULES, World
from tests.snapshots import snapshot

CHILDREN = ("RB-1042", "RB-2042")
PROCESSES = ("iro_challenge", "advocacy_referral", "child_protection_enquiry")
OUTCOMES = ("viable", "not_viable", "further_meeting_needed")
SOMEBODY = ("sw.brandt", "pm.sorensen", "tm.ferreira")
MINUTES_BETWEEN = (0, 0, 1, 1, 2, 5, 20, 90)
A_WEEKEND = 60 * 60
MOST_ROUNDS = 80
EVERY_SCHEDULE = (*SCHEDULES, "reconcile")


@dataclass
class Storm:
    """One storm, drawn by its seed."""

    world: World
    weather: Weather
    seed: int
    steps: int = 10
    sent: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(f"story {self.seed}")
        self.letters = Letters(self.world, self.weather, self.chance)
        self.world.chance.seed(f"waits {self.seed}")

    # --- the story ----------------------------------------------------------------------------

    def rage(self) -> list[str]:
        """Tell the story, let the storm pass, and return what is wrong."""
        self.weather.begin(self.seed, self.chance.choice((8, 15, 30, 60)))
        for _ in range(self.steps):
            self._something_is_told()
            for _ in range(self.chance.randrange(4)):
                self._something_goes_on()
            self._time_passes()
        self.weather.armed = False
        self.world.outside.skew = timedelta()
        if self.letters.paused:
            self._pause_or_resume()
        self._it_passes()
        wrong = [*self.letters.wrong, *self._unanswered(), *_wrong_with(self.world), *self.world.replays()]
        return wrong + self._a_day_later() if self.seed % 5 == 0 else wrong

    def _something_is_told(self) -> None:
        if self.sent and self.chance.random() < 0.15:
            # Once more, whether it was answered or not.
            self.world.ask(self.chance.choice(self.sent))
            return
        request = self._request()
        if request is not None:
            self.sent.append(request)
            self.letters.watch(lambda: self.world.ask(request))

    def _request(self) -> Request | None:
        known = self.world.outside.case_ids()
        if not known or (len(known) < 3 and self.chance.random() < 0.2):
            return self._referral()
        case_id = self.chance.choice(known)
        kind, body = self.chance.choice(self._facts())()
        sent = {"on": day_of(self.world.outside.now).isoformat(), **body}
        key = f"{kind} {len(self.sent)}"
        if kind == "decision_made" and self.chance.random() < 0.5:
            return Request(path=f"/v1/cases/{case_id}/proposals/{kind}", body=sent, key=key)
        if kind == "step_done" and self.chance.random() < 0.4:
            return signed(kind, sent, case_id)
        return Request(path=f"/v1/cases/{case_id}/facts/{kind}", body=sent, key=key)

    def _referral(self) -> Request:
        body = {
            **riverbank.REFERRAL,
            "on": day_of(self.world.outside.now).isoformat(),
            "child_reference": self.chance.choice(CHILDREN),
        }
        return Request(path="/v1/referrals", body=body, key=f"referral {len(self.sent)}")

    def _facts(self) -> list[Any]:
        meeting = f"psm-{self.chance.randrange(2)}"
        psm = {"meeting": "placement_support", "meeting_id": meeting}
        process = self.chance.choice(PROCESSES)
        about = {"process": process, "process_id": f"{process}-1"}
        recorded = papers.record(meeting, day_of(self.world.outside.now))
        somebody = {"allocations": {"social_worker": self.chance.choice(SOMEBODY)}}
        return [
            lambda: ("meeting_convened", psm),
            lambda: (
                "meeting_held",
                papers.held("placement_support", meeting, self.chance.choice(OUTCOMES)),
            ),
            lambda: ("step_done", ACKNOWLEDGED),
            lambda: ("process_opened", about),
            lambda: ("process_ended", about),
            lambda: ("details_recorded", somebody),
            lambda: ("document_completed", recorded),
            lambda: ("decision_made", DECIDED),
            lambda: ("placement_ended", {"placement_id": "RB-P-77", "manner": "unplanned"}),
            lambda: ("fact_withdrawn", self._taken_back()),
            lambda: ("concern_raised", {}),
        ]

    def _taken_back(self) -> Mapping[str, Any]:
        known = [json.loads(text)["fact_id"] for _, _, text in self.world.outside.answered]
        return {"replaces": self.chance.choice(known), "because": "It was not so."}

    # --- what goes on -------------------------------------------------------------------------

    def _something_goes_on(self) -> None:
        self.letters.watch(
            self.chance.choice((self._stream, self._stream, self._events, self._schedule, self.world.knock))
        )

    def _stream(self) -> None:
        """A few records of the stream, in any order; some come again that were taken."""
        known = sorted(self.world.stored.ids())
        fresh = [each for each in known if each not in self.world.outside.streamed]
        for message_id in self._some(fresh) + self._some(known)[:1]:
            self.world.bring(message_id)

    def _events(self) -> None:
        """A few events of SES, in any order; some come twice."""
        for told in self._some(self.world.outside.events):
            if self.world.hear(told) and self.chance.random() < 0.8:
                self.world.outside.events.remove(told)

    def _schedule(self) -> None:
        for _ in range(self.chance.choice((1, 1, 2))):
            self.world.schedule(self.chance.choice(EVERY_SCHEDULE))

    def _some(self, known: list[str]) -> list[str]:
        return self.chance.sample(known, self.chance.randint(0, min(4, len(known))))

    def _time_passes(self) -> None:
        minutes = self.chance.choice(MINUTES_BETWEEN)
        if self.chance.random() < 0.05:
            minutes = A_WEEKEND
        self.world.later(minutes=minutes)
        self.world.outside.skew = timedelta(seconds=self.chance.choice((0, 0, 0, -90, -5, 5, 90)))
        if self.chance.random() < 0.03:
            self.world.outside.published = self.chance.choice((PROCLAIMED, snapshot()))
        if self.chance.random() < (0.4 if self.letters.paused else 0.03):
            self._pause_or_resume()

    def _pause_or_resume(self) -> None:
        """An operator pauses sending for a while, and sees that it is so."""
        outbox, now = self.world.rooms.ports.outbox, self.world.outside.now
        was, self.weather.armed = self.weather.armed, False
        if self.letters.paused:
            outbox.resume()
        else:
            outbox.pause("an operator", "To see what happens.", now)
        self.letters.paused, self.weather.armed = not self.letters.paused, was

    # --- afterwards ---------------------------------------------------------------------------

    def _it_passes(self) -> None:
        """Let AWS and the callers do what they do by themselves, until nothing is left to do."""
        for number in range(MOST_ROUNDS):
            self.letters.watch(self.world.knock)
            self.letters.watch(self.world.stream)
            self.letters.watch(self.world.tell_events)
            for name in SCHEDULES:
                self.letters.watch(lambda name=name: self.world.schedule(name))
            if number > 2 and not self.world.under_way():
                return
            self._to_the_next_attempt()

    def _a_day_later(self) -> list[str]:
        """Let a day pass, and hold what should have been told against what was, as is done daily."""
        self.world.later(days=1, hours=2)
        self._it_passes()
        well = self.world.schedule("reconcile")
        return [] if well else ["a day later there is still something that is not reconciled"]

    def _to_the_next_attempt(self) -> None:
        now = self.world.outside.now
        first = moment(next(iter(self.world.stored.attempts()), None))
        self.world.outside.now = max(now + timedelta(minutes=1), first or now)

    def _unanswered(self) -> Iterator[str]:
        for request in self.world.outside.waiting:
            yield f"{request.key} is never answered"


def begin(world: World) -> None:
    """Put everything outside back to its beginning; the tables are the caller's."""
    world.outside = Outside()
    world.office.posted = world.outside.posted
    world.restart()


def _wrong_with(world: World) -> Iterator[str]:
    """Say what is lost or doubled of everything that was acknowledged, and of every notice called for."""
    yield from what_is_wrong(world)
    put_in = Counter(each.notice_id for each in world.stored.messages() if each.clause)
    for case in all_cases(world):
        rows = world.rooms.ports.cases.journal(case.id, None, 1_000).items
        called_for = Counter(each["id"] for row in rows for each in json.loads(row.entry_json)["notices"])
        for notice_id, times in called_for.items():
            if times > 1:
                yield f"{notice_id} of {case.id} is called for {times} times"
            if not put_in[notice_id]:
                yield f"{notice_id} of {case.id} was called for and is in no outbox"
        known = {each.id for each in case.facts}
        for _, _, text in world.outside.answered:
            answer = json.loads(text)
            if answer["case_id"] == case.id and answer["fact_id"] not in known:
                yield f"{answer['fact_id']} was acknowledged and is lost"
    cases = {case.id for case in all_cases(world)}
    lost = {json.loads(text)["case_id"] for _, _, text in world.outside.answered} - cases
    yield from (f"{case_id} was acknowledged and is lost" for case_id in sorted(lost))
