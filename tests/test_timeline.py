"""The timeline: what is drawn of a walk, that it can be read by everybody, and that nothing runs over."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from chalicelib.calendars import shipped_calendar
from chalicelib.core.rules import Rules
from chalicelib.core.walking import Walk, walk
from chalicelib.stories.story import read_story
from chalicelib.stories.words import Words
from chalicelib.timeline.axis import GAP, Axis
from chalicelib.timeline.canvas import Canvas, fitted, width_of
from chalicelib.timeline.drawing import draw
from chalicelib.timeline.lines import CHART, NAME, chart, lines, summary
from chalicelib.timeline.picture import Picture, picture_of
from chalicelib.timeline.rows import DOTS, INK, PAINTS, SOFT
from tests.builders import day
from tests.council import PROTOCOL
from tests.part import PartShelf

PART = PartShelf().load(PROTOCOL)
SVG = "{http://www.w3.org/2000/svg}"
FIVE = ["gm_iro", "gm_social_work", "gm_cpt", "team_manager", "social_worker"]

REFERRAL = {"on": "Tue 6 Oct 2026", "fact": "referral_received", "reasons": ["carer_difficulty"]}
CONVENED = {"fact": "meeting_convened", "meeting": "placement_support"}
HELD = {"fact": "meeting_held", "meeting": "placement_support", "chair": "iro", "present": ["iro"]}
SENT = {"fact": "document_sent", "document": "meeting_record", "to": FIVE}
MOVE = {"on": "Wed 7 Oct 2026", "fact": "decision_made", "decision": "move", "by": ["team_manager"]}
CHALLENGE = {"process": "iro_challenge", "process_id": "ch-1"}

SMALL = [REFERRAL, {**HELD, "on": "Wed 14 Oct 2026", "meeting_id": "m-1", "outcome": "not_viable"}]


def walked(*facts: Mapping[str, object], **more: object) -> Walk:
    told = read_story({"facts": list(facts), **more}, Words.of([PART]))
    calendar = shipped_calendar(PART.nation)
    rules = Rules(protocols=(PART,), calendar=calendar, calendar_hash=calendar.hash)
    return walk(told.told, rules, told.until)


def pictured(*facts: Mapping[str, object], **more: object) -> Picture:
    return picture_of(walked(*facts, **more))


def long_story(meetings: int) -> Picture:
    """A story with about three rows for every meeting."""
    first = day("Mon 2 Mar 2026")
    facts: list[Mapping[str, object]] = []
    for number in range(meetings):
        called, held = first + timedelta(days=4 * number), first + timedelta(days=4 * number + 9)
        meeting = {"meeting_id": f"m-{number}"}
        facts.append({**CONVENED, **meeting, "on": called.isoformat(), "planned_for": held.isoformat()})
        facts.append({**HELD, **meeting, "on": held.isoformat(), "outcome": "not_viable"})
    return pictured(*facts)


STORIES = {
    "one fact": lambda: pictured(REFERRAL),
    "a refusal": lambda: pictured(REFERRAL, propose=MOVE),
    "a small story": lambda: pictured(*SMALL),
    "a year apart": lambda: pictured(
        {"on": "Wed 22 Oct 2025", "fact": "placement_ended", "placement_id": "P-0", "manner": "unplanned"},
        {"on": "Thu 22 Oct 2026", "fact": "placement_ended", "placement_id": "P-1", "manner": "unplanned"},
    ),
    "four years": lambda: pictured(REFERRAL, until="2030-10-06"),
    "sixty rows": lambda: long_story(18),
    "more rows than are drawn": lambda: long_story(31),
}


@pytest.fixture(params=STORIES, scope="module")
def picture(request: pytest.FixtureRequest) -> Picture:
    return STORIES[request.param]()


def elements(picture: Picture, tag: str) -> Iterator[ET.Element]:
    yield from ET.fromstring(draw(picture)).iter(f"{SVG}{tag}")


def texts(picture: Picture) -> list[str]:
    return [element.text or "" for element in elements(picture, "text")]


# --- what is in the picture -----------------------------------------------------------------


def test_each_duty_and_each_flag_has_a_row_and_each_fact_a_tick() -> None:
    shown = pictured(REFERRAL, MOVE)

    assert [(row.clause, row.state, row.is_flag) for row in shown.rows] == [
        ("TH-21", "open", False),
        ("TH-38", "open", False),
        ("TH-25", "breach", True),
    ]
    assert [(tick.number, tick.flagged) for tick in shown.ticks] == [(1, ()), (2, ("TH-25",))]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("Mon 19 Oct 2026", "met Mon 19 Oct"),
        ("Wed 21 Oct 2026", "met late Wed 21 Oct, was due Mon 19 Oct"),
        (None, "overdue, was due Mon 19 Oct"),
    ],
)
def test_a_row_says_how_its_duty_stands(told: str | None, said: str) -> None:
    sent = [{**SENT, "on": told, "meeting_id": "m-1"}] if told else []

    (row,) = [row for row in pictured(*SMALL, *sent).rows if row.clause == "TH-35"]

    assert row.said == said


def test_what_is_due_after_the_last_day_is_not_yet_overdue() -> None:
    (row,) = [row for row in pictured(*SMALL, until="2026-10-15").rows if row.clause == "TH-35"]

    assert (row.said, row.late) == ("due Mon 19 Oct", False)


def test_a_duty_that_was_taken_back_keeps_its_row() -> None:
    wrong = {**HELD, "on": "Wed 14 Oct 2026", "meeting_id": "m-1", "outcome": "not_viable"}
    right = {**wrong, "outcome": "viable", "replaces": "f0", "told_on": "Fri 16 Oct 2026"}

    (row,) = [row for row in pictured(wrong, right).rows if row.clause == "TH-35"]

    assert (row.state, row.ended) == ("withdrawn", day("Fri 16 Oct 2026"))


def test_a_date_that_moved_leaves_its_trace() -> None:
    earlier = {**SMALL[1], "on": "Mon 12 Oct 2026", "replaces": "f1", "told_on": "Thu 15 Oct 2026"}

    (row,) = [row for row in pictured(*SMALL, earlier).rows if row.clause == "TH-35"]

    assert (row.due_was, row.due) == ((day("Mon 19 Oct 2026"),), day("Thu 15 Oct 2026"))


def test_a_fact_that_was_corrected_says_by_which() -> None:
    right = {**SMALL[1], "on": "Mon 12 Oct 2026", "replaces": "f1", "told_on": "Thu 15 Oct 2026"}
    shown = pictured(*SMALL, right)

    assert [tick.replaced_by for tick in shown.ticks] == [None, 3, None]
    assert "corrected by 3" in texts(shown)


def test_a_freeze_is_a_band_until_it_ends() -> None:
    opened = {**CHALLENGE, "on": "Fri 16 Oct 2026", "fact": "process_opened"}
    ended = {**CHALLENGE, "on": "Thu 22 Oct 2026", "fact": "process_ended"}

    (band,) = pictured(opened, ended).bands
    (open_one,) = pictured(opened).bands

    assert (band.first, band.last) == (day("Fri 16 Oct 2026"), day("Thu 22 Oct 2026"))
    assert open_one.last is None
    assert "Frozen: IRO challenge" in texts(pictured(opened, ended))


def test_dots_tell_being_told_from_being_reminded_and_chased() -> None:
    (row,) = [row for row in pictured(*SMALL).rows if row.clause == "TH-35"]

    assert [dot.sort for dot in row.dots][:3] == ["told", "reminder", "chaser"]


def test_bank_holidays_are_named_under_the_picture() -> None:
    shown = pictured({**SMALL[1], "on": "Sat 23 May 2026"})

    assert any("Mon 25 May 2026 Spring bank holiday" in text for text in texts(shown))


# --- days -----------------------------------------------------------------------------------


def test_days_on_which_nothing_happens_for_long_are_left_out() -> None:
    first, last = day("Wed 22 Oct 2025"), day("Thu 22 Oct 2026")
    axis = Axis.of(first, last, [])

    assert len(axis.spans) == 2
    assert axis.length == 6 + GAP + 6
    assert list(axis.gaps()) == [6]


def test_a_short_timeline_shows_every_day() -> None:
    first = day("Tue 6 Oct 2026")

    assert Axis.of(first, first + timedelta(days=100), []).length == 101


def test_every_day_has_its_place_after_the_day_before() -> None:
    first, last = day("Wed 22 Oct 2025"), day("Thu 22 Oct 2026")
    axis = Axis.of(first, last, [first + timedelta(days=100), last - timedelta(days=50)])
    places = [axis.place(first + timedelta(days=ahead)) for ahead in range((last - first).days + 1)]

    assert places[0] == 0
    assert places[-1] == axis.length - 1
    assert all(before < after for before, after in pairwise(places))
    shown = [axis.place(on) for on in axis.days()]
    assert all(after - before >= 1 for before, after in pairwise(shown))


# --- the drawing ----------------------------------------------------------------------------


def test_the_drawing_is_a_thousand_wide_and_says_what_it_is(picture: Picture) -> None:
    root = ET.fromstring(draw(picture))

    assert root.get("viewBox", "").startswith("0 0 1000 ")
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert description.text == " ".join(summary(picture))


def test_every_row_is_named_and_said_in_real_text(picture: Picture) -> None:
    written = texts(picture)

    for row in picture.rows[:90]:
        assert row.clause in written
        assert row.said in written


def test_nothing_that_is_written_runs_over_the_edge_or_into_the_names(picture: Picture) -> None:
    for element in elements(picture, "text"):
        size, said = float(element.get("font-size", 0)), element.text or ""
        begins, ends = reach(
            float(element.get("x", 0)), width_of(said, size), element.get("text-anchor", "start")
        )
        assert begins >= 0, said
        assert ends <= 1000, said


def reach(x: float, width: float, anchor: str) -> tuple[float, float]:
    before = {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return x - before, x - before + width


def test_everything_that_is_drawn_lies_within_the_picture(picture: Picture) -> None:
    high = float(ET.fromstring(draw(picture)).get("height", 0))

    for element in elements(picture, "rect"):
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        assert x >= 0
        assert x + float(element.get("width", 0)) <= 1000.1
        assert y + float(element.get("height", 0)) <= high + 0.1


def test_marks_of_facts_do_not_cover_one_another(picture: Picture) -> None:
    marks = sorted(
        (float(mark.get("x", 0)), float(mark.get("width", 0)))
        for mark in elements(picture, "rect")
        if mark.get("height") == "18"
    )

    assert marks
    assert all(x + width <= after for (x, width), (after, _) in pairwise(marks))


def test_a_picture_fetches_nothing_and_runs_nothing(picture: Picture) -> None:
    drawn = draw(picture)

    assert re.findall(r"https?://[^\"' ]+", drawn) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<(script|image|use|style|foreignObject)|href|@import|\bon\w+=", drawn)


def test_the_same_walk_is_drawn_the_same(picture: Picture) -> None:
    assert draw(picture) == draw(picture)


def test_what_is_not_drawn_is_said(picture: Picture) -> None:
    hidden = len(picture.rows) - 90

    assert (f"And {hidden} more rows, in the text alone." in texts(picture)) == (hidden > 0)


@pytest.mark.parametrize("colour", [INK, SOFT, *(paint.stroke for paint in PAINTS.values()), *DOTS.values()])
def test_every_colour_stands_out_from_the_page(colour: str) -> None:
    # The ring of whom is only told is drawn in ink around white.
    assert colour == DOTS["told"] or contrast(colour, "#ffffff") >= 4.5


@pytest.mark.parametrize("state", [state for state, paint in PAINTS.items() if paint.fill != paint.stroke])
def test_what_is_written_on_a_bar_can_be_read(state: str) -> None:
    assert contrast(INK, PAINTS[state].fill) >= 7


def test_no_two_states_differ_by_colour_alone() -> None:
    bars = [(paint.sign, paint.dashed) for paint in PAINTS.values() if paint.fill != paint.stroke]

    assert len(set(bars)) == len(bars)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_text_is_shortened_to_its_room() -> None:
    assert fitted("social work team", 1000, 11) == "social work team"
    assert fitted("social work team", 70, 11) == "social wor…"


# --- the text -------------------------------------------------------------------------------


def test_lines_stand_under_one_another(picture: Picture) -> None:
    days_a_column = -(-picture.axis.length // CHART)
    end = NAME + -(-picture.axis.length // days_a_column)
    written = [line for line in chart(picture) if line.startswith("TH-")]

    assert [line[end:] for line in written] == [f" {row.said} · {row.printed}" for row in picture.rows]


def test_the_text_shows_a_bar_its_due_date_and_who_was_chased() -> None:
    (line,) = [line for line in chart(pictured(*SMALL, until="2026-10-25")) if line.startswith("TH-35")]

    assert line == "TH-35 social work team            ├─●──┤▲▒▲▒▒▒ overdue, was due Mon 19 Oct · 5.14"


def test_the_text_lists_the_facts_by_their_numbers() -> None:
    written = lines(pictured(REFERRAL, propose=MOVE))

    assert "  1  Tue 6 Oct 2026  A referral arrived (reasons: the carer has difficulties)" in written
    assert written[-1].endswith("(by: team manager); refused under TH-25")


def test_no_text_and_no_attribute_makes_a_picture_that_is_no_xml():
    said = "a\x00b\x1f \nc\ud800\ufffe<&"
    canvas = Canvas.of(aria_label=said)
    with canvas.within("g", aria_label=said):
        canvas.text(said, 0, 0)
        canvas.title(said)
        canvas.draw("desc").text = said

    drawn = ET.fromstring(canvas.written())
    assert list(drawn.itertext()) == ["ab   c<&"] * 3
    labels = [each.get("aria-label") for each in drawn.iter()]
    assert list(filter(None, labels)) == ["ab   c<&"] * 2
