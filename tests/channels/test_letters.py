"""The words that people receive."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime

import pytest

from chalicelib.channels.letters import template_name, wordings, write
from chalicelib.core.errors import NotInThisRelease
from chalicelib.ports import Message
from tests.builders import day
from tests.messages import message

LINKS = "https://holdfast.example.org"

# Every occasion that the engine makes, in its own form.
OCCASIONS = (
    "opened",
    "rung|opened|0|0|2026-04-13",
    "rung|before_due|1|0|2026-04-13",
    "rung|after_due|2|3|2026-04-13",
    "rung|open_for|1|0|2026-04-09T11:00:00.000000Z",
    "moved:2026-04-14:f-9",
    "missed",
    "reopened:f-9",
    "withdrawn:f-9",
    "superseded:f-9",
    "flagged",
    "allocated:f-9",
    "excused:f-9",
    "cleared:f-9",
    "frozen",
    "released",
    "halted",
    "resumed:f-9",
    "undelivered:f-9",
    "task:f-9",
    "chased|after_due|0|0|2026-04-09",
)

# What the service tells of itself: no clause, and no case but the authority's own record.
OWN = ("calendar_refused", "calendar_again", "unreconciled")

# What a letter may say of a message. Everything else is poisoned below.
SAID = {
    "case_id",
    "printed",
    "cited",
    "role_label",
    "due_on",
    "provisional",
    "via_manager",
    "occasion",
    "because",
    "id",
    "about",
}
POISON = "Wayne Kerr-Poison, s.20, born 1 April 2015"


def test_a_reminder_names_the_case_the_clause_the_day_the_role_and_where_to_read_on() -> None:
    letter = write(message(), "ada@example.org", LINKS)

    assert letter.message_id == "m-1"
    assert letter.address == "ada@example.org"
    assert letter.subject == "Reminder: a deadline on case PC-2041 is due on Monday 13 April 2026"
    assert "Clause 5.14 of the protocol" in letter.body
    assert "Due: Monday 13 April 2026." in letter.body
    assert "You are told as: Social worker." in letter.body
    assert "https://holdfast.example.org/v1/cases/PC-2041" in letter.body


def test_a_date_past_the_published_bank_holidays_is_called_provisional() -> None:
    notice = message(due_on=day("Tue 2 Jan 2029"), provisional=True)

    assert "Due: Tuesday 2 January 2029 (provisional:" in write(notice, "a", LINKS).body


def test_what_has_no_date_gives_none() -> None:
    assert "Due:" not in write(message(due_on=None), "a", LINKS).body


def test_a_deadline_that_the_calendar_moved_says_which_day_did_it_and_both_dates() -> None:
    why = "Monday 8 May 2023 is not counted any more: Coronation."
    moved = message(
        occasion="moved:2023-05-09:f-9",
        was_due_on=day("Mon 8 May 2023"),
        due_on=day("Tue 9 May 2023"),
        because=why,
    )
    letter = write(moved, "a", LINKS)

    assert letter.subject == "A deadline on case PC-2041 has moved to Tuesday 9 May 2023"
    assert f"{why}\n\nIt was due before on: Monday 8 May 2023.\n\nDue: Tuesday 9 May 2023." in letter.body


def test_a_manager_is_told_as_the_manager() -> None:
    letter = write(message(via_manager=True), "a", LINKS)

    assert "You are told as the manager of: Social worker." in letter.body


@pytest.mark.parametrize(
    ("step", "told_as"),
    [
        ({"via_deputy": True}, "You are told as the deputy of: Social worker."),
        (
            {"via_deputy": True, "of_manager": True},
            "You are told as the deputy of the manager of: Social worker.",
        ),
        (
            {"via_manager": True, "of_manager": True},
            "You are told as the manager of the manager of: Social worker.",
        ),
    ],
)
def test_whoever_stands_beside_them_is_told_as_that(step: Mapping[str, bool], told_as: str) -> None:
    letter = write(message(occasion="undelivered:f-9", due_on=None, **step), "a", LINKS)

    assert told_as in letter.body
    assert letter.body.count("You are told as") == 1


LOST = "The notice of Thursday 9 April 2026 to the social worker did not arrive: there is no such address."


@pytest.mark.parametrize("occasion", ["undelivered:f-9", "task:f-9", "chased|after_due|0|0|2026-04-09"])
def test_what_did_not_arrive_says_for_whom_why_what_to_do_and_how_to_record_it(occasion: str) -> None:
    letter = write(message(occasion=occasion, about="t-9", due_on=None, because=LOST), "a", LINKS)

    assert LOST in letter.body
    assert "under clause 5.14 of the protocol" in letter.body
    assert "the step told_another_way with for_id t-9" in letter.body
    assert "https://holdfast.example.org/v1/cases/PC-2041" in letter.body


def test_whoever_keeps_the_contacts_is_asked_to_correct_one() -> None:
    letter = write(message(occasion="task:f-9", due_on=None, because=LOST), "a", LINKS)

    assert letter.subject == "Case PC-2041: correct a contact, and tell them another way"
    assert "correct the contact, so that the next notice arrives" in letter.body


def test_a_clause_is_cited_as_its_own_document_is() -> None:
    cited = "part Agenda 1–7 (v45, 10 July 2025)"
    letter = write(message(occasion="flagged", cited=cited), "a", LINKS)

    assert letter.subject == "Case PC-2041: a breach of part Agenda 1-7 (v45, 10 July 2025) was recorded"
    assert f"is not as {cited} of the protocol asks" in letter.body


def test_a_subject_that_is_too_long_for_a_topic_is_cut() -> None:
    letter = write(message(occasion="flagged", cited=f"part {'Agenda ' * 20}"), "a", LINKS)

    assert len(letter.subject) == 99
    assert letter.subject.endswith("...")


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_every_occasion_has_its_own_words_and_fills_them(occasion: str) -> None:
    letter = write(message(occasion=occasion), "ada@example.org", LINKS)

    assert "$" not in letter.subject + letter.body
    assert "case PC-2041" in letter.subject.replace("Case", "case")
    assert len(letter.subject) < 100, "the limit of an SNS subject"
    assert letter.subject.isascii()
    assert "\n" not in letter.subject


def test_no_words_are_kept_that_no_occasion_uses() -> None:
    used = {template_name(occasion) for occasion in (*OCCASIONS, *OWN)}

    assert {name for name in wordings() if not name.startswith("_")} == used


def test_an_occasion_nobody_has_worded_is_said_to_be_beyond_this_release() -> None:
    with pytest.raises(NotInThisRelease, match=r"^no_wording$"):
        write(message(occasion="applauded"), "ada@example.org", LINKS)


def own(occasion: str, **changes: object) -> Message:
    """A message of the service's own, about no clause and due on no day."""
    made = {"protocol": "", "clause": "", "printed": "", "role_label": "administrator", "due_on": None}
    return message(occasion=occasion, **{**made, **changes})


@pytest.mark.parametrize("occasion", OWN)
def test_what_the_service_tells_of_itself_speaks_of_no_clause_and_of_no_child(occasion: str) -> None:
    because = "GOV.UK could not be reached"
    poisoned = poison() | {"role_label": "administrator", "clause": "", "because": because}

    letter = write(own(occasion, **poisoned), "ada@example.org", LINKS)

    assert "$" not in letter.subject + letter.body
    assert POISON not in letter.subject + letter.body
    assert "clause" not in letter.body.lower()
    assert "child" not in letter.body
    assert len(letter.subject) < 100
    assert letter.subject.isascii()
    assert "You are told as: administrator." in letter.body
    assert "https://holdfast.example.org/v1/cases/PC-2041" in letter.body


def test_a_refused_list_says_since_when_why_what_stays_and_what_to_do() -> None:
    letter = write(own("calendar_refused", because="GOV.UK could not be reached"), "a", LINKS)

    assert letter.subject == "GOV.UK's bank holidays cannot be read, and every deadline stays"
    assert "Since Thursday 9 April 2026" in letter.body
    assert "because GOV.UK could not be reached." in letter.body
    assert "Every deadline stays as it is" in letter.body
    assert "There is nothing to do at once." in letter.body
    assert letter.body.count("could not be reached") == 1


@pytest.mark.parametrize("occasion", OCCASIONS)
@pytest.mark.parametrize("step", [{}, {"via_manager": True}, {"via_deputy": True, "of_manager": True}])
def test_no_letter_says_more_than_a_case_a_clause_a_role_and_a_date(
    occasion: str, step: Mapping[str, bool]
) -> None:
    poisoned = message(occasion=occasion, provisional=True, **step, **poison())

    letter = write(poisoned, "ada@example.org", LINKS)

    assert POISON not in letter.subject + letter.body
    assert "ada" not in letter.subject + letter.body


def poison() -> dict[str, str]:
    """A poisoned value for every part of a message that is text and that no letter may say."""
    kept = SAID | {
        each.name for each in fields(Message) if isinstance(getattr(message(), each.name), date | datetime)
    }
    return {
        each.name: POISON for each in fields(Message) if each.name not in kept and "str" in str(each.type)
    }
