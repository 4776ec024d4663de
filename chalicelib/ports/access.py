"""Who may come in: credentials, integrations and the authorities they belong to."""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A machine's or person's right to come in: of one authority, scoped, expiring.

    `subject` is the name under which what it sends is recorded.
    """

    id: str
    authority: str
    subject: str
    scopes: frozenset[str]
    secret_hash: str
    expires_at: datetime
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A system that sends signed webhooks: its secrets are in Secrets Manager under `secret`."""

    name: str
    authority: str
    secret: str
    scopes: frozenset[str]
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority and the ids of the protocols it has chosen, oldest first."""

    id: str
    name: str
    protocols: tuple[str, ...]
    closure_days: Mapping[date, str] = field(default_factory=dict)


class Access(typing.Protocol):
    """Credentials, integrations and authorities; each remembered for at most 60 seconds."""

    def credential(self, credential_id: str) -> Credential | None:
        """Return a credential by the public half of its token."""

    def integration(self, name: str) -> Integration | None:
        """Return an integration by the name in its webhook address."""

    def authority(self, authority: str) -> Authority | None:
        """Return an authority."""

    def authority_now(self, authority: str) -> Authority | None:
        """Return an authority as it is stored this moment, by a consistent read."""

    def authorities(self) -> Sequence[str]:
        """Return the ids of all authorities there are, by a consistent read."""

    def secrets(self, integration: Integration) -> Sequence[bytes]:
        """Return the live webhook secrets, newest first."""
