"""A story of many cases at once, in which processes are killed, and how it comes to its end."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from chalicelib.clock import today
from infra import riverbank
from infra.logs import Logs
from infra.playing import Integration
from tests.deployed.accounts import STILL_GOING, TAKEN, Accounts, Stored
from tests.deployed.callers import WEBHOOK_NAME, Callers
from tests.deployed.deployed import Service
from tests.deployed.goings_on import SCHEDULES, GoingsOn, clock_stopped
from tests.deployed.mail_door import MailDoor, mail_door
from tests.deployed.workers import DIED, Workers, never_started, strikes
from tests.feed_server import FeedServer

CALLERS = 3
EVERY_SCOPE = ("--scope", "facts:write", "--scope", "proposals:write")
MOST_SECONDS_A_KILL = 20
MOST_SECONDS_AFTERWARDS = 1800
MANY = 1_000


@dataclass(kw_only=True)
class Story:
    """Everybody who has a part in it."""

    service: Service
    stored: Stored
    callers: Callers
    goings_on: GoingsOn
    door: MailDoor
    workers: Workers
    seed: int
    over: Event
    logged_before: int
    began: float = field(default_factory=time.time)
    took_seconds: float = 0
    redriven: list[str] = field(default_factory=list)
    aside_before: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.aside_before = set(self.stored.ports.cases.all_aside())

    # --- telling ----------------------------------------------------------------------------

    def schedules_that_do_well(self) -> set[str]:
        """Run each schedule once; return those that did all there was to do."""
        return {each for each in SCHEDULES if self.goings_on.fire(each)}

    def is_told_until(self, *, kills: int) -> None:
        """Let everything go on until so many processes were killed; callers end what they began."""
        self.began = time.time()
        parts = [*self.goings_on.everything(), *[self.callers.tell] * CALLERS]
        with ThreadPoolExecutor(len(parts)) as pool:
            going = [pool.submit(each) for each in parts]
            try:
                self._kill(kills, going)
            finally:
                self.over.set()
        for each in going:
            each.result()
        self.took_seconds = time.time() - self.began

    def _kill(self, kills: int, going: list["Future[None]"]) -> None:
        give_up = time.monotonic() + MOST_SECONDS_A_KILL * kills
        for strike in strikes(self.seed):
            if len(self.workers.kills) == kills:
                return
            assert time.monotonic() < give_up, f"only {len(self.workers.kills)} of {kills} killed"
            self.workers.carry_out(strike)
            for each in going:
                if each.done():
                    each.result()

    # --- afterwards -------------------------------------------------------------------------

    def comes_to_its_end(self, *, waiting: bool) -> None:
        """Let AWS do what it does by itself, until there is nothing left to do."""
        self.goings_on.nothing_proclaimed()
        give_up = time.monotonic() + MOST_SECONDS_AFTERWARDS
        while under_way := self._under_way(waiting):
            assert time.monotonic() < give_up, under_way
            if under_way["leased"] and not waiting and self.workers.idle():
                self.stored.let_leases_run_out(datetime.now(UTC))
            if not under_way["leased"]:
                self._tell_again()
            for case_id in self._aside():
                self._redrive(case_id)
            for each in SCHEDULES:
                self.goings_on.fire(each)
            time.sleep(5 if waiting else 1)

    def _under_way(self, waiting: bool) -> Counter[str]:
        """Count what is not at its end yet, by what it waits for: a walk, for two minutes at the least."""
        messages, ports = self.stored.messages(), self.stored.ports
        walks = ports.calendars.walks([riverbank.ID])
        return +Counter(
            leased=sum(each.state in STILL_GOING for each in messages),
            queued=len(self.stored.queued()),
            due=len(ports.cases.due(datetime.now(UTC), MANY, ports.cases.all_aside())),
            untold=len(self._untold()),
            aside=len(self._aside()),
            walking=sum(not each.done for each in walks) if waiting else 0,
        )

    def _aside(self) -> set[str]:
        return {*self.stored.ports.cases.all_aside()} - self.aside_before

    def _redrive(self, case_id: str) -> None:
        """Do as whoever hears the alarm: two runs of the tick died on this case, which was not its fault."""
        why = ("--by", "operator", "--why", "The processes were killed.")
        self.service.operate("aside", "redrive", case_id, *why)
        self.redriven.append(case_id)

    def _untold(self) -> set[str]:
        arrived = {each.id for each in self.stored.messages() if each.state in TAKEN}
        return {each.message_id for each in self.door.letters()} - arrived

    def _tell_again(self) -> None:
        """Let SES tell of whatever it is not known to have told: an event may have died with its process."""
        untold = self._untold()
        for letter in self.door.letters():
            if letter.message_id in untold:
                self.door.tell(letter, again=True)

    # --- what there was ---------------------------------------------------------------------

    def accounts(self) -> Accounts:
        """Return everything that is to agree in the end."""
        return Accounts(
            stored=self.stored,
            answered=self.callers.answered,
            letters=self.door.letters(),
            mailbox=self.service.mail(),
            published=self.service.notices(),
            kills=self.workers.kills,
        )

    def died_at_work(self) -> Counter[str]:
        """Return of which functions an invocation died, by what the functions' own logs say of it."""
        clients = self.service.stack.clients
        logs = Logs(stage=self.service.stack.stage, clients=clients, since_ms=int(self.began * 1000))
        return Counter(line.function for line in logs.fresh() if DIED in line.text)

    def figures(self, accounts: Accounts) -> Iterator[str]:
        """Say what there was of everything."""
        at_work, starting = self.died_at_work(), self._died_starting()
        kills = len(self.workers.kills)
        between = kills - at_work.total() - starting.total()
        said = ", ".join(f"{count} {name}" for name, count in at_work.most_common())
        yield (
            f"seed {self.seed}: {kills} processes killed in {self.took_seconds:.0f} s, "
            f"{at_work.total()} in the middle of an invocation ({said}), "
            f"{starting.total()} while they started, {between} between two invocations"
        )
        answered = self.callers.answered
        yield (
            f"  {len(answered)} requests about {len(accounts.cases)} cases answered 2xx, "
            f"{sum(each.times > 1 for each in answered)} of them only when they were sent again, "
            f"{sum(each.replayed for each in answered)} of these from the receipt; "
            f"{len(self.callers.refused)} refused; schedules run {self.goings_on.runs.total()} times, "
            f"{len(self.redriven)} cases set aside by the tick and redriven"
        )
        yield (
            f"  {len(accounts.messages)} messages, "
            f"{sum(each.attempts > 1 for each in accounts.messages)} of them claimed again; "
            f"{len(accounts.letters)} e-mails, {len(accounts.letters_twice)} of them a second time; "
            f"{len(accounts.published)} topic notices, {len(accounts.notices_twice)} of them a second time"
        )

    def _died_starting(self) -> Counter[str]:
        return never_started(self.service.emulator.log, self.logged_before)


@contextmanager
def told(*, service: Service, stored: Stored, gov_uk: FeedServer, seed: int) -> Iterator[Story]:
    """Make ready for a story; afterwards letters go, time passes and days are counted as before."""
    secret = service.operate("webhook", "add", riverbank.ID, WEBHOOK_NAME, *EVERY_SCOPE)
    over = Event()
    with clock_stopped(service), mail_door(service, seed) as door:
        story = Story(
            service=service,
            stored=stored,
            callers=Callers(
                service=service,
                integration=Integration(name=WEBHOOK_NAME, secret=secret),
                seed=seed,
                today=today(),
                over=over,
            ),
            goings_on=GoingsOn(service=service, gov_uk=gov_uk, door=door, seed=seed, over=over),
            door=door,
            workers=Workers(service=service),
            seed=seed,
            over=over,
            logged_before=service.emulator.log.stat().st_size,
        )
        try:
            yield story
        finally:
            over.set()
            story.goings_on.nothing_proclaimed()
            service.run_on_schedule("calendar")
            service.operate("webhook", "remove", WEBHOOK_NAME)
