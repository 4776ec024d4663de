"""Who is told, and where: looked up when a message is sent, never when it was made."""

from datetime import date

from chalicelib.core.errors import WillNeverArrive
from chalicelib.ports import Contacts, Message, Person

NO_CONTACT = "no_contact"
NO_ADDRESS = "no_address"
NO_MANAGER = "no_manager"


def email_address(message: Message, contacts: Contacts, on: date) -> str:
    """Return the address of whoever fills the role that day, or of the one standing in for them.

    A manager is reached through a person only: a mailbox has none. Raises WillNeverArrive.
    """
    person_id = message.person_id
    if person_id is None:
        contact = contacts.role(message.authority, message.role)
        if contact is None:
            raise WillNeverArrive(NO_CONTACT)
        person_id = contact.person_id
        if person_id is None and not message.via_manager:
            return _present(contact.email)
    person = contacts.person(message.authority, person_id) if person_id else None
    if message.via_manager:
        person = _manager(person, contacts)
    if person is None:
        raise WillNeverArrive(NO_CONTACT)
    return _present(_standing_in(person, contacts, on).email)


def topic_address(message: Message, contacts: Contacts) -> str:
    """Return the topic on which the authority's role listens. Raises WillNeverArrive."""
    if message.via_manager:
        raise WillNeverArrive(NO_MANAGER)
    contact = contacts.role(message.authority, message.role)
    if contact is None:
        raise WillNeverArrive(NO_CONTACT)
    return _present(contact.topic)


def _manager(person: Person | None, contacts: Contacts) -> Person:
    manager = contacts.person(person.authority, person.manager) if person and person.manager else None
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
