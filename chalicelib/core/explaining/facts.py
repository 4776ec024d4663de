"""One fact in words: what happened, and on which day."""

from collections.abc import Mapping

from chalicelib.core.labels import label_of, listed, with_article
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import HAPPENED, KINDS, Kind, said_day
from chalicelib.core.trace import (
    CALENDAR_CHANGED,
    CHILD_HISTORY_CHANGED,
    NOTICE_UNDELIVERED,
    PROTOCOL_MOVED,
    RECORD_OPENED,
    TIME_REACHED,
    YEAR_DAY,
    Trace,
)

Explained = Mapping[str, object]

# What the service records itself, or works out, as it reads after "when".
OWN = {
    YEAR_DAY: "that day of the year came",
    RECORD_OPENED: "the authority's own record was opened",
    TIME_REACHED: "its moment came",
    CHILD_HISTORY_CHANGED: "another case of the child changed",
    PROTOCOL_MOVED: "the case was moved to another protocol",
    NOTICE_UNDELIVERED: "a notice did not arrive",
    CALENDAR_CHANGED: "the calendar that days are counted by changed",
}


def who(name: str, protocol: Protocol) -> str:
    """Return somebody as a fact names them: a role by its label, a person by their id."""
    return protocol.roles[name].label if name in protocol.roles else name


def about_fact(fact: Trace, protocol: Protocol) -> Explained:
    """Return a fact as data: its id, kind and day, and what happened."""
    return {
        "id": fact.id,
        "kind": fact.kind,
        "on": fact.on.isoformat(),
        "happened": said_event(fact, protocol),
    }


def said_event(fact: Trace, protocol: Protocol) -> str:
    """Return what happened: `a Placement Support Meeting was held`."""
    kind = KINDS.get(fact.kind)
    return f"{_subject(fact, kind, protocol)} {kind.past}" if kind else said_plainly(fact)


def said_plainly(fact: Trace) -> str:
    """Return what happened without its word: `a process was opened`."""
    return HAPPENED.get(fact.kind) or OWN.get(fact.kind, fact.kind.replace("_", " "))


def said_fact(fact: Trace, protocol: Protocol) -> str:
    """Return a fact as a thing: `a Placement Support Meeting held on Wednesday 14 October 2026`."""
    kind = KINDS.get(fact.kind)
    if kind is None:
        return f"{said_event(fact, protocol)} on {said_day(fact.on)}"
    return f"{_subject(fact, kind, protocol)} {kind.participle} on {said_day(fact.on)}"


def _subject(fact: Trace, kind: Kind, protocol: Protocol) -> str:
    words = fact.words.get(kind.main, ())
    if not words:
        return kind.plain
    named = listed([label_of(kind.main, word, protocol) for word in words])
    return with_article(named) if kind.named == "a {}" else kind.named.format(named)
