"""`explain FILE [CLAUSE] --example NAME`: why each duty, flag, date and notice of a story is as it is."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chalicelib.core.case import Duty, Flag, Hold
from chalicelib.core.explaining import explain_duty, explain_flag, explain_hold, explain_notice
from chalicelib.core.history import History
from chalicelib.core.narrating import About, Narrator, is_news, short_day, short_moment, stood
from chalicelib.core.patterns import Unit
from chalicelib.core.trace import Trace
from chalicelib.core.walking import Step, Walk
from chalicelib.refusal import reasons_for
from workbench.subcommands import Subcommands
from workbench.text import wrapped
from workbench.walked import add_story, walk_asked

Found = Mapping[str, Any]


def add(subparsers: Subcommands) -> None:
    """Say what the command takes."""
    parser = subparsers.add_parser("explain", help="why everything in a story is as it is")
    parser.add_argument("file", type=Path, help="a protocol file, anywhere")
    parser.add_argument("clause", nargs="?", help="a clause, by its id or its printed number")
    add_story(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print the explanations; 1 where the file, the story or the clause cannot be used."""
    walk = walk_asked(asked)
    if walk is None:
        return 1
    clauses = [clause for protocol in walk.rules.protocols for clause in protocol.clauses]
    wanted = {each.id for each in clauses if asked.clause in (None, each.id, each.printed)}
    if not wanted:
        print(f"{asked.file} has no clause {asked.clause}.", file=sys.stderr)
        return 1
    print("\n".join(explained(walk, wanted)) or "Nothing in this story comes of that clause.")
    return 0


def explained(walk: Walk, wanted: set[str]) -> Iterator[str]:
    """Yield the lines that explain everything under the wanted clauses, what was taken back too."""
    last = [each for each in _last(walk) if each.about.clause in wanted]
    for sort in (Duty, Flag):
        for each in last:
            if isinstance(each.about, sort):
                yield from _Explainer(walk, each.facts).thing(each)
    teller = _Explainer(walk, walk.case.facts)
    for step in walk.steps:
        for flag in (each for each in step.refused if each.clause in wanted):
            yield from teller.refusal(flag, step)
    for each in last:
        if isinstance(each.about, Hold):
            yield from _Explainer(walk, each.facts).thing(each)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Last:
    """A duty, a flag or a hold as it stood last, and the facts of which that came."""

    about: About
    facts: tuple[Trace, ...]
    stands: bool = True


def _last(walk: Walk) -> tuple[_Last, ...]:
    """Return everything that stood in a walk: what stands at its end, then what was taken back."""
    gone: dict[str, _Last] = {}
    for case in (step.decision.after for step in walk.steps if not step.refused):
        for about in stood(case.standing, case.standing).values():
            gone[about.id] = _Last(about=about, facts=case.facts, stands=False)
    standing = stood(walk.case.standing, walk.case.standing).values()
    still = [_Last(about=about, facts=walk.case.facts) for about in standing]
    kept = {each.about.id for each in still}
    return (*still, *(each for each in gone.values() if each.about.id not in kept))


class _Explainer:
    def __init__(self, walk: Walk, facts: tuple[Trace, ...]) -> None:
        self.walk = walk
        self.narrator = Narrator(protocols=walk.rules.protocols, calendar=walk.rules.calendar)
        self.history = History(facts)

    def thing(self, last: _Last) -> Iterator[str]:
        """Explain a duty, a flag or a hold, then tell in order of time what became of it and who heard."""
        about = last.about
        kind, found = self._found(about, stands=last.stands)
        yield from self._head(about, kind, found)
        if not last.stands:
            yield "  It no longer applies. Until then:"
        yield from _said(found)
        yield from _counted(found)
        for step in self.walk.steps:
            yield from self._step(step, about) if not step.refused else ()
        yield ""

    def _found(self, about: About, *, stands: bool) -> tuple[str, Found]:
        rules, history = self.walk.rules, self.history
        match about:
            case Duty():
                said = f"a duty, {about.state if stands else 'withdrawn'}"
                return said, explain_duty(about, rules, history)
            case Flag():
                said = f"a flag: {about.answer if stands else 'cleared'}"
                return said, explain_flag(about, rules, history)
            case Hold():
                said = f"a {about.sort}{'' if stands else ', withdrawn'}"
                return said, explain_hold(about, rules, history)

    def refusal(self, flag: Flag, step: Step) -> Iterator[str]:
        """Explain why a proposal was refused, and what would have let it pass."""
        for found in reasons_for([flag], step.decision, self.walk.rules):
            yield from self._head(flag, f"a refusal of what was proposed on {short_moment(step.at)}", found)
            yield from _said(found)
        yield ""

    def _head(self, about: About, kind: str, found: Found) -> Iterator[str]:
        yield f"{self.narrator.cited(about)}: {kind}"
        yield from wrapped(str(found["text"]), 2)

    def _step(self, step: Step, about: About) -> Iterator[str]:
        """Yield what a step did to something, and who was told then and why, as it stood then."""
        then = stood(step.before, step.decision.after.standing).get(about.id, about)
        at = short_moment(step.at)
        for change in step.decision.changes:
            if change.about == about.id and is_news(change, then):
                yield from wrapped(f"{at}  {self.narrator.change(change, then)}", 4)
        for notice in step.decision.notices:
            if notice.about == about.id:
                found: Found = explain_notice(notice, step.decision.after, self.walk.rules, then)
                # The first sentence is the clause's own, which stands above.
                said = " ".join(found["sentences"][1:])
                yield from wrapped(f"{at}  {self.narrator.hearer(notice)}. {said}", 4)


def _counted(found: Found) -> Iterator[str]:
    counted = [day for day in found.get("days", ()) if day["counted"]]
    # Days, weeks and months are read off a calendar; listed, three months would fill the screen.
    if counted and found["limit"]["unit"] == Unit.WORKING_DAYS:
        said = "; ".join(f"{short_day(date.fromisoformat(day['on']))} {day['why']}" for day in counted)
        yield from wrapped(f"Counted: {said}.", 2)


def _said(found: Found) -> Iterator[str]:
    for sentence in found["sentences"]:
        yield from wrapped(f"– {sentence}", 2)
