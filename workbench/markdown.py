"""Pieces of Markdown that several documents are made of."""

from collections.abc import Iterable, Sequence

from workbench.said import Said

GENERATED = "<!-- Written by `make pages`. Change the protocol file, not this page. -->"


def anchor(name: str) -> str:
    """Return where a link to a name goes on its page."""
    return name.lower().replace(" ", "-")


def heading(level: int, text: str, name: str) -> str:
    """Return a heading that can be linked to by a name."""
    return f'{"#" * level} <a id="{anchor(name)}"></a>{text}'


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a column whose name ends with # holds numbers."""
    names = [name.removesuffix("#") for name in columns]
    lines = [_row(names), _row(["---:" if name.endswith("#") else "---" for name in columns])]
    return "\n".join([*lines, *(_row([cell.replace("|", "\\|") for cell in row]) for row in rows)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def paragraphs(sentences: Iterable[Said], lead: str = "") -> str:
    """Return sentences as one paragraph, and those that begin with a dash as a list between."""
    blocks: list[list[str]] = [[lead]] if lead else []
    for said in sentences:
        listed = said.sentence.startswith("– ")
        text = f"* {said.sentence.removeprefix('– ')}" if listed else said.sentence
        if blocks and blocks[-1][-1].startswith("* ") == listed:
            blocks[-1].append(text)
        else:
            blocks.append([text])
    return "\n\n".join(("\n" if block[0].startswith("* ") else " ").join(block) for block in blocks)


def document(*blocks: str) -> str:
    """Return a page: its blocks with an empty line between, and one line's end at its end."""
    return "\n\n".join(block for block in (GENERATED, *blocks) if block) + "\n"


def linked(text: str, name: str, page: str = "") -> str:
    """Return a text as a link to a name, on this page or another."""
    return f"[{text}]({page}#{anchor(name)})"
