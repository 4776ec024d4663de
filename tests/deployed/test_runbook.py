"""Every command of the runbook that needs more of AWS than tables, run by bash as it is written."""

import pytest

from infra.package import Package
from tests import runbook
from tests.deployed import runbook_scenes
from tests.deployed.deployed import Service
from tests.feed_server import FeedServer
from tests.runbook import DEPLOYED
from tests.template import Template, named

COMMANDS = {each.text: each for each in runbook.commands() if each.text in DEPLOYED.known}


@pytest.fixture
def shell(service: Service, gov_uk: FeedServer, package: Package) -> runbook_scenes.Shell:
    alarms = Template.of(package).of_type("AWS::CloudWatch::Alarm").values()
    names = {named(each["AlarmName"]).removeprefix("holdfast-${Stage}-") for each in alarms}
    return runbook_scenes.Shell(service=service, gov_uk=gov_uk, names=frozenset(names))


def test_what_the_runbook_begins_with_is_enough_for_every_other_command(shell: runbook_scenes.Shell) -> None:
    assert shell.run("$operate authority list", 'echo "$AWS_DEFAULT_REGION"') == ["riverbank", "eu-west-2"]


@pytest.mark.parametrize("text", COMMANDS)
def test_the_runbooks_command_does_what_the_runbook_says(text: str, shell: runbook_scenes.Shell) -> None:
    DEPLOYED.play(COMMANDS[text], shell, shell.run)
