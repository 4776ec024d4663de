"""Who is told, and where: looked up when a message is sent, never when it was made."""

from datetime import date

from chalicelib.core.errors import WillNeverArrive
from chalicelib.ports import Contacts, Message, Person, RoleContact

NO_CONTACT = "no_contact"
NO_ADDRESS = "no_address"
NO_MANAGER = "no_manager"


def email_address(message: Message, contacts: Contacts, on: date) -> str:
    """Return the address of whoever fills the role that day, or of the one standing in for them.

    Raises WillNeverArrive.
    """
    contact = None if message.person_id else _role_contact(message, contacts)
    if contact and not contact.person_id and not message.via_manager:
        return _present(contact.email)
    person_id = contact.person_id if contact else message.person_id
    person = contacts.person(message.authority, person_id) if person_id else None
    if message.via_manager:
        above = person.manager if person else contact.manager if contact else None
        person = _manager(message.authority, above, contacts)
    if person is None:
        raise WillNeverArrive(NO_CONTACT)
    return _present(_standing_in(person, contacts, on).email)


def topic_address(message: Message, contacts: Contacts) -> str:
    """Return the topic on which the authority's role listens. Raises WillNeverArrive."""
    if message.via_manager:
        raise WillNeverArrive(NO_MANAGER)
    return _present(_role_contact(message, contacts).topic)


def _role_contact(message: Message, contacts: Contacts) -> RoleContact:
    contact = contacts.role(message.authority, message.role)
    if contact is None:
        raise WillNeverArrive(NO_CONTACT)
    return contact


def _manager(authority: str, person_id: str | None, contacts: Contacts) -> Person:
    manager = contacts.person(authority, person_id) if person_id else None
    if manager is None:
        raise WillNeverArrive(NO_MANAGER)
    return manager


def _standing_in(person: Person, contacts: Contacts, on: date) -> Person:
    """Follow cover until somebody is there; two people who cover each other end it."""
    seen = {person.id}
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
