"""What goes wrong in a storm: a fault for one call in so many, drawn by a seed.

Everything is drawn from one `Random`, so that a seed alone says all that happens.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from threading import local
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from tests.proofs.breaking import Died

NOWHERE = "https://aws.example"


class Fault(StrEnum):
    """What may become of one call."""

    THROTTLED = "throttled"
    CONFLICT = "in conflict"
    BROKEN = "answered 500"
    UNREACHED = "not reached"
    UNHEARD = "carried out, the answer lost"
    TWICE = "carried out twice, the first answer lost"
    DIES_BEFORE = "the process dies before"
    DIES_AFTER = "the process dies after"


AT_A_TABLE = (*Fault,)
AT_A_PROVIDER = tuple(each for each in Fault if each not in (Fault.CONFLICT, Fault.TWICE))
THROTTLING = {"DynamoDB": "ProvisionedThroughputExceededException", "SESv2": "TooManyRequestsException"}
# What can meet another transaction on its item.
MEETS_OTHERS = frozenset({"PutItem", "UpdateItem", "TransactWriteItems"})


@dataclass
class Weather:
    """One call in so many goes wrong while it is armed."""

    chance: Random = field(default_factory=Random)
    one_in: int = 25
    armed: bool = False
    dead: bool = False
    calls: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    _own: local = field(default_factory=local)

    def watch(self, client: Any) -> Any:
        """Follow every call of this client from now on."""
        client.meta.events.register_first("before-call", self._before)
        client.meta.events.register_last("after-call", self._after)
        return client

    def begin(self, seed: int, one_in: int) -> None:
        """Begin another storm."""
        self.chance, self.one_in, self.armed = Random(f"weather {seed}"), one_in, True
        self.calls, self.dead = 0, False
        self.faults.clear()

    def another(self) -> None:
        """Another process begins where one has died."""
        self.dead = False

    def _before(self, model: Any, context: dict[str, Any], **_: object) -> Any:
        self._own.twice = False
        if not self.armed:
            return None
        if self.dead:
            raise Died
        service = str(model.service_model.service_id)
        fault = context["fault"] = self._draw(service, model.name)
        match fault:
            case Fault.DIES_BEFORE:
                self._die()
            case Fault.UNREACHED:
                raise ConnectTimeoutError(endpoint_url=NOWHERE)
            case Fault.THROTTLED:
                return _refusal(model, THROTTLING.get(service, "ThrottlingException"), 400)
            case Fault.BROKEN:
                return _refusal(model, "InternalServerError", 500)
            case Fault.CONFLICT:
                return _refusal(model, "TransactionConflictException", 400)
            case Fault.TWICE:
                self._own.twice = True
        return None

    def _after(self, context: Mapping[str, Any], **_: object) -> None:
        match context.get("fault"):
            case Fault.DIES_AFTER:
                self._die()
            case Fault.UNHEARD:
                raise ReadTimeoutError(endpoint_url=NOWHERE)

    def _die(self) -> None:
        """Die, on whichever thread; none of the others makes a call any more."""
        self.dead = True
        raise Died

    def carried_out_twice(self) -> bool:
        """Whether the call that is being answered reached its server twice."""
        return bool(getattr(self._own, "twice", False))

    def _draw(self, service: str, operation: str) -> Fault | None:
        self.calls += 1
        if self.chance.randrange(self.one_in):
            return None
        fault = self.chance.choice(AT_A_TABLE if service == "DynamoDB" else AT_A_PROVIDER)
        if fault is Fault.CONFLICT and operation not in MEETS_OTHERS:
            fault = Fault.THROTTLED
        self.faults[fault] += 1
        return fault


def _refusal(model: Any, code: str, status: int) -> Any:
    error: dict[str, Any] = {"Error": {"Code": code, "Message": code}}
    if model.name == "TransactWriteItems" and status < 500:
        reason = "TransactionConflict" if "Conflict" in code else "ThrottlingError"
        error = {
            "Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"},
            "CancellationReasons": [{"Code": reason, "Message": reason}],
        }
    metadata = {"ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}}}
    return SimpleNamespace(status_code=status, headers={}), {**error, **metadata}
