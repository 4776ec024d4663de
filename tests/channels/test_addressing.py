"""Who is told: looked up on the London day of sending."""

from dataclasses import replace

import pytest

from chalicelib.channels.addressing import beside, email_address, topic_address
from chalicelib.core.errors import WillNeverArrive
from tests.builders import day
from tests.doubles import MemoryContacts
from tests.messages import cover, message, person, role_contact

TODAY = day("Thu 9 Apr 2026")
TO_A_ROLE = message(person_id=None, role="gm_cpt")


def test_the_person_on_the_case_is_told() -> None:
    assert email_address(message(), MemoryContacts([person("ada")]), TODAY) == "ada@example.org"


def test_whoever_covers_that_day_is_told_instead() -> None:
    away = person("ada", cover=(cover("ben", "Wed 8 Apr 2026", "Thu 9 Apr 2026"),))
    contacts = MemoryContacts([away, person("ben")])

    assert email_address(message(), contacts, day("Thu 9 Apr 2026")) == "ben@example.org"
    assert email_address(message(), contacts, day("Fri 10 Apr 2026")) == "ada@example.org"


def test_cover_is_followed_on_and_two_who_cover_each_other_do_not_go_round() -> None:
    days = ("Wed 8 Apr 2026", "Fri 10 Apr 2026")
    ada = person("ada", cover=(cover("ben", *days),))
    ben = person("ben", cover=(cover("cas", *days),))
    cas = person("cas", cover=(cover("ada", *days),))

    assert email_address(message(), MemoryContacts([ada, ben, cas]), TODAY) == "cas@example.org"


def test_cover_by_somebody_unknown_leaves_the_person_themself() -> None:
    away = person("ada", cover=(cover("nobody", "Wed 8 Apr 2026", "Fri 10 Apr 2026"),))

    assert email_address(message(), MemoryContacts([away]), TODAY) == "ada@example.org"


def test_a_manager_is_looked_up_and_may_be_covered_too() -> None:
    ada = person("ada", manager="mo", cover=(cover("ben", "Wed 8 Apr 2026", "Fri 10 Apr 2026"),))
    mo = person("mo", cover=(cover("nia", "Thu 9 Apr 2026", "Thu 9 Apr 2026"),))
    contacts = MemoryContacts([ada, mo, person("nia"), person("ben", manager="other")])

    assert email_address(message(via_manager=True), contacts, TODAY) == "nia@example.org"


def test_a_role_of_the_authority_goes_to_its_person_or_its_mailbox() -> None:
    held = MemoryContacts([person("gail")], [role_contact("gm_cpt", person_id="gail")])
    shared = MemoryContacts([], [role_contact("gm_cpt", email="cpt@example.org")])

    assert email_address(TO_A_ROLE, held, TODAY) == "gail@example.org"
    assert email_address(TO_A_ROLE, shared, TODAY) == "cpt@example.org"


def test_the_manager_of_whoever_holds_a_role_is_told() -> None:
    contacts = MemoryContacts(
        [person("gail", manager="mo"), person("mo")], [role_contact("gm_cpt", person_id="gail")]
    )
    to_the_manager = message(person_id=None, role="gm_cpt", via_manager=True)

    assert email_address(to_the_manager, contacts, TODAY) == "mo@example.org"


def test_whoever_answers_for_a_mailbox_is_its_manager() -> None:
    contacts = MemoryContacts([person("mo")], [role_contact("gm_cpt", email="cpt@example.org", manager="mo")])
    to_the_manager = message(person_id=None, role="gm_cpt", via_manager=True)

    assert email_address(to_the_manager, contacts, TODAY) == "mo@example.org"


# --- beside one who could not be reached -----------------------------------------------------

ALERT = {"occasion": "undelivered:f-1"}
ADA = person("ada", manager="mo", deputy="dee")
COUNCIL = (ADA, person("mo", manager="max", deputy="mia"), *map(person, ("dee", "max", "mia")))


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"via_deputy": True}, "dee"),
        ({"via_manager": True}, "mo"),
        ({"via_deputy": True, "of_manager": True}, "mia"),
        ({"via_manager": True, "of_manager": True}, "max"),
    ],
)
def test_the_deputy_and_the_manager_of_whoever_was_not_reached_are_looked_up(step, told) -> None:
    alert = message(**ALERT, **step)

    assert email_address(alert, MemoryContacts(COUNCIL), TODAY) == f"{told}@example.org"


def test_a_deputy_may_be_covered_too_but_never_by_the_one_not_reached() -> None:
    days = ("Wed 8 Apr 2026", "Fri 10 Apr 2026")
    alert = message(**ALERT, via_deputy=True)
    away = person("dee", cover=(cover("ben", *days),))
    by_ada = person("dee", cover=(cover("ada", *days),))

    assert email_address(alert, MemoryContacts([ADA, away, person("ben")]), TODAY) == "ben@example.org"
    assert email_address(alert, MemoryContacts([ADA, by_ada]), TODAY) == "dee@example.org"


def test_who_else_can_be_told_is_whoever_the_contacts_know() -> None:
    mo, dee = person("mo"), person("dee")

    assert beside(message(), MemoryContacts([ADA, mo, dee])) == ("deputy", "manager")
    assert beside(message(), MemoryContacts([ADA, mo])) == ("manager",)
    assert beside(message(), MemoryContacts([ADA, dee])) == ("deputy",)
    assert beside(message(), MemoryContacts([ADA])) == ()
    assert beside(message(), MemoryContacts([])) == ()
    assert beside(TO_A_ROLE, MemoryContacts([])) == ()


def test_nobody_is_told_twice_and_nobody_of_themself() -> None:
    both = person("ada", deputy="mo", manager="mo")
    alone = person("ada", deputy="ada", manager="ada")

    assert beside(message(), MemoryContacts([both, person("mo")])) == ("deputy",)
    assert beside(message(), MemoryContacts([alone])) == ()


def test_beside_a_manager_stand_their_own_deputy_and_manager() -> None:
    to_the_manager = message(via_manager=True)

    assert beside(to_the_manager, MemoryContacts(COUNCIL)) == ("deputy", "manager")
    assert beside(to_the_manager, MemoryContacts([ADA, person("mo", deputy="dee"), person("dee")])) == (
        "deputy",
    )
    assert beside(to_the_manager, MemoryContacts([ADA, person("dee")])) == ()


def test_of_a_mailbox_only_whoever_answers_for_it_can_be_told() -> None:
    mailbox = role_contact("gm_cpt", email="cpt@example.org", manager="mo")

    assert beside(TO_A_ROLE, MemoryContacts([person("mo")], [mailbox])) == ("manager",)
    assert beside(TO_A_ROLE, MemoryContacts([], [mailbox])) == ()
    assert beside(replace(TO_A_ROLE, channel="topic"), MemoryContacts([person("mo")], [mailbox])) == (
        "manager",
    )


@pytest.mark.parametrize(
    ("notice", "contacts", "reason"),
    [
        (message(), MemoryContacts(), "no_contact"),
        (message(via_deputy=True), MemoryContacts([person("ada")]), "no_deputy"),
        (message(via_deputy=True), MemoryContacts([ADA]), "no_deputy"),
        (message(via_deputy=True, of_manager=True), MemoryContacts([person("ada")]), "no_manager"),
        (message(), MemoryContacts([person("ada", authority="redbridge")]), "no_contact"),
        (message(), MemoryContacts([person("ada", email="")]), "no_address"),
        (message(via_manager=True), MemoryContacts([person("ada")]), "no_manager"),
        (message(via_manager=True), MemoryContacts([person("ada", manager="gone")]), "no_manager"),
        (TO_A_ROLE, MemoryContacts(), "no_contact"),
        (TO_A_ROLE, MemoryContacts([], [role_contact("gm_cpt", person_id="gone")]), "no_contact"),
        (TO_A_ROLE, MemoryContacts([], [role_contact("gm_cpt")]), "no_address"),
        (
            message(person_id=None, role="gm_cpt", via_manager=True),
            MemoryContacts([], [role_contact("gm_cpt", email="cpt@example.org")]),
            "no_manager",
        ),
    ],
)
def test_nobody_to_tell_is_said_in_a_word(notice, contacts, reason) -> None:
    with pytest.raises(WillNeverArrive, match=f"^{reason}$"):
        email_address(notice, contacts, TODAY)


def test_a_topic_belongs_to_the_role_whoever_is_on_the_case() -> None:
    contacts = MemoryContacts([person("ada")], [role_contact("social_worker", topic="arn:topic")])

    assert topic_address(message(), contacts) == "arn:topic"


@pytest.mark.parametrize(
    ("notice", "contacts", "reason"),
    [
        (message(), MemoryContacts(), "no_contact"),
        (message(), MemoryContacts([], [role_contact("social_worker")]), "no_address"),
        (
            message(via_manager=True),
            MemoryContacts([], [role_contact("social_worker", topic="arn:t")]),
            "no_manager",
        ),
        (
            message(via_deputy=True),
            MemoryContacts([], [role_contact("social_worker", topic="arn:t")]),
            "no_deputy",
        ),
    ],
)
def test_a_role_without_a_topic_is_said_in_a_word(notice, contacts, reason) -> None:
    with pytest.raises(WillNeverArrive, match=f"^{reason}$"):
        topic_address(notice, contacts)
