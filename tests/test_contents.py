"""What a record carries is of the type that a protocol gave it, or every part that is wrong is named."""

import pytest

from chalicelib.contents import problems_in_contents
from chalicelib.core.effects import Part

WORDING = "It holds what the meeting of {meeting_on} recommended."
SCORE = Part(name="score", choose=("0", "1", "2"))
PARTS = {
    "concerns": Part(name="concerns"),
    "goal": Part(name="goal", choose=("support_placement", "support_moving_on")),
    "placement_on": Part(name="placement_on", type="date"),
    "updated_by": Part(name="updated_by", type="role"),
    "note": Part(name="note", fixed=WORDING),
    "scale": Part(
        name="scale",
        rows=(Part(name="who"), SCORE, Part(name="comment", optional=True)),
        for_each="attendees",
    ),
}
ROLES = {"iro": object()}


def problems(**contents: object) -> list[str]:
    found = problems_in_contents(contents, PARTS, ROLES)  # type: ignore[arg-type]
    return [f"{each.field}: {each.expected}" for each in found]


def test_parts_of_the_right_type_pass_and_so_does_what_no_protocol_names():
    assert (
        problems(
            concerns="Said.",
            goal="support_placement",
            placement_on="2026-05-22",
            updated_by="iro",
            note="It holds what the meeting of Wed 14 Oct 2026\nrecommended.",
            scale=({"who": "carer", "score": "2"}, {"who": "iro", "score": "0", "comment": "Said."}),
            anything="else",
        )
        == []
    )


def test_a_blank_part_is_no_mistake_since_it_is_left_unsaid():
    assert problems(goal=" ", placement_on="") == []


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ({"goal": "move_on"}, "contents.goal: one of support_placement, support_moving_on"),
        ({"placement_on": "22 May 2026"}, "contents.placement_on: a day there is, as in 2026-05-22"),
        ({"placement_on": "2026-02-30"}, "contents.placement_on: a day there is, as in 2026-05-22"),
        (
            {"note": "We met and it was fine."},
            f"contents.note: the wording that the protocol fixes: {WORDING}",
        ),
        (
            {"note": "It holds what the meeting of  recommended."},
            f"contents.note: the wording that the protocol fixes: {WORDING}",
        ),
        ({"updated_by": "nobody"}, "contents.updated_by: a declared role"),
        ({"concerns": ({"who": "iro"},)}, "contents.concerns: a text"),
        ({"scale": "seven"}, "contents.scale: rows, each with who, score, comment"),
        ({"scale": ({"score": "1"},)}, "contents.scale[0].who: a value: it is required"),
        ({"scale": ({"who": "iro", "score": "11"},)}, "contents.scale[0].score: one of 0, 1, 2"),
        (
            {"scale": ({"who": "iro", "score": "1", "Their name": "x"},)},
            "contents.scale[0]: no other columns than who, score, comment",
        ),
    ],
)
def test_a_part_of_another_type_is_named_and_never_repeated(contents: dict[str, object], said: str):
    assert problems(**contents) == [said]


def test_every_part_that_is_wrong_is_named_at_once():
    assert len(problems(goal="x", placement_on="x", updated_by="x", scale="x")) == 4
