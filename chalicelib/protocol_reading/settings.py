"""Settings: what an authority decided where its text is silent."""

from collections.abc import Callable, Mapping

from chalicelib.core.protocol import Setting
from chalicelib.protocol_reading.reader import Reader, Table

# The eighteen of the rules' section 6, and four that writing the rules down brought up.
SILENCES = range(1, 23)


def read_settings(reader: Reader, value: object) -> Mapping[str, Setting]:
    """Return every setting of a file by its id."""
    settings: dict[str, Setting] = {}
    for place, table in reader.tables("setting", value):
        made = _setting(reader, f"setting {table.get('id', place)}", table)
        if made.id in settings:
            reader.wrong(f"setting {made.id}", "the id is used twice")
        settings[made.id] = made
    return settings


def _setting(reader: Reader, at: str, table: Table) -> Setting:
    reader.keys(at, table, ["id", "why"], ["silence", "value", "not_here"])
    if ("value" in table) == ("not_here" in table):
        reader.wrong(at, "expected either a value, or `not_here` and why")
    if "not_here" in table and table["not_here"] is not True:
        reader.wrong(f"{at}.not_here", "true is expected, and `why` says why")
    silence = table.get("silence")
    if silence is not None and silence not in SILENCES:
        reader.wrong(f"{at}.silence", "the number of a silence, from 1 to 22")
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


def _one_of(*choices: str) -> Callable[[Reader, str, object], object]:
    return lambda reader, at, value: reader.known(at, value, choices)


def _alongside(reader: Reader, at: str, value: object) -> object:
    if value == "each_applies":
        return value
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        reader.wrong(at, "expected 'each_applies', or the files yielded to, each by its name without the day")
    return value


# What the engine reads itself is checked here: no clause would. Only what it can do is known, since
# a choice that changed nothing would be a promise.
READ_BY_THE_ENGINE: Mapping[str, Callable[[Reader, str, object], object]] = {
    "alongside": _alongside,
    "cite": _one_of("printed", "paragraph"),
    "same_day": _one_of("in_order", "times_needed"),
    "only_one_meeting": _one_of("send_one_and_say_so", "wait_for_both"),
    "day_zero": _one_of("event", "first_working_day"),
    "due_by": _one_of("end_of_day"),
    "excuse_approver": Reader.roles,
    "safety_approver": Reader.roles,
    "safety_tell": Reader.roles,
    "released_when": _one_of("all_released"),
}
