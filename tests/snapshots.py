"""What GOV.UK says in tests: the shipped bank holidays, with days proclaimed or withdrawn."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from chalicelib.calendars import shipped_calendar
from chalicelib.core.working_days import Nation
from chalicelib.gov_uk import Learned
from chalicelib.ports import Feed, Snapshot
from chalicelib.published import FeedRefused
from tests.builders import day, moment
from tests.council import ELSEWHERE, TOWN, Council, held

FRIDAY = "Fri 16 Oct 2026"
NOON = moment("Thu 15 Oct 2026 12:00")
LATER = moment("Thu 15 Oct 2026 12:30")
LATER_STILL = moment("Thu 15 Oct 2026 13:00")

Learner = Callable[[str, Feed, Snapshot | None, datetime], Learned]


def snapshot(*proclaimed: str, withdrawn: str | None = None, name: str = "Day of thanks") -> Snapshot:
    """The shipped table as a snapshot, with some days more and perhaps one less, in every nation."""
    more = dict.fromkeys(map(day, proclaimed), name)
    days = {nation: {**shipped_calendar(nation).closed, **more} for nation in Nation}
    if withdrawn:
        for named in days.values():
            del named[day(withdrawn)]
    return Snapshot(
        days=days,
        published_to={nation: shipped_calendar(nation).horizon for nation in Nation},
        hash="-".join([*proclaimed, withdrawn or "none", name]),
        learned_at=NOON,
    )


def says(found: Snapshot) -> Learner:
    """GOV.UK answers with this list, or to whoever brings its tag that nothing changed."""
    tag = f'"{found.hash}"'

    def learn(address: str, feed: Feed, before: Snapshot | None, now: datetime) -> Learned:
        asked = replace(feed, etag=tag, checked_at=now, failing_since=None, reason=None)
        known = before is not None and feed.etag == tag
        return Learned(snapshot=None if known or before == found else found, feed=asked)

    return learn


def refuses(reason: str) -> Learner:
    """GOV.UK's list cannot be had."""

    def learn(address: str, feed: Feed, before: Snapshot | None, now: datetime) -> Learned:
        raise FeedRefused(reason)  # type: ignore[arg-type]

    return learn


def under_way(council: Council) -> Mapping[str, str]:
    """Five cases: three with a record due on Monday 19 October, one overdue, one without any."""
    cases = {name: council.open(f"TH-{name}") for name in ("first", "second", "third", "late", "alerted")}
    for name in ("first", "second", "third"):
        council.record(cases[name], held(outcome="not_viable"))
    council.record(cases["late"], held("Thu 8 Oct 2026", outcome="not_viable"))
    return cases


def due(council: Council, case_id: str) -> date | None:
    """When a case's record of its meeting is due."""
    (found,) = {duty.due_on for duty in council.duties(case_id, "TH-35")} or {None}
    return found


AUTHORITIES = (TOWN, ELSEWHERE)
