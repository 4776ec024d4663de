"""Letting a change take effect: in a module that is imported already, or when it is imported."""

import sys
from collections.abc import Sequence
from functools import cached_property
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, FunctionType, ModuleType
from typing import Any

from typing_extensions import override

from tests.mutation.mutants import CONSTANT, Mutant, path_of


def replace(mutant: Mutant) -> str:
    """Give the function that a mutant changes the code that it has there, or a constant its value.

    Returns the name of the error where it cannot even be imported.
    """
    made = compile(mutant.source, str(path_of(mutant.module)), "exec", dont_inherit=True)
    found: Any = sys.modules[mutant.module]
    if mutant.is_constant:
        other = ModuleType(mutant.module)
        try:
            exec(made, vars(other))
        except Exception as error:  # noqa: BLE001 (whatever a mutant does)
            return type(error).__name__
        for name, value in vars(other).items():
            if CONSTANT.match(name) and value != vars(found)[name]:
                _replace_value(name, vars(found)[name], value)
        return ""
    for name in mutant.function:
        (made,) = (each for each in made.co_consts if isinstance(each, CodeType) and each.co_name == name)
        found = vars(found)[name]
    while not isinstance(found, FunctionType):
        found = _inside(found)
    found.__code__ = made
    return ""


def _replace_value(name: str, before: object, after: object) -> None:
    for module in [*sys.modules.values()]:
        if vars(module).get(name) is before:
            setattr(module, name, after)


def _inside(wrapped: Any) -> Any:
    match wrapped:
        case property(fget=inner) | cached_property(func=inner):
            return inner
    return wrapped.__wrapped__


class Mutated(MetaPathFinder, SourceFileLoader):
    """Lets a module be imported from other source than its file's."""

    def __init__(self, mutant: Mutant) -> None:
        SourceFileLoader.__init__(self, mutant.module, str(path_of(mutant.module)))
        self.mutant = mutant

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(self.mutant.source, self.path, "exec", dont_inherit=True)
