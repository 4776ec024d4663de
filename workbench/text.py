"""A rendered protocol as plain text, wrapped to be read on a screen."""

import textwrap
from collections.abc import Iterator

from workbench.rendering import (
    RenderedClause,
    RenderedEffect,
    RenderedLadder,
    RenderedProtocol,
    RenderedSetting,
)

WIDTH = 100


def protocol_text(protocol: RenderedProtocol) -> str:
    """Return a whole protocol: its head, its clauses, what was decided, who is reminded."""
    parts = ["\n".join(_head(protocol)), *(clause_text(clause) for clause in protocol.clauses)]
    if protocol.settings:
        parts.append("WHERE THE TEXT IS SILENT")
        parts += ["\n".join(_setting(each)) for each in protocol.settings]
    if protocol.ladders:
        parts.append("REMINDERS (local policy)")
        parts += ["\n".join(_ladder(each)) for each in protocol.ladders]
    return "\n\n".join(parts)


def clause_text(clause: RenderedClause) -> str:
    """Return one clause."""
    return "\n".join(_clause(clause))


def _head(protocol: RenderedProtocol) -> Iterator[str]:
    yield protocol.title
    yield from wrapped(protocol.source, 0)
    if protocol.version:
        yield protocol.version
    yield f"{protocol.id}, in force from {protocol.in_force_from}"


def _clause(clause: RenderedClause) -> Iterator[str]:
    yield f"{clause.printed}  [{clause.id}, {clause.force}]"
    yield from wrapped(clause.text, 2)
    if clause.status:
        yield from wrapped(f"Status: {clause.status}", 2)
    if clause.note:
        yield from wrapped(f"Note: {clause.note}", 2)
    for effect in clause.effects:
        yield from _effect(effect)
    if clause.passed:
        yield from wrapped(clause.passed, 2)


def _effect(effect: RenderedEffect) -> Iterator[str]:
    aside = "" if effect.applies else " (set aside here by a setting: it does not apply)"
    yield f"  {effect.title}{aside}"
    for said in effect.said:
        yield from wrapped(said.sentence, 4)


def _setting(setting: RenderedSetting) -> Iterator[str]:
    about = f" (silence {setting.silence})" if setting.silence else ""
    value = "not met here" if setting.value is None else setting.value
    yield from wrapped(f"{setting.id.replace('_', ' ')}{about}: {value}", 0)
    yield from wrapped(setting.why, 2)


def _ladder(ladder: RenderedLadder) -> Iterator[str]:
    yield from wrapped(f"For {ladder.serves}:", 0)
    for rung in ladder.rungs:
        yield from wrapped(f"– {rung}", 2)


def wrapped(text: str, indent: int) -> list[str]:
    """Return a text in lines; what goes on after a dash stands under its words."""
    hanging = indent + (2 if text.startswith("– ") else 0)
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
