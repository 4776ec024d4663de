"""The environment, read once and in one place."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Self

from chalicelib.core.errors import Problem, ServiceError

# More than this is a mistyped figure: one shard carries about a thousand writes a second.
MOST_SHARDS = 64


class NotConfigured(ServiceError):
    """Names every environment variable that is missing or of no use. No caller can mend it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.expected}" for each in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What differs between stages. Each field is an environment variable of the same name.

    `link_base` is where the links in messages lead; `bank_holidays_url` is where GOV.UK publishes
    its bank holidays; `secrets_prefix` is the part of Secrets Manager that is this stage's own.
    """

    stage: str
    cases_table: str
    outbox_table: str
    contacts_table: str
    access_table: str
    calendars_table: str
    sender_address: str
    configuration_set: str
    link_base: str
    bank_holidays_url: str
    secrets_prefix: str
    outbox_shards: int = 1
    due_shards: int = 1

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read settings, or raise one NotConfigured that names every variable that will not do."""
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
            raise NotConfigured(problems)
        return cls(**values)


def from_environment() -> Settings:
    """Read the settings of the stage that this process runs in. Raises NotConfigured."""
    return Settings.read(os.environ)


def _expected(setting: "Field[Any]", given: str) -> str | None:
    """Say what the environment variable should hold, or nothing where it does."""
    if not given:
        return "an environment variable that is set" if setting.default is MISSING else None
    if setting.type is int and not (given.isdecimal() and 1 <= int(given[:9]) <= MOST_SHARDS):
        return f"a number from 1 to {MOST_SHARDS}"
    return None
