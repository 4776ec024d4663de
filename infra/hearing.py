"""What the cases of a copy say, as far as the rest of the copy is held against that."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from chalicelib.core.case import Case, Child, State
from chalicelib.core.history import History
from chalicelib.core.london import day_of
from chalicelib.family import endings_of, involved_in
from chalicelib.store import case_items, messages
from chalicelib.store.mapping import unpacked
from infra.copies import Item
from infra.operating import CannotOperate

CASE = case_items.case_key("")
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)


@dataclass(slots=True)
class Told:
    """What all cases say. `open` are the duties and tasks to be done, and what their tombstones say is due.

    `over` are those settled; `about` is all that a journal speaks of, settled and withdrawn included.
    `unread` are cases that no longer parse: what belongs to them stays as it is.
    """

    facts: dict[str, frozenset[str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    protocols: set[str] = field(default_factory=set)
    open: dict[str, str | None] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    about: set[str] = field(default_factory=set)
    notices: set[str] = field(default_factory=set)
    seats: dict[str, Mapping[str, str]] = field(default_factory=dict)
    children: dict[str, list[Child]] = field(default_factory=dict)


def heard(items: Iterable[Item], now: datetime) -> Told:
    """Return what all cases among these items say."""
    told = Told()
    for pk, partition in partitions(items):
        if pk.startswith(CASE):
            try:
                _hear(pk.removeprefix(CASE), partition, told, now)
            except Exception:  # noqa: BLE001  one that no longer makes sense holds up no other
                told.unread.add(pk.removeprefix(CASE))
    return told


def partitions(items: Iterable[Item]) -> Iterator[tuple[str, Sequence[Item]]]:
    """Yield each partition. Raises CannotOperate where one does not stand in one piece, as it has to."""
    seen: set[str] = set()
    for pk, partition in groupby(items, key=lambda item: str(item["pk"]["S"])):
        if pk in seen:
            raise CannotOperate(f"{pk} stands in two places of the copy: nothing can be restored from it.")
        seen.add(pk)
        yield pk, list(partition)


def _hear(case_id: str, partition: Sequence[Item], told: Told, now: datetime) -> None:
    case = read_case(partition)
    if case is None:
        if any(item["sk"]["S"] == "CASE" for item in partition):
            told.unread.add(case_id)
        return
    told.facts[case_id] = frozenset(fact.id for fact in case.facts)
    told.protocols.update(case.protocols)
    behind = frozenset(case.standing.behind)
    for duty in case.standing.duties:
        if duty.state is State.OPEN:
            told.open[duty.id] = messages.date_text(duty.due_on)
        elif duty.id not in behind:
            told.over.add(duty.id)
    for task in case.standing.tasks:
        if task.done_by is None:
            told.open[task.id] = None
        else:
            told.over.add(task.id)
    told.seats[case_id] = History(case.facts).allocations(day_of(now))
    for _, entry in entries(partition, case.version):
        told.about.update(change["about"] for change in entry["changes"])
        told.notices.update(notice["id"] for notice in entry["notices"])
    if case.child_reference:
        part = Child(
            authority=case.authority,
            reference=case.child_reference,
            cases=(case.id,),
            endings=endings_of(case),
            involved=involved_in(case),
        )
        told.children.setdefault(case_items.child_key(case.authority, case.child_reference), []).append(part)


def read_case(partition: Sequence[Item]) -> Case | None:
    """Return the case of a partition; none where there is none, or none that can be read."""
    found = next((item for item in partition if item["sk"]["S"] == "CASE"), None)
    try:
        return unpacked(Case, bytes(found["packed"]["B"])) if found else None
    except Exception:  # noqa: BLE001  whatever is stored there, the tick sets it aside as it would have
        return None


def entries(partition: Sequence[Item], version: int) -> Iterator[tuple[Item, Mapping[str, Any]]]:
    """Yield the entries of a journal up to a version, each with what it says; none that cannot be read."""
    for item in partition:
        if 0 < number_of(item) <= version:
            with suppress(*UNREADABLE):
                said = json.loads(item["body"]["S"])
                if said["changes"] is not None and said["notices"] is not None:
                    yield item, said


def number_of(item: Item) -> int:
    """Return the number of a journal's entry; 0 for what is none."""
    name, _, number = item["sk"]["S"].partition("#")
    return int(number) if name == "J" and number.isdecimal() else 0
