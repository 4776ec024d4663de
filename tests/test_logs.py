"""What is followed while the service runs."""

import re

from infra.logs import FUNCTIONS
from infra.package import PROJECT

NAME = re.compile(r"^ +FunctionName: !Sub holdfast-\$\{Stage\}-(\w+)$", re.MULTILINE)


def test_every_function_that_is_deployed_is_followed():
    deployed = NAME.findall((PROJECT / "infra" / "resources.yaml").read_text())

    assert sorted(FUNCTIONS) == sorted(deployed)
