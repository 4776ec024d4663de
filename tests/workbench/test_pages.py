"""The readable pages: they say everything that their files say, and are as they would be written."""

import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.protocol import Example, Protocol
from chalicelib.protocol_files import Shelf
from tests.stories import TOWER_HAMLETS
from workbench.__main__ import main
from workbench.outcomes import said_outcome
from workbench.pages import FOLDER, written
from workbench.shown import home
from workbench.telling import Tale

SHELF = Shelf()
PAGES = written(SHELF)
PROTOCOLS = [SHELF.whole(name) for name in SHELF.ids()]
LINK = re.compile(r"\]\((?P<page>[\w./-]*)(?:#(?P<name>[\w-]+))?\)")
ANCHOR = re.compile(r'<a id="([\w-]+)"></a>')


def page(protocol: Protocol) -> str:
    return PAGES[f"{protocol.id}.md"]


def section(text: str, name: str) -> str:
    """What stands under one heading, to the next of any level."""
    return text.split(f'<a id="{name}"></a>')[1].split("\n#", maxsplit=1)[0]


def told(*given: dict[str, Any], **more: Any) -> str:
    example = Example(name="Invented", given=given, **more)
    return Tale(example, TOWER_HAMLETS).said()


# --- the pages that are checked in ----------------------------------------------------------


def test_the_pages_that_are_checked_in_are_those_that_would_be_written() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}

    assert there.keys() == PAGES.keys(), "run `make pages`"
    assert [name for name in PAGES if there[name] != PAGES[name]] == [], "run `make pages`"


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda each: each.id)
def test_a_page_says_every_clause_with_its_number_force_text_and_note(protocol: Protocol) -> None:
    for clause in protocol.clauses:
        said = section(page(protocol), clause.id.lower())

        assert clause.printed in said.splitlines()[0]
        assert f"> {clause.text}\n" in said
        assert f" · {clause.id}" in said
        assert (clause.note or "") in said
        assert (clause.status or "") in said
        for _, way in protocol.exceptions_to.get(clause.id, ()):
            assert f"“{way.name.replace('_', ' ')}”" in said


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda each: each.id)
def test_a_page_tells_every_example_once(protocol: Protocol) -> None:
    for example in protocol.examples:
        assert page(protocol).count(f"* **{example.name}.** ") == 1


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda each: each.id)
def test_a_page_says_what_was_decided_in_every_silence_and_why(protocol: Protocol) -> None:
    for setting in protocol.settings.values():
        assert setting.why in section(page(protocol), f"silence-{setting.silence or 'none'}")
    assert "Not decided in this file" not in page(protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda each: each.id)
def test_a_page_says_which_post_fills_a_role_that_is_unclear(protocol: Protocol) -> None:
    said = section(page(protocol), "unclear")

    for word in protocol.roles.values():
        if word.means:
            assert word.label.lower() in said.lower()
            assert (word.unclear or "") in said


def test_no_page_shows_a_name_of_ours_where_words_should_stand() -> None:
    """A name with an underscore stands in code quotes, or in a file's name, and nowhere else."""
    for name, text in PAGES.items():
        plain = re.sub(r"`[^`]*`|\]\([^)]*\)", "", text)
        assert re.findall(r"\w*[a-z]_[a-z]\w*", plain) == [], name


def test_every_link_leads_somewhere() -> None:
    names = {name: set(ANCHOR.findall(text)) for name, text in PAGES.items()}

    for name, text in PAGES.items():
        for link in LINK.finditer(text):
            target = link["page"] or name
            assert target in PAGES or (FOLDER / target).is_file(), f"{name} links to {target}"
            assert not link["name"] or link["name"] in names[target], f"{name} links to {link[0]}"


# --- the command ----------------------------------------------------------------------------


def test_pages_are_written_once_and_then_found_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["pages", "--folder", str(tmp_path)]

    assert main(asked) == 0
    assert {path.name for path in tmp_path.iterdir()} == PAGES.keys()
    assert main([*asked, "--check"]) == 0
    assert main(asked) == 0
    assert capsys.readouterr().out.endswith(", 0 of them changed.\n")


def test_a_page_that_was_changed_by_hand_and_one_whose_file_is_gone_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["pages", "--folder", str(tmp_path)]
    main(asked)
    (tmp_path / "coverage.md").write_text("All is well.")
    (tmp_path / "elsewhere-2019-01-01.md").write_text("Once.")

    assert main([*asked, "--check"]) == 1
    assert capsys.readouterr().err == (
        "coverage.md is not what `make pages` would write.\n"
        "elsewhere-2019-01-01.md is not what `make pages` would write.\n"
    )
    assert (tmp_path / "coverage.md").read_text() == "All is well."

    main(asked)
    assert {path.name for path in tmp_path.iterdir()} == PAGES.keys()


# --- stories --------------------------------------------------------------------------------


def test_a_fact_is_told_with_its_day_its_people_and_its_words() -> None:
    assert (
        told(
            {
                "on": "Wed 14 Oct 2026",
                "fact": "meeting_held",
                "meeting": "placement_support",
                "meeting_id": "m-1",
                "chair": "iro",
                "present": ["iro", "okafor/social_worker"],
                "outcome": "not_viable",
                "reasons": ["child_behaviour", "absence"],
            }
        )
        == "Wed 14 Oct 2026: a Placement Support Meeting was held, chaired by the Independent Reviewing"
        " Officer, with the Independent Reviewing Officer and Okafor (the social worker) present, for the"
        " reasons “the child's behaviour” and “absence from the placement”, with the outcome “the placement"
        " is not viable”."
    )


def test_a_proposal_is_told_as_one_and_its_claims_with_who_approved_them() -> None:
    claim = {
        "name": "immediate_harm",
        "because": "An incident.",
        "approver": "team_manager",
        "confirmed": True,
    }
    meant = {
        "on": "Wed 7 Oct 2026",
        "fact": "decision_made",
        "decision": "move",
        "by": ["team_manager"],
        "exceptions": [claim],
    }

    assert told(propose=meant, today="Thu 8 Oct 2026") == (
        "Wed 7 Oct 2026: it is proposed that the decision “move the child” is made by the team manager, the"
        " exception “immediate harm” claimed: “An incident”, approved by the team manager, and confirmed."
        " Now it is Thu 8 Oct 2026."
    )


def test_of_two_placements_or_meetings_it_is_said_which() -> None:
    ended = {"fact": "placement_ended", "manner": "unplanned"}
    held = {"fact": "meeting_held", "meeting": "placement_support", "chair": "iro", "present": ["iro"]}
    sent = {"fact": "document_sent", "document": "meeting_record", "to": ["carer"], "meeting_id": "m-1"}

    said = told(
        {"on": "Mon 5 Oct 2026", "placement_id": "P-0", **ended},
        {"on": "Tue 6 Oct 2026", "placement_id": "P-1", **ended},
        {"on": "Wed 7 Oct 2026", "meeting_id": "m-1", **held},
        {"on": "Thu 8 Oct 2026", "meeting_id": "m-2", **held},
        {"on": "Fri 9 Oct 2026", **sent},
    )

    assert said.startswith("Mon 5 Oct 2026: a placement ended, unplanned, placement P-0. ")
    assert said.endswith("was sent to the carer, about the meeting of Wed 7 Oct 2026.")


def test_what_an_example_expects_is_said_in_sentences() -> None:
    def said(**wanted: object) -> str:
        return said_outcome({"clause": "TH-35", **wanted}, TOWER_HAMLETS)

    assert said(state="open", due_on="Wed 28 Oct 2026", left=5, told=["iro"]) == (
        "It is owed, due on Wed 28 Oct 2026, with 5 still to do. Told: the Independent Reviewing Officer."
    )
    assert said(answer="refused", offers=["immediate_harm"]) == (
        "It is refused. Open to it: the exception “immediate harm”."
    )
    assert said(answer="breach", missing=["carer", "why_not_parent"]) == (
        "It is recorded and flagged as a breach. Missing: the carer and a parent."
    )
    assert said(state="open", halted=True) == "It is owed, its clock stands still."
    assert said(none=True) == "Nothing is owed and nothing is flagged."
    assert said(answer="none") == "Nothing stands in its way."


def test_a_report_that_was_withdrawn_is_called_by_its_day_and_a_correction_by_what_it_corrects() -> None:
    convened = {"fact": "meeting_convened", "meeting": "placement_support", "chair": "iro"}

    said = told(
        {"on": "Thu 8 Oct 2026", **convened},
        {"on": "Fri 9 Oct 2026", "id": "again", "replaces": "f0", **convened},
        {"on": "Mon 12 Oct 2026", "fact": "fact_withdrawn", "replaces": "again", "because": "Called off."},
    )

    assert (
        "to be chaired by the Independent Reviewing Officer, in place of what was told of Thu 8 Oct" in said
    )
    assert said.endswith("12 Oct 2026: what was told of Fri 9 Oct 2026 was withdrawn, because: “Called off”.")


def test_a_record_is_told_by_its_parts_or_by_how_many_they_are() -> None:
    completed = {"on": "Fri 16 Oct 2026", "fact": "document_completed", "document": "meeting_record"}
    few = {"views": "…", "why_not_parent": "Abroad.", "actions": []}
    many = {f"part_{number}": "…" for number in range(7)}

    assert told({**completed, "contents": few}).endswith(
        "was completed, carrying “views” and why not a parent."
    )
    assert told({**completed, "contents": many}).endswith("was completed, carrying 7 parts.")


# --- where an example is told ---------------------------------------------------------------


def test_what_only_grants_an_exception_and_what_halts_tell_their_own_examples() -> None:
    whole = SHELF.whole(TOWER_HAMLETS.id)
    homes = {example.name: home(example, whole).id for example in whole.examples}

    assert homes["With any other reason beside the contract the exemption fails"] == "TH-46"
    assert homes["While the enquiry is open nothing falls overdue, and the duty has not gone away"] == "TH-44"
    assert homes["A move proposed with no meeting held is refused"] == "TH-25"


def test_the_same_outcome_under_several_clauses_is_said_once() -> None:
    (said,) = re.findall(
        r"\* \*\*One meeting that is convened answers all five worries\.\*\* .* → (.*)",
        PAGES["placement-support-guidance-2023-02-01.md"],
    )

    assert said == (
        "*It is met.* Likewise under [4(b)](#ig-05), [4(c)](#ig-06), [4(e)](#ig-08) and [4(f)](#ig-09)."
    )
