"""What is stored in the end, held against what was answered, called for and taken by SES and SNS."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.core.case import Case
from chalicelib.core.decision import decide
from chalicelib.core.identity import identify
from chalicelib.core.trace import Trace
from chalicelib.ports import Message, MessageState
from chalicelib.store import items
from chalicelib.store.mapping import stamp, value_of
from chalicelib.store.messages import MESSAGE, message_key, message_of
from chalicelib.visits import Ports
from infra import riverbank
from tests.deployed.callers import Answered
from tests.deployed.mail_door import Taken
from tests.deployed.workers import Kill

CHANNELS = ("email", "topic")
STILL_GOING = frozenset({MessageState.PENDING, MessageState.SENDING})
# What SES's word leaves a letter that it took in; no letter ends in any of the others.
TAKEN = frozenset({MessageState.DELIVERED, MessageState.BOUNCED})
# A letter that was taken is written down within this, if its process lives.
WRITTEN_DOWN_SECONDS = 8.0
SENDERS = ("dispatch", "sweep")
MANY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A deployed council's tables; `tests.proofs.portrait` looks at them as at a world."""

    ports: Ports
    outbox: str

    @property
    def rooms(self) -> "Stored":
        """The rooms in which to look."""
        return self

    @property
    def stored(self) -> "Stored":
        """What is stored there."""
        return self

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield every item of the outbox."""
        pages = (
            items.connection()
            .client.get_paginator("scan")
            .paginate(TableName=self.outbox, ConsistentRead=True)
        )
        for page in pages:
            yield from page["Items"]

    def queued(self) -> list[str]:
        """Return which messages stand in a queue."""
        return [row["pk"]["S"] for row in self.rows() if "queue" in row]

    def messages(self) -> list[Message]:
        """Return every message there is."""
        ids = [row["pk"]["S"] for row in self.rows() if row["sk"]["S"] == MESSAGE]
        return [message_of(each) for each in items.OutboxItem.batch_get([(pk, MESSAGE) for pk in ids])]

    def let_leases_run_out(self, now: datetime) -> None:
        """Put back every lease by as long as it has left, as if everybody had waited for its end."""
        for each in self.messages():
            if each.state is MessageState.SENDING:
                over = {"S": stamp(now)}
                items.connection().client.update_item(
                    TableName=self.outbox,
                    Key={"pk": {"S": message_key(each.id)}, "sk": {"S": MESSAGE}},
                    UpdateExpression="SET lease_until = :over, next_attempt_at = :over",
                    ConditionExpression="#state = :sending",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues={":over": over, ":sending": {"S": "SENDING"}},
                )


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Everything that is to agree. `letters` went by the door, `published` are the topics' notices."""

    stored: Stored
    answered: Sequence[Answered]
    letters: Sequence[Taken]
    mailbox: Sequence[Mapping[str, Any]]
    published: Sequence[Mapping[str, Any]]
    kills: Sequence[Kill]
    letters_twice: list[str] = field(default_factory=list)
    notices_twice: list[str] = field(default_factory=list)

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """The cases that were told of."""
        ids = dict.fromkeys(each.body["case_id"] for each in self.answered)
        return {case_id: self.stored.ports.cases.load(case_id) for case_id in ids}

    @cached_property
    def journals(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Every entry of every journal, first entry first."""
        journal = self.stored.ports.cases.journal
        return {
            case_id: [json.loads(row.entry_json) for row in journal(case_id, None, MANY).items]
            for case_id in self.cases
        }

    @cached_property
    def messages(self) -> Sequence[Message]:
        """The messages about these cases."""
        return [each for each in self.stored.messages() if each.case_id in self.cases]

    def wrong(self) -> Iterator[str]:
        """Say of everything that was answered or called for whether it was lost or doubled."""
        yield from self._facts_wrong()
        yield from self._folded_wrong()
        yield from self._notices_wrong()
        yield from self._letters_wrong()
        yield from self._twice(self._mails(), "e-mail", self.letters_twice)
        yield from self._twice(self._notices(), "notice", self.notices_twice)

    # --- facts ------------------------------------------------------------------------------

    def _facts_wrong(self) -> Iterator[str]:
        told = Counter(
            (case_id, entry["fact"]["id"]) for case_id, journal in self.journals.items() for entry in journal
        )
        for each in self.answered:
            place = (each.body["case_id"], each.body["fact_id"])
            if told[place] != 1:
                yield f"{each.sent.key} was answered and is in the journal {told[place]} times"
        owners = Counter((each.body["case_id"], each.body["fact_id"]) for each in self.answered)
        yield from (f"{place} answers {times} requests" for place, times in owners.items() if times > 1)

    def _folded_wrong(self) -> Iterator[str]:
        for case_id, case in self.cases.items():
            if self._folded(case) != case:
                yield f"the journal of {case_id} does not fold into the case"

    def _folded(self, case: Case) -> Case:
        """Decide again whatever the journal holds, on a case that begins as this one began."""
        journal, rulebook = self.journals[case.id], self.stored.ports.rulebook
        folded = Case(
            id=case.id,
            authority=case.authority,
            child_reference=case.child_reference,
            protocols=tuple(sorted(riverbank.COUNCIL.protocols)),
            calendar=str(journal[0]["calendar_hash"]),
        )
        for entry in journal:
            fact = value_of(Trace, json.dumps(entry["fact"]))
            folded = decide(folded, fact, rulebook.for_case(folded, fact)).after
        return folded

    # --- notices ----------------------------------------------------------------------------

    def _notices_wrong(self) -> Iterator[str]:
        called = Counter(
            notice["id"]
            for journal in self.journals.values()
            for entry in journal
            for notice in entry["notices"]
        )
        put_in = Counter(each.id for each in self.messages)
        for notice_id, times in called.items():
            if times > 1:
                yield f"{notice_id} is called for {times} times"
            if not any(put_in[identify("m", notice_id, channel)] for channel in CHANNELS):
                yield f"{notice_id} was called for and is in no outbox"
        for each in self.messages:
            if each.notice_id not in called:
                yield f"{each.id} is in the outbox and nothing called for it"
            if each.state in STILL_GOING:
                yield f"{each.id} is {each.state} for ever"

    def _letters_wrong(self) -> Iterator[str]:
        """A message has left exactly if it ends as one that did."""
        left = {*self._mails(), *self._notices()}
        for each in self.messages:
            ends = TAKEN if each.channel == "email" else {MessageState.SENT}
            if (each.id in left) != (each.state in ends):
                yield f"{each.id} is {each.state} and {'left' if each.id in left else 'never left'}"
        seen = Counter(each["MessageId"] for each in self.mailbox)
        for letter in self.letters:
            if seen[letter.reference] != 1:
                yield f"{letter.message_id} was taken and is {seen[letter.reference]} times in the mailbox"

    # --- what left twice --------------------------------------------------------------------

    def _mails(self) -> Mapping[str, Sequence[tuple[float, Sequence[str]]]]:
        """When each message left by e-mail, and from which function."""
        left = defaultdict(list)
        for each in self.letters:
            left[each.message_id].append((each.at, (each.function,)))
        return left

    def _notices(self) -> Mapping[str, Sequence[tuple[float, Sequence[str]]]]:
        """When each message left by a topic: a notice doesn't say from which function."""
        left, ours = defaultdict(list), {each.id for each in self.messages}
        for each in self.published:
            message_id = each["MessageAttributes"]["message_id"]["Value"]
            if message_id in ours:
                at = datetime.fromisoformat(each["Timestamp"]).timestamp()
                left[message_id].append((at, SENDERS))
        return left

    def _twice(
        self, left: Mapping[str, Sequence[tuple[float, Sequence[str]]]], what: str, counted: list[str]
    ) -> Iterator[str]:
        """Twice is right only where the process that sent the first died before it could write it down."""
        attempts = {each.id: each.attempts for each in self.stored.messages()}
        for message_id, times in left.items():
            for at, functions in sorted(times)[:-1]:
                counted.append(message_id)
                if not any(self._died(function, at) for function in functions):
                    yield f"a second {what} of {message_id} left, and nobody had died over the first"
            if len(times) > attempts[message_id]:
                yield f"{message_id} was claimed {attempts[message_id]} times and left {len(times)} times"

    def _died(self, function: str, at: float) -> bool:
        return any(
            kill.function == function and -0.01 <= kill.at - at <= WRITTEN_DOWN_SECONDS for kill in self.kills
        )
