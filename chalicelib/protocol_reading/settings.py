"""Settings: what an authority decided where its text is silent."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from chalicelib.core.protocol import END_OF_DAY, Setting
from chalicelib.protocol_reading.reader import Reader, Table

CUT_OFF = re.compile(r"(?!00:00)([01][0-9]|2[0-3]):[0-5][0-9]")

# What answers each silence: the eighteen of the rules' section 6, and four that writing the rules down
# brought up. The fourth is answered by the head's `nation` and the authority's closed days as well.
ANSWERED_BY: Mapping[int, tuple[str, ...]] = {
    1: ("alongside",),
    2: ("ordinary_record_days",),
    3: ("only_one_meeting",),
    4: ("day_zero", "due_by"),
    5: ("seven_day_types",),
    6: ("risk_opens_planning",),
    7: ("breakdown", "second_breakdown"),
    8: ("after_halt",),
    9: ("dispute_days",),
    10: ("safety_approver", "safety_tell"),
    11: ("released_when",),
    12: ("disruption_latest_weeks",),
    13: ("involvement", "involvement_across"),
    14: ("other_legal_statuses",),
    15: ("cite",),
    16: ("report_days", "sample_days", "report_weeks"),
    17: ("means",),
    18: ("ladder",),
    19: ("meeting_no_older_than",),
    20: ("carer_review_instances",),
    21: ("convening_ends",),
    22: ("same_day",),
}
SILENCES = tuple(ANSWERED_BY)


def read_settings(reader: Reader, value: object) -> Mapping[str, Setting]:
    """Return every setting of a file by its id."""
    settings: dict[str, Setting] = {}
    for place, table in reader.entries("setting", value):
        made = _setting(reader, place, table)
        settings.setdefault(made.id, made)
    return settings


def sound_settings(reader: Reader, settings: Mapping[str, Setting]) -> Mapping[str, Setting]:
    """Return the settings of which the name and the value are sound; a reason may be missing still."""
    return {
        name: each
        for name, each in settings.items()
        if reader.sound(f"setting {name}.id") and reader.sound(f"setting {name}.value")
    }


def _setting(reader: Reader, at: str, table: Table) -> Setting:
    reader.keys(at, table, ["id", "why"], ["silence", "value", "not_here"])
    if ("value" in table) == ("not_here" in table):
        reader.wrong(at, "expected either a value, or `not_here` and why")
    if "not_here" in table and table["not_here"] is not True:
        reader.wrong(f"{at}.not_here", "true is expected, and `why` says why")
    silence = table.get("silence")
    if silence is not None and silence not in SILENCES:
        reader.wrong(f"{at}.silence", "the number of a silence, from 1 to 22")
    elif silence is not None and "id" in table:
        _check_answers(reader, at, str(table["id"]), silence)
    made = Setting(
        id=reader.text(f"{at}.id", table.get("id")),
        silence=silence,
        value=table.get("value"),
        why=reader.text(f"{at}.why", table.get("why")),
    )
    check = READ_BY_THE_ENGINE.get(made.id)
    if check and "value" in table:
        check(reader, f"{at}.value", made.value)
    return made


def _check_answers(reader: Reader, at: str, name: str, silence: int) -> None:
    """Refuse a setting that answers another silence, or none: what it is to settle would stay open."""
    meant = ANSWERED_BY[silence]
    other = next((number for number, names in ANSWERED_BY.items() if name in names), silence)
    if other != silence:
        reader.wrong(f"{at}.silence", f"{name!r} answers silence {other}; of {silence} it is {_and(meant)}")
    elif name not in meant:
        near = get_close_matches(name, meant, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it is {_and(meant)}"
        reader.wrong(f"{at}.id", f"{name!r} is no setting of silence {silence}; {hint}")


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(repr(each) for each in names)


def _only(choice: str) -> Callable[[Reader, str, object], object]:
    """Accept the one value there is, and say to others that it is a reading and no choice."""

    def check(reader: Reader, at: str, value: object) -> object:
        if value != choice:
            reader.wrong(at, f"expected {choice!r}, the one reading there is")
        return value

    return check


def _one_of(*choices: str) -> Callable[[Reader, str, object], object]:
    return lambda reader, at, value: reader.known(at, value, choices)


def _alongside(reader: Reader, at: str, value: object) -> object:
    if value == "each_applies":
        return value
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        reader.wrong(at, "expected 'each_applies', or the files yielded to, each by its name without the day")
    return value


def _due_by(reader: Reader, at: str, value: object) -> object:
    if value != END_OF_DAY and not (isinstance(value, str) and CUT_OFF.fullmatch(value)):
        reader.wrong(at, f"expected {END_OF_DAY!r}, or a time of day in London as in '17:00'")
    return value


# What the engine reads itself is checked here: no clause would. Only what it can do is known, since
# a choice that changed nothing would be a promise.
READ_BY_THE_ENGINE: Mapping[str, Callable[[Reader, str, object], object]] = {
    "alongside": _alongside,
    "cite": _one_of("printed", "paragraph"),
    "same_day": _one_of("in_order", "times_needed"),
    "only_one_meeting": _one_of("send_one_and_say_so", "wait_for_both"),
    "day_zero": _one_of("event", "first_working_day"),
    "due_by": _due_by,
    "excuse_approver": Reader.roles,
    "safety_approver": Reader.roles,
    "safety_tell": Reader.roles,
    "released_when": _only("all_released"),
}
