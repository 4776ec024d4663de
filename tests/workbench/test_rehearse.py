"""A story of a draft is walked and explained on the command line, and drawn into a file."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.workbench.drafts import draft
from workbench.__main__ import main

STORY = """
given = [{ on = "Fri 16 Oct 2026", fact = "process_opened", process = "iro_challenge", process_id = "ch-1" }]
propose = { on = 2026-10-20, fact = "placement_ended", placement_id = "P-1", manner = "planned" }
until = "Mon 16 Nov 2026"
"""


@pytest.fixture
def said(tmp_path, capsys):
    """What a command says of the good draft, as one line of text, and what it came to."""

    def say(command: str, *asked: str) -> tuple[int, str]:
        code = main([command, str(draft(tmp_path)), *asked])
        told = capsys.readouterr()
        return code, " ".join(f"{told.out} {told.err}".split())

    return say


def test_an_example_is_walked_step_by_step(said):
    code, told = said("rehearse", "--example", "challenged", "--until", "2026-10-25")

    assert code == 0
    assert "Fri 16 Oct 2026 09:00 1. A process was opened: IRO challenge." in told
    assert "opened MF-03, clause 3: owed by team manager, due on Fri 13 Nov 2026." in told
    assert "refused MF-03, clause 3: The move is frozen until every IRO challenge has ended." in told
    assert "MF-03 team manager ├───────── due Fri 13 Nov · 3" in told


def test_a_story_may_stand_in_a_file_of_its_own(said, tmp_path):
    story = tmp_path / "story.toml"
    story.write_text(STORY, encoding="utf-8")

    code, told = said("rehearse", "--facts", str(story))

    assert code == 0
    assert "Fri 16 Oct 2026 to Mon 16 Nov 2026: 2 facts, 1 duty (1 open), 0 flags." in told
    assert "overdue, was due Fri 13 Nov" in told


def test_the_timeline_is_drawn_into_a_file(said, tmp_path):
    out = tmp_path / "story.svg"

    code, told = said("rehearse", "--example", "challenged", "--svg", str(out))

    assert code == 0
    assert f"Drawn in {out}." in told
    assert ET.parse(out).getroot().get("viewBox", "").startswith("0 0 1000 ")


def test_a_picture_that_cannot_be_written_is_said(said, tmp_path):
    code, told = said("rehearse", "--example", "challenged", "--svg", str(tmp_path / "nowhere" / "out.svg"))

    assert code == 1
    assert "No such file or directory" in told


def test_an_example_is_found_by_a_part_of_its_name_that_no_other_has(said):
    assert said("rehearse", "--example", "a contract alone")[0] == 0
    code, told = said("rehearse", "--example", "a contract")

    assert code == 1
    assert "Several examples" in told
    assert "A contract alone A contract and the child's behaviour" in told


def test_a_name_that_no_example_has_lists_those_there_are(said):
    code, told = said("explain", "--example", "the moon")

    assert code == 1
    assert "No example" in told
    assert "No meeting, no move" in told


def test_every_mistake_in_a_story_is_said_with_its_place(said, tmp_path):
    story = tmp_path / "story.toml"
    story.write_text(
        'given = [{ on = "Mon 16 Oct 2026", fact = "step_done", step = "dance" }]', encoding="utf-8"
    )

    code, told = said("rehearse", "--facts", str(story))

    assert code == 1
    assert "facts[0].on: expected a day from 2000 to 2099" in told
    assert "facts[0].step: expected one of " in told


@pytest.mark.parametrize(
    ("text", "code"),
    [("given = [", 2), ("given = []\nnext = 1", 1), ("\ud800".encode("utf-8", "surrogatepass"), 2)],
)
def test_a_file_that_is_no_story_is_said(said, tmp_path, text, code):
    story = tmp_path / "story.toml"
    story.write_bytes(text if isinstance(text, bytes) else text.encode())

    assert said("rehearse", "--facts", str(story))[0] == code
    assert said("rehearse", "--facts", str(Path(tmp_path / "none.toml")))[0] == 2


def test_a_clause_is_explained_with_each_day_each_date_and_who_was_told_why(said):
    code, told = said("explain", "MF-03", "--example", "challenged", "--until", "2026-10-25")

    assert code == 0
    assert "MF-03, clause 3: a duty, open" in told
    assert "Mon 19 Oct 2026 working day 1; Tue 20 Oct 2026 working day 2;" in told
    assert "Fri 16 Oct 2026 09:00 team manager. Told because it became owed" in told
    assert "This is local policy: no text provides reminders." in told
    assert "MF-03, clause 3: a refusal of what was proposed on Tue 20 Oct 2026 09:00" in told
    assert "– Safety passes everything and is always flagged" in told
    assert "MF-03, clause 3: a freeze" in told


def test_a_clause_may_be_named_as_it_is_printed(said):
    assert said("explain", "3", "--example", "challenged") == said(
        "explain", "MF-03", "--example", "challenged"
    )


def test_a_clause_of_which_nothing_comes_says_so(said):
    assert said("explain", "MF-01", "--example", "challenged") == (
        0,
        "Nothing in this story comes of that clause.",
    )
    assert said("explain", "MF-99", "--example", "challenged")[0] == 1


def test_without_a_clause_everything_in_the_story_is_explained(said):
    _, told = said("explain", "--example", "the wrong chair")

    assert "MF-04, clause 4: a flag: breach" in told
    assert "MF-05, clause 5: a duty, open" in told
