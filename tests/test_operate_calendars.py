"""The operator's commands about calendars: by which days an authority counts, and asking GOV.UK by hand."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import boto3
import pytest

from chalicelib.core.saying import said_day
from chalicelib.meaning import Vocabulary
from chalicelib.ports import Authority
from chalicelib.store import contacts
from chalicelib.store.calendars import DynamoCalendars
from chalicelib.walks import put_in_force
from infra import papers
from infra.operating import Desk
from tests.builders import day
from tests.desk import NOW, PROTOCOL, SHELF, Operator, at_the_desk
from tests.feed_server import FeedServer, answers, serving
from tests.listing import proclaimed, today
from tests.riverbank import Council
from tests.snapshots import snapshot as proclaiming

ADD = f"authority add riverbank --name Riverbank --protocol {PROTOCOL}"
EVE = "--closed 2026-12-24=Offices"
EVE_SHOWN = "closed Thu 2026-12-24\tOffices"
ALL_TOLD = "Every case that this concerns has been told."


@pytest.fixture
def operator(capsys: pytest.CaptureFixture[str]) -> Iterator[Operator]:
    with at_the_desk(capsys) as somebody:
        yield somebody


@pytest.fixture
def gov_uk(operator) -> Iterator[FeedServer]:
    """GOV.UK as the operator's stage was told where to find it."""
    with serving(answers(today())) as server:
        operator.outputs["BankHolidaysUrl"] = server.address
        yield server


def in_force():
    return DynamoCalendars().in_force("riverbank")


def latest_walk():
    (walk,) = DynamoCalendars().walks(["riverbank"])
    return walk


# --- an authority's own days ----------------------------------------------------------------


def test_an_authority_counts_by_its_closure_days_from_the_first(operator):
    said = operator.does(f"{ADD} {EVE}")

    assert said[-1] == f"It counts by calendar {in_force().hash}, since Friday 22 May 2026 at 10:00."
    assert in_force().calendar.closed[day("Thu 24 Dec 2026")] == "Offices"
    assert (latest_walk().edition, latest_walk().done) == (in_force().hash, True)


def test_an_authority_that_is_added_again_unchanged_keeps_its_calendar(operator):
    operator.does(f"{ADD} {EVE}")
    operator.now += timedelta(days=1)

    again = operator.does(f"{ADD} {EVE}")

    assert again[-1].endswith("since Friday 22 May 2026 at 10:00.")


def test_an_authority_that_is_changed_stays_closed_on_its_days_unless_others_are_given(operator):
    operator.does(f"{ADD} {EVE} --closed 2026-12-29=Offices")
    before = in_force()
    operator.now += timedelta(days=1)

    said = operator.does(ADD.replace("--name Riverbank", "--name River"))
    assert said[:2] == [
        f"River (riverbank) works by {PROTOCOL}.",
        "It stays closed on 2026-12-24, 2026-12-29: --no-closed-days opens all of them.",
    ]
    assert in_force() == before
    assert EVE_SHOWN in operator.does("calendar show riverbank")

    assert not any("stays" in line for line in operator.does(f"{ADD} {EVE}"))
    assert latest_walk().changed == (day("Tue 29 Dec 2026"),)

    assert not any("stays" in line for line in operator.does(f"{ADD} --no-closed-days"))
    assert latest_walk().changed == (day("Thu 24 Dec 2026"), day("Tue 29 Dec 2026"))


def test_it_is_either_closed_on_some_days_or_on_none(operator):
    with pytest.raises(SystemExit):
        operator.does(f"{ADD} {EVE} --no-closed-days")


@pytest.mark.parametrize(
    "why",
    [
        "Offices\nclosed",
        "Offices\x1bclosed",
        "Offices\x00closed",
        "Offices\N{RIGHT-TO-LEFT OVERRIDE}closed",
        "Offices\ud800closed",
        "x" * 121,
    ],
)
def test_a_closure_day_goes_by_no_name_that_cannot_be_read(operator, why):
    sentence = operator.is_refused(ADD, "--closed", f"2026-12-24={why}")

    assert "will not do for 2026-12-24: expected one line of at most 120 characters" in sentence
    assert sentence.rstrip("\n").isprintable()
    assert "no authority" in operator.is_refused("authority show riverbank")


def test_a_closure_day_may_go_by_a_name_as_long_as_a_bank_holidays(operator):
    operator.does(ADD, "--closed", f"2026-12-24={'x' * 120}")

    assert in_force().calendar.closed[day("Thu 24 Dec 2026")] == "x" * 120


def test_a_closure_day_that_is_added_or_dropped_is_in_force_at_once_and_its_cases_are_to_be_told(operator):
    operator.does(ADD)
    before = in_force()
    operator.now += timedelta(days=1)

    assert "since Saturday 23 May 2026" in operator.does(f"{ADD} {EVE}")[-1]
    assert (latest_walk().changed, latest_walk().done) == ((day("Thu 24 Dec 2026"),), False)
    assert operator.does("calendar show riverbank")[-1] == "Cases are being told of Thu 2026-12-24."

    operator.does(f"{ADD} --no-closed-days")
    assert in_force().hash == before.hash
    assert latest_walk().changed == (day("Thu 24 Dec 2026"),)


def test_what_an_operator_puts_in_force_is_not_undone_by_a_process_that_remembers_what_was(operator):
    operator.does(ADD)
    schedule = ports()
    put_in_force("riverbank", operator.now, schedule)
    schedule.calendars.keep(proclaiming("Thu 28 May 2026"))
    put_in_force("riverbank", operator.now, schedule)

    operator.does(f"{ADD} {EVE}")
    DynamoCalendars().keep(proclaiming("Fri 29 May 2026"))
    edition = put_in_force("riverbank", operator.now, ports())
    again = put_in_force("riverbank", operator.now, schedule)

    assert (again.hash, in_force().hash) == (edition.hash, edition.hash)
    assert {"Thu 24 Dec", "Fri 29 May"} <= {f"{on:%a} {on.day} {on:%b}" for on in again.calendar.closed}


def test_a_closure_day_is_told_where_no_calendar_was_ever_put_in_force(operator):
    contacts.save_authority(Authority(id="riverbank", name="Riverbank", protocols=(PROTOCOL,)))
    assert "with which this release ships" in operator.does("calendar show riverbank")[0]

    operator.does(f"{ADD} {EVE}")

    assert latest_walk().changed == (day("Thu 24 Dec 2026"),)


# --- what is shown --------------------------------------------------------------------------


def test_a_calendar_is_shown_with_every_closed_day_of_the_year_and_why(operator):
    operator.does(f"{ADD} {EVE}")

    first, horizon, asked, *days, told = operator.does("calendar show riverbank")

    assert first.startswith(f"Riverbank (riverbank) counts by calendar {in_force().hash}, since")
    published_to = said_day(in_force().calendar.horizon)
    assert horizon == f"Bank holidays are published up to {published_to}; every later date is provisional."
    assert (asked, told) == ("GOV.UK was not asked yet.", ALL_TOLD)
    assert len(days) == 9
    assert days[0] == "closed Thu 2026-01-01\tNew Year's Day"
    assert days[-3:] == [
        EVE_SHOWN,
        "closed Fri 2026-12-25\tChristmas Day",
        "closed Mon 2026-12-28\tBoxing Day (substitute day)",
    ]


def test_days_that_are_not_published_yet_are_shown_as_provisional(operator):
    operator.does(ADD)
    horizon = in_force().calendar.horizon.year

    def shown(year):
        return [line for line in operator.does(f"calendar show riverbank --year {year}") if "closed" in line]

    assert not any(line.endswith("provisional") for line in shown(horizon))
    assert all(line.endswith("\tprovisional") for line in shown(horizon + 1))
    assert shown(1999) == ["No weekday of 1999 is known to be closed."]


def test_cases_that_could_not_be_told_are_named(operator):
    operator.does(ADD)
    operator.does(f"{ADD} {EVE}")
    DynamoCalendars().save_walk(replace(latest_walk(), left=("c-1", "c-2")))

    told = operator.does("calendar show riverbank")[-1]

    assert told == "Cases are being told of Thu 2026-12-24. Not yet possible: c-1, c-2."


# --- asking now -----------------------------------------------------------------------------


def test_a_proclaimed_day_is_taken_over_and_told_by_hand(operator, gov_uk):
    operator.does(ADD)
    case_id = with_a_record_due()
    assert due(case_id) == day("Wed 27 May 2026")
    gov_uk.plays = [answers(today(proclaimed("Wed 27 May 2026")))]

    asked, told = operator.does("calendar check")

    assert asked == "GOV.UK was last asked on Friday 22 May 2026 at 10:00."
    assert told == "Cases told of another calendar: 1."
    assert due(case_id) == day("Thu 28 May 2026")
    assert "closed Wed 2026-05-27\tDay of thanks" in operator.does("calendar show riverbank")


def test_asking_again_tells_nobody_anything_new(operator, gov_uk):
    operator.does(ADD)
    operator.does("calendar check")
    before = in_force()

    assert operator.does("calendar check")[-1] == "Cases told of another calendar: 0."
    assert in_force() == before
    assert len(gov_uk.asked) == 2


def test_a_list_that_cannot_be_had_is_said_in_a_sentence_and_shown_until_it_can(operator, gov_uk):
    operator.does(ADD)
    gov_uk.plays = [answers(b"", status=404)]
    why = "its list was not taken over, because GOV.UK answered that something is wrong."

    assert why in operator.is_refused("calendar check")
    operator.now += timedelta(hours=1)
    assert "Since Friday 22 May 2026 at 10:00 " + why in operator.is_refused("calendar check")
    assert why in operator.does("calendar show riverbank")[2]

    gov_uk.plays = [answers(today())]
    operator.does("calendar check")
    assert "Since" not in operator.does("calendar show riverbank")[2]


def test_a_stage_that_does_not_say_where_to_ask_is_named(operator):
    assert "Stage 'test' does not say" in operator.is_refused("calendar check")


def test_an_authority_that_is_not_there_has_no_calendar(operator):
    assert "no authority 'hackney'" in operator.is_refused("calendar show hackney")


# --- a case ---------------------------------------------------------------------------------


def ports():
    return Desk(stage="test", clients=boto3.client, now=NOW, say=print, shelf=SHELF).ports()


def with_a_record_due():
    """Open a case on Wednesday; on Thursday its meeting finds that the placement cannot go on."""
    words = Vocabulary.of([SHELF.load(PROTOCOL)])
    council = Council(ports(), None, (PROTOCOL,), words, count(1))
    case_id = council.refer(day("Wed 20 May 2026"))
    council.told(
        case_id,
        "meeting_held",
        day("Thu 21 May 2026"),
        **papers.held("placement_support", "m-1", "not_viable"),
    )
    return case_id


def due(case_id):
    duties = ports().cases.load(case_id).standing.duties
    (found,) = {duty.due_on for duty in duties if duty.clause == "TH-35"}
    return found
