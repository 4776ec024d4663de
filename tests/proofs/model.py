"""A small model of the whole service: who was told what, what waits, what is owed, in dicts and lists.

It predicts: after each step it must be like the service in every message and its state, every letter that
left, every task, date and version, and every answer. What a case asks for is in `model_case.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.proofs.model_case import Case, Lost, Notice, Told
from tests.proofs.model_ladder import ADMINISTRATOR, TASK, Key
from tests.proofs.model_town import MAILBOXES, PEOPLE, beside, reached
from tests.proofs.slow_ladder import wall_day

LEASE = timedelta(minutes=5)
UNSURE = timedelta(minutes=5)
DELAY = timedelta(hours=4)
TRIES = 8
FIRST_WAIT = 30  # seconds: half of the first limit, since by chance it is always half of it here
UNDELIVERED = ("FAILED", "BOUNCED", "COMPLAINED", "SET_ASIDE")
ENDS = ("SENT", "DELIVERED", "CANCELLED")
# What a provider says of a letter, from the first to the last: what comes later stands.
WORDS = ("SENT", "DELIVERED", "BOUNCED", "COMPLAINED")
ALERTS = ("undelivered", "task", "chased")
# What a key is kept with: the path and the body.
Sent = tuple[str, dict[str, Any]]


@dataclass(kw_only=True, eq=False)
class Letter:
    """One message: for whom, by which channel, and how far it has come."""

    case: Case
    notice: Notice
    person: str | None
    channel: str
    state: str = "PENDING"
    attempts: int = 0
    queue: str | None = "send"
    at: datetime | None = None
    renewed_at: datetime | None = None
    delayed_at: datetime | None = None
    heirs: set[str] = field(default_factory=set)
    id: str = ""

    @property
    def alert(self) -> bool:
        """Whether it tells of another that did not arrive."""
        return self.notice.occasion.replace("|", ":").partition(":")[0] in ALERTS

    def goes(self, state: str, queue: str | None = None, at: datetime | None = None) -> None:
        """Be in a state, and in a queue until a moment."""
        self.state, self.queue, self.at = state, queue, at


@dataclass(kw_only=True)
class Answer:
    """What a request is answered: for one that is taken, how the case stands and how much is said."""

    status: int
    version: int | None = None
    notices: int | None = None
    again: bool = False


@dataclass(kw_only=True)
class Request:
    """What somebody sends: a fact about a case, under a key."""

    key: str
    path: str
    body: dict[str, Any]
    case_id: str
    told: Told
    proposed: bool = False
    if_match: int | None = None


@dataclass(kw_only=True)
class Model:
    """The service, as small as it can be."""

    now: datetime
    cases: dict[str, Case] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    receipts: dict[str, tuple[Sent, Answer]] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    refusing: dict[str, tuple[datetime, bool]] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)
    paused: bool = False
    posted: list[tuple[Letter, str]] = field(default_factory=list)
    acts: int = 0
    settled: set[tuple[str, datetime | None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.addresses = {each: f"{each}@oakhaven.example" for each in (*PEOPLE, *MAILBOXES)}

    # --- requests -----------------------------------------------------------------------------

    def asked(self, request: Request) -> Answer:
        """Answer a request that tells something."""

        def takes() -> Answer:
            if refused := self._refused(request):
                return Answer(status=refused)
            case = self.cases.setdefault(request.case_id, Case(id=request.case_id))
            said = case.hears(request.told)
            self._say(case, said)
            return Answer(status=201, version=case.version, notices=len(said))

        return self._once(request.key, (request.path, request.body), takes)

    def acted(self, key: str, sent: Sent, act: Callable[[], bool]) -> Answer:
        """Answer a request to do something by hand."""

        def acts() -> Answer:
            done = act()
            self.acts += done
            return Answer(status=201 if done else 409)

        return self._once(key, sent, acts)

    def _once(self, key: str, sent: Sent, attempt: Callable[[], Answer]) -> Answer:
        """Do what was not done before; what comes again gets its first answer, or is refused."""
        if key in self.receipts:
            before, first = self.receipts[key]
            return replace(first, again=True) if before == sent else Answer(status=422)
        answer = attempt()
        if answer.status == 201:
            self.receipts[key] = sent, answer
        return answer

    def _refused(self, request: Request) -> int | None:
        case, told = self.cases.get(request.case_id), request.told
        if case is None:
            return None
        if request.if_match is not None and request.if_match != case.version:
            return 412
        known = {each.id for each in case.told}
        if (told.replaces and told.replaces not in known) or (told.task and told.task not in case.things):
            return 400
        if request.proposed and case.would_breach(told):
            return 409
        return None

    # --- the outbox ---------------------------------------------------------------------------

    def _say(self, case: Case, notices: list[Notice]) -> None:
        seated = case.allocations()
        for notice in notices:
            role, route = notice.to
            person = notice.person or seated.get(role)
            by_topic = not person and route == "self" and role == "panel" and notice.urgency == "now"
            for channel in ("email", "topic") if by_topic else ("email",):
                self.letters.append(
                    Letter(case=case, notice=notice, person=person, channel=channel, at=self.now)
                )

    def delivers(self, letter: Letter, mood: str) -> None:
        """Take one message as far as it goes, with a provider in this mood."""
        leased = letter.state == "SENDING" and letter.at is not None and letter.at > self.now
        if self.paused or letter.state not in ("PENDING", "SENDING") or leased:
            return
        seated = letter.case.allocations().get(letter.notice.to[0], letter.notice.person)
        if letter.person and seated != letter.person:
            letter.goes("CANCELLED")
            if seated not in letter.heirs:
                letter.heirs.add(seated or "")
                self.letters.append(
                    Letter(
                        case=letter.case, notice=letter.notice, person=seated, channel="email", at=self.now
                    )
                )
        elif self._is_pointless(letter):
            letter.goes("CANCELLED")
        else:
            letter.attempts += 1
            letter.goes("SENDING", "send", self.now + LEASE)
            self._sends(letter, mood)

    @staticmethod
    def _is_pointless(letter: Letter) -> bool:
        about, occasion = letter.notice.dies_with, letter.notice.occasion
        if about is None:
            return False
        thing = letter.case.things.get(about)
        if thing is None or not thing.open:
            return True
        dated = occasion.startswith(("rung|before_due", "rung|after_due"))
        return dated and thing.due != letter.notice.due

    def _sends(self, letter: Letter, mood: str) -> None:
        address = self.address(letter)
        refuses = letter.channel == "email" and self.refusing.get(address, (None, False))[1]
        if letter.attempts > TRIES or not address or refuses or mood == "never":
            letter.goes("FAILED", "settle", self.now)
            return
        if mood in ("takes", "lost", "dies_after", "overtaken"):
            self.posted.append((letter, address))
        if mood == "takes" or (mood == "overtaken" and letter.channel == "topic"):
            letter.goes("SENT")
        elif mood == "overtaken":
            letter.goes("DELIVERED")
        elif mood not in ("dies", "dies_after"):
            self._waits(letter, at_least=UNSURE if mood in ("lost", "unheard") else timedelta())

    def _waits(self, letter: Letter, at_least: timedelta) -> None:
        if letter.attempts >= TRIES:
            letter.goes("FAILED", "settle", self.now)
            return
        wait = timedelta(seconds=min(6 * 3600, FIRST_WAIT * 4 ** (letter.attempts - 1)))
        letter.goes("PENDING", "send", self.now + max(wait, at_least))

    def sweeps(self, mood: str) -> bool:
        """Deliver whatever has come to its moment, and what that gives rise to.

        While sending is paused nothing is, and an alarm says so where anything would be.
        """
        tried: set[int] = set()
        while True:
            ready = [each for each in self._due("send") if id(each) not in tried]
            if self.paused or not ready:
                return bool(ready)
            for letter in ready:
                tried.add(id(letter))
                self.delivers(letter, mood)

    def _due(self, queue: str) -> list[Letter]:
        waiting = [each for each in self.letters if each.queue == queue and each.at is not None]
        return [each for each in waiting if each.at <= self.now]

    def address(self, letter: Letter) -> str:
        """Return where a message goes now; nothing where that cannot be said."""
        notice = letter.notice
        role, route = notice.to
        if letter.channel == "topic":
            return MAILBOXES[role][0] or ""
        if letter.person is None and route == "self":
            return self.addresses.get(role, "")
        person = reached(letter.person, notice.to, of_manager=notice.of_manager)
        return self.addresses[person] if person else ""

    # --- what the provider says ---------------------------------------------------------------

    def is_told(
        self, letter: Letter, word: str, at: datetime, posted_at: datetime, *, refuses: str = ""
    ) -> None:
        """Hear what became of what was posted then; `refuses` is an address that takes no more."""
        if refuses and (refuses not in self.refusing or self.refusing[refuses][0] < at):
            self.refusing[refuses] = at, True
        if letter.renewed_at is not None and posted_at < letter.renewed_at:
            return
        if word == "DELAYED":
            first = letter.delayed_at is None or letter.delayed_at > at
            if first and letter.state not in WORDS[1:]:
                letter.delayed_at = at
                letter.goes("SENT", "settle", at + DELAY)
            return
        if letter.state in WORDS and WORDS.index(letter.state) >= WORDS.index(word):
            return
        if word in UNDELIVERED:
            letter.goes(word, "settle", at)
        else:
            letter.goes(word)

    # --- the clock's doors --------------------------------------------------------------------

    def ticks(self) -> None:
        """Wake every case on which something is due."""
        for case in self.cases.values():
            if case.id not in self.aside and case.is_due(self.now):
                self._say(case, case.wakes(self.now))

    def settles(self) -> bool:
        """Turn what did not arrive into tasks, once each.

        An alarm says so where anything was set aside, or was to reach the administrator.
        """
        found = self._due("settle")
        for letter in found:
            letter.queue = letter.at = None
            known = letter.id, letter.renewed_at
            if known in self.settled:
                continue
            self.settled.add(known)
            self._say(letter.case, letter.case.loses(self._lost(letter)))
        return any(each.state == "SET_ASIDE" or each.notice.to == ADMINISTRATOR for each in found)

    def _lost(self, letter: Letter) -> Lost:
        before = sum(each.task[1] == letter.id for each in letter.case.lost)
        key: Key = (TASK, letter.id, before)
        role, route = letter.notice.to
        return Lost(
            task=key,
            on=wall_day(self.now),
            at=self.now,
            role=role,
            person=letter.person,
            via_manager=route == "manager",
            is_alert=letter.alert,
            beside=beside(letter.person, letter.notice.to),
        )

    # --- operators ----------------------------------------------------------------------------

    def again(self, letter: Letter) -> bool:
        """Have a message sent anew; say whether that may be."""
        if letter.state not in UNDELIVERED:
            return False
        letter.goes("PENDING", "send", self.now)
        letter.attempts, letter.renewed_at, letter.delayed_at = 0, self.now, None
        return True

    def puts_away(self, letter: Letter, state: str) -> bool:
        """Cancel a message or set it aside; say whether that may be."""
        leased = letter.state == "SENDING" and letter.at is not None and letter.at > self.now
        if letter.state in ENDS or leased:
            return False
        letter.goes(
            state, "settle" if state == "SET_ASIDE" else None, self.now if state == "SET_ASIDE" else None
        )
        return True

    def lifts(self, address: str) -> bool:
        """Let an address be written to again; say whether it refused mail until now."""
        since, refuses = self.refusing.get(address, (self.now, False))
        if not refuses or since >= self.now:
            return False
        self.refusing[address] = self.now, False
        return True

    def pauses(self, *, on: bool) -> bool:
        """Pause sending, or let it go on; say whether it was otherwise."""
        changed, self.paused = on != self.paused, on
        return changed

    def redrives(self, case: Case) -> bool:
        """Let the tick have a case again; say whether it was set aside."""
        was_aside = case.id in self.aside
        self.aside.discard(case.id)
        return was_aside
