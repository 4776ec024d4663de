"""What is otherwise in a new version is said in sentences, clause by clause."""

import pytest

from tests.workbench.drafts import GOOD, draft
from workbench.__main__ import main


@pytest.fixture
def told(tmp_path, capsys):
    """What the comparison of the good draft with a changed one says."""

    def tell(*changes: tuple[str, str]) -> str:
        old = tmp_path / "old.toml"
        old.write_text(GOOD, encoding="utf-8")
        assert main(["diff", str(old), str(draft(tmp_path, *changes))]) == 0
        return capsys.readouterr().out

    return tell


def test_nothing_is_otherwise_in_the_same_file(told):
    assert told() == (
        "mapleford-2026-01-01 → mapleford-2026-01-01\n\nNothing that the protocol says is otherwise.\n"
    )


def test_a_date_a_force_and_a_text_that_changed(told):
    said = told(
        ('force = "should"', 'force = "must"'),
        ("due = { working_days = 5 }", "due = { working_days = 3 }"),
        ("This is version one.", "This is version two."),
    )

    assert "CLAUSES: 3 changed" in said
    assert "Changed: 4  [MF-04]\n  force\n    was: should\n    now: must\n" in said
    assert (
        "Changed: 5  [MF-05]\n  Duty, due\n    was: It is due within 5 working days.\n"
        "    now: It is due within 3 working days.\n"
    ) in said
    assert "    now: This is version two.\n" in said
    assert "What it would mean for open cases is shown by `move`" in said.splitlines()[-1]


def test_a_clause_that_went_and_one_that_came_are_told_whole(told):
    said = told(('id = "MF-07"', 'id = "MF-08"'))

    assert "CLAUSES: 1 new, 1 gone" in said
    assert "Gone: 7  [MF-07, states]\n  This is version one.\n" in said
    assert "New: 7  [MF-08, states]\n  This is version one.\n" in said


def test_an_effect_that_was_added_and_one_that_was_taken_away(told):
    said = told(
        ('[[clause.freeze]]\nwhile = "iro_challenge"\n', ""),
        ('tell = ["iro"]\n', "joins = true\n"),
    )

    assert "– Freeze, while: While an IRO challenge is open the child's move is barred" in said
    assert "– Duty, tell: Told when it opens: the Independent Reviewing Officer." in said
    assert "+ Duty, joins: While it is open, whatever would open it again joins it." in said


def test_settings_words_reminders_examples_and_the_head(told):
    said = told(
        ("value = 20", 'value = "none"'),
        ('mediation_offered = "mediation offered"', 'mediation_offered = "mediation"\nmediated = "held"'),
        ('label = "the mediator"', 'label = "the mediator", members = ["iro"]'),
        ("hours = 9", "hours = 12"),
        ('name = "Challenged"', 'name = "It is challenged"'),
        ("mapleford-2026-01-01", "mapleford-2027-01-01"),
        ("in_force_from = 2026-01-01", 'in_force_from = 2027-01-01\nversion = "Version 2"'),
    )

    assert said.startswith("mapleford-2026-01-01 → mapleford-2027-01-01\n")
    assert "  in force from\n    was: 1 January 2026\n    now: 1 January 2027\n" in said
    assert "+ version: Version 2" in said
    assert "Changed: dispute days\n  value\n    was: 20 working days\n    now: no limit\n" in said
    assert "now: No time limit is given." in said
    assert "now: mediation\n  + mediated: held" in said
    assert "now: the mediator; any of iro" in said
    assert "now: open for 12 hours: the Group Manager, IRO service (to be read now)" in said
    assert "Examples: 1 new, 1 gone, 0 changed" in said


def test_a_version_that_cannot_be_used_is_not_compared(tmp_path, capsys):
    wrong = draft(tmp_path, ('nation = "ENG"', 'nation = "GB"'))
    assert main(["diff", str(wrong), str(wrong)]) == 1

    assert "protocol.nation: 'GB'" in capsys.readouterr().err
