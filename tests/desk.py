"""Somebody who gives the operator's commands, at a stage in moto."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.protocol_files import Shelf
from infra.operate import main
from infra.operating import Desk
from tests.tables import make_tables

PROTOCOL = "tower-hamlets-2026-01-01"
NOW = datetime(2026, 5, 22, 9, 0, tzinfo=UTC)  # Friday 22 May 2026, 10:00 in London
SHELF = Shelf()


class Formation:
    """As much of CloudFormation as says what a stage's stack gave out; without any there is no stack."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self.outputs = outputs

    def describe_stacks(self, *, StackName: str) -> object:  # noqa: N803  the SDK's name
        if not self.outputs:
            problem = {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}
            raise ClientError({"Error": problem}, "DescribeStacks")
        given = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        return {"Stacks": [{"StackName": StackName, "Outputs": given}]}


@dataclass
class Operator:
    """Somebody at the desk of a stage; every command is one line."""

    stage: str
    said: list[str]
    printed: pytest.CaptureFixture[str]
    now: datetime = NOW
    outputs: dict[str, str] = field(default_factory=dict)

    def does(self, words: str, *more: str) -> list[str]:
        """Run a command that succeeds; return the lines it wrote."""
        assert self._run(words, *more) == 0
        return self.said

    def is_refused(self, words: str, *more: str) -> str:
        """Run a command that fails in one sentence; return the sentence."""
        assert self._run(words, *more) == 1
        sentence = self.printed.readouterr().err
        assert (self.said, sentence.count("\n")) == ([], 1)
        return sentence

    def _run(self, words: str, *more: str) -> int:
        self.said = []
        return main(["--stage", self.stage, *words.split(), *more], sit=self._sit)

    def _sit(self, stage: str, _region: str | None) -> Desk:
        return Desk(stage=stage, clients=self.client, now=self.now, say=self.said.append, shelf=SHELF)

    def client(self, service: str) -> Any:
        """A client of AWS; moto has no CloudFormation of its own here."""
        return Formation(self.outputs) if service == "cloudformation" else boto3.client(service)


@contextmanager
def at_the_desk(printed: pytest.CaptureFixture[str]) -> Iterator[Operator]:
    """Sit at a stage that has tables and nothing in them."""
    with mock_aws():
        make_tables("test")
        yield Operator(stage="test", said=[], printed=printed)
