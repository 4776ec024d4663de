"""The packaged template, read as a person would: which function, which role, what it may do to what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from infra.package import RESOURCES, Package


class _LongForms(yaml.SafeLoader):
    """Reads CloudFormation's short forms as what they stand for."""


def _long_form(loader: yaml.SafeLoader, short: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {f"Fn::{short}": loader.construct_sequence(node, deep=True)}
    if short == "Ref":
        return {short: node.value}
    return {f"Fn::{short}": node.value.split(".", 1) if short == "GetAtt" else node.value}


_LongForms.add_multi_constructor("!", _long_form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that a role may do, each resource as the template names it: `Outbox.Arn`."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Any]

    def is_about(self, service: str) -> bool:
        """Whether any action is one of this service's."""
        return any(action.startswith(f"{service}:") for action in self.actions)

    def touches(self, resource: str) -> bool:
        """Whether this allows anything on a resource of this logical id, or on a part of it."""
        return any(
            name == resource or name.startswith((f"{resource}.", f"${{{resource}."))
            for name in self.resources
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The template that CloudFormation gets."""

    contents: Mapping[str, Any]

    @classmethod
    def of(cls, package: Package) -> "Template":
        """Read what was packaged."""
        return cls(contents=yaml.safe_load(package.template.read_text()))

    @classmethod
    def as_written(cls) -> "Template":
        """Read our own part of it, which takes no packaging."""
        return cls(contents=yaml.load(RESOURCES.read_text(), _LongForms))

    def of_type(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Return the properties of every resource of one type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.contents["Resources"].items()
            if resource.get("Type") == kind
        }

    def properties(self, name: str) -> Mapping[str, Any]:
        """Return one resource's properties."""
        found: Mapping[str, Any] = self.contents["Resources"][name]["Properties"]
        return found

    def functions(self) -> dict[str, Mapping[str, Any]]:
        """Return every function's properties, by logical id."""
        return self.of_type("AWS::Serverless::Function")

    def role_of(self, function: str) -> str:
        """Return the logical id of the role that a function runs as."""
        role, attribute = self.properties(function)["Role"]["Fn::GetAtt"]
        assert attribute == "Arn"
        return str(role)

    def may(self, function: str) -> tuple[Statement, ...]:
        """Return everything that a function's role allows, wherever in the template it is said."""
        role = self.role_of(function)
        return tuple(_statement(each) for document in self._documents(role) for each in document["Statement"])

    def refuses(self, function: str, action: str, resource: str) -> bool:
        """Whether no statement of a function's role lets it do this to exactly this resource."""
        return not any(action in each.actions and resource in each.resources for each in self.may(function))

    def who_may(self, service: str) -> set[str]:
        """Return the functions that may do anything at all with one service."""
        return {name for name in self.functions() if any(each.is_about(service) for each in self.may(name))}

    def who_touches(self, resource: str) -> set[str]:
        """Return the functions that may do anything at all with one resource."""
        return {name for name in self.functions() if any(each.touches(resource) for each in self.may(name))}

    def _documents(self, role: str) -> Iterator[Mapping[str, Any]]:
        for inline in self.properties(role).get("Policies", ()):
            yield inline["PolicyDocument"]
        for policy in self.of_type("AWS::IAM::Policy").values():
            if {"Ref": role} in policy["Roles"]:
                yield policy["PolicyDocument"]


def _statement(written: Mapping[str, Any]) -> Statement:
    assert written["Effect"] == "Allow", "a Deny would need reading differently"
    assert written.keys() <= {"Effect", "Action", "Resource", "Condition"}, "NotAction and the like"
    return Statement(
        actions=tuple(_each(written["Action"])),
        resources=tuple(named(each) for each in _each(written["Resource"])),
        condition=written.get("Condition", {}),
    )


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def named(value: Any) -> str:
    """Say in one word what a value of the template refers to."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::Sub": text}:
            return str(text)
    raise AssertionError(f"cannot tell what this refers to: {value}")
