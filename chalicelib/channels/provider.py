"""Asking a provider exactly once, and what its answer means for a letter.

The SDK's own retries are off: when an acknowledgement is lost they send a second letter.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ParamValidationError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from chalicelib.core.errors import DeliveryFailed, OutcomeUnknown, TryAgainLater, WillNeverArrive

Answer = Mapping[str, Any]
Factory = Callable[[], Any]

NOT_SENDABLE = "not_sendable"
NOT_ASKED = "not_asked"
UNAVAILABLE = "unavailable"
THROTTLED = "throttled"
REFUSED = "refused"
UNKNOWN_OUTCOME = "unknown_outcome"

# Both together stay well within what dispatch keeps in hand before it starts another letter.
CONNECT_SECONDS = 3
READ_SECONDS = 8

_THROTTLING = frozenset(
    {"Throttling", "ThrottlingException", "TooManyRequestsException", "LimitExceededException"}
)
# What AWS documents as a request that was not carried out. Of any other fault of the server nobody knows
# what it did before: a gateway's 504 may come after the letter was taken.
_NOT_TAKEN = frozenset({"ServiceUnavailable", "ServiceUnavailableException"})


class Client:
    """One SDK client, made when it is first needed: importing and making it costs a cold start."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._lock = Lock()
        self._made: Any = None

    def get(self) -> Any:
        """Return the client. Letters leave on several threads, and making one is not safe on them."""
        with self._lock:
            if self._made is None:
                self._made = self._factory()
            return self._made


def client(service: str, *, read_seconds: float = READ_SECONDS) -> Any:
    """Make a client that asks once and does not wait long."""
    from botocore.session import get_session

    asks_once = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        tcp_keepalive=True,
    )
    return get_session().create_client(service, config=asks_once)


def ask(call: Callable[[], Answer], final: Mapping[str, str]) -> str:
    """Make one call and return the provider's reference for the letter.

    `final` maps the error codes after which no attempt will help to a reason.
    """
    answer = _answer(call, final)
    if not answer.get("MessageId"):
        raise OutcomeUnknown(UNKNOWN_OUTCOME)
    return str(answer["MessageId"])


def _answer(call: Callable[[], Answer], final: Mapping[str, str]) -> Answer:
    try:
        return call()
    except ClientError as error:
        raise _refusal(error, final) from error
    except ParamValidationError as error:
        raise WillNeverArrive(NOT_SENDABLE) from error
    except (HTTPClientError, IncompleteReadError, ResponseParserError, SSLError) as error:
        # The request had left, or may have: a timeout, a cut connection or an answer nobody can read.
        raise OutcomeUnknown(UNKNOWN_OUTCOME) from error
    except BotoCoreError as error:
        # No connection, no credentials, no region: nothing had left.
        raise TryAgainLater(NOT_ASKED) from error


def _refusal(error: ClientError, final: Mapping[str, str]) -> DeliveryFailed:
    """Only what is wrong with this letter is final; what is wrong with us may be put right."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in final:
        return WillNeverArrive(final[code])
    if code in _THROTTLING or status == 429:
        return TryAgainLater(THROTTLED)
    if status >= 500 and code not in _NOT_TAKEN:
        return OutcomeUnknown(UNKNOWN_OUTCOME)
    return TryAgainLater(UNAVAILABLE if status >= 500 else REFUSED)
