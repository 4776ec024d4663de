"""Parts of records that two clauses type in two ways: one filled for the one would be wrong for the other."""

from collections.abc import Iterator

from chalicelib.core.effects import Part, Record
from chalicelib.core.facts import BY_KIND
from workbench.design.logic import compatible
from workbench.findings import Finding
from workbench.written import Placed, Written

Seen = tuple[Placed[Record], Part]


def typed_two_ways(written: Written) -> Iterator[Finding]:
    """Yield every part that is of another type, choice or shape than where it was first named."""
    first: dict[str, list[Seen]] = {}
    for placed in written.all_of(Record):
        for number, part in enumerate(placed.effect.contains):
            for where, other in first.get(part.name, []):
                if _form(part) != _form(other) and _same_part(part, placed, where):
                    yield Finding(
                        f"{placed.place}.contains[{number}]",
                        f"{part.name!r} is {_said(part)} here, and {_said(other)} in {where.clause.id}",
                    )
                    break
            first.setdefault(part.name, []).append((placed, part))


def _same_part(part: Part, one: Placed[Record], other: Placed[Record]) -> bool:
    """A field that facts have of their own may be restricted otherwise for another kind of fact."""
    if any(part.name in BY_KIND[each.fact].__dataclass_fields__ for each in one.effect.of):
        return any(compatible(a, b) for a in one.effect.of for b in other.effect.of)
    return True


def _form(part: Part) -> object:
    columns = tuple((column.name, _form(column)) for column in part.rows)
    return part.type, frozenset(part.choose), columns, part.for_each


def _said(part: Part) -> str:
    if part.rows:
        return f"rows of {', '.join(column.name for column in part.rows)}"
    if part.choose:
        return f"one of {', '.join(part.choose)}"
    return f"a {part.type}"
