"""Operator commands about who may come in: tokens, and webhooks with their secrets."""

import base64
import json
import secrets
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from botocore.exceptions import ClientError

from chalicelib.core.errors import NotFound
from chalicelib.credentials import Scope, new_token
from chalicelib.ports import Credential, Integration
from chalicelib.store import access
from infra.operating import SLUG, CannotOperate, Desk, checked, listed

MOST_DAYS = 366
SECRET_BYTES = 32
LIVE_SECRETS = 2


def issue_token(desk: Desk, asked: Namespace) -> None:
    """Make a token and write it down, this once: only a hash of it is kept."""
    desk.authority(asked.authority)
    if not 1 <= asked.days <= MOST_DAYS:
        raise CannotOperate(f"A token is good for 1 to {MOST_DAYS} days, not {asked.days}.")
    name = secrets.token_hex(6)
    token, secret_hash = new_token(name)
    credential = Credential(
        id=name,
        authority=asked.authority,
        subject=checked(asked.subject, SLUG, "small letters, digits and hyphens, as in cpt-system"),
        scopes=_scopes(asked.scope),
        secret_hash=secret_hash,
        expires_at=desk.now + timedelta(days=asked.days),
    )
    access.save_credential(credential)
    desk.say(token)


def list_tokens(desk: Desk, asked: Namespace) -> None:
    """Write down an authority's tokens by their public halves."""
    desk.authority(asked.authority)
    desk.show(
        access.credentials(asked.authority, asked.cursor, asked.limit),
        lambda each: _token_line(each, desk),
    )


def revoke_token(desk: Desk, asked: Namespace) -> None:
    """Make a token good for nothing; doors may remember it for a minute."""
    try:
        access.revoke(asked.id)
    except NotFound:
        raise CannotOperate(f"There is no token {asked.id!r}: see `token list`.") from None
    desk.say(f"{asked.id} is revoked, everywhere within a minute.")


def add_webhook(desk: Desk, asked: Namespace) -> None:
    """Let a system send signed webhooks, and write its secret down, this once."""
    desk.authority(asked.authority)
    checked(asked.name, SLUG, "small letters, digits and hyphens, as in lcs-tower-hamlets")
    known = access.find(Integration, access.INTEGRATION, asked.name)
    if known and (known.enabled or known.authority != asked.authority):
        raise CannotOperate(
            f"The name {asked.name!r} is taken: choose another, or use `webhook rotate` for a new secret."
        )
    made = Integration(
        name=asked.name,
        authority=asked.authority,
        secret=f"holdfast/{desk.stage}/webhooks/{asked.name}",
        scopes=_scopes(asked.scope),
    )
    secret = _new_secret()
    _keep(desk, made.secret, [secret])
    # In this order: there is never a door without a lock.
    access.save_integration(made)
    desk.say(secret)


def rotate_webhook(desk: Desk, asked: Namespace) -> None:
    """Write a new secret down, this once; the one before it stays good until the next rotation."""
    found = _integration(asked.name)
    kept = json.loads(desk.clients("secretsmanager").get_secret_value(SecretId=found.secret)["SecretString"])
    secret = _new_secret()
    _keep(desk, found.secret, [secret, *kept][:LIVE_SECRETS])
    desk.say(secret)


def remove_webhook(desk: Desk, asked: Namespace) -> None:
    """Close a webhook's door and destroy its secrets; doors may remember them for a minute."""
    found = _integration(asked.name)
    access.save_integration(replace(found, enabled=False))
    desk.clients("secretsmanager").delete_secret(SecretId=found.secret, ForceDeleteWithoutRecovery=True)
    desk.say(f"{asked.name} is closed, everywhere within a minute.")


def list_webhooks(desk: Desk, asked: Namespace) -> None:
    """Write down an authority's webhooks."""
    desk.authority(asked.authority)
    desk.show(access.integrations(asked.authority, asked.cursor, asked.limit), _integration_line)


def _new_secret() -> str:
    """A secret as Standard Webhooks writes it down."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _keep(desk: Desk, name: str, live: Sequence[str]) -> None:
    client = desk.clients("secretsmanager")
    try:
        client.create_secret(Name=name, SecretString=json.dumps(live))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceExistsException":
            raise
        client.put_secret_value(SecretId=name, SecretString=json.dumps(live))


def _integration(name: str) -> Integration:
    found = access.find(Integration, access.INTEGRATION, name)
    if found is None or not found.enabled:
        raise CannotOperate(f"There is no webhook {name!r}: see `webhook list`.")
    return found


def _scopes(named: Sequence[str]) -> frozenset[str]:
    if unknown := set(named) - set(Scope):
        raise CannotOperate(f"There is no scope {listed(unknown)}: expected some of {listed(Scope)}.")
    return frozenset(named)


def _token_line(credential: Credential, desk: Desk) -> str:
    state = "revoked" if credential.revoked else "expired" if credential.expires_at <= desk.now else "good"
    until = f"until {credential.expires_at:%Y-%m-%d}"
    return "\t".join([credential.id, credential.subject, state, until, listed(credential.scopes)])


def _integration_line(integration: Integration) -> str:
    state = "open" if integration.enabled else "closed"
    return "\t".join([integration.name, state, listed(integration.scopes)])
