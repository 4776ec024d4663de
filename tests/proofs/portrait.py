"""A world when all is quiet: what must hold of it, and what must be the same whatever broke on the way.

Left out of the portrait is what may honestly differ: moments, how often the clock was recorded, and what
the service told of itself, since a call that fails may be worth a word.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.core.case import Case
from chalicelib.core.trace import CALENDAR_CHANGED, CHILD_HISTORY_CHANGED, TIME_REACHED
from chalicelib.ports import MessageState
from chalicelib.store.upkeep import ASIDE
from infra import riverbank
from tests.proofs.engines import Item
from tests.proofs.world import World

STILL_GOING = frozenset({MessageState.PENDING, MessageState.SENDING})
NEVER_ARRIVES = frozenset({MessageState.FAILED, MessageState.BOUNCED, MessageState.COMPLAINED})
# How often the clock was recorded may differ, and with it the numbers of journal entries; acts are
# looked at by themselves, since one that was asked for again may bear a later moment.
COUNTED_OTHERWISE = ("J#", "SNAPSHOT#", "ACT#")
# A case keeps the latest of these alone; its journal has them all.
LATEST_ALONE = (TIME_REACHED, CHILD_HISTORY_CHANGED)
MANY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What people would find, by value."""

    cases: Mapping[str, object]
    messages: Mapping[str, object]
    tasks: tuple[object, ...]
    walks: tuple[object, ...]
    acts: tuple[object, ...]
    in_force: Mapping[str, bool]
    keys: frozenset[tuple[str, str]]


def portrait(world: World) -> Portrait:
    """Return what is stored, once nothing is under way."""
    ports = world.rooms.ports
    tasks = ports.cases.tasks(riverbank.ID, None, MANY).items
    return Portrait(
        cases={case.id: _case(case) for case in all_cases(world)},
        messages={
            each.id: (each.state, each.role, each.person_id, each.channel, each.occasion)
            for each in world.stored.messages()
            if each.clause
        },
        tasks=tuple(sorted((each.case_id, each.task_id, each.tell, each.why) for each in tasks)),
        walks=tuple((each.edition, each.done, each.left) for each in ports.calendars.walks([riverbank.ID])),
        acts=tuple(
            sorted((act.what, act.about, act.by, act.why) for act in ports.cases.acts(None, None, MANY).items)
        ),
        in_force=_in_force(world),
        keys=frozenset(_keys(world)),
    )


def all_cases(world: World) -> list[Case]:
    """Return every case of the council."""
    rows = world.rooms.ports.cases.cases(riverbank.ID, None, MANY).items
    return [world.rooms.ports.cases.load(row.case_id) for row in rows]


def what_is_wrong(world: World) -> Iterator[str]:
    """Say of everything that was acknowledged, stored or called for whether it was lost or doubled."""
    for case in all_cases(world):
        yield from _journal_wrong(world, case)
    for each in world.stored.messages():
        if each.state in STILL_GOING:
            yield f"{each.id} is {each.state} for ever"
        # What the service tells of itself has a record to be seen on only once an authority keeps one.
        if each.state in NEVER_ARRIVES and each.clause and not _has_task(world, each.case_id, each.id):
            yield f"{each.id} is {each.state} and no task says so"
    for key in world.stored.queued():
        yield f"{key} stands in a queue for ever"


def _journal_wrong(world: World, case: Case) -> Iterator[str]:
    rows = world.rooms.ports.cases.journal(case.id, None, MANY).items
    if [row.sequence for row in rows] != list(range(1, case.version + 1)):
        yield f"the journal of {case.id} is not its versions, each once"
    facts = [json.loads(row.entry_json)["fact"] for row in rows]
    told = Counter(each["id"] for each in facts if each["kind"] not in LATEST_ALONE)
    kept = Counter(each.id for each in case.facts if each.kind not in LATEST_ALONE)
    for fact_id in sorted(told.keys() | kept.keys()):
        if (told[fact_id], kept[fact_id]) != (1, 1):
            yield f"{fact_id} is {told[fact_id]} times in the journal of {case.id}, {kept[fact_id]} on it"


def _has_task(world: World, case_id: str, message_id: str) -> bool:
    return any(task.message_id == message_id for task in world.rooms.ports.cases.load(case_id).standing.tasks)


def _case(case: Case) -> object:
    standing = case.standing
    return {
        "facts": sorted(
            (each.kind, "" if each.kind == CALENDAR_CHANGED else each.id)
            for each in case.facts
            if each.kind != TIME_REACHED
        ),
        "under": (case.protocols, case.calendar),
        "duties": {each.id: (each.state, each.due_on, each.late, each.owner) for each in standing.duties},
        "flags": {each.id: each.answer for each in standing.flags},
        "holds": {each.id: each.ended_on for each in standing.holds},
        "tasks": {each.id: (each.why, each.message_id, each.done_by) for each in standing.tasks},
        "told": case.told,
        "waiting": case.waiting,
    }


def _in_force(world: World) -> Mapping[str, bool]:
    """Return of each tombstone, of each address and of the pause whether it holds."""
    rows = world.stored.everything("outbox")
    return {row["pk"]["S"]: row["in_force"]["BOOL"] for row in rows if "in_force" in row}


def _keys(world: World) -> Iterator[tuple[str, str]]:
    own = {(f"MSG#{each.id}", "MSG") for each in world.stored.messages() if not each.clause}
    for name in world.names:
        for item in world.stored.everything(name):
            place = (item.get("pk") or item["authority"])["S"], item["sk"]["S"]
            if not place[1].startswith(COUNTED_OTHERWISE) and place not in own and not _counts_alone(item):
                yield place


def _counts_alone(item: Item) -> bool:
    """Whether this marks a case that failed in a tick and is not set aside: breaking a call may do that."""
    return bool(item["sk"]["S"] == ASIDE and "list_key" not in item)
