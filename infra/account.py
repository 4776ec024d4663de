"""The operator's look at the AWS account: whether SES lets it send, and whether its functions have room."""

from argparse import Namespace
from typing import Any

from infra.logs import FUNCTIONS
from infra.operating import Desk


def show(desk: Desk, _: Namespace) -> None:
    """Write down how SES sees this account, what it may send, and how many functions may run at once."""
    mail = desk.clients("sesv2").get_account()
    allowed = "sends" if mail["SendingEnabled"] else "does not send"
    where = "in production" if mail["ProductionAccessEnabled"] else "in the sandbox: confirmed addresses only"
    desk.say(f"SES {allowed} for this account, and calls it {mail['EnforcementStatus']}; it is {where}.")
    desk.say(_quota(mail["SendQuota"]))
    room = desk.clients("lambda").get_account_settings()["AccountLimit"]
    desk.say(
        f"{room['ConcurrentExecutions']} functions may run at once in this account,"
        f" {room['UnreservedConcurrentExecutions']} of them whichever they are."
    )
    for name in FUNCTIONS:
        desk.say(f"{name}\t{_own(desk, name)}")


def _quota(quota: Any) -> str:
    sent, most = round(quota["SentLast24Hours"]), round(quota["Max24HourSend"])
    rate = round(quota["MaxSendRate"])
    return f"Letters in the last 24 hours: {sent} of {most}; at most {rate} in a second."


def _own(desk: Desk, name: str) -> str:
    """Say how many of a function may run: none where somebody stopped it."""
    found = desk.clients("lambda").get_function_concurrency(FunctionName=f"holdfast-{desk.stage}-{name}")
    own = found.get("ReservedConcurrentExecutions")
    return "as many as there is room for" if own is None else f"at most {own}" if own else "stopped by hand"
