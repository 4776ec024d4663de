"""For any facts of Tower Hamlets' kinds, on any days, learned in any order."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.case import Case, Standing, State
from chalicelib.core.decision import decide
from chalicelib.core.explaining import explain_duty, explain_flag
from chalicelib.core.history import History
from chalicelib.core.trace import (
    CHILD_HISTORY_CHANGED,
    EXCEPTION_RECORDED,
    FACT_WITHDRAWN,
    TIME_REACHED,
    Claim,
    Ending,
    Seat,
    Trace,
)
from tests.stories import TOWER_HAMLETS, WEXCOMBE, Story, rules, standing_of

FIRST = date(2026, 9, 1)
DAWN = datetime.combine(FIRST, time(9), UTC)
ROLES = ("iro", "gm_iro", "gm_cpt", "gm_social_work", "team_manager", "social_worker", "carer")
SERVICES_OWN = (TIME_REACHED, CHILD_HISTORY_CHANGED, FACT_WITHDRAWN)
KINDS = (
    "referral_received",
    "concern_raised",
    "meeting_convened",
    "meeting_held",
    "document_completed",
    "document_sent",
    "step_done",
    "decision_made",
    "placement_started",
    "placement_ended",
    "process_opened",
    "process_ended",
    "details_recorded",
    "case_closed",
    *SERVICES_OWN,
)
# A word in every field: what a kind doesn't have, its clauses don't ask.
FIELDS = ("meeting", "document", "step", "decision", "process", "manner", "reasons", "outcome")
WORDS = {name: sorted(TOWER_HAMLETS.words[name]) for name in FIELDS}


def some_day(chance: Random) -> date:
    return FIRST + timedelta(days=chance.randrange(60))


def some_people(chance: Random) -> tuple[Seat, ...]:
    return tuple(Seat(roles=(role,)) for role in chance.sample(ROLES, chance.randrange(6)))


def some_claims(chance: Random) -> tuple[Claim, ...]:
    name = chance.choice(["none", "none", "safety", "reason", "immediate_harm", "contract_ended"])
    approver = chance.choice([None, Seat(person_id="p-1", roles=("team_manager",))])
    claim = Claim(name=name, reasoned=chance.random() < 0.8, approver=approver, confirmed=True)
    return () if name == "none" else (claim,)


def some_endings(chance: Random) -> tuple[Ending, ...]:
    return tuple(
        Ending(case_id="PC-0", fact_id=f"e{number}", on=some_day(chance), words={"manner": ("unplanned",)})
        for number in range(chance.randrange(3))
    )


def some_fact(chance: Random, number: int) -> Trace:
    kind, on = chance.choice(KINDS), some_day(chance)
    corrects = number and (kind == FACT_WITHDRAWN or chance.random() < 0.15)
    timed = chance.random() < 0.4
    return Trace(
        id=f"f{number:02}",
        kind=kind,
        on=on,
        learned_at=DAWN + timedelta(minutes=chance.randrange(90_000)),
        at=datetime.combine(on, time(chance.choice([9, 13, 17])), UTC) if timed else None,
        replaces=f"f{chance.randrange(number):02}" if corrects else None,
        placement_id=chance.choice([None, "P-1", "P-2"]),
        meeting_id=chance.choice([None, "m-1", "m-2"]),
        process_id=chance.choice(["ch-1", "ch-2"]),
        planned_for=chance.choice([None, some_day(chance)]),
        words={name: (chance.choice(words),) for name, words in WORDS.items()},
        people={name: some_people(chance) for name in ("by", "to", "chair", "present")},
        filled=FIELDS,
        details={"entry": chance.choice(["planned", "unplanned"])},
        allocations={"iro": chance.choice(["p-1", "p-2"])} if chance.random() < 0.2 else {},
        claims=some_claims(chance),
        endings=some_endings(chance) if kind in ("referral_received", CHILD_HISTORY_CHANGED) else (),
    )


def some_facts(seed: int, how_many: int) -> list[Trace]:
    chance = Random(seed)
    return [some_fact(chance, number) for number in range(how_many)]


# One draw for all: drawn field by field, fifty facts take longer to make up than to decide on.
HISTORIES = st.builds(some_facts, st.integers(0, 2**32), st.integers(12, 50))


@settings(max_examples=50, deadline=None)
@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrived_means_nothing(told, chance):
    shuffled = [*told]
    chance.shuffle(shuffled)

    assert standing_of(told, TOWER_HAMLETS, WEXCOMBE) == standing_of(shuffled, TOWER_HAMLETS, WEXCOMBE)


@settings(max_examples=50, deadline=None)
@given(HISTORIES)
def test_a_case_as_stored_is_what_deciding_on_its_facts_again_makes_of_it(told):
    story = Story(rules(TOWER_HAMLETS, WEXCOMBE)).told(*told)
    again = Story(rules(TOWER_HAMLETS, WEXCOMBE)).told(*(each.fact for each in story.decisions))

    assert again.case == story.case
    stood = standing_of(story.case.facts, TOWER_HAMLETS, WEXCOMBE)
    assert without_delay(story.case.standing, stood) == stood


def without_delay(stored: Standing, stood: Standing) -> Standing:
    """The standing with what was left for the next tick, whose moment has passed, due when it would be."""

    def due(about, would_be):
        left = about.next_action_at and (would_be is None or about.next_action_at < would_be)
        return replace(about, next_action_at=would_be) if left else about

    would_be = {each.id: each.next_action_at for each in (*stood.duties, *stood.flags)}
    return replace(
        stored,
        duties=tuple(due(each, would_be.get(each.id)) for each in stored.duties),
        flags=tuple(due(each, would_be.get(each.id)) for each in stored.flags),
    )


@settings(max_examples=50, deadline=None)
@given(HISTORIES)
def test_no_notice_is_made_twice_and_all_are_remembered(told):
    story = Story(rules(TOWER_HAMLETS, WEXCOMBE)).told(*told)

    ids = [notice.id for notice in story.heard]
    assert len(ids) == len(set(ids))
    assert set(ids) <= story.case.told


@settings(max_examples=50, deadline=None)
@given(HISTORIES, st.integers(0, 29))
def test_a_tick_of_a_moment_that_has_passed_says_nothing(told, moment):
    story = Story().told(*told)
    latest = max((each.moment for each in story.case.facts if each.kind == TIME_REACHED), default=None)
    at = (latest or DAWN) - timedelta(minutes=moment)
    tick = Trace(id="tick", kind=TIME_REACHED, on=at.date(), learned_at=at, at=at)
    standing = story.case.standing
    if latest is None:
        story.told(replace(tick, id="first"))
        standing = story.case.standing

    assert story.told(tick).latest.notices == ()
    assert story.case.standing == standing


@settings(max_examples=50, deadline=None)
@given(HISTORIES)
def test_everything_that_stands_can_be_explained_and_has_its_own_id(told):
    ours = rules(TOWER_HAMLETS, WEXCOMBE)
    case = Story(ours).told(*told).case
    history = History(case.facts)
    standing = case.standing

    for duty in standing.duties:
        assert explain_duty(duty, ours, history)["sentences"]
        assert (duty.state is State.OPEN) == (duty.settled_by is None)
    for flag in standing.flags:
        assert explain_flag(flag, ours)["text"]
    ids = [each.id for each in (*standing.duties, *standing.flags, *standing.holds)]
    assert len(ids) == len(set(ids))


@settings(max_examples=30, deadline=None)
@given(HISTORIES)
def test_an_excuse_for_whatever_stands_changes_its_clause_alone(told):
    story = Story().told(*told)
    everything = [*story.case.standing.duties, *story.case.standing.flags]
    if not everything:
        return
    about, clause = everything[0].id, everything[0].clause
    excuse = Trace(
        id="excuse",
        kind=EXCEPTION_RECORDED,
        on=FIRST,
        learned_at=DAWN,
        for_id=about,
        claims=(Claim(name="excused", reasoned=True, approver=Seat(roles=("gm_iro",))),),
    )
    story.told(excuse)

    # What would have joined the clock of a duty that is now excused opens one of its own.
    others = [change for change in story.latest.changes if change.about != about]
    assert {change.clause for change in others} <= {clause}
    assert {change.what for change in others} <= {"opened", "reopened", "missed", "lapsed", "met"}


def test_an_empty_case_stands_empty():
    empty = Case(id="PC-1", authority="a", child_reference="TH-1042", protocols=())

    assert standing_of([]) == empty.standing
    assert decide(empty, Trace(id="f", kind="case_closed", on=FIRST, learned_at=DAWN), rules())
