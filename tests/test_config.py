"""Settings: everything wrong with the environment is said at once."""

import pytest

from chalicelib.config import NotConfigured, Settings

COMPLETE = {
    "STAGE": "local",
    "CASES_TABLE": "cases",
    "OUTBOX_TABLE": "outbox",
    "CONTACTS_TABLE": "contacts",
    "ACCESS_TABLE": "access",
    "CALENDARS_TABLE": "calendars",
    "SENDER_ADDRESS": "holdfast@council.example",
    "CONFIGURATION_SET": "holdfast",
    "LINK_BASE": "https://holdfast.council.example",
    "BANK_HOLIDAYS_URL": "https://gov.council.example/bank-holidays.json",
    "SECRETS_PREFIX": "holdfast/local",
}


def test_a_complete_environment_is_read():
    settings = Settings.read(COMPLETE)

    assert settings.cases_table == "cases"
    assert settings.link_base == "https://holdfast.council.example"


def test_one_shard_is_enough_unless_more_are_asked_for():
    assert Settings.read(COMPLETE).due_shards == 1
    assert Settings.read({**COMPLETE, "DUE_SHARDS": "8"}).due_shards == 8


def test_every_missing_variable_is_named_at_once():
    with pytest.raises(NotConfigured) as caught:
        Settings.read({})

    assert {each.field for each in caught.value.problems} == set(COMPLETE)


@pytest.mark.parametrize("shards", ["0", "65", "-1", "two", "1.5", "1" * 5000])
def test_a_number_of_shards_that_cannot_be_meant_is_refused(shards):
    with pytest.raises(NotConfigured, match="OUTBOX_SHARDS: a number from 1 to 64"):
        Settings.read({**COMPLETE, "OUTBOX_SHARDS": shards})


def test_an_empty_variable_is_a_missing_one():
    with pytest.raises(NotConfigured, match="STAGE"):
        Settings.read({**COMPLETE, "STAGE": "  "})
