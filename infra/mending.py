"""What a copy lacks of being one moment, and how it is made whole again: by its cases alone.

    the case is read        a fact is stored        its journal is read
    |-----------------------|-----------------------|------------------> time of one export

The case is the truth, since it is one item and remembers what it told. What is ahead of it is taken back:
entries of its journal, receipts (a copy of their request would be answered and never recorded), what a
settled duty made pointless. Who sent what is taken back is named, to send it again; its notices stay in the
outbox, and are not told twice. What is worked out of a case is worked out anew.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib import meeting_log
from chalicelib.core.case import Case, Child, Standing
from chalicelib.ports import Receipt
from chalicelib.store import case_items
from chalicelib.store.items import CaseItem
from chalicelib.store.mapping import moment, value_of
from infra.copies import Item
from infra.hearing import CASE, UNREADABLE, Told, number_of, partitions, read_case

CHILD, RECEIPT = "CHILD#", "RECEIPT#"
DERIVED = ("OB#", "T#", "M#")


@dataclass(slots=True)
class Report:
    """What was mended, how often, and what somebody has to be asked for again: ids and words alone."""

    mended: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def mended_cases(items: Iterable[Item], told: Told, report: Report) -> Iterator[Item]:
    """Yield the items of the cases table as they agree with the cases."""
    children = set(told.children)
    for pk, partition in partitions(items):
        if pk.startswith(CASE):
            yield from _case(pk.removeprefix(CASE), partition, told, report)
        elif pk.startswith(RECEIPT):
            yield from (each for each in partition if _stands(each, told, report))
        elif pk.startswith(CHILD):
            children.discard(pk)
            yield from (_child(each, told, report) for each in partition)
        else:
            yield from partition
    for pk in sorted(children):
        report.mended["a child's item that was not there"] += 1
        mine = told.children[pk]
        yield case_items.child_item(_family(replace(mine[0], version=1), mine)).serialize()


def _case(case_id: str, partition: Sequence[Item], told: Told, report: Report) -> Iterator[Item]:
    case = read_case(partition)
    if case_id in told.unread:
        yield from partition
        return
    version = case.version if case else 0
    kept = []
    for item in partition:
        if number_of(item) > version:
            _take_back(case_id, item, report)
        else:
            kept.append(item)
    if case is not None:
        numbers = {number_of(item) for item in kept}
        report.gaps += [f"{case_id}\t{each}" for each in range(1, version + 1) if each not in numbers]
        try:
            kept = list(_agreeing(case, kept, report))
        except UNREADABLE:
            report.mended["cases beside which something cannot be read: they stay as they are"] += 1
        yield from kept


def _take_back(case_id: str, item: Item, report: Report) -> None:
    report.mended["entries of a journal ahead of its case, taken back"] += 1
    said = [case_id, item["sk"]["S"]]
    with suppress(*UNREADABLE):
        entry = json.loads(item["body"]["S"])
        fact = entry["fact"]
        said = [case_id, fact["id"], fact["kind"], entry["recorded_by"], entry["learned_at"]]
    report.lost.append("\t".join(said))


def _agreeing(case: Case, partition: Sequence[Item], report: Report) -> Iterator[Item]:
    """Yield what stands beside a case, as it follows from the case."""
    wanted = {item.sk: item for item in _derived(case)}
    for item in partition:
        sk = item["sk"]["S"]
        if sk == "ROW":
            yield _row(case, item, report)
        elif sk.startswith(DERIVED):
            yield _agreed(case, item, wanted.pop(sk, None), report)
        else:
            yield item
    for each in wanted.values():
        report.mended["lines of a duty, task or meeting, worked out anew"] += 1
        yield each.serialize()
    if not any(item["sk"]["S"] == "ROW" for item in partition):
        report.mended["lines of a case, worked out anew"] += 1
        yield _row_item(case, max(each.learned_at for each in case.facts))


def _derived(case: Case) -> Iterator[CaseItem]:
    nothing = Standing()
    yield from case_items.obligation_items(case, nothing, due_shards=1)
    yield from case_items.task_items(case, nothing)
    before = Case(id=case.id, authority=case.authority, child_reference="", protocols=())
    for row in meeting_log.changed_rows(before, case):
        yield case_items.meeting_item(row)


def _agreed(case: Case, item: Item, wanted: CaseItem | None, report: Report) -> Item:
    """Return a line that agrees with its case: its own where it does already, or waits for room."""
    sk = item["sk"]["S"]
    if sk.removeprefix("OB#") in case.standing.behind:
        return item
    if wanted is not None:
        known = CaseItem.from_raw_data(dict(item))
        if (known.body, known.next_action_at, known.list_sort) == (
            wanted.body,
            wanted.next_action_at,
            wanted.list_sort,
        ):
            return item
    elif not item.keys() & {"due_shard", "list_key"} or sk.startswith("M#"):
        # Withdrawn, done or emptied by what the case knows: the last that was said of it stays.
        return item
    report.mended["lines of a duty, task or meeting, worked out anew"] += 1
    if wanted is not None:
        return wanted.serialize()
    return {name: item[name] for name in item if name not in _INDEXED}


_INDEXED = frozenset({"due_shard", "next_action_at", "list_key", "list_sort"})


def _row(case: Case, item: Item, report: Report) -> Item:
    known = CaseItem.from_raw_data(dict(item))
    wanted = _row_item(case, moment(known.list_sort) or max(each.learned_at for each in case.facts))
    if wanted["body"] == item["body"]:
        return item
    report.mended["lines of a case, worked out anew"] += 1
    return wanted


def _row_item(case: Case, updated_at: datetime) -> Item:
    return case_items.line_item(case_items.case_row(case, updated_at)).serialize()


def _stands(item: Item, told: Told, report: Report) -> bool:
    """Say whether what a receipt proves is in its case."""
    case_id, fact_id = "", None
    with suppress(*UNREADABLE):
        answer = json.loads(value_of(Receipt, item["body"]["S"]).answer)
        case_id, fact_id = answer["case_id"], answer.get("fact_id")
    if fact_id is None or case_id in told.unread or fact_id in told.facts.get(case_id, ()):
        return True
    report.mended["receipts of what is not in its case, taken back"] += 1
    return False


def _child(item: Item, told: Told, report: Report) -> Item:
    try:
        known = value_of(Child, item["body"]["S"])
    except UNREADABLE:
        return item
    mine = told.children.get(item["pk"]["S"], [])
    unread = [each for each in known.cases if each in told.unread]
    if unread:
        return item
    wanted = _family(known, mine)
    if _same(known, wanted):
        return item
    report.mended["what the cases of a child share, worked out anew"] += 1
    return case_items.child_item(wanted).serialize()


def _family(known: Child, parts: Sequence[Child]) -> Child:
    """Return what the cases of a child share, each heard by itself."""
    places = {case_id: place for place, case_id in enumerate(known.cases)}
    parts = sorted(parts, key=lambda part: (places.get(part.cases[0], len(places)), part.cases))
    return replace(
        known,
        cases=tuple(part.cases[0] for part in parts),
        endings=tuple(each for part in parts for each in part.endings),
        involved=tuple(each for part in parts for each in part.involved),
    )


def _same(known: Child, wanted: Child) -> bool:
    def told(child: Child, name: str) -> Sequence[str]:
        return sorted(map(repr, getattr(child, name)))

    return all(told(known, name) == told(wanted, name) for name in ("cases", "endings", "involved"))
