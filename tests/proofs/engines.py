"""Where a world's tables are kept, and what may go wrong on the way there."""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from chalicelib.store import items

Item = Mapping[str, Any]


class Faults(typing.Protocol):
    """What goes wrong, on whichever client it watches, while it is armed."""

    armed: bool

    def watch(self, client: Any) -> Any:
        """Follow every call of this client from now on."""

    def another(self) -> None:
        """Another process begins where one has died."""


class Engine(typing.Protocol):
    """Where the tables are."""

    names: Mapping[str, str]
    in_process: bool

    def serve(self, client: Any) -> None:
        """Answer a client's calls, where no server does."""

    def everything(self, table: str) -> Sequence[Item]:
        """Return every item of a table, as it travels."""


@dataclass(frozen=True, slots=True)
class Served:
    """Tables that a server keeps."""

    names: Mapping[str, str]
    in_process: bool = False

    def serve(self, client: Any) -> None:
        """The network does."""
        quickened(client)

    def everything(self, table: str) -> Sequence[Item]:
        """Return every item of a table, as it travels."""
        return scanned(self.names[table])


def quickened(client: Any) -> None:
    """Let a client work out once what is the same at each call: where it asks, and how it names itself.

    That is a quarter of what a call costs here, and nothing of what is asked or answered.
    """
    name, found, resolve = client._user_agent_creator.to_string(), {}, client._resolve_endpoint_ruleset
    client._user_agent_creator = SimpleNamespace(to_string=lambda: name)

    def once(operation_model: Any, *asked: Any, **more: Any) -> Any:
        operation = operation_model.name
        if operation not in found:
            found[operation] = resolve(operation_model, *asked, **more)
        url, headers, properties = found[operation]
        return url, dict(headers), properties

    client._resolve_endpoint_ruleset = once


def scanned(name: str) -> Sequence[Item]:
    """Read a whole table from its server."""
    pages = items.connection().client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]
