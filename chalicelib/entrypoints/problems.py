"""What is put to a caller of each kind of failure, as RFC 9457 asks.

A problem says what was expected and never what was sent. https://www.rfc-editor.org/rfc/rfc9457
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from chalicelib.core import errors
from chalicelib.entrypoints.requests import WrongMediaType
from chalicelib.parse import TooLarge, UnknownKind

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One kind of failure in plain words. Without a name it is what its status says."""

    status: HTTPStatus
    name: str = ""
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, particulars: Mapping[str, object] | None = None) -> str:
        """Return the JSON text; `particulars` stand beside the members that every problem has."""
        members = {
            "type": f"urn:holdfast:problem:{self.name}" if self.name else "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            **({"detail": self.detail} if self.detail else {}),
            **(particulars or {}),
        }
        return json.dumps(members, ensure_ascii=False)


# The first entry that an error is an instance of counts: a narrower kind stands before its parent.
PLAINLY: Mapping[type[errors.ServiceError], Problem] = {
    TooLarge: Problem(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        name="too-large",
        detail="The body has too many bytes.",
    ),
    errors.InvalidInput: Problem(
        status=HTTPStatus.BAD_REQUEST,
        name="invalid-input",
        detail="Some of what was sent cannot be used; see errors.",
    ),
    errors.NotAuthentic: Problem(
        status=HTTPStatus.UNAUTHORIZED,
        name="not-authentic",
        detail="Send a token or a signature that is known and in force.",
        headers={"WWW-Authenticate": "Bearer"},
    ),
    errors.NotAllowed: Problem(
        status=HTTPStatus.FORBIDDEN,
        name="not-allowed",
        detail="This credential does not have the scope that this door asks for; see errors.",
    ),
    UnknownKind: Problem(
        status=HTTPStatus.NOT_FOUND,
        name="unknown-kind",
        detail="This door takes no fact of that kind; see errors.",
    ),
    errors.NotFound: Problem(
        status=HTTPStatus.NOT_FOUND,
        name="not-found",
        detail="There is no such thing in this credential's authority.",
    ),
    WrongMediaType: Problem(
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        name="media-type",
        detail="Send application/json in UTF-8.",
    ),
    errors.Tripped: Problem(
        status=HTTPStatus.CONFLICT,
        name="tripped",
        detail="The protocol does not allow this as it stands; see reasons.",
    ),
    errors.StaleVersion: Problem(
        status=HTTPStatus.PRECONDITION_FAILED,
        name="stale-version",
        detail="The case has changed since that version: read it again.",
    ),
    errors.NotNow: Problem(
        status=HTTPStatus.CONFLICT,
        name="not-now",
        detail="This cannot be done to it in the state that it is in; see state. Nothing was stored.",
    ),
    errors.TooMuch: Problem(
        status=HTTPStatus.CONFLICT,
        name="too-much",
        detail="More would follow from this than one case can hold; nothing was stored.",
    ),
    errors.KeyReused: Problem(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        name="key-reused",
        detail="This key came before with another request: take a new one.",
    ),
    errors.Busy: Problem(
        status=HTTPStatus.CONFLICT,
        name="busy",
        detail="Too much is being written at once and nothing was stored: send it again, with its key.",
        headers={"Retry-After": "1"},
    ),
}


def plainly(error: errors.ServiceError) -> Problem | None:
    """Return how an error is put to a caller, none where it is our failure and not theirs."""
    return next((said for kind, said in PLAINLY.items() if isinstance(error, kind)), None)


def particulars(error: errors.ServiceError) -> Mapping[str, object]:
    """Return what a caller needs to know of this one error beside its kind."""
    if isinstance(error, errors.Tripped):
        return {"reasons": list(error.reasons)}
    if isinstance(error, errors.NotNow):
        return {"state": error.state}
    if isinstance(error, errors.InvalidInput | UnknownKind):
        return {"errors": [{"field": each.field, "expected": each.expected} for each in error.problems]}
    if isinstance(error, errors.NotAllowed):
        return {"errors": [{"field": "scope", "expected": str(error)}]}
    return {}
