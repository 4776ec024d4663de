"""What every operator command stands on: one stage, its tables, and plain refusals."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.ports import Authority, Page
from chalicelib.protocol_files import Shelf
from chalicelib.store import contacts, items
from chalicelib.store.access import DynamoAccess
from chalicelib.store.calendars import DynamoCalendars
from chalicelib.store.cases import DynamoCases
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.visits import Ports

STAGE = re.compile(r"[a-z][a-z0-9-]{0,30}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
MOST_EMAIL = 254


class CannotOperate(Exception):
    """What was asked for cannot be done; says what would."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where an operator sits: a stage, clients for AWS, the clock, and somewhere to write."""

    stage: str
    clients: Callable[..., Any]
    now: datetime
    say: Callable[[str], None]
    shelf: Shelf

    def bind(self) -> None:
        """Point the store at this stage's tables."""
        tables = ("cases", "outbox", "contacts", "access", "calendars")
        items.bind(**{name: f"holdfast-{self.stage}-{name}" for name in tables})

    def ports(self) -> Ports:
        """Return the rooms of this stage, for what is done through the corridor.

        What they put in a queue goes under its first key, which every stage reads, over however many its
        queues are spread; to read all of a queue takes all keys that there may be.
        """
        return Ports(
            cases=DynamoCases(due_shards=1, outbox_shards=1),
            outbox=DynamoOutbox(shards=1),
            contacts=contacts.DynamoContacts(),
            access=DynamoAccess(),
            calendars=DynamoCalendars(),
            protocols=self.shelf,
        )

    def authority(self, name: str) -> Authority:
        """Return an authority that is there."""
        found = contacts.find(Authority, name, contacts.AUTHORITY)
        if found is None:
            raise CannotOperate(f"There is no authority {name!r}: add it with `authority add`.")
        return found

    def roles(self, authority: Authority) -> Collection[str]:
        """Return the roles that an authority's protocols know."""
        return {role for each in authority.protocols for role in self.shelf.load(each).roles}

    def known_roles(self, authority: Authority, named: Iterable[str]) -> None:
        """Refuse roles that none of the authority's protocols knows."""
        if unknown := set(named) - set(self.roles(authority)):
            raise CannotOperate(
                f"No protocol of {authority.id} knows the role {listed(unknown)}."
                f" It knows {listed(self.roles(authority))}."
            )

    def show(self, page: Page[Any], line: Callable[[Any], str]) -> None:
        """Write a page of a list, and how to get the next."""
        for row in page.items:
            self.say(line(row))
        if not page.items:
            self.say("None.")
        if page.cursor:
            self.say(f"There are more: go on with --cursor {page.cursor}")


def listed(words: Iterable[str]) -> str:
    """Words in a row, always in the same order."""
    return ", ".join(sorted(words))


def checked(text: str, shape: re.Pattern[str], expected: str) -> str:
    """Return a text of that shape."""
    if not shape.fullmatch(text):
        raise CannotOperate(f"{text!r} will not do: expected {expected}.")
    return text


def address(text: str) -> str:
    """Return an e-mail address that a message could be sent to."""
    if len(text) > MOST_EMAIL or not EMAIL.fullmatch(text):
        raise CannotOperate(f"{text!r} is not an e-mail address: expected something like ada@example.org.")
    return text


def day(text: str) -> date:
    """Return a date written as 2026-05-22."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotOperate(f"{text!r} is not a date: expected one like 2026-05-22.") from None


def pairs(texts: Sequence[str], expected: str) -> list[tuple[str, str]]:
    """Return the two sides of each `name=value`."""
    split = [text.partition("=") for text in texts]
    if wrong := [text for text, (name, _, value) in zip(texts, split, strict=True) if not (name and value)]:
        raise CannotOperate(f"{listed(wrong)!r} will not do: expected {expected}.")
    return [(name.strip(), value.strip()) for name, _, value in split]
