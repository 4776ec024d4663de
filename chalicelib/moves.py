"""Moving a case to other versions of its protocols: what that would change, and then doing it.

A case keeps the versions that it started under until somebody moves it. The move is a fact in the
journal; duties that both versions name keep their ids, so nothing is announced again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, ClassVar

from annotated_types import Len

from chalicelib import family
from chalicelib.core.case import Case, Decision
from chalicelib.core.decision import decide
from chalicelib.core.errors import InvalidInput, Problem
from chalicelib.core.facts import STRICT, Text, Word
from chalicelib.core.london import day_of
from chalicelib.core.trace import PROTOCOL_MOVED, Trace
from chalicelib.recounting import as_recounted
from chalicelib.rulebook import DAY_LENGTH
from chalicelib.service import own_case, take
from chalicelib.visits import Accepted, Incoming, Ports, Visit

# The key under which nothing is stored.
PREVIEW = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolMove:
    """To which protocols a case is to be moved, all of them named, and why."""

    to: Annotated[tuple[Word, ...], Len(1, 10)]
    because: Text

    __pydantic_config__: ClassVar = STRICT


def preview(case_id: str, move: ProtocolMove, incoming: Incoming, ports: Ports) -> Mapping[str, object]:
    """Return what a move would open, settle, move and say, and store nothing.

    Raises NotFound, and InvalidInput where the case cannot be moved there.
    """
    stored = own_case(case_id, incoming.authority, ports)
    # Moving it brings it to the calendar in force first: the dates are to be those that will be.
    case = as_recounted(stored, incoming.learned_at, ports)
    fact = _fact(case, move, incoming, ports)
    decision = decide(case, fact, ports.rulebook.for_case(case, fact))
    return {
        "case_id": case.id,
        "version": stored.version,
        "from": list(case.protocols),
        "to": list(move.to),
        "changes": [asdict(change) for change in decision.changes],
        **_gathered(decision),
        "notices": [
            {"clause": each.clause, "role": each.role, "occasion": each.occasion} for each in decision.notices
        ],
    }


def move(case_id: str, asked: ProtocolMove, incoming: Incoming, ports: Ports) -> Accepted:
    """Move a case, as a fact of its journal.

    Raises NotFound, InvalidInput, StaleVersion, KeyReused, Busy.
    """
    visit = Visit(incoming=incoming, ports=ports)
    return take(case_id, lambda case: _fact(case, asked, incoming, ports), visit)


def _fact(case: Case, asked: ProtocolMove, incoming: Incoming, ports: Ports) -> Trace:
    on = day_of(incoming.learned_at)
    problems = _problems(case, asked.to, on, ports)
    if problems:
        raise InvalidInput(problems)
    moved = Trace(
        id=incoming.fact_id,
        kind=PROTOCOL_MOVED,
        on=on,
        learned_at=incoming.learned_at,
        words={"from": case.protocols, "to": asked.to},
        filled=("because", "to"),
    )
    if not case.child_reference:
        return moved
    # The versions moved to may ask what the present ones did not: what the child's other cases hold.
    child = ports.cases.child(case.authority, case.child_reference)
    return family.with_elsewhere(moved, child, case.id)


def _problems(case: Case, to: Sequence[str], on: date, ports: Ports) -> list[Problem]:
    """Return everything that keeps a case from being moved to these protocols."""
    chosen = ports.rulebook.authority(case.authority).protocols
    problems: list[Problem] = []
    for position, name in enumerate(to):
        if name not in chosen:
            problems.append(Problem(f"to[{position}]", f"one of {', '.join(sorted(chosen))}"))
        elif ports.protocols.load(name).in_force_from > on:
            problems.append(Problem(f"to[{position}]", "a protocol that is in force by now"))
    if len({name[:-DAY_LENGTH] for name in to}) < len(to):
        problems.append(Problem("to", "each protocol once, in one version"))
    if not problems and set(to) == set(case.protocols):
        problems.append(Problem("to", "other protocols than the case has"))
    return problems


def _gathered(decision: Decision) -> Mapping[str, list[str]]:
    """Return the ids of duties and flags by what a move would do to them."""
    found: dict[str, list[str]] = {"opened": [], "settled": [], "moved": [], "withdrawn": []}
    settling = {"met": "settled", "lapsed": "settled", "missed": "settled", "excused": "settled"}
    for change in decision.changes:
        name = settling.get(change.what, change.what)
        if name in found:
            found[name].append(change.about)
    return found
