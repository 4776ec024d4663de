"""Operator commands about schedules: whether each fires, having it fire again, and running it now."""

import json
import uuid
from argparse import Namespace
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from infra.operating import CannotOperate, Desk

SCHEDULES = ("sweep", "tick", "settle", "calendar", "reconcile")
GONE = "ResourceNotFoundException"
# As long as any of them may run, and never a second time because the first was long in answering.
PATIENCE = Config(read_timeout=900, retries={"total_max_attempts": 1})


def list_schedules(desk: Desk, _: Namespace) -> None:
    """Write down each schedule: how often it fires, and whether it does."""
    for name in SCHEDULES:
        rule = _rule(desk, name)
        desk.say(f"{name}\t{rule['ScheduleExpression']}\t{_state(rule)}" if rule else f"{name}\t\tgone")


def run(desk: Desk, asked: Namespace) -> None:
    """Run a schedule's function now, as its rule would, and wait until it has ended."""
    name = _known(asked.name)
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "source": "aws.events",
        "account": "",
        "region": "",
        "detail-type": "Scheduled Event",
        "time": f"{desk.now:%Y-%m-%dT%H:%M:%SZ}",
        "resources": [],
        "detail": {},
    }
    functions = desk.clients("lambda", config=PATIENCE)
    called = functions.invoke(FunctionName=_called(desk, name), Payload=json.dumps(event))
    answer = json.loads(called["Payload"].read() or b"null")
    if "FunctionError" in called:
        raise CannotOperate(f"{name} failed ({answer.get('errorType', 'no more is known')}): see its log.")
    desk.say(f"{name} ran to its end.")


def switch_on(desk: Desk, asked: Namespace) -> None:
    """Let a schedule fire again that was switched off."""
    name = _known(asked.name)
    rule = _rule(desk, name)
    if rule is None or rule["State"] == "ENABLED":
        raise CannotOperate(f"{name} is {'on already' if rule else 'gone'}: nothing was done.")
    desk.clients("events").enable_rule(Name=_called(desk, name))
    desk.say(f"{name} fires again: {rule['ScheduleExpression']}.")


def _rule(desk: Desk, name: str) -> Any:
    try:
        return desk.clients("events").describe_rule(Name=_called(desk, name))
    except ClientError as error:
        if error.response["Error"]["Code"] == GONE:
            return None
        raise


def _state(rule: Any) -> str:
    return "on" if rule["State"] == "ENABLED" else "switched off"


def _called(desk: Desk, name: str) -> str:
    """A schedule's rule and its function have one name."""
    return f"holdfast-{desk.stage}-{name}"


def _known(name: str) -> str:
    if name not in SCHEDULES:
        raise CannotOperate(f"There is no schedule {name!r}: expected one of {', '.join(SCHEDULES)}.")
    return name
