"""Every rule of the five documents stands in one file, and what acts is shown by an example."""

from collections import Counter
from pathlib import Path

import pytest

from chalicelib.core.protocol import Protocol
from chalicelib.protocol_files import Shelf
from workbench.coverage import Rule, coverage, missing, rules

SHELF = Shelf()
PROTOCOLS = [SHELF.whole(name) for name in SHELF.ids()]
RULES = rules(PROTOCOLS)
WRITTEN = Path(__file__).resolve().parent.parent / "docs" / "protocols" / "coverage.md"

# How many rules each of the five documents has; they are numbered from 1 on.
DOCUMENTS = {"TH": 50, "IG": 24, "PC": 17, "HV": 17, "PP": 24}
ASKED_FOR = [f"{name}-{number:02}" for name, last in DOCUMENTS.items() for number in range(1, last + 1)]
STATING = {
    *("TH-01", "TH-02", "TH-03", "TH-05", "TH-09", "IG-01", "IG-24", "PC-01", "PC-02", "PC-03"),
    *("HV-03", "HV-06", "HV-17", "PP-01", "PP-02", "PP-12"),
}


def of(rule_id: str) -> list[Rule]:
    return [rule for rule in RULES if rule.clause.id == rule_id]


def without(protocol: Protocol, *ids: str) -> Protocol:
    clauses = tuple(each for each in protocol.clauses if each.id not in ids)
    return Protocol(**{**protocol.__dict__, "clauses": clauses})


def test_a_hundred_and_thirty_two_rules_are_asked_for() -> None:
    assert len(ASKED_FOR) == 132


@pytest.mark.parametrize("rule_id", ASKED_FOR)
def test_a_rule_stands_in_exactly_one_file_and_is_shown_if_it_acts(rule_id: str) -> None:
    (rule,) = of(rule_id)

    assert rule.states == (rule_id in STATING)
    if rule.states:
        assert rule.effects == Counter()
    else:
        assert rule.effects.total() > 0
        assert rule.shown.decided, f"no example decides {rule_id}"


def test_the_five_files_have_no_rule_that_nobody_asked_for() -> None:
    """A sixth authority's rules are its own, and do not count here."""
    theirs = {rule.clause.id for rule in RULES if rule.clause.id.partition("-")[0] in DOCUMENTS}

    assert theirs == set(ASKED_FOR)


def test_a_hundred_and_sixteen_are_enforced_sixteen_stated_and_none_is_missing() -> None:
    theirs = {rule.protocol.id for rule in RULES if rule.clause.id in ASKED_FOR}
    said = coverage([each for each in PROTOCOLS if each.id in theirs])

    assert len(STATING) == 16
    assert "* 132 rules in 5 files\n* enforced: 116\n" in said
    assert "* stated (scope, vocabulary, version): 16\n* missing: 0\n" in said


def test_the_table_that_is_checked_in_is_the_one_that_would_be_written() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == coverage(PROTOCOLS), "run `make pages`"


def test_every_rule_has_its_row_with_a_link_to_its_page() -> None:
    said = coverage(PROTOCOLS)

    for rule in RULES:
        assert f"| [{rule.clause.id}]({rule.protocol.id}.md#{rule.clause.id.lower()}) |" in said


def test_a_rule_that_is_left_out_is_named() -> None:
    first = PROTOCOLS[0]
    gone = first.clauses[1].id

    assert missing(rules([without(first, gone)])) == (gone,)
    assert f"* missing: 1, {gone}\n" in coverage([without(first, gone)])
