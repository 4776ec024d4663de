"""The list that a demonstration has in GOV.UK's place: the one that is counted by, and a day more."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.core.working_days import Nation
from chalicelib.gov_uk import Learned, learn
from chalicelib.ports import Feed, Snapshot
from chalicelib.store.mapping import packed
from infra.gazette import in_place_of_gov_uk
from tests.builders import day
from tests.snapshots import FRIDAY, NOON, snapshot

GOV_UK = "https://gov-uk.example/bank-holidays.json"
MORE = day("Thu 22 Oct 2026")


@dataclass
class Deployed:
    """What of a stack is looked at: the snapshot it has, and where its function asks."""

    known: Snapshot | None = None
    environment: dict[str, str] = field(
        default_factory=lambda: {"STAGE": "test", "BANK_HOLIDAYS_URL": GOV_UK}
    )

    def outputs(self) -> dict[str, str]:
        return {"Calendars": "calendars", "CalendarFunction": "calendar", "BankHolidaysUrl": GOV_UK}

    def clients(self, _: str) -> "Deployed":
        return self

    def get_item(self, **_: object) -> Any:
        return {"Item": {"packed": {"B": packed(self.known)}}} if self.known else {}

    def get_function_configuration(self, **_: object) -> Any:
        return {"Environment": {"Variables": dict(self.environment)}}

    def update_function_configuration(self, **given: Any) -> None:
        self.environment = given["Environment"]["Variables"]

    def learns(self) -> Learned:
        return learn(self.environment["BANK_HOLIDAYS_URL"], Feed(), self.known, NOON)


@pytest.mark.parametrize("known", [snapshot(), snapshot(FRIDAY, withdrawn="Mon 4 May 2026")])
def test_as_long_as_nothing_is_proclaimed_nothing_changes(known):
    stack = Deployed(known=known)
    with in_place_of_gov_uk(stack):
        assert stack.learns().snapshot is None


def test_where_gov_uk_was_never_asked_the_list_is_the_one_that_ships():
    stack = Deployed()
    with in_place_of_gov_uk(stack):
        learned = stack.learns().snapshot

    assert learned.days == snapshot().days
    assert learned.published_to == snapshot().published_to


def test_a_proclaimed_day_is_listed_in_england_and_wales_until_it_is_called_off():
    stack = Deployed(known=snapshot())
    with in_place_of_gov_uk(stack) as gazette:
        gazette.proclaimed[MORE] = "Day of thanks"
        listed = stack.learns().snapshot.days
        assert {nation for nation in Nation if MORE in listed[nation]} == {Nation.ENGLAND, Nation.WALES}
        assert listed[Nation.ENGLAND] == {**snapshot().days[Nation.ENGLAND], MORE: "Day of thanks"}

        del gazette.proclaimed[MORE]
        assert stack.learns().snapshot is None


def test_the_stack_asks_where_it_was_deployed_to_ask_however_the_demonstration_ends():
    stack = Deployed()
    with suppress(KeyboardInterrupt), in_place_of_gov_uk(stack):
        assert stack.environment["BANK_HOLIDAYS_URL"].startswith("http://127.0.0.1:")
        raise KeyboardInterrupt

    assert stack.environment == {"STAGE": "test", "BANK_HOLIDAYS_URL": GOV_UK}
