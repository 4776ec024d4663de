"""Rehearsing a protocol: the engine on a story that is never stored."""

import json
from collections.abc import Mapping, Sequence

from chalicelib.core.errors import InvalidInput, NotFound, Problem, TooMuch
from chalicelib.core.walking import Walk, walk
from chalicelib.parse import MOST_BYTES, TooLarge
from chalicelib.rulebook import DAY_LENGTH
from chalicelib.stories.story import MOST_PROBLEMS, read_story
from chalicelib.stories.words import Words
from chalicelib.visits import Ports

KEYS = ("facts", "propose", "until", "also")
MOST_BESIDE = 4

Table = Mapping[str, object]


def rehearse(authority_id: str, protocol_id: str, raw: bytes, ports: Ports) -> Walk:
    """Walk a story under an authority's protocol, and under those that it names in `also`.

    Stores nothing. Raises NotFound where the protocol is none of the authority's, TooLarge, and
    InvalidInput with every mistake in what was sent.
    """
    chosen = ports.rulebook.authority(authority_id).protocols
    if protocol_id not in chosen:
        raise NotFound("no such protocol")
    table = _table(raw)
    problems = [Problem("?", f"only {', '.join(KEYS)}")] if table.keys() - set(KEYS) else []
    also, wrong = _beside(table.get("also"), protocol_id, chosen)
    problems += wrong
    rules = ports.rulebook.under(authority_id, (protocol_id, *also))
    try:
        story = read_story(table, Words.of(rules.protocols))
    except InvalidInput as error:
        raise InvalidInput([*problems, *error.problems][:MOST_PROBLEMS]) from None
    if problems:
        raise InvalidInput(problems)
    try:
        return walk(story.told, rules, story.until)
    except TooMuch:
        raise InvalidInput(
            [Problem("facts", "fewer: too much follows from these for one rehearsal")]
        ) from None


def _table(raw: bytes) -> Table:
    if len(raw) > MOST_BYTES:
        raise TooLarge
    twice: list[str] = []

    def without_repeats(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
        read = dict(pairs)
        if len(read) < len(pairs):
            twice.append("body")
        return read

    try:
        table = json.loads(raw, object_pairs_hook=without_repeats)
    except (ValueError, RecursionError):
        raise InvalidInput([Problem("body", "JSON that can be read, in UTF-8")]) from None
    if twice or not isinstance(table, dict):
        raise InvalidInput([Problem("body", "an object, in which each key is given once")])
    return table


def _beside(value: object, protocol_id: str, chosen: Sequence[str]) -> tuple[tuple[str, ...], list[Problem]]:
    """Return the protocols to stand beside the first, each of another document, and what is wrong."""
    listed = [] if value is None else value
    if not isinstance(listed, list) or len(listed) > MOST_BESIDE:
        return (), [Problem("also", f"a list of at most {MOST_BESIDE} protocols")]
    taken = {protocol_id[:-DAY_LENGTH]}
    problems = []
    for number, each in enumerate(listed):
        document = each[:-DAY_LENGTH] if isinstance(each, str) and each in chosen else None
        if document is None or document in taken:
            problems.append(
                Problem(f"also[{number}]", "another of the authority's protocols, in one version")
            )
        else:
            taken.add(document)
    return (() if problems else tuple(listed)), problems
