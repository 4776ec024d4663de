"""Where something stands written: the file, the clause, and the settings that filled its gaps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from chalicelib.core.effects import Clause
from chalicelib.core.explaining.facts import Explained
from chalicelib.core.protocol import Protocol


def about_clause(clause: Clause, protocol: Protocol) -> Explained:
    """Return the file and the clause as data, with how the clause is cited."""
    return {
        "protocol": protocol.id,
        "title": protocol.title,
        "version": protocol.version,
        "clause": clause.id,
        "printed": clause.printed,
        "cited": protocol.cited(clause),
        "force": str(clause.force),
        "text": clause.text,
        "status": clause.status,
        "note": clause.note,
    }


def settings_used(names: Iterable[str], protocol: Protocol) -> list[Explained]:
    """Return settings by their names: the silence each answers, its value and why."""
    return [
        {
            "id": name,
            "silence": protocol.settings[name].silence,
            "value": _plain(protocol.settings[name].value),
            "why": protocol.settings[name].why,
        }
        for name in dict.fromkeys(names)
        if name in protocol.settings
    ]


def said_settings(names: Iterable[str], protocol: Protocol) -> Iterator[str]:
    """Yield, for each setting that a clause names, what was decided where the text is silent."""
    for name in names:
        if name in protocol.settings:
            setting = protocol.settings[name]
            value = setting.value
            told = f" ({name}: {_said(value)})" if not _is_pattern(value) else f" ({name})"
            yield f"Decided here, where the text leaves it open{told}: {setting.why}"


def _is_pattern(value: object) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, Mapping)


def _said(value: object) -> str:
    listed = value if isinstance(value, list) else [value]
    return ", ".join(str(each).replace("_", " ") for each in listed)


def _plain(value: object) -> object:
    """Return a setting's value as JSON can write it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value
