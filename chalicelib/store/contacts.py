"""Authorities, and who is who in each: a partition each, whose items the operator writes whole."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from pynamodb.transactions import TransactWrite

from chalicelib.ports import Authority, Page, Person, RoleContact
from chalicelib.store import items
from chalicelib.store.items import ContactItem
from chalicelib.store.mapping import text_of, value_of
from chalicelib.store.memory import Memory
from chalicelib.store.reading import Listing, read
from chalicelib.store.single import one

Contact = TypeVar("Contact", Person, RoleContact, Authority)

AUTHORITY = "AUTHORITY"
# A partition that is no authority's: an id begins with a small letter or a digit.
ROSTER = "#AUTHORITIES"
PERSON = "PERSON#"
ROLE = "ROLE#"


class DynamoContacts:
    """The contacts table (see ports.Contacts)."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._channels = Memory[Mapping[str, RoleContact]](monotonic)
        self._people = Memory[Person](monotonic)

    def person(self, authority: str, person_id: str) -> Person | None:
        """Return a person, or None where the authority has no such contact."""
        return find(Person, authority, f"{PERSON}{person_id}")

    def roles_held(self, authority: str, person_id: str) -> tuple[str, ...]:
        """Return the roles somebody holds in the authority; remembered for at most 60 s."""
        key = f"{authority}#{person_id}"
        person = self._people.get(key, lambda: self.person(authority, person_id))
        return person.roles if person else ()

    def role(self, authority: str, role: str) -> RoleContact | None:
        """Return how a role is reached, or None where nobody was named for it."""
        return find(RoleContact, authority, f"{ROLE}{role}")

    def channels(self, authority: str) -> Mapping[str, RoleContact]:
        """Return all of an authority's role contacts by role; remembered for at most 60 s."""
        return self._channels.get(authority, lambda: _roles(authority)) or {}


def find(kind: type[Contact], authority: str, sk: str) -> Contact | None:
    """Return what stands under this key, read consistently."""
    item = one(ContactItem, authority, sk)
    return value_of(kind, item.body) if item else None


def people(authority: str, cursor: str | None, limit: int) -> Page[Person]:
    """List an authority's people by their ids."""
    return _list(Person, authority, PERSON, cursor, limit)


def roles(authority: str, cursor: str | None, limit: int) -> Page[RoleContact]:
    """List an authority's role contacts by role."""
    return _list(RoleContact, authority, ROLE, cursor, limit)


def save_person(person: Person) -> None:
    """Store a person in place of what was known."""
    _save(person.authority, f"{PERSON}{person.id}", person)


def save_role(role: RoleContact) -> None:
    """Store how a role is reached in place of what was known."""
    _save(role.authority, f"{ROLE}{role.role}", role)


def save_authority(authority: Authority) -> None:
    """Store an authority in place of what was known, in its partition and on the roster of all."""
    with TransactWrite(connection=items.connection()) as transaction:
        for partition, sk in ((authority.id, AUTHORITY), (ROSTER, authority.id)):
            transaction.save(ContactItem(partition, sk, body=text_of(authority)))


def authorities() -> Sequence[str]:
    """Return the ids of all authorities in their order, read consistently."""
    return [item.sk for item in ContactItem.query(ROSTER, consistent_read=True, attributes_to_get=["sk"])]


def _save(authority: str, sk: str, value: object) -> None:
    ContactItem(authority, sk, body=text_of(value)).save()


def _roles(authority: str) -> Mapping[str, RoleContact] | None:
    """Read them all: an authority has a few dozen roles."""
    found = ContactItem.query(authority, ContactItem.sk.startswith(ROLE), consistent_read=True)
    contacts = [value_of(RoleContact, item.body) for item in found]
    return {contact.role: contact for contact in contacts} or None


def _list(kind: type[Contact], authority: str, prefix: str, cursor: str | None, limit: int) -> Page[Contact]:
    ask = partial(ContactItem.query, range_key_condition=ContactItem.sk.startswith(prefix))
    of = Listing(owner="authority", value=authority, keys=("sk",))
    found, following = read(of, ask, cursor=cursor, limit=limit)
    return Page(items=[value_of(kind, item.body) for item in found], cursor=following)
