"""What is sent, and where things begin: out of these the operations are made that are broken.

Whatever brings a world to a beginning happens unbroken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib import walks
from chalicelib.ports import Person
from chalicelib.store import contacts
from infra import papers, riverbank
from infra.papers import person
from tests.proofs.furnishing import WEBHOOK
from tests.proofs.outside import Request
from tests.proofs.post_office import REFUSALS, event_of, refusal_of
from tests.proofs.world import World
from tests.snapshots import snapshot

Deed = Callable[[World], None]

REFERRALS = "/v1/referrals"
FACTS = "/v1/cases/{case_id}/facts/{kind}"
PROPOSALS = "/v1/cases/{case_id}/proposals/{kind}"
MOVES = "/v1/cases/{case_id}/protocol-moves"
WEBHOOKS = "/v1/webhooks/{integration}"

THURSDAY, FRIDAY = "2026-05-21", "2026-05-22"
# The record of a meeting held on Friday 22 May 2026 is due by then, and this is among the days between.
PROCLAIMED = snapshot("Thu 28 May 2026")
PSM = {"meeting": "placement_support", "meeting_id": "psm-1"}
HELD = papers.held("placement_support", "psm-1", "not_viable")
ACKNOWLEDGED = {"step": "alert_acknowledged", "by": [person("iro")]}
HARM = {"name": "immediate_harm", "because": "An incident.", "approver": riverbank.CAST["team_manager"]}
NO_DAY = {"name": "reason", "because": "There is no day left."}
ENQUIRY = {"process": "child_protection_enquiry", "process_id": "enquiry-1"}
SOMEBODY_ELSE = {"allocations": {"social_worker": "pm.sorensen"}}


def nothing(_: World) -> None:
    """Nothing happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: where it begins, what is broken, and what people do when that is over.

    `door` is by which of the doors it comes in: a route, a function, or a word that is given by command.
    """

    name: str
    door: str
    begin: Deed
    act: Deed
    then: Deed = nothing


# --- what is sent ---------------------------------------------------------------------------


def opening(child: str = "RB-1042", placement: str = "RB-P-77") -> Request:
    """A referral, under a key of its own."""
    body = {**riverbank.REFERRAL, "on": FRIDAY, "child_reference": child, "placement_id": placement}
    return Request(path=REFERRALS, body=body, key=f"open {child} {placement}")


def fact(world: World, kind: str, body: Mapping[str, Any], *, case: int = 0, door: str = "facts") -> Request:
    """Something about one of the cases, in the order in which they were opened."""
    path = f"/v1/cases/{world.outside.case_ids()[case]}/{door}/{kind}"
    return Request(path=path, body={"on": FRIDAY, **body}, key=f"{kind} {case} {len(world.outside.answered)}")


def signed(kind: str, body: Mapping[str, Any], case_id: str | None = None) -> Request:
    """A signed webhook with a fact inside."""
    about = {"case_id": case_id} if case_id else {}
    sent = {"type": kind, **about, "data": {"on": FRIDAY, **body}}
    return Request(path=f"/v1/webhooks/{WEBHOOK}", body=sent, key=f"msg_{kind}", signed=True)


# --- where things begin ---------------------------------------------------------------------


def one_case(world: World) -> None:
    """A case was opened, and everybody told."""
    world.ask(opening())
    world.all_told()


def two_cases(world: World) -> None:
    """One child has two cases."""
    one_case(world)
    world.ask(opening(placement="RB-P-78"))
    world.all_told()


def acknowledged(world: World) -> None:
    """The reviewing officer answered the alert."""
    one_case(world)
    world.ask(fact(world, "step_done", ACKNOWLEDGED))
    world.all_told()


def held(world: World) -> None:
    """A meeting found that the placement cannot go on, and its record is owed."""
    one_case(world)
    world.ask(fact(world, "meeting_convened", {**PSM, "on": THURSDAY}))
    world.ask(fact(world, "meeting_held", HELD))
    world.all_told()


def asked_to_tell(world: World) -> None:
    """A case was opened, and its messages are in the outbox; the stream brought none of them."""
    world.ask(opening())


def only(channel: str) -> Deed:
    """The stream has one message for us, by this channel; the others were sent."""

    def begin(world: World) -> None:
        asked_to_tell(world)
        one = next(each.id for each in world.stored.messages() if each.channel == channel)
        world.outside.streamed.add(one)
        world.all_told()
        world.outside.streamed.remove(one)

    return begin


def settled_meanwhile(world: World) -> None:
    """A reminder is in the outbox whose duty was settled before it could be sent."""
    one_case(world)
    world.later(hours=2, minutes=30)
    world.schedule("tick")
    world.ask(fact(world, "step_done", ACKNOWLEDGED))


def nobody_there(world: World) -> None:
    """A message is in the outbox for somebody who has no address."""
    without_address("iro", world)
    only("email")(world)
    one = next(each for each in world.stored.messages() if each.role == "iro")
    world.outside.streamed -= {one.id}


def without_address(role: str, world: World) -> None:
    """Nobody knows any more how to reach whoever plays this role."""
    contacts.save_person(replace(_player(role), email=""))
    world.restart()


def with_address(role: str, world: World) -> None:
    """Somebody put the address right."""
    contacts.save_person(_player(role))
    world.restart()


def _player(role: str) -> Person:
    (found,) = [each for each in riverbank.people() if each.id == riverbank.CAST[role]]
    return found


def lost_in_the_stream(world: World) -> None:
    """A case was opened, and the stream lost every one of its messages."""
    asked_to_tell(world)
    world.outside.streamed |= world.stored.ids()


def chased(world: World) -> None:
    """The alert has been open for longer than its ladder allows."""
    two_cases(world)
    world.later(hours=2, minutes=30)


def given_up(world: World) -> None:
    """One message could not be sent, and one bounced: both wait to be told of on the case."""
    without_address("iro", world)
    one_case(world)
    letter = next(each for each in world.outside.posted if each.channel == "email")
    world.outside.events.append(refusal_of(letter, "Bounce", world.outside.now))
    world.tell_events()


def taken(kind: str) -> Deed:
    """SES has something to tell of one letter."""

    def begin(world: World) -> None:
        asked_to_tell(world)
        world.stream()
        letter = next(each for each in world.outside.posted if each.channel == "email")
        world.outside.told_of = len(world.outside.posted)
        tells = refusal_of if kind in REFUSALS else event_of
        world.outside.events.append(tells(letter, kind, world.outside.now))

    return begin


def four_hours_on(world: World) -> None:
    """Nobody waits for a letter any longer than that."""
    world.later(hours=4, minutes=5)


def proclaimed(world: World) -> None:
    """GOV.UK has a day more, which touches what is owed on one of two cases."""
    held(world)
    world.ask(opening("RB-2042"))
    world.all_told()
    world.outside.published = PROCLAIMED


def put_in_force(world: World) -> None:
    """The calendar was changed, and a case has not been told of it."""
    held(world)
    world.rooms.ports.calendars.keep(PROCLAIMED)
    walks.put_in_force(riverbank.ID, world.outside.now, world.rooms.ports)
    world.outside.published = PROCLAIMED
    world.restart()


# --- what is done --------------------------------------------------------------------------


def asks(kind: str, body: Mapping[str, Any], *, case: int = 0, door: str = "facts") -> Deed:
    return lambda world: world.ask(fact(world, kind, body, case=case, door=door))


def corrects(kind: str, body: Mapping[str, Any], wrong: int) -> Deed:
    """Tell something anew: `wrong` counts back among what was answered."""
    return lambda world: world.ask(fact(world, kind, {**body, "replaces": world.outside.fact_id(wrong)}))


def fires(name: str) -> Deed:
    def deed(world: World) -> None:
        world.schedule(name)

    return deed
