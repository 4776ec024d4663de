"""What each function really asked of AWS, held against what its role allows.

The emulator refuses nothing and records everything; the template that ships says what AWS would refuse.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.deploy import Stack
from infra.emulator import ACCOUNT, REGION
from tests.template import Template, named

# Every call by the SDK carries this in its user agent, so that calls can be told apart by function.
MARK = "AWS_SDK_UA_APP_ID"
WRITES = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Call:
    """One permission that a function needed, on a resource as the template names it: `Outbox.Arn`."""

    function: str
    action: str
    resource: str


@dataclass(slots=True, kw_only=True)
class Recording:
    """The calls by marked functions. The emulator shows the last fifty: look after every step."""

    stack: Stack
    template: Template
    calls: set[Call] = field(default_factory=set)

    def mark_functions(self) -> None:
        """Have each function say in every call which one it is."""
        client = self.stack.clients("lambda")
        for logical_id, properties in self.template.functions().items():
            name = self._filled_in(named(properties["FunctionName"]))
            known = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            client.update_function_configuration(
                FunctionName=name, Environment={"Variables": {**known, MARK: logical_id}}
            )

    def look(self) -> None:
        """Add what the functions asked for since the last look."""
        outputs = self.stack.outputs()
        tables = {outputs[name]: name for name in ("Cases", "Outbox", "Contacts", "Access", "Calendars")}
        # Functions sign with the account's own number; the test's calls are not among theirs.
        by_functions = [{"AttributeKey": "Username", "AttributeValue": ACCOUNT}]
        found = self.stack.clients("cloudtrail").lookup_events(LookupAttributes=by_functions)
        for event in (json.loads(each["CloudTrailEvent"]) for each in found["Events"]):
            if function := _function(event["userAgent"]):
                for action, resource in _needed(event, tables):
                    self.calls.add(Call(function=function, action=action, resource=resource))

    def refused_on_aws(self) -> list[Call]:
        """Return the calls that no statement of the function's role lets through."""
        return sorted(call for call in self.calls if not self._allowed(call))

    def _allowed(self, call: Call) -> bool:
        return any(
            call.action in statement.actions and _covers(self._filled_in(resource), call.resource)
            for statement in self.template.may(call.function)
            for resource in statement.resources
        )

    def _filled_in(self, text: str) -> str:
        """Put this deployment's own values where the template has names."""
        values = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
        for name, value in {**values, "Stage": self.stack.stage}.items():
            text = text.replace(f"${{{name}}}", value)
        return text


def _covers(resource: str, asked_for: str) -> bool:
    if resource.endswith("*"):
        return asked_for.startswith(resource[:-1])
    return resource == asked_for


def _function(user_agent: str) -> str | None:
    marks = [word.removeprefix("app/") for word in user_agent.split() if word.startswith("app/")]
    return marks[0] if marks else None


def _needed(event: Mapping[str, Any], tables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Say which permissions a call needs. The emulator records no call of SES version 2."""
    service, name = event["eventSource"].partition(".")[0], event["eventName"]
    asked = event["requestParameters"]
    match service, name:
        case "dynamodb", "TransactWriteItems":
            for item in asked["TransactItems"]:
                for kind, write in item.items():
                    yield WRITES[kind], f"{tables[write['TableName']]}.Arn"
        case "dynamodb", "BatchGetItem":
            for table in asked["RequestItems"]:
                yield "dynamodb:BatchGetItem", f"{tables[table]}.Arn"
        case "dynamodb", _:
            table = tables[asked["TableName"]]
            index = asked.get("IndexName")
            yield f"dynamodb:{name}", f"${{{table}.Arn}}/index/{index}" if index else f"{table}.Arn"
        case "sns", _:
            yield f"sns:{asked['Action']}", asked["TopicArn"]
        case "secretsmanager", _:
            secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{asked['SecretId']}"
            yield f"secretsmanager:{name}", secret
        case _:
            yield f"{service}:{name}", ""
