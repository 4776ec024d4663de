"""A protocol as its signatories would read it: values first, clause by clause; `text.py` lays them out."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.core.effects import (
    Clause,
    Effect,
    Force,
    Freeze,
    Guard,
    Halt,
    Obligation,
    People,
    Record,
    WayPast,
)
from chalicelib.core.protocol import Protocol
from workbench.said import Said
from workbench.said_effects import said_effect, said_way
from workbench.said_ladders import said_ladder
from workbench.said_settings import said_setting
from workbench.written import KEYS, has_check

TITLES: dict[type[Effect], str] = {
    Obligation: "Duty",
    Guard: "Needed first",
    People: "Who takes part",
    Freeze: "Freeze",
    Halt: "Halt",
    Record: "What the record carries",
}
FORCES = {
    Force.MUST: "must",
    Force.SHOULD: "should",
    Force.CONSIDER: "must be considered",
    Force.MAY: "may",
    Force.STATES: "states",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedEffect:
    """One thing that a clause does. `key` names it within its clause; `applies` says whether here."""

    key: str
    title: str
    said: tuple[Said, ...]
    applies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedClause:
    """One clause, whole. `passed` says what passes its checks where no exception is named."""

    id: str
    printed: str
    cited: str
    force: str
    text: str
    status: str | None
    note: str | None
    effects: tuple[RenderedEffect, ...]
    passed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSetting:
    """What was decided where the text is silent; `value` is none where it doesn't come up."""

    id: str
    silence: int | None
    value: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedLadder:
    """Who is reminded of what, rung by rung."""

    serves: str
    rungs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedProtocol:
    """A protocol, whole."""

    id: str
    title: str
    source: str
    version: str | None
    in_force_from: str
    clauses: tuple[RenderedClause, ...]
    settings: tuple[RenderedSetting, ...]
    ladders: tuple[RenderedLadder, ...]


def rendered(protocol: Protocol) -> RenderedProtocol:
    """Return a protocol in sentences."""
    begins = protocol.in_force_from
    return RenderedProtocol(
        id=protocol.id,
        title=protocol.title,
        source=protocol.source,
        version=protocol.version,
        in_force_from=f"{begins.day} {begins:%B %Y}",
        clauses=tuple(rendered_clause(clause, protocol) for clause in protocol.clauses),
        settings=tuple(
            RenderedSetting(
                id=setting.id,
                silence=setting.silence,
                value=said_setting(setting, protocol),
                why=setting.why,
            )
            for setting in protocol.settings.values()
        ),
        ladders=tuple(
            RenderedLadder(serves=serves, rungs=rungs)
            for serves, rungs in (said_ladder(each, protocol) for each in protocol.ladders)
        ),
    )


def rendered_clause(clause: Clause, protocol: Protocol) -> RenderedClause:
    """Return one clause in sentences."""
    return RenderedClause(
        id=clause.id,
        printed=clause.printed,
        cited=protocol.cited(clause),
        force=FORCES[clause.force],
        text=clause.text,
        status=clause.status,
        note=clause.note,
        effects=tuple(_effects(clause, protocol)),
        passed=_passed(clause, protocol),
    )


def _effects(clause: Clause, protocol: Protocol) -> Iterator[RenderedEffect]:
    for effect in (*clause.effects, *clause.set_aside):
        kind = KEYS[type(effect)]
        yield RenderedEffect(
            key=f"{kind} {effect.name}",
            title=_titled(_title(effect), "" if effect.name == kind else effect.name),
            said=said_effect(effect, protocol),
            applies=effect in clause.effects,
        )
    yield from (_way(way, protocol) for way in clause.exceptions)


def _way(way: WayPast, protocol: Protocol) -> RenderedEffect:
    return RenderedEffect(
        key=f"exception {way.name}", title=_titled("Exception", way.name), said=said_way(way, protocol)
    )


def _title(effect: Effect) -> str:
    return "Not to be done" if isinstance(effect, Guard) and not effect.needs else TITLES[type(effect)]


def _titled(title: str, name: str) -> str:
    return f"{title}: {name.replace('_', ' ')}" if name else title


def _passed(clause: Clause, protocol: Protocol) -> str | None:
    """Say what passes a clause that names no exception; nothing where it checks nothing."""
    if not any(has_check(effect) for effect in clause.effects):
        return None
    ways = protocol.exceptions_to.get(clause.id, ())
    if ways:
        named = ", ".join(
            f"“{way.name.replace('_', ' ')}” ({granting.printed} [{granting.id}])" for granting, way in ways
        )
        return f"Passed by: {named}; and for safety, which is always flagged."
    if clause.force is Force.MUST:
        return "No exception is named: it passes for safety alone, which is always flagged."
    return "A reason in words passes, since the text does not say must."
