"""The environment, read once and in one place."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Self

from chalicelib.core.errors import InvalidInput, Problem

# More than this is a mistyped figure: one shard carries about a thousand writes a second.
MOST_SHARDS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What differs between stages. Each field is an environment variable of the same name.

    `link_base` is where the links in messages lead; `secrets_prefix` is the part of Secrets
    Manager that is this stage's own.
    """

    stage: str
    cases_table: str
    outbox_table: str
    contacts_table: str
    access_table: str
    sender_address: str
    configuration_set: str
    link_base: str
    secrets_prefix: str
    outbox_shards: int = 1
    due_shards: int = 1

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read settings, or raise one InvalidInput that names every variable that will not do."""
        problems: list[Problem] = []
        values: dict[str, Any] = {}
        for each in fields(cls):
            variable = each.name.upper()
            given = environ.get(variable, "").strip()
            expected = _expected(each, given)
            if expected:
                problems.append(Problem(variable, expected))
            elif given:
                values[each.name] = int(given) if each.type is int else given
        if problems:
            raise InvalidInput(problems)
        return cls(**values)


def _expected(setting: "Field[Any]", given: str) -> str | None:
    """Say what the environment variable should hold, or nothing where it does."""
    if not given:
        return "an environment variable that is set" if setting.default is MISSING else None
    if setting.type is int and not (given.isdecimal() and 1 <= int(given[:9]) <= MOST_SHARDS):
        return f"a number from 1 to {MOST_SHARDS}"
    return None
