"""The calendar picture: that everybody can read it, that nothing runs over, and that no colour is needed."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from chalicelib.calendar_picture.cells import HIGH, WIDE
from chalicelib.calendar_picture.drawing import draw
from chalicelib.calendar_picture.key import LINE
from chalicelib.calendar_picture.months import MOST_MONTHS
from chalicelib.calendar_picture.paint import PAINTS
from chalicelib.calendar_picture.span import ASKED, Span
from chalicelib.calendars import NO_CLOSURES, shipped_calendar
from chalicelib.core.clocks import HALTED
from chalicelib.core.dates import days_to
from chalicelib.core.patterns import After, Unit
from chalicelib.core.working_days import ZERO, Nation, days_counted_back
from chalicelib.timeline.canvas import width_of
from tests.builders import day

SVG = "{http://www.w3.org/2000/svg}"
HALT = {day("Mon 1 Jun 2026") + timedelta(days=ahead): HALTED for ahead in (0, 1, 2, 3, 4, 7, 8)}
CLOSED = {
    day("Tue 29 Dec 2026"): "Closed between Christmas and New Year, as every year, save for emergencies",
    day("Wed 30 Dec 2026"): "Closed between Christmas and New Year, as every year, save for emergencies",
    day("Thu 31 Dec 2026"): '<b>"shut" & locked</b>',
}


def span(
    start: str,
    count: int,
    day_zero: str = "event",
    more: Mapping[date, str] = NO_CLOSURES,
    halted: Mapping[date, str] = NO_CLOSURES,
    **changes: object,
) -> Span:
    """A span of working days in England, `more` closed than its bank holidays, some of them by a halt."""
    calendar = shipped_calendar(Nation.ENGLAND, {**more, **halted})
    began = day(start)
    due = After(count=abs(count), unit=Unit.WORKING_DAYS)
    days = (
        days_to(began, due, day_zero, calendar, halted)
        if count > 0
        else days_counted_back(began, -count, calendar.closed)
    )
    zero = next((each.on for each in days if each.sort == ZERO), began)
    usual = {
        "title": "Due by then",
        "sentences": ("So many working days.",),
        "event": began if zero != began else None,
        "counted_from": zero,
        "days": days,
        "last": days[-1].on,
    }
    return Span(**{**usual, **changes})  # type: ignore[arg-type]


SPANS = {
    "one week": lambda: span("Sat 23 May 2026", 3),
    "day zero": lambda: span("Sat 23 May 2026", 3, "first_working_day"),
    "Christmas": lambda: span("Fri 18 Dec 2026", 10, more=CLOSED),
    "three months": lambda: span("Fri 20 Mar 2026", 40),
    "four months": lambda: span("Fri 20 Mar 2026", 60),
    "a year": lambda: span("Fri 15 May 2026", 245),
    "back": lambda: span("Tue 14 Apr 2026", -5),
    "a halt": lambda: span("Fri 22 May 2026", 10, halted=HALT),
    "to a Sunday": lambda: span("Fri 22 May 2026", 4, last=day("Sun 31 May 2026"), ends=ASKED),
    "provisional": lambda: span("Wed 20 Dec 2028", 12, provisional=True),
    "ten years": lambda: span("Fri 15 May 2026", 2_600),
    "at once": lambda: Span(
        title="Due at once", sentences=(), event=day("Fri 22 May 2026"), last=day("Fri 22 May 2026")
    ),
    "no date": lambda: Span(title="No date", sentences=("The text gives no time limit.",)),
}


@pytest.fixture(params=SPANS)
def drawn(request: pytest.FixtureRequest) -> ET.Element:
    return ET.fromstring(draw(SPANS[request.param]()))


def picture(name: str) -> ET.Element:
    return ET.fromstring(draw(SPANS[name]()))


def spoken(element: ET.Element) -> Iterator[str]:
    """What a screen reader finds: every text, in order, less what is hidden from it."""
    if element.get("aria-hidden") == "true":
        return
    if element.tag == f"{SVG}text" and element.text:
        yield element.text
    for child in element:
        yield from spoken(child)


def days_listed(drawn: ET.Element) -> list[str]:
    (found,) = (each for each in drawn.iter(f"{SVG}g") if each.get("aria-label") == "Each day on the way")
    return [" ".join(spoken(item)) for item in found if item.get("role") == "listitem"]


def cell(drawn: ET.Element, said: str) -> ET.Element:
    """The cell of the day that begins like this when it is read."""
    (found,) = (
        each
        for each in drawn.iter(f"{SVG}g")
        if each.get("role") == "listitem" and next(spoken(each)).startswith(said)
    )
    return found


def signs(cell: ET.Element) -> list[str]:
    """The texts that are seen in a cell beside its date."""
    hidden = cell.find(f"{SVG}g")
    assert hidden is not None
    return [str(each.text) for each in hidden.iter(f"{SVG}text")][1:]


# --- what is read ---------------------------------------------------------------------------


def test_each_day_is_an_item_that_says_what_it_counts_for() -> None:
    assert days_listed(picture("one week")) == [
        "Saturday 23 May 2026: counted from, and not itself counted",
        "Sunday 24 May 2026: not counted, a weekend",
        "Monday 25 May 2026: not counted, Spring bank holiday",
        "Tuesday 26 May 2026: working day 1",
        "Wednesday 27 May 2026: working day 2",
        "Thursday 28 May 2026: working day 3; due",
    ]


def test_under_day_zero_the_event_and_the_day_counted_from_are_told_apart() -> None:
    listed = days_listed(picture("day zero"))

    assert listed[0] == "Saturday 23 May 2026: the day it happened, not counted"
    assert listed[3] == "Tuesday 26 May 2026: counted from, and not itself counted"
    assert listed[6] == "Friday 29 May 2026: working day 3; due"


def test_days_counted_back_are_listed_as_the_calendar_has_them() -> None:
    listed = days_listed(picture("back"))

    assert listed[0] == "Tuesday 7 April 2026: working day 5; due"
    assert listed[-1] == "Tuesday 14 April 2026: counted from, and not itself counted"


def test_what_is_read_begins_with_the_answer() -> None:
    assert list(spoken(picture("one week")))[:2] == ["Due by then", "So many working days."]


def test_the_days_of_other_weeks_are_seen_and_not_read() -> None:
    drawn = picture("one week")
    seen = [str(each.text) for each in drawn.iter(f"{SVG}text")]

    assert {str(number) for number in range(1, 32)} <= set(seen)
    assert not {"1", "22", "31", "Mon"} & set(spoken(drawn))


def test_it_is_no_image_so_that_its_texts_are_found(drawn: ET.Element) -> None:
    assert (drawn.get("role"), drawn.get("aria-label")) == ("group", "Calendar")
    assert [each.get("role") for each in drawn.iter() if each.get("role") == "img"] == []


def test_the_description_tells_the_whole_in_a_few_sentences() -> None:
    described = picture("Christmas").find(f"{SVG}desc")

    assert described is not None
    assert described.text == (
        "Due by then. So many working days. Not counted: weekends; Fri 25 Dec 2026, Christmas Day; "
        "Mon 28 Dec 2026, Boxing Day (substitute day); Tue 29 Dec 2026 to Wed 30 Dec 2026, Closed between "
        "Christmas and New Year, as every year, save for emergencies; "
        'Thu 31 Dec 2026, <b>"shut" & locked</b>; Fri 1 Jan 2027, New Year\'s Day.'
    )


def test_why_weekdays_are_left_out_stands_under_it_once_for_each_stretch() -> None:
    read = list(spoken(picture("a halt")))
    heading = read.index("Not counted besides weekends")

    assert read[heading + 1 :] == [
        "Mon 25 May 2026, Spring bank holiday",
        "Mon 1 Jun 2026 to Tue 9 Jun 2026, the clock stood still",
    ]


# --- what is seen ---------------------------------------------------------------------------


def test_each_sort_of_day_has_a_sign_of_its_own() -> None:
    drawn = picture("a halt")

    assert signs(cell(drawn, "Friday 22 May")) == ["from"]
    assert signs(cell(drawn, "Monday 25 May")) == ["a"]
    assert signs(cell(drawn, "Tuesday 26 May")) == ["1"]
    assert signs(cell(drawn, "Wednesday 17 June")) == ["10", "due"]
    dashes = [each.get("d") for each in cell(drawn, "Saturday 23 May").iter(f"{SVG}path")]
    bars = [each.get("d") for each in cell(drawn, "Monday 1 June").iter(f"{SVG}path")]
    assert [len(dashes), len(bars), len({*dashes, *bars})] == [1, 1, 2]


def test_the_same_stretch_has_one_letter_and_the_next_another() -> None:
    drawn = picture("Christmas")

    letters = [signs(cell(drawn, f"{on} December")) for on in ("Tuesday 29", "Wednesday 30", "Thursday 31")]
    assert letters == [["c"], ["c"], ["d"]]


def test_a_stretch_goes_on_over_a_weekend() -> None:
    more = {day("Fri 12 Jun 2026"): "Shut", day("Mon 15 Jun 2026"): "Shut", day("Wed 17 Jun 2026"): "Shut"}
    drawn = ET.fromstring(draw(span("Thu 11 Jun 2026", 3, more=more)))

    read = " ".join(spoken(drawn))
    assert read.endswith("besides weekends Fri 12 Jun 2026 to Mon 15 Jun 2026, Shut Wed 17 Jun 2026, Shut")


def test_a_closure_is_one_whatever_it_is_called() -> None:
    called = {
        day("Wed 27 May 2026"): "Wednesday",
        day("Thu 28 May 2026"): "halted",
        day("Fri 29 May 2026"): "day zero",
    }
    shown = span("Tue 26 May 2026", 1, more=called)
    drawn = ET.fromstring(draw(shown))

    assert [shown.said(on) for on in called] == [
        "Wednesday 27 May 2026: not counted, Wednesday",
        "Thursday 28 May 2026: not counted, halted",
        "Friday 29 May 2026: not counted, day zero",
    ]
    assert [signs(cell(drawn, each)) for each in ("Wednesday 27", "Thursday 28", "Friday 29")] == [
        ["a"],
        ["b"],
        ["c"],
    ]
    assert [run.said for run in shown.runs] == [
        f"{on:%a} {on.day} May 2026, {why}" for on, why in called.items()
    ]
    assert "the clock stood still" not in " ".join(each.text or "" for each in drawn.iter())


def test_a_halt_beside_a_closure_of_its_name_is_another_stretch() -> None:
    halted = {day("Wed 27 May 2026"): HALTED}
    shown = span("Tue 26 May 2026", 1, more={day("Thu 28 May 2026"): HALTED}, halted=halted)

    assert [(run.letter, run.said) for run in shown.runs] == [
        ("", "Wed 27 May 2026, the clock stood still"),
        ("a", "Thu 28 May 2026, halted"),
    ]


def test_a_date_that_may_move_has_a_broken_frame_and_says_so() -> None:
    firm = picture("one week")
    loose = picture("provisional")

    assert not [each for each in firm.iter() if each.get("stroke-dasharray")]
    assert [each for each in cell(loose, "Wednesday 10 January").iter() if each.get("stroke-dasharray")]
    assert days_listed(loose)[-1].endswith("working day 12; due, and may still move")
    assert "due, and may still move" in [each.text for each in loose.iter(f"{SVG}text")]


def test_the_last_day_asked_about_is_not_called_due() -> None:
    drawn = picture("to a Sunday")

    assert signs(cell(drawn, "Sunday 31 May")) == ["to"]
    assert "due" not in [each.text for each in drawn.iter(f"{SVG}text")]


def test_the_key_explains_the_signs_that_are_used_and_no_others() -> None:
    said = [each.text for each in picture("back").iter(f"{SVG}text")]

    assert "counted, with its number" in said
    assert "weekend, not counted" in said
    assert "not counted: see its letter" not in said
    assert "the clock stood still" not in said


def test_what_has_no_date_says_so_without_a_calendar() -> None:
    drawn = picture("no date")

    assert [each.text for each in drawn.iter(f"{SVG}text")] == ["No date", "The text gives no time limit."]
    assert days_listed(drawn) == []


def test_of_ten_years_the_beginning_and_the_end_are_drawn_and_the_rest_is_said() -> None:
    drawn = picture("ten years")
    seen = [str(each.text) for each in drawn.iter(f"{SVG}text")]

    months = [each for each in seen if re.fullmatch(r"[A-Z][a-z]+ 20[0-9]{2}", each)]
    assert len(months) == MOST_MONTHS
    assert (months[0], months[-1]) == ("May 2026", "June 2036")
    left_out = " ".join(spoken(drawn))
    found = re.search(
        r"May 2027 to March 2036 are not drawn: of their days (\d+) are counted and (\d+)", left_out
    )
    assert found is not None
    counted = [each for each in days_listed(drawn) if "working day" in each]
    assert len(counted) + int(found[1]) == 2_600
    assert "Mon 29 Mar 2027, Easter Monday" in left_out
    assert "Mon 31 May 2027, Spring bank holiday" not in left_out


def test_a_number_has_room_in_its_cell(drawn: ET.Element) -> None:
    bold = [each for each in drawn.iter(f"{SVG}text") if each.get("class") == "hf-number"]

    assert not [
        each.text for each in bold if width_of(str(each.text), float(each.get("font-size", 0))) > WIDE
    ]


# --- the sheet ------------------------------------------------------------------------------


def test_no_text_runs_over_the_edge(drawn: ET.Element) -> None:
    width = float(drawn.get("width", 0))

    def over(element: ET.Element, shift: float = 0.0, scale: float = 1.0) -> Iterator[str]:
        if moved := re.fullmatch(
            r"translate\(([\d.]+) [\d.]+\) scale\(([\d.]+)\)", element.get("transform", "")
        ):
            shift, scale = float(moved[1]), float(moved[2])
        if element.tag == f"{SVG}text" and element.get("fill") != "none":
            room = width_of(element.text or "", float(element.get("font-size", 0))) * scale
            start = shift + scale * float(element.get("x", 0))
            left = {"middle": start - room / 2, "end": start - room}.get(
                element.get("text-anchor", ""), start
            )
            if left < 0 or left + room > width:
                yield str(element.text)
        for child in element:
            yield from over(child, shift, scale)

    assert list(over(drawn)) == []


def test_it_is_never_larger_than_a_page_can_show(drawn: ET.Element) -> None:
    assert float(drawn.get("width", 0)) <= 1_030
    assert float(drawn.get("height", 0)) <= 2_700
    assert len(ET.tostring(drawn)) < 300_000


def test_everything_lies_on_the_paper(drawn: ET.Element) -> None:
    paper = drawn.find(f"{SVG}rect")
    assert paper is not None
    lowest = max((float(each.get("y", 0)) for each in drawn.iter(f"{SVG}text")), default=0)

    assert (paper.get("width"), paper.get("height")) == (drawn.get("width"), drawn.get("height"))
    assert lowest + LINE / 2 < float(drawn.get("height", 0))


def test_no_two_days_lie_on_one_another(drawn: ET.Element) -> None:
    frames = [
        (float(each.get("x", 0)) // WIDE, float(each.get("y", 0)) // HIGH)
        for item in drawn.iter(f"{SVG}g")
        if item.get("role") == "listitem"
        for each in list(item.iter(f"{SVG}rect"))[:1]
    ]

    assert len(frames) == len(set(frames))


def test_it_fetches_nothing_and_runs_nothing(drawn: ET.Element) -> None:
    written = ET.tostring(drawn, encoding="unicode")

    assert re.findall(r"https?://[^\"' ]+", written) == ["http://www.w3.org/2000/svg"]
    assert not {f"{SVG}script", f"{SVG}image", f"{SVG}foreignObject"} & {each.tag for each in drawn.iter()}


def test_what_a_council_calls_a_closure_is_written_and_never_markup() -> None:
    drawn = picture("Christmas")

    assert 'Thu 31 Dec 2026, <b>"shut" & locked</b>' in spoken(drawn)
    assert not [each for each in drawn.iter() if each.tag.endswith("}b")]


# --- colours --------------------------------------------------------------------------------


def test_every_colour_has_another_for_the_dark(drawn: ET.Element) -> None:
    style = drawn.findtext(f"{SVG}style") or ""
    used = {str(each.get("class")) for each in drawn.iter() if each.get("class")} - {"holdfast-days"}

    assert used
    assert not [each for each in used if f".holdfast-days .{each}{{" not in style]


def luminance(colour: str) -> float:
    """By the Web Content Accessibility Guidelines 2.2: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("screen", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "paper"),
        ("soft", "paper"),
        ("faint", "paper"),
        ("paper", "ink"),
        ("number", "counted"),
        *(("ink", ground) for ground in ("counted", "weekend", "closed", "hatch", "stopped", "stripe")),
    ],
)
def test_every_text_stands_out_from_its_ground(text: str, ground: str, screen: int) -> None:
    dark, light = sorted((luminance(PAINTS[text][screen]), luminance(PAINTS[ground][screen])))

    assert (light + 0.05) / (dark + 0.05) >= 4.5


CANNOT_BE_READ = "shut\x00\x0b\n\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}\ud800\ufffe too"


def test_whatever_a_day_is_called_the_picture_is_well_formed():
    """A name that was stored before names were looked at, in every place where one is written."""
    closed = {day("Tue 29 Dec 2026"): CANNOT_BE_READ}
    drawn = draw(
        span("Tue 22 Dec 2026", 5, more=closed, title=CANNOT_BE_READ, sentences=(CANNOT_BE_READ,), ends="due")
    )

    read = "".join(ET.fromstring(drawn).itertext())
    assert "shut  [31m too" in read
    assert read.isprintable()
