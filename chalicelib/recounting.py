"""Bringing a case to the calendar in force, before anything else is decided on it.

It is a fact of the case like any other: the journal says which deadlines it moved, from when to when
and why, and whoever hears of them is told once (docs/decisions/0015).
"""

from datetime import datetime, timedelta

from chalicelib.consequences import own_commit
from chalicelib.core.case import Case
from chalicelib.core.identity import identify
from chalicelib.core.london import day_of
from chalicelib.core.trace import CALENDAR_CHANGED, Trace
from chalicelib.ports import Commit
from chalicelib.visits import Ports

AN_INSTANT = timedelta(microseconds=1)


def recounted(case: Case, now: datetime, ports: Ports) -> Case:
    """Return a case as it stands under the calendar in force; where that is new to it, store that.

    Raises CaseChanged where somebody else changed the case first.
    """
    commit = _recount(case, now, ports)
    if commit is None:
        return case
    ports.cases.commit(commit)
    return commit.entries[0].decision.after


def as_recounted(case: Case, now: datetime, ports: Ports) -> Case:
    """Return a case as `recounted` would leave it, and store nothing."""
    commit = _recount(case, now, ports)
    return commit.entries[0].decision.after if commit else case


def _recount(case: Case, now: datetime, ports: Ports) -> Commit | None:
    """Return what is stored where a case learns of the calendar in force; none where it knows it."""
    counted_by = case.calendar or ports.rulebook.shipped(case.authority).hash
    if counted_by == ports.rulebook.calendar_in_force(case.authority).hash:
        return None
    # What is remembered may be a minute old, and a case that was told of a later one is not taken back.
    in_force = ports.rulebook.calendar_in_force_now(case.authority).hash
    if counted_by == in_force:
        return None
    # A run may have begun before the latest fact was recorded, which was counted by the calendar before.
    learned_at = max((now, *(each.learned_at + AN_INSTANT for each in case.facts)))
    fact = Trace(
        # By the version, since a calendar may be changed and changed back.
        id=identify("f", CALENDAR_CHANGED, case.id, str(case.version), in_force),
        kind=CALENDAR_CHANGED,
        on=day_of(learned_at),
        learned_at=learned_at,
        words={"from": (counted_by,), "to": (in_force,)},
    )
    return own_commit(case, fact, now, ports)
