"""Every place that the reader can name has the line on which it stands."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.protocol_files import SHIPPED
from workbench.lines import lines_of
from workbench.positions import positions

SHELVES = sorted(SHIPPED.glob("*.toml"))
TEXT = """\
# a comment
[protocol]
id = "x"

[[clause]]
id = "A.1"
[[clause.obligation]]
until = [
  { fact = "a", "odd key" = [1, 2] },
  # between
  { fact = "b", each = { to = ["c",
    "d"] } },
]
[[clause.exception]]
name = "one way"

[[clause]]
id = "A.2"
[clause.obligation]
due.working_days = 3

[[example]]
name = "It's [odd]. Really"
given = [{ on = "x" }]
[words.roles]
iro = { label = "x" }
"""


def paths(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every path of a file's values, but of lists of tables, which have no line of their own."""
    if at and not (isinstance(value, list) and value and isinstance(value[0], dict)):
        yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from paths(each, (*at, key))


@pytest.mark.parametrize("path", SHELVES, ids=lambda path: path.stem)
def test_every_value_of_every_shipped_file_has_a_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = positions(text)

    assert [each for each in paths(tomllib.loads(text)) if each not in known] == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("protocol", 2),
        ("protocol.id", 3),
        ("protocol.nation", 2),
        ("clause A.1", 5),
        ("clause A.1.printed", 5),
        ("clause A.1.obligation[0]", 7),
        ("clause A.1.obligation[0].until[0].odd key[1]", 9),
        ("clause A.1.obligation[0].until[1].each.to", 11),
        ("clause A.1.obligation[0].until[1].each.to[1]", 12),
        ("clause A.1.exception[0].name", 15),
        ("clause A.2.obligation.due.working_days", 20),
        ("clause A.2.obligation[0].due.basis", 20),
        ('example "It\'s [odd]. Really".given[0].on', 24),
        ('example "It\'s [odd]. Really".expect[3]', 22),
        ("words.roles.iro.label", 26),
        ("words.roles", 25),
        ("file.words", 25),
        ("file.laddr", 1),
        ("clause", 5),
        ("nowhere", 1),
    ],
)
def test_a_place_is_found_or_the_longest_beginning_of_it_that_is_there(place: str, line: int) -> None:
    assert lines_of(TEXT, tomllib.loads(TEXT)).of(place) == line


def test_the_places_of_the_common_words_are_found_as_well() -> None:
    text = "[roles]\niro = { label = 1 }\n"

    assert lines_of(text, tomllib.loads(text), "words").of("words.roles.iro.label") == 2
