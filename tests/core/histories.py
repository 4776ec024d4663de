"""Stories of cases, made up by chance out of what their own protocols speak of.

Facts often match a clause; some fit by halves, are told late or twice, corrected or withdrawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from chalicelib.core.identity import identify
from chalicelib.core.london import LONDON
from chalicelib.core.patterns import Earlier, Pattern
from chalicelib.core.trace import (
    CALENDAR_CHANGED,
    CHILD_HISTORY_CHANGED,
    EXCEPTION_RECORDED,
    FACT_WITHDRAWN,
    NOTICE_UNDELIVERED,
    PROTOCOL_MOVED,
    RECORD_OPENED,
    TIME_REACHED,
    Claim,
    Ending,
    Involvement,
    Seat,
    Trace,
)
from tests.core.fitting import PEOPLE, Draft, Fitter, Lexicon

CASE_ID = "PC-1"
PLACEMENTS = ("P-1", "P-1", "P-2")
SERVICES_OWN = frozenset(
    {TIME_REACHED, CHILD_HISTORY_CHANGED, NOTICE_UNDELIVERED, PROTOCOL_MOVED, RECORD_OPENED, CALENDAR_CHANGED}
)
# What the service records of the case as it goes, and so in the order in which it became so.
IN_TURN = (PROTOCOL_MOVED, CHILD_HISTORY_CHANGED, CALENDAR_CHANGED)
ON_A_RECORD = frozenset({"document_completed", "document_sent", "step_done", "details_recorded"})
MEETINGS = ("meeting_convened", "meeting_held")
ABOUT_MEETINGS = ("document_completed", "document_sent", "step_done")
# Days after which come bank holidays, the end of a year, a clock change, a leap day.
BEGINNINGS = (date(2026, 3, 23), date(2026, 5, 11), date(2026, 8, 17), date(2026, 12, 7), date(2028, 2, 14))


@dataclass
class Teller:
    """Tells one case, fact by fact; the clock goes on a little, or a lot, between two facts."""

    lexicon: Lexicon
    chance: Random
    versions: Sequence[tuple[str, ...]]
    calendars: Sequence[str] = ()
    of_authority: bool = False
    told: list[Trace] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    waiting: list[tuple[tuple[Pattern, ...], Trace | None]] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        self.fitter = Fitter(self.lexicon, self.chance)
        self.now = datetime.combine(self.chance.choice(BEGINNINGS), time(9), LONDON).astimezone(UTC)
        # What is of one process or meeting is known by one id.
        self.known: dict[str, str] = {}
        self.pinned = 0
        self.counted_by = 0

    def story(self, how_many: int) -> list[Trace]:
        self.tell(self._record_opened() if self.of_authority else self._referral())
        doings, weights = zip(*self._doings(), strict=True)
        while len(self.told) < how_many:
            self._let_time_pass()
            fact = self.chance.choices(doings, weights)[0]()
            if fact is not None:
                self.tell(fact)
        return self.told

    def tell(self, fact: Trace) -> None:
        self.told.append(fact)

    def _doings(self) -> list[tuple[Callable[[], Trace | None], float]]:
        common = [
            (self._asked_for, 38),
            (self._followed_up, 26),
            (self._corrected, 8),
            (self._withdrawn, 4),
            (self._told_again, 2),
            (self._excused, 4),
            (self._time_reached, 9),
            (self._undelivered, 1),
            (self._calendar_changed, 3 if len(self.calendars) > 1 else 0),
        ]
        if self.of_authority:
            return common
        return [
            *common,
            (self._process, 9),
            (self._details, 3),
            (self._elsewhere, 3),
            (self._moved_version, 1 if len(self.versions) > 1 else 0),
        ]

    def _let_time_pass(self) -> None:
        hours = self.chance.choice([0, 1, 3, 20, 24, 48, 72, 96])
        if self.chance.random() < 0.006:
            hours = 24 * self.chance.choice([90, 200, 366])
        self.now += timedelta(hours=hours, minutes=self.chance.randrange(60))

    # --- what happened ------------------------------------------------------------------------

    def _asked_for(self) -> Trace | None:
        asked = self.chance.choice(self.lexicon.asked)
        pattern = self.chance.choice(asked.patterns)
        if self.of_authority and pattern.fact not in ON_A_RECORD:
            return None
        earlier = [test for test in pattern.tests if isinstance(test, Earlier)]
        first = bool(earlier) and self.chance.random() < 0.5
        if first:
            pattern, then = self.chance.choice(earlier[0].patterns), (pattern,)
        else:
            then = asked.then
        fact = self._fact(self.fitter.draft(pattern, asked.clause))
        if then:
            self.waiting.append((then, None if first else fact))
        if asked.makes:
            anchors = ("first", fact.placement_id or "") if asked.joins else (fact.id,)
            self.origins.append(identify(asked.makes, CASE_ID, asked.clause.id, asked.effect, *anchors))
        return fact

    def _followed_up(self) -> Trace | None:
        """Do what an earlier fact is waiting for: what meets a duty, or is done after what it needs."""
        if not self.waiting:
            return None
        position = max(0, len(self.waiting) - 1 - self.chance.randrange(4))
        patterns, about = self.waiting[position]
        pattern = self.chance.choice(patterns)
        if not pattern.each or self.chance.random() < 0.3:
            self.waiting.pop(position)
        if self.of_authority and pattern.fact not in ON_A_RECORD:
            return None
        fact = self._fact(self.fitter.draft(pattern))
        return _about(fact, about) if about and self.chance.random() < 0.8 else fact

    def _fact(self, made: Draft) -> Trace:
        on = self._some_day()
        timed = self.chance.random() < 0.3
        words = dict(made.words)
        fact = Trace(
            id=self._next_id(),
            kind=made.kind,
            on=on,
            learned_at=self.now,
            at=datetime.combine(on, time(self.chance.choice([9, 13, 17])), UTC) if timed else None,
            placement_id=self._placement(made.kind),
            planned_for=on + timedelta(days=self.chance.randrange(-3, 30)) if made.planned else None,
            words=words,
            details=made.details,
            claims=made.claims,
            beside=self.chance.choice([0, 0, 0, 0, 1, 4]),
        )
        fact = self._linked(fact, made)
        return _filled(self._seated(fact, made), made)

    def _linked(self, fact: Trace, made: Draft) -> Trace:
        """Name the meeting or the process that a fact is about, an earlier one where that makes sense."""
        if fact.kind in MEETINGS:
            return replace(fact, meeting_id=self._meeting_id(fact))
        if "process" in fact.words:
            return replace(fact, process_id=self._id_for("ch", fact.words["process"][0]))
        if fact.kind not in ABOUT_MEETINGS:
            return fact
        known = [
            each
            for each in self.told
            if each.kind in MEETINGS and (not made.meetings or made.meetings & set(each.words["meeting"]))
        ]
        if not known or self.chance.random() < 0.3:
            return fact
        return replace(fact, meeting_id=self.chance.choice(known[-4:]).meeting_id)

    def _meeting_id(self, fact: Trace) -> str:
        """Return the id of a meeting: to be held, mostly of one that was convened."""
        word = fact.words["meeting"][0]
        known = [each.meeting_id for each in self.told if each.words.get("meeting") == (word,)]
        if known and self.chance.random() < (0.7 if fact.kind == "meeting_held" else 0.2):
            return self.chance.choice(known[-3:]) or ""
        return f"m-{len(self.told)}"

    def _id_for(self, prefix: str, word: str) -> str:
        return f"{prefix}-{word}-{self.chance.randrange(2)}"

    def _seated(self, fact: Trace, made: Draft) -> Trace:
        """Seat everybody; in a built-in role whoever the meeting names, all of them or one."""
        people = {name: list(seats) for name, seats in made.people.items() if seats}
        meeting = next((m for m in reversed(self.told) if m.kind in MEETINGS and m.meeting_id), None)
        named = next(
            (m for m in self.told if m.kind in MEETINGS and m.meeting_id == fact.meeting_id), meeting
        )
        for name, word in sorted(made.grouped):
            seats = _of_meeting(named, word)
            most = len(seats) if self.chance.random() < 0.7 else min(1, len(seats))
            people.setdefault(name, []).extend(self.chance.sample(seats, most))
        if "chair" in people:
            people["chair"] = people["chair"][:1]
        return replace(fact, people={name: tuple(seats) for name, seats in people.items() if seats})

    def _process(self) -> Trace:
        """Open or end a process: they overlap, and one may be opened again."""
        kind = self.chance.choice(["process_opened", "process_opened", "process_ended"])
        word = self.chance.choice(self.lexicon.processes or self.lexicon.words("process"))
        return self._fact(Draft(kind=kind, words={"process": (word,)}))

    def _details(self) -> Trace:
        roles = self.chance.sample(self.lexicon.plain_roles, self.chance.randrange(3))
        allocations = {role: self.chance.choice([f"p-{role}", f"x-{role}"]) for role in roles}
        return replace(self._fact(Draft(kind="details_recorded")), allocations=allocations)

    def _referral(self) -> Trace:
        roles = self.chance.sample(self.lexicon.plain_roles, min(8, len(self.lexicon.plain_roles)))
        reasons = (self.chance.choice(self.lexicon.words("reasons")),)
        fact = self._fact(Draft(kind="referral_received", words={"reasons": reasons}))
        return replace(fact, allocations={role: f"p-{role}" for role in roles}, endings=self._endings())

    # --- what was told of it afterwards --------------------------------------------------------

    def _reported(self) -> list[Trace]:
        return [each for each in self.told if each.kind not in SERVICES_OWN]

    def _corrected(self) -> Trace | None:
        """Tell an earlier fact anew: another day, other words, another meeting, other parts."""
        known = [each for each in self._reported() if each.kind != FACT_WITHDRAWN]
        if not known:
            return None
        wrong = self.chance.choice(known)
        right = replace(wrong, id=self._next_id(), replaces=wrong.id, learned_at=self.now, at=None)
        match self.chance.randrange(5):
            case 0 | 1:
                return replace(right, on=wrong.on + timedelta(days=self.chance.randrange(-12, 13)))
            case 2:
                other = self.fitter.draft(Pattern(fact=wrong.kind))
                words = {name: other.words.get(name, said) for name, said in wrong.words.items()}
                words |= {name: wrong.words[name] for name in ("meeting", "process") if name in wrong.words}
                return replace(right, words=words)
            case 3:
                return replace(right, placement_id=self._placement(wrong.kind), claims=self.fitter.claims())
            case _:
                parts = [name for name in wrong.filled if self.chance.random() < 0.5 or name in wrong.words]
                return replace(right, filled=tuple(parts))

    def _withdrawn(self) -> Trace | None:
        known = self._reported()[1:]
        if not known:
            return None
        wrong = self.chance.choice(known)
        return Trace(
            id=self._next_id(), kind=FACT_WITHDRAWN, on=wrong.on, learned_at=self.now, replaces=wrong.id
        )

    def _told_again(self) -> Trace:
        return self.chance.choice(self.told)

    def _excused(self) -> Trace | None:
        """Excuse a duty or a flag of some earlier fact, by somebody who may or may not."""
        if not self.origins:
            return None
        for_id = self.chance.choice(self.origins[-8:])
        roles = ["gm_iro", "service_manager", "gm_social_work", self.chance.choice(self.lexicon.plain_roles)]
        approver = self.fitter.seat(self.chance.choice(roles)) if self.chance.random() < 0.8 else None
        return Trace(
            id=self._next_id(),
            kind=EXCEPTION_RECORDED,
            on=self._some_day(),
            learned_at=self.now,
            for_id=for_id,
            claims=(Claim(name="excused", reasoned=True, approver=approver),),
        )

    # --- what the service records ---------------------------------------------------------------

    def _time_reached(self) -> Trace:
        at = self.now
        return Trace(id=self._next_id(), kind=TIME_REACHED, on=_london(at), learned_at=at, at=at)

    def _undelivered(self) -> Trace:
        """Hear that a notice never arrived; somebody may be told another way before that, or after it."""
        fact_id = self._next_id()
        lost = Trace(
            id=fact_id,
            kind=NOTICE_UNDELIVERED,
            on=_london(self.now),
            learned_at=self.now,
            words=self._lost(),
        )
        told = replace(
            self._fact(Draft(kind="step_done", words={"step": ("told_another_way",)})),
            for_id=identify("t", CASE_ID, fact_id),
        )
        if self.chance.random() < 0.4:
            return lost
        first, second = (told, lost) if self.chance.random() < 0.4 else (lost, told)
        self.tell(first)
        return second

    def _lost(self) -> dict[str, tuple[str, ...]]:
        """Say what a notice was: of any clause, an alert itself, or as facts said it at first."""
        words = {"role": ("administrator",), "tell": ("iro",), "why": ("bounced",)}
        if self.chance.random() < 0.2:
            return words
        protocol = self.chance.choice(self.lexicon.protocols)
        return {
            **words,
            "tell": (self.chance.choice(self.lexicon.plain_roles),),
            "protocol": (protocol.id,),
            "clause": (self.chance.choice(protocol.clauses).id,),
            "occasion": (self.chance.choice(["opened", "rung", "flagged", "undelivered", "task"]),),
            "person": tuple(self.chance.sample(["p-1"], self.chance.randrange(2))),
            "route": tuple(self.chance.sample(["manager"], self.chance.randrange(2))),
            "notice_on": (_london(self.now).isoformat(),),
            "beside": tuple(self.chance.sample(["deputy", "manager"], self.chance.randrange(3))),
        }

    def _elsewhere(self) -> Trace:
        """Hear that something changed in the child's other cases."""
        people = [f"p-{role}" for role in self.chance.sample(self.lexicon.plain_roles, 3)]
        involved = tuple(
            Involvement(
                case_id="PC-0",
                person_id=person,
                way=self.chance.choice(["allocated", "chair", "present", "by"]),
                on=self._some_day(),
            )
            for person in people
        )
        return Trace(
            id=self._next_id(),
            kind=CHILD_HISTORY_CHANGED,
            on=_london(self.now),
            learned_at=self.now,
            endings=self._endings(),
            involved=involved,
            beside=self.chance.choice([1, 2, 5, 8]),
        )

    def _moved_version(self) -> Trace:
        other = 1 - self.pinned
        words = {"from": self.versions[self.pinned], "to": self.versions[other]}
        self.pinned = other
        return Trace(
            id=self._next_id(), kind=PROTOCOL_MOVED, on=_london(self.now), learned_at=self.now, words=words
        )

    def _calendar_changed(self) -> Trace:
        others = [number for number in range(len(self.calendars)) if number != self.counted_by]
        was, self.counted_by = self.counted_by, self.chance.choice(others)
        words = {"from": (self.calendars[was],), "to": (self.calendars[self.counted_by],)}
        return Trace(
            id=self._next_id(), kind=CALENDAR_CHANGED, on=_london(self.now), learned_at=self.now, words=words
        )

    def _record_opened(self) -> Trace:
        return Trace(id=self._next_id(), kind=RECORD_OPENED, on=_london(self.now), learned_at=self.now)

    # --- odds and ends --------------------------------------------------------------------------

    def _next_id(self) -> str:
        """Return an id that says nothing of the order in which facts were told."""
        self.made += 1
        return f"f{self.made * 370 % 1009:04}"

    def _some_day(self) -> date:
        """Return today, mostly; else a day before, as of what is told late, or one that is mistyped."""
        late = self.chance.choice([0, 0, 0, 0, 0, 1, 1, 2, 5, 14, 40, -3])
        return _london(self.now) - timedelta(days=late)

    def _placement(self, kind: str) -> str | None:
        needed = kind in ("placement_started", "placement_ended", "referral_received")
        if self.of_authority:
            return None
        return self.chance.choice(PLACEMENTS if needed else (None, None, *PLACEMENTS))

    def _endings(self) -> tuple[Ending, ...]:
        return tuple(
            Ending(
                case_id="PC-0",
                fact_id=f"e{number}",
                on=_london(self.now) - timedelta(days=self.chance.choice([10, 200, 365, 366, 400])),
                words={"manner": (self.chance.choice(["planned", "unplanned"]),)},
                placement_id=self.chance.choice([None, "P-0"]),
            )
            for number in range(self.chance.randrange(3))
        )


def _about(fact: Trace, opened: Trace) -> Trace:
    """Return a fact about the meeting, the process and the placement of what it follows from."""
    same_word = opened.words.get("meeting") == fact.words.get("meeting")
    if opened.meeting_id and (fact.kind in ABOUT_MEETINGS or (fact.kind == "meeting_held" and same_word)):
        fact = replace(fact, meeting_id=opened.meeting_id)
    if opened.process_id and opened.words.get("process") == fact.words.get("process"):
        fact = replace(fact, process_id=opened.process_id)
    return replace(fact, placement_id=opened.placement_id) if opened.placement_id else fact


def _london(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _of_meeting(meeting: Trace | None, word: str) -> list[Seat]:
    if meeting is None:
        return []
    fields = {"attendees": ("chair", "present"), "invited": ("invited",), "chair": ("chair",)}[word]
    return [seat for name in fields for seat in meeting.people.get(name, ())]


def _filled(fact: Trace, made: Draft) -> Trace:
    """Say which fields and parts are filled, and whom rows are about."""
    everybody = [seat for name in PEOPLE for seat in fact.people.get(name, ())]
    about = tuple(seat.person_id or seat.roles[0] for seat in everybody)
    links = [name for name in ("meeting_id", "planned_for", "placement_id") if getattr(fact, name)]
    filled = {*fact.words, *fact.people, *made.parts, *links}
    return replace(fact, filled=tuple(sorted(filled)), rows=dict.fromkeys(sorted(made.rows), about))


def in_another_order(told: Sequence[Trace], chance: Random) -> list[Trace]:
    """Return facts as they might have arrived; what the service records of itself it records in order."""
    shuffled = list(told)
    chance.shuffle(shuffled)
    own = iter([each for each in told if each.kind in IN_TURN])
    return [next(own) if each.kind in IN_TURN else each for each in shuffled]
