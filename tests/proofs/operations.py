"""Every operation that changes something, each from where it begins to the one run that is broken."""

from infra import riverbank
from infra.papers import person
from tests.proofs.by_hand import BY_HAND
from tests.proofs.deeds import (
    ACKNOWLEDGED,
    ENQUIRY,
    FACTS,
    HARM,
    HELD,
    MOVES,
    NO_DAY,
    PROPOSALS,
    PSM,
    REFERRALS,
    SOMEBODY_ELSE,
    THURSDAY,
    WEBHOOKS,
    Deed,
    Operation,
    acknowledged,
    asks,
    chased,
    corrects,
    fires,
    four_hours_on,
    given_up,
    held,
    lost_in_the_stream,
    nobody_there,
    nothing,
    one_case,
    only,
    opening,
    proclaimed,
    put_in_force,
    settled_meanwhile,
    signed,
    taken,
    two_cases,
)
from tests.proofs.outside import Request
from tests.proofs.world import World


def http(name: str, begin: Deed, act: Deed, door: str = FACTS) -> Operation:
    return Operation(name=name, door=door, begin=begin, act=act)


def hears(name: str, kind: str, then: Deed = nothing) -> Operation:
    return Operation(name=name, door="delivery", begin=taken(kind), act=World.tell_events, then=then)


ENDED = {"placement_id": "RB-P-77", "manner": "unplanned"}
DECIDED = {"decision": "move", "by": [person("team_manager")], "exceptions": [HARM, NO_DAY]}

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
                path=f"/v1/cases/{world.outside.case_ids()[0]}/protocol-moves",
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
        lambda world: world.ask(signed("step_done", ACKNOWLEDGED, world.outside.case_ids()[0])),
        WEBHOOKS,
    ),
    Operation(name="an e-mail sent", door="dispatch", begin=only("email"), act=World.stream),
    Operation(name="a notice to a topic", door="dispatch", begin=only("topic"), act=World.stream),
    Operation(name="a message cancelled", door="dispatch", begin=settled_meanwhile, act=World.stream),
    Operation(name="a message given up", door="dispatch", begin=nobody_there, act=World.stream),
    Operation(name="a sweep", door="sweep", begin=lost_in_the_stream, act=fires("sweep")),
    Operation(name="a tick", door="tick", begin=chased, act=fires("tick")),
    Operation(name="settling", door="settle", begin=given_up, act=fires("settle")),
    hears("SES took a letter", "Send"),
    hears("SES delivered a letter", "Delivery"),
    hears("a letter bounced", "Bounce"),
    hears("a letter complained of", "Complaint"),
    hears("a letter delayed", "DeliveryDelay", four_hours_on),
    Operation(name="a day proclaimed", door="calendar", begin=proclaimed, act=fires("calendar")),
    *BY_HAND,
)
