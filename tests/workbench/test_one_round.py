"""What is wrong with a file's design is said in the same round as its typos, and nothing false beside."""

import re

import pytest

from tests.workbench.drafts import GOOD, draft, found
from workbench.__main__ import main
from workbench.draft import read_draft

TYPO = ('until = { fact = "process_ended"', 'untill = { fact = "process_ended"')
DESIGN = [
    ("another typo", ('while = "iro_challenge"', 'while = "iro_chalenge"'), "clause MF-03.freeze"),
    ("a silence", ("silence = 22\n", ""), "silence 22 is unanswered"),
    (
        "an example that comes out otherwise",
        ('"MF-02", state = "open", left = 2', '"MF-02", left = 3'),
        "left 3",
    ),
    ("a duty nobody chases", ('for = "at_once"', 'for = "undated"'), "no ladder chases it"),
    (
        "a clause without example",
        ('"MF-04", answer = "breach"', '"MF-04", answer = "none"'),
        "no example shows",
    ),
]


def test_a_typo_alone_hides_nothing_and_raises_no_false_alarm(tmp_path):
    reported = found(draft(tmp_path, TYPO))

    assert {each.finding.place for each in reported} == {
        "clause MF-03.obligation[0].untill",
        "clause MF-03.obligation[0].until",
    }


@pytest.mark.parametrize(("change", "expected"), [e[1:] for e in DESIGN], ids=[e[0] for e in DESIGN])
def test_a_mistake_of_design_is_said_beside_a_typo(tmp_path, change, expected):
    reported = [each.said() for each in found(draft(tmp_path, TYPO, change))]

    assert any("'untill' is not known here" in each for each in reported)
    assert any(expected in each for each in reported), reported


def test_what_could_not_be_judged_is_said_in_one_line(tmp_path, capsys):
    main(["check", str(draft(tmp_path, TYPO))])

    printed = capsys.readouterr().out
    assert "6 clauses read, 8 examples run." in printed
    assert "Not judged, or not wholly, until the mistakes are mended: MF-03, 1 example." in printed


@pytest.mark.parametrize("first", range(0, 40, 4))
def test_no_typo_raises_a_false_alarm(tmp_path, first):
    """Every fortieth word misspelt, one at a time: what is said is what the reader says, and no more."""
    words = [each for each in re.finditer(r"[A-Za-z_]{4,}", GOOD) if each.start() > GOOD.index("[protocol]")]
    for word in words[first::40]:
        said = word[0]
        misspelt = f"{said[:-2]}{said[-1]}q{said[-2]}"
        path = draft(tmp_path, text=GOOD[: word.start()] + misspelt + GOOD[word.end() :])
        read = read_draft(path)

        if read.problems:
            assert {each.finding for each in found(path)} == {each.finding for each in read.mistakes}, said


def test_a_silence_is_answered_by_all_of_its_settings(tmp_path):
    path = draft(tmp_path, ('id = "due_by"\nsilence = 4', 'id = "due_by"'))

    (reported,) = found(path)

    assert reported.finding.said == (
        "silence 4 is answered in part: how days are counted. Add a setting 'due_by', `silence = 4`"
    )


def test_a_silence_that_does_not_come_up_needs_one_setting_to_say_so(tmp_path):
    assert GOOD.count("silence = 16\n") == 1
    assert found(draft(tmp_path)) == []


def test_a_misspelt_setting_answers_no_silence(tmp_path):
    wrong = [('id = "dispute_days"', 'id = "dispute_dayz"'), ('"$dispute_days"', '"$dispute_dayz"')]

    (reported,) = found(draft(tmp_path, *wrong))

    assert "no setting of silence 9; did you mean 'dispute_days'?" in reported.finding.said


def test_a_role_of_the_files_own_that_no_example_fills_is_warned_of(tmp_path):
    ghost = ('mediator = { label = "the mediator" }', 'ghost = { label = "a ghost" }')
    nobody = [ghost, (', by = ["mediator"]', ""), ('by = ["mediator", "iro"]', 'by = ["ghost", "iro"]')]

    (reported,) = found(draft(tmp_path, *nobody))

    assert "nobody is known to fill 'ghost': no example has one" in reported.finding.said
    assert reported.said().split(": ")[1] == "warning"


@pytest.mark.parametrize("more", ["outside = true", 'means = "iro"', 'members = ["iro"]'])
def test_a_role_of_which_it_is_said_who_fills_it_needs_no_example(tmp_path, more):
    held = ('label = "the mediator" }', f'label = "the mediator", {more} }}')

    assert found(draft(tmp_path, held, (', by = ["mediator"]', ""))) == []


def test_two_clauses_of_one_id_are_each_reported_at_their_own_lines(tmp_path):
    twice = [('id = "MF-07"', 'id = "MF-06"'), ('text = "This is version one."', 'text = ""')]
    path = draft(tmp_path, *twice)
    lines = path.read_text(encoding="utf-8").splitlines()

    (empty,) = [each for each in found(path) if each.finding.place.endswith(".text")]

    assert (empty.finding.place, lines[empty.line - 1]) == ("clause MF-06 (2).text", 'text = ""')
