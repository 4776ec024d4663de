"""From a whole fact to the short trace of it that the engine keeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from chalicelib.core.facts import ExceptionRecorded, Exemption, Fact, Party, Row
from chalicelib.core.trace import Claim, Seat, Trace

LINKS = ("placement_id", "meeting_id", "process_id", "for_id", "replaces", "planned_for")
NOT_WORDS = frozenset({*LINKS, "because", "on", "authority", "child_reference", "approver"})
# Fields of a referral that are details of its case.
DETAILS = ("placement_type", "legal_status", "change")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known of a fact beside the fact: its id and the UTC moment we learned of it."""

    fact_id: str
    learned_at: datetime


def trace_of(fact: Fact, heard: Heard, seat: Callable[[Party], Seat]) -> Trace:
    """Return a fact's trace; `seat` looks up the roles that somebody holds in the authority.

    Free text stays behind: only the names of filled fields and parts come along.
    """
    words: dict[str, tuple[str, ...]] = {}
    people: dict[str, tuple[Seat, ...]] = {}
    filled = [part for part, said in fact.contents.items() if _says_something(said)]
    for name, value in ((each.name, getattr(fact, each.name)) for each in fields(fact)):
        if value in (None, (), {}):
            continue
        filled.append(name)
        if isinstance(value, Party):
            people[name] = (seat(value),)
        elif isinstance(value, tuple) and isinstance(value[0], Party):
            people[name] = tuple(seat(party) for party in value)
        elif isinstance(value, str) and name not in NOT_WORDS and name not in DETAILS:
            words[name] = (value,)
        elif isinstance(value, tuple) and isinstance(value[0], str):
            words[name] = value
    return Trace(
        id=heard.fact_id,
        kind=fact.kind,
        on=fact.on,
        learned_at=heard.learned_at,
        at=fact.at.astimezone(UTC) if fact.at else None,
        words=words,
        people=people,
        filled=tuple(sorted(filled)),
        rows={part: rows_about(said) for part, said in fact.contents.items() if isinstance(said, tuple)},
        details={**fact.details, **{n: getattr(fact, n) for n in DETAILS if hasattr(fact, n)}},
        allocations=dict(getattr(fact, "allocations", {})),
        claims=_claims(fact, seat),
        placement_id=fact.placement_id,
        meeting_id=fact.meeting_id,
        process_id=fact.process_id,
        replaces=fact.replaces,
        for_id=getattr(fact, "for_id", None),
        planned_for=getattr(fact, "planned_for", None),
    )


def rows_about(rows: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """Return whom each of the rows is about, where they have such a column."""
    return tuple(str(row["who"]) for row in rows if "who" in row)


def _says_something(said: str | tuple[Row, ...]) -> bool:
    """Say whether a part is filled: blanks are not, nor are rows without any."""
    return bool(said.strip()) if isinstance(said, str) else bool(said)


def _claims(fact: Fact, seat: Callable[[Party], Seat]) -> tuple[Claim, ...]:
    """Return the exceptions that a fact claims, each with its approver looked up."""
    claimed = list(fact.exceptions)
    if isinstance(fact, ExceptionRecorded):
        claimed.append(Exemption(name="excused", because=fact.because, approver=fact.approver))
    return tuple(
        Claim(
            name=each.name,
            reasoned=bool(each.because.strip()),
            approver=seat(Party(person_id=each.approver)) if each.approver else None,
            confirmed=each.confirmed,
        )
        for each in claimed
    )
