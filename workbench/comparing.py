"""What is otherwise in a new version of a protocol: in the sentences in which each of them reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.core.protocol import Protocol
from workbench.rendering import RenderedClause, RenderedEffect, RenderedLadder, RenderedSetting, rendered

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is otherwise: none where it was not there, or is no longer."""

    about: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A clause, a setting, a word that came (`was` of every line is none), went, or reads otherwise."""

    what: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is otherwise, by sections."""

    head: tuple[Line, ...]
    clauses: tuple[Difference, ...]
    settings: tuple[Difference, ...]
    ladders: tuple[Difference, ...]
    words: tuple[Difference, ...]
    examples: tuple[Line, ...]


def compare(old: Protocol, new: Protocol) -> Comparison:
    """Return what is otherwise in the new one."""
    before, after = rendered(old), rendered(new)
    return Comparison(
        head=tuple(
            _lines(
                {
                    "title": before.title,
                    "source": before.source,
                    "version": before.version or "",
                    "in force from": before.in_force_from,
                },
                {
                    "title": after.title,
                    "source": after.source,
                    "version": after.version or "",
                    "in force from": after.in_force_from,
                },
            )
        ),
        clauses=_differences(before.clauses, after.clauses, lambda each: each.id, _clause),
        settings=_differences(before.settings, after.settings, lambda each: each.id, _setting),
        ladders=_differences(before.ladders, after.ladders, lambda each: each.serves, _ladder),
        words=tuple(_words(old, new)),
        examples=tuple(
            _lines(*({example.name: str(example) for example in each.examples} for each in (old, new)))
        ),
    )


def _differences(
    old: Sequence[Thing],
    new: Sequence[Thing],
    name: Callable[[Thing], str],
    says: Callable[[Thing], Mapping[str, str]],
) -> tuple[Difference, ...]:
    was = {name(each): says(each) for each in old}
    now = {name(each): says(each) for each in new}
    found = (Difference(each, tuple(_lines(was.get(each, {}), now.get(each, {})))) for each in {**was, **now})
    return tuple(each for each in found if each.lines)


def _lines(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Line]:
    for about in {**was, **now}:
        if was.get(about) != now.get(about):
            yield Line(about, was.get(about), now.get(about))


def _clause(clause: RenderedClause) -> Mapping[str, str]:
    says = {
        "number": clause.printed,
        "force": clause.force,
        "text": clause.text,
        "status": clause.status or "",
        "note": clause.note or "",
        "what passes it": clause.passed or "",
    }
    for effect in clause.effects:
        says.update(_effect(effect))
    return says


def _effect(effect: RenderedEffect) -> Mapping[str, str]:
    """Return what an effect says by its title and the keys of its sentences."""
    says = {f"{effect.title}, {said.key.replace('_', ' ')}": said.sentence for said in effect.said}
    if not effect.applies:
        says[f"{effect.title}, applies"] = "It does not apply here."
    return says


def _setting(setting: RenderedSetting) -> Mapping[str, str]:
    return {"value": "not met here" if setting.value is None else setting.value, "why": setting.why}


def _ladder(ladder: RenderedLadder) -> Mapping[str, str]:
    return {f"rung {number}": rung for number, rung in enumerate(ladder.rungs, start=1)}


def _words(old: Protocol, new: Protocol) -> Iterator[Difference]:
    for field in {**old.words, **new.words}:
        lines = tuple(_lines(old.words.get(field, {}), new.words.get(field, {})))
        if lines:
            yield Difference(field, lines)
    roles = tuple(_lines(_roles(old), _roles(new)))
    if roles:
        yield Difference("roles", roles)


def _roles(protocol: Protocol) -> Mapping[str, str]:
    return {role: _role(role, protocol) for role in protocol.roles}


def _role(role: str, protocol: Protocol) -> str:
    """Return a role's label, and who fills it."""
    word = protocol.roles[role]
    said = [word.label]
    if word.members:
        said.append(f"any of {', '.join(word.members)}")
    if word.means:
        said.append(f"filled by {word.means}")
    if word.until_named:
        said.append(f"{word.until_named} until somebody is named")
    if word.outside:
        said.append("without an account")
    return "; ".join(said)
