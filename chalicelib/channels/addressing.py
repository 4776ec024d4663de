"""Who is told, and where: looked up when a message is sent, never when it was made."""

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.core.errors import WillNeverArrive
from chalicelib.core.tasks import ALERTS, DEPUTY, MANAGER
from chalicelib.ports import Contacts, Message, Person, RoleContact

NO_CONTACT = "no_contact"
NO_ADDRESS = "no_address"
NO_MANAGER = "no_manager"
NO_DEPUTY = "no_deputy"


def email_address(message: Message, contacts: Contacts, on: date) -> str:
    """Return the address of whoever is to be told that day, or of the one standing in for them.

    That is whoever fills the role, or one step from there. Raises WillNeverArrive.
    """
    filled = _filled(message, contacts)
    if filled.contact and not filled.contact.person_id and not _goes_elsewhere(message):
        return _present(filled.contact.email)
    start = _start(message, filled, contacts)
    person = _reached(message, start, contacts)
    # Whoever could not be reached is told nothing of that by standing in for their own deputy.
    passed_by = start.person.id if start.person and _is_alert(message) else None
    return _present(_standing_in(person, contacts, on, passed_by).email)


def topic_address(message: Message, contacts: Contacts) -> str:
    """Return the topic on which the authority's role listens. Raises WillNeverArrive."""
    if message.via_manager:
        raise WillNeverArrive(NO_MANAGER)
    if message.via_deputy:
        raise WillNeverArrive(NO_DEPUTY)
    return _present(_role_contact(message, contacts).topic)


def beside(message: Message, contacts: Contacts) -> tuple[str, ...]:
    """Return who else can be told where whoever a message was for is not reached: `deputy`, `manager`.

    Each is somebody the contacts know, and somebody else than the others.
    """
    from_there = replace(message, of_manager=message.via_manager)
    try:
        start = _start(from_there, _filled(message, contacts), contacts)
    except WillNeverArrive:
        return ()
    known: dict[str, str] = {}
    for way, person_id in ((DEPUTY, start.deputy), (MANAGER, start.manager)):
        person = contacts.person(message.authority, person_id) if person_id else None
        if person and not (start.person and person.id == start.person.id):
            known.setdefault(person.id, way)
    return tuple(known.values())


@dataclass(frozen=True, slots=True)
class _Seat:
    """A person, or a mailbox that is nobody's: its contact says who answers for it."""

    person: Person | None
    contact: RoleContact | None = None

    @property
    def deputy(self) -> str | None:
        return self.person.deputy if self.person else None

    @property
    def manager(self) -> str | None:
        if self.person:
            return self.person.manager
        return self.contact.manager if self.contact else None


def _filled(message: Message, contacts: Contacts) -> _Seat:
    """Return who fills the role: whoever the message names, or the authority's own contact for it."""
    contact = None if message.person_id else _role_contact(message, contacts)
    person_id = contact.person_id if contact else message.person_id
    person = contacts.person(message.authority, person_id) if person_id else None
    return _Seat(person, contact)


def _start(message: Message, filled: _Seat, contacts: Contacts) -> _Seat:
    """Return from whom one step is taken: whoever fills the role, or their manager."""
    if not message.of_manager:
        return filled
    return _Seat(_known(message.authority, filled.manager, contacts, NO_MANAGER))


def _reached(message: Message, start: _Seat, contacts: Contacts) -> Person:
    if message.via_manager:
        return _known(message.authority, start.manager, contacts, NO_MANAGER)
    if message.via_deputy:
        return _known(message.authority, start.deputy, contacts, NO_DEPUTY)
    if start.person is None:
        raise WillNeverArrive(NO_CONTACT)
    return start.person


def _is_alert(message: Message) -> bool:
    return message.occasion.partition(":")[0] in ALERTS


def _goes_elsewhere(message: Message) -> bool:
    return message.via_manager or message.via_deputy


def _role_contact(message: Message, contacts: Contacts) -> RoleContact:
    contact = contacts.role(message.authority, message.role)
    if contact is None:
        raise WillNeverArrive(NO_CONTACT)
    return contact


def _known(authority: str, person_id: str | None, contacts: Contacts, absent: str) -> Person:
    person = contacts.person(authority, person_id) if person_id else None
    if person is None:
        raise WillNeverArrive(absent)
    return person


def _standing_in(person: Person, contacts: Contacts, on: date, passed_by: str | None) -> Person:
    """Follow cover until somebody is there, past one person; two people who cover each other end it."""
    seen = {person.id, passed_by}
    while True:
        ids = (each.person_id for each in person.cover if each.first_on <= on <= each.last_on)
        known = (contacts.person(person.authority, each) for each in ids if each not in seen)
        substitute = next((each for each in known if each is not None), None)
        if substitute is None:
            return person
        seen.add(substitute.id)
        person = substitute


def _present(address: str | None) -> str:
    if not address:
        raise WillNeverArrive(NO_ADDRESS)
    return address
