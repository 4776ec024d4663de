"""Breaking one AWS call of a run: botocore's own hooks number the calls and break the one that is meant.

A call is what our code asks for, whatever attempts the SDK makes of it. Once the process has died it
makes no call any more, on whichever thread.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock, local
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError
from botocore.httpsession import URLLib3Session


class Break(StrEnum):
    """How a call is broken."""

    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"
    UNREACHED = "is not reached"
    UNHEARD = "is carried out and not heard of"
    UNHEARD_ONCE = "is carried out, not heard of, and tried again by the SDK"


class Died(BaseException):
    """The process is gone: no `except Exception` keeps it alive."""


@dataclass
class Breaker:
    """Numbers the calls of a run, and breaks the one at `at`, counted from 0; none where that is none."""

    armed: bool = False
    at: int | None = None
    how: Break = Break.DIES_BEFORE
    calls: list[str] = field(default_factory=list)
    dead: bool = False
    _lock: Lock = field(default_factory=Lock)
    _own: local = field(default_factory=local)

    def watch(self, client: Any) -> Any:
        """Follow every call of this client from now on."""
        events = client.meta.events
        events.register_first("before-call", self._before)
        events.register_last("after-call", self._after)
        events.register_first("before-send", self._send)
        return client

    def arm(self, at: int | None = None, how: Break = Break.DIES_BEFORE) -> None:
        """Begin a run."""
        self.armed, self.at, self.how, self.dead = True, at, how, False
        self.calls.clear()

    def disarm(self) -> None:
        """End a run: AWS and its clients work again."""
        self.armed = self.dead = False

    def another(self) -> None:
        """Another process begins; it makes no call before the run is over either."""

    def _before(self, model: Any, context: dict[str, Any], **_: object) -> None:
        if not self.armed:
            return
        with self._lock:
            self._refuse_the_dead()
            number = context["number"] = len(self.calls)
            self.calls.append(f"{model.service_model.service_id}.{model.name}")
            self._own.broken = number == self.at
            if number == self.at and self.how is Break.DIES_BEFORE:
                self._die()
        if number == self.at and self.how is Break.UNREACHED:
            raise ConnectTimeoutError(endpoint_url="https://aws.example")

    def _send(self, request: AWSPreparedRequest, **_: object) -> None:
        if self.armed and self.how is Break.UNHEARD_ONCE and getattr(self._own, "broken", False):
            self._own.broken = False
            URLLib3Session().send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    def _after(self, context: dict[str, Any], **_: object) -> None:
        if not self.armed or "number" not in context:
            return
        with self._lock:
            self._refuse_the_dead()
            if context["number"] == self.at and self.how is Break.DIES_AFTER:
                self._die()
        if context["number"] == self.at and self.how is Break.UNHEARD:
            raise ConnectionClosedError(endpoint_url="https://aws.example")

    def _refuse_the_dead(self) -> None:
        if self.dead:
            raise Died

    def _die(self) -> None:
        self.dead = True
        raise Died
