"""What is wrong with a fact whose shape is right: its days, references, words and people.

Every problem is found, and none repeats what was sent.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Self

from chalicelib.contents import problems_in_contents
from chalicelib.core.effects import Part
from chalicelib.core.errors import Problem
from chalicelib.core.facts import Fact, Party
from chalicelib.core.london import day_of
from chalicelib.core.protocol import Protocol, RoleWord
from chalicelib.core.tracing import DETAILS

# Before this nothing is counted: the shipped bank holidays begin later, and a child placed on
# this day has long left care. It keeps arithmetic on dates away from the year 1.
EARLIEST = date(2000, 1, 1)

# A review is planned months ahead; further than this is a slip of the pen.
FURTHEST_PLANNED = timedelta(days=5 * 366)

# Senders' clocks are not ours. Days are never given this grace.
CLOCK_SKEW = timedelta(minutes=1)

MOST_ENTRIES = 60

# A child's reference is the council's own and has a digit in it, so that no name passes for one.
REFERENCE = re.compile(r"(?=.*[0-9])[A-Za-z0-9._/-]+", re.ASCII)
IDENTIFIER = re.compile(r"[!-~]+", re.ASCII)
WORD = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*", re.ASCII)

IDENTIFIERS = ("authority", "placement_id", "meeting_id", "process_id", "for_id", "replaces", "approver")

# Fields that hold declared words.
WORDS = (
    "meeting",
    "document",
    "step",
    "decision",
    "process",
    "outcome",
    "placement_type",
    "legal_status",
    "change",
    "manner",
)

# The same that stand on facts of their own kind: what a case has beside these is a detail.
OWN_WORDS = frozenset({*WORDS, "reasons"} - set(DETAILS))

PEOPLE = ("by", "to", "chair", "invited", "present", "signed_by")

# Who did something is a person, and their roles are ours to look up: a role that the sender
# claims for them is not believed. Only a role held outside the authority stands without a person.
LOOKED_UP = frozenset({"by", "chair", "signed_by"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that an authority's facts may use: by field or by the name of a detail, and roles."""

    words: Mapping[str, Collection[str]]
    roles: Mapping[str, RoleWord]
    parts: Mapping[str, Part] = field(default_factory=dict)

    @classmethod
    def of(cls, protocols: Iterable[Protocol]) -> Self:
        """Join the words of an authority's protocols: a case may be pinned to any of them."""
        words: dict[str, set[str]] = {}
        roles: dict[str, RoleWord] = {}
        parts: dict[str, Part] = {}
        for protocol in protocols:
            roles.update(protocol.roles)
            parts = {**protocol.parts, **parts}
            for name, declared in protocol.words.items():
                words.setdefault(name, set()).update(declared)
        return cls(words=words, roles=roles, parts=parts)


def problems_in(fact: Fact, now: datetime, vocabulary: Vocabulary) -> list[Problem]:
    """Return everything that is wrong with the meaning of a fact learned at `now`."""
    return [
        *_days(fact, now),
        *_identifiers(fact),
        *_words(fact, vocabulary),
        *_names(fact, vocabulary),
        *_people(fact, vocabulary),
        *problems_in_contents(fact.contents, vocabulary.parts, vocabulary.roles),
    ]


def _days(fact: Fact, now: datetime) -> Iterator[Problem]:
    today = day_of(now)
    if not EARLIEST <= fact.on <= today:
        yield Problem("on", f"a day from {EARLIEST.isoformat()} to today, in London")
    yield from _moment(fact, now)
    planned_for: date | None = getattr(fact, "planned_for", None)
    if planned_for and not fact.on <= planned_for <= today + FURTHEST_PLANNED:
        yield Problem("planned_for", "a day from the one in `on`, at most five years ahead")


def _moment(fact: Fact, now: datetime) -> Iterator[Problem]:
    at = fact.at
    if at is None:
        return
    if at.tzinfo is None:
        yield Problem("at", "a moment with its offset from UTC, such as 2026-05-22T10:15:00+01:00")
    elif not EARLIEST.year < at.year <= now.year + 1:
        # Told by the year alone: moments at the ends of the calendar cannot be moved to UTC.
        yield Problem("at", "a moment on the day in `on`, in London")
    else:
        if at > now + CLOCK_SKEW:
            yield Problem("at", "a moment that has passed")
        if day_of(at) != fact.on:
            yield Problem("at", "a moment on the day in `on`, in London")


def _identifiers(fact: Fact) -> Iterator[Problem]:
    given = [(name, getattr(fact, name, None)) for name in IDENTIFIERS]
    for path, _, party in _parties(fact):
        given.append((f"{path}.person_id", party.person_id))
    for index, exemption in enumerate(fact.exceptions):
        given.append((f"exceptions[{index}].approver", exemption.approver))
    given += [
        (f"allocations.{role}", who) for role, who in _allocations(fact).items() if WORD.fullmatch(role)
    ]
    for path, value in given:
        if value is not None and not IDENTIFIER.fullmatch(value):
            yield Problem(path, "an identifier: letters, digits and signs, without spaces")
    reference: str | None = getattr(fact, "child_reference", None)
    if reference is not None and not REFERENCE.fullmatch(reference):
        yield Problem(
            "child_reference",
            "the council's own reference, never a name: letters, digits and . _ / -, with a digit in it",
        )


def _words(fact: Fact, vocabulary: Vocabulary) -> Iterator[Problem]:
    given = [(name, name, getattr(fact, name, None)) for name in WORDS]
    given += [(f"reasons[{index}]", "reasons", word) for index, word in enumerate(fact.reasons)]
    for path, name, word in given:
        declared = vocabulary.words.get(name, ())
        if word is not None and word not in declared:
            yield Problem(path, f"one of {', '.join(sorted(declared))}")


def _names(fact: Fact, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Check what a sender may choose as a key, and the words beside it."""
    if len(fact.contents) > MOST_ENTRIES:
        yield Problem("contents", f"at most {MOST_ENTRIES} parts")
    if not all(WORD.fullmatch(part) for part in fact.contents):
        yield Problem("contents", "parts named in small letters, digits and _")
    details = {key: words for key, words in vocabulary.words.items() if key not in OWN_WORDS}
    if not fact.details.keys() <= details.keys():
        yield Problem("details", f"keys out of {', '.join(sorted(details))}")
    for key, word in fact.details.items():
        if key in details and word not in details[key]:
            yield Problem(f"details.{key}", f"one of {', '.join(sorted(details[key]))}")
    for index, exemption in enumerate(fact.exceptions):
        if not WORD.fullmatch(exemption.name):
            yield Problem(f"exceptions[{index}].name", "a name in small letters, digits and _")
    if not all(role in vocabulary.roles for role in _allocations(fact)):
        yield Problem("allocations", "declared roles as its keys")


def _people(fact: Fact, vocabulary: Vocabulary) -> Iterator[Problem]:
    for path, name, party in _parties(fact):
        if (party.person_id is None) == (party.role is None):
            yield Problem(path, "either a person_id or a role")
        elif party.role is not None:
            role = vocabulary.roles.get(party.role)
            if role is None:
                yield Problem(f"{path}.role", "a declared role")
            elif name in LOOKED_UP and not role.outside:
                yield Problem(path, "a person_id: name the person; the role is looked up")


def _parties(fact: Fact) -> Iterator[tuple[str, str, Party]]:
    for name in PEOPLE:
        held: Party | tuple[Party, ...] = getattr(fact, name, None) or ()
        if isinstance(held, Party):
            yield name, name, held
        else:
            yield from ((f"{name}[{index}]", name, party) for index, party in enumerate(held))


def _allocations(fact: Fact) -> Mapping[str, str]:
    found: Mapping[str, str] = getattr(fact, "allocations", {})
    return found
