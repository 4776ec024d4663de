"""A day is proclaimed: three open deadlines move, two do not, and five people hear of it once."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from chalicelib.authority_record import record_id
from chalicelib.clock import today
from chalicelib.core.saying import said_day
from infra.riverbank import ID, address
from tests import listing
from tests.deployed.deployed import Service
from tests.deployed.five_deadlines import CHILDS, Caseload, Deadline
from tests.feed_server import FeedServer, Handler, Play, answers

TITLE = "Day of Thanks for Rivers"
CALENDAR = "calendar"

Letters = list[dict[str, Any]]


@pytest.fixture
def caseload(service: Service, gov_uk: FeedServer) -> Iterator[Caseload]:
    """Somebody who opens cases today; after the test, days are counted by the list of today again."""
    yield Caseload(service=service, today=today())
    says(gov_uk)
    service.run_on_schedule(CALENDAR)


def says(gov_uk: FeedServer, *proclaimed: date) -> str:
    """Have GOV.UK list these days beside those of today, and return the tag of its list.

    In England and Wales: in Scotland or Northern Ireland it may be a bank holiday already.
    """
    edits = [listing.proclaimed(f"{on:%a %d %b %Y}", TITLE, listing.ENGLAND_AND_WALES) for on in proclaimed]
    body = listing.today(*edits)
    tag = f'"{sha256(body).hexdigest()}"'
    gov_uk.plays = [answers(body, ETag=tag)]
    return tag


def and_then(play: Play, happens: Callable[[], None]) -> Play:
    """Something happens once an answer was given."""

    def both(handler: Handler) -> None:
        play(handler)
        happens()

    return both


def test_a_proclaimed_day_moves_three_open_deadlines_and_not_two_and_five_people_hear_of_it_once(
    service: Service, gov_uk: FeedServer, caseload: Caseload
) -> None:
    five = [*caseload.five()]
    moving = [each for each in five if each.moves]
    assert (len(five), len(moving), len({each for one in moving for each in one.people})) == (5, 3, 5)

    says(gov_uk)
    service.run_on_schedule(CALENDAR)
    assert open_dates(service, five) == as_counted(five)
    assert letters(service, five) == []

    tag = says(gov_uk, caseload.proclaimed)
    # The first run dies with the list in its hands; the next does what is left, whatever that is.
    gov_uk.plays.insert(0, and_then(gov_uk.plays[0], lambda: service.kill(CALENDAR)))
    service.run_on_schedule(CALENDAR, fails=True)
    service.run_on_schedule(CALENDAR)
    assert open_dates(service, five) == as_moved(five)
    because = f"{said_day(caseload.proclaimed)} is not counted any more: {TITLE}."
    told_once(letters(service, five), moving, because)
    for each in moving:
        journalled(service, each, because)
        explained(service, each, caseload.proclaimed, because)

    # Asked again, GOV.UK says that nothing changed; and whatever is recorded moves nothing any more, though
    # the process that takes it still remembers the calendar before.
    service.run_on_schedule(CALENDAR)
    assert gov_uk.asked[-1]["If-None-Match"] == tag
    for each in moving:
        caseload.goes_on(each)
    assert open_dates(service, five) == as_moved(five)
    assert len(letters(service, five)) == 5
    counted = working_days(service, caseload.today, 3)
    assert counted["due_on"] == moving[0].then_due_on.isoformat()
    assert not_counted(counted)[caseload.proclaimed.isoformat()] == TITLE

    heard = len(letters(service, five))
    says(gov_uk)
    for _ in range(2):
        service.run_on_schedule(CALENDAR)
    for each in moving:
        caseload.goes_on(each)
    assert open_dates(service, five) == as_counted(five)
    back = f"{said_day(caseload.proclaimed)} is counted again, which was: {TITLE}."
    told_once(letters(service, five)[heard:], [each.called_off() for each in moving], back)
    assert working_days(service, caseload.today, 3)["due_on"] == moving[0].due_on.isoformat()


def test_a_list_that_cannot_be_had_changes_nothing_and_the_administrator_hears_of_it_once(
    service: Service, gov_uk: FeedServer, caseload: Caseload
) -> None:
    deadline = caseload.at_risk("RB-7012")
    says(gov_uk, caseload.proclaimed)
    service.run_on_schedule(CALENDAR)
    told = letters(service, [deadline])
    assert len(told) == len(deadline.people)
    before = len(own_letters(service))

    gov_uk.plays = [answers(b"Something went wrong.", status=500)]
    service.run_on_schedule(CALENDAR, fails=True)
    gov_uk.plays = [answers(b"<!DOCTYPE html><title>Sorry</title>")]
    service.run_on_schedule(CALENDAR, fails=True)

    assert open_dates(service, [deadline]) == as_moved([deadline])
    (refused,) = own_letters(service)[before:]
    assert "because GOV.UK answered that something is wrong" in refused["BodyText"]
    shown = service.operate(CALENDAR, "show", ID, "--year", str(caseload.proclaimed.year))
    assert f"closed {caseload.proclaimed:%a %Y-%m-%d}\t{TITLE}" in shown
    assert "its list was not taken over, because what came is no such list" in shown

    says(gov_uk, caseload.proclaimed)
    for _ in range(2):
        service.run_on_schedule(CALENDAR)
    assert [each["Subject"] for each in own_letters(service)[before:]] == [
        "GOV.UK's bank holidays cannot be read, and every deadline stays",
        "GOV.UK's bank holidays can be read again",
    ]
    assert open_dates(service, [deadline]) == as_moved([deadline])
    assert letters(service, [deadline]) == told

    says(gov_uk)
    service.run_on_schedule(CALENDAR)
    # From then on the process that takes facts knows of it too, whoever has a test of theirs next.
    caseload.goes_on(deadline)


# --- looking --------------------------------------------------------------------------------


Dates = dict[tuple[str, str], str]


def open_dates(service: Service, deadlines: Sequence[Deadline]) -> Dates:
    """Return every date on which anything is due in these cases, and is not done."""
    return {
        (each.case_id, duty["explanation"]["clause"]): duty["due_on"]
        for each in deadlines
        for duty in service.get(f"/v1/cases/{each.case_id}/obligations").body["items"]
        if duty["state"] == "open" and duty["due_on"]
    }


def as_counted(deadlines: Sequence[Deadline]) -> Dates:
    return {(each.case_id, each.clause): each.due_on.isoformat() for each in deadlines}


def as_moved(deadlines: Sequence[Deadline]) -> Dates:
    return {(each.case_id, each.clause): each.then_due_on.isoformat() for each in deadlines}


def letters(service: Service, deadlines: Sequence[Deadline]) -> Letters:
    """Return every letter about these cases that names the day, once all have been sent."""
    for each in deadlines:
        service.sent(each.case_id)
    cases = [each.case_id for each in deadlines]
    about = [each for each in service.mail() if any(case_id in each["Subject"] for case_id in cases)]
    return [each for each in about if TITLE in each["BodyText"]]


def own_letters(service: Service) -> Letters:
    """Return what the council's administrator was told of the service itself."""
    service.sent(record_id(ID))
    mailbox = address("administrator")
    return [each for each in service.mail() if each["To"] == [mailbox] and "GOV.UK" in each["Subject"]]


def working_days(service: Service, start: date, count: int) -> Any:
    """Return so many working days from a day, by the council's calendar."""
    answer = service.get(f"/v1/working-days?from={start}&count={count}&authority={ID}")
    assert answer.status == 200, answer.body
    return answer.body


def not_counted(told: Any) -> dict[str, str]:
    return {each["on"]: each["why"] for each in told["days"] if not each["counted"]}


# --- what each is to show -------------------------------------------------------------------


def told_once(found: Letters, moving: Sequence[Deadline], because: str) -> None:
    """See that everybody who hears of these deadlines has one letter: both dates, the day, no child."""
    assert len(found) == 5
    for each in moving:
        about = [letter for letter in found if each.case_id in letter["Subject"]]
        assert sorted(letter["To"] for letter in about) == sorted([each] for each in each.addresses)
        for letter in about:
            assert letter["Subject"].endswith(f"has moved to {said_day(each.then_due_on)}")
            assert f"It was due before on: {said_day(each.due_on)}." in letter["BodyText"]
            assert f"Due: {said_day(each.then_due_on)}." in letter["BodyText"]
            assert because in letter["BodyText"]
    assert not [word for word in CHILDS if word in json.dumps(found)]


def journalled(service: Service, deadline: Deadline, because: str) -> None:
    """See that the journal has the change of the calendar once: both dates, and why."""
    entries = service.get(f"/v1/cases/{deadline.case_id}/journal?limit=100").body["items"]
    (entry,) = [each for each in entries if each["fact"]["kind"] == "calendar_changed"]
    (change,) = entry["changes"]
    was, now = deadline.due_on.isoformat(), deadline.then_due_on.isoformat()
    assert (change["what"], change["clause"], change["was"], change["now"], change["because"]) == (
        *("moved", deadline.clause),
        *(was, now, because),
    )
    assert len(entry["notices"]) == len(deadline.people)


def explained(service: Service, deadline: Deadline, proclaimed: date, because: str) -> None:
    """See that the date is explained by the day that is not counted, and how it was before."""
    duties = service.get(f"/v1/cases/{deadline.case_id}/obligations").body["items"]
    (duty,) = [each["explanation"] for each in duties if each["explanation"]["clause"] == deadline.clause]
    assert not_counted(duty)[proclaimed.isoformat()] == TITLE
    (moved,) = duty["moved"]
    assert (moved["was"], moved["now"], moved["because"]) == (
        deadline.due_on.isoformat(),
        deadline.then_due_on.isoformat(),
        because,
    )
