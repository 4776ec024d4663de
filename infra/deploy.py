"""Deploy one stage: `python -m infra.deploy --stage production --set SenderAddress=…`.

The same code on AWS and on the emulator (AWS_ENDPOINT_URL or --endpoint says which). Parameters are
remembered by the stack: what isn't set again stays as it was.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from infra import emulator, packaged
from infra.archive import CannotPackage
from infra.package import Package

Clients = Callable[[str], Any]
Say = Callable[[str], None]
# Locally, waiting less often would be most of the wait.
POLL_SECONDS = {True: 0.2, False: 5}
DEPLOY_SECONDS = 1800


class CannotDeploy(Exception):
    """The stack is not as the package says; says what stood in the way."""


def clients(endpoint: str | None) -> Clients:
    """Make clients for AWS as the environment says, or for the emulator at `endpoint`.

    The emulator's carry made-up credentials, so that no slip can reach a real account.
    """
    if endpoint is None:
        return partial(boto3.Session().client)
    made_up = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "local")
    local = boto3.Session(**made_up, region_name=emulator.REGION)
    return partial(local.client, endpoint_url=endpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One stage's CloudFormation stack."""

    stage: str
    clients: Clients
    endpoint: str | None = None

    @property
    def name(self) -> str:
        return f"holdfast-{self.stage}"

    def deploy(self, package: Package, parameters: Mapping[str, str]) -> bool:
        """Make the stack what the package says; False if it was that already.

        Links in messages begin with the API's own address unless LinkBase says otherwise, and that
        address is known only once there is an API.
        """
        template = _upload(package, stage=self.stage, clients=self.clients)
        changed = self._change(template, {"Stage": self.stage, **parameters})
        if self._links_astray(parameters):
            self._change(template, {"Stage": self.stage, **parameters, "LinkBase": self.address()})
            return True
        return changed

    def outputs(self) -> dict[str, str]:
        """Return what the stack says of itself: names of tables, functions and topics."""
        found = self._described() or {}
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}

    def address(self) -> str:
        """Return where the API answers, without a closing slash."""
        outputs = self.outputs()
        if self.endpoint:
            return f"{self.endpoint}/_aws/execute-api/{outputs['RestAPIId']}/api"
        return outputs["EndpointURL"].rstrip("/")

    def _links_astray(self, parameters: Mapping[str, str]) -> bool:
        if "LinkBase" in parameters:
            return False
        known = self._parameters()["LinkBase"]
        # The emulator gives the API another address whenever a route is added.
        return known != self.address() if self.endpoint else known.endswith(".invalid")

    def _change(self, template: str, parameters: Mapping[str, str]) -> bool:
        formation = self.clients("cloudformation")
        state = (self._described() or {}).get("StackStatus", "REVIEW_IN_PROGRESS")
        if state == "ROLLBACK_COMPLETE":
            raise CannotDeploy(f"{self.name} was never made: delete that stack, then deploy again.")
        creating = state == "REVIEW_IN_PROGRESS"
        change = formation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{hashlib.sha256(os.urandom(8)).hexdigest()[:12]}",
            ChangeSetType="CREATE" if creating else "UPDATE",
            TemplateURL=template,
            Parameters=self._settings(parameters, anew=creating),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )["Id"]
        if not self._has_changes(change):
            return False
        formation.execute_change_set(ChangeSetName=change)
        self._wait("stack_create_complete" if creating else "stack_update_complete", StackName=self.name)
        return True

    def _settings(self, parameters: Mapping[str, str], *, anew: bool) -> list[dict[str, Any]]:
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        if anew:
            return given
        kept = self._parameters().keys() - parameters.keys()
        return given + [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)]

    def _has_changes(self, change: str) -> bool:
        try:
            self._wait("change_set_create_complete", ChangeSetName=change)
        except CannotDeploy:
            found = self.clients("cloudformation").describe_change_set(ChangeSetName=change)
            reason = found.get("StatusReason", "")
            if "didn't contain changes" in reason or "No updates" in reason:
                return False
            raise CannotDeploy(f"CloudFormation refused the template: {reason}") from None
        return True

    def _wait(self, waiter: str, **of_what: str) -> None:
        every = POLL_SECONDS[self.endpoint is not None]
        patience = {"Delay": every, "MaxAttempts": int(DEPLOY_SECONDS / every)}
        try:
            self.clients("cloudformation").get_waiter(waiter).wait(**of_what, WaiterConfig=patience)
        except WaiterError as error:
            raise CannotDeploy(f"{self.name} could not be deployed: {self._failures() or error}") from error

    def _failures(self) -> str:
        """Say what failed, the first failure first; the rest is usually its wake."""
        pages = self.clients("cloudformation").get_paginator("describe_stack_events")
        events = pages.paginate(StackName=self.name, PaginationConfig={"MaxItems": 100})
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
            for page in events
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED")
        ]
        return "\n".join(reversed(failed))

    def _parameters(self) -> dict[str, str]:
        found = (self._described() or {}).get("Parameters", ())
        return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in found}

    def _described(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.clients("cloudformation").describe_stacks(StackName=self.name)
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        stack: dict[str, Any] = found["Stacks"][0]
        return stack


def _upload(package: Package, *, stage: str, clients: Clients) -> str:
    """Put the zip and the template that points at it where CloudFormation can read them.

    Named by content, so the same package makes the same template, and no change is none.
    """
    bucket = _bucket(stage, clients)
    zipped = package.archive.read_bytes()
    code = f"{hashlib.sha256(zipped).hexdigest()}.zip"
    _put(clients("s3"), bucket, code, zipped)
    template = yaml.safe_load(package.template.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": code}
    # As JSON: CloudFormation reads no YAML aliases, and Chalice writes them.
    flat = json.dumps(template).encode()
    name = f"{hashlib.sha256(flat).hexdigest()}.template"
    _put(clients("s3"), bucket, name, flat)
    return f"{clients('s3').meta.endpoint_url}/{bucket}/{name}"


def _bucket(stage: str, clients: Clients) -> str:
    """Return the stage's own bucket for packages, private, made if it isn't there."""
    s3 = clients("s3")
    account = clients("sts").get_caller_identity()["Account"]
    region = s3.meta.region_name
    name = f"holdfast-{stage}-packages-{account}-{region}"
    try:
        s3.head_bucket(Bucket=name)
    except ClientError:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
        s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration=dict.fromkeys(
                ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
            ),
        )
    return name


def _put(s3: Any, bucket: str, key: str, body: bytes) -> None:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def _setting(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise argparse.ArgumentTypeError(f"expected Name=value, got {text!r}")
    return name, value


def main(arguments: Sequence[str] | None = None) -> int:
    """Package if need be, deploy, and print what the stack says of itself."""
    parser = argparse.ArgumentParser(prog="infra.deploy", description="Deploy one stage.")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--endpoint", default=os.environ.get("AWS_ENDPOINT_URL"))
    parser.add_argument("--set", action="append", default=[], type=_setting, metavar="Name=value")
    chosen = parser.parse_args(arguments)
    stack = Stack(stage=chosen.stage, clients=clients(chosen.endpoint), endpoint=chosen.endpoint)
    try:
        package = packaged.current(stage=chosen.stage, say=print)
        changed = stack.deploy(package, dict(chosen.set))
    except (CannotPackage, CannotDeploy, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{stack.name} is {'deployed' if changed else 'as it was'}; the API answers at {stack.address()}")
    for name, value in sorted(stack.outputs().items()):
        print(f"  {name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
