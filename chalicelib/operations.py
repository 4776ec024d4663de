"""What people do by hand: to messages that did not arrive, to what is set aside, and to sending as a whole.

Each act is stored with its entry in the audit, and with the receipt of the request that asked for it, in
one transaction; where it cannot be done nothing is stored.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, ClassVar
from uuid import uuid4

from annotated_types import Len

from chalicelib.commits import CREATED, receipt_of
from chalicelib.core.errors import InvalidInput, NotClaimed, NotFound, NotNow, Problem, Unreadable
from chalicelib.core.facts import STRICT
from chalicelib.core.identity import identify
from chalicelib.patience import persist
from chalicelib.ports import (
    NOBODYS,
    SENDING,
    Act,
    AsideRow,
    Deed,
    Door,
    Message,
    What,
    fingerprint,
)
from chalicelib.service import carry_out, own_case
from chalicelib.visits import Accepted, Incoming, Ports

# Why a message is cancelled; who did it, and in what words, stands in the audit.
BY_OPERATOR = "cancelled_by_operator"
NOT_SET_ASIDE = "NOT_SET_ASIDE"
MOST_WHY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What a request to do something by hand has to say: why, in the words of whoever asks for it."""

    why: Annotated[str, Len(1, MOST_WHY)]

    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who wants something done by hand, when and why. Raises InvalidInput where that cannot be read.

    What came as a request, `incoming`, is about its own authority; what came by command, about any.
    """

    by: str
    why: str
    at: datetime
    incoming: Incoming | None = None

    def __post_init__(self) -> None:
        if len(self.why) > MOST_WHY or not self.why.isprintable() or not self.why.strip():
            wanted = f"1 to {MOST_WHY} characters on one line, all of which are seen"
            raise InvalidInput([Problem("why", wanted)])

    def about(self, what: What, about: str, authority: str, **answer: str) -> "Asked":
        """Return what is stored and answered if this is done to something of an authority."""
        came = self.incoming
        # A request is known again by its key; a command that is given twice is two acts.
        parts = (came.authority, came.key) if came else (uuid4().hex,)
        act = Act(
            id=identify("a", *parts),
            authority=authority,
            at=self.at,
            by=self.by,
            door=Door.API if came else Door.COMMAND,
            what=what,
            about=about,
            why=self.why,
        )
        said = json.dumps({"act_id": act.id, "what": what, **answer, "at": self.at.isoformat()})
        accepted = Accepted(status=CREATED, answer=said, version=None, replayed=False)
        receipt = receipt_of(accepted, came) if came else None
        return Asked(deed=Deed(act=act, receipt=receipt), accepted=accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is stored beside what an order changes, and what is answered."""

    deed: Deed
    accepted: Accepted


# --- what can be done. All of it raises NotFound, NotNow, KeyReused and Busy -------------------


def again(message_id: str, order: Order, ports: Ports) -> Accepted:
    """Have a message that did not arrive, or is set aside, sent anew from its first attempt on."""

    def act(deed: Deed) -> None:
        ports.outbox.again(message_id, order.at, deed)

    return _to_message(message_id, What.AGAIN, act, order, ports)


def cancel(message_id: str, order: Order, ports: Ports) -> Accepted:
    """Have a message not sent that waits, did not arrive or is set aside."""

    def act(deed: Deed) -> None:
        ports.outbox.cancel(message_id, BY_OPERATOR, order.at, deed)

    return _to_message(message_id, What.CANCEL, act, order, ports)


def redrive(case_id: str, order: Order, ports: Ports) -> Accepted:
    """Let the tick try a case again that is set aside."""

    def attempt() -> Accepted:
        whose = _aside(case_id, order, ports).authority or NOBODYS
        asked = order.about(What.REDRIVE, case_id, whose, case_id=case_id)
        if not ports.cases.redrive(case_id, asked.deed):
            raise NotNow(NOT_SET_ASIDE)
        return asked.accepted

    return _carried_out(attempt, order, ports)


def lift(address: str, order: Order, ports: Ports) -> Accepted:
    """Let an address be written to again that refused mail."""
    asked = order.about(What.LIFT, fingerprint(address), NOBODYS)
    return _to_stage(lambda: ports.outbox.lift(address, order.at, asked.deed), asked, order, ports)


def pause(order: Order, ports: Ports) -> Accepted:
    """Have nothing more sent until `resume`; what is on its way still goes."""
    asked = order.about(What.PAUSE, SENDING, NOBODYS)
    done = partial(ports.outbox.pause, order.by, order.why, order.at, asked.deed)
    return _to_stage(done, asked, order, ports)


def resume(order: Order, ports: Ports) -> Accepted:
    """Let messages be sent again."""
    asked = order.about(What.RESUME, SENDING, NOBODYS)
    return _to_stage(partial(ports.outbox.resume, asked.deed), asked, order, ports)


# --- to what it is done ---------------------------------------------------------------------


def own_message(message_id: str, authority: str, ports: Ports) -> Message:
    """Return a message of this authority. Raises NotFound, alike for another authority's."""
    message = ports.outbox.message(message_id)
    if message.authority != authority:
        raise NotFound("no such message")
    return message


def own_aside(case_id: str, authority: str, ports: Ports) -> AsideRow:
    """Return the line of a case of this authority that is set aside. Raises NotFound for any other."""
    row = ports.cases.aside_row(case_id)
    if row is None or row.authority != authority:
        raise NotFound("no such case is set aside")
    return row


def _aside(case_id: str, order: Order, ports: Ports) -> AsideRow:
    """Return the line of a case that is to be redriven. Raises NotNow where it is there and not set aside."""
    row = ports.cases.aside_row(case_id)
    whose = order.incoming.authority if order.incoming else None
    if row is None:
        if whose is not None:
            _see_that_it_is_own(case_id, whose, ports)
        raise NotNow(NOT_SET_ASIDE)
    if whose not in {None, row.authority}:
        raise NotFound("no such case")
    return row


def _see_that_it_is_own(case_id: str, authority: str, ports: Ports) -> None:
    try:
        own_case(case_id, authority, ports)
    except Unreadable:
        raise NotFound("no such case that can be read") from None


# --- doing it -------------------------------------------------------------------------------


def _to_message(
    message_id: str, what: What, act: Callable[[Deed], None], order: Order, ports: Ports
) -> Accepted:
    def attempt() -> Accepted:
        if order.incoming is not None:
            message = own_message(message_id, order.incoming.authority, ports)
        else:
            message = ports.outbox.message(message_id)
        asked = order.about(
            what, message_id, message.authority, message_id=message_id, case_id=message.case_id
        )
        try:
            act(asked.deed)
        except NotClaimed:
            raise NotNow(str(ports.outbox.message(message_id).state)) from None
        return asked.accepted

    return _carried_out(attempt, order, ports)


def _to_stage(done: Callable[[], bool], asked: Asked, order: Order, ports: Ports) -> Accepted:
    def attempt() -> Accepted:
        if not done():
            raise NotNow(str(asked.deed.act.what))
        return asked.accepted

    return _carried_out(attempt, order, ports)


def _carried_out(attempt: Callable[[], Accepted], order: Order, ports: Ports) -> Accepted:
    """Try until it is stored; what came as a request is answered as it was when it first came."""
    if order.incoming is None:
        return persist(attempt, ports.pause)
    return carry_out(attempt, order.incoming, ports)
