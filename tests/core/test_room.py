"""What does not fit into one transaction waits and is made good by the next ticks: nothing is lost."""

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from chalicelib import outgoing
from chalicelib.core import room
from chalicelib.core.case import Case, Decision, Notice, State
from chalicelib.core.room import ITEMS, OTHERS_OWN
from chalicelib.core.trace import CHILD_HISTORY_CHANGED, Trace
from chalicelib.protocol_files import Shelf
from chalicelib.store import case_items
from tests import cases as made
from tests.builders import challenge, clock, day, fact, held, moment, referral, sent, withdrawn
from tests.core.test_five_protocols import some_story, telling_of
from tests.stories import Story, rules

WHOLE = rules(Shelf().load("tower-hamlets-2026-01-01"))
TICKS = [f"Tue 27 Oct 2026 09:{minute:02}" for minute in range(0, 60, 5)]


def meetings(number: int) -> list[Trace]:
    """So many meetings that found a placement not viable, each of whose records five are to have."""
    return [
        held("Fri 23 Oct 2026", meeting_id=f"m-{each}", id=f"m-{each}", outcome="not_viable")
        for each in range(number)
    ]


@cache
def _neglected() -> Story:
    return Story(rules=WHOLE).told(referral(), *meetings(60))


def neglected() -> Story:
    """Sixty meetings under the whole protocol that nobody answered: three duties each."""
    return replace(_neglected(), decisions=[*_neglected().decisions])


def new_officer() -> Trace:
    return fact("details_recorded", "Mon 26 Oct 2026", allocations={"social_worker": "p-new"})


def enquiry() -> Trace:
    """What stops every clock of the protocol, and so moves every duty that is open."""
    return fact("process_opened", "Mon 26 Oct 2026", process="child_protection_enquiry", process_id="cp-1")


def stored(before: Case, decision: Decision) -> int:
    """The items of a decision beside what any decision may store, each notice going by two channels."""
    after = decision.after
    items = [
        each
        for each in case_items.obligation_items(after, before.standing, due_shards=1)
        if each.sk != f"OB#{case_items.WAKE}"
    ]
    said = {*outgoing.settled(before.standing, after), *outgoing.reopened(decision)}
    said |= outgoing.dates(before.standing, decision).keys()
    return len(items) + 2 * len(decision.notices) + len(said)


def befores(story: Story) -> list[Case]:
    empty = replace(story.case, version=0, facts=(), standing=made.standing(), told=frozenset(), waiting=())
    return [empty, *(each.after for each in story.decisions[:-1])]


# --- what is to be said -------------------------------------------------------------------------


def test_what_one_decision_has_no_room_to_say_is_said_by_the_next_ticks_once():
    story = Story().told(referral(), *meetings(60), new_officer())

    said = [each for each in story.latest.notices if each.occasion.startswith("allocated:")]
    assert len(said) == ITEMS // 2
    assert len(story.case.waiting) == 60 - len(said)
    assert story.case.standing.wakes_at == moment("Mon 26 Oct 2026 09:00")

    story.told(clock(TICKS[0]))
    taken_over = [each for each in story.heard if each.occasion.startswith("allocated:")]
    assert len({each.about for each in taken_over}) == len(taken_over) == 60
    assert story.case.waiting == ()


def test_reminders_leave_room_for_what_waits():
    story = Story().told(referral(), *meetings(60), new_officer())
    waiting = story.case.waiting

    story.told(clock("Fri 30 Oct 2026 09:00"))

    assert story.latest.notices[: len(waiting)] == waiting
    assert len(story.latest.notices) <= 24


def test_a_case_that_is_told_again_says_first_what_waits():
    story = Story().told(referral(), *meetings(60), new_officer())
    waiting = story.case.waiting

    story.told(sent("Mon 26 Oct 2026", "m-1"))

    assert story.latest.notices[: len(waiting)] == waiting


def test_what_became_pointless_while_it_waited_is_not_said():
    story = Story().told(referral(), *meetings(1))
    about = [replace(each, id=f"late-{each.id}") for each in story.latest.notices]
    story.case = replace(story.case, waiting=tuple(about))

    story.told(sent("Mon 26 Oct 2026", "m-0"))

    assert story.duty("TH-35").state is State.MET
    assert (story.latest.notices, story.case.waiting) == ((), ())


# --- what is to be stored -----------------------------------------------------------------------


def test_a_halt_of_180_duties_is_stored_bit_by_bit():
    story = neglected()
    opened = [each for each in story.case.standing.duties if each.state is State.OPEN]
    assert len(opened) > 2 * ITEMS

    story.told(enquiry())
    assert all(each.halted for each in story.case.standing.duties if each.state is State.OPEN)
    assert story.case.standing.behind
    story.told(*(clock(text) for text in TICKS))

    assert story.case.standing.behind == ()
    assert_the_index_says_how_it_stands(story)
    assert max(map(stored, befores(story), story.decisions)) <= ITEMS


def test_that_the_clocks_of_180_duties_run_again_is_said_of_each_in_the_end():
    story = neglected()
    story.told(enquiry(), clock(TICKS[0]))
    assert story.case.standing.redated
    story.told(
        fact("process_ended", "Tue 27 Oct 2026", process="child_protection_enquiry", process_id="cp-1")
    )
    story.told(*(clock(text) for text in TICKS[1:]))

    assert story.case.standing.redated == ()
    assert_the_index_says_how_it_stands(story)
    assert max(map(stored, befores(story), story.decisions)) <= ITEMS


def test_what_is_taken_back_before_it_was_stored_is_gone_in_the_end():
    story = neglected()
    story.told(enquiry(), *(withdrawn(each, "Mon 26 Oct 2026 10:00") for each in meetings(60)))
    story.told(*(clock(text) for text in TICKS))

    assert story.case.standing.behind == ()
    assert_the_index_says_how_it_stands(story)


def assert_the_index_says_how_it_stands(story: Story) -> None:
    """Played from the first decision on, the items come to what the case says, and so do the tombstones."""
    kept: dict[str, str | None] = {}
    pointless: set[str] = set()
    due: dict[str, date | None] = {}
    for before, decision in zip(befores(story), story.decisions, strict=True):
        pointless |= set(outgoing.settled(before.standing, decision.after))
        pointless -= set(outgoing.reopened(decision))
        # What is told of a duty goes with the date on which it opened, until another is said.
        due = {each.id: each.due_on for each in decision.after.standing.duties} | due
        due |= outgoing.dates(before.standing, decision)
        for item in case_items.obligation_items(decision.after, before.standing, due_shards=1):
            kept[item.sk] = item.next_action_at
    bare = replace(story.case, standing=replace(story.case.standing, behind=()))
    wanted = {
        item.sk: item.next_action_at
        for item in case_items.obligation_items(bare, made.standing(), due_shards=1)
        if item.next_action_at
    }
    assert {name: at for name, at in kept.items() if at} == wanted
    opened = {
        each.about for decision in story.decisions for each in decision.changes if each.what == "opened"
    }
    still_open = {each.id for each in story.case.standing.duties if each.state is State.OPEN}
    assert pointless & opened == opened - still_open
    dates = {each.id: each.due_on for each in story.case.standing.duties if each.state is State.OPEN}
    assert {name: due[name] for name in dates} == dates


# --- cases that share a transaction ---------------------------------------------------------------


@pytest.mark.parametrize("others", [1, 5, 11])
def test_cases_of_one_child_share_what_one_transaction_holds(others):
    own = neglected().told(replace(enquiry(), beside=others))
    heard = Trace(
        id="elsewhere",
        kind=CHILD_HISTORY_CHANGED,
        on=day("Mon 26 Oct 2026"),
        learned_at=moment("Mon 26 Oct 2026 10:00"),
        beside=others,
    )
    other = neglected().told(new_officer())
    assert other.case.waiting
    other.told(heard)

    together = stored(befores(own)[-1], own.latest)
    together += others * (OTHERS_OWN + stored(befores(other)[-1], other.latest))
    assert together <= ITEMS


# Stories that move to other versions with much owed, or take much back.
@pytest.mark.parametrize("seed", [1060, 1139, 1185])
def test_whatever_is_told_under_five_protocols_fits(seed):
    telling = telling_of(some_story(seed))

    assert max(map(stored, telling.befores, telling.decisions)) <= ITEMS


def test_what_is_otherwise_by_now_is_not_said_of_what_waited():
    story = Story(rules=WHOLE).told(referral(), challenge("Wed 14 Oct 2026"))
    (hold,) = story.case.standing.holds

    def waiting(about, occasion):
        told = Notice(
            id=f"{about} {occasion}",
            about=about,
            protocol=hold.protocol,
            clause=hold.clause,
            occasion=occasion,
            role="iro",
            urgency="now",
        )
        return list(room.still_meant([told], story.case.standing)) == [told]

    assert waiting(hold.id, "frozen")
    assert not waiting(hold.id, "withdrawn:f-1"), "it stands again"
    assert not waiting("h-gone", "frozen"), "it stands no more"
    assert waiting("h-gone", "superseded:f-1")
