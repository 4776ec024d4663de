"""A protocol reads as its signatories would read it: every form of the language in plain words."""

import pytest

from tests.workbench.drafts import GOOD, draft
from workbench.__main__ import main


@pytest.fixture
def shown(tmp_path, capsys):
    """Show one clause of the good draft, changed, as one line of text."""

    def show(clause: str, *changes: tuple[str, str]) -> str:
        assert main(["show", str(draft(tmp_path, *changes)), clause]) == 0
        return " ".join(capsys.readouterr().out.split())

    return show


def test_a_guard_says_what_is_needed_and_what_passes_it(shown):
    assert shown("MF-01") == (
        "1 [MF-01, must] Nobody decides to move a child before a meeting."
        " Needed first Before the decision “move the child” is made, this is needed about the same placement:"
        " – a Placement Support Meeting is held"
        " Exception: contract ended It passes 1 [MF-01], with a reason in words."
        " It is for a step where the only reason is “a contract with the provider ended”."
        " Approved by the team manager."
        " Passed by: “contract ended” (1 [MF-01]); and for safety, which is always flagged."
    )


def test_a_guard_without_needs_and_one_that_needs_something_fresh(shown):
    needs = 'needs = [{ fact = "meeting_held", meeting = "placement_support" }]'

    assert "Not to be done Not at all, unless excepted: the decision “move the child” is made." in shown(
        "MF-01", (f"{needs}\n", "")
    )
    since = f'{needs}\nsince = {{ fact = "concern_raised", by = "carer" }}'
    assert "It counts only from the latest day on which a concern is raised by the carer." in shown(
        "MF-01", (needs, since)
    )


def test_a_duty_says_when_it_opens_whose_it_is_what_meets_it_and_by_when(shown):
    assert shown("MF-02").endswith(
        "Duty It opens when the decision “move the child” is made. It is owed by the team manager."
        " It is met when “mediation offered” is done by each of the mediator and the Independent Reviewing"
        " Officer. It is due at once, on the same day."
        " Told when it opens: the Independent Reviewing Officer."
    )


def test_a_figure_that_the_text_does_not_give_and_a_freeze(shown):
    said = shown("MF-03")

    assert "It is due within 20 working days. The figure is local policy (Ours); the text gives none." in said
    assert "Freeze While an IRO challenge is open the child's move is barred, unless for safety." in said
    assert said.endswith("No exception is named: it passes for safety alone, which is always flagged.")


def test_a_halt(shown):
    halt = '[[clause.halt]]\nwhile = "iro_challenge"\nresume = "keep_remaining"'

    assert (
        "Halt While an IRO challenge is open the clocks of this protocol stand still."
        " When it ends, the days that were left are kept."
    ) in shown("MF-03", ('[[clause.freeze]]\nwhile = "iro_challenge"', halt))


def test_people_in_one_kind_of_case_and_in_all_others(shown):
    assert shown("MF-04").endswith(
        "Who takes part: foster When a Placement Support Meeting is held (placement type: foster placement):"
        " – the chair is the team manager"
        " Who takes part: others When a Placement Support Meeting is held (placement type: not foster"
        " placement): – the chair is the manager of the children's home"
        " A reason in words passes, since the text does not say must."
    )


def test_people_who_are_all_to_be_there_and_nobody_who_was_involved(shown):
    asked = (
        'all_of = ["child", "carer"]\nif_appropriate = ["parent"]\n'
        'uninvolved = { ways = ["chair", "by"], across = "child" }'
    )
    people = GOOD[GOOD.index('name = "others"') : GOOD.index('[[clause]]\nid = "MF-05"')]
    changed = people.replace('field = "chair"\none_of = ["home_manager"]', f'field = "present"\n{asked}')

    assert (
        "– the child and the carer are present – a parent is present, or it is written down why not"
        " – nobody who before, in any of the child's cases, chaired a meeting or acted in it"
    ) in shown("MF-04", (people, changed))


def test_a_record_with_every_form_of_part(shown):
    parts = (
        'contains = ["child_views", { part = "on", type = "date", label = "the day" },'
        ' { part = "goal", choose = ["stay", "move_on"], optional = true },'
        ' { part = "note", fixed = "Held on {meeting_on}." },'
        ' { part = "scale", rows = ["who", { part = "score", choose = ["0", "1"] }],'
        ' for_each = "attendees" },'
    )

    assert (
        "When the record of the meeting is completed, it carries: – child views – the day (a date)"
        " – goal (one of: stay or move on), if there is any"
        " – note, worded “Held on [the day of the meeting].”"
        " – scale: rows of who and score (one of: 0 or 1), one for everybody who was at the meeting"
        " – actions: rows of what and who"
    ) in shown("MF-05", ('contains = ["child_views",', parts))


def test_what_looks_back_and_may_not_come_too_early(shown):
    said = shown("MF-06")

    assert (
        "It opens when a placement ends unplanned, after a placement ended unplanned, no more than 12 months"
        " before (that day included), in any of the child's cases."
    ) in said
    assert (
        "It is due within 6 months. Not before 6 weeks have passed: what comes earlier is flagged, and does"
        " not meet it."
    ) in said


def test_a_duty_of_each_year(shown):
    was = 'when = { fact = "process_opened", process = "iro_challenge" }'
    now = 'when = { each_year_on = ["03-31", "09-30"] }'

    assert "It opens every year on 31 March and 30 September, on the authority's own record." in shown(
        "MF-03", (was, now)
    )


def test_what_ends_a_duty_unmet_what_joins_it_and_what_sets_it_aside(shown):
    was = "due = { working_days = 5 }"
    now = (
        'due = { by = { fact = "meeting_held", meeting = "lac_review", outcome = "viable" } }\njoins = true\n'
        'lapses = { fact = "case_closed" }\nbasis = "local_policy"\napplies = false'
    )

    assert (
        "Duty (set aside here by a setting: it does not apply) It opens when a Placement Support Meeting is"
        " held."
    ) in (said := shown("MF-05", (was, now)))
    assert (
        "It is due before a looked-after child review is held, with the outcome “the placement is viable”."
        " It ends unmet when the case is closed. While it is open, whatever would open it again joins it."
        " This is local policy; the text does not say it."
    ) in said


def test_a_whole_protocol_has_its_head_its_settings_and_its_reminders(tmp_path, capsys):
    assert main(["show", str(draft(tmp_path))]) == 0

    said = capsys.readouterr().out
    assert said.startswith("Placement support in Mapleford\nInvented\nmapleford-2026-01-01, in force from 1 ")
    assert "7  [MF-07, states]\n  This is version one." in said
    assert "dispute days (silence 9): 20 working days\n  The text sets no limit." in said
    assert "same day (silence 22): not met here" in said
    assert "For duties owed at once:\n  – open for 2 hours: whoever owes it (to be read now)" in said


def test_a_clause_is_found_by_its_printed_number_and_one_that_is_not_there_says_which_are(tmp_path, capsys):
    assert main(["show", str(draft(tmp_path)), "7"]) == 0
    assert capsys.readouterr().out.startswith("7  [MF-07")

    assert main(["show", str(draft(tmp_path)), "8"]) == 1
    assert "has no clause 8. It has MF-01 (1), MF-02 (2)" in capsys.readouterr().err


def test_a_file_with_mistakes_is_not_shown_and_says_why(tmp_path, capsys):
    assert main(["show", str(draft(tmp_path, ('nation = "ENG"', 'nation = "GB"')))]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "protocol.nation: 'GB' is not known here" in printed.err
    assert "cannot be used as it is." in printed.err
