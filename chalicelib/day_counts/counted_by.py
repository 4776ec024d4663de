"""By which calendar days are counted for whoever asks, and where it comes from."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.calendars import calendar_from
from chalicelib.core.errors import NotFound
from chalicelib.core.london import day_of
from chalicelib.core.saying import said_day
from chalicelib.core.working_days import Calendar, Nation
from chalicelib.day_counts.question import Question
from chalicelib.ports import Edition, Snapshot
from chalicelib.rulebook import ALWAYS
from chalicelib.visits import Ports

SHIPPED = "the bank holidays that this release ships with"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedBy:
    """A calendar, whose it is, since which UTC moment it is known or in force, and from where.

    `known` are the first and the last day of the years whose bank holidays it has.
    """

    calendar: Calendar
    known: tuple[date, date]
    source: str
    authority: str | None = None
    since: datetime | None = None


def counted_by(question: Question, caller: str, ports: Ports) -> CountedBy:
    """Return the calendar of the nation, or the one in force for the authority, that is asked about.

    Raises NotFound for any authority but the caller's own.
    """
    snapshot = ports.calendars.snapshot()
    if question.nation is not None:
        return _of_nation(question.nation, snapshot)
    if question.authority != caller:
        raise NotFound("no such authority")
    return _of_authority(ports.rulebook.calendar_in_force(caller), snapshot)


def _of_nation(nation: Nation, snapshot: Snapshot | None) -> CountedBy:
    calendar = calendar_from(snapshot, nation)
    since = snapshot.learned_at if snapshot else None
    listed = (
        f"what GOV.UK listed on {said_day(day_of(since))}, and before that {SHIPPED}" if since else SHIPPED
    )
    return CountedBy(calendar=calendar, known=_known(calendar), source=listed, since=since)


def _of_authority(edition: Edition, snapshot: Snapshot | None) -> CountedBy:
    since = None if edition.since == ALWAYS else edition.since
    known = f"the bank holidays as known on {said_day(day_of(since))}" if since else SHIPPED
    return CountedBy(
        calendar=edition.calendar,
        known=_known(calendar_from(snapshot, edition.calendar.nation)),
        source=f"{known}, and the authority's own closure days",
        authority=edition.authority,
        since=since,
    )


def _known(bank_holidays: Calendar) -> tuple[date, date]:
    years = {on.year for on in bank_holidays.closed}
    return date(min(years), 1, 1), date(max(years), 12, 31)
