"""What the service holds, read from its tables as it travels; only cases are read by the store's own code."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.case import Case
from tests.proofs.model_ladder import ALERT, GUARD, RECORD, TASK, Key
from tests.proofs.small_dynamo import SmallDynamo

STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"
Item = Mapping[str, Any]
# A state, the date it is due on, and when its next rung leaves.
Standing = tuple[str, str | None, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message as the outbox has it; `listed` where it is among what did not arrive."""

    case_id: str
    about: str
    occasion: str
    to: tuple[str, str]
    of_manager: bool
    person: str | None
    channel: str
    due: str | None
    state: str
    attempts: int
    queue: str | None
    at: datetime | None
    renewed_at: datetime | None
    listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """One case as it is stored; `opened_by` says by which fact each of its tasks was opened."""

    version: int
    things: Mapping[Key, Standing]
    wakes_at: datetime | None
    opened_by: Mapping[str, str]


@dataclass
class Looker:
    """Whoever looks at everything after every step, and looks twice only at what was put anew."""

    engine: SmallDynamo
    load: Callable[[str], Case]
    called: dict[str, Key] = field(default_factory=dict)
    _seen: dict[str, tuple[Item, Seen]] = field(default_factory=dict)
    _stood: dict[str, tuple[Item, Stood]] = field(default_factory=dict)

    def messages(self) -> dict[str, Seen]:
        """Return every message by its id."""
        for (pk, sk), item in self._table("outbox").items():
            name = pk.removeprefix("MSG#")
            if sk == "MSG" and (name not in self._seen or self._seen[name][0] is not item):
                self._seen[name] = item, _seen(item)
        return {name: seen for name, (_, seen) in self._seen.items()}

    def cases(self) -> dict[str, Stood]:
        """Return every case by its id, and learn what its duties, flags and tasks are called."""
        for (pk, sk), item in self._table("cases").items():
            name = pk.removeprefix("CASE#")
            if sk == "CASE" and (name not in self._stood or self._stood[name][0] is not item):
                self._stood[name] = item, self._stands(self.load(name))
        return {name: stood for name, (_, stood) in self._stood.items()}

    def count(self, sort: str) -> int:
        """Return how many items there are whose sort key begins so."""
        return sum(sk.startswith(sort) for _, sk in self._table("cases"))

    def occasion(self, seen: Seen) -> str:
        """Return on which occasion a message was made; of a task not by which fact of the service's own."""
        word, colon, cause = seen.occasion.partition(":")
        stood = self._stood[seen.case_id][1]
        own = word in ("undelivered", "task") and stood.opened_by.get(seen.about) == cause
        return f"{word}:own" if own else word + colon + cause

    def _stands(self, case: Case) -> Stood:
        standing = case.standing
        things: dict[Key, Standing] = {}
        for duty in standing.duties:
            assert duty.clause in (ALERT, RECORD)
            due = duty.due_on.isoformat() if duty.due_on else None
            key: Key = duty.clause, duty.opened_by
            self.called[duty.id], things[key] = key, (str(duty.state), due, duty.next_action_at)
        for flag in standing.flags:
            assert flag.clause == GUARD
            key = flag.clause, flag.fact_id
            self.called[flag.id], things[key] = key, (str(flag.answer), None, flag.next_action_at)
        before: Counter[str] = Counter()
        for task in standing.tasks:
            key = TASK, task.message_id, before[task.message_id]
            before[task.message_id] += 1
            self.called[task.id], things[key] = key, ("done" if task.done_by else "open", None, None)
        return Stood(
            version=case.version,
            things=things,
            wakes_at=standing.wakes_at,
            opened_by={task.id: task.opened_by for task in standing.tasks},
        )

    def _table(self, name: str) -> Mapping[tuple[str, str], Item]:
        return self.engine.tables[self.engine.names[name]]


def _seen(item: Item) -> Seen:
    body = json.loads(item["body"]["S"])
    queue = item.get("queue", {}).get("S")
    return Seen(
        case_id=body["case_id"],
        about=body["about"],
        occasion=body["occasion"],
        to=(body["role"], _route(body)),
        of_manager=body.get("of_manager", False),
        person=body.get("person_id"),
        channel=body["channel"],
        due=body.get("due_on"),
        state=item["state"]["S"],
        attempts=int(item["attempts"]["N"]),
        queue=queue.partition("#")[0] if queue else None,
        at=_moment(item.get("next_attempt_at")),
        renewed_at=_moment(item.get("renewed_at")),
        listed="undelivered_at" in item,
    )


def _route(body: Mapping[str, Any]) -> str:
    return "manager" if body.get("via_manager") else "deputy" if body.get("via_deputy") else "self"


def _moment(value: Mapping[str, str] | None) -> datetime | None:
    return datetime.strptime(value["S"], STAMP).replace(tzinfo=UTC) if value else None
