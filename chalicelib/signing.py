"""Signatures on webhooks, as the Standard Webhooks specification asks for them.

The signature is HMAC-SHA256 over `id.timestamp.body`, the body byte for byte as it travelled. A
secret here is the key itself, without the `whsec_` and the base64 in which it is handed out.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chalicelib.core.errors import NotAuthentic

TOLERANCE_SECONDS = 300
VERSION = "v1"
NOT_TRUSTED = "a signature by a secret of this integration, not five minutes old"

# Somebody who rotates secrets sends two signatures. Hundreds are somebody trying us out.
MOST_SIGNATURES = 20

_ID = re.compile(r"[!-~]{1,255}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The three headers of a signed message: well formed, and not yet believed."""

    message_id: str
    timestamp: str
    signatures: tuple[str, ...]

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        """Read the three headers. Raises NotAuthentic where one is missing or malformed."""
        message_id = headers.get("webhook-id") or ""
        timestamp = headers.get("webhook-timestamp") or ""
        signatures = (headers.get("webhook-signature") or "").split(" ")
        well_formed = _ID.fullmatch(message_id) and _TIMESTAMP.fullmatch(timestamp)
        if not well_formed or len(signatures) > MOST_SIGNATURES:
            raise NotAuthentic(NOT_TRUSTED)
        return cls(message_id=message_id, timestamp=timestamp, signatures=tuple(signatures))


def verify(signed: Signed, body: bytes, secrets: Sequence[bytes], now: datetime) -> None:
    """Accept a message that one of `secrets` signed within five minutes of `now`.

    Raises NotAuthentic for any other, and never says what was wrong with it.
    """
    expected = [_signature(signed.message_id, signed.timestamp, body, each) for each in secrets]
    # Every pair is compared, so that the time taken says nothing about which one matched.
    matches = [
        hmac.compare_digest(ours, theirs.encode("utf-8", "replace"))
        for ours in expected
        for theirs in signed.signatures
    ]
    age_seconds = abs(now.timestamp() - int(signed.timestamp))
    if not any(matches) or age_seconds > TOLERANCE_SECONDS:
        raise NotAuthentic(NOT_TRUSTED)


def sign(message_id: str, at: datetime, body: bytes, secret: bytes) -> Mapping[str, str]:
    """Return the three headers under which `body` goes out at the aware moment `at`."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": _signature(message_id, timestamp, body, secret).decode("ascii"),
    }


def _signature(message_id: str, timestamp: str, body: bytes, secret: bytes) -> bytes:
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(secret, content, "sha256")
    return VERSION.encode() + b"," + base64.b64encode(digest)
