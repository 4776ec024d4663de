"""`explain FILE [CLAUSE] --example NAME`: why each duty, flag, date and notice of a story is as it is."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from chalicelib.core.case import Duty, Flag, Hold
from chalicelib.core.explaining import explain_duty, explain_flag
from chalicelib.core.history import History
from chalicelib.core.narrating import Narrator, basis, short_day, short_moment
from chalicelib.core.trace import Trace
from chalicelib.core.walking import Step, Walk
from chalicelib.refusal import reasons_for
from chalicelib.retold import reason_for
from workbench.subcommands import Subcommands
from workbench.text import wrapped
from workbench.walked import add_story, walk_asked, ways_said

BASIS = {
    "clause": "the clause says so",
    "ladder": "the authority's ladder says so, which is local policy",
    "retelling": "what they were told before has changed",
}


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
        yield from wrapped(" ".join(found["sentences"]), 2)
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
        yield from self._tripped(flag, f"a flag: {flag.answer}", self.history.named(flag.fact_id))
        for said in ways_said(reason_for(flag, self.walk, self.history)):
            yield from wrapped(f"– {said}", 4)
        yield from self._notices(flag)

    def refusal(self, flag: Flag, step: Step) -> Iterator[str]:
        """Explain why a proposal was refused, and what would have let it pass."""
        yield from self._tripped(flag, "a refusal", step.decision.fact)
        for reason in reasons_for([flag], step.decision, self.walk.rules):
            for said in ways_said(reason):
                yield from wrapped(f"– {said}", 4)
        yield ""

    def _tripped(self, flag: Flag, kind: str, fact: Trace) -> Iterator[str]:
        found: Mapping[str, Any] = explain_flag(flag, self.walk.rules)
        yield from self._head(flag, kind, found)
        yield from wrapped(f"{self.narrator.fact(fact)}. {found['reason']}", 2)

    def hold(self, hold: Hold) -> Iterator[str]:
        """Explain a freeze or a halt."""
        clause = self.narrator.protocol(hold).by_id[hold.clause]
        yield from self._head(hold, f"a {hold.sort}", {"text": clause.text})
        process = self.narrator.word("process", hold.process)
        opened = f"Since {short_day(hold.opened_on)}, when this was opened: {process}."
        lasts = f"It ended on {short_day(hold.ended_on)}." if hold.ended_on else "It lasts until that ends."
        yield from wrapped(f"{opened} {lasts}", 2)
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
        """Yield who was told at each moment, and what that rests on."""
        for step in self.walk.steps:
            heard: dict[tuple[str, str], list[str]] = {}
            for notice in step.decision.notices if not step.refused else ():
                if notice.about == about.id:
                    why = self.narrator.why(notice, about, step.at)
                    heard.setdefault((why, BASIS[basis(notice)]), []).append(self.narrator.hearer(notice))
            for (why, rests_on), hearers in heard.items():
                said = f"{short_moment(step.at)}  {'; '.join(dict.fromkeys(hearers))}"
                yield from wrapped(f"{said}: {why}. They are told because {rests_on}.", 4)
        yield ""
