"""Where everything in a TOML text stands: a path of keys and numbers → its line.

`tomllib` reads values and forgets where they stood, so tree-sitter's grammar is asked for that.
"""

import tomllib
from collections.abc import Iterator, Mapping

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Path = tuple[str | int, ...]

KEYS = frozenset({"bare_key", "quoted_key", "dotted_key"})


def positions(text: str) -> Mapping[Path, int]:
    """Return the line of every key, table and entry of a list; the first line is 1.

    A text with mistakes in its TOML gives the places that could be made out.
    """
    tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode())
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    for node in tree.root_node.named_children:
        match node.type:
            case "pair":
                found.update(_pair(node, ()))
            case "table" | "table_array_element":
                at = _header(node, counts)
                for end in range(1, len(at) + 1):
                    found.setdefault(at[:end], _line(node))
                for pair in node.named_children:
                    if pair.type == "pair":
                        found.update(_pair(pair, at))
    return found


def _header(node: Node, counts: dict[Path, int]) -> Path:
    """Return the path that a header opens: `[[a.b]]` is one more `b` of the latest `a`."""
    at: Path = ()
    for key in _keys(node):
        at = (*at, key)
        if at in counts:
            at = (*at, counts[at] - 1)
    if node.type == "table_array_element":
        array = at[:-1] if at[-1:] and isinstance(at[-1], int) else at
        counts[array] = counts.get(array, 0) + 1
        return (*array, counts[array] - 1)
    return at


def _pair(node: Node, at: Path) -> Iterator[tuple[Path, int]]:
    for key in _keys(node):
        at = (*at, key)
        yield at, _line(node)
    for value in node.named_children:
        if value.type not in KEYS:
            yield from _value(value, at)


def _value(node: Node, at: Path) -> Iterator[tuple[Path, int]]:
    if node.type == "inline_table":
        for pair in node.named_children:
            if pair.type == "pair":
                yield from _pair(pair, at)
    elif node.type == "array":
        entries = [each for each in node.named_children if each.type != "comment"]
        for number, each in enumerate(entries):
            yield (*at, number), _line(each)
            yield from _value(each, (*at, number))


def _keys(node: Node) -> Iterator[str]:
    """Yield the keys of a header or a pair, a dotted one in its parts."""
    for child in node.named_children:
        match child.type:
            case "dotted_key":
                yield from _keys(child)
            case "bare_key":
                yield _said(child)
            case "quoted_key":
                (key,) = tomllib.loads(f"{_said(child)} = 0")
                yield key


def _said(node: Node) -> str:
    return (node.text or b"").decode()


def _line(node: Node) -> int:
    return node.start_point.row + 1
