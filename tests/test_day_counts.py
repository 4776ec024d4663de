"""Questions about days: which day, how many, what every day on the way counts for, and by which moment."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.calendars import NO_CLOSURES, shipped_calendar
from chalicelib.core.errors import InvalidInput
from chalicelib.core.patterns import Unit
from chalicelib.core.working_days import Nation
from chalicelib.day_counts.answer import Answer
from chalicelib.day_counts.counted_by import CountedBy
from chalicelib.day_counts.question import Question, read_question
from chalicelib.day_counts.telling import told
from tests.builders import day, moment

KNOWN = (day("Sun 1 Jan 2012"), day("Tue 31 Dec 2030"))
CLOSURES = {
    day("Tue 29 Dec 2026"): "Council closed",
    day("Wed 30 Dec 2026"): "Council closed",
    day("Thu 31 Dec 2026"): "Council closed",
}


def answered(question: Question, closures: Mapping[date, str] = NO_CLOSURES) -> Answer:
    calendar = shipped_calendar(question.nation or Nation.ENGLAND, closures)
    return Answer(question=question, by=CountedBy(calendar=calendar, known=KNOWN, source="a test"))


def asked(start: str, **given: object) -> Answer:
    """The answer to a question as a caller puts it, its days written as people say them."""
    spoken = {name: day(str(given.pop(name))).isoformat() for name in ("until",) if name in given}
    parameters = {"from": day(start).isoformat(), "nation": "ENG", **spoken, **given}
    return answered(read_question({name: [str(value)] for name, value in parameters.items()}))


# --- which day ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day_zero", "from_", "due"),
    [
        ("event", "Sat 23 May 2026", "Thu 28 May 2026"),
        ("first_working_day", "Tue 26 May 2026", "Fri 29 May 2026"),
    ],
)
def test_three_days_from_a_saturday_end_by_the_convention_that_is_named(
    day_zero: str, from_: str, due: str
) -> None:
    found = asked("Sat 23 May 2026", count=3, day_zero=day_zero)

    assert (found.counted_from, found.end) == (day(from_), day(due))


@pytest.mark.parametrize(
    ("nation", "start", "count", "due"),
    [
        ("ENG", "Thu 2 Apr 2026", 5, "Mon 13 Apr 2026"),
        ("WLS", "Thu 2 Apr 2026", 5, "Mon 13 Apr 2026"),
        ("SCT", "Thu 2 Apr 2026", 5, "Fri 10 Apr 2026"),
        ("NIR", "Thu 2 Apr 2026", 5, "Mon 13 Apr 2026"),
        # 12 July is a Sunday in 2026, and Northern Ireland's Monday stands for it.
        ("NIR", "Fri 10 Jul 2026", 1, "Tue 14 Jul 2026"),
        ("ENG", "Fri 10 Jul 2026", 1, "Mon 13 Jul 2026"),
        ("NIR", "Fri 9 Jul 2027", 1, "Tue 13 Jul 2027"),
        ("SCT", "Fri 1 Jan 2027", 1, "Tue 5 Jan 2027"),
        ("SCT", "Fri 27 Nov 2026", 1, "Tue 1 Dec 2026"),
    ],
)
def test_every_nation_has_its_own_days(nation: str, start: str, count: int, due: str) -> None:
    assert asked(start, count=count, nation=nation).end == day(due)


@pytest.mark.parametrize(
    ("count", "reached"), [(-5, "Tue 7 Apr 2026"), (-6, "Thu 2 Apr 2026"), (-1, "Mon 13 Apr 2026")]
)
def test_days_are_counted_back_over_easter(count: int, reached: str) -> None:
    assert asked("Tue 14 Apr 2026", count=count).end == day(reached)


@pytest.mark.parametrize(
    ("start", "count", "unit", "due"),
    [
        ("Fri 22 May 2026", 3, "days", "Mon 25 May 2026"),
        ("Fri 22 May 2026", -3, "days", "Tue 19 May 2026"),
        ("Fri 22 May 2026", 2, "weeks", "Fri 5 Jun 2026"),
        ("Fri 22 May 2026", -2, "weeks", "Fri 8 May 2026"),
        ("Sat 31 Jan 2026", 1, "months", "Sat 28 Feb 2026"),
        ("Mon 31 Jan 2028", 1, "months", "Tue 29 Feb 2028"),
        ("Tue 31 Mar 2026", -1, "months", "Sat 28 Feb 2026"),
        ("Thu 15 Oct 2026", 12, "months", "Fri 15 Oct 2027"),
    ],
)
def test_calendar_units_count_every_day(start: str, count: int, unit: str, due: str) -> None:
    found = asked(start, count=count, unit=unit)

    assert found.end == day(due)
    assert all(each.counted for each in found.days)
    assert [each.on for each in found.days][-1] == day(due)


def test_a_month_without_such_a_day_says_that_its_last_is_taken() -> None:
    said = told(asked("Sat 31 Jan 2026", count=1, unit="months"))["sentences"]

    assert "February 2026 has no day 31, so its last day is taken." in said  # type: ignore[operator]


# --- how many -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "until", "day_zero", "count"),
    [
        ("Sat 23 May 2026", "Thu 28 May 2026", "event", 3),
        ("Sat 23 May 2026", "Thu 28 May 2026", "first_working_day", 2),
        ("Sat 23 May 2026", "Fri 29 May 2026", "first_working_day", 3),
        ("Sat 23 May 2026", "Sun 31 May 2026", "event", 4),
        ("Sat 23 May 2026", "Sat 23 May 2026", "event", 0),
        ("Sat 23 May 2026", "Sat 23 May 2026", "first_working_day", 0),
        ("Sat 23 May 2026", "Mon 25 May 2026", "first_working_day", 0),
        ("Sat 23 May 2026", "Tue 26 May 2026", "first_working_day", 0),
        ("Thu 28 May 2026", "Fri 22 May 2026", "event", -3),
    ],
)
def test_the_days_until_another_are_counted(start: str, until: str, day_zero: str, count: int) -> None:
    found = asked(start, until=until, day_zero=day_zero)

    assert found.count == count
    assert all(found.question.start < each.on <= found.end for each in found.days) or count < 0


def test_calendar_days_until_another_are_counted() -> None:
    assert asked("Fri 22 May 2026", until="Mon 25 May 2026", unit="days").count == 3
    assert asked("Fri 22 May 2026", until="Tue 19 May 2026", unit="days").count == -3


DAYS = some.dates(date(2013, 1, 1), date(2029, 12, 31))
COUNTS = some.integers(-150, 150).filter(bool)


@given(start=DAYS, count=COUNTS, nation=some.sampled_from(Nation), zero=some.booleans())
def test_as_many_as_were_added_are_found_again(start: date, count: int, nation: Nation, zero: bool) -> None:
    day_zero = "first_working_day" if zero and count > 0 else "event"
    led = answered(Question(start=start, count=count, nation=nation, day_zero=day_zero))
    back = answered(Question(start=start, until=led.end, nation=nation, day_zero=day_zero))

    assert back.count == count
    assert back.days == led.days


@given(start=DAYS, count=some.integers(-12, 12).filter(bool), unit=some.sampled_from(Unit))
def test_every_day_on_the_way_is_told_once_and_in_order(start: date, count: int, unit: Unit) -> None:
    found = answered(Question(start=start, count=count, nation=Nation.SCOTLAND, unit=unit))
    step = timedelta(days=1 if count > 0 else -1)

    days = [each.on for each in found.days]
    assert days == [start + step * ahead for ahead in range(1, len(days) + 1)]
    assert days[-1] == found.end
    if unit is Unit.WORKING_DAYS:
        assert sum(each.counted for each in found.days) == abs(count)


# --- what is said ---------------------------------------------------------------------------


def test_the_whole_answer_by_value() -> None:
    found = told(asked("Sat 23 May 2026", count=3, day_zero="first_working_day", cut_off="17:00"))
    calendar, moved = found["calendar"], "the first working day from Saturday 23 May 2026"

    assert isinstance(calendar, dict)
    assert {**found, "calendar": None} == {
        "from": "2026-05-23",
        "count": 3,
        "unit": "working_days",
        "day_zero": "first_working_day",
        "counted_from": {"on": "2026-05-26", "why": "first_working_day"},
        "due_on": "2026-05-29",
        "due_at": "2026-05-29T16:00:00+00:00",
        "provisional": False,
        "calendar": None,
        "days": [
            {"on": "2026-05-24", "counted": False, "why": "Sunday", "sort": "weekend"},
            {"on": "2026-05-25", "counted": False, "why": "Spring bank holiday", "sort": "closed"},
            {"on": "2026-05-26", "counted": False, "why": "day zero", "sort": "day_zero"},
            {"on": "2026-05-27", "counted": True, "why": "working day 1", "sort": "counted"},
            {"on": "2026-05-28", "counted": True, "why": "working day 2", "sort": "counted"},
            {"on": "2026-05-29", "counted": True, "why": "working day 3", "sort": "counted"},
        ],
        "sentences": [
            "Due by 17:00 on Friday 29 May 2026.",
            f"3 working days after Tuesday 26 May 2026, {moved}, which is not counted.",
            "Not counted: weekends; Mon 25 May 2026, Spring bank holiday.",
        ],
    }
    assert calendar["known_until"] == "2030-12-31"
    assert calendar["published_until"] == "2028-12-31"


def test_closure_days_are_told_as_one_stretch() -> None:
    question = Question(start=day("Thu 24 Dec 2026"), count=2, nation=Nation.ENGLAND)
    found = answered(question, CLOSURES)

    assert found.end == day("Tue 5 Jan 2027")
    said = str(told(found)["sentences"])
    assert "Boxing Day (substitute day); Tue 29 Dec 2026 to Thu 31 Dec 2026, Council closed; Fri 1" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"count": -3},
            [
                "Due by the end of Friday 22 May 2026.",
                "3 working days before Thursday 28 May 2026, which is not counted.",
            ],
        ),
        (
            {"count": 1},
            ["Due by the end of Friday 29 May 2026.", "1 working day after Thursday 28 May 2026,"],
        ),
        (
            {"until": "Fri 22 May 2026"},
            [
                "3 working days to Friday 22 May 2026.",
                "3 working days before Thursday 28 May 2026, which is not counted, down to and including",
            ],
        ),
        (
            {"until": "Thu 28 May 2026"},
            [
                "No working days to Thursday 28 May 2026.",
                "That is the day counted from, which is not counted: Thursday 28 May 2026.",
            ],
        ),
    ],
)
def test_a_question_reads_back_as_it_was_meant(given: dict[str, object], said: list[str]) -> None:
    sentences = told(asked("Thu 28 May 2026", **given))["sentences"]

    assert isinstance(sentences, list)
    for sentence, begins in zip(sentences, said, strict=False):
        assert sentence.startswith(begins)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("Sun 24 May 2026", "Days are counted from {zero}, and that is after Sunday 24 May 2026."),
        ("Tue 26 May 2026", "That is the day counted from, which is not counted: {zero}."),
        (
            "Wed 27 May 2026",
            "1 working day after {zero}, which is not counted, up to and including Wednesday 27 May 2026.",
        ),
    ],
)
def test_until_a_day_that_is_not_past_day_zero_nothing_is_said_to_come_after_it(
    until: str, said: str
) -> None:
    found = told(asked("Sat 23 May 2026", until=until, day_zero="first_working_day"))

    zero = "Tuesday 26 May 2026, the first working day from Saturday 23 May 2026"
    assert said.format(zero=zero) in found["sentences"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("unit", "provisional"), [("working_days", True), ("days", False), ("weeks", False), ("months", False)]
)
def test_only_working_days_hang_on_bank_holidays_that_are_not_published(unit: str, provisional: bool) -> None:
    found = told(asked("Wed 27 Dec 2028", count=6, unit=unit))

    assert found["provisional"] is provisional
    assert ("provisional" in str(found["sentences"])) is provisional


@pytest.mark.parametrize(
    ("start", "count", "provisional"),
    [
        ("Wed 20 Dec 2028", 5, False),
        ("Wed 20 Dec 2028", 6, True),
        # Counted back from a year whose bank holidays are only foreseen.
        ("Fri 5 Jan 2029", -6, True),
    ],
)
def test_what_depends_on_days_not_yet_published_is_provisional(
    start: str, count: int, provisional: bool
) -> None:
    found = asked(start, count=count)

    assert found.provisional is provisional
    assert ("published until Sunday 31 December 2028" in str(told(found)["sentences"])) is provisional


# --- by which moment ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "cut_off", "due_at"),
    [
        ("Wed 27 May 2026", "end_of_day", "Fri 29 May 2026 00:00"),
        ("Wed 27 May 2026", "17:00", "Thu 28 May 2026 17:00"),
        ("Thu 26 Nov 2026", "17:00", "Fri 27 Nov 2026 17:00"),
        # The days on which the clocks change are 23 and 25 hours long.
        ("Sat 28 Mar 2026", "end_of_day", "Mon 30 Mar 2026 00:00"),
        ("Sat 24 Oct 2026", "end_of_day", "Mon 26 Oct 2026 00:00"),
        # Half past one comes twice on 25 October, and the first counts; on 29 March it never comes.
        ("Sat 24 Oct 2026", "01:30", "Sun 25 Oct 2026 01:30"),
        ("Sat 28 Mar 2026", "01:30", "Sun 29 Mar 2026 02:00"),
    ],
)
def test_what_is_due_is_due_until_a_moment_in_london(start: str, cut_off: str, due_at: str) -> None:
    assert asked(start, count=1, unit="days", cut_off=cut_off).due_at == moment(due_at)


@pytest.mark.parametrize(
    ("sent", "on"),
    [
        ("2026-06-30T22:59:59Z", "Tue 30 Jun 2026"),
        ("2026-06-30T23:00:00Z", "Wed 1 Jul 2026"),
        ("2026-03-29T00:59:59Z", "Sun 29 Mar 2026"),
        ("2026-03-29T23:30:00.5Z", "Mon 30 Mar 2026"),
        ("2026-10-24T23:30Z", "Sun 25 Oct 2026"),
        ("2026-10-25T23:30Z", "Sun 25 Oct 2026"),
        # The hour that happens twice, told apart by its offset.
        ("2026-10-25T01:30:00+01:00", "Sun 25 Oct 2026"),
        ("2026-10-25T01:30:00+00:00", "Sun 25 Oct 2026"),
        ("2026-10-26T09:00:00+10:00", "Sun 25 Oct 2026"),
    ],
)
def test_a_moment_is_taken_for_the_day_that_it_is_in_london(sent: str, on: str) -> None:
    question = read_question({"from": [sent], "count": ["1"], "nation": ["ENG"]})

    assert question.start == day(on)


# --- what is refused ------------------------------------------------------------------------


def refused(**given: str | list[str] | None) -> list[str]:
    """The fields that are named, of a question that is right but for these."""
    usual: dict[str, str | list[str] | None] = {"from": "2026-05-23", "count": "3", "nation": "ENG"}
    sent = {**usual, **{name.removesuffix("_"): value for name, value in given.items()}}
    parameters = {
        name: value if isinstance(value, list) else [value]
        for name, value in sent.items()
        if value is not None
    }
    with pytest.raises(InvalidInput) as error:
        read_question(parameters)
    return [each.field for each in error.value.problems]


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "tomorrow",
        "20260523",
        "2026-5-23",
        "2026-W21-6",
        "2026-02-29",
        "23 May 2026",
        "٢٠٢٦-٠٥-٢٣",
        "2026-05-23T23:30:00",
        "2026-05-23T23:30:00 01:00",
        "2026-05-23 23:30:00Z",
        "2026-05-23T24:30:00Z",
        "2026-05-23T23:59:60Z",
        "2026-05-23T23:30:00+24:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_day_is_a_date_or_a_moment_that_says_its_offset(sent: str) -> None:
    assert refused(from_=sent) == ["from"]


@pytest.mark.parametrize(
    "sent", ["", "0", "-0", "367", "-367", "1000", "3.0", "+3", "1e2", " 3", "three", "٣"]
)
def test_a_count_is_a_whole_number_and_not_nothing(sent: str) -> None:
    assert refused(count=sent) == ["count"]


@pytest.mark.parametrize("nation", ["", "GB", "UK", "eng", "England", "ENG,SCT"])
def test_the_nation_is_always_one_of_four(nation: str) -> None:
    assert refused(nation=nation) == ["nation"]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"from_": None}, ["from"]),
        ({"count": None}, ["count", "until"]),
        ({"until": "2026-05-28"}, ["count", "until"]),
        ({"nation": None}, ["nation", "authority"]),
        ({"authority": "riverbank"}, ["nation", "authority"]),
        ({"count": None, "until": "2026-05-28T10:00:00Z"}, ["until"]),
        ({"unit": "years"}, ["unit"]),
        ({"day_zero": "monday"}, ["day_zero"]),
        ({"cut_off": "5pm"}, ["cut_off"]),
        ({"cut_off": "24:00"}, ["cut_off"]),
        ({"cut_off": "17:00:00"}, ["cut_off"]),
        ({"name": "anything"}, ["query"]),
        ({"From": "2026-05-23"}, ["query"]),
        ({"count": ["3", "3"]}, ["count"]),
        ({"nation": ["ENG", "SCT"]}, ["nation"]),
        # What would have no effect is refused: somebody might believe that it had one.
        ({"count": None, "until": "2026-06-28", "unit": "weeks"}, ["unit"]),
        ({"count": None, "until": "2026-05-28", "cut_off": "17:00"}, ["cut_off"]),
        ({"day_zero": "first_working_day", "unit": "days"}, ["day_zero"]),
        ({"day_zero": "first_working_day", "count": "-3"}, ["day_zero"]),
        ({"day_zero": "first_working_day", "count": None, "until": "2026-05-22"}, ["day_zero"]),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, str | list[str] | None], fields: list[str]) -> None:
    assert refused(**given) == fields


def test_every_mistake_comes_at_once() -> None:
    wrong = {"until": "x", "unit": "x", "day_zero": "x", "cut_off": "x", "child": "x"}

    fields = refused(from_="x", count="x", nation="x", authority="y", **wrong)

    assert set(fields) == {
        "from",
        "until",
        "count",
        "nation",
        "authority",
        "unit",
        "day_zero",
        "cut_off",
        "query",
    }
