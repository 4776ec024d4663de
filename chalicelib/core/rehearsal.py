"""Run a protocol's worked examples: facts in, dated duties, answers and notices out.

In an example a role stands for whoever fills it, so nobody has to be invented: `by = ["iro"]`.
Facts are learned at nine o'clock on their day, London time, unless they say `at`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from chalicelib.core.case import Case, Decision, Flag, Notice
from chalicelib.core.decision import decide
from chalicelib.core.expecting import Outcome, listed, unmet
from chalicelib.core.history import History
from chalicelib.core.london import LONDON
from chalicelib.core.looking_ahead import ahead_of
from chalicelib.core.protocol import Example, Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.spoken import spoken_day
from chalicelib.core.trace import TIME_REACHED, Claim, Seat, Trace
from chalicelib.core.tracing import rows_about
from chalicelib.core.working_days import Calendar

PEOPLE = ("by", "to", "chair", "present", "invited", "signed_by")
LINKS = ("placement_id", "meeting_id", "process_id", "for_id", "replaces")
TAKEN_APART = (
    "fact",
    "on",
    "at",
    "id",
    "details",
    "allocations",
    "contents",
    "exceptions",
    "planned_for",
    "because",
)
MORNING = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of an example: the last decision, all notices, and what was not as expected."""

    decision: Decision | None
    notices: tuple[Notice, ...]
    failures: tuple[str, ...]


def run(example: Example, protocol: Protocol, calendar: Calendar) -> Ran:
    """Run one example and compare what came out with what it expects."""
    rules = Rules(protocols=(protocol,), calendar=calendar, calendar_hash="")
    case = Case(id="example", authority="example", child_reference="X-0", protocols=(protocol.id,))
    notices: list[Notice] = []
    latest: tuple[Notice, ...] = ()
    decision: Decision | None = None
    proposed: Trace | None = None
    ahead: tuple[Flag, ...] = ()
    for position, fact in enumerate(_facts(example)):
        decision = decide(case, fact, rules)
        case = decision.after
        notices.extend(decision.notices)
        latest = decision.notices
        if example.propose and position == len(example.given):
            proposed, ahead = fact, _ahead(fact, case, rules)
    outcome = Outcome(
        standing=replace(case.standing, flags=(*case.standing.flags, *ahead)),
        told=latest if example.today else tuple(notices),
        proposed=proposed,
        view=rules.view(protocol, History(case.facts)),
    )
    failures = tuple(failure for wanted in example.expect for failure in unmet(wanted, outcome))
    return Ran(decision=decision, notices=tuple(notices), failures=failures)


def _ahead(proposed: Trace, case: Case, rules: Rules) -> tuple[Flag, ...]:
    """Return what a planned chair or day would trip, as answers to the proposal that plans it."""
    ahead = ahead_of(proposed, case, rules)
    return tuple(replace(flag, fact_id=proposed.id) for flag in ahead[1]) if ahead else ()


def _facts(example: Example) -> Iterator[Trace]:
    given = [*example.given, *([example.propose] if example.propose else [])]
    for position, raw in enumerate(given):
        yield example_fact(f"f{position}", raw)
    if example.today:
        at = _moment(spoken_day(str(example.today)))
        yield Trace(id="now", kind=TIME_REACHED, on=at.date(), learned_at=at, at=at)


def example_fact(fact_id: str, raw: Mapping[str, object]) -> Trace:
    """Return the trace of a fact as an example writes it."""
    on = spoken_day(str(raw["on"]))
    at = raw.get("at")
    planned = raw.get("planned_for")
    words = {
        name: listed(value) for name, value in raw.items() if name not in (*PEOPLE, *LINKS, *TAKEN_APART)
    }
    contents = raw.get("contents")
    contents = {part: said for part, said in contents.items() if said} if isinstance(contents, dict) else {}
    return Trace(
        id=str(raw.get("id", fact_id)),
        kind=str(raw["fact"]),
        on=on,
        learned_at=_moment(on),
        at=_moment(on, time.fromisoformat(str(at))) if at else None,
        planned_for=spoken_day(str(planned)) if planned else None,
        words=words,
        people={name: _seats(raw[name]) for name in PEOPLE if name in raw},
        filled=tuple(sorted({*raw, *contents})),
        rows={part: rows_about(said) for part, said in contents.items() if isinstance(said, list)},
        details=_named(raw.get("details")),
        allocations=_named(raw.get("allocations")),
        claims=tuple(_claims(raw.get("exceptions", []))),
        placement_id=_link(raw, "placement_id"),
        meeting_id=_link(raw, "meeting_id"),
        process_id=_link(raw, "process_id"),
        for_id=_link(raw, "for_id"),
        replaces=_link(raw, "replaces"),
    )


def _link(raw: Mapping[str, object], name: str) -> str | None:
    return str(raw[name]) if name in raw else None


def _moment(on: date, at: time = MORNING) -> datetime:
    return datetime.combine(on, at, LONDON).astimezone(UTC)


def _seats(value: object) -> tuple[Seat, ...]:
    return tuple(_seat(each) for each in listed(value))


def _seat(written: str) -> Seat:
    """Return `iro` as whoever fills that role, and `okafor/iro` as a person who holds the post."""
    person, _, role = written.rpartition("/")
    return Seat(person_id=person or None, roles=(role,))


def _named(value: object) -> Mapping[str, str]:
    return {str(name): str(each) for name, each in value.items()} if isinstance(value, dict) else {}


def _claims(raw: object) -> Iterator[Claim]:
    for each in raw if isinstance(raw, list) else []:
        approver = each.get("approver")
        yield Claim(
            name=each["name"],
            reasoned=bool(str(each.get("because", "")).strip()),
            approver=_seat(approver) if approver else None,
            confirmed=bool(each.get("confirmed", False)),
        )
