"""Everything that is wrong with a file is reported at once, each with the line on which it stands."""

import pytest

from chalicelib.protocol_files import SHIPPED
from tests.workbench.drafts import GOOD, draft, found, said
from workbench.__main__ import main


def test_nothing_is_wrong_with_a_good_draft(tmp_path, capsys):
    assert main(["check", str(draft(tmp_path))]) == 0

    printed = capsys.readouterr().out
    assert "draft.toml: no mistakes." in printed
    assert "7 clauses read, 9 examples run." in printed
    assert "Its common words: the words.toml that ships." in printed


MISTAKES = [
    (
        "a misspelt key",
        ('until = { fact = "process_ended"', 'untill = { fact = "process_ended"'),
        "untill = {",
        "'untill' is not known here; did you mean 'until'?",
    ),
    (
        "a missing key, at the effect that lacks it",
        ('before = { fact = "decision_made", decision = "move" }\n', ""),
        "[[clause.guard]]",
        "is missing",
    ),
    (
        "a word nobody declared",
        ('due = "at_once"', 'due = "at_onec"'),
        'due = "at_onec"',
        'expected "at_once" or a number with its unit',
    ),
    (
        "a word deep inside a list over several lines",
        ('tell = ["gm_iro"], urgency = "now"', 'tell = ["gm_ir0"], urgency = "now"'),
        "{ open_for = { hours = 9 }",
        "'gm_ir0' is not known here; did you mean 'gm_iro'?",
    ),
    (
        "a cell of a grid",
        ('by = ["mediator", "iro"]', 'by = ["mediator", "ir0"]'),
        'until = { fact = "step_done"',
        "did you mean 'iro'?",
    ),
    ("a setting's value", ('value = "event"', 'value = "evnt"'), 'value = "evnt"', "did you mean 'event'?"),
    (
        "a setting that there is not",
        ('"$dispute_days"', '"$dispute_day"'),
        "due = { working_days",
        "there is no setting 'dispute_day'; did you mean '$dispute_days'?",
    ),
    (
        "an example's day",
        ('"Mon 26 Oct 2026"', '"Tue 26 Oct 2026"'),
        '{ on = "Tue 26 Oct 2026"',
        "is really a Monday",
    ),
    (
        "an example's clause",
        ('clause = "MF-03", answer', 'clause = "MF-3", answer'),
        '{ clause = "MF-3", answer',
        "did you mean 'MF-03'?",
    ),
    ("an id used twice, at the second", ('id = "MF-04"', 'id = "MF-03"'), 'id = "MF-03"', "used twice"),
    (
        "a word of the file's own",
        ('mediator = { label = "the mediator" }', 'mediator = { lable = "the mediator" }'),
        "mediator = { lable",
        "did you mean 'label'?",
    ),
    (
        "an exception to no clause",
        ('to = ["MF-01"]', 'to = ["MF01"]'),
        'to = ["MF01"]',
        "did you mean 'MF-01'?",
    ),
    (
        "a section that there is not",
        ("[words.roles]", "[wordz.roles]"),
        "[wordz.roles]",
        "did you mean 'words'?",
    ),
    ("the head", ('nation = "ENG"', 'nation = "GB"'), 'nation = "GB"', "'GB' is not known here"),
    (
        "a part of a record",
        ('rows = ["what", "who"]', 'rowz = ["what", "who"]'),
        "contains = [",
        "did you mean 'rows'?",
    ),
]


@pytest.mark.parametrize(
    ("change", "line", "expected"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES]
)
def test_a_mistake_is_reported_on_its_line(tmp_path, change, line, expected):
    reported = said(draft(tmp_path, change))

    assert any(each.lstrip().startswith(line) and expected in each for each in reported), reported


def test_the_second_of_two_clauses_with_one_id_is_the_mistake(tmp_path):
    path = draft(tmp_path, ('id = "MF-04"', 'id = "MF-03"'))
    lines = path.read_text().splitlines()

    (twice,) = [each for each in found(path) if "used twice" in each.finding.said]
    assert lines[twice.line - 2 : twice.line + 1] == ["[[clause]]", 'id = "MF-03"', 'printed = "4"']


def test_every_mistake_is_reported_at_once_in_the_order_of_the_file(tmp_path, capsys):
    changes = [each[1] for each in MISTAKES if each[0] in ("the head", "a misspelt key", "an example's day")]

    assert main(["check", str(draft(tmp_path, *changes))]) == 1

    printed = capsys.readouterr().out.splitlines()
    assert [line.split(": ", 2)[1] for line in printed[:3]] == [
        "protocol.nation",
        "clause MF-03.obligation[0].until",
        "clause MF-03.obligation[0].untill",
    ]
    assert "is really a Monday" in printed[3]
    assert printed[4:] == [
        f"{tmp_path / 'draft.toml'}: 4 mistakes.",
        "6 clauses read, no examples run.",
        "Not judged, or not wholly, until the mistakes are mended: MF-03, 9 examples.",
        "Its common words: the words.toml that ships.",
    ]


def test_what_a_setting_says_wrongly_is_reported_where_it_is_used_and_names_the_setting(tmp_path):
    wrong = ("value = 20", 'value = "a fortnight"')

    (reported,) = said(draft(tmp_path, wrong))

    line = next(n for n, each in enumerate(GOOD.splitlines(), 1) if each == 'id = "dispute_days"') + 2
    assert reported.startswith('due = { working_days = "$dispute_days"')
    assert reported.endswith(f"(from the setting 'dispute_days', line {line})")


def test_words_beside_the_file_are_its_common_words(tmp_path, capsys):
    (tmp_path / "words.toml").write_text('[roles]\niro = { label = "reviewing officer" }\n')

    assert main(["check", str(draft(tmp_path))]) == 1

    printed = capsys.readouterr().out
    assert "'team_manager' is not known here" in printed
    assert f"Its common words: {tmp_path / 'words.toml'}, which stands beside it." in printed


def test_mistakes_in_the_words_beside_it_are_reported_in_their_own_file(tmp_path, capsys):
    (tmp_path / "words.toml").write_text("[roles]\n\niro = { lable = 1 }\n")

    assert main(["check", str(draft(tmp_path))]) == 1

    assert f"{tmp_path / 'words.toml'}:3: words.roles.iro.lable: 'lable' is not" in capsys.readouterr().out


def test_a_file_among_others_is_to_be_called_after_its_protocol(tmp_path, capsys):
    (tmp_path / "words.toml").write_text((SHIPPED / "words.toml").read_text())

    assert main(["check", str(draft(tmp_path))]) == 1

    assert "draft.toml:4: protocol.id: expected 'draft', the file's name" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_a_matter_of_usage(tmp_path, capsys):
    assert main(["check", str(tmp_path / "nowhere.toml")]) == 2
    assert "nowhere.toml: No such file or directory" in capsys.readouterr().err

    (tmp_path / "photo.toml").write_bytes(b"\xff\xd8\xff")
    assert main(["check", str(tmp_path / "photo.toml")]) == 2
    assert "not a text in UTF-8" in capsys.readouterr().err


def test_a_command_that_there_is_not_is_a_matter_of_usage(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["chekc"])

    assert stopped.value.code == 2
    assert "chekc" in capsys.readouterr().err
