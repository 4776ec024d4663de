"""The roles and words that a protocol uses, as its page lists them."""

from collections.abc import Iterator, Mapping, Sequence

from chalicelib.core.labels import said_role, said_roles
from chalicelib.core.protocol import Protocol, RoleWord
from chalicelib.protocol_reading.vocabulary import PEOPLE, WORD_FIELDS
from workbench.markdown import heading
from workbench.said import sentence
from workbench.written import Written

ROLE_KEYS = frozenset(
    {*PEOPLE, "owner", "tell", "one_of", "all_of", "if_appropriate", "approver", "value", "for_each"}
)
NOT_SAID = frozenset({"words", "example", "protocol"})
TITLES = {
    "meeting": "Meetings",
    "document": "Documents",
    "step": "Steps",
    "decision": "Decisions",
    "process": "Processes",
    "reasons": "Reasons",
    "outcome": "Outcomes",
    "manner": "How a placement ends",
}
Said = Mapping[str, Sequence[str]]


def words(written: Written) -> Iterator[str]:
    """Yield the section: roles, those that the text leaves unclear, and words by their fields."""
    said = _said_words(written)
    roles = [role for role in written.protocol.roles if role in said.get("role", ())]
    yield heading(2, "Roles and words", "words")
    yield heading(3, "Roles that the text leaves unclear", "unclear")
    yield "\n".join(_unclear(written.protocol)) or "None that this file uses."
    yield heading(3, "Roles", "roles")
    yield "\n".join(_role(role, written.protocol) for role in roles)
    yield heading(3, "Words", "named-words")
    yield "\n".join(_fields(written.protocol, said))


def _unclear(protocol: Protocol) -> Iterator[str]:
    for word in protocol.roles.values():
        if word.means:
            why = f" {word.unclear}" if word.unclear else ""
            yield f"* **{sentence(word.label).rstrip('.')}**: here {said_role(word.means, protocol)}.{why}"


def _role(role: str, protocol: Protocol) -> str:
    word = protocol.roles[role]
    about = " ".join(_about(word, protocol))
    return f"* {sentence(word.label).rstrip('.')} (`{role}`){f': {about}' if about else ''}"


def _about(word: RoleWord, protocol: Protocol) -> Iterator[str]:
    if word.members:
        yield f"any of {said_roles(word.members, protocol, 'and')}."
    if word.until_named:
        yield f"{said_role(word.until_named, protocol)}, until a meeting names somebody."
    if word.outside:
        yield "has no account with the authority, and is taken as named."


def _fields(protocol: Protocol, said: Said) -> Iterator[str]:
    for name, title in TITLES.items():
        if named := [word for word in protocol.words.get(name, {}) if word in said.get(name, ())]:
            yield f"* *{title}:* {_labels(protocol.words[name], named)}"
    for detail in sorted(set(protocol.words) - WORD_FIELDS):
        if named := [word for word in protocol.words[detail] if word in said.get(detail, ())]:
            yield f"* *{sentence(detail.replace('_', ' ')).rstrip('.')} (`{detail}`):* " + _labels(
                protocol.words[detail], named
            )


def _labels(labels: Mapping[str, str], named: Sequence[str]) -> str:
    return "; ".join(f"{labels[word]} (`{word}`)" for word in named)


def _said_words(written: Written) -> Said:
    """Return the words that a file says outside its examples, and its own, by the field that holds them."""
    said: dict[str, list[str]] = {}
    for name, value in written.raw.items():
        if name not in NOT_SAID:
            for key, word in _texts(value, name):
                said.setdefault("role" if key in ROLE_KEYS else key, []).append(word)
    own = written.raw.get("words", {})
    for name, values in {**own, **own.get("details", {})}.items():
        said.setdefault("role" if name == "roles" else name, []).extend(values)
    return said


def _texts(value: object, key: str) -> Iterator[tuple[str, str]]:
    """Yield every text with the key that it stands under; a process stands under `while` as well."""
    if isinstance(value, str):
        yield ("process" if key == "while" else key), value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, key)
