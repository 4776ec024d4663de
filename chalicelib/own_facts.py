"""Facts that the service records itself: that time has come, that a notice never arrived."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib.channels.addressing import beside
from chalicelib.clock import london_date
from chalicelib.commits import own_commit
from chalicelib.core.case import Case
from chalicelib.core.errors import Busy, CaseChanged, LeftUndone, NotFound
from chalicelib.core.identity import identify
from chalicelib.core.tasks import MANAGER
from chalicelib.core.trace import NOTICE_UNDELIVERED, TIME_REACHED, Trace
from chalicelib.ports import Contacts, Message
from chalicelib.recounting import recounted
from chalicelib.service import MOST_TRIES, back_off
from chalicelib.visits import Ports

log = logging.getLogger(__name__)

BATCH = 100
# A case takes well under a second; what is left over is picked up by the next tick.
IN_HAND_SECONDS = 10.0
# Nobody can mend an address but those who keep the contacts.
SEES_TO_IT = "administrator"


def tick(now: datetime, ports: Ports, seconds_left: Callable[[], float]) -> int:
    """Record on every case with something due that its moment has come; return how many.

    Oldest first, one decision for each case however much of it is due. Stops with time in hand.
    A case that cannot be decided is logged and left for the next tick; the others don't wait.
    Raises LeftUndone at the end where there was one.
    """
    left = 0
    done: set[str] = set()
    while seconds_left() > IN_HAND_SECONDS:
        fresh = [each for each in ports.cases.due(now, BATCH + len(done)) if each not in done]
        if not fresh:
            break
        for case_id in fresh:
            if seconds_left() <= IN_HAND_SECONDS:
                break
            done.add(case_id)
            left += not _record_time(case_id, now, ports)
    if left:
        raise LeftUndone(len(done) - left, left)
    return len(done)


def _record_time(case_id: str, now: datetime, ports: Ports) -> bool:
    try:
        _record(case_id, lambda case: _time_reached(case, now), now, ports)
    except Exception:
        log.exception("time not recorded", extra={"case_id": case_id})
        return False
    return True


def undelivered(message: Message, now: datetime, ports: Ports) -> None:
    """Record on its case that a message will never arrive, which opens a task there.

    Recording the same message twice changes nothing. One of the service's own, of an authority that has
    no record yet, is let go: nobody could see it there. Raises NotFound, Busy.
    """
    fact = Trace(
        id=identify("f", NOTICE_UNDELIVERED, message.id),
        kind=NOTICE_UNDELIVERED,
        on=london_date(now),
        learned_at=now,
        for_id=message.id,
        words=_lost(message, ports.contacts),
    )
    try:
        _record(message.case_id, lambda _: fact, now, ports)
    except NotFound:
        if message.clause:
            raise
        log.error("no record to say it on", extra={"message_id": message.id, "authority": message.authority})  # noqa: TRY400


def _lost(message: Message, contacts: Contacts) -> Mapping[str, tuple[str, ...]]:
    """Return what a case is to know of a message that never arrives: for whom, why, and what it was about.

    Never what it said. One about no clause is the service's own, of which nobody else is to hear.
    """
    words = {
        "role": (SEES_TO_IT,),
        "tell": (message.role,),
        "why": (message.reason or str(message.state),),
        "occasion": (message.occasion.partition(":")[0].partition("|")[0],),
        "notice_on": (london_date(message.created_at).isoformat(),),
    }
    if message.clause:
        words |= {"protocol": (message.protocol,), "clause": (message.clause,), "about": (message.about,)}
        words |= {"beside": beside(message, contacts)}
    if message.person_id:
        words |= {"person": (message.person_id,)}
    if message.via_manager:
        words |= {"route": (MANAGER,)}
    return words


def _time_reached(case: Case, now: datetime) -> Trace:
    return Trace(
        id=identify("f", TIME_REACHED, case.id, now.isoformat()),
        kind=TIME_REACHED,
        on=london_date(now),
        learned_at=now,
        at=now,
    )


def _record(case_id: str, fact_on: Callable[[Case], Trace], now: datetime, ports: Ports) -> None:
    for tried in range(MOST_TRIES):
        case = ports.cases.load(case_id)
        fact = fact_on(case)
        if any(each.id == fact.id for each in case.facts):
            return
        try:
            ports.cases.commit(own_commit(recounted(case, now, ports), fact, now, ports))
        except CaseChanged:
            back_off(tried, ports)
        else:
            return
    raise Busy("the case kept changing; nothing was stored")
