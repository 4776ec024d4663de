"""One protocol as a page: clause by clause, as its signatories would read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from chalicelib.core.effects import Clause, Force
from chalicelib.core.labels import listed
from chalicelib.core.protocol import Example, Protocol
from workbench.design.silences import ABOUT
from workbench.markdown import document, heading, linked, paragraphs
from workbench.outcomes import said_outcome
from workbench.page_choices import choices
from workbench.page_words import words
from workbench.rendering import RenderedClause, RenderedEffect, RenderedLadder, RenderedProtocol, rendered
from workbench.said import sentence
from workbench.shown import expects_something, home, shown
from workbench.telling import Tale
from workbench.written import Written

LONGEST_ENTRY = 100
AND = "and"


@dataclass(frozen=True)
class Page:
    """The page of one protocol file."""

    written: Written

    @property
    def text(self) -> str:
        """Return the page."""
        return document(
            f"# {self._said.title}",
            "\n".join(_head(self._said)),
            *self._about(),
            heading(2, "Contents", "contents"),
            "\n".join(self._contents()),
            heading(2, "The clauses", "clauses"),
            *(block for pair in self._clauses for block in self._clause(*pair)),
            *choices(self._protocol, self._said.settings),
            *_reminders(self._said.ladders),
            *words(self.written),
        )

    @property
    def _protocol(self) -> Protocol:
        return self.written.protocol

    @cached_property
    def _said(self) -> RenderedProtocol:
        return rendered(self._protocol)

    @property
    def _clauses(self) -> Iterator[tuple[Clause, RenderedClause]]:
        return zip(self._protocol.clauses, self._said.clauses, strict=True)

    @cached_property
    def _homes(self) -> dict[str, Clause]:
        """The clause under which each example is told, by the example's name."""
        return {each.name: home(each, self._protocol) for each in self._protocol.examples}

    def _about(self) -> Iterator[str]:
        """Yield what the protocol says of itself: the clauses that state, and ask nothing."""
        stating = [clause for clause in self._protocol.clauses if clause.force is Force.STATES]
        if stating:
            yield heading(2, "What it is about", "about")
            yield "\n".join(f"* {clause.text} ({linked(clause.printed, clause.id)})" for clause in stating)

    def _contents(self) -> Iterator[str]:
        for clause in self._protocol.clauses:
            yield f"* {linked(clause.printed, clause.id)} · {clause.force} · {_cut(clause.text)}"
        yield f"* {linked('Where the text is silent', 'silent')}"
        yield f"* {linked('Reminders', 'reminders')}"
        yield f"* {linked('Roles and words', 'words')}"

    def _clause(self, clause: Clause, said: RenderedClause) -> Iterator[str]:
        yield heading(3, self._numbered(said), said.id)
        yield f"*{said.force}* · {said.id}{f' · {said.status}' if said.status else ''}"
        yield f"> {said.text}"
        if said.note:
            yield f"*Note:* {said.note}"
        for effect in said.effects:
            yield _effect(effect)
            yield from self._settings(clause, effect)
        if said.passed:
            yield said.passed
        yield from self._examples(clause)

    def _numbered(self, said: RenderedClause) -> str:
        """Return a clause's number as a heading; what has no number is called as it is printed."""
        if not said.printed[:1].isdigit():
            return said.printed
        by_paragraph = self._protocol.setting("cite") == "paragraph"
        return f"{'Paragraph' if by_paragraph else 'Clause'} {said.printed}"

    def _settings(self, clause: Clause, effect: RenderedEffect) -> Iterator[str]:
        """Yield what was decided where the text is silent and stands in one effect."""
        names = clause.settings_of(effect.key.partition(" ")[2])
        silences = sorted({self._protocol.settings[name].silence or 0 for name in names})
        if silences:
            links = [linked(ABOUT[each], f"silence-{each}") for each in silences if each]
            yield f"*Decided where the text is silent:* {'; '.join(links)}."

    def _examples(self, clause: Clause) -> Iterator[str]:
        of = shown(clause, self._protocol)
        here = [each for each in of.all if self._homes[each.name] is clause]
        if here:
            yield "**Examples**"
            yield "\n".join(f"* {self._example(each, clause)}" for each in here)
        elsewhere = [each for each in of.all if each not in here]
        if elsewhere:
            links = [linked(f"{each.name}", self._homes[each.name].id) for each in elsewhere]
            yield f"*{'See also' if here else 'Shown by'}:* {'; '.join(links)}."

    def _example(self, example: Example, clause: Clause) -> str:
        tale = Tale(example, self._protocol).said()
        return f"**{example.name}.** {tale} → {' '.join(self._outcomes(example, clause))}"

    def _outcomes(self, example: Example, clause: Clause) -> Iterator[str]:
        """Yield what comes of an example, under this clause first; equal outcomes are said once."""
        under: dict[str, list[Clause]] = {}
        for each in _telling(example, clause):
            named = under.setdefault(said_outcome(each, self._protocol), [])
            named.append(self._protocol.by_id[str(each["clause"])])
        for said, clauses in under.items():
            others = [linked(each.printed, each.id) for each in dict.fromkeys(clauses) if each is not clause]
            if clause in clauses:
                yield f"*{said}*{f' Likewise under {listed(others, AND)}.' if others else ''}"
            else:
                yield f"Under {listed(others, AND)}: *{said}*"


def _telling(example: Example, clause: Clause) -> list[Mapping[str, object]]:
    """Return the expectations worth telling: what asks nothing only where nothing is asked at all."""
    own_first = sorted(example.expect, key=lambda wanted: wanted["clause"] != clause.id)
    return [each for each in own_first if expects_something(each)] or own_first[:1]


def _head(said: RenderedProtocol) -> Iterator[str]:
    yield f"* *Source:* {said.source}"
    if said.version:
        yield f"* *Version:* {said.version}"
    yield f"* *In force from:* {said.in_force_from}"
    yield f"* *File:* [`{said.id}.toml`](../../chalicelib/protocols/{said.id}.toml)"


def _cut(text: str) -> str:
    """Return a text as an entry of the contents has room for it."""
    if len(text) <= LONGEST_ENTRY:
        return text
    return f"{text[:LONGEST_ENTRY].rsplit(' ', 1)[0].rstrip(',;:.')} …"


def _effect(effect: RenderedEffect) -> str:
    aside = "" if effect.applies else " *Set aside here by a setting: it does not apply.*"
    return paragraphs(effect.said, f"**{effect.title}.**{aside}")


def _reminders(ladders: tuple[RenderedLadder, ...]) -> Iterator[str]:
    yield heading(2, "Reminders", "reminders")
    yield "The text provides none. These are local policy, and none is sent while a clock stands still."
    for ladder in ladders:
        yield "\n".join([f"For {ladder.serves}:", "", *(f"* {sentence(rung)}" for rung in ladder.rungs)])
