"""Bearer tokens: who a caller is, and which doors are open to them.

A token is `hf_<id>_<secret>`. Only the hash of the secret is stored: it is made of 32 random
bytes, so nobody can guess it back and a plain SHA-256 is enough.
"""

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Self

from chalicelib.core.errors import NotAllowed, NotAuthentic
from chalicelib.ports import Access, Credential


class Scope(StrEnum):
    """What a credential or an integration may do; each is given by itself, none implies another.

    JOURNAL_READ is apart because the journal alone holds what people wrote in their own words;
    CALENDAR_READ because whoever counts days need not see a case. OPERATIONS is for whoever sees to
    what did not arrive and what is set aside, and reads what was done about it by hand.
    """

    FACTS_WRITE = "facts:write"
    PROPOSALS_WRITE = "proposals:write"
    CASES_READ = "cases:read"
    JOURNAL_READ = "journal:read"
    PROTOCOLS_MOVE = "protocols:move"
    CALENDAR_READ = "calendar:read"
    OPERATIONS = "operations"


NOT_TRUSTED = "a bearer token that is known, and has neither expired nor been revoked"

_BEARER = re.compile(r"(?i:bearer) +hf_([0-9A-Za-z]{1,64})_([0-9A-Za-z_-]{32,128})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The two halves of a bearer token: well formed, and not yet believed."""

    credential_id: str
    secret: str = field(repr=False)

    @classmethod
    def from_header(cls, authorization: str) -> Self:
        """Read an `Authorization` header. Raises NotAuthentic where it holds no token of ours."""
        read = _BEARER.fullmatch(authorization.strip())
        if read is None:
            raise NotAuthentic(NOT_TRUSTED)
        return cls(credential_id=read[1], secret=read[2])


def check(token: Token, access: Access, now: datetime) -> Credential:
    """Return the credential behind a token.

    Raises NotAuthentic, alike for a token that is unknown, wrong, expired or revoked.
    """
    credential = access.credential(token.credential_id)
    # Compared even where there is nothing to compare with, so that both take the same time.
    known = credential.secret_hash if credential else ""
    right = hmac.compare_digest(secret_hash(token.secret), known)
    if credential is None or not right or credential.revoked or credential.expires_at <= now:
        raise NotAuthentic(NOT_TRUSTED)
    return credential


def require(scope: Scope, held: Collection[str]) -> None:
    """Raise NotAllowed, naming the scope, where it is not among those held."""
    if scope not in held:
        raise NotAllowed(f"this needs the scope {scope}")


def secret_hash(secret: str) -> str:
    """Return what is stored of a token's secret half."""
    return sha256(secret.encode()).hexdigest()


def new_token(credential_id: str) -> tuple[str, str]:
    """Make a token, to be shown once, and the hash of its secret, to be stored.

    Raises ValueError if the id has anything but ASCII letters and digits in it.
    """
    if not re.fullmatch(r"[0-9A-Za-z]{1,64}", credential_id):
        raise ValueError("a credential's id is made of letters and digits only")
    secret = secrets.token_urlsafe(32)
    return f"hf_{credential_id}_{secret}", secret_hash(secret)
