"""Who may come in: credentials, integrations and the secrets of their webhooks.

Everything is kept under its own name, where a request finds it, and once more under its authority,
where the operator lists it: there is no Scan.
"""

import json
import time
import typing
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from pynamodb.transactions import TransactWrite

from chalicelib.core.errors import NotFound
from chalicelib.ports import Authority, Credential, Integration, Page
from chalicelib.store import contacts, items
from chalicelib.store.items import AccessItem
from chalicelib.store.mapping import text_of, value_of
from chalicelib.store.memory import Memory
from chalicelib.store.reading import Listing, read
from chalicelib.store.single import one

Entrance = TypeVar("Entrance", Credential, Integration)

TOKEN = "TOKEN"  # noqa: S105  the kind of an item, no secret
INTEGRATION = "INTEGRATION"


class Secrets(typing.Protocol):
    """As much of a Secrets Manager client as is needed here."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803  the SDK's name
        """Return the secret under this name."""


def secrets_client() -> Secrets:
    """A client of Secrets Manager; only signed webhooks need one, so it is made for the first."""
    from botocore.config import Config
    from botocore.session import get_session

    patience = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard"})
    client: Secrets = get_session().create_client("secretsmanager", config=patience)
    return client


class DynamoAccess:
    """The access table and the webhook secrets (see ports.Access)."""

    def __init__(
        self,
        secrets_client_factory: Callable[[], Secrets] = secrets_client,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_client = secrets_client_factory
        self._client: Secrets | None = None
        self._credentials = Memory[Credential](monotonic)
        self._integrations = Memory[Integration](monotonic)
        self._authorities = Memory[Authority](monotonic)
        self._secrets = Memory[Sequence[bytes]](monotonic)

    def credential(self, credential_id: str) -> Credential | None:
        """Return a credential by the public half of its token."""
        return self._credentials.get(credential_id, lambda: find(Credential, TOKEN, credential_id))

    def integration(self, name: str) -> Integration | None:
        """Return an integration by the name in its webhook address."""
        return self._integrations.get(name, lambda: find(Integration, INTEGRATION, name))

    def authority(self, authority: str) -> Authority | None:
        """Return an authority. It stands among the contacts, which the schedules may read too."""
        return self._authorities.get(
            authority, lambda: contacts.find(Authority, authority, contacts.AUTHORITY)
        )

    def authority_now(self, authority: str) -> Authority | None:
        """Return an authority as it is stored this moment, and remember that from now on."""
        self._authorities.forget(authority)
        return self.authority(authority)

    def authorities(self) -> Sequence[str]:
        """Return the ids of all authorities there are, by a consistent read."""
        return contacts.authorities()

    def secrets(self, integration: Integration) -> Sequence[bytes]:
        """Return the keys that sign, newest first: the bytes behind each written `whsec_…`."""
        return self._secrets.get(integration.secret, lambda: self._read(integration.secret)) or ()

    def _read(self, name: str) -> Sequence[bytes]:
        self._client = self._client or self._make_client()
        written = json.loads(self._client.get_secret_value(SecretId=name)["SecretString"])
        return tuple(b64decode(text.removeprefix("whsec_"), validate=True) for text in written)


def find(kind: type[Entrance], what: str, name: str) -> Entrance | None:
    """Return what stands under this name, read consistently."""
    item = one(AccessItem, f"{what}#{name}", what)
    return value_of(kind, item.body) if item else None


def credentials(authority: str, cursor: str | None, limit: int) -> Page[Credential]:
    """List an authority's credentials by their ids, until some time after they expired."""
    return _list(Credential, authority, TOKEN, cursor, limit)


def integrations(authority: str, cursor: str | None, limit: int) -> Page[Integration]:
    """List an authority's integrations by name."""
    return _list(Integration, authority, INTEGRATION, cursor, limit)


def save_credential(credential: Credential) -> None:
    """Store a credential in place of what was known; it leaves the table once it has expired."""
    _save(credential, TOKEN, credential.id, expires_at=int(credential.expires_at.timestamp()))


def save_integration(integration: Integration) -> None:
    """Store an integration in place of what was known."""
    _save(integration, INTEGRATION, integration.name)


def revoke(credential_id: str) -> None:
    """Make a credential good for nothing, at the latest in a minute. Raises NotFound."""
    credential = find(Credential, TOKEN, credential_id)
    if credential is None:
        raise NotFound("no such credential")
    save_credential(replace(credential, revoked=True))


def _save(value: Credential | Integration, what: str, name: str, expires_at: int | None = None) -> None:
    keys = ((f"{what}#{name}", what), (f"AUTHORITY#{value.authority}", f"{what}#{name}"))
    with TransactWrite(connection=items.connection()) as transaction:
        for pk, sk in keys:
            transaction.save(AccessItem(pk, sk, body=text_of(value), expires_at=expires_at))


def _list(kind: type[Entrance], authority: str, what: str, cursor: str | None, limit: int) -> Page[Entrance]:
    ask = partial(AccessItem.query, range_key_condition=AccessItem.sk.startswith(f"{what}#"))
    of = Listing(owner="pk", value=f"AUTHORITY#{authority}", keys=("sk",))
    found, following = read(of, ask, cursor=cursor, limit=limit)
    return Page(items=[value_of(kind, item.body) for item in found], cursor=following)
