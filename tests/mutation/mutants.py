"""Making mutants: a module's source with one thing in it changed, by mutmut's operators.

mutmut's own runner leaves out what it cannot wrap: functions with decorators, so every cached property of
the clocks, and the constants beside the functions. Here each mutant is the whole module, so these are
changed too. As with mutmut, what is said in annotations, decorators and docstrings stays as it is.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators
from typing_extensions import override

PROJECT = Path(__file__).resolve().parent.parent.parent
# A constant of a module: `MOST_TRIES`, `_MAY_BE_PUT_AWAY`, and no type variable, logger or alias.
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]+$")
# What mutmut leaves alone, because nothing comes of it but noise.
SPARED_CALLS = {"len", "isinstance"}
PLAIN = (cst.Name, cst.BaseNumber, cst.BaseString)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change, and the whole source that has it.

    `name` is one line: where it is, and its lines before and after, so that it stays when others move.
    `function` is the function that it is in, or the outermost, and `span` that one's lines; they are empty
    for what is done on importing.
    """

    module: str
    place: str
    name: str
    source: str
    function: tuple[str, ...]
    span: tuple[int, int] | None

    @property
    def is_constant(self) -> bool:
        """Whether it changes a constant of the module, and no class or function."""
        return "." not in self.place


def path_of(module: str) -> Path:
    """Where a module's source is."""
    return PROJECT / (module.replace(".", "/") + ".py")


def mutants_of(module: str) -> Sequence[Mutant]:
    """Return every mutant of a module, in the order of its lines, no two the same."""
    source = path_of(module).read_text()
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _Finder()
    wrapper.visit(finder)
    found: dict[str, Mutant] = {}
    names: Counter[str] = Counter()
    for change in finder.changes:
        mutated = _mutated(source, wrapper.module, change)
        before, after = _difference(source, mutated)
        if before == after or mutated in found or not _compiles(mutated):
            continue
        place = ".".join((module.rpartition(".")[2], *change.within))
        name = f"{place}: {before} → {after}"
        names[name] += 1
        if names[name] > 1:
            name += f" ({names[name]})"
        found[mutated] = Mutant(
            module=module,
            place=place,
            name=name,
            source=mutated,
            function=change.function,
            span=change.span,
        )
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Change:
    node: cst.CSTNode
    instead: cst.CSTNode
    at: CodeSpan
    within: tuple[str, ...]
    function: tuple[str, ...]
    span: tuple[int, int] | None


def _mutated(source: str, module: cst.Module, change: _Change) -> str:
    """Return the source with one node replaced."""
    raw, start, end = source.encode(), change.at.start, change.at.start + change.at.length
    if module.code_for_node(change.node).encode() == raw[start:end]:
        return (raw[:start] + module.code_for_node(change.instead).encode() + raw[end:]).decode()
    # Where it goes over several lines its indentation is not its own. This takes thirty times as long.
    whole = module.deep_replace(change.node, change.instead)
    assert isinstance(whole, cst.Module)
    return whole.code


class _Finder(cst.CSTVisitor):
    """Goes through a module and asks mutmut's operators what may stand in each node's place."""

    METADATA_DEPENDENCIES = (PositionProvider, ByteSpanPositionProvider)

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[_Change] = []
        self._within: list[str] = []
        self._functions: list[tuple[tuple[str, ...], tuple[int, int]]] = []

    @override
    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._within.append(node.name.value)
            if isinstance(node, cst.FunctionDef):
                lines = self.get_metadata(PositionProvider, node.body)
                self._functions.append((tuple(self._within), (lines.start.line, lines.end.line)))
            return True
        if _is_spared(node) or not (self._functions or self._is_open_outside(node)):
            return False
        if self._functions or not isinstance(node, cst.SimpleStatementLine | cst.Assign | cst.AnnAssign):
            self._ask(node)
        return True

    @override
    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._within.pop()
        if isinstance(original_node, cst.FunctionDef):
            self._functions.pop()

    def _ask(self, node: cst.CSTNode) -> None:
        at = self.get_metadata(ByteSpanPositionProvider, node)
        function, span = self._functions[0] if self._functions else ((), None)
        if span and self.get_metadata(PositionProvider, node).start.line < span[0]:
            # A parameter's default is made on importing.
            function, span = (), None
        for sort, operator in mutation_operators:
            if isinstance(node, sort):
                for instead in operator(node):
                    self.changes.append(_Change(node, instead, at, tuple(self._within), function, span))

    def _is_open_outside(self, node: cst.CSTNode) -> bool:
        """Whether a node outside every function is a constant's, or a field's plain default."""
        match node:
            case cst.SimpleStatementLine(body=[cst.Assign() | cst.AnnAssign() as statement]):
                return self._is_open_outside(statement)
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
                return CONSTANT.match(name) is not None
            case cst.AnnAssign(target=cst.Name(value=name), value=cst.CSTNode() as value):
                return CONSTANT.match(name) is not None or isinstance(value, PLAIN)
            case cst.SimpleStatementLine() | cst.Assign() | cst.AnnAssign():
                return False
        return True


def _is_spared(node: cst.CSTNode) -> bool:
    match node:
        case cst.Call(func=cst.Name(value=name)):
            return name in SPARED_CALLS
        case cst.Param(default=cst.CSTNode() as default):
            return not isinstance(default, PLAIN)
        case cst.SimpleString(value=text):
            return text.startswith(('"""', "'''"))
    return False


def _difference(source: str, mutated: str) -> tuple[str, str]:
    """Return the lines that differ, before and after, each as one."""
    before, after = source.splitlines(), mutated.splitlines()
    same = takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))
    first = sum(1 for _ in same)
    rest = zip(reversed(before[first:]), reversed(after[first:]), strict=False)
    last = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    return _one_line(before[first : len(before) - last]), _one_line(after[first : len(after) - last])


def _one_line(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True
