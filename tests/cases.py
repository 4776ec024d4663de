"""Cases, and what is stored of them, as most tests of the store want them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.core.case import (
    Answer,
    Case,
    Change,
    Child,
    Decision,
    Duty,
    Flag,
    Hold,
    Notice,
    Standing,
    State,
    Task,
)
from chalicelib.core.trace import Claim, Ending, Seat, Trace
from chalicelib.ports import Commit, Entry, MeetingRow, Receipt
from tests.builders import day

MORNING = datetime(2026, 5, 21, 8, 12, tzinfo=UTC)  # Thursday 21 May 2026, 09:12 in London
AUTHORITY = "tower-hamlets"


def trace(**changes: object) -> Trace:
    """A referral, as the engine keeps it."""
    made = Trace(id="f-1", kind="referral_received", on=day("Thu 21 May 2026"), learned_at=MORNING)
    return replace(made, **changes)  # type: ignore[arg-type]


def duty(**changes: object) -> Duty:
    """The record of a meeting, owed in three working days and next acted on an hour from now."""
    made = Duty(
        id="d-1",
        protocol="tower-hamlets-2026-04-01",
        clause="TH-35",
        effect="o1",
        opened_by="f-1",
        opened_on=day("Thu 21 May 2026"),
        opened_at=MORNING,
        owner=("social_work_team",),
        due_on=day("Wed 27 May 2026"),
        next_action_at=MORNING + timedelta(hours=1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def task(**changes: object) -> Task:
    """Somebody is to be told another way."""
    made = Task(
        id="t-1",
        opened_by="f-1",
        opened_on=day("Thu 21 May 2026"),
        role="iro",
        why="no_contact",
        tell="cpt_manager",
        message_id="m-1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def flag(**changes: object) -> Flag:
    """A move without a meeting."""
    made = Flag(
        id="g-1",
        protocol="tower-hamlets-2026-04-01",
        clause="TH-25",
        effect="g1",
        fact_id="f-1",
        on=day("Thu 21 May 2026"),
        opened_at=MORNING,
        answer=Answer.BREACH,
        why="no_meeting",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def case(**changes: object) -> Case:
    """A case of one fact, at its first version, on which nothing is owed."""
    made = Case(
        id="PC-2041",
        authority=AUTHORITY,
        child_reference="TH-1042",
        protocols=("tower-hamlets-2026-04-01",),
        version=1,
        facts=(trace(),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def full_case() -> Case:
    """A case that has something in every field."""
    return case(
        facts=(
            trace(
                at=MORNING,
                replaces="f-0",
                planned_for=day("Fri 22 May 2026"),
                words={"reasons": ("carer_illness", "notice_given")},
                people={"by": (Seat(person_id="ada", roles=("iro",)), Seat(roles=("child",)))},
                filled=("record.views",),
                details={"legal_status": "s20"},
                allocations={"iro": "ada"},
                claims=(
                    Claim(name="safety", reasoned=True, approver=Seat(person_id="grace"), confirmed=True),
                ),
                endings=(
                    Ending(
                        case_id="PC-1",
                        fact_id="f-9",
                        on=day("Mon 2 Mar 2026"),
                        words={"manner": ("unplanned",)},
                    ),
                ),
            ),
        ),
        standing=Standing(
            duties=(
                duty(left=({"to": "iro"}, {"to": "gm_cpt", "meeting": "m-2"}), provisional=True),
                duty(id="d-2", state=State.MET, settled_by="f-1", next_action_at=None),
            ),
            flags=(flag(), flag(id="g-2", answer=Answer.EXCEPTED, exception="safety")),
            holds=(
                Hold(
                    id="h-1",
                    protocol="tower-hamlets-2026-04-01",
                    clause="TH-39",
                    effect="z1",
                    process="challenge",
                    process_id="p-1",
                    opened_by="f-1",
                    opened_on=day("Thu 21 May 2026"),
                ),
            ),
            tasks=(task(), task(id="t-2", done_by="f-1")),
        ),
        told=frozenset({"n-3", "n-1", "n-2"}),
    )


def standing(*parts: Duty | Flag | Task) -> Standing:
    """How a case stands that has these."""
    return Standing(
        duties=tuple(each for each in parts if isinstance(each, Duty)),
        flags=tuple(each for each in parts if isinstance(each, Flag)),
        tasks=tuple(each for each in parts if isinstance(each, Task)),
    )


def entry(after: Case, before: Standing | None = None, **changes: object) -> Entry:
    """The decision that led to `after`."""
    decision = Decision(
        after=after,
        fact=after.facts[-1],
        changes=(Change(what="opened", about="d-1", clause="TH-35", cause="f-1"),),
        notices=(
            Notice(
                id="n-1",
                about="d-1",
                protocol="tower-hamlets-2026-04-01",
                clause="TH-35",
                occasion="opened",
                role="iro",
                urgency="now",
            ),
        ),
        passed_over=("r-1",),
        calendar_hash="c" * 64,
    )
    made = Entry(
        decision=decision,
        fact_json='{"kind": "referral_received", "because": "Zoë asked – “today”"}',
        recorded_by="cpt-system",
        learned_at=MORNING,
        before=before or Standing(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def commit(after: Case | None = None, before: Standing | None = None, **changes: object) -> Commit:
    """One decision, and nothing beside it."""
    return replace(Commit(entries=(entry(after or case(), before),)), **changes)  # type: ignore[arg-type]


def receipt(key: str = "api|cpt|k-1", **changes: object) -> Receipt:
    """Proof that a request was taken."""
    made = Receipt(
        authority=AUTHORITY,
        key=key,
        body_hash="b" * 64,
        status=201,
        answer='{"id":"f-1"}',
        received_at=MORNING,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def child(version: int = 1, **changes: object) -> Child:
    """What the cases of child TH-1042 share."""
    made = Child(authority=AUTHORITY, reference="TH-1042", version=version, cases=("PC-2041",))
    return replace(made, **changes)  # type: ignore[arg-type]


def meeting(meeting_id: str = "m-1", **changes: object) -> MeetingRow:
    """One line of the log of meetings."""
    made = MeetingRow(
        authority=AUTHORITY,
        case_id="PC-2041",
        meeting_id=meeting_id,
        meeting="placement_support",
        convened_on=day("Thu 21 May 2026"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
