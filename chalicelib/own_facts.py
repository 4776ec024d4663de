"""A fact that the service records itself: that a notice never arrived."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib.channels.addressing import beside
from chalicelib.core.errors import NotFound
from chalicelib.core.identity import identify
from chalicelib.core.london import day_of
from chalicelib.core.tasks import MANAGER
from chalicelib.core.trace import NOTICE_UNDELIVERED, Trace
from chalicelib.core.undelivered import WHY
from chalicelib.patience import unhurried
from chalicelib.ports import Contacts, Message, MessageState
from chalicelib.recording import record_own
from chalicelib.visits import Ports

log = logging.getLogger(__name__)

# Nobody can mend an address but those who keep the contacts.
SEES_TO_IT = "administrator"


def undelivered(
    message: Message, now: datetime, ports: Ports, seconds_left: Callable[[], float] = unhurried
) -> None:
    """Record on its case that a message will never arrive, which opens a task there.

    Recording the same message twice changes nothing, unless an operator had it sent again in between.
    One of the service's own, of an authority that has no record yet, is let go: nobody could see it
    there. Raises NotFound, Busy.
    """
    again = (message.renewed_at.isoformat(),) if message.renewed_at else ()
    fact = Trace(
        id=identify("f", NOTICE_UNDELIVERED, message.id, *again),
        kind=NOTICE_UNDELIVERED,
        on=day_of(now),
        learned_at=now,
        for_id=message.id,
        words=_lost(message, ports.contacts),
    )
    try:
        record_own(message.case_id, lambda _: fact, now, ports, seconds_left)
    except NotFound:
        if message.clause:
            raise
        log.error("no record to say it on", extra={"message_id": message.id, "authority": message.authority})  # noqa: TRY400


def _lost(message: Message, contacts: Contacts) -> Mapping[str, tuple[str, ...]]:
    """Return what a case is to know of a message that never arrives: for whom, why, and what it was about.

    Never what it said. One about no clause is the service's own, of which nobody else is to hear.
    """
    words: dict[str, tuple[str, ...]] = {
        "role": (SEES_TO_IT,),
        "tell": (message.role,),
        "why": (_why(message),),
        "occasion": (message.occasion.partition(":")[0].partition("|")[0],),
    }
    # Of what can no longer be read nobody knows when it was made.
    if message.created_at.timestamp():
        words |= {"notice_on": (day_of(message.created_at).isoformat(),)}
    if message.clause:
        words |= {"protocol": (message.protocol,), "clause": (message.clause,), "about": (message.about,)}
        words |= {"beside": beside(message, contacts)}
    if message.person_id:
        words |= {"person": (message.person_id,)}
    if message.via_manager:
        words |= {"route": (MANAGER,)}
    return words


def _why(message: Message) -> str:
    """Return one word for why; why an operator set a message aside is theirs to say, and no word of ours."""
    if message.state is MessageState.SET_ASIDE and message.reason not in WHY:
        return str(message.state)
    return message.reason or str(message.state)
