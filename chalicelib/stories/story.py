"""A story's table → what is told when, or every mistake in it at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.core.errors import InvalidInput
from chalicelib.core.london import LONDON
from chalicelib.core.rehearsal import MORNING, example_fact
from chalicelib.core.walking import Told
from chalicelib.stories.reader import Reader, Table, Written
from chalicelib.stories.words import Words

MOST_FACTS = 200
LONGEST = timedelta(days=5 * 366)
MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is told, and until when the clock is to run then."""

    told: tuple[Told, ...]
    until: date | None = None


def read_story(table: Table, words: Words) -> Story:
    """Read `facts`, `propose` and `until`. Raises InvalidInput with every mistake in them.

    The last fact is what is proposed, if anything is.
    """
    reader = Reader(words)
    facts = _facts(reader, table)
    until = reader.day("until", table["until"]) if table.get("until") is not None else None
    _check_names(reader, facts)
    _check_days(reader, facts, until)
    if reader.problems:
        raise InvalidInput(reader.problems[:MOST_PROBLEMS])
    return Story(told=tuple(_told(facts)), until=until)


def _facts(reader: Reader, table: Table) -> list[Written]:
    listed = table.get("facts", [])
    if not isinstance(listed, list) or len(listed) > MOST_FACTS:
        reader.wrong("facts", f"a list of at most {MOST_FACTS} facts")
        listed = []
    found = [reader.fact(f"facts[{number}]", each, f"f{number}") for number, each in enumerate(listed)]
    if table.get("propose") is not None:
        found.append(reader.proposal("propose", table["propose"]))
    if not found and not reader.problems:
        reader.wrong("facts", "at least one fact, or one that is proposed")
    return found


def _check_names(reader: Reader, facts: Sequence[Written]) -> None:
    """Refuse a name that is given twice, and a correction of what nobody told."""
    seen: set[str] = set()
    for each in facts:
        if each.id in seen:
            reader.wrong(f"{each.at}.id", "a name that no other fact has")
        seen.add(each.id)
    for each in facts:
        replaces = each.table.get("replaces")
        if replaces is not None and each.proposed:
            reader.wrong(f"{each.at}.replaces", "nothing: a proposal corrects no fact")
        elif isinstance(replaces, str) and (replaces not in seen or replaces == each.id):
            reader.wrong(f"{each.at}.replaces", "the id of another fact of this story, such as f0")


def _check_days(reader: Reader, facts: Sequence[Written], until: date | None) -> None:
    """Refuse a story that is longer than anybody rehearses, or that ends before its last fact."""
    for each in facts:
        on, told_on = each.days.get("on"), each.days.get("told_on")
        if on and told_on and told_on < on:
            reader.wrong(f"{each.at}.told_on", "the day of the fact or a later one")
    days = [on for each in facts for name, on in each.days.items() if name != "planned_for"]
    if days and max(days) - min(days) > LONGEST:
        reader.wrong("facts", "days within five years of one another")
    elif days and until and not max(days) <= until <= min(days) + LONGEST:
        reader.wrong("until", "a day from that of the last fact, at most five years after the first")


def _told(facts: Sequence[Written]) -> Iterator[Told]:
    heard: dict[str, datetime] = {}
    for each in facts:
        fact = example_fact(each.id, {**each.table, **_spoken(each.days)})
        told_on = each.days.get("told_on")
        learned_at = _morning(told_on) if told_on else fact.moment
        # A correction is heard after what it corrects, whichever day it names.
        learned_at = max(learned_at, heard.get(fact.replaces or "", learned_at))
        heard[each.id] = learned_at
        yield Told(fact=replace(fact, learned_at=learned_at), proposed=each.proposed)


def _spoken(days: Mapping[str, date]) -> Mapping[str, str]:
    return {name: f"{on:%a %d %b %Y}" for name, on in days.items() if name != "told_on"}


def _morning(on: date) -> datetime:
    return datetime.combine(on, MORNING, LONDON).astimezone(UTC)
