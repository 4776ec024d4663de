"""Who is who: each authority apart, and what was looked up a moment ago not looked up again."""

from dataclasses import replace

import pytest

from chalicelib.ports import Authority
from chalicelib.store import contacts
from chalicelib.store.access import DynamoAccess
from chalicelib.store.contacts import DynamoContacts
from chalicelib.store.items import ContactItem
from tests.builders import day
from tests.messages import cover, person, role_contact


class Clock:
    """Seconds, as many as a test says."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def who(tables, clock):
    return DynamoContacts(monotonic=clock)


def test_a_person_is_read_back_as_they_were_saved(who):
    ada = person(
        "ada",
        manager="grace",
        deputy="mary",
        roles=("iro",),
        cover=(cover("mary", "Mon 25 May 2026", "Fri 29 May 2026"),),
    )
    contacts.save_person(ada)

    assert who.person("tower-hamlets", "ada") == ada


def test_a_role_is_read_back_as_it_was_saved(who):
    panel = role_contact("cpt", email="cpt@example.org", channels={"now": ("email", "topic")})
    contacts.save_role(panel)

    assert who.role("tower-hamlets", "cpt") == panel


def test_nobody_is_found_in_another_authority(who):
    contacts.save_person(person("ada"))
    contacts.save_role(role_contact("cpt"))

    assert who.person("hackney", "ada") is None
    assert who.role("hackney", "cpt") is None
    assert who.channels("hackney") == {}


def test_a_new_address_counts_at_once(who):
    contacts.save_person(person("ada"))
    who.person("tower-hamlets", "ada")

    contacts.save_person(person("ada", email="ada@example.com"))

    assert who.person("tower-hamlets", "ada").email == "ada@example.com"


def test_the_channels_of_all_roles_are_remembered_for_a_minute(who, clock):
    contacts.save_role(role_contact("cpt"))
    assert list(who.channels("tower-hamlets")) == ["cpt"]
    contacts.save_role(role_contact("gm_cpt"))

    clock.seconds += 59
    assert list(who.channels("tower-hamlets")) == ["cpt"]
    clock.seconds += 1
    assert list(who.channels("tower-hamlets")) == ["cpt", "gm_cpt"]


def test_that_there_are_no_roles_is_not_remembered(who):
    assert who.channels("tower-hamlets") == {}
    contacts.save_role(role_contact("cpt"))

    assert list(who.channels("tower-hamlets")) == ["cpt"]


def test_an_authority_is_read_back_and_remembered_for_a_minute(tables, clock):
    council = Authority(
        id="tower-hamlets",
        name="Tower Hamlets",
        protocols=("tower-hamlets-2026-04-01",),
        closure_days={day("Thu 24 Dec 2026"): "Offices closed"},
    )
    contacts.save_authority(council)
    access = DynamoAccess(monotonic=clock)
    assert access.authority("tower-hamlets") == council

    ContactItem("tower-hamlets", "AUTHORITY").delete()
    assert access.authority("tower-hamlets") == council
    clock.seconds += 60
    assert access.authority("tower-hamlets") is None


def test_an_authority_as_it_is_this_moment_is_read_and_remembered_from_then_on(tables, clock):
    before = Authority(id="havering", name="Havering", protocols=("tower-hamlets-2026-04-01",))
    after = replace(before, closure_days={day("Thu 24 Dec 2026"): "Offices closed"})
    access = DynamoAccess(monotonic=clock)
    assert access.authority_now("havering") is None
    contacts.save_authority(before)
    assert access.authority("havering") == before

    contacts.save_authority(after)
    assert access.authority("havering") == before
    assert access.authority_now("havering") == after
    assert access.authority("havering") == after


def test_all_authorities_are_on_the_roster_each_once(tables):
    assert DynamoAccess().authorities() == []

    for name in ("tower-hamlets", "havering", "tower-hamlets"):
        contacts.save_authority(Authority(id=name, name=name.title(), protocols=("p-2026-01-01",)))

    assert DynamoAccess().authorities() == ["havering", "tower-hamlets"]


def test_the_roster_is_nobody_and_nobody_is_on_it_but_authorities(tables):
    contacts.save_authority(Authority(id="havering", name="Havering", protocols=("p-2026-01-01",)))
    contacts.save_person(person("ada"))

    assert DynamoAccess().authority("#AUTHORITIES") is None
    assert DynamoAccess().authorities() == ["havering"]


def test_people_and_roles_are_listed_page_by_page(tables):
    for name in ("ada", "grace", "mary"):
        contacts.save_person(person(name))
    contacts.save_role(role_contact("cpt"))

    first = contacts.people("tower-hamlets", None, 2)
    rest = contacts.people("tower-hamlets", first.cursor, 2)

    assert [[each.id for each in page.items] for page in (first, rest)] == [["ada", "grace"], ["mary"]]
    assert [each.role for each in contacts.roles("tower-hamlets", None, 10).items] == ["cpt"]


def test_the_roles_somebody_holds_are_remembered_for_a_minute(who, clock):
    contacts.save_person(person("ada", roles=("gm_iro",)))
    assert who.roles_held("tower-hamlets", "ada") == ("gm_iro",)
    contacts.save_person(person("ada", roles=()))

    clock.seconds += 59
    assert who.roles_held("tower-hamlets", "ada") == ("gm_iro",)
    clock.seconds += 1
    assert who.roles_held("tower-hamlets", "ada") == ()
    assert who.roles_held("hackney", "ada") == ()
