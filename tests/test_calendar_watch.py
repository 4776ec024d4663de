"""The `calendar` schedule: what it does with GOV.UK's answer, with none, and after it died anywhere."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

import pytest
from typing_extensions import override

from chalicelib.authority_record import record_id
from chalicelib.calendar_watch import watch
from chalicelib.core.errors import LeftUndone
from chalicelib.own_messages import CALENDAR_AGAIN, CALENDAR_REFUSED, REFUSED, UNFORESEEN
from chalicelib.ports import Authority, CaseRow, Feed, Message, Page, Snapshot
from chalicelib.published import Reason
from chalicelib.visits import Ports
from chalicelib.walks import IN_HAND_SECONDS, MOST_LEFT
from tests.builders import day, moment
from tests.council import ELSEWHERE, TOWN, Council, held
from tests.doubles import MemoryCases
from tests.snapshots import (
    AUTHORITIES,
    FRIDAY,
    LATER,
    LATER_STILL,
    NOON,
    Learner,
    due,
    refuses,
    says,
    snapshot,
    under_way,
)

MOVED = day("Tue 20 Oct 2026")
STAYED = day("Mon 19 Oct 2026")
TAG = f'"{snapshot(FRIDAY).hash}"'
ADDRESS = "https://bank-holidays.example/list.json"


@pytest.fixture
def council() -> Council:
    return Council()


def run(council: Council, learn: Learner, at: datetime = NOON, ports: Ports | None = None) -> int:
    return watch(
        now=at,
        ports=ports or council.ports,
        address=ADDRESS,
        seconds_left=lambda: 300.0,
        learn=learn,
    )


def fails(council: Council, learn: Learner, at: datetime = NOON) -> LeftUndone:
    with pytest.raises(LeftUndone) as left:
        run(council, learn, at)
    return left.value


def own(council: Council, occasion: str) -> list[Message]:
    """What administrators were told."""
    return [each for each in council.cases.outbox.messages.values() if each.occasion == occasion]


def moves(council: Council) -> list[tuple[str, str]]:
    """Who heard of which case that a deadline moved, each time once more."""
    found = council.cases.outbox.messages.values()
    return sorted((each.case_id, each.role) for each in found if each.was_due_on)


def moved(cases: Mapping[str, str]) -> list[tuple[str, str]]:
    """Everybody who is to hear that three deadlines moved, once."""
    roles = ("gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker")
    return sorted((cases[name], role) for name in ("first", "second", "third") for role in roles)


def dates(council: Council, cases: Mapping[str, str]) -> list[object]:
    return [due(council, case_id) for case_id in cases.values()]


# --- a list ---------------------------------------------------------------------------------


def test_a_proclaimed_day_moves_three_deadlines_and_leaves_two_and_is_told_once(council: Council) -> None:
    cases = under_way(council)

    assert run(council, says(snapshot(FRIDAY))) == 3
    assert run(council, says(snapshot(FRIDAY)), LATER) == 0
    assert run(council, says(snapshot(FRIDAY)), LATER_STILL) == 0

    assert dates(council, cases) == [MOVED, MOVED, MOVED, day("Tue 13 Oct 2026"), None]
    assert moves(council) == moved(cases)
    assert own(council, CALENDAR_REFUSED) == own(council, CALENDAR_AGAIN) == []


def test_the_list_is_asked_for_with_what_is_known_of_it(council: Council) -> None:
    asked: list[tuple[str, Feed, Snapshot | None, datetime]] = []

    def learn(address: str, feed: Feed, before: Snapshot | None, now: datetime) -> Any:
        asked.append((address, feed, before, now))
        return says(snapshot(FRIDAY))(address, feed, before, now)

    run(council, learn)
    run(council, learn, LATER)

    assert asked == [
        (ADDRESS, Feed(), None, NOON),
        (ADDRESS, Feed(etag=TAG, checked_at=NOON), snapshot(FRIDAY), LATER),
    ]
    assert council.ports.calendars.feed() == Feed(etag=TAG, checked_at=LATER)


def test_a_day_that_is_called_off_moves_them_back(council: Council) -> None:
    cases = under_way(council)
    run(council, says(snapshot(FRIDAY)))
    run(council, says(snapshot()), LATER)

    assert dates(council, cases)[:3] == [STAYED] * 3
    assert moves(council) == sorted(moved(cases) * 2)


def test_an_operators_closure_day_is_told_without_any_news_of_gov_uk(council: Council) -> None:
    cases = under_way(council)
    run(council, says(snapshot()))
    close(council, TOWN)

    assert run(council, says(snapshot()), LATER) == 3
    assert dates(council, cases)[:3] == [MOVED] * 3
    assert {each.because for each in council.messages("TH-35") if each.because} == {
        "Friday 16 October 2026 is not counted any more: Offices closed."
    }


def close(council: Council, authority: str) -> None:
    council.ports.access.known[authority] = Authority(  # type: ignore[attr-defined]
        id=authority,
        name=authority,
        protocols=council.protocols,
        closure_days={day(FRIDAY): "Offices closed"},
    )


def test_nothing_is_put_in_force_and_nobody_told_without_time_in_hand(council: Council) -> None:
    cases = under_way(council)
    learn = says(snapshot(FRIDAY))

    told = watch(
        now=NOON, ports=council.ports, address=ADDRESS, seconds_left=lambda: IN_HAND_SECONDS, learn=learn
    )

    assert (told, council.ports.calendars.in_force(TOWN)) == (0, None)
    assert run(council, learn, LATER) == 3
    assert dates(council, cases)[:3] == [MOVED] * 3


# --- no list --------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", get_args(Reason))
def test_a_list_that_is_refused_changes_nothing_and_every_administrator_hears_once(
    council: Council, caplog: pytest.LogCaptureFixture, reason: str
) -> None:
    cases = under_way(council)
    run(council, says(snapshot(FRIDAY)))
    before = council.snapshot()[0]  # type: ignore[index]

    for at in (LATER, LATER_STILL, moment("Fri 16 Oct 2026 09:00")):
        assert fails(council, refuses(reason), at).left == 1

    assert council.snapshot()[0] == before  # type: ignore[index]
    assert dates(council, cases)[:3] == [MOVED] * 3
    assert council.ports.calendars.snapshot() == snapshot(FRIDAY)
    assert council.ports.calendars.feed() == Feed(
        etag=TAG, checked_at=moment("Fri 16 Oct 2026 09:00"), failing_since=LATER, reason=reason
    )
    told = own(council, CALENDAR_REFUSED)
    assert {(each.authority, each.case_id) for each in told} == {
        (each, record_id(each)) for each in AUTHORITIES
    }
    assert [(each.role, each.because, each.created_at) for each in told] == [
        ("administrator", REFUSED[reason], LATER)
    ] * 2
    reasons = [getattr(each, "reason", None) for each in caplog.records if each.levelno >= logging.ERROR]
    assert reasons.count(reason) == 3


def test_what_nobody_foresaw_is_a_refusal_too(council: Council) -> None:
    def learn(address: str, feed: Feed, before: Snapshot | None, now: datetime) -> Any:
        raise KeyError("england-and-wales")

    fails(council, learn)

    assert council.ports.calendars.feed() == Feed(checked_at=NOON, failing_since=NOON, reason="KeyError")
    assert {each.because for each in own(council, CALENDAR_REFUSED)} == {UNFORESEEN}


def test_when_it_works_again_that_is_told_once_too(council: Council) -> None:
    fails(council, refuses("down"))
    fails(council, refuses("malformed"), LATER)
    run(council, says(snapshot(FRIDAY)), LATER_STILL)
    run(council, says(snapshot(FRIDAY)), moment("Thu 15 Oct 2026 13:30"))

    assert [each.because for each in own(council, CALENDAR_REFUSED)] == [REFUSED["down"]] * 2
    assert sorted(each.authority for each in own(council, CALENDAR_AGAIN)) == sorted(AUTHORITIES)
    assert council.ports.calendars.feed().failing_since is None


def test_another_outage_is_told_anew(council: Council) -> None:
    fails(council, refuses("down"))
    run(council, says(snapshot()), LATER)
    fails(council, refuses("down"), LATER_STILL)

    assert len(own(council, CALENDAR_REFUSED)) == 4
    assert len({each.id for each in own(council, CALENDAR_REFUSED)}) == 4


def test_an_outage_holds_up_no_calendar_and_no_walk(council: Council) -> None:
    cases = under_way(council)
    run(council, says(snapshot()))
    close(council, TOWN)

    assert fails(council, refuses("down"), LATER).done == 3
    assert dates(council, cases)[:3] == [MOVED] * 3


# --- one authority and the others -----------------------------------------------------------


def test_an_authority_whose_protocol_is_gone_holds_up_no_other(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    cases = under_way(council)
    broken = Authority(id=ELSEWHERE, name=ELSEWHERE, protocols=("nowhere-2026-01-01",))
    council.ports.access.known[ELSEWHERE] = broken  # type: ignore[attr-defined]

    left = fails(council, says(snapshot(FRIDAY)))

    assert (left.done, left.left) == (3, 1)
    assert dates(council, cases)[:3] == [MOVED] * 3
    assert {getattr(each, "authority", None) for each in caplog.records if each.levelno >= logging.ERROR} == {
        ELSEWHERE
    }


class Unlisted(MemoryCases):
    """Cases of which one authority's cannot be listed."""

    @override
    def oldest_first(self, authority: str, cursor: str | None, limit: int) -> Page[CaseRow]:
        if authority == ELSEWHERE:
            raise ConnectionError
        return super().oldest_first(authority, cursor, limit)


def test_an_authority_whose_cases_cannot_be_listed_holds_up_no_other() -> None:
    council = Council(cases=Unlisted())
    cases = under_way(council)

    left = fails(council, says(snapshot(FRIDAY)))

    assert (left.done, left.left) == (3, 1)
    assert dates(council, cases)[:3] == [MOVED] * 3


def test_a_case_that_cannot_be_told_raises_the_alarm_and_is_told_later(council: Council) -> None:
    cases = under_way(council)
    kept = council.cases.by_id.pop(cases["second"])
    council.cases.by_id[cases["second"]] = replace(kept, protocols=("nowhere-2026-01-01",))

    left = fails(council, says(snapshot(FRIDAY)))
    assert (left.done, left.left) == (2, 1)

    council.cases.by_id[cases["second"]] = kept
    assert run(council, says(snapshot(FRIDAY)), LATER) == 1
    assert moves(council) == moved(cases)


def test_a_walk_that_had_to_stop_says_how_far_it_came(council: Council) -> None:
    cases = [council.open(f"TH-{number}") for number in range(MOST_LEFT + 6)]
    for case_id in cases:
        council.record(case_id, held(outcome="not_viable"))
    for case_id in sorted(cases)[5:]:
        kept = council.cases.by_id[case_id]
        council.cases.by_id[case_id] = replace(kept, protocols=("nowhere-2026-01-01",))

    left = fails(council, says(snapshot(FRIDAY)))

    assert (left.done, left.left) == (5, MOST_LEFT + 1)


class DeafContacts:
    """Contacts that cannot be read for one authority."""

    def __init__(self, contacts: Any, deaf: set[str]) -> None:
        self.contacts, self.deaf = contacts, deaf

    def channels(self, authority: str) -> Any:
        if authority in self.deaf:
            raise ConnectionError
        return self.contacts.channels(authority)


def test_an_administrator_who_could_not_be_told_is_told_by_the_next_run_and_no_other_twice(
    council: Council,
) -> None:
    deaf = {ELSEWHERE}
    ports = replace(council.ports, contacts=DeafContacts(council.contacts, deaf))  # type: ignore[arg-type]
    with pytest.raises(LeftUndone):
        run(council, refuses("down"), NOON, ports)
    assert [each.authority for each in own(council, CALENDAR_REFUSED)] == [TOWN]

    deaf.clear()
    with pytest.raises(LeftUndone):
        run(council, refuses("down"), LATER, ports)
    assert sorted(each.authority for each in own(council, CALENDAR_REFUSED)) == sorted(AUTHORITIES)

    deaf.add(ELSEWHERE)
    with pytest.raises(LeftUndone):
        run(council, says(snapshot()), LATER_STILL, ports)
    deaf.clear()
    run(council, says(snapshot()), moment("Thu 15 Oct 2026 13:30"), ports)
    assert sorted(each.authority for each in own(council, CALENDAR_AGAIN)) == sorted(AUTHORITIES)


# --- wherever a run dies --------------------------------------------------------------------


class Died(BaseException):
    """The function was stopped in the middle of a line."""


@dataclass
class Life:
    """So many calls of a room, and then the end."""

    calls: int
    spent: int = 0

    def spend(self) -> None:
        self.spent += 1
        if self.spent > self.calls:
            raise Died


class Mortal:
    """A room of somebody whose life is short."""

    def __init__(self, room: Any, life: Life) -> None:
        self.room, self.life = room, life

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            self.life.spend()
            return getattr(self.room, name)(*given, **named)

        return call


def mortal(ports: Ports, life: Life) -> Ports:
    rooms = {
        name: Mortal(getattr(ports, name), life)
        for name in ("cases", "outbox", "contacts", "access", "calendars")
    }
    return replace(ports, **rooms)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Story:
    """What GOV.UK says, run after run; the one that dies is the first of `dying`."""

    before: tuple[Learner, ...]
    dying: Learner
    after: tuple[Learner, ...]


STORIES = {
    "the first list has one": Story((), says(snapshot(FRIDAY)), (says(snapshot(FRIDAY)),)),
    "a day is called off": Story((says(snapshot(FRIDAY)),) * 2, says(snapshot()), (says(snapshot()),)),
    "it is down": Story((says(snapshot()),), refuses("down"), (refuses("down"),)),
    "it works again": Story(
        (says(snapshot()), refuses("down")), says(snapshot(FRIDAY)), (says(snapshot(FRIDAY)),)
    ),
}
MOMENTS = [moment(f"Thu 15 Oct 2026 {hour}:{minute}") for hour in (12, 13, 14) for minute in ("00", "30")]


@pytest.mark.parametrize("name", STORIES)
def test_wherever_a_run_dies_the_next_ones_come_to_the_same_and_nobody_hears_twice(name: str) -> None:
    whole, calls = outcome(STORIES[name], None)

    assert calls > 10
    for life in range(calls):
        assert outcome(STORIES[name], life)[0] == whole, f"died at call {life + 1} of {calls}"


def outcome(story: Story, calls: int | None) -> tuple[object, int]:
    """Play a story in which one run dies after so many calls; how everything then stands."""
    council, at = Council(), iter(MOMENTS)
    cases = under_way(council)
    for learn in story.before:
        played(council, learn, next(at))
    life = Life(1_000_000 if calls is None else calls)
    try:
        played(council, story.dying, next(at), mortal(council.ports, life))
    except Died:
        assert calls is not None
        played(council, story.dying, next(at))
    for learn in story.after * 2:
        played(council, learn, next(at))
    return standing(council, cases), life.spent


def played(council: Council, learn: Learner, at: datetime, ports: Ports | None = None) -> None:
    try:
        run(council, learn, at, ports)
    except LeftUndone:
        assert learn.__qualname__.startswith("refuses")


def standing(council: Council, cases: Mapping[str, str]) -> object:
    """How everything stands, apart from the moments of it."""
    calendars = council.ports.calendars
    feed = calendars.feed()
    return (
        dates(council, cases),
        {case_id: council.case(case_id).version for case_id in cases.values()},
        moves(council),
        sorted((each.authority, each.occasion, each.because) for each in own_of_all(council)),
        len(council.cases.outbox.messages),
        [
            (each.authority, each.edition, each.changed, each.left, each.done)
            for each in calendars.walks(AUTHORITIES)
        ],
        calendars.snapshot(),
        (feed.etag, feed.reason, feed.failing_since is None),
    )


def own_of_all(council: Council) -> Iterator[Message]:
    return (each for each in council.cases.outbox.messages.values() if not each.clause)
