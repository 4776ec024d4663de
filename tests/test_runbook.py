"""The runbook itself: a chapter for each alarm, and no command in it that no test runs."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from chalicelib import findings, ticking
from infra.package import Package
from tests import runbook, runbook_local, runbook_restoring
from tests.deployed import runbook_scenes
from tests.runbook import DEPLOYED, LOCAL, Chapter
from tests.template import Template, named

# Where the scenes are: importing them makes them known.
SCENES = (runbook_local, runbook_restoring, runbook_scenes)
CHALICELIB = Path(__file__).parent.parent / "chalicelib"
ALARMS = "Alarms"
PARTS = ("What it means.", "How urgent.", "Look.", "Do.", "Over.")
PREFIX = "holdfast-${Stage}-"


def of_alarms() -> dict[str, Chapter]:
    return {each.title: each for each in runbook.chapters() if each.part == ALARMS and each.title != ALARMS}


def test_every_alarm_has_a_chapter_and_every_chapter_an_alarm(package: Package) -> None:
    alarms = Template.of(package).of_type("AWS::CloudWatch::Alarm").values()

    assert sorted(of_alarms()) == sorted(named(each["AlarmName"]).removeprefix(PREFIX) for each in alarms)


@pytest.mark.parametrize("title", of_alarms())
def test_a_chapter_says_what_it_means_how_urgent_it_is_what_to_do_and_when_it_is_over(title: str) -> None:
    chapter = of_alarms()[title]
    said = re.findall(r"^\*\*(.+?)\*\*", chapter.text, re.MULTILINE)

    assert tuple(said) == PARTS
    assert chapter.commands, "how to look is a command"


def test_every_command_is_played_by_exactly_one_scene() -> None:
    played = [*LOCAL.known, *DEPLOYED.known, *(each.text for each in runbook.begins())]

    assert sorted(played) == sorted({each.text for each in runbook.commands()})


def test_every_fenced_block_holds_commands() -> None:
    fences = re.findall(r"^ *(?:```|~~~)", runbook.RUNBOOK.read_text(), re.MULTILINE)
    blocks = {(each.chapter, each.block) for each in runbook.commands()}

    assert len(fences) == 2 * len(blocks)


def test_what_changes_something_says_by_whom_and_why() -> None:
    changing = re.compile(r"\$operate (undelivered|aside|address|sending|unhandled) (?!list|show)")

    found = [each.text for each in runbook.commands() if changing.match(each.text)]
    assert found
    assert all("--by YOU --why " in text for text in found)


def test_every_reason_for_which_a_case_is_set_aside_and_every_sort_that_is_found_is_explained() -> None:
    reasons = words_of(ticking) - {"time_reached"}
    sorts = {f"sort_{each}" for each in words_of(findings) - {"email", "unreconciled"}}

    explained = set(re.findall(r"^\| `([a-z_]+)` \|", runbook.RUNBOOK.read_text(), re.MULTILINE))
    assert {"raises", "sort_missing"} <= explained
    assert explained == reasons | sorts


@pytest.mark.parametrize("page", ["runbook.md", "deploying.md"])
def test_how_often_a_case_may_fail_is_said_as_it_is(page: str) -> None:
    counts = {ticking.RAISES: "after five failures", ticking.ENDS_RUNS: "after two"}
    numbers = {"two": 2, "five": 5}

    assert {reason: numbers[said.split()[1]] for reason, said in counts.items()} == ticking.AFTER
    text = " ".join((runbook.RUNBOOK.parent / page).read_text().split())
    assert [said for said in counts.values() if said not in text] == []


def words_of(module: ModuleType) -> set[str]:
    """The fixed words that a module names."""
    return {each for name, each in vars(module).items() if name.isupper() and isinstance(each, str)}


@pytest.mark.parametrize(
    "line",
    [
        "administrator not reached",
        "case set aside",
        "delivery event not understood",
        "message left to its lease",
        "message not settled",
        "message set aside",
        "no matter of single cases",
        "not reconciled",
        "time not recorded",
        "time recorded",
    ],
)
def test_a_line_of_the_log_that_is_quoted_is_logged(line: str) -> None:
    sources = (each.read_text() for each in CHALICELIB.rglob("*.py"))

    assert f"`{line}`" in runbook.RUNBOOK.read_text()
    assert re.search(rf'log\.\w+\(\s*"{line}"', "\n".join(sources))


def test_every_blank_is_explained() -> None:
    blanks = {blank for each in runbook.commands() for blank in each.blanks}
    text = runbook.RUNBOOK.read_text()

    explained = set(re.findall(r"`([A-Z][A-Z_]+)`", text))
    assert sorted(blanks - explained) == []


def test_every_link_leads_somewhere() -> None:
    text = runbook.RUNBOOK.read_text()
    for page, anchor in re.findall(r"\]\(([^)#:]*)#?([^):]*)\)", text):
        file = runbook.RUNBOOK.parent / page if page else runbook.RUNBOOK
        assert file.exists(), page
        if anchor:
            assert anchor in anchors(file), f"{page}#{anchor}"


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_what_is_said_of_an_alarm_elsewhere_names_one_that_there_is() -> None:
    named_there = set(re.findall(r"holdfast-(?:production|STAGE)-([a-z0-9-]+)", runbook.RUNBOOK.read_text()))

    assert named_there - of_alarms().keys() <= {"delivery", "not-handled"}
