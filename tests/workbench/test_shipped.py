"""The protocols that ship have no mistakes, and every warning about them is meant."""

import pytest

from chalicelib.protocol_files import SHIPPED, Shelf
from tests.workbench.drafts import found
from workbench.findings import Level

# What is so in the text itself: by protocol, the place, and why nothing is done about it.
MEANT: dict[str, dict[str, str]] = {}


@pytest.mark.parametrize("protocol", Shelf().ids())
def test_a_shipped_protocol_has_no_mistakes_and_no_warning_that_is_not_meant(protocol):
    reported = found(SHIPPED / f"{protocol}.toml")

    assert [each.said() for each in reported if each.finding.level is Level.MISTAKE] == []
    warned = {each.finding.place for each in reported}
    assert warned == MEANT.get(protocol, {}).keys(), [each.said() for each in reported]
