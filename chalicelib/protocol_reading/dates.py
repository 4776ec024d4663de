"""The forms of a date: at once, so long after, on a planned day, no later than a fact."""

from collections.abc import Mapping
from datetime import date

from chalicelib.core.patterns import After, AtOnce, By, Due, On, Unit
from chalicelib.core.working_days import MOST_DAYS
from chalicelib.protocol_reading.patterns import read_patterns
from chalicelib.protocol_reading.reader import Reader, Table

BASES = ("clause", "local_policy")
# Ten years of each: what is mistyped is to fail here, and not on a case years from now.
MOST = {Unit.WORKING_DAYS: MOST_DAYS, Unit.DAYS: MOST_DAYS, Unit.WEEKS: 520, Unit.MONTHS: 120}


def read_due(reader: Reader, at: str, value: object) -> Due | None:
    """Return one of the forms of date; absent means no limit."""
    if value is None:
        return None
    if value == "at_once":
        return AtOnce()
    if not isinstance(value, Mapping):
        reader.wrong(at, 'expected "at_once" or a number with its unit, such as { working_days = 3 }')
        return None
    if "on" in value:
        reader.keys(at, value, ["on"], [])
        return On(field=reader.known(f"{at}.on", value["on"], ["planned_for"]))
    if "by" in value:
        reader.keys(at, value, ["by"], [])
        # A setting may say that nothing limits it.
        if value["by"] == "none":
            return None
        return By(patterns=read_patterns(reader, f"{at}.by", value["by"]))
    return _after(reader, at, value)


def read_not_before(reader: Reader, at: str, value: object) -> After | None:
    """Return how long after its opening a duty may first be met; absent means at once."""
    if value is None:
        return None
    return _after(reader, at, reader.table(at, value))


def read_year_days(reader: Reader, at: str, value: Table) -> tuple[tuple[int, int], ...]:
    """Return months and days, as in `{ each_year_on = ["03-31", "09-30"] }`."""
    reader.keys(at, value, ["each_year_on"], [])
    days = value["each_year_on"]
    listed = days if isinstance(days, list) and days else [days]
    return tuple(_year_day(reader, f"{at}.each_year_on", each) for each in listed)


def _year_day(reader: Reader, at: str, value: object) -> tuple[int, int]:
    try:
        # 2026 has no 29 February: a day that comes every year is meant.
        read = date.fromisoformat(f"2026-{value}")
    except ValueError:
        reader.wrong(at, "expected a month and a day of every year, as in '03-31'")
        return 1, 1
    return read.month, read.day


def _after(reader: Reader, at: str, table: Table) -> After | None:
    units = [unit for unit in Unit if unit in table]
    reader.keys(at, table, [], [*Unit, "basis", "source"])
    if not units and not reader.sound(at):
        return None
    if len(units) != 1:
        reader.wrong(at, f"expected exactly one of {', '.join(Unit)}")
        return None
    (unit,) = units
    # A setting may say that there is no limit.
    if table[unit] == "none":
        return None
    return After(
        count=reader.number(f"{at}.{unit}", table[unit], MOST[unit]),
        unit=unit,
        basis=reader.known(f"{at}.basis", table.get("basis", "clause"), BASES),
        source=reader.text(f"{at}.source", table["source"]) if "source" in table else None,
    )
