"""`explain FILE [CLAUSE] --example NAME`: why each duty, flag, date and notice of a story is as it is."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from chalicelib.core.case import Duty, Flag, Hold
from chalicelib.core.explaining import explain_duty, explain_flag, explain_hold, explain_notice
from chalicelib.core.history import History
from chalicelib.core.narrating import Narrator, short_day, short_moment
from chalicelib.core.walking import Step, Walk
from chalicelib.refusal import reasons_for
from workbench.subcommands import Subcommands
from workbench.text import wrapped
from workbench.walked import add_story, walk_asked


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
    """Yield the lines that explain everything under the wanted clauses."""
    teller = _Explainer(walk)
    standing = walk.case.standing
    for duty in (each for each in standing.duties if each.clause in wanted):
        yield from teller.duty(duty)
    for flag in (each for each in standing.flags if each.clause in wanted):
        yield from teller.flag(flag)
    for step in walk.steps:
        for flag in (each for each in step.refused if each.clause in wanted):
            yield from teller.refusal(flag, step)
    for hold in (each for each in standing.holds if each.clause in wanted):
        yield from teller.hold(hold)


class _Explainer:
    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.narrator = Narrator(protocols=walk.rules.protocols, calendar=walk.rules.calendar)
        self.history = History(walk.case.facts)

    def duty(self, duty: Duty) -> Iterator[str]:
        """Explain a duty: why it is owed, how its date was counted, who was told when and why."""
        found: Mapping[str, Any] = explain_duty(duty, self.walk.rules, self.history)
        yield from self._head(duty, f"a duty, {duty.state}", found)
        yield from _said(found)
        counted = [day for day in found["days"] if day["counted"]]
        if counted:
            said = "; ".join(f"{short_day(date.fromisoformat(day['on']))} {day['why']}" for day in counted)
            yield from wrapped(f"Counted: {said}.", 2)
        for cell in found["left"]:
            yield from wrapped(f"Still to be covered: {', '.join(str(each) for each in cell.values())}.", 2)
        yield from self._moves(duty)
        yield from self._notices(duty)

    def flag(self, flag: Flag) -> Iterator[str]:
        """Explain a flag, and what would have let the step pass."""
        found: Mapping[str, Any] = explain_flag(flag, self.walk.rules, self.history)
        yield from self._head(flag, f"a flag: {flag.answer}", found)
        yield from _said(found)
        yield from self._notices(flag)

    def refusal(self, flag: Flag, step: Step) -> Iterator[str]:
        """Explain why a proposal was refused, and what would have let it pass."""
        for found in reasons_for([flag], step.decision, self.walk.rules):
            yield from self._head(flag, f"a refusal of what was proposed on {short_moment(step.at)}", found)
            yield from _said(found)
        yield ""

    def hold(self, hold: Hold) -> Iterator[str]:
        """Explain a freeze or a halt."""
        found: Mapping[str, Any] = explain_hold(hold, self.walk.rules, self.history)
        yield from self._head(hold, f"a {hold.sort}", found)
        yield from _said(found)
        yield from self._notices(hold)

    def _head(self, about: Duty | Flag | Hold, kind: str, found: Mapping[str, Any]) -> Iterator[str]:
        yield f"{self.narrator.cited(about)}: {kind}"
        yield from wrapped(str(found["text"]), 2)

    def _moves(self, duty: Duty) -> Iterator[str]:
        for step in self.walk.steps:
            for change in step.decision.changes if not step.refused else ():
                if change.about == duty.id:
                    yield from wrapped(f"{short_moment(step.at)}  {self.narrator.change(change, duty)}", 4)

    def _notices(self, about: Duty | Flag | Hold) -> Iterator[str]:
        """Yield who was told at each moment, and why."""
        for step in self.walk.steps:
            for notice in step.decision.notices if not step.refused else ():
                if notice.about == about.id:
                    found: Mapping[str, Any] = explain_notice(notice, step.decision.after, self.walk.rules)
                    # The first sentence is the clause's own, which stands above.
                    said = " ".join(found["sentences"][1:])
                    who = f"{short_moment(step.at)}  {self.narrator.hearer(notice)}."
                    yield from wrapped(f"{who} {said}", 4)
        yield ""


def _said(found: Mapping[str, Any]) -> Iterator[str]:
    for sentence in found["sentences"]:
        yield from wrapped(f"– {sentence}", 2)
