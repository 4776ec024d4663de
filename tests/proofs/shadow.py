"""AWS's own engine, and beside it the small one: each answer of the one is held against the other's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.proofs.engines import Item, scanned
from tests.proofs.expressions import NotUnderstood
from tests.proofs.small_dynamo import SmallDynamo, read

# What is answered in no order.
UNORDERED = frozenset({"Scan", "BatchGetItem"})
REFUSED_BY_WEATHER = frozenset({"throttled", "in conflict", "answered 500"})


class AnswersOtherwise(NotUnderstood):
    """The small engine is not what it should be."""


@dataclass
class Shadowed:
    """Tables that a server keeps, followed by the small engine call by call."""

    names: Mapping[str, str]
    in_process: bool = True
    small: SmallDynamo = field(init=False)
    compared: int = 0

    def __post_init__(self) -> None:
        self.small = SmallDynamo(self.names)

    def serve(self, client: Any) -> None:
        """Follow every call that reaches the server."""
        client.meta.events.register_first("before-call", self._note)
        client.meta.events.register_first("after-call", self._compare)

    def _note(self, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context["asked"] = read(params["body"])

    def everything(self, table: str) -> Sequence[Item]:
        """Return every item of a table, as the server has it."""
        return scanned(self.names[table])

    def _compare(self, model: Any, parsed: Any, context: Mapping[str, Any], **_: object) -> None:
        if context.get("fault") in REFUSED_BY_WEATHER or model.name == "CreateTable":
            return
        _, told = self.small.ask(model.name, context["asked"])
        if "IndexName" in context["asked"] and (
            _cut(context["asked"], told) or _cut(context["asked"], parsed)
        ):
            # Of those that stand at one place in an index, which comes first is nobody's promise.
            return
        self.compared += 1
        unordered = model.name in UNORDERED or "IndexName" in context["asked"]
        theirs, ours = _plain(parsed, unordered=unordered), _plain(told, unordered=unordered)
        if theirs != ours:
            raise AnswersOtherwise(f"{model.name} {context['asked']}: {theirs} and not {ours}")


def _cut(asked: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Whether an answer is a page of a longer one."""
    return "ExclusiveStartKey" in asked or "LastEvaluatedKey" in told


def _plain(told: Any, *, unordered: bool) -> Any:
    """Return what matters of an answer: what was found, or why it was refused."""
    if "Error" in told:
        return told["Error"]["Code"], [each.get("Code") for each in told.get("CancellationReasons", ())]
    if "Responses" in told:
        return {name: _sorted(found) for name, found in told["Responses"].items()}
    found = [told["Item"]] if told.get("Item") else told.get("Items", [])
    texts = _sorted(found) if unordered else [_text(each) for each in found]
    return texts, bool(told.get("LastEvaluatedKey"))


def _sorted(found: list[Any]) -> list[str]:
    return sorted(_text(each) for each in found)


def _text(item: Any) -> str:
    return json.dumps(_numbers(item), sort_keys=True, default=repr)


def _numbers(item: Any) -> Any:
    return {name: {"N": str(float(each["N"]))} if "N" in each else each for name, each in item.items()}
