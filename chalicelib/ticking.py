"""Time has come: on every case with something due that is recorded, what has waited longest first.

    what is due        decided: leaves the index, or moves on in it
    |---------|------|---------------------------------------------| time of one run
              |      cannot be decided: counted at the end, at last set aside, and the next ones flow
              somebody else's tick was faster: nothing is due any more, and nothing is recorded

    |--- dies ---|---- wary: names each case, dies ----|---- leaves that one alone, the rest flows --> runs

The index is the cursor: what a run doesn't come to is where the next one begins. After an outage each
case is decided on once, however much of it has come due.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.core.case import Case
from chalicelib.core.errors import (
    Busy,
    CaseChanged,
    LeftUndone,
    NoProtocol,
    NotFound,
    ProtocolInvalid,
    TooMuch,
    Unreadable,
)
from chalicelib.core.identity import identify
from chalicelib.core.london import day_of
from chalicelib.core.trace import TIME_REACHED, Trace
from chalicelib.ports import TickRun
from chalicelib.recording import record_own
from chalicelib.visits import Ports

log = logging.getLogger(__name__)

BATCH = 100
# A case takes well under a second; what is left over is picked up by the next tick.
IN_HAND_SECONDS = 10.0

# Why a case is set aside. Trying again mends none of the first four.
UNREADABLE = "does_not_parse"
GONE = "gone"
NO_PROTOCOL = "unknown_protocol"
TOO_LARGE = "too_large"
RAISES = "raises"
# Others' writing, or too much of it: no fault of the case.
BUSY = "busy"

# It was being decided on when a run died that named what it did.
ENDS_RUNS = "ends_runs"

# So often may a case fail in one trouble before it is set aside, unless trying again mends nothing.
MOST_FAILURES = 5
MOST_DEATHS = 2
AFTER = {RAISES: MOST_FAILURES, ENDS_RUNS: MOST_DEATHS}
# Where more fail than this, and more than don't, it is no matter of single cases: a table cannot be read,
# a protocol was left out. They are tried again by every tick until somebody has looked.
MOST_SINGLE = 20

# Beyond this a run has ended, one way or the other; one that Lambda tries again is of the same moment.
LONGEST_RUN = timedelta(minutes=5)


def tick(now: datetime, ports: Ports, seconds_left: Callable[[], float]) -> int:
    """Record on every case with something due that its moment has come; return on how many.

    Stops with time in hand. A case that cannot be decided holds up no other, nor does one that takes the
    whole process with it, from the second run after that on. Raises LeftUndone at the end where there was
    one, set aside just now or not yet; of those set aside before nothing is read.
    """
    return _Tick(now=now, ports=ports, seconds_left=seconds_left).go()


@dataclass(kw_only=True)
class _Tick:
    """One run: how many cases it reached, and why the others failed."""

    now: datetime
    ports: Ports
    seconds_left: Callable[[], float]
    reached: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    wary: bool = False
    begun: bool = False

    def go(self) -> int:
        """Work through what is due until nothing is, or time is short."""
        deadly = self._deadly()
        seen = {*self.ports.cases.all_aside(), *deadly}
        while self._has_time():
            fresh = self.ports.cases.due(self.now, BATCH, seen)
            if not fresh:
                break
            for case_id in fresh:
                if self._has_time():
                    seen.add(case_id)
                    self._begin(case_id)
                    self._reach(case_id)
        self._set_aside()
        self._end()
        if self.failed or deadly:
            raise LeftUndone(self.reached, len(self.failed) + len(deadly))
        return self.reached

    def _deadly(self) -> Collection[str]:
        """Return the case on which the last run died, if any: it is left alone, and so counted."""
        last = self.ports.cases.last_tick()
        self.wary = last is not None and not last.ended
        if last is None or last.ended or last.case_id is None:
            return ()
        if timedelta() < self.now - last.since < LONGEST_RUN:
            # It may be at work still.
            return ()
        self._count(last.case_id, ENDS_RUNS)
        return (last.case_id,)

    def _begin(self, case_id: str) -> None:
        """Say that a run began; where the last one did not end, with which case."""
        if self.wary or not self.begun:
            self.begun = True
            named = case_id if self.wary else None
            self.ports.cases.save_tick(TickRun(since=self.now, case_id=named))

    def _end(self) -> None:
        if self.wary or self.begun:
            self.ports.cases.save_tick(TickRun(since=self.now, ended=True))

    def _has_time(self) -> bool:
        return self.seconds_left() > IN_HAND_SECONDS

    def _reach(self, case_id: str) -> None:
        read: list[Case] = []

        def fact_on(case: Case) -> Trace | None:
            read.append(case)
            return _time_reached(case, self.now)

        try:
            self.reached += record_own(case_id, fact_on, self.now, self.ports, self.seconds_left)
        except Exception as error:
            reason = self._reason(error, read)
            self.failed[case_id] = reason
            log.exception("time not recorded", extra={"case_id": case_id, "reason": reason})

    def _reason(self, error: Exception, read: list[Case]) -> str:
        """Say in a fixed word why a case failed, given what was read of it."""
        match error:
            case Busy() | CaseChanged():
                return BUSY
            case Unreadable():
                return UNREADABLE
            case TooMuch():
                return TOO_LARGE
            case NoProtocol() | ProtocolInvalid():
                return NO_PROTOCOL
            case NotFound() if not read:
                return GONE
        return RAISES

    def _set_aside(self) -> None:
        """Count the failures of single cases, and set aside those that failed often enough."""
        single = {case_id: why for case_id, why in self.failed.items() if why != BUSY}
        if len(single) > max(MOST_SINGLE, self.reached):
            log.error("no matter of single cases", extra={"cases": len(single)})
            return
        for case_id, reason in single.items():
            self._count(case_id, reason)

    def _count(self, case_id: str, reason: str) -> None:
        after = AFTER.get(reason, 1)
        try:
            if self.ports.cases.set_aside(case_id, reason, self.now, after):
                log.error("case set aside", extra={"case_id": case_id, "reason": reason})
        except Exception:
            # It stays in the index, and the next tick counts.
            log.exception("failure not counted", extra={"case_id": case_id})


def _time_reached(case: Case, now: datetime) -> Trace | None:
    """Return the fact that time has come, none where nothing of the case is due by now."""
    standing = case.standing
    duties = (each.next_action_at for each in standing.duties)
    flags = (each.next_action_at for each in standing.flags)
    if not any(at and at <= now for at in (*duties, *flags, standing.wakes_at)):
        return None
    return Trace(
        id=identify("f", TIME_REACHED, case.id, now.isoformat()),
        kind=TIME_REACHED,
        on=day_of(now),
        learned_at=now,
        at=now,
    )
