"""The authority's own record: a case with no child, on which duties of each year open by themselves."""

import logging
from datetime import datetime

from chalicelib.consequences import own_commit
from chalicelib.core.case import Case
from chalicelib.core.errors import CaseChanged, NotFound
from chalicelib.core.identity import identify
from chalicelib.core.london import day_of
from chalicelib.core.trace import RECORD_OPENED, Trace
from chalicelib.visits import CASE_ID_LENGTH, Ports

log = logging.getLogger(__name__)

# A record is about no child, and no child's reference is empty.
NO_CHILD = ""


def record_id(authority: str) -> str:
    """Return the id of an authority's own record: it has one."""
    return identify("c", RECORD_OPENED, authority)[:CASE_ID_LENGTH]


def open_record(authority: str, subject: str, now: datetime, ports: Ports) -> str:
    """Open an authority's own record and return its id; one that is open stays as it is.

    Raises NotFound where the authority has no protocol in force.
    """
    case_id = record_id(authority)
    try:
        ports.cases.load(case_id)
    except NotFound:
        _open(case_id, authority, subject, now, ports)
    return case_id


def _open(case_id: str, authority: str, subject: str, now: datetime, ports: Ports) -> None:
    fresh = Case(
        id=case_id,
        authority=authority,
        child_reference=NO_CHILD,
        protocols=ports.rulebook.in_force(authority, day_of(now)),
        calendar=ports.rulebook.calendar_in_force(authority).hash,
    )
    opened = Trace(
        id=identify("f", RECORD_OPENED, authority),
        kind=RECORD_OPENED,
        on=day_of(now),
        learned_at=now,
        at=now,
    )
    try:
        ports.cases.commit(own_commit(fresh, opened, now, ports, subject))
    except CaseChanged:
        # Somebody opened it at the same moment: there is one all the same.
        log.info("record opened twice at once", extra={"case_id": case_id})
