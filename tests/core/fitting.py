"""Facts made to fit: from a pattern of a protocol to a fact that matches it, more or less."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from random import Random

from chalicelib.core.effects import Clause, Freeze, Guard, Halt, Obligation, Part, People, Record
from chalicelib.core.facts import BY_KIND
from chalicelib.core.patterns import By, Case, Earlier, Has, Is, Not, Only, Pattern, Test
from chalicelib.core.people import WHY_NOT
from chalicelib.core.protocol import Protocol
from chalicelib.core.trace import Claim, Seat

PEOPLE = ("by", "to", "chair", "present", "invited", "signed_by")
WORDS = ("meeting", "document", "step", "decision", "process", "manner", "reasons", "outcome")
NEEDED = {
    "meeting_held": ("meeting", "chair", "present"),
    "meeting_convened": ("meeting",),
    "document_completed": ("document",),
    "document_sent": ("document", "to"),
    "step_done": ("step",),
    "decision_made": ("decision", "by"),
    "placement_ended": ("manner",),
    "process_opened": ("process",),
    "process_ended": ("process",),
    "referral_received": ("reasons",),
}
OF_ITS_MEETING = ("attendees", "invited", "chair")


@dataclass
class Draft:
    """A fact in the making. `grouped` are built-in roles: whoever its meeting names is to be there."""

    kind: str
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    people: dict[str, list[Seat]] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    details: dict[str, str] = field(default_factory=dict)
    grouped: set[tuple[str, str]] = field(default_factory=set)
    meetings: frozenset[str] = frozenset()
    planned: bool = False
    claims: tuple[Claim, ...] = ()
    origin: tuple[Clause, str] | None = None

    @property
    def own(self) -> frozenset[str]:
        """The fields that its kind has."""
        return OWN[self.kind]


OWN = {kind: frozenset(each.name for each in fields(fact)) for kind, fact in BY_KIND.items()}


@dataclass(frozen=True)
class Asked:
    """Somewhere a protocol names facts: the patterns, by which effect of which clause, and what follows.

    Such a fact `makes` a duty ("o") or perhaps a flag ("g"), or neither.
    """

    clause: Clause
    effect: str
    patterns: tuple[Pattern, ...]
    then: tuple[Pattern, ...] = ()
    makes: str = ""
    joins: bool = False


class Lexicon:
    """Everything that some protocols can be told: their words, roles, patterns, parts and processes."""

    def __init__(self, protocols: Sequence[Protocol]) -> None:
        self.protocols = protocols
        self.roles = {name: word for each in protocols for name, word in each.roles.items()}
        self.clauses = [clause for each in protocols for clause in each.clauses]
        effects = [(clause, effect) for clause in self.clauses for effect in clause.effects]
        self.asked = [asked for clause, effect in effects for asked in _asked(clause, effect)]
        self.records = [effect for _, effect in effects if isinstance(effect, Record)]
        self.seatings = [effect for _, effect in effects if isinstance(effect, People)]
        self.processes = sorted({e.process for _, e in effects if isinstance(e, Freeze | Halt)})
        self.exceptions = [way for clause in self.clauses for way in clause.exceptions]

    @cached_property
    def plain_roles(self) -> list[str]:
        return sorted(set(self.roles) - set(OF_ITS_MEETING))

    def words(self, name: str) -> list[str]:
        return sorted({word for each in self.protocols for word in each.words.get(name, ())})


def _asked(clause: Clause, effect: object) -> Iterator[Asked]:
    match effect:
        case Obligation():
            if effect.when:
                yield Asked(clause, effect.name, effect.when, effect.until, makes="o", joins=effect.joins)
            yield Asked(clause, effect.name, effect.until)
            if effect.lapses:
                yield Asked(clause, effect.name, effect.lapses)
            if isinstance(effect.due, By):
                yield Asked(clause, effect.name, effect.due.patterns)
        case Guard():
            if effect.needs:
                yield Asked(clause, effect.name, effect.needs, then=effect.before)
            yield Asked(clause, effect.name, effect.before, makes="g")
            if effect.since:
                yield Asked(clause, effect.name, effect.since, then=effect.needs)
        case People() | Record():
            yield Asked(clause, effect.name, effect.of, makes="g")


@dataclass
class Fitter:
    """Makes drafts by chance: fitting a pattern, then with whatever else the same fact is asked for."""

    lexicon: Lexicon
    chance: Random

    def draft(self, pattern: Pattern, clause: Clause | None = None) -> Draft:
        made = Draft(kind=pattern.fact)
        for test in pattern.tests:
            self._fit(made, test)
        for column, words in pattern.each:
            self._cells(made, column, words)
        self._complete(made)
        if self.chance.random() < 0.15:
            made.claims = self.claims(clause)
        return made

    def claims(self, clause: Clause | None = None) -> tuple[Claim, ...]:
        """Return an exception that is there to be claimed, with or without what it asks."""
        own = [way for way in self.lexicon.exceptions if clause and clause.id in way.to]
        ways = own or self.lexicon.exceptions
        if not ways:
            return ()
        way = self.chance.choice(ways)
        name = self.chance.choice([way.name, way.name, way.name, "safety", "reason", "no_such_exception"])
        roles = [*way.approver, "team_manager", "service_manager", "gm_iro"]
        approver = self.seat(self.chance.choice(roles)) if self.chance.random() < 0.8 else None
        reasoned, confirmed = self.chance.random() < 0.9, self.chance.random() < 0.7
        return (Claim(name=name, reasoned=reasoned, approver=approver, confirmed=confirmed),)

    def seat(self, role: str) -> Seat:
        """Return somebody in a role: a member of a group, whoever is allocated, or a stranger."""
        word = self.lexicon.roles.get(role)
        if word and (word.members or word.means):
            role = self.chance.choice([*word.members, *([word.means] if word.means else [])])
        if word and word.outside:
            return Seat(roles=(role,))
        person = self.chance.choice([f"p-{role}", f"p-{role}", f"p-{role}", f"x-{role}", None])
        others = [self.chance.choice(self.lexicon.plain_roles)] if self.chance.random() < 0.1 else []
        return Seat(person_id=person, roles=(role, *others))

    # --- tests ------------------------------------------------------------------------------

    def _fit(self, made: Draft, test: Test) -> None:
        match test:
            case Is():
                self._say(made, test.field, sorted(test.words))
            case Only():
                self._say(made, test.field, sorted(test.words))
            case Has():
                for name in test.fields:
                    self._fill(made, name)
            case Case():
                known = sorted(test.words - {"unknown"})
                if known and self.chance.random() < 0.8:
                    made.details[test.detail] = self.chance.choice(known)
            case Not() | Earlier():
                # A fact rarely says what it must not; what came earlier is told as a fact of its own.
                pass

    def _say(self, made: Draft, name: str, words: Sequence[str]) -> None:
        word = self.chance.choice(words)
        if name in PEOPLE and name in made.own:
            if word in OF_ITS_MEETING:
                made.grouped.add((name, word))
            else:
                made.people.setdefault(name, []).append(self.seat(word))
        elif name == "meeting" and name not in made.own:
            made.meetings = frozenset(words)
        elif name in WORDS and name in made.own:
            made.words[name] = (word,)

    def _fill(self, made: Draft, name: str) -> None:
        if name == "planned_for":
            made.planned = True
        elif name in WORDS and name in made.own:
            made.words.setdefault(name, (self.chance.choice(self.lexicon.words(name)),))
        elif name not in PEOPLE:
            made.parts.add(name)

    def _cells(self, made: Draft, column: str, words: Sequence[str]) -> None:
        """Cover some of a grid's words, often all: what one fact can say of them."""
        several = column in PEOPLE
        most = len(words) if several and self.chance.random() < 0.6 else 1
        for word in self.chance.sample(list(words), most):
            if column != "meeting":
                self._say(made, column, [word])

    # --- whatever else is asked of it --------------------------------------------------------

    def _complete(self, made: Draft) -> None:
        """Give a fact what its kind needs, and some, all or none of what clauses ask of it."""
        for name in NEEDED.get(made.kind, ()):
            if name in PEOPLE:
                made.people.setdefault(name, []).extend(self._some_people())
            elif name not in made.words:
                made.words[name] = (self.chance.choice(self.lexicon.words(name)),)
        for name in ("by", "invited", "signed_by"):
            if name in made.own and name not in made.people and self.chance.random() < 0.6:
                made.people[name] = self._some_people()
        for name in ("reasons", "outcome"):
            if name in made.own and name not in made.words and self.chance.random() < 0.3:
                made.words[name] = (self.chance.choice(self.lexicon.words(name)),)
        self._fill_records(made)
        self._seat_people(made)
        made.planned |= made.kind == "meeting_convened" and self.chance.random() < 0.7

    def _some_people(self) -> list[Seat]:
        roles = self.chance.sample(self.lexicon.plain_roles, self.chance.randrange(1, 4))
        return [self.seat(role) for role in roles]

    def _fill_records(self, made: Draft) -> None:
        asked = [part for each in self.lexicon.records if _may_be_of(each.of, made) for part in each.contains]
        share = self.chance.choice([0.0, 0.5, 0.9, 1.0, 1.0, 1.0])
        for part in asked:
            if self.chance.random() < share:
                self._fill_part(made, part)

    def _fill_part(self, made: Draft, part: Part) -> None:
        if part.name in made.own:
            if part.choose and part.name in WORDS:
                made.words[part.name] = (self.chance.choice(part.choose),)
            else:
                self._fill(made, part.name)
            return
        made.parts.add(part.name)
        if part.rows:
            made.rows.add(part.name)

    def _seat_people(self, made: Draft) -> None:
        share = self.chance.choice([0.0, 0.5, 1.0, 1.0])
        for each in self.lexicon.seatings:
            if not _may_be_of(each.of, made) or each.field not in made.own:
                continue
            wanted = [*each.all_of, *([self.chance.choice(each.one_of)] if each.one_of else [])]
            seats = made.people.setdefault(each.field, [])
            seats += [self.seat(role) for role in wanted if self.chance.random() < share]
            made.parts |= {f"{WHY_NOT}{r}" for r in each.if_appropriate if self.chance.random() < share}
            if each.field == "chair":
                self.chance.shuffle(seats)


def _may_be_of(patterns: Sequence[Pattern], made: Draft) -> bool:
    """Say whether a fact's own words let it be what some patterns ask for."""
    return any(
        pattern.fact == made.kind
        and all(
            not isinstance(test, Is)
            or test.field not in made.words
            or not test.words.isdisjoint(made.words[test.field])
            for test in pattern.tests
        )
        for pattern in patterns
    )
