"""What goes on by itself while a story is told: schedules fire, time passes, days are proclaimed, SES tells.

The emulator fires every schedule as the template says; here each is fired far more often besides, so
that its process has work in hand when it dies. An invocation that fails is not repeated: the next one comes.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from threading import Event
from typing import Any

from botocore.config import Config

from chalicelib.calendars import shipped_calendar
from chalicelib.clock import today
from chalicelib.core.working_days import Nation, add_working_days
from tests import listing
from tests.deployed.deployed import EVENTS, Service
from tests.deployed.mail_door import MailDoor
from tests.feed_server import FeedServer, answers

SCHEDULES = ("sweep", "settle", "tick", "calendar", "reconcile")
PAUSE_SECONDS = 0.4
DAYS_BACK = 28
LONGEST_STEP_HOURS = 30
TELLS_EVERY_SECONDS = 0.3
# What may become of an invocation: its process died, was dead before it could be asked, was never there
# or took too long; or it did its work and says that some could not be done.
AS_EXPECTED = ("Worker process", "Broken pipe", "Task timed out", "could not be done")


@dataclass(slots=True, kw_only=True)
class GoingsOn:
    """Everything that happens by itself, until it is `over`."""

    service: Service
    gov_uk: FeedServer
    door: MailDoor
    seed: int
    over: Event
    failures: list[str] = field(default_factory=list)
    runs: Counter[str] = field(default_factory=Counter)
    ticked_to: datetime = field(init=False)
    _lambda: Any = field(init=False)
    _event: Any = field(init=False)
    _chance: Random = field(init=False)

    def __post_init__(self) -> None:
        unhurried = Config(read_timeout=300, retries={"total_max_attempts": 1}, max_pool_connections=20)
        self._chance = Random(f"goings on {self.seed}")
        self._lambda = self.service.stack.clients("lambda", config=unhurried)
        self._event = json.loads((EVENTS / "schedule.json").read_text())
        first = datetime.now(UTC).date() - timedelta(days=DAYS_BACK)
        self.ticked_to = datetime.combine(first, time(8), UTC)

    def everything(self) -> Iterator[Callable[[], None]]:
        """Yield what is to go on, each in a thread of its own."""
        yield self._schedules
        yield self._tell

    def _come(self, function: str) -> None:
        """Let the next moment of a schedule come, with whatever that moment brings."""
        if function == "tick":
            step = timedelta(hours=self._chance.uniform(1, LONGEST_STEP_HOURS))
            self.ticked_to = min(datetime.now(UTC), self.ticked_to + step)
        if function == "calendar":
            self._says(self._chance.random() < 0.5)
        self.fire(function, self.ticked_to if function == "tick" else None)

    def fire(self, function: str, at: datetime | None = None) -> bool:
        """Run a scheduled function as its rule would; say whether it did all that it had to."""
        event = {**self._event, "time": f"{at or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        name = f"holdfast-{self.service.stack.stage}-{function}"
        ran = self._lambda.invoke(FunctionName=name, Payload=json.dumps(event))
        answer = json.load(ran["Payload"])
        self.runs[function] += 1
        if "FunctionError" not in ran:
            return True
        if not any(word in answer["errorMessage"] for word in AS_EXPECTED):
            self.failures.append(f"{function}: {answer}")
        return False

    def _schedules(self) -> None:
        while not self.over.wait(PAUSE_SECONDS):
            self._come(self._chance.choice(SCHEDULES))

    def _says(self, proclaimed: bool) -> None:
        """Have GOV.UK list the day after tomorrow or so beside those of today, or no more than those."""
        edits = [listing.proclaimed(f"{_soon():%a %d %b %Y}")] if proclaimed else []
        self.gov_uk.plays = [answers(listing.today(*edits))]

    def nothing_proclaimed(self) -> None:
        """Have GOV.UK list the days of today again."""
        self._says(False)

    def _tell(self) -> None:
        """Let SES tell soon of every letter of which it is to tell soon."""
        told = 0
        while not self.over.wait(TELLS_EVERY_SECONDS):
            letters = self.door.letters()
            for each in letters[told:]:
                if not self.door.told_late(each):
                    self.door.tell(each)
            told = len(letters)


@contextmanager
def clock_stopped(service: Service) -> Iterator[None]:
    """Keep the tick's own schedule from saying what time it really is, until the block ends."""
    events = service.stack.clients("events")
    rule = service.stack.outputs()["TickRule"]
    events.disable_rule(Name=rule)
    try:
        yield
    finally:
        events.enable_rule(Name=rule)


def _soon() -> date:
    """Return the second working day from now."""
    return add_working_days(today(), 2, shipped_calendar(Nation.ENGLAND).closed)
