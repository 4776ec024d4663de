"""Operator commands about what did not arrive, what is set aside, and sending as a whole.

What changes something is done by `chalicelib.operations`, as at the API: stored with who did it and why.
"""

from argparse import Namespace

from chalicelib import operations
from chalicelib.core.errors import NotNow
from chalicelib.core.undelivered import said_why
from chalicelib.operations import Order
from chalicelib.ports import Act, AsideRow, Message
from chalicelib.ports.messages import NOBODYS
from chalicelib.store import control
from infra.operating import PERSON, CannotOperate, Desk, address, checked


def list_undelivered(desk: Desk, asked: Namespace) -> None:
    """Write down an authority's messages that did not arrive; those of nobody known under `-`."""
    outbox = desk.ports().outbox
    desk.show(outbox.undelivered(_whose(desk, asked.authority), asked.cursor, asked.limit), _message_line)


def show_message(desk: Desk, asked: Namespace) -> None:
    """Write down one message: what it is about and what became of it, never what it says."""
    message = desk.ports().outbox.message(asked.id)
    desk.say(_message_line(message))
    desk.say(f"of {message.authority}, by {message.channel}, about clause {message.printed or 'none'}")
    desk.say(f"made {message.created_at.isoformat()}, tried {message.attempts} times")


def send_again(desk: Desk, asked: Namespace) -> None:
    """Have a message that did not arrive or is set aside sent anew, from its first attempt on."""
    try:
        operations.again(asked.id, order(desk, asked), desk.ports())
    except NotNow as error:
        raise CannotOperate(f"{asked.id} is {error.state}, not undelivered: nothing was done.") from None
    desk.say(f"{asked.id} will be sent anew within a minute.")


def cancel(desk: Desk, asked: Namespace) -> None:
    """Have a message not sent that waits, did not arrive or is set aside."""
    try:
        operations.cancel(asked.id, order(desk, asked), desk.ports())
    except NotNow as error:
        raise CannotOperate(f"{asked.id} is {error.state}: nothing was done.") from None
    desk.say(f"{asked.id} is cancelled.")


def list_aside(desk: Desk, asked: Namespace) -> None:
    """Write down an authority's cases that cannot be decided; those of nobody known under `-`."""
    whose = _whose(desk, asked.authority)
    cases = desk.ports().cases
    desk.show(cases.aside("" if whose == NOBODYS else whose, asked.cursor, asked.limit), _aside_line)


def show_aside(desk: Desk, asked: Namespace) -> None:
    """Write down one case that cannot be decided, and whose it is."""
    row = desk.ports().cases.aside_row(asked.case)
    if row is None:
        raise CannotOperate(f"{asked.case} is not set aside.")
    desk.say(_aside_line(row))
    desk.say(f"of {row.authority or 'nobody known'}")


def redrive(desk: Desk, asked: Namespace) -> None:
    """Let the tick try a case again that is set aside."""
    try:
        operations.redrive(asked.case, order(desk, asked), desk.ports())
    except NotNow:
        raise CannotOperate(f"{asked.case} is not set aside: nothing was done.") from None
    desk.say(f"{asked.case} is tried again by the next tick.")


def lift(desk: Desk, asked: Namespace) -> None:
    """Let an address be written to again that refused mail."""
    try:
        operations.lift(address(asked.email), order(desk, asked), desk.ports())
    except NotNow:
        raise CannotOperate("That address is not known to refuse mail: nothing was done.") from None
    desk.say("That address is written to again.")


def show_sending(desk: Desk, _: Namespace) -> None:
    """Write down whether messages are sent, and if not, who paused it, when and why."""
    paused = control.who_paused()
    if paused is None:
        desk.say("Messages are sent.")
    else:
        by, why, at = paused
        desk.say(f"Sending is paused, since {at} by {by}: {_seen(why)}")


def pause(desk: Desk, asked: Namespace) -> None:
    """Have nothing more sent until `sending resume`; what is on its way still goes."""
    try:
        operations.pause(order(desk, asked), desk.ports())
    except NotNow:
        raise CannotOperate("Sending is paused already: nothing was done.") from None
    desk.say("Nothing more is sent from this stage, from a few seconds on.")


def resume(desk: Desk, asked: Namespace) -> None:
    """Let messages be sent again."""
    try:
        operations.resume(order(desk, asked), desk.ports())
    except NotNow:
        raise CannotOperate("Sending is not paused: nothing was done.") from None
    desk.say("Messages are sent again, from a few seconds on.")


def list_acts(desk: Desk, asked: Namespace) -> None:
    """Write down what was done by hand: in an authority, or under `-` on the stage; without, everywhere."""
    whose = _whose(desk, asked.authority) if asked.authority else None
    cases = desk.ports().cases
    desk.show(cases.acts(whose, asked.cursor, asked.limit, oldest_first=asked.oldest_first), _act_line)


def order(desk: Desk, asked: Namespace) -> Order:
    """Return who wants something done, and why."""
    by = checked(asked.by, PERSON, "whoever decided it: letters, digits, dots and hyphens, as in ada.l")
    return Order(by=by, why=asked.why, at=desk.now)


def _whose(desk: Desk, authority: str) -> str:
    return NOBODYS if authority == NOBODYS else desk.authority(authority).id


def _message_line(message: Message) -> str:
    why = said_why(message.reason or str(message.state).lower())
    at = message.changed_at or message.created_at
    return "\t".join((message.id, str(message.state), at.isoformat(), message.case_id, message.role, why))


def _aside_line(row: AsideRow) -> str:
    return f"{row.case_id}\t{row.since.isoformat()}\t{row.reason}\tfailed {row.tries} times"


def _act_line(act: Act) -> str:
    who = f"{act.by} ({act.door})"
    return "\t".join((act.at.isoformat(), act.authority, who, str(act.what), act.about, _seen(act.why)))


def _seen(text: str) -> str:
    """Return a text as a terminal may be given it."""
    return "".join(each if each.isprintable() else "?" for each in text)
