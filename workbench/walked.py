"""Which story a command is about: a worked example of the file, or one in a file of its own."""

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.calendars import shipped_calendar
from chalicelib.core.errors import InvalidInput, TooMuch
from chalicelib.core.protocol import Example, Protocol
from chalicelib.core.rules import Rules
from chalicelib.core.walking import Effort, Walk, walk
from chalicelib.stories.story import read_story
from chalicelib.stories.words import Words
from workbench.draft import CannotRead, read_usable

# Nobody's request waits for this one.
AT_A_DESK = Effort(moments=2_000, on_moments=200_000, on_facts=200_000)
STORY = ("given", "facts", "propose", "today", "until")


def add_story(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which story to walk."""
    story = parser.add_mutually_exclusive_group(required=True)
    story.add_argument("--example", metavar="NAME", help="a worked example, by a part of its name")
    story.add_argument("--facts", type=Path, metavar="STORY", help="a TOML file with given = [ … ]")
    parser.add_argument("--until", metavar="DAY", help="how far the clock runs, as in 2026-11-02")
    parser.add_argument(
        "--also", type=Path, action="append", default=[], metavar="FILE", help="a protocol beside it"
    )


def walk_asked(asked: argparse.Namespace) -> Walk | None:
    """Walk the story asked for; none, and what is wrong printed, where that cannot be done."""
    found = [read_usable(path) for path in (asked.file, *asked.also)]
    protocols = tuple(protocol for protocol in found if protocol is not None)
    if len(protocols) < len(found):
        return None
    table = _story(asked, protocols[0])
    if table is None:
        return None
    if asked.until:
        table = {**table, "until": asked.until}
    try:
        story = read_story(table, Words.of(protocols))
    except InvalidInput as error:
        for each in error.problems:
            print(f"{each.field}: expected {each.expected}", file=sys.stderr)
        return None
    calendar = shipped_calendar(protocols[0].nation)
    rules = Rules(protocols=protocols, calendar=calendar, calendar_hash=calendar.hash)
    try:
        return walk(story.told, rules, story.until, AT_A_DESK)
    except TooMuch:
        print("More follows from these facts than one walk works out: tell fewer.", file=sys.stderr)
        return None


def _story(asked: argparse.Namespace, protocol: Protocol) -> Mapping[str, object] | None:
    if asked.facts is not None:
        return _from_file(asked.facts)
    wanted = asked.example.casefold()
    found = [each for each in protocol.examples if wanted in each.name.casefold()]
    exact = [each for each in found if each.name.casefold() == wanted]
    if len(exact or found) == 1:
        return _of_example((exact or found)[0])
    _say_which(asked, found or protocol.examples, known=bool(found))
    return None


def _of_example(example: Example) -> Mapping[str, object]:
    return {"facts": list(example.given), "propose": example.propose, "until": example.today}


def _from_file(path: Path) -> Mapping[str, object] | None:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRead(f"{path}: this cannot be read") from error
    except tomllib.TOMLDecodeError as error:
        raise CannotRead(f"{path}: {error}") from error
    strangers = [key for key in raw if key not in STORY]
    if strangers:
        print(f"{path}: a story has only {', '.join(STORY)}, not {', '.join(strangers)}", file=sys.stderr)
        return None
    return {
        "facts": raw.get("given", raw.get("facts", [])),
        "propose": raw.get("propose"),
        "until": raw.get("until", raw.get("today")),
    }


def _say_which(asked: argparse.Namespace, examples: Sequence[Example], *, known: bool) -> None:
    which = "Several examples" if known else "No example"
    print(f"{which} of {asked.file} have “{asked.example}” in their name.", file=sys.stderr)
    for each in examples:
        print(f"  {each.name}", file=sys.stderr)


def ways_said(reason: Mapping[str, Any]) -> Iterator[str]:
    """Yield each way past a clause, and what stands in its way."""
    for way in reason["exceptions"]:
        shut = ", ".join(way["not_open_because"])
        yield f"{way['name'].replace('_', ' ')}: {f'not open, {shut}' if shut else 'open'}"
