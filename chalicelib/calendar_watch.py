"""The `calendar` schedule: ask GOV.UK, put in force what it says, and tell every case that it moves.

A snapshot is stored before what it is asked for with next, and whoever looks after the service is told
before an outage is forgotten: wherever a run dies, the next one does what is left, and nothing twice.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.core.errors import LeftUndone
from chalicelib.own_messages import (
    CALENDAR_AGAIN,
    CALENDAR_REFUSED,
    REFUSED,
    UNFORESEEN,
    Occasion,
    tell_administrator,
)
from chalicelib.ports import Feed, Snapshot
from chalicelib.visits import Ports
from chalicelib.walks import IN_HAND_SECONDS, Walked, put_in_force, walk

if TYPE_CHECKING:  # it brings `holidays`, whose import costs a cold start more than all our own code
    from chalicelib.gov_uk import Learned

log = logging.getLogger(__name__)

Learn = Callable[[str, Feed, Snapshot | None, datetime], "Learned"]


def watch(
    *,
    now: datetime,
    ports: Ports,
    address: str,
    seconds_left: Callable[[], float],
    learn: Learn | None = None,
) -> int:
    """Ask for the bank holidays at an address, and return how many cases were told of another calendar.

    Stops with time in hand. Neither GOV.UK nor one authority holds up the others. Raises LeftUndone at
    the end where anything could not be done.
    """
    roster = ports.access.authorities()
    asking = _Asking(address=address, learn=learn or _gov_uk, roster=roster, now=now, ports=ports)
    told, left = 0, 0
    left += not _done("bank holidays not asked for", asking.ask)
    # First for all of them: from then on whatever is written to a case is decided by the new calendar.
    for each in roster:
        if seconds_left() > IN_HAND_SECONDS:
            put = partial(put_in_force, each, now, ports, seconds_left)
            left += not _done("calendar not put in force", put, each)
    for each in roster:
        walked = _walked(each, now, ports, seconds_left)
        told, left = told + walked.told, left + walked.left
    if left:
        raise LeftUndone(told, left)
    return told


def _walked(authority: str, now: datetime, ports: Ports, seconds_left: Callable[[], float]) -> Walked:
    try:
        return walk(authority, now, ports, seconds_left)
    except LeftUndone as stopped:
        log.exception("walk stopped", extra={"authority": authority})
        return Walked(told=stopped.done, left=stopped.left)
    except Exception:
        log.exception("cases not walked", extra={"authority": authority})
        return Walked(left=1)


def _done(otherwise: str, action: Callable[[], object], authority: str | None = None) -> bool:
    """Do something; where it fails, log that and say so."""
    try:
        action()
    except Exception:
        log.exception(otherwise, extra={"authority": authority})
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """One time of asking, and who in every authority hears how it goes."""

    address: str
    learn: Learn
    roster: Sequence[str]
    now: datetime
    ports: Ports

    def ask(self) -> None:
        """Store what GOV.UK says, or that it could not be had. Raises LeftUndone where anything is left."""
        calendars = self.ports.calendars
        feed = calendars.feed()
        try:
            learned = self.learn(self.address, feed, calendars.snapshot_now(), self.now)
        except Exception as error:
            self._refused(feed, getattr(error, "reason", type(error).__name__))
            raise
        if learned.snapshot:
            # An answer without a list means that nothing changed since this one: it has to be there.
            calendars.keep(learned.snapshot)
            log.info("bank holidays kept", extra={"snapshot": learned.snapshot.hash})
        if feed.failing_since:
            self._tell(Occasion(name=CALENDAR_AGAIN, since=feed.failing_since))
        calendars.save_feed(learned.feed)

    def _refused(self, feed: Feed, reason: str) -> None:
        log.error("bank holidays refused", extra={"reason": reason})
        since = feed.failing_since or self.now
        failing = replace(feed, checked_at=self.now, failing_since=since, reason=reason)
        self.ports.calendars.save_feed(failing)
        because = REFUSED.get(reason, UNFORESEEN)
        self._tell(Occasion(name=CALENDAR_REFUSED, since=since, because=because))

    def _tell(self, occasion: Occasion) -> None:
        """Tell the administrator of every authority. Raises LeftUndone where one could not be told."""
        done = [
            _done(
                "administrator not told",
                partial(tell_administrator, each, occasion, self.now, self.ports),
                each,
            )
            for each in self.roster
        ]
        if not all(done):
            raise LeftUndone(sum(done), done.count(False))


def _gov_uk(address: str, feed: Feed, before: Snapshot | None, now: datetime) -> "Learned":
    from chalicelib.gov_uk import learn

    return learn(address, feed, before, now)
