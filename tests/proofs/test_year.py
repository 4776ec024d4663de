"""Four hundred days of ticks, some skipped and some doubled: every rung leaves once, and none is missed.

What leaves is held against a slow model of the ladders, tick by tick. `HOLDFAST_YEARS` is how many
years of four hundred days are told, each from its seed, and `HOLDFAST_YEAR_CASES` of how many cases.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random

import pytest

from chalicelib.core.case import Duty, State
from chalicelib.core.facts import DocumentSent, Party
from tests.builders import FIVE, day
from tests.council import Council, held, referral, seats, step
from tests.proofs.figures import say
from tests.proofs.slow_ladder import DAY, WALL, Climbing, eight_in_the_morning

YEARS = int(os.environ.get("HOLDFAST_YEARS", "1"))
MOST_CASES = int(os.environ.get("HOLDFAST_YEAR_CASES", "6"))
BEGINS, DAYS = day("Mon 2 Mar 2026"), 400
CHANGES = (day("Sun 29 Mar 2026"), day("Sun 25 Oct 2026"), day("Sun 28 Mar 2027"))
FIVE_MINUTES = timedelta(minutes=5)


@dataclass
class Year:
    """A council's year, and what the model says of each duty that is open."""

    chance: Random
    council: Council = field(default_factory=Council)
    open: dict[str, Climbing] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    expected: Counter[tuple[str, str, int, int]] = field(default_factory=Counter)
    found: Counter[tuple[str, str, int, int]] = field(default_factory=Counter)
    looked_at: int = 0
    ticks: int = 0
    skipped: int = 0
    doubled: int = 0

    def lived(self) -> None:
        for number in range(DAYS):
            on = BEGINS + number * DAY
            self._facts(on)
            for at in self._ticks(on):
                self.tick(at)

    def tick(self, at: datetime) -> None:
        self.ticks += 1
        self.council.tick(at)
        for duty_id, climbing in self.open.items():
            if (leaves := climbing.at(at)) is not None:
                self.expected[(duty_id, *leaves)] += 1
        assert self.left() == self.expected, f"at {at.isoformat()}"

    def left(self) -> Counter[tuple[str, str, int, int]]:
        """What left, by the outbox: a rung is one, to however many it goes."""
        messages = self.council.cases.outbox.messages
        fresh = {(each.about, each.occasion) for each in islice(messages.values(), self.looked_at, None)}
        self.looked_at = len(messages)
        for about, occasion in fresh:
            if occasion.startswith("rung|") and not occasion.startswith("rung|opened"):
                _, word, position, number, _ = occasion.split("|")
                self.found[about, word, int(position), int(number)] += 1
        return self.found

    # --- what happens -------------------------------------------------------------------------

    def _facts(self, on: date) -> None:
        """Some days a case is opened, a meeting held, something settled; all before the first tick."""
        at = datetime.combine(on, time(0, self.chance.randrange(1, 50)), UTC) - timedelta(hours=2)
        told = at.astimezone(WALL).date()
        if on == BEGINS or (self.chance.random() < 0.08 and len(self.cases) < MOST_CASES):
            fact = referral(f"TH-{len(self.cases)}", told.strftime("%a %-d %b %Y"), at=at)
            self.cases.append(
                str(self.council.answer(self.council.open_with(fact, learned_at=at))["case_id"])
            )
            self._look(self.cases[-1])
        for case_id in self.cases:
            self._goes_on(case_id, told, at)

    def _goes_on(self, case_id: str, told: date, at: datetime) -> None:
        on = told.strftime("%a %-d %b %Y")
        drawn = self.chance.random()
        if drawn < 0.02:
            name = f"m-{case_id}-{told.isoformat()}"
            self.council.record(
                case_id, held(on, meeting_id=name, outcome="not_viable", at=at), learned_at=at
            )
        elif drawn < 0.03:
            self.council.record(
                case_id, step(on, "alert_acknowledged", by=seats("p-iro"), at=at), learned_at=at
            )
        elif drawn < 0.05:
            to = tuple(Party(role=role) for role in FIVE)  # type: ignore[arg-type]
            self.council.record(
                case_id, DocumentSent(on=told, document="meeting_record", to=to, at=at), learned_at=at
            )
        else:
            return
        self._look(case_id)

    def _look(self, case_id: str) -> None:
        """See which duties are open now: what is settled climbs no more."""
        for duty in self.council.case(case_id).standing.duties:
            if duty.state is not State.OPEN:
                self.open.pop(duty.id, None)
            elif duty.id not in self.open:
                self.open[duty.id] = _climbing(duty)

    # --- when the clock is looked at ------------------------------------------------------------

    def _ticks(self, on: date) -> Iterator[datetime]:
        """One each morning, mostly; sometimes none, or two; now and then one every five minutes."""
        morning = eight_in_the_morning(on)
        if on in CHANGES or on - DAY in CHANGES or self.chance.random() < 0.02:
            at = morning - timedelta(hours=9)
            while at <= morning + timedelta(hours=1):
                yield at
                at += FIVE_MINUTES
        elif self.chance.random() < 0.15:
            self.skipped += 1
        else:
            yield morning + timedelta(minutes=self.chance.choice((-5, 0, 0, 5, 45, 300)))
            if self.chance.random() < 0.15:
                self.doubled += 1
                yield morning + timedelta(minutes=300)
                yield morning + timedelta(minutes=300)


def _climbing(duty: Duty) -> Climbing:
    return Climbing(clause=duty.clause, opened_at=duty.opened_at, due_on=duty.due_on, at_once=duty.at_once)


@pytest.mark.parametrize("seed", range(YEARS))
def test_in_a_year_no_rung_is_missed_and_none_repeated(seed: int) -> None:
    year = Year(Random(seed))

    year.lived()

    assert year.expected.total() > 100
    assert set(year.expected.values()) == {1}
    sent = Counter(
        (each.about, each.occasion, each.role, each.via_manager, each.channel)
        for each in year.council.cases.outbox.messages.values()
    )
    assert set(sent.values()) == {1}
    say(
        f"year {seed}: {year.ticks} ticks, {year.skipped} days skipped, {year.doubled} doubled, "
        f"{len(year.cases)} cases, {year.expected.total()} rungs"
    )
