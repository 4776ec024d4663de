"""Which examples can be run beside mistakes: those of which nothing that could not be read has a say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from chalicelib.core.facts import BY_KIND
from chalicelib.core.protocol import Example
from workbench.unread import Piece, texts
from workbench.written import Written

Table = Mapping[str, object]
# Settings from which dates and answers follow.
DECIDING = frozenset(
    {
        "day_zero",
        "due_by",
        "same_day",
        "only_one_meeting",
        "safety_approver",
        "safety_tell",
        "excuse_approver",
    }
)


def runnable(written: Written) -> Iterator[Example]:
    """Yield the sound examples, each with the expectations that can be judged, if there are any."""
    if _anything_may_differ(written):
        return
    unread = set(written.unread.clauses)
    for example in written.protocol.examples:
        expect = tuple(each for each in example.expect if each.get("clause") not in unread)
        facts = (*example.given, *([example.propose] if example.propose else []))
        if written.unread.at("ladder") and any("told" in each for each in expect):
            continue
        if expect and not any(_has_a_say(piece, facts) for piece in written.unread.pieces):
            yield replace(example, expect=expect)


def _anything_may_differ(written: Written) -> bool:
    """Say whether a mistake is in what every example rests on: the calendar, a reading, who a role is."""
    places = [each.field for each in written.problems]
    return (
        "protocol.nation" in places
        or any(each.startswith("words.roles.") and not each.endswith(".label") for each in places)
        or any(written.unread.at(f"setting {each}") or written.unread.meant(each) for each in DECIDING)
    )


def _has_a_say(piece: Piece, facts: tuple[Table, ...]) -> bool:
    """Say whether a table that could not be read may change what other clauses make of these facts.

    An exception passes another's check, a halt moves another's dates, and what lacks a part meets nothing.
    """
    said = set(texts(piece.value))
    match piece.key:
        case "exception":
            return any("exceptions" in fact for fact in facts)
        case "halt":
            return any(fact.get("process") for fact in facts)
        case "record":
            kinds = said & BY_KIND.keys()
            return not kinds or any(fact.get("fact") in kinds for fact in facts)
        case "obligation" | "guard" | "people" | "freeze":
            return False
    return True
