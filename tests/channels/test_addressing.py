"""Who is told: looked up on the London day of sending."""

import pytest

from chalicelib.channels.addressing import email_address, topic_address
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


@pytest.mark.parametrize(
    ("notice", "contacts", "reason"),
    [
        (message(), MemoryContacts(), "no_contact"),
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
    ],
)
def test_a_role_without_a_topic_is_said_in_a_word(notice, contacts, reason) -> None:
    with pytest.raises(WillNeverArrive, match=f"^{reason}$"):
        topic_address(notice, contacts)
