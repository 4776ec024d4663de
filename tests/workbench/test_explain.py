"""A story is explained as it went: each step as things stood then, in order of time."""

from chalicelib.core.spoken import spoken_day as day
from chalicelib.core.walking import Told, Walk, walk
from chalicelib.protocol_files import Shelf
from tests.builders import corrected, fact, held, referral, withdrawn
from tests.stories import rules
from workbench.explain import explained

WHOLE = Shelf().load("tower-hamlets-2026-01-01")
NOT_VIABLE = held("Wed 14 Oct 2026", outcome="not_viable")
ENQUIRY = {"process": "child_protection_enquiry", "process_id": "e-1"}


def walked(*facts) -> Walk:
    return walk([Told(fact=each) for each in facts], rules(WHOLE), day("Thu 29 Oct 2026"))


def test_each_step_is_told_with_the_date_of_that_step_and_in_order_of_time():
    halted = fact("process_opened", "Fri 16 Oct 2026", **ENQUIRY)
    said = "\n".join(
        explained(walked(NOT_VIABLE, halted, fact("process_ended", "Tue 20 Oct 2026", **ENQUIRY)), {"TH-35"})
    )

    told = ["owed by social work team, due on Mon 19 Oct 2026", "its clock stands still", "its clock runs"]
    assert [said.index(each) for each in told] == sorted(said.index(each) for each in told)
    assert said.index("Told because it became owed") < said.index("its clock stands still")


def test_a_duty_that_was_wholly_withdrawn_is_explained_as_it_stood():
    later = held("Tue 13 Oct 2026", outcome="not_viable")
    said = "\n".join(
        explained(
            walked(
                NOT_VIABLE,
                corrected(NOT_VIABLE, later, "Thu 15 Oct 2026 10:00"),
                withdrawn(NOT_VIABLE, "Thu 22 Oct 2026 10:00"),
            ),
            {"TH-35"},
        )
    )

    assert "TH-35, clause 5.14: a duty, withdrawn" in said
    assert "Due on Friday 16 October 2026." in said
    assert "now due on Fri 16 Oct 2026; it was Mon 19 Oct 2026" in said
    assert "withdrawn: it never applied" in said
    assert "Told because what they had been told no longer applies" in " ".join(said.split())


def test_nothing_was_told_of_a_clause_that_nothing_came_of():
    assert list(explained(walked(referral()), {"TH-50"})) == []
