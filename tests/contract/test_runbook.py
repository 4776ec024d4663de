"""Every command of the runbook that changes tables and nothing else, run as it is written."""

import uuid
from dataclasses import replace

import pytest

from tests import runbook, runbook_local, runbook_restoring
from tests.contract.town import new_town
from tests.part import PartShelf
from tests.runbook import LOCAL
from tests.tables import make_tables

# Where the scenes are.
SCENES = (runbook_local, runbook_restoring)
# Read once, as a process does.
SHELF = PartShelf()
COMMANDS = {each.text: each for each in runbook.commands() if each.text in LOCAL.known}


@pytest.fixture
def counter(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> runbook_local.Counter:
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb_local)
    stage = f"t{uuid.uuid4().hex[:12]}"
    make_tables(stage)
    town = new_town()
    town.ports = replace(town.ports, protocols=SHELF)
    return runbook_local.Counter(town=town, stage=stage)


@pytest.mark.parametrize("text", COMMANDS)
def test_the_runbooks_command_does_what_the_runbook_says(text: str, counter: runbook_local.Counter) -> None:
    LOCAL.play(COMMANDS[text], counter, counter.run)
