"""How the date of a duty on a case was counted: as data, and as what is to be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.calendar_picture.span import Span
from chalicelib.core.case import Case
from chalicelib.core.errors import NotFound
from chalicelib.core.explaining.deadlines import Deadline
from chalicelib.core.explaining.duties import Owed, view_of
from chalicelib.core.history import History
from chalicelib.core.patterns import After
from chalicelib.core.rules import Rules
from chalicelib.core.saying import said_day
from chalicelib.service import own_case
from chalicelib.visits import Ports


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One duty of a case and its date."""

    case: Case
    owed: Owed

    @property
    def deadline(self) -> Deadline:
        """Its date, and how that was reached."""
        return self.owed.deadline


def counted(authority: str, case_id: str, duty_id: str, ports: Ports) -> Counted:
    """Return a duty of a case of this authority. Raises NotFound."""
    case = own_case(case_id, authority, ports)
    return of_case(case, duty_id, ports.rulebook.for_case(case))


def of_case(case: Case, duty_id: str, rules: Rules) -> Counted:
    """Return a duty of a case. Raises NotFound."""
    duty = next((each for each in case.standing.duties if each.id == duty_id), None)
    if duty is None:
        raise NotFound("no such duty")
    return Counted(case=case, owed=Owed(duty=duty, view=view_of(duty.protocol, rules, History(case.facts))))


def told(found: Counted) -> Mapping[str, object]:
    """Return it as values that can be written as JSON."""
    duty = found.deadline.duty
    return {
        "case_id": found.case.id,
        "version": found.case.version,
        "id": duty.id,
        "protocol": duty.protocol,
        "clause": duty.clause,
        "opened_on": duty.opened_on.isoformat(),
        **found.deadline.data(),
        "said": _title(found),
        "sentences": [*found.deadline.sentences()],
    }


def drawn(found: Counted) -> Span:
    """Return what is to be drawn of it."""
    deadline = found.deadline
    duty, due = deadline.duty, deadline.obligation.due
    counted_from = deadline.anchor if isinstance(due, After) else None
    return Span(
        title=_title(found),
        sentences=tuple(deadline.sentences(with_skipped=False)),
        event=duty.opened_on if counted_from != duty.opened_on else None,
        counted_from=counted_from,
        days=deadline.days,
        last=duty.due_on,
        provisional=duty.provisional,
    )


def _title(found: Counted) -> str:
    due_on = found.deadline.duty.due_on
    cited = found.owed.view.protocol.cited(found.owed.clause)
    return f"Due on {said_day(due_on)}, by {cited}" if due_on else f"No date, by {cited}"
