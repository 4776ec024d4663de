"""What an authority decided where its text is silent, in words."""

from chalicelib.core.labels import label_of, listed
from chalicelib.core.protocol import Protocol, Setting
from chalicelib.core.saying import said_events
from chalicelib.protocol_reading.patterns import read_patterns
from chalicelib.protocol_reading.reader import Reader
from chalicelib.protocol_reading.vocabulary import Vocabulary
from workbench.silences import said_choice


def said_setting(setting: Setting, protocol: Protocol) -> str | None:
    """Return a setting's value in words, none where it doesn't come up here."""
    if setting.value is None:
        return None
    return said_choice(setting.id, setting.value, _said(setting.value, protocol))


def _said(value: object, protocol: Protocol) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(e, dict) for e in value)):
        return _patterns(value, protocol)
    if isinstance(value, list):
        return listed([_said(each, protocol) for each in value])
    return _word(str(value), protocol)


def _patterns(value: object, protocol: Protocol) -> str:
    """Return a value that is a pattern as what happens; one that cannot be read, as it is written."""
    vocabulary = Vocabulary(roles=protocol.roles, words=protocol.words, details=protocol.words)
    values = {name: setting.value for name, setting in protocol.settings.items()}
    reader = Reader(vocabulary=vocabulary, settings=values, parts=frozenset(protocol.parts))
    patterns = read_patterns(reader, "value", reader.put("value", value))
    return str(value) if reader.problems else said_events(patterns, protocol)


def _word(word: str, protocol: Protocol) -> str:
    """Return a word by its label, whichever field it is of."""
    if word in protocol.roles:
        return protocol.roles[word].label
    fields = [name for name, labels in protocol.words.items() if word in labels]
    return label_of(fields[0] if fields else "", word, protocol)
