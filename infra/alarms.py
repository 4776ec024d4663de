"""Operator commands about alarms: which are raised, who hears of them, and whether they are heard.

What each means and what to do is in docs/runbook.md, under the alarm's name.
"""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from infra.operating import CannotOperate, Desk

RAISED, WELL, UNKNOWN = "ALARM", "OK", "INSUFFICIENT_DATA"
SAID = {RAISED: "raised", WELL: "well", UNKNOWN: "not known yet"}
PENDING = "PendingConfirmation"
# As many as can be asked for at once.
AT_ONCE = 100


def list_alarms(desk: Desk, _: Namespace) -> None:
    """Write down every alarm of the stage: those raised first, with since when and what it means."""
    found = sorted(_alarms(desk), key=lambda each: (each["StateValue"] != RAISED, each["AlarmName"]))
    for alarm in found:
        desk.say(_line(alarm, desk))
    raised = sum(each["StateValue"] == RAISED for each in found)
    desk.say(f"{raised} of {len(found)} are raised.")


def list_hearers(desk: Desk, _: Namespace) -> None:
    """Write down who hears of the stage's alarms, and who has not said yet that they want to."""
    pages = desk.clients("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=_topic(desk))
    found = [each for page in pages for each in page["Subscriptions"]]
    for each in found:
        asked = "has not confirmed yet: hears nothing" if each["SubscriptionArn"] == PENDING else "hears"
        desk.say(f"{each['Protocol']}\t{each['Endpoint']}\t{asked}")
    if all(each["SubscriptionArn"] == PENDING for each in found):
        raise CannotOperate("Nobody hears of an alarm: deploy with --set AlarmAddress=…, and confirm.")


def ring(desk: Desk, asked: Namespace) -> None:
    """Raise an alarm by hand, to see that somebody hears it; it is over when CloudWatch looks again."""
    name = f"{_prefix(desk)}{asked.name}"
    if name not in {each["AlarmName"] for each in _alarms(desk)}:
        raise CannotOperate(f"There is no alarm {asked.name!r}: see `alarm list`.")
    desk.clients("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue=RAISED, StateReason="Rung by hand, to see that somebody hears it."
    )
    desk.say(f"{asked.name} is raised: whoever hears of alarms hears of it within a minute.")


def _alarms(desk: Desk) -> Iterator[Mapping[str, Any]]:
    names = [each for each, kind in _resources(desk).values() if kind == "AWS::CloudWatch::Alarm"]
    cloudwatch = desk.clients("cloudwatch")
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        yield from cloudwatch.describe_alarms(AlarmNames=some, MaxRecords=AT_ONCE)["MetricAlarms"]


def _topic(desk: Desk) -> str:
    arn, _ = _resources(desk)["AlarmTopic"]
    return arn


def _resources(desk: Desk) -> dict[str, tuple[str, str]]:
    """Return what the stage's stack is made of: what AWS calls each, and its type, by its name for it."""
    pages = desk.clients("cloudformation").get_paginator("list_stack_resources")
    return {
        each["LogicalResourceId"]: (each["PhysicalResourceId"], each["ResourceType"])
        for page in pages.paginate(StackName=f"holdfast-{desk.stage}")
        for each in page["StackResourceSummaries"]
    }


def _prefix(desk: Desk) -> str:
    return f"holdfast-{desk.stage}-"


def _line(alarm: Mapping[str, Any], desk: Desk) -> str:
    name = alarm["AlarmName"].removeprefix(_prefix(desk))
    state = SAID[alarm["StateValue"]]
    if alarm["StateValue"] == RAISED:
        state += f" since {alarm['StateUpdatedTimestamp']:%Y-%m-%d %H:%M} UTC"
    return f"{name}\t{state}\t{alarm['AlarmDescription']}"
