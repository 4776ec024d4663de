"""Who is who in an authority, and how they are reached."""

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Who stands in for a person, first and last day included."""

    person_id: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be told: `roles` are those held in the authority, apart from any case."""

    authority: str
    id: str
    email: str
    manager: str | None = None
    deputy: str | None = None
    roles: tuple[str, ...] = ()
    cover: tuple[Cover, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleContact:
    """How a role held by the authority is reached: a person, or a mailbox, and a topic.

    `channels` maps an urgency to channel names (`{"now": ("email", "topic")}`); an urgency
    left out means e-mail. A mailbox is nobody's, so `manager` says who answers for it.
    """

    authority: str
    role: str
    person_id: str | None = None
    email: str | None = None
    topic: str | None = None
    manager: str | None = None
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Contacts(typing.Protocol):
    """Who is who in an authority; looked up at sending time and when a role must be known."""

    def person(self, authority: str, person_id: str) -> Person | None:
        """Return a person, or None where the authority has no such contact."""

    def roles_held(self, authority: str, person_id: str) -> tuple[str, ...]:
        """Return the roles somebody holds in the authority; remembered for at most 60 s."""

    def role(self, authority: str, role: str) -> RoleContact | None:
        """Return how a role is reached, or None where nobody was named for it."""

    def channels(self, authority: str) -> Mapping[str, RoleContact]:
        """Return all of an authority's role contacts by role; remembered for at most 60 s."""
