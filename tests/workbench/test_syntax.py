"""What is not TOML is reported all at once: a writer should not have to try again for each mistake."""

from tests.workbench.drafts import GOOD, draft, said
from workbench.syntax import syntax_mistakes

BROKEN = """\
[protocol]
id = "x
title = Support
source = "A council"
[[clause]
id = "A-01"
[[clause.obligation]]
when = { fact = "referral_received"
owner = "iro"
until = { fact = "step_done", fact = "step_done" }
due = 3 4
[[example]]
given = [
  { on = "Tue 6 Oct 2026" }
  { on = "Wed 7 Oct 2026" },
]
expect = [
  { clause = "A-01" },
name = "Two"
today = "Tue 6 Oct 2026"
"""


def test_every_mistake_is_found_and_none_that_is_not_there():
    found = [(each.line, each.said) for each in syntax_mistakes(BROKEN)]

    assert found == [
        (2, "the quotation marks are not closed on this line"),
        (3, "a value is expected here: a text in quotation marks, a number, a date, a list"),
        (5, "the heading isn't closed: [name] opens a table, [[name]] one more of a list"),
        (8, "a comma or a closing } is expected in this table"),
        (10, "the same key is given twice in one table"),
        (11, "nothing more is expected on this line: is a quotation mark or a comma missing?"),
        (15, "a comma or a closing ] is expected in this list"),
        (17, "the list, table or text that begins here is never closed"),
    ]


def test_a_good_text_has_none():
    assert syntax_mistakes(GOOD) == ()
    assert syntax_mistakes("") == ()


def test_a_table_opened_twice_is_found_though_each_of_the_two_is_right():
    (found,) = syntax_mistakes("[a]\nx = 1\n\n[a]\ny = 2\n")

    assert (found.line, found.said) == (4, "this table is opened a second time")


def test_quotation_marks_that_are_never_closed_are_reported_where_they_open():
    (found,) = syntax_mistakes('[a]\nx = 1\ny = """never\nclosed\n')

    assert found.line == 3


def test_what_is_not_toml_is_all_that_is_said_of_a_draft(tmp_path):
    broken = draft(tmp_path, ('title = "Placement', "title = Placement"), ('nation = "ENG"', 'nation = "GB"'))

    assert [each.split(" | ")[0] for each in said(broken)] == ['title = Placement support in Mapleford"']
