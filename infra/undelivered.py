"""Operator commands about what did not arrive, what is set aside, and sending as a whole."""

from argparse import Namespace

from chalicelib.core.errors import NotClaimed
from chalicelib.core.undelivered import said_why
from chalicelib.ports import AsideRow, Message
from chalicelib.ports.messages import NOBODYS
from infra.operating import CannotOperate, Desk, address

# What an operator cancels says so itself; why is for whoever looks at the message.
BY_OPERATOR = "cancelled_by_operator"


def list_undelivered(desk: Desk, asked: Namespace) -> None:
    """Write down an authority's messages that did not arrive; those of nobody known under `-`."""
    if asked.authority != NOBODYS:
        desk.authority(asked.authority)
    outbox = desk.ports().outbox
    desk.show(outbox.undelivered(asked.authority, asked.cursor, asked.limit), _message_line)


def show_message(desk: Desk, asked: Namespace) -> None:
    """Write down one message: what it is about and what became of it, never what it says."""
    message = desk.ports().outbox.message(asked.id)
    desk.say(_message_line(message))
    desk.say(f"of {message.authority}, by {message.channel}, about clause {message.printed or 'none'}")
    desk.say(f"made {message.created_at.isoformat()}, tried {message.attempts} times")


def send_again(desk: Desk, asked: Namespace) -> None:
    """Have a message that did not arrive sent anew, from its first attempt on."""
    try:
        desk.ports().outbox.again(asked.id, desk.now)
    except NotClaimed:
        raise CannotOperate(f"{asked.id} is not among what did not arrive: nothing was done.") from None
    desk.say(f"{asked.id} will be sent anew within a minute.")


def cancel(desk: Desk, asked: Namespace) -> None:
    """Have a message not sent that waits or did not arrive."""
    try:
        desk.ports().outbox.cancel(asked.id, BY_OPERATOR, desk.now)
    except NotClaimed:
        raise CannotOperate(
            f"{asked.id} is being sent, was sent or is cancelled: nothing was done."
        ) from None
    desk.say(f"{asked.id} is cancelled.")


def list_aside(desk: Desk, asked: Namespace) -> None:
    """Write down an authority's cases that cannot be decided; those of nobody known under `-`."""
    whose = "" if asked.authority == NOBODYS else desk.authority(asked.authority).id
    desk.show(desk.ports().cases.aside(whose, asked.cursor, asked.limit), _aside_line)


def redrive(desk: Desk, asked: Namespace) -> None:
    """Let the tick try a case again that was set aside."""
    if not desk.ports().cases.redrive(asked.case):
        raise CannotOperate(f"{asked.case} is not set aside: nothing was done.")
    desk.say(f"{asked.case} is tried again by the next tick.")


def lift(desk: Desk, asked: Namespace) -> None:
    """Let an address be written to again that refused mail."""
    given = address(asked.email)
    outbox = desk.ports().outbox
    if not outbox.suppressed(given):
        raise CannotOperate("That address is not known to refuse mail: nothing was done.")
    outbox.lift(given, desk.now)
    desk.say("That address is written to again.")


def pause(desk: Desk, asked: Namespace) -> None:
    """Have nothing more sent until `sending resume`; what is on its way still goes."""
    desk.ports().outbox.pause(asked.by, asked.why, desk.now)
    desk.say("Nothing more is sent from this stage, from a few seconds on.")


def resume(desk: Desk, _: Namespace) -> None:
    """Let messages be sent again."""
    outbox = desk.ports().outbox
    if not outbox.paused():
        raise CannotOperate("Sending is not paused: nothing was done.")
    outbox.resume()
    desk.say("Messages are sent again, from a few seconds on.")


def _message_line(message: Message) -> str:
    why = said_why(message.reason or str(message.state).lower())
    at = message.changed_at or message.created_at
    return "\t".join((message.id, str(message.state), at.isoformat(), message.case_id, message.role, why))


def _aside_line(row: AsideRow) -> str:
    return f"{row.case_id}\t{row.since.isoformat()}\t{row.reason}\tfailed {row.tries} times"
