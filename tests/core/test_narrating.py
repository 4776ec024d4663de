"""What is said of every occasion and of every change, of duties, flags, freezes and halts alike."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.calls import notice
from chalicelib.core.case import FREEZE, HALT, Answer, Case, Change, Duty, Flag, Hold, Notice, State
from chalicelib.core.effects import Effect, Freeze, Guard, Halt, Obligation
from chalicelib.core.explaining import explain_notice
from chalicelib.core.narrating import About, Narrator, basis, is_news, occasion_sort
from chalicelib.core.protocol import Urgency
from chalicelib.core.spoken import spoken_day as day
from chalicelib.protocol_files import Shelf
from tests.builders import moment
from tests.stories import CALENDAR, rules

WHOLE = Shelf().load("tower-hamlets-2026-01-01")
NARRATOR = Narrator(protocols=[WHOLE], calendar=CALENDAR)
THEN = moment("Wed 21 Oct 2026 08:00")
ANCHOR = "2026-10-19"


def effect_of(clause: str, sort: type[Effect]) -> str:
    """The name of the effect by which a clause does such a thing."""
    return next(each.name for each in WHOLE.by_id[clause].effects if isinstance(each, sort))


DUTY = Duty(
    id="o-1",
    protocol=WHOLE.id,
    clause="TH-35",
    effect=effect_of("TH-35", Obligation),
    opened_by="f-1",
    opened_on=day("Wed 14 Oct 2026"),
    opened_at=moment("Wed 14 Oct 2026 09:00"),
    owner=("social_work_team",),
    tell=("team_manager",),
    due_on=day("Mon 19 Oct 2026"),
)
MISSED = replace(DUTY, state=State.MISSED, settled_on=day("Tue 20 Oct 2026"), settled_by="f-1")
MET = replace(MISSED, state=State.MET)
FLAG = Flag(
    id="g-1",
    protocol=WHOLE.id,
    clause="TH-25",
    effect=effect_of("TH-25", Guard),
    fact_id="f-1",
    on=day("Wed 14 Oct 2026"),
    opened_at=moment("Wed 14 Oct 2026 09:00"),
    answer=Answer.BREACH,
    why="needed_first",
    tell=("team_manager",),
)
SAFETY = replace(FLAG, answer=Answer.SAFETY)
EXCEPTED = replace(FLAG, answer=Answer.EXCEPTED, exception="contract_ended")
FREEZING = Hold(
    id="h-1",
    protocol=WHOLE.id,
    clause="TH-40",
    effect=effect_of("TH-40", Freeze),
    process="advocacy_referral",
    process_id="a-1",
    opened_by="f-1",
    opened_on=day("Wed 14 Oct 2026"),
    tell=("team_manager",),
    sort=FREEZE,
)
HALTING = replace(
    FREEZING,
    clause="TH-44",
    effect=effect_of("TH-44", Halt),
    process="child_protection_enquiry",
    sort=HALT,
)
UNWANTED = replace(FLAG, clause="TH-49", effect=effect_of("TH-49", Guard))
BEFORE_THE_END = replace(DUTY, clause="TH-50", effect=effect_of("TH-50", Obligation), due_on=None)
WITHOUT_LIMIT = replace(DUTY, clause="TH-27", effect=effect_of("TH-27", Obligation), due_on=None)

NEVER = "what they were told no longer applies"
TOLD: list[tuple[About, str, str, str]] = [
    (DUTY, "opened", "this is owed by social work team, due on Mon 19 Oct 2026", "it became owed"),
    (
        DUTY,
        f"rung|opened|0|0|{ANCHOR}",
        "this is owed by social work team, due on Mon 19 Oct 2026",
        "it became owed, due on Monday 19 October 2026.",
    ),
    (
        DUTY,
        f"rung|before_due|1|0|{ANCHOR}",
        "a reminder, due on Mon 19 Oct 2026",
        "it is due on Monday 19 October 2026.",
    ),
    (
        DUTY,
        f"rung|after_due|2|0|{ANCHOR}",
        "overdue by 2 working days, it was due on Mon 19 Oct 2026",
        "it is overdue: it was due on Monday 19 October 2026.",
    ),
    (
        DUTY,
        f"rung|open_for|1|0|{ANCHOR}",
        "still waiting since Wed 14 Oct 2026 09:00",
        "it became owed and is still open.",
    ),
    (
        MISSED,
        "rung|open_for|0|0|2026-10-20",
        "it was missed on Tue 20 Oct 2026 and nobody has excused it",
        "it was missed and nobody has excused it.",
    ),
    (MISSED, "missed:f-1", "it can no longer be done in time", "it can no longer be done in time"),
    (DUTY, "withdrawn:f-1", NEVER, "what they had been told no longer applies"),
    (MET, "withdrawn:f-1", "it was done in time after all", "it was done in time after all"),
    (replace(DUTY, state=State.EXCUSED), "excused:f-1", "it is excused", "it was excused"),
    (DUTY, "reopened:f-1", "it is open again, due on Mon 19 Oct 2026", "it is open again"),
    (
        DUTY,
        f"moved:{ANCHOR}:f-1",
        "its date has moved, due on Mon 19 Oct 2026",
        "its date moved to Monday 19 October 2026",
    ),
    (DUTY, "allocated:f-1", "they have taken over", "it is now theirs: somebody else had it before"),
    (
        FLAG,
        "flagged",
        "a breach was recorded",
        "a step was taken that the clause does not allow as it stood.",
    ),
    (SAFETY, "flagged", "something done for safety was recorded", "a step was taken for safety that"),
    (
        FLAG,
        "flagged:f-1",
        "a breach stands again",
        "it stands again that a step was taken that the clause does not allow as it stood",
    ),
    (
        FLAG,
        "rung|open_for|0|0|2026-10-14",
        "a breach was recorded on Wed 14 Oct 2026 09:00 and nobody has excused it",
        "it was flagged and nobody has excused it.",
    ),
    (
        FLAG,
        "rung|opened|0|0|2026-10-14",
        "a breach was recorded on Wed 14 Oct 2026 09:00 and nobody has excused it",
        "it was flagged.",
    ),
    (FLAG, "cleared:f-1", "the flag is cleared", "the flag was cleared"),
    (replace(FLAG, answer=Answer.EXCUSED), "excused:f-1", "it is excused", "it was excused"),
    (EXCEPTED, "excused:f-1", "an exception passes it after all", "an exception passes it after all"),
    (FREEZING, "frozen", "the move is frozen", "the move is frozen."),
    (FREEZING, "frozen:f-1", "the move is frozen again", "it stands again that the move is frozen"),
    (
        FREEZING,
        "released:f-1",
        "this freeze has ended, and the move is free once no other is open",
        "this freeze has ended",
    ),
    (FREEZING, "withdrawn:f-1", "withdrawn: this freeze never applied", "this freeze never applied"),
    (HALTING, "halted", "the clocks stand still", "the clocks stand still."),
    (HALTING, "halted:f-1", "the clocks stand still again", "it stands again that the clocks stand still"),
    (
        HALTING,
        "resumed:f-1",
        "this halt has ended, and the clocks run again once no other is open",
        "this halt has ended",
    ),
    (HALTING, "withdrawn:f-1", "withdrawn: this halt never applied", "this halt never applied"),
]


def told_of(about: About, occasion: str, role: str = "team_manager") -> Notice:
    return notice(about, occasion, role, Urgency.NOW)


def explanation(about: About, occasion: str, role: str = "team_manager") -> Any:
    case = Case(id="PC-1", authority="a", child_reference="X-0", protocols=(WHOLE.id,))
    return explain_notice(told_of(about, occasion, role), case, rules(WHOLE), about)


@pytest.mark.parametrize(("about", "occasion", "short", "long"), TOLD)
def test_every_occasion_is_said_of_whatever_it_is_about(about, occasion, short, long):
    assert NARRATOR.why(told_of(about, occasion), about, THEN) == short
    assert explanation(about, occasion)["sentences"][1].startswith(f"Told because {long}")


@pytest.mark.parametrize("occasion", sorted({occasion for _, occasion, _, _ in TOLD}))
def test_an_occasion_is_said_in_words_even_where_nothing_is_known_any_more(occasion):
    made = told_of(DUTY, occasion)
    said = NARRATOR.why(made, None, THEN)

    assert said != occasion_sort(occasion)
    assert "rung" not in said


@pytest.mark.parametrize(
    ("about", "what", "said"),
    [
        (DUTY, "opened", "owed by social work team, due on Mon 19 Oct 2026."),
        (replace(DUTY, halted=True), "opened", "owed by social work team, its clock stands still."),
        (DUTY, "reopened", "open again, due on Mon 19 Oct 2026."),
        (DUTY, "moved", "now due on Mon 19 Oct 2026; it was without a date."),
        (replace(DUTY, halted=True), "halted", "its clock stands still."),
        (DUTY, "resumed", "its clock runs again, due on Mon 19 Oct 2026."),
        (DUTY, "covered", "part of it is done, 1 of 2 left."),
        (replace(MET, late=True), "met", "met late: it was due on Mon 19 Oct 2026."),
        (MET, "met", "met."),
        (MISSED, "missed", "missed: it can no longer be done in time."),
        (replace(MET, state=State.LAPSED), "lapsed", "lapsed, unmet and no longer owed."),
        (replace(MET, state=State.EXCUSED), "excused", "excused."),
        (DUTY, "withdrawn", "withdrawn: it never applied."),
        (UNWANTED, "flagged", "a breach: The clause wants this not to happen;"),
        (EXCEPTED, "answered", "passed by an exception (contract ended): First needed,"),
        (FLAG, "cleared", "the flag is cleared."),
        (FREEZING, "frozen", "the move is frozen while this is open: advocacy referral."),
        (FREEZING, "released", "this freeze has ended, and the move is free once no other is open."),
        (FREEZING, "withdrawn", "withdrawn: this freeze never applied."),
        (HALTING, "halted", "the clocks stand still while this is open: child protection enquiry."),
        (HALTING, "resumed", "this halt has ended, and the clocks run again once no other is open."),
        (HALTING, "withdrawn", "withdrawn: this halt never applied."),
    ],
)
def test_every_change_is_said_of_whatever_it_is_about(about, what, said):
    was, now = ("2", "1") if what == "covered" else (None, ANCHOR)
    change = Change(what=what, about=about.id, clause=about.clause, cause="f-1", was=was, now=now)

    assert NARRATOR.change(change, about).startswith(f"{NARRATOR.cited(about)}: {said}")


def test_a_duty_whose_day_is_not_known_yet_says_what_it_is_due_before():
    assert NARRATOR.due(BEFORE_THE_END) == "due before the placement ends"
    assert NARRATOR.due(WITHOUT_LIMIT) == "without a time limit"
    assert NARRATOR.due(replace(MET, halted=True, due_on=None)) == "without a date"


@pytest.mark.parametrize("what", ["halted", "resumed", "moved"])
def test_the_clock_of_a_settled_duty_is_no_news(what):
    change = Change(what=what, about="o-1", clause="TH-35", cause="f-1")

    assert is_news(change, DUTY)
    assert not is_news(change, MET)
    assert is_news(change, HALTING)


@pytest.mark.parametrize(
    ("about", "occasion", "role", "ground", "printed"),
    [
        (DUTY, "opened", "team_manager", "clause", "clause"),
        (DUTY, f"rung|before_due|1|0|{ANCHOR}", "social_work_team", "ladder", "local_policy"),
        (MISSED, "missed:f-1", "team_manager", "clause", "clause"),
        (MISSED, "missed:f-1", "social_work_team", "owner", "local_policy"),
        (SAFETY, "flagged", "team_manager", "clause", "clause"),
        (SAFETY, "flagged", "group_manager_iro", "safety_tell", "local_policy"),
        (FLAG, "flagged:f-1", "team_manager", "retelling", "local_policy"),
        (DUTY, "withdrawn:f-1", "team_manager", "retelling", "local_policy"),
        (FREEZING, "released:f-1", "team_manager", "clause", "clause"),
    ],
)
def test_a_notice_rests_on_what_has_that_role_told(about, occasion, role, ground, printed):
    assert basis(told_of(about, occasion, role), about) == ground
    assert explanation(about, occasion, role)["basis"] == printed
