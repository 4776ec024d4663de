"""Every operation that changes something, each from where it begins to the one run that is broken.

`begin` brings a world there, unbroken; `act` is the run; `door` is by which of the doors it comes in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.store import contacts
from infra import papers, riverbank
from infra.papers import person
from tests.proofs.furnishing import WEBHOOK
from tests.proofs.outside import Request
from tests.proofs.post_office import event_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation, and where it begins."""

    name: str
    door: str
    begin: Deed
    act: Deed


# --- what is sent ---------------------------------------------------------------------------


def opening(child: str = "RB-1042", placement: str = "RB-P-77") -> Request:
    """A referral, under a key of its own."""
    body = {**riverbank.REFERRAL, "on": FRIDAY, "child_reference": child, "placement_id": placement}
    return Request(path=REFERRALS, body=body, key=f"open {child} {placement}")


def fact(world: World, kind: str, body: Mapping[str, Any], *, case: int = 0, door: str = "facts") -> Request:
    """Something about one of the cases, in the order in which they were opened."""
    path = f"/v1/cases/{world.case_ids()[case]}/{door}/{kind}"
    return Request(path=path, body={"on": FRIDAY, **body}, key=f"{kind} {case} {len(world.outside.answered)}")


def signed(kind: str, body: Mapping[str, Any], case_id: str | None = None) -> Request:
    """A signed webhook with a fact inside."""
    about = {"case_id": case_id} if case_id else {}
    sent = {"type": kind, **about, "data": {"on": FRIDAY, **body}}
    return Request(path=f"/v1/webhooks/{WEBHOOK}", body=sent, key=f"msg_{kind}", signed=True)


# --- where things begin ---------------------------------------------------------------------


def nothing(_: World) -> None:
    """Nothing has happened yet."""


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
        one = next(each.id for each in world.messages() if each.channel == channel)
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
    contacts.save_person(_without_address("iro"))
    world.restart()
    only("email")(world)
    one = next(each for each in world.messages() if each.role == "iro")
    world.outside.streamed -= {one.id}


def _without_address(role: str) -> Any:
    (found,) = [each for each in riverbank.people() if each.id == riverbank.CAST[role]]
    from dataclasses import replace

    return replace(found, email="")


def lost_in_the_stream(world: World) -> None:
    """A case was opened, and the stream lost every one of its messages."""
    asked_to_tell(world)
    world.outside.streamed |= world.inserted()


def chased(world: World) -> None:
    """The alert has been open for longer than its ladder allows."""
    two_cases(world)
    world.later(hours=2, minutes=30)


def given_up(world: World) -> None:
    """One message could not be sent, and one bounced: both wait to be told of on the case."""
    contacts.save_person(_without_address("social_worker"))
    world.restart()
    one_case(world)
    letter = next(each for each in world.outside.posted if each.channel == "email")
    world.outside.events.append(event_of(letter, "Bounce", world.outside.now, bounceType="Permanent"))
    world.tell_events()


def taken(kind: str, **told: object) -> Deed:
    """SES has something to tell of one letter."""

    def begin(world: World) -> None:
        asked_to_tell(world)
        world.stream()
        letter = next(each for each in world.outside.posted if each.channel == "email")
        world.outside.told_of = len(world.outside.posted)
        world.outside.events.append(event_of(letter, kind, world.outside.now, **told))

    return begin


def proclaimed(world: World) -> None:
    """GOV.UK has a day more, which touches what is owed on one of two cases."""
    held(world)
    world.ask(opening("RB-2042"))
    world.all_told()
    world.outside.published = PROCLAIMED


def put_in_force(world: World) -> None:
    """The calendar was changed, and a case has not been told of it."""
    from chalicelib import walks

    held(world)
    world.rooms.ports.calendars.keep(PROCLAIMED)
    walks.put_in_force(riverbank.ID, world.outside.now, world.rooms.ports)
    world.outside.published = PROCLAIMED
    world.restart()


# --- the operations -------------------------------------------------------------------------


def asks(kind: str, body: Mapping[str, Any], *, case: int = 0, door: str = "facts") -> Deed:
    return lambda world: world.ask(fact(world, kind, body, case=case, door=door))


def corrects(kind: str, body: Mapping[str, Any], wrong: int) -> Deed:
    """Tell something anew: `wrong` counts back among what was answered."""
    return lambda world: world.ask(fact(world, kind, {**body, "replaces": world.fact_id(wrong)}))


def fires(name: str) -> Deed:
    return lambda world: world.schedule(name)


def http(name: str, begin: Deed, act: Deed, door: str = FACTS) -> Operation:
    return Operation(name=name, door=door, begin=begin, act=act)


ENDED = {"placement_id": "RB-P-77", "manner": "unplanned"}
DECIDED = {"decision": "move", "by": [person("team_manager")], "exceptions": [HARM, NO_DAY]}
ENQUIRY = {"process": "child_protection_enquiry", "process_id": "enquiry-1"}
SOMEBODY_ELSE = {"allocations": {"social_worker": "pm.sorensen"}}

OPERATIONS = (
    http("a referral", nothing, lambda world: world.ask(opening()), REFERRALS),
    http(
        "a second referral for one child",
        one_case,
        lambda world: world.ask(opening(placement="RB-P-78")),
        REFERRALS,
    ),
    http("a meeting convened", one_case, asks("meeting_convened", PSM)),
    http("a meeting held", one_case, asks("meeting_held", HELD)),
    http("a fact that settles", one_case, asks("step_done", ACKNOWLEDGED)),
    http(
        "a fact withdrawn, so that a duty is back",
        acknowledged,
        corrects("fact_withdrawn", {"because": "It was not so."}, -1),
    ),
    http(
        "a fact corrected, so that a date moves", held, corrects("meeting_held", {**HELD, "on": THURSDAY}, -1)
    ),
    http("an ending that a child's other case hears of", two_cases, asks("placement_ended", ENDED)),
    http("a halt", held, asks("process_opened", ENQUIRY)),
    http("another social worker", held, asks("details_recorded", SOMEBODY_ELSE)),
    http("a fact under a calendar that is new to its case", put_in_force, asks("concern_raised", {})),
    http("a proposal", one_case, asks("decision_made", DECIDED, door="proposals"), PROPOSALS),
    http(
        "a move to other protocols",
        one_case,
        lambda world: world.ask(
            Request(
                path=f"/v1/cases/{world.case_ids()[0]}/protocol-moves",
                body={"to": [riverbank.SUPPORT], "because": "One text is enough."},
                key="move",
            )
        ),
        MOVES,
    ),
    http(
        "a webhook that opens a case",
        nothing,
        lambda world: world.ask(signed("referral_received", {**opening().body})),
        WEBHOOKS,
    ),
    http(
        "a webhook about a case",
        one_case,
        lambda world: world.ask(signed("step_done", ACKNOWLEDGED, world.case_ids()[0])),
        WEBHOOKS,
    ),
    Operation(name="an e-mail sent", door="dispatch", begin=only("email"), act=World.stream),
    Operation(name="a notice to a topic", door="dispatch", begin=only("topic"), act=World.stream),
    Operation(name="a message cancelled", door="dispatch", begin=settled_meanwhile, act=World.stream),
    Operation(name="a message given up", door="dispatch", begin=nobody_there, act=World.stream),
    Operation(name="a sweep", door="sweep", begin=lost_in_the_stream, act=fires("sweep")),
    Operation(name="a tick", door="tick", begin=chased, act=fires("tick")),
    Operation(name="settling", door="settle", begin=given_up, act=fires("settle")),
    Operation(name="SES took a letter", door="delivery", begin=taken("Send"), act=World.tell_events),
    Operation(name="SES delivered a letter", door="delivery", begin=taken("Delivery"), act=World.tell_events),
    Operation(
        name="a letter bounced",
        door="delivery",
        begin=taken("Bounce", bounceType="Permanent"),
        act=World.tell_events,
    ),
    Operation(
        name="a letter complained of", door="delivery", begin=taken("Complaint"), act=World.tell_events
    ),
    Operation(name="a day proclaimed", door="calendar", begin=proclaimed, act=fires("calendar")),
)
