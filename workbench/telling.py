"""What happened in a worked example, told as a short dated story in the protocol's own words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from chalicelib.core.facts import FactWithdrawn
from chalicelib.core.labels import (
    UNKNOWN,
    label_of,
    listed,
    quoted,
    said_part,
    said_role,
    with_article,
    with_the,
)
from chalicelib.core.people import WHY_NOT
from chalicelib.core.protocol import Example, Protocol
from chalicelib.core.rehearsal import PEOPLE as PEOPLE_FIELDS
from chalicelib.core.saying import KINDS, PEOPLE, Kind

Table = Mapping[str, object]

# The service's own fact, which only an example gives.
OPENED = Kind("the authority's own record", "opened", "is opened", "was opened")
MOST_PARTS = 6
# What may be claimed past any clause, or past one that names no exception.
CLAIMED = {"reason": "a reason given", "safety": "the child's safety claimed"}
# These follow their verb without a comma.
CLOSE = ("by", "to", "signed_by")
LINKS = {"placement_id": "placement", "process_id": "process"}


@dataclass(frozen=True)
class Tale:
    """One example of a protocol, to be told."""

    example: Example
    protocol: Protocol

    def said(self) -> str:
        """Return the story: each fact as a sentence that begins with its day."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        for fact in self.example.given:
            yield f"{fact['on']}: {self._told(fact, KINDS.get(str(fact['fact']), OPENED).past)}."
        if (meant := self.example.propose) is not None:
            said = self._told(meant, KINDS[str(meant["fact"])].present)
            yield f"{meant['on']}: it is proposed that {said}."
        if self.example.today:
            yield f"Now it is {self.example.today}."

    def _told(self, fact: Table, verb: str) -> str:
        """Return a fact as it reads after its day."""
        begins = f"{self._subject(fact)} {verb}{self._details(fact)}"
        close = "".join(f" {self._people(fact, name)}" for name in CLOSE if name in fact)
        return ", ".join([begins + close, *self._particulars(fact)])

    def _subject(self, fact: Table) -> str:
        if fact["fact"] == FactWithdrawn.kind:
            return f"what was told of {self._day_of(str(fact['replaces']))}"
        kind = KINDS.get(str(fact["fact"]), OPENED)
        if not kind.main:
            return kind.plain
        label = label_of(kind.main, str(fact[kind.main]), self.protocol)
        articles = {"a {}": with_article, "the {}": with_the}
        return articles.get(kind.named, kind.named.format)(label)

    def _details(self, fact: Table) -> str:
        """Return what a fact says is now true of the case, in brackets."""
        said = []
        for name, word in _table(fact.get("details")).items():
            label = "not known" if word == UNKNOWN else label_of(name, str(word), self.protocol)
            said.append(f"{name.replace('_', ' ')}: {label}")
        return f" ({'; '.join(said)})" if said else ""

    def _people(self, fact: Table, name: str) -> str:
        said = listed([self._person(each) for each in _list(fact[name])], "and")
        if name == "to" and fact["fact"] == "step_done":
            return f"with {said}"
        phrase = PEOPLE[name][0].format(said)
        return f"to be {phrase}" if name == "chair" and fact["fact"] == "meeting_convened" else phrase

    def _person(self, written: str) -> str:
        person, _, role = written.rpartition("/")
        said = said_role(role, self.protocol)
        return f"{person.capitalize()} ({said})" if person else said

    def _particulars(self, fact: Table) -> Iterator[str]:
        for name in PEOPLE_FIELDS:
            if name in fact and name not in CLOSE:
                yield self._people(fact, name)
        yield from self._words(fact)
        yield from self._links(fact)
        yield from self._carried(fact)
        for claim in _tables(fact.get("exceptions", [])):
            yield self._claim(claim)

    def _words(self, fact: Table) -> Iterator[str]:
        if "manner" in fact:
            yield label_of("manner", str(fact["manner"]), self.protocol)
        if "reasons" in fact:
            reasons = _list(fact["reasons"])
            noun = "reason" if len(reasons) == 1 else "reasons"
            yield f"for the {noun} {quoted('reasons', reasons, self.protocol, 'and')}"
        if "outcome" in fact:
            yield f"with the outcome {quoted('outcome', [str(fact['outcome'])], self.protocol)}"
        if "planned_for" in fact:
            yield f"planned for {fact['planned_for']}"
        if "at" in fact:
            yield f"at {fact['at']}"
        if "because" in fact:
            yield f"because: “{str(fact['because']).rstrip('.')}”"

    def _links(self, fact: Table) -> Iterator[str]:
        """Yield what a fact is about, where there is more than one such thing in the story."""
        for name, noun in LINKS.items():
            if name in fact and len(self._linked(name)) > 1:
                yield f"{noun} {fact[name]}"
        meeting = fact.get("meeting_id")
        if meeting and "meeting" not in fact and len(self._linked("meeting_id")) > 1:
            days = [each["on"] for each in self.example.given if each.get("meeting_id") == meeting]
            yield f"about the meeting of {days[0]}"
        if "replaces" in fact and fact["fact"] != FactWithdrawn.kind:
            yield f"in place of what was told of {self._day_of(str(fact['replaces']))}"

    def _day_of(self, fact_id: str) -> object:
        """Return the day of the fact with an id; one without its own is known by its place."""
        days = {str(fact.get("id", f"f{place}")): fact["on"] for place, fact in enumerate(self._facts)}
        return days.get(fact_id, "another day")

    def _linked(self, name: str) -> frozenset[object]:
        return frozenset(fact[name] for fact in self._facts if name in fact)

    @cached_property
    def _facts(self) -> Sequence[Table]:
        return [*self.example.given, *([self.example.propose] if self.example.propose else [])]

    def _carried(self, fact: Table) -> Iterator[str]:
        for role, person in _table(fact.get("allocations")).items():
            yield f"{str(person).capitalize()} is now {said_role(role, self.protocol)}"
        parts = {name: value for name, value in _table(fact.get("contents")).items() if value}
        if len(parts) > MOST_PARTS:
            yield f"carrying {len(parts)} parts"
        elif parts:
            yield f"carrying {listed([self._part(*part) for part in parts.items()], 'and')}"

    def _part(self, name: str, value: object) -> str:
        if name.startswith(WHY_NOT):
            return f"why not {said_role(name.removeprefix(WHY_NOT), self.protocol)}"
        said = f"“{said_part(name, self.protocol)}”"
        part = self.protocol.parts.get(name)
        chosen = part is not None and part.choose and isinstance(value, str)
        return f"{said} ({label_of(name, str(value), self.protocol)})" if chosen else said

    def _claim(self, claim: Table) -> str:
        name, because = str(claim["name"]), str(claim.get("because", "")).rstrip(".")
        said = CLAIMED.get(name, f"the exception “{name.replace('_', ' ')}” claimed")
        said += f": “{because}”" if because else ", without saying why"
        if claim.get("approver"):
            said += f", approved by {self._person(str(claim['approver']))}"
        return f"{said}, and confirmed" if claim.get("confirmed") else said


def _list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _tables(value: object) -> list[Table]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _table(value: object) -> Table:
    return value if isinstance(value, Mapping) else {}
