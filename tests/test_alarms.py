"""Whom an alarm tells, and of what: read out of the template that ships."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.dispatch import IN_HAND_SECONDS as SWEEP_IN_HAND
from chalicelib.settle import IN_HAND_SECONDS as SETTLE_IN_HAND
from chalicelib.ticking import IN_HAND_SECONDS as TICK_IN_HAND
from infra.package import Package
from tests.template import Template, named

SCHEDULES = {"Sweep", "Tick", "Settle", "Calendar", "Reconcile"}
PREFIX = "holdfast-${Stage}-"


@pytest.fixture(scope="module")
def template(package: Package) -> Template:
    return Template.of(package)


def watched(template: Template, metric: str, namespace: str = "AWS/Lambda") -> dict[str, Mapping[str, Any]]:
    """Return the alarms on a metric, by what they watch; one that watches a whole account under ``."""
    return {
        named(alarm["Dimensions"][0]["Value"]) if alarm.get("Dimensions") else "": alarm
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
    }


# --- who hears


def test_every_alarm_tells_the_alarm_topic_when_it_is_raised_and_when_it_is_over(template: Template) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()

    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms)
    assert all(alarm["OKActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms)
    assert all(alarm.get("ActionsEnabled", True) for alarm in alarms)


def test_in_production_somebody_hears_of_alarms(template: Template) -> None:
    rule = template.contents["Rules"]["SomebodyHearsOfProduction"]
    hearer = template.contents["Resources"]["AlarmHearer"]

    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Stage"}, "production"]}
    (held,) = rule["Assertions"]
    assert held["Assert"] == template.contents["Conditions"][hearer["Condition"]]
    assert hearer["Properties"] == {
        "TopicArn": {"Ref": "AlarmTopic"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AlarmAddress"},
    }


def test_every_alarm_is_named_after_its_chapter_and_says_where_that_is(template: Template) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    names = [named(alarm["AlarmName"]) for alarm in alarms]

    assert len(set(names)) == len(names)
    for name, alarm in zip(names, alarms, strict=True):
        assert re.fullmatch(r"[a-z0-9-]+", name.removeprefix(PREFIX)), name
        assert alarm["AlarmDescription"].endswith(f". See docs/runbook.md#{name.removeprefix(PREFIX)}")


def test_no_two_alarms_say_the_same(template: Template) -> None:
    said = [alarm["AlarmDescription"] for alarm in template.of_type("AWS::CloudWatch::Alarm").values()]

    assert len({each.partition(". See")[0] for each in said}) == len(said)


def test_no_alarm_is_reckoned_from_several_metrics(template: Template) -> None:
    # The emulator refuses a stack with one, and what cannot be deployed here is tried by nobody.
    assert not [each for each in template.of_type("AWS::CloudWatch::Alarm").values() if "Metrics" in each]


# --- of what


def test_somebody_hears_when_any_function_fails(template: Template) -> None:
    failing = watched(template, "Errors")

    assert failing.keys() == template.functions().keys()
    assert {alarm["Threshold"] for alarm in failing.values()} == {0}


def test_somebody_hears_when_a_schedule_or_ses_falls_silent(template: Template) -> None:
    silent = watched(template, "Invocations")

    assert silent.keys() == SCHEDULES | {"Delivery"}
    assert {alarm["TreatMissingData"] for alarm in silent.values()} == {"breaching"}
    # The longest that an alarm may look back.
    assert silent["Delivery"]["Period"] * silent["Delivery"]["EvaluationPeriods"] == 7 * 24 * 60 * 60


def test_the_alarm_of_what_fails_every_half_hour_does_not_go_out_between(template: Template) -> None:
    (event,) = template.properties("Calendar")["Events"].values()

    assert event["Properties"]["Schedule"] == "rate(30 minutes)"
    assert watched(template, "Errors")["Calendar"]["Period"] > 30 * 60
    assert watched(template, "Invocations")["Calendar"]["Period"] == 2 * 60 * 60


def test_what_comes_once_a_day_is_missed_after_a_day_and_a_half(template: Template) -> None:
    (event,) = template.properties("Reconcile")["Events"].values()

    assert event["Properties"]["Schedule"] == "cron(37 5 * * ? *)"
    silent = watched(template, "Invocations")["Reconcile"]
    assert silent["Period"] * silent["EvaluationPeriods"] == 36 * 60 * 60
    assert watched(template, "Errors")["Reconcile"]["Period"] == 24 * 60 * 60


@pytest.mark.parametrize(
    ("function", "in_hand"), [("Sweep", SWEEP_IN_HAND), ("Tick", TICK_IN_HAND), ("Settle", SETTLE_IN_HAND)]
)
def test_what_runs_to_the_end_of_its_time_again_and_again_is_behind(
    template: Template, function: str, in_hand: float
) -> None:
    alarm = watched(template, "Duration")[function]
    stops_after = 1000 * (template.properties(function)["Timeout"] - in_hand)

    assert 0.8 * stops_after < alarm["Threshold"] < stops_after
    assert alarm["EvaluationPeriods"] >= 3


def test_what_cannot_be_handled_or_not_even_kept_is_heard_of(template: Template) -> None:
    assert watched(template, "ApproximateNumberOfMessagesVisible", "AWS/SQS").keys() == {
        "NotHandled.QueueName"
    }
    assert watched(template, "DeadLetterErrors").keys() == {"Delivery"}
    assert watched(template, "DestinationDeliveryFailures").keys() == {"Dispatch"}
    assert watched(template, "IteratorAge").keys() == {"Dispatch"}


def test_that_the_account_has_no_room_or_may_lose_its_mail_is_heard_of(template: Template) -> None:
    assert watched(template, "Throttles").keys() == {""}
    bounces = watched(template, "Reputation.BounceRate", "AWS/SES")[""]
    complaints = watched(template, "Reputation.ComplaintRate", "AWS/SES")[""]

    # At which SES looks into an account; it closes one at 0.1 and 0.005.
    assert (bounces["Threshold"], complaints["Threshold"]) == (0.05, 0.001)
    assert {bounces["TreatMissingData"], complaints["TreatMissingData"]} == {"ignore"}
