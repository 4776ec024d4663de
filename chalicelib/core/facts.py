"""Things that happened, as they are reported to us.

Shared fields stand on `Fact`; each kind adds few of its own (protocol language, section 2). The
engine reads a `Trace` of a fact (`core/trace.py`); the whole of it stays in the journal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, ClassVar, NewType

from annotated_types import Len, MaxLen

CaseId = NewType("CaseId", str)
FactId = NewType("FactId", str)
PersonId = NewType("PersonId", str)
AuthorityId = NewType("AuthorityId", str)

Reference = Annotated[str, Len(1, 64)]
Word = Annotated[str, Len(1, 64)]
Text = Annotated[str, Len(1, 4000)]
Words = Annotated[tuple[Word, ...], MaxLen(40)]

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody in a fact: a person whose roles we look up, or a role without a known person."""

    person_id: Annotated[PersonId, Len(1, 64)] | None = None
    role: Word | None = None

    __pydantic_config__: ClassVar = STRICT


Parties = Annotated[tuple[Party, ...], MaxLen(40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """An exception that is claimed for a fact: its name, why, and who approved it."""

    name: Word
    because: Text
    approver: Annotated[PersonId, Len(1, 64)] | None = None
    confirmed: bool = False

    __pydantic_config__: ClassVar = STRICT


Row = Mapping[Word, Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact may carry. `on` is London's date; `at` an aware moment on that date."""

    on: date
    at: datetime | None = None
    placement_id: Reference | None = None
    meeting_id: Reference | None = None
    process_id: Reference | None = None
    by: Parties = ()
    to: Parties = ()
    reasons: Words = ()
    outcome: Word | None = None
    because: Text | None = None
    contents: Mapping[Word, Text | tuple[Row, ...]] = field(default_factory=dict)
    details: Mapping[Word, Word] = field(default_factory=dict)
    exceptions: Annotated[tuple[Exemption, ...], MaxLen(10)] = ()
    replaces: Annotated[FactId, Len(1, 64)] | None = None

    kind: ClassVar[str]
    may_be_proposed: ClassVar[bool] = False
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralReceived(Fact):
    """A placement-change referral reached the Children's Placements Team: it opens a case."""

    authority: Reference
    child_reference: Reference
    placement_id: Reference
    placement_type: Word
    legal_status: Word
    change: Word
    reasons: Annotated[tuple[Word, ...], Len(1, 40)]
    allocations: Annotated[Mapping[Word, Annotated[PersonId, Len(1, 64)]], Len(1, 40)]

    kind: ClassVar[str] = "referral_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernRaised(Fact):
    """Somebody said that a placement is under strain."""

    kind: ClassVar[str] = "concern_raised"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingConvened(Fact):
    """A meeting was called. `planned_for` may be in the future; `meeting_id` names it from here on."""

    meeting: Word
    meeting_id: Reference
    planned_for: date | None = None
    chair: Party | None = None
    invited: Parties = ()

    kind: ClassVar[str] = "meeting_convened"
    may_be_proposed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingHeld(Fact):
    """A meeting took place."""

    meeting: Word
    meeting_id: Reference
    chair: Party
    present: Annotated[tuple[Party, ...], Len(1, 40)]

    kind: ClassVar[str] = "meeting_held"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCompleted(Fact):
    """A record, plan or agreement was finished."""

    document: Word
    signed_by: Parties = ()

    kind: ClassVar[str] = "document_completed"
    may_be_proposed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSent(Fact):
    """A document was sent to the people in `to`."""

    document: Word
    to: Annotated[tuple[Party, ...], Len(1, 40)]

    kind: ClassVar[str] = "document_sent"
    may_be_proposed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone(Fact):
    """Something was told, asked, considered, agreed, bought: the step says what.

    `for_id` names the task that it answers, where it answers one.
    """

    step: Word
    for_id: Reference | None = None

    kind: ClassVar[str] = "step_done"
    may_be_proposed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(Fact):
    """A decision was taken by the person in `by`, whose role is looked up, never believed."""

    decision: Word
    by: Annotated[tuple[Party, ...], Len(1, 40)]

    kind: ClassVar[str] = "decision_made"
    may_be_proposed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementStarted(Fact):
    """The child moved in; `details` says what is now true of the placement."""

    placement_id: Reference

    kind: ClassVar[str] = "placement_started"
    may_be_proposed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementEnded(Fact):
    """The child left: planned or unplanned."""

    placement_id: Reference
    manner: Word

    kind: ClassVar[str] = "placement_ended"
    may_be_proposed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessOpened(Fact):
    """A dispute, an advocacy referral or an enquiry began."""

    process: Word
    process_id: Reference

    kind: ClassVar[str] = "process_opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnded(Fact):
    """A dispute, an advocacy referral or an enquiry came to its end."""

    process: Word
    process_id: Reference

    kind: ClassVar[str] = "process_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsRecorded(Fact):
    """Something about the case is now otherwise: a legal status, or who is allocated."""

    allocations: Mapping[Word, Annotated[PersonId, Len(1, 64)]] = field(default_factory=dict)

    kind: ClassVar[str] = "details_recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRecorded(Fact):
    """A duty or a flag is excused afterwards, with a reason and an approver."""

    for_id: Reference
    because: Text
    approver: Annotated[PersonId, Len(1, 64)] | None = None

    kind: ClassVar[str] = "exception_recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactWithdrawn(Fact):
    """What we were told did not happen: the fact in `replaces` no longer counts."""

    replaces: Annotated[FactId, Len(1, 64)]
    because: Text

    kind: ClassVar[str] = "fact_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Fact):
    """The case was closed. What is owed on it stays owed: closing is no way round a clause."""

    kind: ClassVar[str] = "case_closed"
    may_be_proposed: ClassVar[bool] = True


REPORTED: tuple[type[Fact], ...] = (
    ReferralReceived,
    ConcernRaised,
    MeetingConvened,
    MeetingHeld,
    DocumentCompleted,
    DocumentSent,
    StepDone,
    DecisionMade,
    PlacementStarted,
    PlacementEnded,
    ProcessOpened,
    ProcessEnded,
    DetailsRecorded,
    ExceptionRecorded,
    FactWithdrawn,
    CaseClosed,
)
BY_KIND: Mapping[str, type[Fact]] = {each.kind: each for each in REPORTED}
