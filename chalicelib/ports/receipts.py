"""Proof that a request was taken."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that a request was taken: stored with what it did, answered again when it returns.

    `key` is unique in its authority (door, the sender's name and the caller's own key); `body_hash`
    covers method, path and body; `answer` is the JSON text of the first answer.
    """

    authority: str
    key: str
    body_hash: str
    status: int
    answer: str
    received_at: datetime
