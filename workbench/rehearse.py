"""`rehearse FILE --example NAME`: walk a story through time, and see what would follow from it."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from chalicelib.core.case import Notice
from chalicelib.core.narrating import Narrator, is_news, occasion_sort, short_day, short_moment, stood
from chalicelib.core.walking import Step, Walk
from chalicelib.refusal import reasons_for
from chalicelib.timeline.drawing import draw
from chalicelib.timeline.lines import chart, summary
from chalicelib.timeline.picture import CHASERS, picture_of
from workbench.subcommands import Subcommands
from workbench.text import wrapped
from workbench.walked import add_story, walk_asked, ways_said

MARGIN = 12


def add(subparsers: Subcommands) -> None:
    """Say what the command takes."""
    parser = subparsers.add_parser("rehearse", help="what would follow from a story, step by step")
    parser.add_argument("file", type=Path, help="a protocol file, anywhere")
    add_story(parser)
    parser.add_argument("--svg", type=Path, metavar="OUT", help="draw the timeline into this file as well")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print the walk and its timeline; 1 where the file or the story cannot be used."""
    walk = walk_asked(asked)
    if walk is None:
        return 1
    print("\n".join(told(walk)))
    if asked.svg is not None:
        try:
            asked.svg.write_text(draw(picture_of(walk)), encoding="utf-8")
        except OSError as error:
            print(f"{asked.svg}: {error.strerror}", file=sys.stderr)
            return 1
        print(f"\nDrawn in {asked.svg}.")
    return 0


def told(walk: Walk) -> Iterator[str]:
    """Yield the lines of a walk: its steps, how everything stands at the end, its timeline."""
    narrator = Narrator(protocols=walk.rules.protocols, calendar=walk.rules.calendar)
    picture = picture_of(walk)
    yield ", ".join(protocol.title for protocol in walk.rules.protocols)
    yield summary(picture)[0]
    number = 0
    for step in walk.steps:
        number += step.told is not None
        yield ""
        yield from _step(step, number, narrator, walk)
    yield ""
    yield f"On {short_day(walk.until)}"
    yield from _end(walk, narrator)
    yield ""
    yield from chart(picture)


def _step(step: Step, number: int, narrator: Narrator, walk: Walk) -> Iterator[str]:
    if step.told is None:
        yield f"{short_moment(step.at)}  (the clock)"
    else:
        fact = step.decision.fact
        more = narrator.particulars(fact)
        proposed = "Proposed. " if step.told.proposed else ""
        said = f"{proposed}{narrator.fact(fact)}{f' ({more})' if more else ''}."
        yield from wrapped(f"{short_moment(step.at)}  {number}. {said}", 0)
    if step.refused:
        yield from _refused(step, walk)
        return
    known = stood(step.before, step.decision.after.standing)
    for change in step.decision.changes:
        about = known.get(change.about)
        if is_news(change, about):
            yield from _line(change.what.replace("_", " "), narrator.change(change, about))
    heard: dict[tuple[str, str], list[str]] = {}
    for notice in step.decision.notices:
        about = known.get(notice.about)
        cited = f" ({narrator.cited(about)})" if about else ""
        why = f"{narrator.why(notice, about, step.at)}{cited}"
        heard.setdefault((_label(notice), why), []).append(narrator.hearer(notice))
    for (label, why), hearers in heard.items():
        yield from _line(label, f"{'; '.join(dict.fromkeys(hearers))}: {why}.")


def _label(notice: Notice) -> str:
    sort = occasion_sort(notice.occasion)
    return "chased" if sort in CHASERS else "reminded" if sort.startswith("rung") else "told"


def _refused(step: Step, walk: Walk) -> Iterator[str]:
    for reason in reasons_for(step.refused, step.decision, walk.rules):
        yield from _line("refused", f"{reason['clause']}, {reason['cited']}: {reason['reason']}")
        for said in ways_said(reason):
            yield from _line("", said)


def _end(walk: Walk, narrator: Narrator) -> Iterator[str]:
    standing = walk.case.standing
    for duty in standing.duties:
        yield from _line(
            str(duty.state), f"{narrator.cited(duty)}: {narrator.owners(duty)}, {narrator.due(duty)}."
        )
    for flag in standing.flags:
        yield from _line("flag", f"{narrator.cited(flag)}: {narrator.answer(flag)}")
    for hold in standing.holds:
        ended = f"ended {short_day(hold.ended_on)}" if hold.ended_on else "still open"
        yield from _line(
            hold.sort, f"{narrator.cited(hold)}: {narrator.word('process', hold.process)}, {ended}."
        )
    if not (standing.duties or standing.flags or standing.holds):
        yield "    nothing is owed, flagged or frozen"


def _line(label: str, said: str) -> Iterator[str]:
    """Yield a sentence beside its label, wrapped so that it stays beside it."""
    first, *more = wrapped(said, MARGIN + 4)
    yield f"    {label:<{MARGIN}}{first.lstrip()}"
    yield from more
