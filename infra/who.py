"""Operator commands about authorities, their people, roles, cover and topics."""

from argparse import Namespace
from dataclasses import replace
from datetime import date

from chalicelib import walks
from chalicelib.authority_record import open_record
from chalicelib.calendars import MOST_NAME, can_be_called
from chalicelib.core.errors import NoProtocol, NotFound
from chalicelib.core.protocol import Urgency
from chalicelib.ports import Authority, Cover, Person, RoleContact
from chalicelib.store import contacts
from infra import calendars
from infra.operating import PERSON, SLUG, CannotOperate, Desk, address, checked, day, listed, pairs

CHANNELS = ("email", "topic")
OPERATOR = "operator"


def add_authority(desk: Desk, asked: Namespace) -> None:
    """Store an authority, or change its name and protocols, and its closure days where any are given."""
    checked(asked.id, SLUG, "small letters, digits and hyphens, as in tower-hamlets")
    for each in asked.protocol:
        try:
            desk.shelf.load(each)
        except NoProtocol:
            raise CannotOperate(
                f"There is no protocol {each!r}. There are {listed(desk.shelf.ids())}."
            ) from None
    closed = _closed(asked.closed)
    known = contacts.find(Authority, asked.id, contacts.AUTHORITY)
    kept = known.closure_days if known and not (closed or asked.no_closed_days) else {}
    if known:
        # What its cases were counted by so far has to be known before it changes.
        walks.put_in_force(asked.id, desk.now, desk.ports())
    contacts.save_authority(
        Authority(id=asked.id, name=asked.name, protocols=tuple(asked.protocol), closure_days=closed or kept)
    )
    desk.say(f"{asked.name} ({asked.id}) works by {', '.join(asked.protocol)}.")
    if kept:
        days = listed(on.isoformat() for on in kept)
        desk.say(f"It stays closed on {days}: --no-closed-days opens all of them.")
    _open_record(desk, asked.id)
    calendars.put_in_force(desk, asked.id)


def _closed(texts: list[str]) -> dict[date, str]:
    expected = "a day and why: 2026-12-24=Offices closed"
    closed = {day(when): why for when, why in pairs(texts, expected)}
    for on, why in closed.items():
        if not can_be_called(why):
            raise CannotOperate(
                f"{why!r} will not do for {on}: expected one line of at most {MOST_NAME} characters,"
                " all of which are seen."
            )
    return closed


def _open_record(desk: Desk, authority: str) -> None:
    """Open the authority's own record, on which duties of each year are owed."""
    try:
        record = open_record(authority, OPERATOR, desk.now, desk.ports())
    except NotFound:
        desk.say("None of them is in force yet: add the authority again once one is.")
    else:
        desk.say(f"Its own record is case {record}.")


def show_authority(desk: Desk, asked: Namespace) -> None:
    """Write down what is known of an authority."""
    found = desk.authority(asked.id)
    desk.say(f"{found.id}\t{found.name}\t{', '.join(found.protocols)}")
    for when, why in sorted(found.closure_days.items()):
        desk.say(f"closed {when:%a} {when.isoformat()}\t{why}")


def list_authorities(desk: Desk, _: Namespace) -> None:
    """Write down the authorities of the stage."""
    found = desk.ports().access.authorities()
    for each in found:
        desk.say(each)
    if not found:
        desk.say("None.")


def add_person(desk: Desk, asked: Namespace) -> None:
    """Store a person, or change all but the cover of one who is known."""
    authority = desk.authority(asked.authority)
    checked(asked.id, PERSON, "letters, digits, dots and hyphens, as in ada.l")
    for other in filter(None, (asked.manager, asked.deputy)):
        _person(asked.authority, other)
    desk.known_roles(authority, asked.role)
    known = contacts.find(Person, asked.authority, f"{contacts.PERSON}{asked.id}")
    person = Person(
        authority=asked.authority,
        id=asked.id,
        email=address(asked.email),
        manager=asked.manager,
        deputy=asked.deputy,
        roles=tuple(asked.role),
        cover=known.cover if known else (),
    )
    contacts.save_person(person)
    desk.say(f"{asked.id} of {asked.authority} is {'changed' if known else 'added'}.")


def list_people(desk: Desk, asked: Namespace) -> None:
    """Write down an authority's people."""
    desk.authority(asked.authority)
    desk.show(contacts.people(asked.authority, asked.cursor, asked.limit), _person_line)


def add_cover(desk: Desk, asked: Namespace) -> None:
    """Let somebody stand in for a person from one day to another, both included."""
    desk.authority(asked.authority)
    person = _person(asked.authority, asked.person)
    substitute = _person(asked.authority, asked.by)
    cover = Cover(person_id=substitute.id, first_on=day(asked.first), last_on=day(asked.last))
    if cover.last_on < cover.first_on:
        raise CannotOperate(f"Cover cannot end on {cover.last_on} before it begins on {cover.first_on}.")
    if substitute.id == person.id:
        raise CannotOperate(f"{person.id} cannot stand in for themselves.")
    contacts.save_person(replace(person, cover=(*person.cover, cover)))
    desk.say(f"{substitute.id} stands in for {person.id} from {cover.first_on} to {cover.last_on}.")


def set_role(desk: Desk, asked: Namespace) -> None:
    """Say how a role held by the authority is reached, in place of what was known."""
    authority = desk.authority(asked.authority)
    desk.known_roles(authority, [asked.role])
    if asked.person:
        _person(asked.authority, asked.person)
    if asked.manager:
        _person(asked.authority, asked.manager)
    if not (asked.person or asked.email or asked.topic):
        raise CannotOperate("Say who is reached: --person, --email or --topic.")
    contact = RoleContact(
        authority=asked.authority,
        role=asked.role,
        person_id=asked.person,
        email=address(asked.email) if asked.email else None,
        topic=_topic(desk, asked.topic) if asked.topic else None,
        manager=asked.manager,
        channels=_channels(asked.channels),
    )
    if contact.topic is None and any("topic" in each for each in contact.channels.values()):
        raise CannotOperate("A channel is the topic and there is none: say which with --topic.")
    contacts.save_role(contact)
    desk.say(f"{asked.role} of {asked.authority} is reached.")


def list_roles(desk: Desk, asked: Namespace) -> None:
    """Write down how an authority's roles are reached."""
    desk.authority(asked.authority)
    desk.show(contacts.roles(asked.authority, asked.cursor, asked.limit), _role_line)


def add_topic(desk: Desk, asked: Namespace) -> None:
    """Make a topic on which one of the authority's roles can listen; the same one a second time."""
    desk.authority(asked.authority)
    checked(asked.name, SLUG, "small letters, digits and hyphens, as in gm-iro")
    name = f"{_topics(desk)}{asked.authority}-{asked.name}"
    desk.say(desk.clients("sns").create_topic(Name=name)["TopicArn"])


def _topics(desk: Desk) -> str:
    """How the topics begin to which this stage may publish (infra/resources.yaml)."""
    return f"holdfast-{desk.stage}-notice-"


def _topic(desk: Desk, arn: str) -> str:
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "sns" or not parts[5].startswith(_topics(desk)):
        raise CannotOperate(f"{arn!r} is no topic that this stage may publish to: make one with `topic add`.")
    return arn


def _channels(texts: list[str]) -> dict[str, tuple[str, ...]]:
    expected = f"an urgency ({listed(Urgency)}) and channels ({listed(CHANNELS)}), as in now=email,topic"
    chosen = {urgency: tuple(names.split(",")) for urgency, names in pairs(texts, expected)}
    if set(chosen) - set(Urgency) or any(set(names) - set(CHANNELS) for names in chosen.values()):
        raise CannotOperate(f"Expected {expected}.")
    return chosen


def _person(authority: str, name: str) -> Person:
    found = contacts.find(Person, authority, f"{contacts.PERSON}{name}")
    if found is None:
        raise CannotOperate(f"{authority} has no contact {name!r}: add them with `person add`.")
    return found


def _person_line(person: Person) -> str:
    above = f"\tmanager {person.manager}" if person.manager else ""
    roles = f"\t{', '.join(person.roles)}" if person.roles else ""
    cover = "".join(f"\t{each.person_id} {each.first_on} to {each.last_on}" for each in person.cover)
    return f"{person.id}\t{person.email}{above}{roles}{cover}"


def _role_line(contact: RoleContact) -> str:
    reached = [each for each in (contact.person_id, contact.email, contact.topic) if each]
    channels = [f"{urgency}={','.join(names)}" for urgency, names in contact.channels.items()]
    return "\t".join([contact.role, *reached, *channels])
