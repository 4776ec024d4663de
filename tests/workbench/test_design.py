"""A file that can be read may still not say what was meant: each mistake of design, on its line."""

import importlib
import inspect
import pkgutil

import pytest

from tests.workbench.drafts import GOOD, draft, found
from workbench import design
from workbench.__main__ import main
from workbench.design import every
from workbench.findings import Level

MISTAKE, WARNING = Level.MISTAKE, Level.WARNING

# Each: its name, what is changed, the line it stands on, what is said, and how much it weighs.
FAMILIES = [
    (
        "a test that contradicts itself",
        [
            (
                'of = { fact = "document_completed", document = "meeting_record" }',
                (
                    'of = { fact = "document_completed", document = "meeting_record", not = { document ='
                    ' ["meeting_record", "support_plan"] } }'
                ),
            )
        ],
        "of = {",
        "no fact can ever match this",
        MISTAKE,
    ),
    (
        "an exception for what can never be so",
        [('only = { reasons = "contract_ended" }', 'only = { reasons = "absence" }, reasons = "education"')],
        "when = {",
        "no fact can ever match this",
        MISTAKE,
    ),
    (
        "a part that no record of such a fact offers",
        [
            (
                'document = "meeting_record", has = "child_views"',
                'document = "support_plan", has = "child_views"',
            )
        ],
        "until = {",
        "nothing offers the part 'child_views' here",
        MISTAKE,
    ),
    (
        "an outcome that its record lets nobody choose",
        [
            (
                'contains = ["child_views", ',
                'contains = ["child_views", { part = "outcome", choose = ["viable", "not_viable"] }, ',
            ),
            ('has = "child_views"', 'has = "child_views", outcome = "further_meeting_needed"'),
        ],
        "until = {",
        "a record of it lets one choose only viable, not_viable",
        MISTAKE,
    ),
    (
        "a duty that only a forbidden step meets",
        [
            (
                'text = "This is version one."',
                'text = "No mediation."\n[[clause.guard]]\nbefore = { fact = "step_done" }',
            ),
            ('force = "states"', 'force = "must"'),
        ],
        'until = { fact = "step_done", step = "mediation_offered"',
        "nothing can ever meet this duty",
        MISTAKE,
    ),
    (
        "a duty that may be met only when it is long overdue",
        [("due = { months = 6 }", "due = { weeks = 5 }")],
        "not_before = { weeks = 6 }",
        "long overdue",
        MISTAKE,
    ),
    (
        "a role whose post the text leaves unclear and nobody named",
        [('label = "the mediator"', 'label = "the mediator", unclear = "Named once."')],
        'until = { fact = "step_done", step = "mediation_offered"',
        "nobody holds the role 'mediator'",
        MISTAKE,
    ),
    (
        "a role that means itself",
        [('label = "the mediator"', 'label = "the mediator", means = "mediator"')],
        'until = { fact = "step_done", step = "mediation_offered"',
        "mediator means mediator",
        MISTAKE,
    ),
    (
        "a step that needs itself",
        [
            (
                'needs = [{ fact = "meeting_held", meeting = "placement_support" }]',
                'needs = [{ fact = "decision_made", decision = "move", by = "iro" }]',
            )
        ],
        "needs = [",
        "nothing that is needed can come first",
        MISTAKE,
    ),
    (
        "two steps that wait for each other",
        [
            ('force = "states"', 'force = "must"'),
            (
                'text = "This is version one."',
                (
                    'text = "A meeting waits."\n[[clause.guard]]\nbefore = { fact = "meeting_held" }\n'
                    'needs = { fact = "decision_made", decision = "move" }'
                ),
            ),
        ],
        'needs = { fact = "decision_made"',
        "waits for, the very step that needs it",
        MISTAKE,
    ),
    (
        "an exception to a clause with nothing to pass",
        [('to = ["MF-01"]', 'to = ["MF-01", "MF-02"]')],
        'to = ["MF-01", "MF-02"]',
        "MF-02 has nothing that an exception could pass",
        MISTAKE,
    ),
    (
        "a freeze that nothing releases",
        [('while = "iro_challenge"', 'while = "advocacy_referral"')],
        'while = "advocacy_referral"',
        "nothing here ends 'advocacy_referral'",
        MISTAKE,
    ),
    (
        "a halt that nothing ends",
        [
            (
                '[[clause.freeze]]\nwhile = "iro_challenge"',
                '[[clause.halt]]\nwhile = "advocacy_referral"\nresume = "restart"',
            )
        ],
        'while = "advocacy_referral"',
        "nothing here ends 'advocacy_referral'",
        MISTAKE,
    ),
    (
        "a chair asked for two ways in one kind of case",
        [(', not = { case = { placement_type = "foster" } } }', " }")],
        "[[clause.people]]",
        "in some cases this asks for another chair than MF-04 does",
        MISTAKE,
    ),
    (
        "a chair asked for in some kinds of case only",
        [('not = { case = { placement_type = "foster" } }', 'case = { placement_type = "residential" }')],
        "[[clause.people]]",
        "nobody is asked to chair a Placement Support Meeting where: placement type is adoptive placement;",
        WARNING,
    ),
    (
        "one part typed in two ways",
        [
            ('force = "states"', 'force = "must"'),
            (
                'text = "This is version one."',
                (
                    'text = "A plan."\n[[clause.record]]\nof = { fact = "document_completed", document ='
                    ' "support_plan" }\ncontains = [\n  "contingency",\n  "actions",\n]'
                ),
            ),
        ],
        '"actions",',
        "'actions' is a text here, and rows of what, who in MF-05",
        MISTAKE,
    ),
    (
        "a setting that nothing uses",
        [('working_days = "$dispute_days"', "working_days = 20")],
        "[[setting]]",
        "nothing uses this setting: no clause says '$dispute_days'",
        WARNING,
    ),
    (
        "a word of its own that nothing uses",
        [('mediation_offered = "mediation offered"', 'mediation_offered = "offered"\nmediated = "held"')],
        'mediated = "held"',
        "no clause and no example uses the word 'mediated'",
        WARNING,
    ),
    (
        "a silence that is not answered",
        [("silence = 22\n", "")],
        "[[setting]]",
        "silence 22 is unanswered: whether two facts of one day need times",
        MISTAKE,
    ),
    (
        "a clause that does something and has no example",
        [('[{ clause = "MF-04", answer = "breach" }]', '[{ clause = "MF-04", answer = "none" }]')],
        "[[clause]]",
        "no example shows what this clause does",
        MISTAKE,
    ),
    (
        "an exception by which no example passes",
        [('{ clause = "MF-01", answer = "excepted" }', '{ clause = "MF-01", answer = "breach" }')],
        "[[clause.exception]]",
        "no example passes by the exception 'contract_ended'",
        MISTAKE,
    ),
    (
        "an exception that no example is refused",
        [('name = "A contract and the child\'s behaviour"\npropose', 'name = "Both"\n# propose')],
        "[[clause.exception]]",
        "no near miss: an example that claims 'contract_ended' and is refused nevertheless",
        WARNING,
    ),
    (
        "`only` without another beside it",
        [('reasons = ["contract_ended", "child_behaviour"]', 'reasons = ["child_behaviour"]')],
        "when = { only",
        "no near miss: an example with reasons contract_ended and another beside it",
        WARNING,
    ),
    (
        "`not_before` without one too early",
        [(', { clause = "MF-06", answer = "breach" }', "")],
        "not_before = { weeks = 6 }",
        "no near miss: an example that comes too early",
        WARNING,
    ),
    (
        "`within` without one just out of time",
        [('"Tue 21 Oct 2025"', '"Tue 3 Jun 2025"')],
        'when = { fact = "placement_ended"',
        "no near miss: an example just over 12 months that expects none of MF-06",
        WARNING,
    ),
    (
        "a duty owed at once that nobody chases",
        [('for = "at_once"', 'for = "undated"')],
        'due = "at_once"',
        "no ladder chases it",
        MISTAKE,
    ),
    (
        "an example that comes out otherwise",
        [('due_on = "Fri 13 Nov 2026"', 'due_on = "Thu 12 Nov 2026"')],
        '{ clause = "MF-03", state = "open"',
        "expected state open, due_on Thu 12 Nov 2026, found state open, due_on Fri 13 Nov 2026",
        MISTAKE,
    ),
    (
        "an example that cannot be run",
        [('decision = "move", by = ["team_manager"] }\nexpect', 'decision = "move", at = "noon" }\nexpect')],
        "expect = [",
        "the example cannot be run",
        MISTAKE,
    ),
]


@pytest.mark.parametrize(
    ("changes", "line", "expected", "level"),
    [each[1:] for each in FAMILIES],
    ids=[each[0] for each in FAMILIES],
)
def test_a_mistake_of_design_is_reported_on_its_line(tmp_path, changes, line, expected, level):
    path = draft(tmp_path, *changes)
    lines = path.read_text(encoding="utf-8").splitlines()

    reported = found(path)

    stands = {
        lines[each.line - 1].strip(): each.finding.level for each in reported if expected in each.finding.said
    }
    assert [(at, weight) for at, weight in stands.items() if at.startswith(line)] != [], reported
    assert set(stands.values()) == {level}


def test_every_check_that_there_is_is_made():
    written = {
        function
        for module in pkgutil.iter_modules(design.__path__, "workbench.design.")
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction)
        if not name.startswith("_")
        and function.__module__ == module.name
        and [*inspect.signature(function).parameters] == ["written"]
    }

    assert written - {every.design_findings} == set(every.EVERY)


def test_no_line_that_is_missing_breaks_the_check(tmp_path):
    lines = GOOD.splitlines()
    for number in range(0, len(lines), 4):
        text = "\n".join(lines[:number] + lines[number + 1 :])

        for each in found(draft(tmp_path, text=text)):
            assert 1 <= each.line <= len(lines)


def test_warnings_alone_do_not_fail_the_check(tmp_path, capsys):
    unused = draft(tmp_path, ('working_days = "$dispute_days"', "working_days = 20"))

    assert main(["check", str(unused)]) == 0

    printed = capsys.readouterr().out
    assert "warning: setting dispute_days: nothing uses this setting" in printed
    assert "draft.toml: no mistakes, 1 warning." in printed


def test_a_decision_too_big_for_one_transaction_is_a_mistake(tmp_path):
    """Fifty duties from one fact, each telling somebody: more than a hundred items at once."""
    duties = "".join(
        f'\n[[clause.obligation]]\nname = "duty {each}"\nwhen = {{ fact = "referral_received" }}\n'
        'owner = "iro"\nuntil = { fact = "step_done", step = "mediation_offered" }\ntell = ["iro"]'
        for each in range(50)
    )
    example = (
        '\n\n[[example]]\nname = "Fifty at once"\n'
        'given = [{ on = "Tue 6 Oct 2026", fact = "referral_received" }]\n'
        'expect = [{ clause = "MF-07", state = "open" }]\n\n[words.roles]'
    )
    path = draft(
        tmp_path,
        ('force = "states"', 'force = "must"'),
        ('text = "This is version one."', f'text = "Fifty."{duties}'),
        ("\n\n[words.roles]", example),
    )

    (too_big,) = found(path)

    assert "and one transaction holds 100" in too_big.finding.said
    assert path.read_text().splitlines()[too_big.line - 1].startswith("given = ")


def test_a_role_that_a_post_fills_is_held(tmp_path):
    filled = ('label = "the mediator"', 'label = "the mediator", unclear = "Once.", means = "iro"')

    assert found(draft(tmp_path, filled)) == []


def test_a_freeze_is_released_by_an_example_in_which_its_process_ends(tmp_path):
    ended = (
        '[{ on = "Fri 16 Oct 2026", fact = "process_opened", process = "iro_challenge", process_id ='
        ' "ch-1" }]'
    )
    refer = ended.replace("iro_challenge", "advocacy_referral")
    ends = refer[1:].replace("process_opened", "process_ended").replace("Fri 16", "Wed 21")
    both = f"{refer[:-1]}, {ends}"
    path = draft(
        tmp_path,
        ('while = "iro_challenge"', 'while = "advocacy_referral"'),
        (ended, both),
    )

    assert not any("nothing here ends" in each.finding.said for each in found(path))


def test_effects_that_a_setting_put_aside_are_not_looked_at(tmp_path):
    aside = ('needs = [{ fact = "meeting_held", meeting = "placement_support" }]', "applies = false")

    assert not any("MF-01.guard" in each.finding.place for each in found(draft(tmp_path, aside)))
