"""A fact that the service records itself: that a notice never arrived."""

import logging
from collections.abc import Callable
from datetime import datetime

from chalicelib.clock import london_date
from chalicelib.core.errors import NotFound
from chalicelib.core.identity import identify
from chalicelib.core.trace import NOTICE_UNDELIVERED, Trace
from chalicelib.patience import unhurried
from chalicelib.ports import Message
from chalicelib.recording import record_own
from chalicelib.visits import Ports

log = logging.getLogger(__name__)

# Nobody can mend an address but those who keep the contacts.
SEES_TO_IT = "administrator"


def undelivered(
    message: Message, now: datetime, ports: Ports, seconds_left: Callable[[], float] = unhurried
) -> None:
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
        words={
            "role": (SEES_TO_IT,),
            "tell": (message.role,),
            "why": (message.reason or str(message.state),),
        },
    )
    try:
        record_own(message.case_id, lambda _: fact, now, ports, seconds_left)
    except NotFound:
        if message.clause:
            raise
        log.error("no record to say it on", extra={"message_id": message.id, "authority": message.authority})  # noqa: TRY400
