"""The service and its model side by side: what is told to both, and how they are held against each other."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import reject
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.proofs.model import UNDELIVERED, Answer, Letter, Model
from tests.proofs.model_case import Case, TooMuch
from tests.proofs.model_ladder import TASK, Key
from tests.proofs.model_looking import Looker, Seen, Standing
from tests.proofs.model_service import Service
from tests.proofs.post_office import Posted

# Friday 22 May 2026, 10:12 in London: the Monday after is a bank holiday.
MORNING = datetime(2026, 5, 22, 9, 12, tzinfo=UTC)
BETWEEN_STEPS = timedelta(seconds=13)
One = TypeVar("One")


@dataclass
class Tally:
    """What was done in all sequences together."""

    lengths: Counter[int] = field(default_factory=Counter)
    given_up: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True)
class Sent:
    """A request, and how the model answers it, given what the service said."""

    path: str
    body: dict[str, Any]
    key: str
    if_match: int | None = None
    case_id: str = ""
    predict: Callable[["Sent", dict[str, Any]], Answer]


class Beside(RuleBasedStateMachine):
    """What every step has in common."""

    def __init__(self, service: Service, tally: Tally) -> None:
        super().__init__()
        self.looker: Looker = service.begin(MORNING)
        self.service, self.tally = service, tally
        self.model = Model(now=MORNING)
        self.sent: list[Sent] = []
        self.letters: dict[str, Letter] = {}
        self.mail: list[tuple[Posted, datetime]] = []
        self.posted = 0
        self.steps = 0

    # --- steps --------------------------------------------------------------------------------

    def step(self, name: str) -> None:
        """Begin a step."""
        self.steps += 1
        self.tally.steps[name] += 1
        self.later(BETWEEN_STEPS)

    def later(self, ahead: timedelta) -> None:
        """Let time pass."""
        self.model.now += ahead
        self.service.now = self.model.now

    def sends(self, sent: Sent) -> None:
        """Send a request to both, and hold the answers against each other."""
        answer = self.service.ask(sent.path, sent.body, sent.key, sent.if_match)
        said = answer.json_body
        taken = answer.status_code == 201
        got = Answer(
            status=answer.status_code,
            version=said.get("version") if taken else None,
            notices=said.get("notices") if taken else None,
            again=answer.headers.get("Idempotency-Replayed") == "true",
        )
        predicted = self.followed(lambda: sent.predict(sent, said if taken else {}))
        assert predicted == got, said
        self.tally.answers[str(answer.status_code)] += 1

    def followed(self, deed: Callable[[], One]) -> One:
        """Let the model do something; where more happens at once than it knows of, this story ends."""
        try:
            return deed()
        except TooMuch:
            self.tally.given_up += 1
            reject()

    def case(self, n: int) -> Case:
        """Return one of the cases."""
        return pick(list(self.model.cases.values()), n)

    @property
    def tasks(self) -> int:
        """How many tasks there are, done or not."""
        return sum(len(case.lost) for case in self.model.cases.values())

    # --- comparing ----------------------------------------------------------------------------

    @invariant()
    def they_are_alike(self) -> None:
        """Hold everything that the service has stored and sent against what the model says."""
        stored, messages = self.looker.cases(), self.looker.messages()
        versions = {name: stood.version for name, stood in stored.items()}
        assert versions == {name: case.version for name, case in self.model.cases.items()}
        for name, case in self.model.cases.items():
            assert stored[name].things == _things(case)
            assert stored[name].wakes_at == _wakes_at(case)
        self._recognise(messages)
        ways = {name: (_way(seen), _way_of(self.letters[name])) for name, seen in messages.items()}
        assert {name: both for name, both in ways.items() if both[0] != both[1]} == {}
        assert len(ways) == len(self.model.letters)
        self._compare_mail()
        assert self.looker.count("RECEIPT") == len(self.model.receipts)
        assert self.looker.count("ACT#") == self.model.acts
        assert self.looker.count("J#") == sum(case.version for case in self.model.cases.values())

    def _recognise(self, messages: dict[str, Seen]) -> None:
        """Find out which of the service's new messages is which of the model's."""
        fresh = {name: self._described(each) for name, each in messages.items() if name not in self.letters}
        waiting: dict[Any, list[Letter]] = {}
        for letter in self.model.letters:
            if not letter.id:
                waiting.setdefault(_described(letter), []).append(letter)
        assert Counter(fresh.values()) == Counter({each: len(found) for each, found in waiting.items()})
        for name, described in sorted(fresh.items()):
            letter = waiting[described].pop()
            letter.id, self.letters[name] = name, letter

    def _described(self, seen: Seen) -> Any:
        about, occasion = self.looker.called[seen.about], self.looker.occasion(seen)
        told = seen.case_id, about, occasion, seen.to, seen.of_manager
        return *told, seen.person, seen.channel, seen.due

    def _compare_mail(self) -> None:
        # Several threads sent it: which of them was first is nobody's business.
        posted = sorted(self.service.office.posted[self.posted :], key=lambda each: each.message_id)
        self.posted += len(posted)
        predicted = Counter((each.channel, each.id, address) for each, address in self.model.posted)
        self.model.posted.clear()
        assert Counter((each.channel, each.message_id, each.address) for each in posted) == predicted
        self.mail += [(each, self.model.now) for each in posted if each.channel == "email"]

    def teardown(self) -> None:
        """Count what there was."""
        copies = Counter(each.message_id for each in self.service.office.posted if each.channel == "email")
        self.tally.lengths[self.steps] += 1
        self.tally.states.update(letter.state for letter in self.model.letters)
        self.tally.sums += Counter(
            cases=len(self.model.cases),
            versions=sum(case.version for case in self.model.cases.values()),
            messages=len(self.model.letters),
            letters=self.posted,
            twice=copies.total() - len(copies),
            tasks=self.tasks,
        )


def pick(known: Sequence[One], n: int) -> One:
    """Return one of these."""
    return known[n % len(known)]


def _things(case: Case) -> dict[Key, Standing]:
    found: dict[Key, Standing] = {}
    for about, thing in case.things.items():
        dated = thing.sort != TASK and thing.due
        due = thing.due.isoformat() if dated and thing.due else None
        found[about] = thing.state, due, case.next_action(thing) if thing.sort != TASK else None
    return found


def _wakes_at(case: Case) -> datetime | None:
    tasks = (case.next_action(thing) for thing in case.things.values() if thing.sort == TASK)
    return min((at for at in tasks if at), default=None)


def _described(letter: Letter) -> Any:
    notice = letter.notice
    due = notice.due.isoformat() if notice.due else None
    told = letter.case.id, notice.about, notice.occasion, notice.to, notice.of_manager
    return *told, letter.person, letter.channel, due


def _way(seen: Seen) -> Any:
    return seen.state, seen.attempts, seen.queue, seen.at, seen.renewed_at, seen.listed


def _way_of(letter: Letter) -> Any:
    listed = letter.state in UNDELIVERED
    return letter.state, letter.attempts, letter.queue, letter.at, letter.renewed_at, listed
