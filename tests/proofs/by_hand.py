"""What operators do, what the daily reconciling finds, and what goes on beside what is set aside.

A command that does not come to its end is given again, as whoever gave it would.
"""

from dataclasses import replace
from functools import partial

from chalicelib import operations
from chalicelib.ports import MessageState
from chalicelib.store.case_items import case_item
from chalicelib.store.items import OutboxItem
from chalicelib.store.messages import MESSAGE, message_key
from infra import riverbank
from tests.proofs.deeds import (
    Deed,
    Operation,
    asked_to_tell,
    asks,
    fires,
    given_up,
    one_case,
    only,
    opening,
    with_address,
    without_address,
)
from tests.proofs.outside import Request
from tests.proofs.world import World

AGAIN = "/v1/operations/messages/{message_id}/again"
CANCEL = "/v1/operations/messages/{message_id}/cancel"
REDRIVE = "/v1/operations/set-aside/{case_id}/redrive"
WHY = {"why": "It was seen to."}
ANOTHER_OFFICER = {"allocations": {"iro": "ssw.halloran"}}
LEFT_OUT = "left-out-2026-01-01"


# --- where things begin ---------------------------------------------------------------------


def not_arrived(world: World) -> None:
    """A message could not be sent, which is a task by now, and the address was put right."""
    without_address("iro", world)
    one_case(world)
    world.schedule("settle")
    world.all_told()
    with_address("iro", world)


def cannot_be_decided(world: World) -> None:
    """Two cases have something due, and a text that one of them follows was left out."""
    one_case(world)
    world.ask(opening("RB-2042"))
    world.all_told()
    _under(world, LEFT_OUT)
    world.later(hours=2, minutes=30)


def set_aside(world: World) -> None:
    """The tick set a case aside, and what was wrong with it was put right."""
    cannot_be_decided(world)
    world.schedule("tick")
    world.all_told()
    _under(world, *riverbank.COUNCIL.protocols)


def _under(world: World, *protocols: str) -> None:
    """Let the first case follow these texts, whatever anybody decided."""
    case = world.rooms.ports.cases.load(world.outside.case_ids()[0])
    case_item(replace(case, protocols=protocols)).save()


def given_up_aside(world: World) -> None:
    """What did not arrive belongs to a case that the tick comes to no more."""
    given_up(world)
    world.rooms.ports.cases.set_aside(world.outside.case_ids()[0], "raises", world.outside.now)


def allocated_anew(world: World) -> None:
    """A letter waits for somebody who is in the role no longer; everybody else was told."""
    asked_to_tell(world)
    one = next(each.id for each in world.stored.messages() if each.role == "iro")
    world.outside.streamed.add(one)
    asks("details_recorded", ANOTHER_OFFICER)(world)
    world.all_told()
    world.outside.streamed.remove(one)


def refuses_mail(world: World) -> None:
    """An address was suppressed by a bounce, and a letter to it is about to be sent."""
    given_up(world)
    world.schedule("settle")
    world.all_told()
    world.later(minutes=5)


def paused(world: World) -> None:
    """Sending is paused, and a case was opened meanwhile."""
    world.order(operations.pause)
    asked_to_tell(world)


def a_day_behind(world: World) -> None:
    """A day on, one notice is gone from the outbox, and one letter has been waiting for all that time."""
    only("email")(world)
    gone = next(each for each in world.stored.messages() if each.state is MessageState.DELIVERED)
    OutboxItem(message_key(gone.id), MESSAGE).delete()
    world.order(operations.pause)
    for _ in range(3):
        world.later(hours=9)
        world.schedule("tick")


# --- what is done ---------------------------------------------------------------------------


def done_to_message(path: str) -> Deed:
    """Somebody does this to the message that did not arrive."""

    def deed(world: World) -> None:
        one = next(each.id for each in world.stored.messages() if each.state is MessageState.FAILED)
        world.ask(Request(path=path.format(message_id=one), body=WHY, key="by hand"))

    return deed


def redriven(world: World) -> None:
    """Somebody lets the tick have the case again."""
    path = REDRIVE.format(case_id=world.outside.case_ids()[0])
    world.ask(Request(path=path, body=WHY, key="by hand"))


def brought_twice(world: World) -> None:
    """The stream brings the letter, and then what it was replaced by."""
    world.stream()
    world.stream()


def paused_for_now(world: World) -> None:
    world.order(operations.pause)


def resumed(world: World) -> None:
    world.order(operations.resume)


def reconciled_and_resumed(world: World) -> None:
    """The next reconciling comes, and then sending is resumed."""
    world.later(minutes=30)
    world.schedule("reconcile")
    world.order(operations.resume)


def lifted(world: World) -> None:
    """Somebody lets the address be written to again to which the first letter went."""
    address = next(each.address for each in world.outside.posted if each.channel == "email")
    world.order(partial(operations.lift, address))


BY_HAND = (
    Operation(name="a message sent again", door=AGAIN, begin=not_arrived, act=done_to_message(AGAIN)),
    Operation(name="a message not to be sent", door=CANCEL, begin=not_arrived, act=done_to_message(CANCEL)),
    Operation(name="a case redriven", door=REDRIVE, begin=set_aside, act=redriven),
    Operation(name="an address lifted", door="lift", begin=refuses_mail, act=lifted),
    Operation(name="sending paused", door="pause", begin=asked_to_tell, act=paused_for_now, then=resumed),
    Operation(name="sending resumed", door="resume", begin=paused, act=resumed),
    Operation(
        name="a tick beside a case that cannot be decided",
        door="tick",
        begin=cannot_be_decided,
        act=fires("tick"),
    ),
    Operation(name="settling for a case set aside", door="settle", begin=given_up_aside, act=fires("settle")),
    Operation(name="a letter handed over", door="dispatch", begin=allocated_anew, act=brought_twice),
    Operation(
        name="a reconciling that finds something",
        door="reconcile",
        begin=a_day_behind,
        act=fires("reconcile"),
        then=reconciled_and_resumed,
    ),
)
